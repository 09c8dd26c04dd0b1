package redisurl

import (
	"net"
	"strconv"
	"strings"
)

// The parameters for the sentinels themselves.
const (
	sentinelUser     = "sentinel_user"
	sentinelPassword = "sentinel_password"
)

// parseSentinel reads what follows the scheme of an address that names sentinels. As in other
// addresses the userinfo ends at the last @, so one in the query has to be written %40.
func parseSentinel(rest string, secure bool) (URL, error) {
	u := URL{TLS: secure, Sentinel: &Sentinel{}}
	rest, err := u.cutEnds(rest)
	if err != nil {
		return URL{}, err
	}
	addresses, path, _ := strings.Cut(rest, "/")
	if err := u.Sentinel.setAddrs(addresses); err != nil {
		return URL{}, err
	}
	master, db, _ := strings.Cut(path, "/")
	if u.Sentinel.Master, err = unescape(master); err != nil {
		return URL{}, err
	}
	if !validMaster(u.Sentinel.Master) {
		return URL{}, ErrMaster
	}
	if db != "" {
		if err := u.setDB(db); err != nil {
			return URL{}, err
		}
	}
	return u, nil
}

// setAddrs reads the sentinels between commas, and fills in what they leave out.
func (s *Sentinel) setAddrs(addresses string) error {
	for address := range strings.SplitSeq(addresses, ",") {
		host, port, err := parseAddress(address)
		if err != nil {
			return err
		}
		if host == "" && strings.Contains(addresses, ",") {
			return ErrHost
		}
		if host == "" {
			host = sentinelHost
		}
		if port == 0 {
			port = sentinelPort
		}
		s.Addrs = append(s.Addrs, net.JoinHostPort(host, strconv.Itoa(port)))
	}
	return nil
}

func (s *Sentinel) setParameter(key, value string) error {
	var field *string
	switch key {
	case sentinelUser:
		field = &s.User
	case sentinelPassword:
		field = &s.Pass
	default:
		return ErrSentinelQuery
	}
	text, err := unescape(value)
	if err != nil {
		return err
	}
	if *field != "" && *field != text {
		return ErrTwoAuths
	}
	*field = text
	s.HasAuth = s.User != "" || s.Pass != ""
	return nil
}

// validMaster keeps out what no name of a master holds and what could confuse a terminal.
func validMaster(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

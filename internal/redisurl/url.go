// Package redisurl reads the addresses people write for a Redis server:
//
//	redis://[[user:]password@][host[:port]][/db][?db=N]      rediss, valkey and valkeys as well
//	unix://[[user:]password@]/path/of/socket[?db=N]          redis+unix as well
//	redis+sentinel://[[user:]password@]host[:port][,host[:port]…]/master[/db]
//	    [?sentinel_user=…&sentinel_password=…]                 rediss, valkey and valkeys as well
//
// It guarantees that no error repeats any part of what it was given, so that a password cannot
// leave it in a message, and that what it cannot make sense of is an error and never a guess. It
// refuses to know about connections, options and the environment.
package redisurl

import (
	"net"
	"strconv"
	"strings"
)

// URL is what an address says. What it does not mention is zero, so that an option or a default
// can fill it.
type URL struct {
	// TLS is set by the schemes that end in "s".
	TLS bool
	// Socket is the path of a unix socket; Host and Port are empty then.
	Socket string
	// Host is a name, an IPv4 address or an IPv6 address without its brackets.
	Host string
	// Port is 0 if the address has none.
	Port int
	// User is empty for a password alone: both "pw@" and ":pw@" mean that.
	User, Pass string
	// HasAuth says that the address carries a user, a password or both.
	HasAuth bool
	// DB is the database, if HasDB says so.
	DB    int
	HasDB bool
	// Sentinel is set by the schemes that end in "+sentinel"; Host and Port are empty then.
	Sentinel *Sentinel
}

// Sentinel is what an address says of the sentinels that know where a master is.
type Sentinel struct {
	// Addrs are host:port.
	Addrs []string
	// Master is its name among them.
	Master string
	// User, Pass and HasAuth are for the sentinels themselves; those of the URL are for the server.
	User, Pass string
	HasAuth    bool
}

// The address of a sentinel where none is given.
const (
	sentinelHost = "127.0.0.1"
	sentinelPort = 26379
)

// Error is a reason for refusing an address: a whole sentence, to be shown as it is.
type Error string

func (e Error) Error() string { return string(e) }

// The reasons for refusing an address. The first four have redis-cli's words, which scripts know.
const (
	ErrScheme     = Error("Invalid URI scheme")
	ErrIncomplete = Error("Incomplete URI encoding")
	ErrEncoding   = Error("Illegal character in URI encoding")
	ErrPort       = Error("Invalid server port.")
	ErrHost       = Error("Invalid host in URI (an IPv6 address needs brackets)")
	ErrDB         = Error("Invalid database number in URI")
	ErrTwoDBs     = Error("The URI names two different databases")
	ErrQuery      = Error("Unknown parameter in URI (only ?db= is known)")
	ErrFragment   = Error("Unexpected # in URI (write %23 for the character itself)")
	ErrNoSocket   = Error("The URI of a unix socket needs an absolute path")
	ErrMaster     = Error("The URI of sentinels needs the name of a master: redis+sentinel://host:26379/master")
	ErrTwoAuths   = Error("The URI gives a sentinel two different users or passwords")

	ErrSentinelQuery = Error("Unknown parameter in URI (?db=, ?sentinel_user= and ?sentinel_password= are known)")
)

// Parse reads an address.
func Parse(raw string) (URL, error) {
	scheme, rest, found := strings.Cut(raw, "://")
	if !found {
		return URL{}, ErrScheme
	}
	switch strings.ToLower(scheme) {
	case "redis", "valkey":
		return parseNetwork(rest, false)
	case "rediss", "valkeys":
		return parseNetwork(rest, true)
	case "unix", "redis+unix":
		return parseSocket(rest)
	case "redis+sentinel", "valkey+sentinel":
		return parseSentinel(rest, false)
	case "rediss+sentinel", "valkeys+sentinel":
		return parseSentinel(rest, true)
	}
	return URL{}, ErrScheme
}

// parseNetwork reads what follows the scheme of a TCP address.
func parseNetwork(rest string, secure bool) (URL, error) {
	u := URL{TLS: secure}
	rest, err := u.cutEnds(rest)
	if err != nil {
		return URL{}, err
	}
	address, db, _ := strings.Cut(rest, "/")
	if err := u.setAddress(address); err != nil {
		return URL{}, err
	}
	if db != "" {
		if err := u.setDB(db); err != nil {
			return URL{}, err
		}
	}
	return u, nil
}

// cutEnds reads the userinfo before an address and the query behind it, and returns what is between. The
// userinfo ends at the last @, since none can follow it: a password may hold @, / and ? as they are.
// (redis-cli ends it at the first @ and takes the rest of such a password for the host.)
func (u *URL) cutEnds(rest string) (string, error) {
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		if err := u.setUserinfo(rest[:at]); err != nil {
			return "", err
		}
		rest = rest[at+1:]
	}
	return u.cutQuery(rest)
}

// parseSocket reads what follows the scheme of a socket's address. Its path may hold @, so the
// userinfo ends where the path begins.
func parseSocket(rest string) (URL, error) {
	var u URL
	if !strings.HasPrefix(rest, "/") {
		at := strings.Index(rest, "@/")
		if at < 0 {
			return URL{}, ErrNoSocket
		}
		if err := u.setUserinfo(rest[:at]); err != nil {
			return URL{}, err
		}
		rest = rest[at+1:]
	}
	rest, err := u.cutQuery(rest)
	if err != nil {
		return URL{}, err
	}
	path, err := unescape(rest)
	if err != nil {
		return URL{}, err
	}
	if strings.Trim(path, "/") == "" || strings.IndexByte(path, 0) >= 0 {
		return URL{}, ErrNoSocket
	}
	u.Socket = path
	return u, nil
}

// setUserinfo reads "user:password" or a password alone.
func (u *URL) setUserinfo(userinfo string) error {
	user, pass, both := strings.Cut(userinfo, ":")
	if !both {
		user, pass = "", user
	}
	var err error
	if u.User, err = unescape(user); err != nil {
		return err
	}
	if u.Pass, err = unescape(pass); err != nil {
		return err
	}
	u.HasAuth = u.User != "" || u.Pass != ""
	return nil
}

// cutQuery reads the query, if there is one, and returns what stands before it.
func (u *URL) cutQuery(rest string) (string, error) {
	if strings.IndexByte(rest, '#') >= 0 {
		return "", ErrFragment
	}
	rest, query, _ := strings.Cut(rest, "?")
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		key, value, _ := strings.Cut(pair, "=")
		if err := u.setParameter(key, value); err != nil {
			return "", err
		}
	}
	return rest, nil
}

func (u *URL) setParameter(key, value string) error {
	switch {
	case key == "db":
		return u.setDB(value)
	case u.Sentinel != nil:
		return u.Sentinel.setParameter(key, value)
	}
	return ErrQuery
}

// setAddress reads "host:port", either of which may be missing.
func (u *URL) setAddress(address string) (err error) {
	u.Host, u.Port, err = parseAddress(address)
	return err
}

func parseAddress(address string) (string, int, error) {
	host, port := address, ""
	if strings.HasPrefix(address, "[") {
		end := strings.IndexByte(address, ']')
		if end < 0 {
			return "", 0, ErrHost
		}
		host, port = address[1:end], address[end+1:]
		if port != "" && port[0] != ':' {
			return "", 0, ErrHost
		}
		host = strings.Replace(host, "%25", "%", 1) // the zone of a link-local address
		if bare, _, _ := strings.Cut(host, "%"); net.ParseIP(bare) == nil || !validHost(host) {
			return "", 0, ErrHost
		}
		port = strings.TrimPrefix(port, ":")
	} else {
		host, port, _ = strings.Cut(address, ":")
		if strings.IndexByte(port, ':') >= 0 || !validHost(host) {
			return "", 0, ErrHost
		}
	}
	if port == "" {
		return host, 0, nil
	}
	n, ok := digits(port)
	if !ok || n < 1 || n > 65535 {
		return "", 0, ErrPort
	}
	return host, n, nil
}

func (u *URL) setDB(text string) error {
	n, ok := digits(text)
	if !ok {
		return ErrDB
	}
	if u.HasDB && u.DB != n {
		return ErrTwoDBs
	}
	u.DB, u.HasDB = n, true
	return nil
}

// digits reads plain digits that fit 31 bits.
func digits(text string) (int, bool) {
	n, err := strconv.ParseUint(text, 10, 31)
	return int(n), err == nil
}

// validHost keeps out what no name holds and what could confuse a terminal.
func validHost(host string) bool {
	for i := 0; i < len(host); i++ {
		if c := host[i]; c <= ' ' || c == 0x7f || strings.IndexByte(`"<>[]\^{|}`+"`", c) >= 0 {
			return false
		}
	}
	return true
}

// unescape undoes percent-encoding. Plus signs are themselves.
func unescape(text string) (string, error) {
	if strings.IndexByte(text, '%') < 0 {
		return text, nil
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			out = append(out, text[i])
			continue
		}
		if i+2 >= len(text) {
			return "", ErrIncomplete
		}
		high, low := hexDigit(text[i+1]), hexDigit(text[i+2])
		if high < 0 || low < 0 {
			return "", ErrEncoding
		}
		out = append(out, byte(high<<4|low))
		i += 2
	}
	return string(out), nil
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

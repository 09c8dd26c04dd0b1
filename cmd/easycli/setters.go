package main

import (
	"cmp"
	"crypto/tls"
	"math"
	"strconv"
	"strings"
	"time"

	"easycli/internal/redisurl"
	"easycli/internal/render"
)

// wants is why an option's value is no good: what it should have been. It never holds the value,
// which might be a password in the wrong place.
type wants string

func (w wants) Error() string { return string(w) }

// setHost refuses a URI: messages show the host, and a URI may hold a password.
func (d *draft) setHost(v string) error {
	switch {
	case v == "":
		return wants("a host name or address")
	case strings.ContainsAny(v, "/@"):
		return wants("a host name or address; a URI goes with -u")
	}
	d.conn.Host = v
	d.leaveSocketOfProfile()
	d.namesServer("-h")
	return nil
}

func (d *draft) setPort(v string) error {
	n, err := strconv.ParseUint(v, 10, 16)
	if err != nil {
		return usagef("Invalid server port. (a number from 0 to 65535)")
	}
	d.conn.Port = int(n)
	d.leaveSocketOfProfile()
	d.namesServer("-p")
	return nil
}

func (d *draft) setSocket(v string) error {
	if v == "" {
		return wants("the path of a socket")
	}
	d.conn.Socket = v
	d.namesServer("-s")
	return nil
}

// setURI overwrites what the address mentions and leaves the rest alone.
func (d *draft) setURI(v string) error {
	u, err := redisurl.Parse(v)
	if err != nil {
		return usagef("%v", err)
	}
	d.conn.Socket, d.conn.Sentinel = u.Socket, nil
	if u.Sentinel != nil {
		d.setSentinel(u.Sentinel)
	}
	if u.Host != "" {
		d.conn.Host = u.Host
	}
	if u.Port != 0 {
		d.conn.Port = u.Port
	}
	if u.HasDB {
		d.conn.DB = u.DB
	}
	if u.HasAuth {
		d.conn.User = u.User
		d.conn.Password = password{From: givenPassword, Text: secret(u.Pass)}
		d.onView = true
	}
	d.useTLS = d.useTLS || u.TLS
	d.namesServer("-u")
	return nil
}

func (d *draft) namesServer(option string) {
	d.address = cmp.Or(d.address, option)
	if option != "-u" {
		d.leaveSentinelOfProfile()
		d.direct = cmp.Or(d.direct, option)
	}
}

func (d *draft) setDB(v string) (err error) {
	n, err := strconv.ParseUint(v, 10, 31)
	if err != nil {
		return wants("a database number")
	}
	d.conn.DB = int(n)
	return nil
}

func (d *draft) setName(v string) error {
	if v == "" || strings.ContainsFunc(v, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return wants("a name of printable ASCII without blanks")
	}
	d.conn.Name = v
	return nil
}

func (d *draft) setConnectTimeout(v string) error {
	t, ok := seconds(v)
	if !ok {
		return usagef("Invalid connection timeout for -t. (seconds, such as 2 or 0.5)")
	}
	d.conn.ConnectTimeout = t
	return nil
}

func (d *draft) setTimeout(v string) error     { return setSeconds(&d.conn.Timeout, v) }
func (d *draft) setInterval(v string) error    { return setSeconds(&d.repeat.Interval, v) }
func (d *draft) setPipeTimeout(v string) error { return setSeconds(&d.load.Timeout, v) }

func (d *draft) setPass(v string) error {
	d.conn.Password = password{From: givenPassword, Text: secret(v)}
	d.onView = true
	return nil
}

func (d *draft) setPassFile(v string) error {
	if v == "" {
		return wants("a file")
	}
	d.conn.Password = password{From: passwordFile, Path: v}
	return nil
}

func (d *draft) setPassFD(v string) error {
	n, err := strconv.ParseUint(v, 10, 16)
	if err != nil || n == 1 || n == 2 {
		return wants("a file descriptor that is open for reading, such as 3")
	}
	d.conn.Password = password{From: passwordDescriptor, FD: int(n)}
	return nil
}

func (d *draft) setTLSMin(v string) error {
	switch v {
	case "1.2":
		d.tls.MinVersion = tls.VersionTLS12
	case "1.3":
		d.tls.MinVersion = tls.VersionTLS13
	default:
		return wants("1.2 or 1.3")
	}
	return nil
}

func (d *draft) setRepeat(v string) error {
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return wants("a whole number; -1 is for ever")
	}
	d.repeat.Times = n
	return nil
}

// setPushes looks at the first letter, as redis-cli does.
func (d *draft) setPushes(v string) error {
	switch {
	case v != "" && (v[0]|0x20) == 'y':
		d.out.Pushes = true
	case v != "" && (v[0]|0x20) == 'n':
		d.out.Pushes = false
	default:
		return usagef("Unknown --show-pushes value (valid: '[y]es', '[n]o')")
	}
	d.pushesSet = true
	return nil
}

func (d *draft) setColor(v string) error {
	for choice, name := range [...]string{colorAuto: "auto", colorAlways: "always", colorNever: "never"} {
		if v == name {
			d.color = colorChoice(choice)
			return nil
		}
	}
	return wants("auto, always or never")
}

// formatSetter chooses an output format. The JSON formats want RESP3, and go on wanting it when a
// later option chooses another format: redis-cli does the same.
func formatSetter(f render.Format) func(*draft, string) error {
	return func(d *draft, _ string) error {
		d.out.Format, d.formatSet = f, true
		d.jsonWanted = d.jsonWanted || f == render.JSON || f == render.QuotedJSON
		return nil
	}
}

func setSeconds(dst *time.Duration, v string) error {
	t, ok := seconds(v)
	if !ok {
		return wants("seconds, such as 2 or 0.5")
	}
	*dst = t
	return nil
}

// seconds reads a decimal number that is not negative.
func seconds(v string) (time.Duration, bool) {
	if strings.Trim(v, "0123456789.") != "" {
		return 0, false // no signs, exponents, hexadecimals, infinities
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || f > float64(math.MaxInt64/int64(time.Second)) {
		return 0, false
	}
	return time.Duration(f * float64(time.Second)), true
}

// turnOn and store make the setters that only write a field.
func turnOn(field func(*draft) *bool) func(*draft, string) error {
	return func(d *draft, _ string) error {
		*field(d) = true
		return nil
	}
}

func store(field func(*draft) *string) func(*draft, string) error {
	return func(d *draft, v string) error {
		*field(d) = v
		return nil
	}
}

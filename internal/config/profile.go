package config

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Profile is a server that has a name. What the file does not say is zero.
type Profile struct {
	Name string
	// Label is what the prompt shows in the place of the name, Color one of the sixteen of a terminal.
	Label, Color string

	// URL is the whole address, or Host and Port or Socket are.
	URL    string
	Host   string
	Port   int
	Socket string
	User   string
	DB     int

	// Where the password comes from: at most one of them is set. Command is a program and its
	// arguments; its output begins with the password.
	Password Secret
	File     string
	Command  []string

	TLS, Insecure                     bool
	CACert, CACertDir, Cert, Key, SNI string

	Cluster bool
	// ReadFrom is empty, master, replica or any.
	ReadFrom                string
	ConnectTimeout, Timeout time.Duration

	// ReadOnly refuses what may change anything.
	ReadOnly bool
	// Confirm is which commands are asked about, HasConfirm whether the file says so.
	Confirm    Confirm
	HasConfirm bool
}

// Secret is text that no message shows, whatever it is formatted with.
type Secret string

func (Secret) String() string   { return "****" }
func (Secret) GoString() string { return "****" }

// Confirm is which commands the shell asks about before it sends them.
type Confirm byte

// The zero Confirm asks about what destroys data or blocks a server; the others are about every
// command that writes, and about none.
const (
	ConfirmDestructive Confirm = iota
	ConfirmAlways
	ConfirmNever
)

var confirms = []string{ConfirmDestructive: "destructive", ConfirmAlways: "always", ConfirmNever: "never"}

func (c *Confirm) set(s string) error {
	for i, name := range confirms {
		if strings.EqualFold(s, name) {
			*c = Confirm(i)
			return nil
		}
	}
	return errValue
}

func (c *Confirm) kind() string { return listed(confirms) }

func (c Confirm) String() string { return confirms[c] }

// colors are those that every terminal has.
func colors() []string {
	plain := []string{"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"}
	all := plain
	for _, name := range plain {
		all = append(all, "bright-"+name)
	}
	return all
}

// field is a key of a profile.
type field struct {
	name string
	of   func(p *Profile) value
}

// fields is every key that a profile can have.
func fields() []field {
	return []field{
		{"url", func(p *Profile) value { return (*text)(&p.URL) }},
		{"host", func(p *Profile) value { return (*text)(&p.Host) }},
		{"port", func(p *Profile) value { return number{&p.Port, 1, 65535} }},
		{"socket", func(p *Profile) value { return (*text)(&p.Socket) }},
		{"db", func(p *Profile) value { return number{&p.DB, 0, 1<<31 - 1} }},
		{"user", func(p *Profile) value { return (*text)(&p.User) }},
		{"password", func(p *Profile) value { return (*text)(&p.Password) }},
		{"password_file", func(p *Profile) value { return (*text)(&p.File) }},
		{"password_command", func(p *Profile) value { return program{&p.Command} }},
		{"tls", func(p *Profile) value { return (*onOff)(&p.TLS) }},
		{"cacert", func(p *Profile) value { return (*text)(&p.CACert) }},
		{"cacertdir", func(p *Profile) value { return (*text)(&p.CACertDir) }},
		{"cert", func(p *Profile) value { return (*text)(&p.Cert) }},
		{"key", func(p *Profile) value { return (*text)(&p.Key) }},
		{"sni", func(p *Profile) value { return (*text)(&p.SNI) }},
		{"insecure", func(p *Profile) value { return (*onOff)(&p.Insecure) }},
		{"cluster", func(p *Profile) value { return (*onOff)(&p.Cluster) }},
		{"read_from", func(p *Profile) value { return choice{&p.ReadFrom, []string{"master", "replica", "any"}} }},
		{"connect_timeout", func(p *Profile) value { return (*pause)(&p.ConnectTimeout) }},
		{"timeout", func(p *Profile) value { return (*pause)(&p.Timeout) }},
		{"read_only", func(p *Profile) value { return (*onOff)(&p.ReadOnly) }},
		{"confirm", func(p *Profile) value { p.HasConfirm = true; return &p.Confirm }},
		{"color", func(p *Profile) value { return choice{&p.Color, colors()} }},
		{"label", func(p *Profile) value { return (*text)(&p.Label) }},
	}
}

// set sets a key to a value of TOML.
func (p *Profile) set(name string, given any) error {
	var names []string
	for _, f := range fields() {
		if names = append(names, f.name); f.name != name {
			continue
		}
		v := f.of(p)
		err := errValue
		if words, ok := wordsIn(given); ok && f.name == "password_command" {
			p.Command, err = words, nil
		} else if s, ok := written(given); ok {
			err = v.set(s)
		}
		if err != nil {
			return fmt.Errorf("%s wants %s", name, v.kind())
		}
		return nil
	}
	return unknown(name, names...)
}

// check refuses what contradicts itself.
func (p *Profile) check() error {
	passwords := 0
	for _, given := range []bool{p.Password != "", p.File != "", p.Command != nil} {
		if given {
			passwords++
		}
	}
	switch {
	case p.URL != "" && (p.Host != "" || p.Port != 0 || p.Socket != ""):
		return errors.New("url goes with no host, port or socket: it says where the server is")
	case p.Socket != "" && (p.Host != "" || p.Port != 0):
		return errors.New("socket goes with no host or port")
	case passwords > 1:
		return errors.New("password, password_file and password_command: one is enough")
	}
	return nil
}

// holdsPassword reports whether the profile itself is a secret.
func (p *Profile) holdsPassword() bool {
	_, rest, _ := strings.Cut(p.URL, "://")
	userinfo := !strings.HasPrefix(rest, "/") && strings.Contains(rest, "@")
	return p.Password != "" || userinfo || strings.Contains(p.URL, "sentinel_password=")
}

// isName reports whether a profile can be called that on a command line.
func isName(s string) bool {
	for _, c := range []byte(s) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && !('0' <= c && c <= '9') && !strings.ContainsRune("._-", rune(c)) {
			return false
		}
	}
	return s != "" && s[0] != '-'
}

// program is a program and its arguments; one text is a line for the shell.
type program struct{ words *[]string }

func (v program) set(s string) error {
	if strings.TrimSpace(s) == "" {
		return errValue
	}
	*v.words = []string{"sh", "-c", s}
	return nil
}

func (v program) kind() string   { return "a command line, or a list of words that is run as it is" }
func (v program) String() string { return "" }

// wordsIn is a list of TOML that has nothing but texts, and something in it.
func wordsIn(given any) ([]string, bool) {
	list, _ := given.([]any)
	var words []string
	for _, element := range list {
		word, ok := element.(string)
		if !ok {
			return nil, false
		}
		words = append(words, word)
	}
	return words, len(words) > 0 && words[0] != ""
}

// pause is a time to wait: seconds, or with its unit.
type pause time.Duration

func (v *pause) set(s string) error {
	d, err := time.ParseDuration(s)
	if err != nil {
		d, err = time.ParseDuration(s + "s")
	}
	if err != nil || d < 0 {
		return errValue
	}
	*v = pause(d)
	return nil
}

func (v *pause) kind() string   { return `seconds, such as 2 or 0.5, or a time such as "500ms"` }
func (v *pause) String() string { return time.Duration(*v).String() }

// Package config reads what a person has settled once for all runs: config.toml with the shell's
// preferences and the profiles of servers, and the lines of a .redisclirc.
//
// It guarantees that a file which others could change is not read, that neither is one with a password
// in it that others could read, and that no error repeats a value. A key that is not known is an error
// with its line and the key that was meant. It refuses to know where the file is, how a profile
// becomes a connection, and what a preference does.
//
//   - [Load] reads a [Config], [Config.Profile] is one of its profiles.
//   - [Read] is the text of a .redisclirc, [Preferences.Directive] a line of it.
//   - [Preferences] are what :set changes; [Preferences.Describe] lists them.
package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"

	"github.com/BurntSushi/toml"
)

// maxFile bounds what is taken for a configuration.
const maxFile = 1 << 20

// Config is what a file says.
type Config struct {
	shell    []setting
	profiles map[string]Profile
}

// setting is a preference that the file sets.
type setting struct{ name, value string }

// Load reads a file. Its error names the file and, where there is one, the line.
func Load(path string) (*Config, error) {
	text, open, err := read(path)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", path, err)
	}
	c, err := parse(text)
	var at placed
	switch {
	case errors.As(err, &at):
		return nil, fmt.Errorf("%q, line %d: %w", path, at.line, at.err)
	case err != nil:
		return nil, fmt.Errorf("%q: %w", path, err)
	case open && c.holdsPassword():
		return nil, fmt.Errorf("%q: other users may read the passwords in it; chmod 600 makes it private", path)
	}
	return c, nil
}

// Read is the text of a file of settings that nobody else can change: a pager is a program to run. The
// error does not name the file.
func Read(path string) (string, error) {
	text, _, err := read(path)
	return text, err
}

// read is the text of a file that nobody else can change, and whether others can read it.
func read(path string) (text string, open bool, err error) {
	if link, err := os.Lstat(path); err == nil && !isTrusted(link) {
		return "", false, errors.New("it belongs to another user")
	}
	file, err := os.Open(path)
	if err != nil {
		return "", false, bare(err)
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return "", false, bare(err)
	case !isTrusted(info):
		return "", false, errors.New("it belongs to another user")
	case isWritable(info):
		return "", false, errors.New("other users may change it; chmod go-w makes that impossible")
	}
	all, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	switch {
	case err != nil:
		return "", false, bare(err)
	case len(all) > maxFile:
		return "", false, errors.New("this is no configuration, it is too long")
	}
	return string(all), isReadable(info), nil
}

// bare is an error without the path in it, which stands before it.
func bare(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// placed is an error with its line.
type placed struct {
	line int
	err  error
}

func (e placed) Error() string { return e.err.Error() }

// parse reads the text of a file.
func parse(text string) (*Config, error) {
	var tree map[string]any
	keys, err := toml.Decode(text, &tree)
	var syntax toml.ParseError
	if errors.As(err, &syntax) {
		return nil, placed{syntax.Position.Line, errors.New("this is no TOML: " + withoutQuotes(syntax.Message))}
	}
	if err != nil {
		return nil, errors.New("this is no TOML")
	}
	c := &Config{profiles: map[string]Profile{}}
	for _, key := range keys.Keys() {
		if err := c.take(tree, key); err != nil {
			return nil, placed{lineOf(text, key), err}
		}
	}
	for _, name := range c.Names() {
		p := c.profiles[name]
		if err := p.check(); err != nil {
			return nil, placed{lineOf(text, []string{"profiles", name}), fmt.Errorf("profile %q: %w", name, err)}
		}
	}
	return c, nil
}

// take takes one key over, on all levels: a dotted one has no lines of its own for those above.
func (c *Config) take(tree map[string]any, key []string) error {
	top := tree[key[0]]
	table, ok := top.(map[string]any)
	switch {
	case key[0] != "shell" && key[0] != "profiles":
		return unknown(key[0], "shell", "profiles")
	case !ok:
		return fmt.Errorf("%s is a table: [%[1]s]", key[0])
	case len(key) == 1:
		return nil
	case key[0] == "shell":
		return c.takePreference(key[1], table[key[1]])
	}
	return c.takeProfile(table, key[1:])
}

func (c *Config) takePreference(name string, value any) error {
	text, ok := written(value)
	if !ok {
		return fmt.Errorf("%s is one value", name)
	}
	p := Defaults()
	if err := p.change(name, text); errors.Is(err, errUnknown) {
		return unknown(name, preferenceNames()...)
	} else if err != nil {
		return err
	}
	c.shell = append(c.shell, setting{name, text})
	return nil
}

func (c *Config) takeProfile(tree map[string]any, key []string) error {
	name := key[0]
	table, ok := tree[name].(map[string]any)
	switch {
	case !ok:
		return errors.New("a profile is a table: [profiles.NAME]")
	case !isName(name):
		return errors.New("a profile's name is made of letters, digits, dots, dashes and underscores")
	}
	p := c.profiles[name]
	p.Name = name
	var err error
	if len(key) > 1 {
		err = p.set(key[1], table[key[1]])
	}
	c.profiles[name] = p
	return err
}

// Apply sets the preferences that the file sets.
func (c *Config) Apply(p *Preferences) {
	for _, s := range c.shell {
		p.change(s.name, s.value) // has succeeded before
	}
}

// Profile is the profile of that name.
func (c *Config) Profile(name string) (Profile, bool) {
	p, ok := c.profiles[name]
	return p, ok
}

// Names are the names of all profiles, in order.
func (c *Config) Names() []string { return slices.Sorted(maps.Keys(c.profiles)) }

func (c *Config) holdsPassword() bool {
	for _, p := range c.profiles {
		if p.holdsPassword() {
			return true
		}
	}
	return false
}

package config

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Preferences are how the shell behaves: what :set changes while it runs, [shell] in config.toml and
// .redisclirc before.
type Preferences struct {
	// History is how many entries are recalled.
	History int
	// Hints shows what arguments may follow, Suggestions the rest of an entry that began like this one.
	Hints, Suggestions bool
	// Keys completes the names of keys, for which it asks the server.
	Keys bool
	// Colour is auto, always or never.
	Colour string
	// Pager is auto for the usual one, off, or the program to run.
	Pager string
	// Timing is from how long on it is said how long a command took; negative for never.
	Timing time.Duration
	// Decode is how values are made readable: off, auto, or one of the encodings.
	Decode string
	// Format is how replies look: auto, human, raw, csv, json or quoted-json.
	Format string
	// Confirm is which commands are asked about where no profile says.
	Confirm Confirm
}

// preference is a row of the table of preferences.
type preference struct {
	name, initial, help string
	of                  func(p *Preferences) value
}

// table is every preference there is.
func table() []preference {
	return []preference{
		{"history", "10000", "how many entries are recalled",
			func(p *Preferences) value { return number{&p.History, 1, 1_000_000} }},
		{"hints", "on", "show what arguments may follow",
			func(p *Preferences) value { return (*onOff)(&p.Hints) }},
		{"suggestions", "on", "show the entry that began so; Right takes it",
			func(p *Preferences) value { return (*onOff)(&p.Suggestions) }},
		{"keys", "on", "complete names of keys, which the server is asked for",
			func(p *Preferences) value { return (*onOff)(&p.Keys) }},
		{"colour", "auto", "colours; --color and NO_COLOR come first",
			func(p *Preferences) value { return choice{&p.Colour, []string{"auto", "always", "never"}} }},
		{"pager", "auto", "program for replies taller than the screen; auto, off",
			func(p *Preferences) value { return (*text)(&p.Pager) }},
		{"timing", "off", "say how long commands took, always or from a time on",
			func(p *Preferences) value { return (*since)(&p.Timing) }},
		{"decode", "off", "make values readable",
			func(p *Preferences) value {
				return choice{&p.Decode, []string{"off", "auto", "json", "hex", "gzip", "zlib", "base64", "msgpack"}}
			}},
		{"format", "auto", "how replies look",
			func(p *Preferences) value {
				return choice{&p.Format, []string{"auto", "human", "raw", "csv", "json", "quoted-json"}}
			}},
		{"confirm", "destructive", "which commands are asked about where no profile says",
			func(p *Preferences) value { return &p.Confirm }},
	}
}

// Defaults are the preferences of somebody who has set none.
func Defaults() Preferences {
	var p Preferences
	for _, row := range table() {
		row.of(&p).set(row.initial)
	}
	return p
}

// Description is what there is to say about a preference.
type Description struct {
	Name string
	// Switch says that it is on or off, so that its name alone sets it.
	Switch bool
	// Kind is what values there are, Value the one it has, Default the one it began with.
	Kind, Value, Default string
	Help                 string
	// Words are the values that are one of a few words.
	Words []string
}

// Describe lists the preferences and their values.
func (p *Preferences) Describe() []Description {
	var all []Description
	for _, row := range table() {
		v := row.of(p)
		_, isSwitch := v.(*onOff)
		all = append(all, Description{row.name, isSwitch, v.kind(), v.String(), row.initial, row.help, wordsOf(v)})
	}
	return all
}

// Set changes a preference as :set does: "hints" alone means on, "nohints" off, and all others need a
// value. The error is a sentence to show, redis-cli's where it has one.
func (p *Preferences) Set(name, value string) error {
	err := p.change(name, value)
	if errors.Is(err, errUnknown) {
		return fmt.Errorf("unknown redis-cli preference '%s'", name)
	}
	return err
}

// Directive carries out the words of a line of .redisclirc, which is :set and what it sets. Its errors
// are redis-cli's.
func (p *Preferences) Directive(words []string) error {
	if len(words) == 0 {
		return nil
	}
	if !strings.EqualFold(words[0], ":set") || len(words) < 2 {
		return fmt.Errorf("unknown redis-cli internal command '%s'", words[0])
	}
	return p.Set(words[1], strings.Join(words[2:], " "))
}

// errUnknown is a preference that there is not.
var errUnknown = errors.New("unknown preference")

func (p *Preferences) change(name, value string) error {
	name = strings.ToLower(name)
	if name == "color" {
		name = "colour"
	}
	for _, row := range table() {
		v := row.of(p)
		_, isSwitch := v.(*onOff)
		switch {
		case row.name == name && value == "" && isSwitch:
			return v.set("on")
		case isSwitch && "no"+row.name == name && value == "":
			return v.set("off")
		case row.name == name:
			if err := v.set(value); err != nil {
				return fmt.Errorf("%s wants %s", row.name, v.kind())
			}
			return nil
		}
	}
	return errUnknown
}

func preferenceNames() []string {
	var all []string
	for _, row := range table() {
		all = append(all, row.name)
	}
	return all
}

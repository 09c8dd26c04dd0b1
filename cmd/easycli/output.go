package main

import (
	"strings"

	"easycli/internal/render"
)

// output says what replies are to look like.
type output struct {
	Format render.Format
	// ElementEnd stands between the elements of a raw reply (-d), ReplyEnd after it (-D).
	ElementEnd, ReplyEnd string
	// Terminal says that stdout is a terminal: nothing a server sends reaches it unescaped, and it
	// may be easier on the eye than redis-cli's.
	Terminal bool
	Color    bool
	// ColorSaid says that Color is what --color asks for.
	ColorSaid bool
	// Plain says that a terminal is to show what redis-cli shows: no tables, no readings.
	Plain bool
	// Pushes shows what a RESP3 server sends unasked.
	Pushes bool
}

// options is the same for a printer, but for the errors. On a terminal a person reads along.
func (o output) options(c *console) render.Options {
	options := render.Options{
		Format:     o.Format,
		Delim:      &o.ElementEnd,
		Terminator: &o.ReplyEnd,
		Terminal:   o.Terminal,
		Color:      o.Color,
	}
	if o.Terminal && !o.Plain {
		options.Person = &render.Person{Width: c.Width}
	}
	return options
}

// colorChoice is the value of --color.
type colorChoice byte

const (
	colorAuto colorChoice = iota
	colorAlways
	colorNever
)

// color decides whether a stream gets colours: the option, then the variables people agreed on,
// then whether that very stream is a terminal.
func (env environment) color(choice colorChoice, terminal bool) bool {
	switch {
	case choice != colorAuto:
		return choice == colorAlways
	case env.get("NO_COLOR") != "":
		return false
	case isOn(env.get("CLICOLOR_FORCE")) || isOn(env.get("FORCE_COLOR")):
		return true
	case env.get("CLICOLOR") == "0" || env.get("TERM") == "dumb":
		return false
	}
	return terminal
}

// saysColor reports whether the environment asks for colours, or for none.
func (env environment) saysColor() bool {
	return env.get("NO_COLOR") != "" || isOn(env.get("CLICOLOR_FORCE")) || isOn(env.get("FORCE_COLOR")) ||
		env.get("CLICOLOR") == "0"
}

func isOn(value string) bool {
	return value != "" && value != "0" && !strings.EqualFold(value, "false")
}

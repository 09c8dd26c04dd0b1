package shell

import (
	"cmp"
	"strconv"
	"strings"

	"easycli/internal/config"
	"easycli/internal/quote"
	"easycli/internal/session"
)

// Profile is what the person calls the server, and how careful to be there.
type Profile struct {
	// Name is shown in the prompt, or Label instead of it, in Color: one of the terminal's sixteen, or ""
	// for its own.
	Name, Label, Color string
	// ReadOnly refuses what may change something.
	ReadOnly bool
	// Confirm is which commands are asked about.
	Confirm config.Confirm
}

// prompt is redis-cli's, and what else is true.
func (d *dialogue) prompt() string {
	state := d.session()
	if d.Plain {
		return state.Prompt(d.place())
	}
	return d.promptFor(state)
}

// place is the address as the prompt shows it, "" where there is no connection that is as it should be.
func (d *dialogue) place() string {
	if !d.connected() || d.bare != nil {
		return ""
	}
	return string(quote.AppendTerminal(nil, session.Place(d.Server.Network, d.Server.Addr)))
}

// promptFor is redis-cli's prompt and what else is true, each in brackets.
func (d *dialogue) promptFor(state session.State) string {
	var b strings.Builder
	place := d.place()
	if label := cmp.Or(d.Profile.Label, d.Profile.Name); label != "" {
		b.WriteString(d.painted(string(quote.AppendTerminal(nil, label))) + " ")
	}
	switch {
	case place != "":
		b.WriteString(place)
	case d.unauthenticated:
		b.WriteString(string(quote.AppendTerminal(nil, session.Place(d.Server.Network, d.Server.Addr))) + "(unauthenticated)")
	default:
		b.WriteString("not connected")
	}
	if place != "" && state.DB != 0 {
		b.WriteString("[" + strconv.Itoa(state.DB) + "]")
	}
	for _, mark := range []struct {
		holds bool
		says  string
	}{
		{place != "" && state.InMulti, transactionMark(state)},
		{d.lostMulti, "TX lost"},
		{place != "" && state.Subscribed(), "subscribed mode"},
		{d.monitor != nil, "monitor"},
		{place != "" && state.RepliesOff, "replies off"},
		{d.Profile.ReadOnly, "read-only"},
		{place != "" && d.who.Role == "slave", "replica"},
		{place != "" && d.Server.TLS != nil, "tls"},
	} {
		if mark.holds {
			b.WriteString("(" + mark.says + ")")
		}
	}
	b.WriteString("> ")
	return b.String()
}

// transactionMark says how many commands an open transaction holds, or that it has failed.
func transactionMark(state session.State) string {
	switch {
	case state.Doomed:
		return "TX!"
	case state.Queued > 0:
		return "TX " + strconv.Itoa(state.Queued)
	}
	return "TX"
}

// painted is a text in the profile's colour, if there are colours.
func (d *dialogue) painted(text string) string {
	name, bright := strings.CutPrefix(d.Profile.Color, "bright-")
	if !d.Print.Color || name == "" {
		return text
	}
	first := "3"
	if bright {
		first = "9"
	}
	for i, color := range [...]string{"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"} {
		if name == color {
			return "\x1b[1;" + first + strconv.Itoa(i) + "m" + text + "\x1b[0m"
		}
	}
	return text
}

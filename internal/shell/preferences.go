package shell

import (
	"context"
	"fmt"
	"strings"

	"easycli/internal/render"
)

// set shows what can be set, or sets it.
func (d *dialogue) set(_ context.Context, words []string) error {
	switch {
	case len(words) == 0 && d.Plain:
		return d.say("unknown redis-cli internal command ':set'\n")
	case len(words) == 0:
		return d.describe("")
	case len(words) == 1 && d.isValued(words[0]):
		return d.describe(words[0])
	}
	if err := d.Preferences.Set(words[0], strings.Join(words[1:], " ")); err != nil {
		return d.say(d.shown(err.Error()) + "\n")
	}
	d.prefer()
	if isJSON := d.Print.Format == render.JSON || d.Print.Format == render.QuotedJSON; isJSON && !d.session().RESP3() {
		d.noteOnce("json", "to a RESP2 connection a hash is an array; after HELLO 3 it is an object")
	}
	return nil
}

// setter is a command of its own for a preference.
func setter(name string) func(*dialogue, context.Context, []string) error {
	return func(d *dialogue, ctx context.Context, words []string) error {
		return d.set(ctx, append([]string{name}, words...))
	}
}

// isValued reports whether a preference has more values than on and off: to name it asks for it.
func (d *dialogue) isValued(name string) bool {
	for _, p := range d.Preferences.Describe() {
		if strings.EqualFold(p.Name, name) {
			return !p.Switch
		}
	}
	return false
}

// describe lists the preferences, or shows one.
func (d *dialogue) describe(name string) error {
	var b strings.Builder
	for _, p := range d.Preferences.Describe() {
		if name == "" || strings.EqualFold(p.Name, name) {
			fmt.Fprintf(&b, "%-12s %-12s %s\n%26s%s\n", p.Name, d.shown(p.Value), p.Help, "", p.Kind)
		}
	}
	return d.say(b.String())
}

// prefer makes the preferences hold.
func (d *dialogue) prefer() {
	p := d.Preferences
	if d.Assistant != nil {
		d.Assistant.hints.Store(p.Hints)
		d.Assistant.keys.Store(p.Keys)
	}
	if editor, ok := d.Editor.(suggester); ok {
		editor.Suggest(p.Suggestions)
	}
	if d.Print.Person != nil {
		person := *d.Print.Person
		person.Decode, _ = render.ParseDecode(p.Decode)
		d.Print.Person = &person
	}
	if format, ok := formatOf(p.Format); ok {
		d.Print.Format = format
	} else {
		d.Print.Format = d.format
	}
	d.restyle(d.Print)
	switch p.Pager {
	case "auto":
		d.pager = d.Outside.Pager
	case "off":
		d.pager = ""
	default:
		d.pager = p.Pager
	}
}

// suggester is an [Editor] that suggests.
type suggester interface{ Suggest(on bool) }

// formatOf is a format by redis-cli's name of its option; auto is what the command line says.
func formatOf(name string) (render.Format, bool) {
	switch name {
	case "raw":
		return render.Raw, true
	case "human":
		return render.Human, true
	case "csv":
		return render.CSV, true
	case "json":
		return render.JSON, true
	case "quoted-json":
		return render.QuotedJSON, true
	}
	return 0, false
}

package config

import (
	"fmt"
	"testing"
	"time"
)

func TestSet(t *testing.T) {
	p := Defaults()
	for _, tt := range []struct{ name, value, want string }{
		{"hints", "", ""}, {"nohints", "", ""}, {"NOHINTS", "", ""}, {"Hints", "off", ""},
		{"nokeys", "", ""}, {"keys", "yes", ""}, {"keys", "maybe", "keys wants on or off"},
		{"nohints", "on", "unknown redis-cli preference 'nohints'"},
		{"bar", "", "unknown redis-cli preference 'bar'"}, {"", "", "unknown redis-cli preference ''"},
		{"nopager", "", "unknown redis-cli preference 'nopager'"},
		{"pager", "", "pager wants a text"}, {"pager", "less -R", ""},
		{"history", "x", "history wants a number from 1 to 1000000"}, {"history", "20", ""},
		{"color", "ALWAYS", ""}, {"colour", "mauve", "colour wants auto, always or never"},
		{"timing", "on", ""}, {"timing", "250ms", ""}, {"timing", "-1s", "timing wants on, off, or a time such as 10ms"},
		{"decode", "json", ""}, {"format", "csv", ""}, {"confirm", "never", ""},
	} {
		got := ""
		if err := p.Set(tt.name, tt.value); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s %s: %q, want %q", tt.name, tt.value, got, tt.want)
		}
	}
	want := Preferences{History: 20, Suggestions: true, Keys: true, Colour: "always", Pager: "less -R",
		Timing: 250 * time.Millisecond, Decode: "json", Format: "csv", Confirm: ConfirmNever}
	if p != want {
		t.Errorf("got %+v\nwant %+v", p, want)
	}
}

// TestDescribe sets every preference to what it says of itself.
func TestDescribe(t *testing.T) {
	p := Defaults()
	all := p.Describe()
	if len(all) != len(table()) {
		t.Fatalf("%d descriptions", len(all))
	}
	for _, d := range all {
		if d.Value != d.Default || d.Help == "" || d.Kind == "" {
			t.Errorf("%+v", d)
		}
		if err := p.Set(d.Name, d.Value); err != nil {
			t.Errorf("%s %s: %v", d.Name, d.Value, err)
		}
	}
	if p != Defaults() {
		t.Errorf("got %+v", p)
	}
	p.Set("timing", "on")
	p.Set("nohints", "")
	for _, d := range p.Describe() {
		if d.Name == "timing" && d.Value != "on" || d.Name == "hints" && d.Value != "off" {
			t.Errorf("%+v", d)
		}
	}
}

func TestDirective(t *testing.T) {
	p := Defaults()
	for _, tt := range []struct {
		words []string
		want  string
	}{
		{nil, ""}, {[]string{":set", "nohints"}, ""}, {[]string{":SET", "pager", "less", "-R"}, ""},
		{[]string{":set", "bar"}, "unknown redis-cli preference 'bar'"},
		{[]string{":set"}, "unknown redis-cli internal command ':set'"},
		{[]string{"foo", "x"}, "unknown redis-cli internal command 'foo'"},
	} {
		got := ""
		if err := p.Directive(tt.words); err != nil {
			got = fmt.Sprint(err)
		}
		if got != tt.want {
			t.Errorf("%q: %q, want %q", tt.words, got, tt.want)
		}
	}
	if p.Hints || p.Pager != "less -R" {
		t.Errorf("got %+v", p)
	}
}

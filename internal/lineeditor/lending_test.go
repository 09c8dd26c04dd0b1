package lineeditor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// While the terminal is somebody else's it is cooked, without the line, and nobody reads it.
func TestTheTerminalIsLent(t *testing.T) {
	var p *person
	raw := false
	busy := func(what string) {
		p.Editor.Write([]byte("pushed\n"))
		if s := p.State(); raw || s.Paste || s.CursorHidden {
			t.Errorf("%s: raw is %v, the state %+v", what, raw, s)
		}
		p.sees("|")
		io.WriteString(newlineWriter{p.Screen}, what+"\n")
	}
	result, failure := "get a\nb\n", error(nil)
	cfg := Config{
		MakeRaw: func() (func() error, error) {
			raw = true
			return func() error { raw = false; return nil }, nil
		},
		Suspend: func() { busy("suspended") },
		EditText: func(text string) (string, error) {
			busy("edited: " + text + ".")
			return result, failure
		},
	}
	p = newPerson(t, 30, 12, cfg)
	p.prompt("> ")
	p.each("get")
	p.keys("<C-z>")
	p.sees("suspended\npushed\n> get|")
	if s := p.State(); !raw || !s.Paste {
		t.Errorf("after it: raw is %v, the state %+v", raw, s)
	}
	io.WriteString(p.Screen, clearAll)
	p.keys("<C-l><C-x><C-e>")
	p.keys("<Left>")
	p.keys("<C-c>")
	p.ended("get a\nb", ErrInterrupted)
	if raw {
		t.Error("raw after the line")
	}
	failure = errors.New("no editor")
	io.WriteString(p.Screen, clearAll)
	p.prompt("> ")
	p.keys("<C-x><C-e>")
	p.sees("edited: .\npushed\nno editor\n> |")
}

// Whatever happens in a line, the terminal is as it was.
func TestPanics(t *testing.T) {
	for _, tt := range []struct {
		what      string
		keys      string
		assistant Assistant
	}{
		{"painting", "x", panicking{"paint"}}, {"completing", "\t", panicking{"complete"}},
	} {
		raw := 0
		p := newPerson(t, 30, 5, Config{Assistant: tt.assistant, MakeRaw: func() (func() error, error) {
			raw++
			return func() error { raw--; return nil }, nil
		}})
		p.begin(func() (text string, err error) {
			defer func() { err = recover().(error) }()
			return p.ReadLine(t.Context(), "> ")
		})
		p.typed <- tt.keys
		for done := false; !done; {
			select {
			case <-p.asks:
			case r := <-p.result:
				done = true
				if s := p.State(); r.err != errPanic || raw != 0 || s.Paste || s.CursorHidden {
					t.Errorf("%s: %v, raw %d, %+v", tt.what, r.err, raw, s)
				}
			}
		}
	}
}

var errPanic = errors.New("a panic")

type panicking struct{ where string }

func (a panicking) Paint(text string) []Span {
	if a.where == "paint" && text != "" {
		panic(errPanic)
	}
	return nil
}
func (panicking) Hint(string) string { return "" }
func (a panicking) Complete(context.Context, string, int) Completion {
	panic(errPanic)
}
func (panicking) Open(string) bool { return false }

// slow asks a network that does not answer.
type slow struct {
	helper
	ended chan error
}

func (s slow) Complete(ctx context.Context, _ string, _ int) Completion {
	<-ctx.Done()
	s.ended <- ctx.Err()
	return Completion{}
}

// Typing goes on while candidates are waited for, and gives them up.
func TestSlowCandidates(t *testing.T) {
	s := slow{ended: make(chan error, 1)}
	p := newPerson(t, 30, 5, Config{Assistant: s})
	p.prompt("> ")
	p.each("ge")
	p.send("\t")
	p.each("x")
	if err := <-s.ended; err != context.Canceled {
		t.Errorf("ended with %v", err)
	}
	p.sees("> gex|")
	p.send("\t")
	p.keys("<C-c>")
	p.ended("gex", ErrInterrupted)
	if err := <-s.ended; err != context.Canceled {
		t.Errorf("ended with %v", err)
	}
	p.prompt("> ")
	p.send("a\tb") // typed ahead: b waits a moment only
	<-s.ended
	p.sees("> gex^C\n> ab|")
	p.send("\t")
	if err := <-s.ended; err != context.DeadlineExceeded {
		t.Errorf("ended with %v", err)
	}
	p.gets("ab")
}

func TestCandidates(t *testing.T) {
	p := newPerson(t, 60, 10, Config{Assistant: many{}})
	for _, tt := range []struct{ keys, tab, more, want string }{
		{"x su", "subscribe", "", "x subscribe "}, {"SU", "subscribe", "a", "subscribe a"}, {"p", "pre:", "", "pre:"},
		{"it", "item-", "", "item-"}, {"item-", "196 more", "<Enter>", "item-000 "},
		{"item-", "196 more", "<S-Tab><Enter>", "item-199 "}, {"item-", "196 more", "<Esc>", "item-"},
		{"item-", "196 more", "19<Down><Enter>", "item-191 "}, {"item-", "196 more", "1<BS><BS><BS>x", "itex"},
		{"item-", "196 more", "<Left>x", "itemx-"}, {"su b<Left><Left>", "subscribe b", "x", "subscribe xb"},
	} {
		p.prompt("> ")
		p.keys(tt.keys)
		p.tab(tt.tab)
		if tt.more == "<Esc>" {
			p.keys("<C-g>")
		} else if tt.more != "" {
			p.keys(tt.more)
		}
		p.gets(tt.want)
		io.WriteString(p.Editor, clearAll)
	}
}

// many has more candidates than there are rows.
type many struct{ helper }

func (many) Complete(_ context.Context, text string, at int) Completion {
	from := strings.LastIndexByte(text[:at], ' ') + 1
	c := Completion{From: from, To: at}
	all := []Candidate{{Text: "subscribe"}, {Text: "pre:", More: true}}
	for i := range 200 {
		all = append(all, Candidate{Text: fmt.Sprintf("item-%03d", i)})
	}
	for _, one := range all {
		if hasPrefixFold(one.Text, text[from:at]) {
			c.Candidates = append(c.Candidates, one)
		}
	}
	return c
}

package lineeditor

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
)

func TestOutputAboveTheLine(t *testing.T) {
	p := newPerson(t, 20, 8, Config{Assistant: helper{}})
	io.WriteString(p.Editor, "before\n")
	p.prompt("> ")
	p.each("get a line of two rows")
	p.keys("<Left><Left>")
	io.WriteString(p.Editor, "one\ntwo\n")
	p.sees("before\none\ntwo\n> get a line of two\nro|ws")
	p.keys("<C-c>")
	<-p.result
	p.prompt("> ")
	p.each("ge")
	p.tab("GET")
	p.tab("GETEX")
	io.WriteString(p.Editor, "three\n")
	if want := "three\n> GET\nGET     Get the va…\nGETDEL  Get the va…\nGETEX   Get the va…"; !strings.HasSuffix(p.Text(), want) {
		t.Errorf("the screen is\n%s", p.Text())
	}
	p.keys("<C-g><C-r>x")
	p.Await(t, "the search", func() bool { return strings.Contains(p.Text(), "-i-search):") })
	io.WriteString(p.Editor, "four\n")
	p.sees("two\n> get a line of two\nrows^C\nthree\nfour\n(not found) (reverse\n-i-search): x|")
}

// A row without an end keeps the line away until it has one, or a key is typed.
func TestOutputWithoutAnEnd(t *testing.T) {
	p := newPerson(t, 20, 8, Config{})
	p.prompt("> ")
	p.each("ab")
	io.WriteString(p.Editor, "half")
	p.sees("half|")
	io.WriteString(p.Editor, " a row\n")
	p.sees("half a row\n> ab|")
	io.WriteString(p.Editor, "half")
	p.Refresh()
	p.each("c")
	p.sees("half a row\nhalf\n> abc|")
	io.WriteString(p.Editor, " more\n")
	p.sees("half a row\nhalf\n more\n> abc|")
	io.WriteString(p.Editor, "half")
	p.gets("abc")
	p.sees("half a row\nhalf\n more\nhalf\n> abc\n|")
	io.WriteString(p.Editor, "no end")
	p.prompt("> ")
	p.sees("half a row\nhalf\n more\nhalf\n> abc\nno end\n> |")
	p.gets("")
	io.WriteString(p.Editor, clearAll)
	p.prompt("> ")
	p.sees("> |")
}

func TestIsOpen(t *testing.T) {
	for text, want := range map[string]bool{
		"a": true, "a\n": false, "a\n\x1b[0m": false, "a\x1b[0m": true, "\x1b[H\x1b[2J": false, "a\r": false, "a\x1b[K": true,
		"a\n\x1b[": true, "\x1b": true, "": false, "\x1b[1;1H": false,
	} {
		if got := isOpen([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestMuchOutput(t *testing.T) {
	p := newPerson(t, 20, 5, Config{})
	p.prompt("> ")
	p.each("ab")
	io.WriteString(p.Editor, strings.Repeat("row\n", maxTogether))
	p.sees("row\nrow\nrow\nrow\n> ab|")
}

// Everybody writes while a person types; nothing is lost or mixed.
func TestOutputFromOthers(t *testing.T) {
	p := newPerson(t, 40, 10, Config{Assistant: helper{}})
	p.prompt("> ")
	var others sync.WaitGroup
	for i := range 3 {
		others.Go(func() {
			for n := range 50 {
				fmt.Fprintf(p.Editor, "push %d of %d\n", n, i)
				p.SetPrompt(fmt.Sprintf("%d> ", n))
				p.Refresh()
			}
		})
	}
	want := strings.Repeat("typed 名 ", 20)
	p.each(want)
	others.Wait()
	p.gets(want)
	for i := range 3 {
		for n := range 50 {
			if row := fmt.Sprintf("push %d of %d\n", n, i); strings.Count(p.Transcript(), row) != 1 {
				t.Errorf("%q is there %d times", row, strings.Count(p.Transcript(), row))
			}
		}
	}
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

func TestBrokenTerminal(t *testing.T) {
	broken := errors.New("broken")
	e := New(Config{In: strings.NewReader("x"), Out: brokenWriter{broken}})
	if _, err := e.ReadLine(t.Context(), "> "); err != broken {
		t.Errorf("got %v", err)
	}
}

func TestSetPrompt(t *testing.T) {
	p := newPerson(t, 40, 5, Config{Color: true})
	p.prompt("\x1b[31mred\x1b[0m> ")
	p.each("a\x1b[")
	p.SetPrompt("\x1b[1;32mgreen\x1b[m \x1b]0;x\a> ")
	p.Await(t, "the other prompt", func() bool { return strings.HasPrefix(p.Text(), "green") })
	if want := "{bold green:green} {reverse:[}]0;x{reverse:G}> a"; p.Styled() != want {
		t.Errorf("the screen is %s", p.Styled())
	}
}

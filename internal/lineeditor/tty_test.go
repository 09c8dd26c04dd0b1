//go:build unix

package lineeditor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/term"

	"easycli/internal/ttytest"
)

// session is an editor on a pseudo-terminal that reads lines until the end of its input.
func session(t *testing.T, columns, rows int) (m *ttytest.Term, cooked ttytest.Stty, cancel context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(context.Background())
	resized, start := make(chan struct{}, 1), make(chan struct{})
	m = ttytest.Run(t, columns, rows, func(tty *os.File) int {
		<-start
		cfg := Config{
			In: tty, Out: tty, MakeRaw: Raw(int(tty.Fd())), Resized: resized, Assistant: helper{}, Color: true,
			Size: func() (int, int) {
				columns, rows, _ := term.GetSize(int(tty.Fd()))
				return columns, rows
			},
		}
		e := New(cfg)
		for {
			text, err := e.ReadLine(ctx, "host:6379> ")
			switch {
			case errors.Is(err, ErrInterrupted):
				continue
			case err != nil:
				fmt.Fprintf(e, "ended: %v\n", err)
				return 0
			}
			fmt.Fprintf(e, "got %q\n", text)
		}
	})
	t.Cleanup(func() { cancel(nil) })
	cooked = m.Stty()
	close(start)
	return m, cooked, cancel
}

func TestOnATerminal(t *testing.T) {
	m, cooked, _ := session(t, 40, 10)
	m.AwaitPrompt()
	if raw := m.Stty(); raw.Cooked() || raw.Echo() || raw.Signals() || !m.State().Paste {
		t.Errorf("at the prompt: %+v, %+v", raw, m.State())
	}
	m.Type("get 名x<Left><BS>")
	m.Await("get x")
	m.Type("\x1b[1~\x1b[4~y<Enter>") // Home and End as tmux sends them
	m.Await(`got "get xy"`)
	m.AwaitPrompt()
	m.Paste("a\nb\nc\n")
	m.Await("... c")
	m.Type("<Enter>")
	m.Await(`got "a\nb\nc"`)
	m.AwaitPrompt()
	m.Type("<C-d>")
	m.Await("ended: EOF")
	if m.Exit() != 0 || m.Stty() != cooked || m.State().Paste || m.State().CursorHidden {
		t.Errorf("after the end: %+v, %+v", m.Stty(), m.State())
	}
}

// What a signal does: the context ends in the middle of everything.
func TestTheTerminalIsRestored(t *testing.T) {
	for _, keys := range []string{"", "get ", "<C-r>x", "<M-Enter><M-Enter><Up>", "\"", "\x1b[200~abc", "<C-v>"} {
		m, cooked, cancel := session(t, 40, 10)
		m.AwaitPrompt()
		m.Type(keys)
		cancel(errors.New("terminated"))
		m.Await("ended: terminated")
		if m.Stty() != cooked || m.State().Paste || m.State().CursorHidden {
			t.Errorf("%q: %+v, %+v", keys, m.Stty(), m.State())
		}
		m.Send("\n\n") // what is still waited for, and behind a Ctrl-V that came late
	}
}

// A terminal that is gone ends the line, not a loop.
func TestHangUp(t *testing.T) {
	gone := errors.New("input/output error")
	e := New(Config{In: iotest.ErrReader(gone), Out: io.Discard})
	for range 2 {
		if _, err := e.ReadLine(t.Context(), "> "); err != gone {
			t.Errorf("got %v", err)
		}
	}
}

// The prompt in terminals that are as wide as it, narrower, and of no width at all.
func TestPromptAsWideAsTheTerminal(t *testing.T) {
	for _, columns := range []int{1, 2, 3, 5, 6, 10, 11, 12, 22, 0} {
		m, _, _ := session(t, columns, 20)
		m.AwaitThat("raw mode", func() bool { return m.State().Paste })
		m.Type("ab<Left><Left><Right>x<Enter>")
		m.AwaitThat("the line", func() bool {
			return strings.Contains(strings.ReplaceAll(strings.ReplaceAll(m.Transcript(), "\n", ""), " ", ""), `got"axb"`)
		})
	}
}

//go:build unix

package lineeditor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/term"

	"easycli/internal/ttytest"
)

// session is an editor on a pseudo-terminal that reads lines until the end of its input.
func session(t *testing.T, columns, rows int, change func(*Config)) (*ttytest.Term, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(context.Background())
	resized := make(chan struct{}, 1)
	m := ttytest.Run(t, columns, rows, func(tty *os.File) int {
		cfg := Config{
			In: tty, Out: tty, MakeRaw: Raw(int(tty.Fd())), Resized: resized, Assistant: helper{}, Color: true,
			Size: func() (int, int) {
				columns, rows, _ := term.GetSize(int(tty.Fd()))
				return columns, rows
			},
		}
		if change != nil {
			change(&cfg)
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
	return m, cancel
}

func TestOnATerminal(t *testing.T) {
	m, _ := session(t, 40, 10, nil)
	cooked := m.Stty()
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
		m, cancel := session(t, 40, 10, nil)
		cooked := m.Stty()
		m.AwaitPrompt()
		m.Type(keys)
		cancel(errors.New("terminated"))
		m.Await("ended: terminated")
		if m.Stty() != cooked || m.State().Paste || m.State().CursorHidden {
			t.Errorf("%q: %+v, %+v", keys, m.Stty(), m.State())
		}
		m.Send("\n") // what is still waited for
	}
}

func TestHangUp(t *testing.T) {
	ended := make(chan error, 1)
	ours, tty, err := pty.Open()
	if err != nil {
		t.Skip(err)
	}
	go func() {
		_, err := New(Config{In: tty, Out: tty, MakeRaw: Raw(int(tty.Fd()))}).ReadLine(t.Context(), "> ")
		ended <- err
	}()
	buf := make([]byte, 64)
	ours.Read(buf)
	ours.Close()
	if err := <-ended; err == nil {
		t.Error("a line from a terminal that is gone")
	}
}

// The prompt in terminals that are as wide as it, narrower, and of no width at all.
func TestPromptAsWideAsTheTerminal(t *testing.T) {
	for _, columns := range []int{1, 2, 3, 5, 6, 10, 11, 12, 22, 0} {
		m, _ := session(t, columns, 20, nil)
		m.AwaitThat("raw mode", func() bool { return m.State().Paste })
		m.Type("ab<Left><Left><Right>x<Enter>")
		m.AwaitThat("the line", func() bool {
			return strings.Contains(strings.ReplaceAll(strings.ReplaceAll(m.Transcript(), "\n", ""), " ", ""), `got"axb"`)
		})
	}
}

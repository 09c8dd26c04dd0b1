package lineeditor

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

// reader is what the prompt needs of an editor, with a terminal and without.
type reader interface {
	io.Writer
	ReadLine(ctx context.Context, prompt string) (string, error)
	ReadSecret(ctx context.Context, prompt string) (string, error)
	Ask(ctx context.Context, question string) (string, error)
	SetPrompt(string)
	Refresh()
	SetLine(string)
}

var _, _ reader = (*Editor)(nil), (*Lines)(nil)

// No byte is a key, and no escape sequence is written.
func TestLines(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	var out bytes.Buffer
	l := &Lines{In: strings.NewReader("set b ^A\x01z\t\x00\x7f\x1b[A\n" + long + "\r\n\n\nlast"), Out: &out}
	for _, want := range []string{"set b ^A\x01z\t\x00\x7f\x1b[A", long, "", "", "last"} {
		if got, err := l.ReadLine(t.Context(), "> "); got != want || err != nil {
			t.Errorf("got %.20q, %v, want %.20q", got, err, want)
		}
	}
	if _, err := l.ReadLine(t.Context(), "> "); err != io.EOF {
		t.Errorf("got %v", err)
	}
	if out.String() != strings.Repeat("> ", 6)+"\n" {
		t.Errorf("written: %q", out.String())
	}
}

// A line that is waited for is not lost to Ctrl-C or a context.
func TestLinesInterrupted(t *testing.T) {
	in, typed := io.Pipe()
	interrupts := make(chan struct{}, 1)
	l := &Lines{In: in, Out: io.Discard, Interrupts: interrupts, Secret: func() ([]byte, error) { return []byte("hidden"), nil }}
	interrupts <- struct{}{}
	if _, err := l.ReadLine(t.Context(), "> "); err != ErrInterrupted {
		t.Errorf("got %v", err)
	}
	gone := errors.New("gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gone)
	if _, err := l.ReadLine(ctx, "> "); err != gone {
		t.Errorf("got %v", err)
	}
	go io.WriteString(typed, "one\ntwo\n")
	for _, want := range []string{"one", "two"} {
		if got, err := l.Ask(t.Context(), "? "); got != want || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if got, err := l.ReadSecret(t.Context(), "? "); got != "hidden" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

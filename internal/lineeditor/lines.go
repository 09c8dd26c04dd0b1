package lineeditor

import (
	"bufio"
	"context"
	"io"
	"strings"
)

// Lines reads lines of any length where there is no terminal, or one that knows no escape sequences:
// none is written, no byte is a key, and nobody helps. It stands in for an [Editor].
type Lines struct {
	In  io.Reader
	Out io.Writer
	// Secret reads a line that is not shown, as [Editor.ReadSecret] does. If it is nil a secret is
	// a line like any other.
	Secret func() ([]byte, error)
	// Interrupts has a value for each Ctrl-C.
	Interrupts <-chan struct{}

	in      *bufio.Reader
	read    chan plainLine
	pending bool
}

type plainLine struct {
	text string
	err  error
}

// ReadLine writes the prompt and reads a line, without its end. The last one needs none.
func (l *Lines) ReadLine(ctx context.Context, prompt string) (string, error) {
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	if _, err := io.WriteString(l.Out, prompt); err != nil {
		return "", err
	}
	select {
	case got := <-l.request():
		l.pending = false
		if got.err != nil {
			io.WriteString(l.Out, "\n") // nobody has typed an Enter
		}
		return got.text, got.err
	case <-l.Interrupts:
		io.WriteString(l.Out, "\n")
		return "", ErrInterrupted
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// request begins to read a line, unless that has begun and nobody waited for it.
func (l *Lines) request() <-chan plainLine {
	if l.pending {
		return l.read
	}
	if l.in == nil {
		l.in, l.read = bufio.NewReader(l.In), make(chan plainLine, 1)
	}
	l.pending = true
	go func() {
		text, err := l.in.ReadString('\n')
		if text != "" && err == io.EOF {
			err = nil
		}
		l.read <- plainLine{strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r"), err}
	}()
	return l.read
}

// Ask reads the answer to a question.
func (l *Lines) Ask(ctx context.Context, question string) (string, error) {
	return l.ReadLine(ctx, question)
}

// ReadSecret reads a line that is not shown, if that can be had.
func (l *Lines) ReadSecret(ctx context.Context, prompt string) (string, error) {
	if l.Secret == nil {
		return l.ReadLine(ctx, prompt)
	}
	if _, err := io.WriteString(l.Out, prompt); err != nil {
		return "", err
	}
	text, err := l.Secret()
	io.WriteString(l.Out, "\n")
	return string(text), err
}

// Write writes to Out.
func (l *Lines) Write(p []byte) (int, error) { return l.Out.Write(p) }

// SetPrompt does nothing: a prompt that was written stays.
func (l *Lines) SetPrompt(string) {}

// Refresh does nothing.
func (l *Lines) Refresh() {}

// SetLine does nothing: what has been written cannot be edited.
func (l *Lines) SetLine(string) {}

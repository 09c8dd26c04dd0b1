// Package lineeditor reads lines from a person at a terminal, with keys to edit them and a history.
//
// It guarantees that the terminal is in its normal mode whenever it is not reading, that the
// history's file is its owner's alone, and that a line is in the history only if it was handed to
// [Editor.Remember]. It refuses to know what a line means. It is the only room that knows the
// library it stands on.
package lineeditor

import (
	"context"
	"errors"
	"io"
	"sync/atomic"

	"github.com/chzyer/readline"
)

// ErrInterrupted is the error of a line that was given up with Ctrl-C.
var ErrInterrupted = errors.New("interrupted")

// Config is the terminal, and where the history is kept.
type Config struct {
	In  io.Reader
	Out io.Writer
	// Width is the terminal's width in columns, as often as it is asked for.
	Width func() int
	// HistoryFile keeps the history from one time to the next; none if it is empty.
	HistoryFile string
}

// Editor reads lines. It is for one goroutine.
type Editor struct {
	lib     *readline.Instance
	history *History
	// The lengths of the prompt and of the line: the library asks from a goroutine of its own.
	prompt, length atomic.Int64
}

// New prepares an editor. A history that cannot be read or kept is no reason to have none in memory.
func New(cfg Config) (*Editor, error) {
	e := &Editor{history: OpenHistory(cfg.HistoryFile, 0)}
	lib, err := readline.NewEx(&readline.Config{
		Stdin:                  io.NopCloser(keys{cfg.In}),
		Stdout:                 cfg.Out,
		Stderr:                 cfg.Out,
		FuncGetWidth:           func() int { return e.width(cfg.Width) },
		DisableAutoSaveHistory: true,
		HistoryLimit:           defaultEntries + 1,
		HistorySearchFold:      true,
		EOFPrompt:              "\n",
		FuncFilterInputRune:    e.filter,
		Listener: readline.FuncListener(func(line []rune, _ int, _ rune) ([]rune, int, bool) {
			e.length.Store(int64(len(line)))
			return nil, 0, false
		}),
	})
	if err != nil {
		return nil, err
	}
	e.lib = lib
	return e, nil
}

// width is never 0 and never makes the prompt end at the edge: the library would loop for ever.
func (e *Editor) width(ask func() int) int {
	width := 80
	if ask != nil {
		width = ask()
	}
	if width <= 0 {
		return 80
	}
	if n := int(e.prompt.Load()); n > 0 && (n >= width || n%width == 0) {
		return n + 80
	}
	return width
}

// ReadLine shows the prompt and reads a line. The error is [ErrInterrupted] after Ctrl-C, io.EOF
// after Ctrl-D on an empty line, and the cause of ctx when that ends: nothing can be read after
// that, and the terminal is the caller's to restore.
func (e *Editor) ReadLine(ctx context.Context, prompt string) (string, error) {
	e.prompt.Store(int64(len(prompt)))
	e.length.Store(0)
	e.lib.SetPrompt(prompt)
	e.recall()
	type read struct {
		line string
		err  error
	}
	done := make(chan read, 1)
	go func() {
		line, err := e.lib.Readline()
		done <- read{line, err}
	}()
	select {
	case r := <-done:
		if errors.Is(r.err, readline.ErrInterrupt) {
			return "", ErrInterrupted
		}
		return r.line, r.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// recall gives the library the history anew: it keeps what was made of an old line, even when that
// was not to be remembered. Searching in an empty one would be its end.
func (e *Editor) recall() {
	e.lib.ResetHistory()
	entries := e.history.Entries()
	for _, line := range entries {
		e.lib.SaveHistory(line)
	}
	if len(entries) == 0 {
		e.lib.SaveHistory("help")
	}
}

// Remember puts a line into the history.
func (e *Editor) Remember(line string) { e.history.Add(line) }

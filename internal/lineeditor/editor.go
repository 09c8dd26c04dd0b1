// Package lineeditor reads lines from a person at a terminal, with keys to edit them, a history, hints
// and candidates.
//
// It guarantees that what people take for one character is one to every key and has the cells that
// the terminal gives it; that nothing typed is altered; that what is written to the [Editor] appears
// above the line being typed, from any goroutine; that each key is one write to the terminal; and that
// the terminal is in its normal mode, and nothing is being read from it, whenever no line is. It
// refuses to know what a line means: an [Assistant] does.
//
// github.com/chzyer/readline is the layer below: raw mode, the numbers of the control keys, and on
// Windows the console's keys as bytes. Its Instance is not used. Every key has to be taken over from
// it for characters of several runes or cells, and then its own buffer, drawing, search and completion
// are only in the way: they loop for ever in a terminal without a width, end the process in an
// empty history, and race with what is written meanwhile.
package lineeditor

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
)

// ErrInterrupted is the error of a line that was given up with Ctrl-C.
var ErrInterrupted = errors.New("interrupted")

// Assistant knows what lines mean. All but Complete are called for every key, by the goroutine that
// reads the line, and must not wait.
type Assistant interface {
	// Paint is how the bytes of a line look: spans in order, without overlap. What no span covers
	// is plain.
	Paint(text string) []Span
	// Hint is what may follow the text, shown faintly behind it while the cursor is at its end.
	Hint(text string) string
	// Complete is what could stand at the cursor, a byte offset. It may ask the network, until ctx
	// ends, and is called by a goroutine of its own.
	Complete(ctx context.Context, text string, at int) Completion
	// Open reports whether a quote is open at the end, so that Enter begins another row.
	Open(text string) bool
}

// Config is the terminal, and who helps.
type Config struct {
	In  io.Reader
	Out io.Writer
	// Size is how large the terminal is, as often as it is asked for; 80 columns and 24 rows where
	// it is nil or does not say.
	Size func() (columns, rows int)
	// MakeRaw makes the terminal send every key at once, until it is restored: [Raw]. It is called
	// again when the terminal may have been changed by others, without a restore before. Nil leaves
	// everything as it is.
	MakeRaw func() (restore func() error, err error)
	// Resized has a value when the terminal has another size, or is this program's again.
	Resized <-chan struct{}
	// Suspend stops the program until it is continued, for Ctrl-Z, which does nothing if it is nil.
	Suspend func()
	// EditText lets a text be edited elsewhere, for Ctrl-X Ctrl-E, which does nothing if it is nil. A
	// newline at the end of what it returns is not the text's.
	// The terminal is in its normal mode meanwhile.
	EditText func(text string) (string, error)
	// History is what can be recalled. The editor adds nothing to it.
	History *History
	// Assistant may be nil.
	Assistant Assistant
	// Color allows colours. What nobody typed is faint all the same.
	Color bool
}

// Editor reads lines, for one goroutine at a time. Write, SetPrompt and Refresh are for all.
type Editor struct {
	cfg     Config
	input   input
	keys    decoder
	screen  screen
	kills   killRing
	actions map[string]func(*reading)
	next    string // what the next line begins with

	unsuggestive atomic.Bool

	mu     sync.Mutex
	prompt string
	poke   chan struct{} // there is a reason to paint
}

// New prepares an editor. Nothing is read or written yet.
func New(cfg Config) *Editor {
	if cfg.History == nil {
		cfg.History = OpenHistory("", 100)
	}
	e := &Editor{cfg: cfg, poke: make(chan struct{}, 1), actions: make(map[string]func(*reading))}
	e.input.from = cfg.In
	e.screen.out = cfg.Out
	for _, b := range bindings() {
		for _, name := range b.keys {
			e.actions[name] = b.action
		}
	}
	return e
}

// ReadLine shows the prompt and reads a line. The error is [ErrInterrupted] after Ctrl-C, with the
// text that was given up; io.EOF after Ctrl-D on an empty line or at the end of the input; and the
// cause of ctx when that ends. In this last case a key is still waited for, and kept for the next
// line.
func (e *Editor) ReadLine(ctx context.Context, prompt string) (string, error) {
	text := e.next
	e.next = ""
	return e.read(ctx, line, prompt, text)
}

// ReadSecret reads a line and shows a * for each character. It leaves no trace here.
func (e *Editor) ReadSecret(ctx context.Context, prompt string) (string, error) {
	return e.read(ctx, secret, prompt, "")
}

// Ask reads the answer to a question: a line without history, hints and candidates.
func (e *Editor) Ask(ctx context.Context, question string) (string, error) {
	return e.read(ctx, answer, question, "")
}

// Write writes to the terminal: above the line while one is being read, at the cursor otherwise.
func (e *Editor) Write(p []byte) (int, error) { return e.screen.Write(p) }

// SetPrompt changes the prompt of the line being read.
func (e *Editor) SetPrompt(prompt string) {
	e.mu.Lock()
	e.prompt = prompt
	e.mu.Unlock()
	e.Refresh()
}

func (e *Editor) promptNow() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.prompt
}

// Refresh shows the line anew: the Assistant knows more.
func (e *Editor) Refresh() {
	select {
	case e.poke <- struct{}{}:
	default:
	}
}

// SetLine makes the next ReadLine begin with a text.
func (e *Editor) SetLine(text string) { e.next = text }

// size is the terminal's, never 0.
func (e *Editor) size() (columns, rows int) {
	if e.cfg.Size != nil {
		columns, rows = e.cfg.Size()
	}
	if columns <= 0 {
		columns = 80
	}
	if rows <= 0 {
		rows = 24
	}
	return columns, rows
}

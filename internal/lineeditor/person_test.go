package lineeditor

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"easycli/internal/ttytest"
)

// person types at an editor whose screen is an emulator. What was typed is on the screen when type
// returns: the editor asks for more keys then.
type person struct {
	*ttytest.Screen
	*Editor
	t      *testing.T
	typed  chan string
	asks   chan struct{}
	result chan result
}

type result struct {
	text string
	err  error
}

// newlineWriter makes of newlines what a terminal makes of them, in raw mode too.
type newlineWriter struct{ *ttytest.Screen }

func (w newlineWriter) Write(p []byte) (int, error) {
	w.Screen.Write(bytes.ReplaceAll(bytes.ReplaceAll(p, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n")))
	return len(p), nil
}

// newPerson sits at a terminal of a size. Config's streams and, if nil, its Size are made here.
func newPerson(t *testing.T, columns, rows int, cfg Config) *person {
	p := &person{
		Screen: ttytest.NewScreen(columns, rows), t: t,
		typed: make(chan string), asks: make(chan struct{}), result: make(chan result, 1),
	}
	cfg.In, cfg.Out = p, newlineWriter{p.Screen}
	if cfg.Size == nil {
		cfg.Size = p.Screen.Size
	}
	p.Editor = New(cfg)
	t.Cleanup(func() {
		if strange := p.Strange(); len(strange) > 0 {
			t.Errorf("the terminal got %q", strange)
		}
	})
	return p
}

// Read is the editor's: it tells that everything so far is done.
func (p *person) Read(b []byte) (int, error) {
	p.asks <- struct{}{}
	keys, ok := <-p.typed
	if !ok {
		return 0, io.EOF
	}
	return copy(b, keys), nil
}

// Write is the editor's.
func (p *person) Write(b []byte) (int, error) { return p.Editor.Write(b) }

// begin has the editor read something.
func (p *person) begin(read func() (string, error)) {
	p.t.Helper()
	go func() {
		text, err := read()
		p.result <- result{text, err}
	}()
	p.settle()
}

// prompt begins a line.
func (p *person) prompt(prompt string) {
	p.t.Helper()
	p.begin(func() (string, error) { return p.ReadLine(context.Background(), prompt) })
}

// settle waits until the editor wants more, or has what it wanted.
func (p *person) settle() {
	select {
	case <-p.asks:
	case r := <-p.result:
		p.result <- r
	}
}

// send types bytes, in one piece.
func (p *person) send(bytes string) {
	p.t.Helper()
	select {
	case p.typed <- bytes:
		p.settle()
	case r := <-p.result:
		p.t.Fatalf("the line has ended with %q, %v; nobody reads %q\n%s", r.text, r.err, bytes, p.Dump())
	}
}

// tab asks for candidates and waits for a text that they bring.
func (p *person) tab(shows string) {
	p.t.Helper()
	p.send("\t")
	p.Await(p.t, shows, func() bool {
		return strings.Contains(strings.ReplaceAll(p.Text(), "\n", ""), shows)
	})
}

// keys types keys by their names, in one piece.
func (p *person) keys(names string) {
	p.t.Helper()
	p.send(ttytest.Keys(names))
}

// each types keys one by one.
func (p *person) each(text string) {
	for _, c := range text {
		p.send(string(c))
	}
}

// gets ends the line with Enter and compares it.
func (p *person) gets(want string) {
	p.t.Helper()
	p.send("\r")
	p.ended(want, nil)
}

func (p *person) ended(want string, wantErr error) {
	p.t.Helper()
	if r := <-p.result; r.text != want || r.err != wantErr {
		p.t.Errorf("got %q, %v, want %q, %v", r.text, r.err, want, wantErr)
	}
	if s := p.State(); s.CursorHidden || s.Paste || s.Pen != "" {
		p.t.Errorf("the terminal is left in %+v", s)
	}
}

// sees compares the screen, and the cursor's place: | stands before it. A screen without | has its
// cursor anywhere.
func (p *person) sees(want string) {
	p.t.Helper()
	got := p.Text()
	if strings.Contains(want, "|") {
		rows := p.Rows()
		row, column := p.Cursor()
		for row >= len(rows) {
			rows = append(rows, "")
		}
		at, cells := 0, 0
		for cells < column && at < len(rows[row]) {
			g := glyphAt(rows[row], at)
			at, cells = at+g.size, cells+g.width
		}
		rows[row] = rows[row][:at] + strings.Repeat(" ", column-cells) + "|" + rows[row][at:]
		got = strings.TrimRight(strings.Join(rows, "\n"), "\n")
	}
	if got != want {
		p.t.Errorf("the screen is\n%s\nwant\n%s", got, want)
	}
}

// Package progress keeps one line at the bottom of a terminal that says how far a long piece of work
// is, and how fast.
//
// It guarantees that the line and other text do not mix: whatever is written to that terminal goes
// through the [Line], which takes the line away first. The work pays nothing for it: what there is
// to tell is asked for, five times a second. It refuses to know what the work is, and whether its
// writer is a terminal: without one there should be no Line.
//
//   - [New] makes a Line, [Line.Start] lets it appear and [Line.Stop] takes it away for good.
//   - [Facts] are what there is to tell. The line shows as much of them as there is room for.
package progress

import (
	"io"
	"sync"
	"time"
)

const (
	// every is how often the line is drawn, and patience how long work takes before it is worth one.
	every    = 200 * time.Millisecond
	patience = 500 * time.Millisecond
)

// Line is the line, and a writer for all that goes to its terminal. Its methods may be called by
// many goroutines at once, and on a nil Line, which shows nothing: only its writers need a real one.
type Line struct {
	w     io.Writer
	width func() int

	mu    sync.Mutex
	shown int  // columns of the line that stands there, 0 if none does
	mid   bool // what was written last did not end its line
	stop  chan struct{}
	ended chan struct{}
}

// New makes a line for a terminal, which shows nothing yet. width asks how wide that is at the
// moment, in columns; 0 is for a terminal that does not say.
func New(terminal io.Writer, width func() int) *Line {
	return &Line{w: terminal, width: width}
}

// Write writes text to the terminal, in the line's place.
func (l *Line) Write(text []byte) (int, error) { return l.write(l.w, text) }

// Beside is a writer for another way to the same terminal, as stdout is to stderr's.
func (l *Line) Beside(w io.Writer) io.Writer { return beside{l, w} }

type beside struct {
	line *Line
	w    io.Writer
}

func (b beside) Write(text []byte) (int, error) { return b.line.write(b.w, text) }

func (l *Line) write(w io.Writer, text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(text) > 0 {
		l.clear()
		l.mid = text[len(text)-1] != '\n'
	}
	return w.Write(text)
}

// Start lets the line appear, unless the work is done in a moment. facts is called on another
// goroutine, until Stop returns.
func (l *Line) Start(facts func() Facts) {
	if l == nil || l.stop != nil {
		return
	}
	l.stop, l.ended = make(chan struct{}), make(chan struct{})
	go l.run(facts)
}

// Stop takes the line away. What is written to l later goes through as it is.
func (l *Line) Stop() {
	if l == nil || l.stop == nil {
		return
	}
	close(l.stop)
	<-l.ended
	l.stop = nil
	l.mu.Lock()
	l.clear()
	l.mu.Unlock()
}

func (l *Line) run(facts func() Facts) {
	defer close(l.ended)
	tick := time.NewTicker(every)
	defer tick.Stop()
	begun := time.Now()
	p := pace{}
	p.see(begun, facts())
	for {
		select {
		case <-l.stop:
			return
		case now := <-tick.C:
			f := facts()
			p.see(now, f)
			if now.Sub(begun) >= patience {
				l.draw(f, &p)
			}
		}
	}
}

// draw shows the line, but not behind text that is the beginning of one.
func (l *Line) draw(f Facts, p *pace) {
	width := l.columns()
	text := compose(f, p, width)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mid {
		return
	}
	var out []byte
	if l.shown >= width { // the window has become narrower
		out = l.erase(out, width)
	}
	out = append(out, '\r')
	out = append(out, text...)
	out = append(out, "\x1b[K"...)
	l.w.Write(out)
	l.shown = len(text)
}

// clear takes the line away; the lock is held.
func (l *Line) clear() {
	if l.shown > 0 {
		l.w.Write(l.erase(nil, l.columns()))
		l.shown = 0
	}
}

// erase appends what takes the line off a terminal that is so wide. If that is less than when it was
// drawn, the terminal has wrapped it.
func (l *Line) erase(out []byte, width int) []byte {
	for range (l.shown - 1) / width {
		out = append(out, "\r\x1b[K\x1b[A"...)
	}
	return append(out, "\r\x1b[K"...)
}

// columns is the width of the terminal.
func (l *Line) columns() int {
	if width := l.width(); width > 0 {
		return width
	}
	return 80
}

package render

import (
	"io"
	"strconv"

	"easycli/internal/quote"
)

// WriteError says that output could not be written.
type WriteError struct{ Err error }

func (e *WriteError) Error() string { return "writing output: " + e.Err.Error() }

// Unwrap is what the writer said.
func (e *WriteError) Unwrap() error { return e.Err }

const (
	// full is when the buffer is written out; it may grow past it by one piece of escaped text.
	full = 32 << 10
	// pieceSize is how much text is escaped at once.
	pieceSize = 8 << 10
	// direct is how long text must be to pass by the buffer.
	direct = 16 << 10
)

// output is a buffer before a writer. Its first error stays, and nothing is written after it.
type output struct {
	w   io.Writer
	buf []byte
	err error
	// last is the last byte that went past the buffer.
	last byte
}

// room writes the buffer out if it is full.
func (o *output) room() {
	if len(o.buf) >= full {
		o.flush()
	}
}

func (o *output) flush() {
	if len(o.buf) > 0 {
		o.write(o.buf)
		o.buf = o.buf[:0]
	}
}

func (o *output) write(b []byte) {
	o.last = b[len(b)-1]
	if o.err != nil {
		return
	}
	if _, err := o.w.Write(b); err != nil {
		o.err = &WriteError{err}
	}
}

// lastByte is the last byte printed, 0 if none was.
func (o *output) lastByte() byte {
	if n := len(o.buf); n > 0 {
		return o.buf[n-1]
	}
	return o.last
}

func (o *output) byte(c byte) { o.buf = append(o.buf, c) }

func (o *output) string(s string) {
	o.buf = append(o.buf, s...)
	o.room()
}

// bytes prints text as it is.
func (o *output) bytes(b []byte) {
	if len(b) >= direct {
		o.flush()
		o.write(b)
		return
	}
	o.buf = append(o.buf, b...)
	o.room()
}

func (o *output) int(n int64) {
	o.buf = strconv.AppendInt(o.buf, n, 10)
	o.room()
}

const blanks = "                                                                                "

func (o *output) spaces(n int) {
	for ; n > len(blanks); n -= len(blanks) {
		o.string(blanks)
	}
	if n > 0 {
		o.string(blanks[:n])
	}
}

// escaped prints text as it stands within redis-cli's double quotes.
func (o *output) escaped(text []byte) {
	for len(text) > 0 {
		n := min(len(text), pieceSize)
		o.buf = quote.AppendEscaped(o.buf, text[:n])
		o.room()
		text = text[n:]
	}
}

// guarded prints text through t.
func (o *output) guarded(t *quote.Terminal, text []byte) {
	for len(text) > 0 {
		n := min(len(text), pieceSize)
		o.buf = t.Append(o.buf, text[:n])
		o.room()
		text = text[n:]
	}
}

// guard prints bare text from the server: as it is to a pipe, made safe for a terminal.
type guard struct {
	on   bool
	text quote.Terminal
}

// print prints a piece of a text.
func (g *guard) print(o *output, style quote.Style, text []byte, more bool) {
	if !g.on {
		o.bytes(text)
		return
	}
	g.text.Style = style
	o.guarded(&g.text, text)
	if !more {
		o.buf = g.text.Finish(o.buf)
	}
}

// Write prints bytes of the program's own, in order with the replies.
func (p *Printer) Write(b []byte) (int, error) {
	p.out.bytes(b)
	return len(b), p.out.err
}

// WriteString prints a text of the program's own, in order with the replies.
func (p *Printer) WriteString(s string) (int, error) {
	p.out.string(s)
	return len(s), p.out.err
}

// Flush writes out what is buffered.
func (p *Printer) Flush() error {
	p.out.flush()
	return p.out.err
}

// Buffered is how many bytes Flush would write.
func (p *Printer) Buffered() int { return len(p.out.buf) }

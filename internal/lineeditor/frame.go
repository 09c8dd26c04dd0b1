package lineeditor

import (
	"slices"
	"strconv"
	"strings"
)

// frame is what a line looks like: rows of cells that no row of the terminal is too narrow for, and
// a place for the cursor. It is filled from the upper left to the lower right.
type frame struct {
	columns int
	buf     []byte
	rows    []row
	cursor  place
	style   string // the escape sequence in force
}

// row is the bytes buf[from:to]. A soft one is full and goes on in the next: the terminal may know
// the two as one line.
type row struct {
	from, to, width int
	soft            bool
}

type place struct{ row, column int }

// reset makes the frame empty: one row without a cell.
func (f *frame) reset(columns int) {
	f.columns, f.buf, f.cursor, f.style = columns, f.buf[:0], place{}, ""
	f.rows = append(f.rows[:0], row{})
}

func (f *frame) last() *row { return &f.rows[len(f.rows)-1] }

// room is how many cells are free in the last row, which is never full.
func (f *frame) room() int { return f.columns - f.last().width }

// text is the bytes of a row.
func (f *frame) text(i int) []byte { return f.buf[f.rows[i].from:f.rows[i].to] }

// put appends a character. A row that gets full is followed by another one at once, so that the
// cursor has a cell behind every character.
func (f *frame) put(shown string, width int, style string) {
	if width > f.columns {
		shown, width = "?", 1
	}
	if pad := f.room(); width > pad {
		f.sgr("")
		f.buf = append(f.buf, strings.Repeat(" ", pad)...)
		f.last().width += pad
		f.wrap(true)
	}
	f.sgr(style)
	f.buf = append(f.buf, shown...)
	if f.last().width += width; f.room() == 0 {
		f.wrap(true)
	}
}

// write appends a text that has no newlines.
func (f *frame) write(text, style string) {
	for at := 0; at < len(text); {
		at += f.putGlyph(glyphAt(text, at), style)
	}
}

// putGlyph appends a character of a text, and says how many bytes of it that was.
func (f *frame) putGlyph(g glyph, style string) int {
	if g.odd {
		style = sgrOdd
	}
	if g.width > 0 {
		f.put(g.shown, g.width, style)
	}
	return g.size
}

// sgr changes how the next characters look.
func (f *frame) sgr(style string) {
	if style == f.style {
		return
	}
	if f.style != "" {
		f.buf = append(f.buf, sgrReset...)
	}
	f.buf = append(f.buf, style...)
	f.style = style
}

// escape appends an escape sequence that changes nothing.
func (f *frame) escape(sequence string) { f.buf = append(f.buf, sequence...) }

// wrap begins the next row.
func (f *frame) wrap(soft bool) {
	f.sgr("")
	last := f.last()
	last.to, last.soft = len(f.buf), soft
	f.rows = append(f.rows, row{from: len(f.buf)})
}

// mark puts the cursor where the next character goes.
func (f *frame) mark() { f.cursor = place{len(f.rows) - 1, f.last().width} }

// end closes the last row.
func (f *frame) end() {
	f.sgr("")
	f.last().to = len(f.buf)
}

// clip leaves so many rows, those around the cursor, and the first of them as near to top as can
// be. It returns which is the first.
func (f *frame) clip(height, top int) int {
	top = min(top, f.cursor.row, max(0, len(f.rows)-height))
	top = max(top, f.cursor.row-height+1, 0)
	end := min(len(f.rows), top+height)
	if end < len(f.rows) {
		f.rows[end-1].soft = false
	}
	f.rows = slices.Delete(f.rows[:end], 0, top)
	f.cursor.row -= top
	return top
}

// prompt appends a prompt, which may have colours of its own.
func (f *frame) prompt(prompt string, color bool) {
	style := ""
	for at := 0; at < len(prompt); {
		if n := sgrLength(prompt[at:]); n > 0 {
			switch seq := prompt[at : at+n]; {
			case seq == sgrReset || seq == "\x1b[m":
				style = ""
			case color:
				style += seq
			}
			at += n
			continue
		}
		at += f.putGlyph(glyphAt(prompt, at), style)
	}
	f.sgr("")
}

// sgrLength is the length of the colour that text begins with, 0 if it begins with none.
func sgrLength(text string) int {
	if !strings.HasPrefix(text, "\x1b[") {
		return 0
	}
	n := 2
	for n < len(text) && ('0' <= text[n] && text[n] <= '9' || text[n] == ';' || text[n] == ':') {
		n++
	}
	if n == len(text) || text[n] != 'm' {
		return 0
	}
	return n + 1
}

// promptWidth is how many cells a prompt takes.
func promptWidth(prompt string) int {
	width := 0
	for at := 0; at < len(prompt); {
		if n := sgrLength(prompt[at:]); n > 0 {
			at += n
			continue
		}
		g := glyphAt(prompt, at)
		width, at = width+g.width, at+g.size
	}
	return width
}

// appendCSI appends an escape sequence with a number, nothing if that is 0.
func appendCSI(b []byte, n int, letter byte) []byte {
	if n <= 0 {
		return b
	}
	b = strconv.AppendInt(append(b, "\x1b["...), int64(n), 10)
	return append(b, letter)
}

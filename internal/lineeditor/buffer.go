package lineeditor

import (
	"strings"
	"unicode/utf8"
)

// buffer is a text and where the cursor stands in it: never inside of what people take for one
// character. The bytes are the person's: what is no UTF-8 stays as it was typed.
type buffer struct {
	text string
	at   int
}

// insert puts a text at the cursor, which goes behind it.
func (b *buffer) insert(text string) { b.replace(b.at, b.at, text) }

// replace puts a text in the place of text[from:to], and the cursor behind it.
func (b *buffer) replace(from, to int, text string) {
	b.text = b.text[:from] + text + b.text[to:]
	b.at = from + len(text)
	b.settle()
}

// settle moves the cursor out of a character that it got into because two halves were joined.
func (b *buffer) settle() {
	if b.at < len(b.text) && b.at > 0 && (b.text[b.at] >= utf8.RuneSelf || b.text[b.at-1] >= utf8.RuneSelf) {
		if from := before(b.text, b.at); from+glyphAt(b.text, from).size > b.at {
			b.at = after(b.text, from)
		}
	}
}

// cut takes text[from:to] out, and leaves the cursor there.
func (b *buffer) cut(from, to int) string {
	gone := b.text[from:to]
	b.replace(from, to, "")
	return gone
}

func (b *buffer) left()  { b.at = before(b.text, b.at) }
func (b *buffer) right() { b.at = after(b.text, b.at) }

// atEnd reports whether the cursor stands behind everything.
func (b *buffer) atEnd() bool { return b.at == len(b.text) }

// rowStart and rowEnd are the bounds of the row that an offset is in.
func (b *buffer) rowStart(at int) int { return strings.LastIndexByte(b.text[:at], '\n') + 1 }

func (b *buffer) rowEnd(at int) int {
	if n := strings.IndexByte(b.text[at:], '\n'); n >= 0 {
		return at + n
	}
	return len(b.text)
}

// vertical moves the cursor a row up or down, as near to a column as that row has cells. It reports
// whether there is such a row.
func (b *buffer) vertical(down bool, column int) bool {
	start := b.rowStart(b.at)
	if down {
		if start = b.rowEnd(b.at) + 1; start > len(b.text) {
			return false
		}
	} else if start == 0 {
		return false
	} else {
		start = b.rowStart(start - 1)
	}
	end := b.rowEnd(start)
	for b.at = start; b.at < end && column > 0; {
		g := glyphAt(b.text, b.at)
		if column -= g.width; column >= 0 {
			b.at += g.size
		}
	}
	return true
}

// column is how many cells stand before the cursor in its row.
func (b *buffer) column() int { return widthOf(b.text[b.rowStart(b.at):b.at]) }

// transpose drags the character before the cursor over the one behind it, and at the end of a row
// over the one before.
func (b *buffer) transpose() {
	start, end := b.rowStart(b.at), b.rowEnd(b.at)
	middle := b.at
	if middle == end {
		middle = before(b.text, middle)
	}
	if middle <= start || middle == end {
		return
	}
	from, to := before(b.text, middle), after(b.text, middle)
	b.replace(from, to, b.text[middle:to]+b.text[from:middle])
}

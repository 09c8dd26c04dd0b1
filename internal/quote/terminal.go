package quote

import (
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Style is how text is to look.
type Style byte

// The styles.
const (
	// Line is one line of text: nothing in it moves the cursor but to the right.
	Line Style = iota
	// Lines is text that may have lines and tabs of its own: \n and \t stay, and \r\n is \n.
	Lines
	// Quoted is the inside of a string in double quotes, like [AppendEscaped] but with text that
	// people can read left readable. [Split] reads it back.
	Quoted
	// JSON is the inside of a JSON string. A byte that belongs to no character is written as the
	// character of that number, so that the JSON is valid whatever the bytes are.
	JSON
	// PipedJSON is JSON with every valid character left as it is: redis-cli's bytes, which are for
	// programs. It is the one style that is not fit for a terminal.
	PipedJSON
)

// Terminal stands between a server's bytes and a terminal. What it writes is printable UTF-8:
// letters, marks, numbers, signs and spaces pass; control characters (both forms of C1 too),
// what turns the direction of writing, what is invisible or unassigned, and what is no UTF-8 at all
// are written as escapes such as \x1b and \u202e. So a reply cannot move the cursor, set the title,
// make the terminal answer, or look like something it is not.
//
// Text may come in pieces, cut anywhere; [Terminal.Finish] ends it.
type Terminal struct {
	Style Style
	held  [utf8.UTFMax]byte // the beginning of something whose end has not come yet
	n     int
}

// AppendTerminal appends one line of text in a form that is safe on a terminal.
func AppendTerminal[T string | []byte](dst []byte, text T) []byte {
	var t Terminal
	return t.Finish(t.Append(dst, []byte(text)))
}

// Append appends a piece of text. It does not keep the piece.
func (t *Terminal) Append(dst, text []byte) []byte {
	if t.n > 0 {
		if dst, text = t.resume(dst, text); len(text) == 0 {
			return dst
		}
	}
	from := 0
	for i := 0; i < len(text); {
		if class[text[i]]&isPlain != 0 || t.passes(text[i]) {
			i++
			continue
		}
		dst = append(dst, text[from:i]...)
		if !t.complete(text[i:]) {
			t.n = copy(t.held[:], text[i:])
			return dst
		}
		var size int
		dst, size = t.appendRune(dst, text[i:])
		i += size
		from = i
	}
	return append(dst, text[from:]...)
}

// resume completes the held beginning from the new text, and returns what is left of that. A byte
// that does not continue it may begin a character of its own, so this goes on while anything is
// held.
func (t *Terminal) resume(dst, text []byte) ([]byte, []byte) {
	for t.n > 0 && len(text) > 0 {
		t.held[t.n] = text[0]
		t.n++
		text = text[1:]
		for t.n > 0 && t.complete(t.held[:t.n]) {
			var size int
			dst, size = t.appendRune(dst, t.held[:t.n])
			t.n = copy(t.held[:], t.held[size:t.n])
		}
	}
	return dst, text
}

// complete reports whether the character at the beginning of text can be told without what follows.
func (t *Terminal) complete(text []byte) bool {
	if text[0] == '\r' && t.Style == Lines {
		return len(text) > 1
	}
	return utf8.FullRune(text)
}

// Finish ends the text: a character that was cut off is shown by its bytes. The Terminal is ready
// for the next text.
func (t *Terminal) Finish(dst []byte) []byte {
	for _, c := range t.held[:t.n] {
		dst = t.appendByte(dst, c)
	}
	t.n = 0
	return dst
}

// passes reports whether a byte stands for itself.
func (t *Terminal) passes(c byte) bool {
	if class[c]&isPlain != 0 {
		return true
	}
	switch t.Style {
	case Line:
		return c == '"' || c == '\\'
	case Lines:
		return c == '\n' || c == '\t' || c == '"' || c == '\\'
	case PipedJSON:
		return c == 0x7f
	}
	return false
}

// appendRune appends the first character of text, or its first byte if that begins none.
func (t *Terminal) appendRune(dst, text []byte) ([]byte, int) {
	if t.passes(text[0]) {
		return append(dst, text[0]), 1
	}
	if text[0] == '\r' && t.Style == Lines && len(text) > 1 && text[1] == '\n' {
		return dst, 1
	}
	r, size := utf8.DecodeRune(text)
	switch {
	case size == 1:
		return t.appendByte(dst, text[0]), 1
	case t.Style == PipedJSON || unicode.IsGraphic(r):
		return append(dst, text[:size]...), size
	case t.Style == Quoted: // \u would not be read back
		return AppendEscaped(dst, text[:size]), size
	case t.Style == JSON && r > 0xffff:
		high, low := utf16.EncodeRune(r)
		return appendRuneEscape(appendRuneEscape(dst, high), low), size
	}
	return appendRuneEscape(dst, r), size
}

// appendByte appends one byte that cannot stand for itself.
func (t *Terminal) appendByte(dst []byte, c byte) []byte {
	if t.Style != JSON && t.Style != PipedJSON {
		return appendEscape(dst, c)
	}
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	}
	return appendRuneEscape(dst, rune(c))
}

// appendRuneEscape appends \u202e, or \U000e0041 where four digits are not enough.
func appendRuneEscape(dst []byte, r rune) []byte {
	shift := 12
	if r <= 0xffff {
		dst = append(dst, '\\', 'u')
	} else {
		dst, shift = append(dst, '\\', 'U'), 28
	}
	for ; shift >= 0; shift -= 4 {
		dst = append(dst, hexDigits[r>>shift&15])
	}
	return dst
}

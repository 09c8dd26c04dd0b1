package render

import (
	"easycli/internal/quote"
	"easycli/internal/resp"
)

// maxJSONDepth bounds the indent of JSON.
const maxJSONDepth = 64

// jsonDepth is how deep valid JSON nests.
func jsonDepth(text []byte) int {
	depth, deepest := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i += jsonString(text[i:]) - 1
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
		case '}', ']':
			depth--
		}
	}
	return deepest
}

// jsonString is the length of the string that text, which is valid JSON, begins with.
func jsonString(text []byte) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// prettyJSON writes valid JSON a member a line, in the order it has. Nothing of it is changed but the
// blanks between, and what a terminal must not get.
func (h *humanForm) prettyJSON(text []byte) {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case ' ', '\t', '\r', '\n':
		case '{', '[':
			h.out.byte(c)
			if next := nextJSON(text, i+1); text[next] == c+2 { // the closing one
				h.out.byte(text[next])
				i = next
				break
			}
			depth++
			h.jsonLine(depth)
		case '}', ']':
			depth--
			h.jsonLine(depth)
			h.out.byte(c)
		case ',':
			h.out.byte(c)
			h.jsonLine(depth)
		case ':':
			h.out.string(": ")
		default:
			i = h.jsonScalar(text, i)
		}
	}
}

func (h *humanForm) jsonLine(depth int) {
	h.newLine()
	h.out.spaces(2 * depth)
}

// jsonScalar writes the scalar at a place, and returns the place of its last byte.
func (h *humanForm) jsonScalar(text []byte, i int) int {
	end, paint := i, &h.paint.of[resp.Integer]
	if text[i] == '"' {
		end += jsonString(text[i:])
		paint = &h.paint.text
		if next := nextJSON(text, end); next < len(text) && text[next] == ':' {
			paint = &h.paint.field
		}
	} else {
		for end < len(text) && !isJSONEnd(text[end]) {
			end++
		}
		if text[i] == 'n' {
			paint = &h.paint.of[resp.Null]
		}
	}
	h.out.string(paint.on)
	h.guard.print(h.out, quote.Line, text[i:end], false)
	h.out.string(paint.off)
	return end - 1
}

// nextJSON is the place of the next byte from i on that is no blank.
func nextJSON(text []byte, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\t' || text[i] == '\r' || text[i] == '\n') {
		i++
	}
	return i
}

// isJSONEnd reports whether a number or a word ends before c.
func isJSONEnd(c byte) bool {
	switch c {
	case ' ', '\t', '\r', '\n', ',', ']', '}', ':':
		return true
	}
	return false
}

// hexDump writes bytes sixteen a line: the place of the first, all of them in hexadecimal, and those
// that are printable ASCII. Where the terminal is narrow there are eight.
func (h *humanForm) hexDump(b []byte) {
	const digits = "0123456789abcdef"
	row := 16
	if h.width-h.inside() < 78 {
		row = 8
	}
	for at := 0; at < len(b); at += row {
		if at > 0 {
			h.newLine()
		}
		h.scratch = h.scratch[:0]
		for shift := 28; shift >= 0; shift -= 4 {
			h.scratch = append(h.scratch, digits[at>>shift&15])
		}
		h.out.string(h.paint.aside.on)
		h.out.bytes(h.scratch)
		h.out.string(h.paint.aside.off)
		h.scratch = h.scratch[:0]
		for i := at; i < at+row; i++ {
			if i%8 == 0 {
				h.scratch = append(h.scratch, ' ')
			}
			if i < len(b) {
				h.scratch = append(h.scratch, ' ', digits[b[i]>>4], digits[b[i]&15])
			} else {
				h.scratch = append(h.scratch, "   "...)
			}
		}
		h.scratch = append(h.scratch, "  |"...)
		for _, c := range b[at:min(at+row, len(b))] {
			if c < ' ' || c > '~' {
				c = '.'
			}
			h.scratch = append(h.scratch, c)
		}
		h.out.bytes(append(h.scratch, '|'))
	}
}

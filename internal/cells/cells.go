// Package cells knows how text fills the cells of a terminal.
//
// It guarantees one answer for everybody who draws: what people take for one character (a grapheme
// cluster: a letter with its accents, an emoji with its modifiers, a flag) is never cut, and its width
// is what terminals give it, 0, 1 or 2 cells. It refuses to know escape sequences: text that has some
// is for its writer to measure without them, and control characters have no width here.
package cells

import (
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// Width is how many cells text takes, in one line.
func Width(text string) int { return displaywidth.String(text) }

// First is the first character of text, as people count characters, and how many cells it takes.
// It is empty for an empty text.
func First(text string) (character string, width int) {
	if len(text) > 1 && isPlain(text[0]) && isPlain(text[1]) { // nothing joins the two
		return text[:1], 1
	}
	all := displaywidth.StringGraphemes(text)
	if !all.Next() {
		return "", 0
	}
	return all.Value(), all.Width()
}

// isPlain reports whether c is a printable ASCII character.
func isPlain(c byte) bool { return ' ' <= c && c < 0x7f }

// Cut is as much of the beginning of text as fits into so many cells, and how many it takes.
func Cut(text string, room int) (cut string, width int) {
	at := 0
	for at < len(text) {
		character, w := First(text[at:])
		if width+w > room {
			break
		}
		at, width = at+len(character), width+w
	}
	return text[:at], width
}

// Clip is text if it fits into so many cells, and otherwise what fits of it with an ellipsis behind; and
// how many cells that takes.
func Clip(text string, room int) (clipped string, width int) {
	cut, width := Cut(text, room)
	if len(cut) == len(text) {
		return text, width
	}
	if room <= 0 {
		return "", 0
	}
	cut, width = Cut(text, room-1)
	return cut + "…", width + 1
}

// Fit is text in exactly so many cells: clipped, or with blanks behind.
func Fit(text string, room int) string {
	text, width := Clip(text, room)
	return text + strings.Repeat(" ", max(0, room-width))
}

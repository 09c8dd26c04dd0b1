package lineeditor

import (
	"unicode"
	"unicode/utf8"

	"easycli/internal/cells"
)

// tabWidth is how many blanks a tab is drawn as, wherever it stands.
const tabWidth = 4

// glyph is one character of a text and what is drawn for it. An odd one is drawn reversed: it stands
// for something that cannot be shown as it is, and that must not reach the terminal.
type glyph struct {
	shown string
	width int
	size  int // in bytes of the text
	odd   bool
}

// glyphAt is the character at an offset before the text's end. A newline has no cells: a row ends there.
func glyphAt(text string, at int) glyph {
	c := text[at]
	if size, width := plain(text[at:]); width > 0 {
		if next, _ := plain(text[at+size:]); next > 0 || at+size == len(text) {
			return glyph{shown: text[at : at+size], width: width, size: size}
		}
	}
	switch {
	case c == '\n':
		return glyph{size: 1}
	case c == '\t':
		return glyph{shown: "    ", width: tabWidth, size: 1}
	case c < ' ':
		return glyph{shown: "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_"[c : c+1], width: 1, size: 1, odd: true}
	case c == 0x7f:
		return glyph{shown: "?", width: 1, size: 1, odd: true}
	}
	shown, width := cells.First(text[at:])
	r, n := utf8.DecodeRuneInString(shown)
	if r == utf8.RuneError && n == 1 { // its first byte alone, so that each can be taken out
		return glyph{shown: "?", width: 1, size: 1, odd: true}
	}
	if width == 0 || !unicode.IsGraphic(r) || !utf8.ValidString(shown) {
		return glyph{shown: "?", width: 1, size: len(shown), odd: true}
	}
	return glyph{shown: shown, width: width, size: len(shown)}
}

// plain is the size and width of the first rune of text if it is one that nothing else of the kind
// joins: ASCII, where controls have no width, and the letters that most long texts are made of. The
// size is 0 for all others. It is here because looking for grapheme clusters is slow.
func plain(text string) (size, width int) {
	if text == "" {
		return 0, 0
	}
	if c := text[0]; c < utf8.RuneSelf {
		if c < ' ' || c == 0x7f {
			return 1, 0
		}
		return 1, 1
	}
	switch r, size := utf8.DecodeRuneInString(text); {
	case 0xc0 <= r && r <= 0x24f, 0x391 <= r && r <= 0x3a1, 0x3b1 <= r && r <= 0x3c9, 0x410 <= r && r <= 0x44f:
		return size, 1
	case 0x3041 <= r && r <= 0x3096, 0x30a1 <= r && r <= 0x30fa, 0x4e00 <= r && r <= 0x9fff, 0xac00 <= r && r <= 0xd7a3:
		return size, 2
	}
	return 0, 0
}

// isBreak reports whether a character begins at text[i] whatever stands before: nothing joins two
// bytes of ASCII, but the two that end a line elsewhere, which are two characters here.
func isBreak(text string, i int) bool {
	return i == 0 || text[i] < utf8.RuneSelf && text[i-1] < utf8.RuneSelf
}

// farBack is how far back the beginning of a character is looked for.
const farBack = 4096

// before is where the character ends begins: the last one before at.
func before(text string, at int) int {
	if at <= 0 {
		return 0
	}
	from := at - 1
	for from > 0 && !isBreak(text, from) && at-from < farBack {
		from--
	}
	for from > 0 && !utf8.RuneStart(text[from]) && at-from < farBack+utf8.UTFMax {
		from--
	}
	for {
		size := glyphAt(text, from).size
		if from+size >= at {
			return from
		}
		from += size
	}
}

// after is where the character at an offset ends.
func after(text string, at int) int {
	if at >= len(text) {
		return len(text)
	}
	return at + glyphAt(text, at).size
}

// widthOf is how many cells a row of text takes.
func widthOf(text string) int {
	width := 0
	for at := 0; at < len(text); {
		g := glyphAt(text, at)
		width, at = width+g.width, at+g.size
	}
	return width
}

package lineeditor

import (
	"unicode"
	"unicode/utf8"
)

// isWord reports whether a character belongs to a word, as the keys that go by words see them:
// "user:1" has two.
func isWord(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r)
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }

// wordBefore is where the word begins that the cursor is in or behind.
func (b *buffer) wordBefore() int {
	at := b.at
	for inside := false; at > 0; {
		from := before(b.text, at)
		if isWord(b.text[from:at]) {
			inside = true
		} else if inside {
			break
		}
		at = from
	}
	return at
}

// wordAfter is where the word ends that the cursor is in or before.
func (b *buffer) wordAfter() int { return wordAfter(b.text, b.at) }

func wordAfter(text string, at int) int {
	for inside := false; at < len(text); {
		to := after(text, at)
		if isWord(text[at:to]) {
			inside = true
		} else if inside {
			break
		}
		at = to
	}
	return at
}

// blankBefore is where the argument begins that the cursor is in or behind: what stands between
// blanks.
func (b *buffer) blankBefore() int {
	at := b.at
	for at > 0 && isBlank(b.text[at-1]) {
		at--
	}
	for at > 0 && !isBlank(b.text[at-1]) {
		at--
	}
	return at
}

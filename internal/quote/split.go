// Package quote turns a line into words and bytes into text.
//
// Going in, it splits a line the way redis-cli's prompt does. Going out, it writes bytes as the
// quoted string redis-cli shows, or as text that is safe on a terminal. It guarantees that what it
// quotes it reads back: Split(Append(nil, w), nil) is w for any bytes, and so is what a [Terminal]
// in [Quoted] style writes. A line is bytes: nothing is special about NUL or about bytes that are
// no UTF-8. It refuses to know what a word means, so there are no comments, no line continuations
// and no command names here.
//
//   - [Splitter] splits line after line without allocating; [Split] splits one, [Unquote] one word.
//   - [Append] quotes, [AppendEscaped] is its inside, for text that comes in pieces.
//   - [Terminal] is what stands between a server's bytes and a terminal.
package quote

import (
	"slices"
	"strconv"
)

// Error says why a line could not be split, and where.
type Error struct {
	// Offset is the index in the line of the quote that is never closed, or of the first byte that
	// stands where a closed quote must end the word.
	Offset int
	// Unclosed tells the two reasons apart.
	Unclosed bool
}

// Error counts bytes from 1, as people do.
func (e *Error) Error() string {
	at := " at byte " + strconv.Itoa(e.Offset+1)
	if e.Unclosed {
		return "unbalanced quote" + at
	}
	return "text after a closing quote" + at
}

// keep is what a Splitter holds on to between two lines; what one huge line took beyond it is let go.
const keep = 1 << 20

// Splitter splits lines into words; it allocates nothing once it has seen lines of the usual kind.
type Splitter struct {
	words [][]byte
	own   []byte // the words that had to be unquoted
}

// Split is the words of a line. They are valid until the next call: a word lies in the line itself
// where it stands there as it is, bare or within quotes, and in the splitter where it does not.
func (s *Splitter) Split(line []byte) ([][]byte, error) {
	if cap(s.own) > keep {
		s.own = nil
	}
	if cap(s.words) > keep/24 {
		s.words = nil
	}
	words, own, err := split(line, s.words[:0], s.own[:0])
	s.words, s.own = words, own
	if err != nil {
		return nil, err
	}
	return words, nil
}

// Split appends the words of a line to words. A word lies in the line where it stands there as it
// is; one that had to be unquoted has bytes of its own. A line that cannot be split has no words
// at all.
func Split(line []byte, words [][]byte) ([][]byte, error) {
	split, _, err := split(line, words, nil)
	if err != nil {
		return words, err
	}
	return split, nil
}

// split appends the line's words to words and the bytes that had to be unquoted to own.
func split(line []byte, words [][]byte, own []byte) ([][]byte, []byte, error) {
	for i := 0; ; {
		for i < len(line) && class[line[i]]&isSpace != 0 {
			i++
		}
		if i == len(line) {
			return words, own, nil
		}
		start := i
		for i < len(line) && class[line[i]]&(endsBare|isQuote) == 0 {
			i++
		}
		if i == len(line) || class[line[i]]&isQuote == 0 {
			words = append(words, line[start:i:i])
			continue
		}
		var word []byte
		var err error
		if word, i, own, err = quoted(line, start, i, own); err != nil {
			return words, own, err
		}
		words = append(words, word)
	}
}

// quoted reads the word line[start:], whose first quote is at open, and says where it ends. The
// quote's closing ends the word, so a word has one quoted part, at its end.
func quoted(line []byte, start, open int, own []byte) ([]byte, int, []byte, error) {
	quote := line[open]
	i := open + 1
	for i < len(line) && line[i] != quote && line[i] != '\\' {
		i++
	}
	if start == open && i < len(line) && line[i] == quote {
		return line[open+1 : i : i], i + 1, own, closed(line, i+1)
	}
	if cap(own)-len(own) < len(line)-start { // a word never grows when it is unquoted
		own = slices.Grow(own, len(line)-start)
	}
	from := len(own)
	own = append(own, line[start:open]...)
	own = append(own, line[open+1:i]...)
	for i < len(line) && line[i] != quote {
		b, n := unescape(line[i:], quote)
		own, i = append(own, b), i+n
	}
	if i >= len(line) {
		return nil, i, own, &Error{Offset: open, Unclosed: true}
	}
	return own[from:len(own):len(own)], i + 1, own, closed(line, i+1)
}

// closed refuses text right behind a closing quote.
func closed(line []byte, i int) error {
	if i < len(line) && class[line[i]]&isSpace == 0 {
		return &Error{Offset: i}
	}
	return nil
}

// unescape reads one byte within quotes and says how many bytes of text it took. A backslash takes
// the next byte with it even if that is the closing quote; at the end of the line it stands for
// itself.
func unescape(text []byte, quote byte) (b byte, n int) {
	if text[0] != '\\' || len(text) == 1 {
		return text[0], 1
	}
	c := text[1]
	if quote == '\'' {
		if c == '\'' {
			return c, 2
		}
		return '\\', 1
	}
	switch c {
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'b':
		return '\b', 2
	case 'a':
		return '\a', 2
	case 'x':
		if len(text) >= 4 && class[text[2]]&class[text[3]]&isHex != 0 {
			return nibble(text[2])<<4 | nibble(text[3]), 4
		}
	}
	return c, 2
}

// Unquote is the one word that arg must be, which is how redis-cli reads every argument under
// --quoted-input. The word lies in arg where nothing had to be unquoted.
func Unquote(arg []byte) (word []byte, ok bool) {
	words, err := Split(arg, make([][]byte, 0, 2))
	if err != nil || len(words) != 1 {
		return nil, false
	}
	return words[0], true
}

// nibble is the value of a hex digit.
func nibble(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&^0x20 - 'A' + 10
}

package bulk

import (
	"bytes"
	"errors"

	"easycli/internal/quote"
)

// textScanner finds commands in text: one a line, in words as at redis-cli's prompt. Blank lines
// and lines that begin with # are passed over.
type textScanner struct {
	lines  int64 // lines passed
	looked int   // bytes of the line at hand that hold no end of line
	words  quote.Splitter
}

func (s *textScanner) line() int64 { return s.lines + 1 }

func (s *textScanner) next(f *feeder, in []byte) (int, error) {
	size := bytes.IndexByte(in[s.looked:], '\n')
	line := in
	switch {
	case size >= 0:
		size += s.looked
		line = in[:size]
		size++
	case f.eof:
		size = len(in)
	default:
		looked := s.looked
		s.looked = len(in)
		return 0, s.promising(f, in, looked)
	}
	s.looked = 0
	if err := s.encode(f, line); err != nil {
		return 0, err
	}
	s.lines++
	return size, nil
}

// The longest line, of which a single word may be that long on most servers, and how much of a long
// one shows whether it is a command at all.
const (
	maxLine   = maxBulk + 1<<20
	longStart = 64 << 10
)

// promising refuses a line whose end has not come when it is no command, or too long to be held: a
// file of another kind may have no ends of line at all.
func (s *textScanner) promising(f *feeder, in []byte, looked int) error {
	switch {
	case len(in) > maxLine:
		return f.errorf(0, "a line of more than %d bytes\nas RESP, a command may have any length", maxLine)
	case looked >= longStart || len(in) < longStart || firstByte(in[:longStart]) == '#':
		return nil
	}
	name := bytes.TrimLeft(in[:longStart], " \t\v\f\r")
	if end := bytes.IndexAny(name, " \t\"'"); end >= 0 {
		name = name[:end]
	}
	if len(name) > 0 && notInName(name) >= 0 {
		return f.errorf(0, "this is no command%s", elsewhere(in))
	}
	return nil
}

// encode appends the command on the line, if there is one, to the block.
func (s *textScanner) encode(f *feeder, line []byte) error {
	if begins := firstByte(line); begins == ' ' || begins == '#' {
		return nil
	}
	words, err := s.words.Split(line)
	if err != nil {
		var where *quote.Error
		if errors.As(err, &where) {
			if guess := elsewhere(line); guess != "" {
				return f.errorf(0, "%v%s", err, guess)
			}
			return f.errorf(0, "%v\n%s", err, quoteAdvice(line[where.Offset:]))
		}
		return err
	}
	if len(words) == 0 {
		return nil
	}
	if notInName(words[0]) >= 0 || f.next.Number == 1 && isSQL(line) {
		return f.errorf(0, "this is no command%s", elsewhere(line))
	}
	return f.take(words)
}

// quoteAdvice says how the quote that stands where a line could not be split is written.
func quoteAdvice(at []byte) string {
	switch {
	case at[0] == '\'':
		return `a word with a ' in it is written "it's"`
	case at[0] == '"':
		return `a word with a " in it is written 'say "hi"' or "say \"hi\""`
	}
	return `a blank must follow the quote that ends a word; one with a " in it is written '{"a": 1}'`
}

// atRESP reports whether RESP begins here: from there on the input is to be nothing else.
func (*textScanner) atRESP(in []byte) bool {
	return len(in) > 1 && in[0] == '*' && in[1]-'0' <= 9
}

// firstByte is the first byte of a line that is no blank, and a blank if there is none.
func firstByte(line []byte) byte {
	for _, c := range line {
		if c != ' ' && (c < '\t' || c > '\r') {
			return c
		}
	}
	return ' '
}

// notInName is the place of the first byte that stands in no command's name: names are letters,
// digits and the separators that modules use. It is 0 for an empty word and -1 for a name.
func notInName(word []byte) int {
	for i, c := range word {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' && c != ':' && c != '|' {
			return i
		}
	}
	if len(word) == 0 {
		return 0
	}
	return -1
}

package bulk

import (
	"bytes"
	"strconv"
)

// respScanner finds commands in RESP: arrays of bulk strings. What has been seen of a command that
// is not whole yet is not looked at again.
type respScanner struct {
	pos  int    // how far into the command
	left int    // words that have not been seen yet
	n    int    // words in all
	name [2]int // where the first word is
	key  [2]int // where the one is that the feeder takes for the key
}

func (s *respScanner) line() int64 { return 0 }

func (s *respScanner) next(f *feeder, in []byte) (int, error) {
	if s.pos == 0 && in[0] == '#' {
		return annotation(f, in)
	}
	whole, err := s.advance(f, in)
	if err != nil || !whole {
		return 0, err
	}
	size := s.pos
	s.pos = 0
	if s.n == 0 {
		return size, nil // the server says nothing to an empty command
	}
	name := in[s.name[0]:s.name[1]]
	switch known := f.isKnown(name, s.n); {
	case known && f.skips():
		f.passed()
		return size, nil
	case known && f.over == nil:
		err = f.pushKnown(in[s.key[0]:s.key[1]])
	default:
		f.words = commandWords(f.words[:0], in[:size])
		if f.over != nil {
			if over, err := f.leavesOut(f.words); over || err != nil {
				return size, err
			}
		}
		err = f.begin(f.words)
	}
	if err != nil {
		return 0, err
	}
	f.block.wire = append(f.block.wire, in[:size]...)
	return size, nil
}

// longestAnnotation is more than a server writes.
const longestAnnotation = 1 << 10

// annotation passes over a line that an AOF has between two commands, such as #TS:1628217470.
func annotation(f *feeder, in []byte) (int, error) {
	if end := bytes.IndexByte(in[:min(len(in), longestAnnotation)], '\n'); end >= 0 {
		return end + 1, nil
	}
	if len(in) < longestAnnotation {
		if f.eof {
			return len(in), nil
		}
		return 0, nil
	}
	return 0, f.errorf(0, "RESP needs '*' here, not '#'")
}

// advance goes on through the command, as far as the input reaches.
func (s *respScanner) advance(f *feeder, in []byte) (whole bool, err error) {
	if s.pos == 0 {
		n, end, err := s.header(f, in, 0, '*')
		if err != nil || end == 0 {
			return false, err
		}
		s.pos, s.n, s.left = end, max(n, 0), max(n, 0)
	}
	for s.left > 0 {
		n, end, err := s.header(f, in, s.pos, '$')
		if err != nil || end == 0 {
			return false, err
		}
		if n < 0 {
			return false, f.errorf(s.pos, "a word of a command cannot be null")
		}
		if end+n+2 > len(in) {
			return false, nil
		}
		if in[end+n] != '\r' || in[end+n+1] != '\n' {
			return false, f.errorf(end+n, "no CRLF behind a word of %d bytes: its length is wrong", n)
		}
		if s.left == s.n {
			s.name = [2]int{end, end + n}
		}
		if s.n-s.left == f.keyAt {
			s.key = [2]int{end, end + n}
		}
		s.pos = end + n + 2
		s.left--
	}
	return true, nil
}

// header reads the line of a count or a length that begins at that place, and returns the number
// and the place behind it; that is 0 if the line is not whole yet.
func (s *respScanner) header(f *feeder, in []byte, at int, wire byte) (n, end int, err error) {
	if at >= len(in) {
		return 0, 0, nil
	}
	if in[at] != wire {
		return 0, 0, f.errorf(at, "RESP needs %q here, not %s%s", wire, show(in[at]), elsewhere(in[at:]))
	}
	i := at + 1
	for ; i < len(in) && in[i]-'0' <= 9 && i-at <= 11; i++ {
		n = n*10 + int(in[i]-'0')
	}
	switch {
	case i < len(in) && in[i] == '-' && i == at+1:
		if end := i + len("-1\r\n"); end > len(in) {
			return 0, 0, nil
		} else if string(in[i:end]) == "-1\r\n" {
			return -1, end, nil
		}
	case i+1 >= len(in) && (i == len(in) || in[i] == '\r'):
		return 0, 0, nil
	case i > at+2 && in[at+1] == '0': // a server takes no leading zeros
	case i > at+1 && in[i] == '\r' && in[i+1] == '\n':
		return n, i + 2, nil
	case i > at+1 && in[i] == '\n':
		return 0, 0, f.errorf(i, "RESP lines end in CRLF, this one in LF alone\n"+
			"if no value holds a line end, this restores it: sed 's/$/\\r/' FILE | easycli --pipe")
	}
	return 0, 0, f.errorf(i, "this is no length")
}

// commandWords appends the words of a whole command in RESP.
func commandWords(words [][]byte, wire []byte) [][]byte {
	for at := bytes.IndexByte(wire, '\n') + 1; at < len(wire) && wire[at] == '$'; {
		n := 0
		for at++; wire[at] != '\r'; at++ {
			n = n*10 + int(wire[at]-'0')
		}
		words = append(words, wire[at+2:at+2+n])
		at += 2 + n + 2
	}
	return words
}

// show is a byte of the input as a message shows it.
func show(b byte) string { return strconv.QuoteToASCII(string([]byte{b})) }

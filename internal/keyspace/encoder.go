package keyspace

import (
	"strconv"

	"easycli/internal/quote"
)

// encoder writes commands, as RESP or as lines of text. A command is opened with its number of
// words, which are then written one by one or, a long one, in parts.
type encoder struct{ text bool }

func (e encoder) open(dst []byte, words int, verb string) []byte {
	if e.text {
		return append(dst, verb...)
	}
	dst = append(dst, '*')
	dst = strconv.AppendInt(dst, int64(words), 10)
	dst = append(dst, "\r\n"...)
	return e.appendString(dst, verb)
}

func (e encoder) appendString(dst []byte, word string) []byte {
	if e.text {
		return append(append(dst, ' '), word...) // our own words need no quotes
	}
	dst = e.begin(dst, int64(len(word)))
	dst = append(dst, word...)
	return e.end(dst)
}

func (e encoder) appendInt(dst []byte, n int64) []byte {
	var digits [20]byte
	return e.appendWord(dst, strconv.AppendInt(digits[:0], n, 10))
}

func (e encoder) appendWord(dst, word []byte) []byte {
	if e.text && isPlain(word) {
		return append(append(dst, ' '), word...)
	}
	dst = e.begin(dst, int64(len(word)))
	dst = e.part(dst, word)
	return e.end(dst)
}

// begin, part and end write a word whose size is known in advance.
func (e encoder) begin(dst []byte, size int64) []byte {
	if e.text {
		return append(dst, ` "`...)
	}
	dst = append(dst, '$')
	dst = strconv.AppendInt(dst, size, 10)
	return append(dst, "\r\n"...)
}

func (e encoder) part(dst, text []byte) []byte {
	if e.text {
		return quote.AppendEscaped(dst, text)
	}
	return append(dst, text...)
}

func (e encoder) end(dst []byte) []byte {
	if e.text {
		return append(dst, '"')
	}
	return append(dst, "\r\n"...)
}

// close ends the command.
func (e encoder) close(dst []byte) []byte {
	if e.text {
		return append(dst, '\n')
	}
	return dst
}

// isPlain reports whether a word can stand without quotes.
func isPlain(word []byte) bool {
	if len(word) == 0 || len(word) > 256 {
		return false
	}
	for _, c := range word {
		if !plainBytes[c] {
			return false
		}
	}
	return true
}

var plainBytes = func() (plain [256]bool) {
	for c := range plain {
		plain[c] = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
	}
	for _, c := range "_:.-+/@,*=" {
		plain[c] = true
	}
	return plain
}()

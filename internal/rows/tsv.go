package rows

import (
	"bytes"
	"errors"
	"fmt"
)

// tsv reads a line of TSV.
type tsv struct {
	looked int // bytes of the line at hand that hold no end of line
	spans  []span
	begun  bool
	crlf   bool // lines end in CRLF: the first did
}

func (t *tsv) fields() []span { return t.spans }

func (t *tsv) scan(in []byte, eof bool) (size, lines int, err error) {
	n := bytes.IndexByte(in[t.looked:], '\n')
	switch {
	case n >= 0:
		n += t.looked
		size = n + 1
	case eof:
		n, size = len(in), len(in)
	default:
		t.looked = len(in)
		return 0, 0, nil
	}
	t.looked = 0
	line := in[:n]
	if !t.begun {
		t.begun, t.crlf = true, bytes.HasSuffix(line, cr)
	}
	if t.crlf {
		line = bytes.TrimSuffix(line, cr)
	}
	t.spans = t.spans[:0]
	for from := 0; len(line) > 0; {
		end := bytes.IndexByte(line[from:], '\t')
		if end < 0 {
			t.spans = append(t.spans, span{from: from, to: len(line)})
			break
		}
		if len(t.spans) == maxFields {
			return 0, 0, errManyFields
		}
		t.spans = append(t.spans, span{from: from, to: from + end})
		from += end + 1
	}
	return size, 1, nil
}

var cr = []byte("\r")

func (t *tsv) text(in []byte, field span, own []byte) (value, []byte, error) {
	text := in[field.from:field.to]
	at := bytes.IndexByte(text, '\\')
	if at < 0 {
		return value{text: text, kind: some}, own, nil
	}
	if string(text) == `\N` {
		return value{kind: null}, own, nil
	}
	from := len(own)
	for ; at >= 0; at = bytes.IndexByte(text, '\\') {
		own = append(own, text[:at]...)
		if at+1 == len(text) {
			return value{}, own, errors.New(`a backslash at its end; one is written \\`)
		}
		b, ok := unescapeTSV(text[at+1])
		if !ok {
			return value{}, own, fmt.Errorf(`\%c means nothing; a backslash is written \\`, text[at+1])
		}
		own = append(own, b)
		text = text[at+2:]
	}
	own = append(own, text...)
	return value{text: own[from:len(own):len(own)], kind: some}, own, nil
}

// unescapeTSV is what a letter behind a backslash stands for.
func unescapeTSV(c byte) (b byte, ok bool) {
	switch c {
	case 't':
		return '\t', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case '\\':
		return '\\', true
	case '0':
		return 0, true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'v':
		return '\v', true
	}
	return 0, false
}

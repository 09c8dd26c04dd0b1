package rows

import (
	"bytes"
	"fmt"
)

// maxFields is how many columns a table may have: it bounds the memory for a row.
const maxFields = 100_000

var errManyFields = fmt.Errorf("more than %d fields", maxFields)

// csv reads a record of CSV.
type csv struct {
	comma byte
	stops [256]bool // what ends a run of a bare field
	pos   int       // how far into the record
	state csvState
	field span // the one at hand
	spans []span
	lines int // ends of line within quotes
	whole bool
}

type csvState byte

const (
	fieldStart csvState = iota
	inBare
	inQuotes
	behindQuote // which may have been the first of two
	behindCR    // behind a quote
)

func newCSV(comma byte) *csv {
	c := &csv{comma: comma}
	c.stops[comma], c.stops['\n'], c.stops['"'] = true, true, true
	return c
}

func (c *csv) fields() []span { return c.spans }

func (c *csv) scan(in []byte, eof bool) (size, lines int, err error) {
	if c.whole {
		*c = csv{comma: c.comma, stops: c.stops, spans: c.spans[:0]}
	}
	for c.pos < len(in) && !c.whole {
		if err := c.step(in); err != nil {
			return 0, 0, err
		}
	}
	if !c.whole && eof {
		if err := c.end(in); err != nil {
			return 0, 0, err
		}
	}
	if !c.whole {
		return 0, 0, nil
	}
	if len(c.spans) == 1 && c.spans[0].from == c.spans[0].to && !c.spans[0].quoted {
		c.spans = c.spans[:0] // a blank line
	}
	return c.pos, c.lines + 1, nil
}

// step takes the next run of bytes that mean the same.
func (c *csv) step(in []byte) error {
	switch c.state {
	case fieldStart:
		c.field = span{from: c.pos}
		c.state = inBare
		if in[c.pos] == '"' {
			c.pos++
			c.field = span{from: c.pos, quoted: true}
			c.state = inQuotes
		}
	case inBare:
		pos := c.pos
		for pos < len(in) && !c.stops[in[pos]] {
			pos++
		}
		c.pos = pos
		if pos < len(in) {
			return c.separator(in, in[pos])
		}
	case inQuotes:
		n := bytes.IndexByte(in[c.pos:], '"')
		if n < 0 {
			n = len(in) - c.pos
		} else {
			c.state = behindQuote
		}
		c.lines += bytes.Count(in[c.pos:c.pos+n], newline)
		c.pos += n
		if c.state == behindQuote {
			c.field.to = c.pos
			c.pos++
		}
	case behindQuote, behindCR:
		return c.separator(in, in[c.pos])
	}
	return nil
}

var newline = []byte("\n")

// separator deals with the byte that ends a bare field, or that follows a quote.
func (c *csv) separator(in []byte, b byte) error {
	switch {
	case b == '\n':
		c.close(in)
		c.whole = true
	case c.state == behindCR:
		return c.errorf(behindText)
	case b == c.comma:
		c.close(in)
		c.state = fieldStart
		if len(c.spans) >= maxFields {
			return errManyFields
		}
	case c.state == inBare:
		return c.errorf("a quote inside of a field: such a field is in quotes, and its quotes are written twice")
	case b == '"':
		c.field.escaped = true
		c.state = inQuotes
	case b == '\r':
		c.state = behindCR
	default:
		return c.errorf(behindText)
	}
	c.pos++
	return nil
}

const behindText = "text behind a closing quote: a quote inside of quotes is written twice"

// close ends the field at hand. A CR at its end belongs to the end of the line.
func (c *csv) close(in []byte) {
	if !c.field.quoted {
		c.field.to = c.pos
		if c.field.to > c.field.from && in[c.field.to-1] == '\r' && (c.pos == len(in) || in[c.pos] == '\n') {
			c.field.to--
		}
	}
	c.spans = append(c.spans, c.field)
}

// end is the end of the input, which may take the place of the last end of line.
func (c *csv) end(in []byte) error {
	switch c.state {
	case inQuotes:
		return c.errorf("the quote that opens it is never closed")
	case fieldStart:
		c.field = span{from: c.pos}
	}
	c.close(in)
	c.whole = true
	return nil
}

func (c *csv) errorf(msg string) error {
	return fmt.Errorf("field %d: %s", len(c.spans)+1, msg)
}

func (c *csv) text(in []byte, field span, own []byte) (value, []byte, error) {
	text := in[field.from:field.to]
	switch {
	case len(text) == 0 && !field.quoted:
		return value{kind: blank}, own, nil
	case !field.escaped:
		return value{text: text, kind: some}, own, nil
	}
	from := len(own)
	for {
		at := bytes.IndexByte(text, '"')
		if at < 0 {
			own = append(own, text...)
			return value{text: own[from:len(own):len(own)], kind: some}, own, nil
		}
		own = append(own, text[:at+1]...)
		text = text[at+2:]
	}
}

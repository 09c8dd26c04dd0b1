package render

import (
	"easycli/internal/resp"
)

// csvForm is redis-cli's CSV (cliFormatReplyCSV): one line for a reply, whatever is nested in it
// flattened, strings escaped with backslashes and not by RFC 4180.
type csvForm struct {
	out    *output
	quoted bool // the scalar under way stands in quotes
}

func (c *csvForm) before(f *frame, _ resp.Token) error {
	if f.at > 0 {
		c.out.byte(',')
	}
	return nil
}

func (c *csvForm) scalar(t resp.Token, first bool) {
	switch t.Kind {
	case resp.Null:
		c.out.string("NULL")
	case resp.Integer:
		c.out.int(t.Int)
	case resp.Boolean:
		c.out.string(truth(t))
	default:
		if first {
			c.begin(t)
		}
		c.out.escaped(t.Text)
		if c.quoted && !t.More {
			c.out.byte('"')
		}
	}
}

// begin writes what stands before a text. Only a number stands there bare, and only one that
// cannot be taken for more than one field.
func (c *csvForm) begin(t resp.Token) {
	c.quoted = t.Kind != resp.Double && t.Kind != resp.BigNumber || t.More || !plainNumber(t.Text)
	if t.Kind == resp.Error {
		c.out.string("ERROR,")
	}
	if c.quoted {
		c.out.byte('"')
	}
}

// plainNumber reports whether text consists of what numbers are made of, inf and nan(…) included.
func plainNumber(text []byte) bool {
	for _, b := range text {
		letter := b|0x20 >= 'a' && b|0x20 <= 'z'
		if digit := b >= '0' && b <= '9'; !digit && !letter && b != '+' && b != '-' && b != '.' && b != '(' && b != ')' {
			return false
		}
	}
	return true
}

func (c *csvForm) finish()                { c.out.string("\n") }
func (c *csvForm) open(_, _ *frame) error { return nil }
func (c *csvForm) empty(resp.Kind)        {}
func (c *csvForm) close(*frame)           {}
func (c *csvForm) after(*frame)           {}

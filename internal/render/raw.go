package render

import (
	"easycli/internal/quote"
	"easycli/internal/resp"
)

// rawForm is redis-cli's raw format (cliFormatReplyRaw): bytes as they are, elements joined by a
// delimiter, a map's key and value by a blank, and nothing to tell nil from an empty anything.
type rawForm struct {
	out        *output
	guard      guard
	delim, end string
	bare       bool // no terminator: for what is always raw
}

func (r *rawForm) before(f *frame, _ resp.Token) error {
	switch {
	case f.isValue():
		r.out.byte(' ')
	case f.at > 0:
		r.out.string(r.delim)
	}
	return nil
}

func (r *rawForm) scalar(t resp.Token, _ bool) {
	switch t.Kind {
	case resp.Null:
	case resp.Integer:
		r.out.int(t.Int)
	case resp.Boolean:
		r.out.byte('(')
		r.out.string(truth(t))
		r.out.byte(')')
	default:
		r.guard.print(r.out, quote.Lines, t.Text, t.More)
		if t.Kind == resp.Error && !t.More {
			r.out.byte('\n')
		}
	}
}

// finish ends the reply. On a terminal the next thing printed begins a line, also behind a report
// that ends without a newline.
func (r *rawForm) finish() {
	switch {
	case !r.bare:
		r.out.string(r.end)
	case r.guard.on && r.out.lastByte() != '\n':
		r.out.byte('\n')
	}
	r.out.room()
}

func (r *rawForm) open(_, _ *frame) error { return nil }
func (r *rawForm) empty(resp.Kind)        {}
func (r *rawForm) close(*frame)           {}
func (r *rawForm) after(*frame)           {}

// errorForm writes an error's bare text as a line of its own to a place of its own, at once.
type errorForm struct {
	silence
	out   output
	guard guard
}

func (e *errorForm) scalar(t resp.Token, _ bool) {
	e.guard.print(&e.out, quote.Line, t.Text, t.More)
	if !t.More {
		e.out.byte('\n')
		e.out.flush()
	}
}

package render

import "easycli/internal/resp"

// frame is an aggregate whose elements are being printed.
type frame struct {
	kind  resp.Kind
	count int64 // elements or pairs, -1 if nobody knows
	at    int64 // values begun; in a map, keys are the even ones
	// indent and width are the human format's: the columns before an index, and its digits.
	indent, width int
	// key is the JSON formats': what the key being printed is wrapped in.
	key keyWrap
	columns
	shaped
}

// isValue reports whether the value that comes next stands behind a map's key.
func (f *frame) isValue() bool { return f.kind == resp.Map && f.at&1 == 1 }

// form is one way to write the tokens of a reply.
type form interface {
	// before is called before each element, key and value of f, with its first token. The only
	// errors are those of looking ahead.
	before(f *frame, t resp.Token) error
	// scalar writes a scalar, or a piece of it, of which the last has no More.
	scalar(t resp.Token, first bool)
	// open begins an aggregate that has elements; parent is nil at the top. The only errors are those
	// of looking ahead.
	open(f, parent *frame) error
	// empty writes an aggregate without any.
	empty(kind resp.Kind)
	// close ends an aggregate that was opened.
	close(f *frame)
	// after is called behind each element, key and value of f.
	after(f *frame)
	// finish ends the reply.
	finish()
}

// silence is the form that writes nothing.
type silence struct{}

func (silence) before(*frame, resp.Token) error { return nil }
func (silence) scalar(resp.Token, bool)         {}
func (silence) open(_, _ *frame) error          { return nil }
func (silence) empty(resp.Kind)                 {}
func (silence) close(*frame)                    {}
func (silence) after(*frame)                    {}
func (silence) finish()                         {}

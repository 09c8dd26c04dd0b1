package resp

import (
	"cmp"
	"strings"
)

// Format is the three letters of the Verbatim whose token was read last.
func (r *Reader) Format() [3]byte { return r.format }

// ReadValue reads the next value as a tree: between replies a whole reply, inside one the next
// element, or at the end of an aggregate a value of kind End.
//
// While it reads, r.tree is a stack: every open aggregate, each followed by those of its elements
// that are complete. The elements of one that ends move into a slice of their number. So a count is
// never more than a promise: no room is made for elements that have not come.
func (r *Reader) ReadValue() (Value, error) {
	return r.readTree(cmp.Or(r.MaxTree, DefaultMaxTree))
}

// readTree is ReadValue for an aggregate that may take so much room.
func (r *Reader) readTree(limit int64) (Value, error) {
	room := limit
	open := -1 // index in r.tree of the innermost open aggregate
	for {
		tok, err := r.Next()
		if err != nil {
			r.tree, r.attrs = nil, nil
			return Value{}, err
		}
		if open >= 0 {
			if room -= treeCost + int64(len(tok.Text)); room < 0 {
				return Value{}, r.failf("a value of more than %d bytes", limit)
			}
		}
		var v Value
		switch {
		case tok.Kind.IsAggregate():
			r.tree = append(r.tree, Value{Kind: tok.Kind, Wire: tok.Wire, Attrs: r.attrs, Int: int64(open)})
			open, r.attrs = len(r.tree)-1, nil
			continue
		case tok.Kind == End && open < 0:
			return Value{Kind: End}, nil
		case tok.Kind == End:
			if v, open = r.closeTree(open); v.Kind == Attribute {
				r.attrs = joinAttrs(v.Attrs, v.Elems)
				continue
			}
		default:
			v.Kind, v.Wire, v.Attrs = tok.Kind, tok.Wire, r.attrs
			r.attrs = nil
			switch tok.Kind {
			case Null:
			case Integer, Boolean:
				v.Int = tok.Int
			case Verbatim:
				v.Format = r.format
				fallthrough
			default:
				most := cmp.Or(r.MaxText, DefaultMaxText)
				if open >= 0 {
					most = min(most, room+int64(len(tok.Text)))
				}
				if v.Text, err = r.gather(tok, most); err != nil {
					return Value{}, err
				}
				if open >= 0 && tok.More {
					room -= int64(len(v.Text))
				}
			}
		}
		if open < 0 {
			return v, nil
		}
		r.tree = append(r.tree, v)
	}
}

// closeTree takes the innermost open aggregate off r.tree, complete with its elements, and returns
// where the one around it stands, which it had kept in its Int.
func (r *Reader) closeTree(open int) (v Value, around int) {
	const kept = 256 // values between two replies; a large reply's stack is let go
	v = r.tree[open]
	if elems := r.tree[open+1:]; len(elems) > 0 {
		v.Elems = make([]Value, len(elems))
		copy(v.Elems, elems)
	}
	clear(r.tree[open:])
	if r.tree = r.tree[:open]; open == 0 && cap(r.tree) > kept {
		r.tree = nil
	}
	around, v.Int = int(v.Int), 0
	return v, around
}

func joinAttrs(before *[]Value, elems []Value) *[]Value {
	if before == nil {
		return &elems
	}
	joined := append(*before, elems...)
	return &joined
}

// gather is the text of a scalar whose first token is at hand, and of limit bytes at most.
func (r *Reader) gather(t Token, limit int64) (string, error) {
	if !t.More && int64(len(t.Text)) <= limit {
		if string(t.Text) == "OK" { // what most commands answer needs no memory of its own
			return "OK", nil
		}
		return string(t.Text), nil
	}
	b := new(strings.Builder)
	for {
		if t.Int > limit || int64(b.Len()+len(t.Text)) > limit || r.text.left > limit {
			return "", r.failf("a string of more than %d bytes", limit)
		}
		b = withRoom(b, len(t.Text), t.Int)
		b.Write(t.Text)
		if !t.More {
			return b.String(), nil
		}
		var err error
		if t, err = r.Next(); err != nil {
			return "", err
		}
	}
}

// withRoom makes room in b for n bytes more, and while it is at it for as many again as there are,
// but not for more than are declared, if that is not -1.
func withRoom(b *strings.Builder, n int, declared int64) *strings.Builder {
	if b.Cap()-b.Len() >= n {
		return b
	}
	size := int64(2*b.Len() + n)
	if declared >= 0 {
		size = min(size, declared)
	}
	larger := new(strings.Builder)
	larger.Grow(int(size))
	larger.WriteString(b.String())
	return larger
}

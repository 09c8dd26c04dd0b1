package resp

import (
	"io"
	"math"
	"strconv"
)

// Value is a whole reply as a tree. Its strings are its own.
type Value struct {
	Kind Kind
	// Wire is the type byte as it came, where one kind has several: see [Token].
	Wire byte
	// Format is the three letters of a Verbatim ("txt", "mkd").
	Format [3]byte
	// Int is the value of an Integer, and 1 or 0 for a Boolean.
	Int int64
	// Text is the text of any other scalar.
	Text string
	// Elems are the elements of an aggregate; a Map holds key, value, key, value …
	Elems []Value
	// Attrs holds the pairs of the attributes in front of this value, nil without any.
	Attrs *[]Value
}

// IsError reports whether the server answered with an error.
func (v Value) IsError() bool { return v.Kind == Error }

// IsNull reports whether the value is one of the three nulls.
func (v Value) IsNull() bool { return v.Kind == Null }

// Lookup is the value behind the first key of that name in a map, or in an array that holds a map
// the way RESP2 flattens it.
func (v Value) Lookup(key string) (Value, bool) {
	for i := 0; i+1 < len(v.Elems); i += 2 {
		if v.Elems[i].Text == key {
			return v.Elems[i+1], true
		}
	}
	return Value{}, false
}

// Float is the number in a Double, an Integer or a string; NaN and false if there is none.
func (v Value) Float() (float64, bool) {
	if v.Kind == Integer {
		return float64(v.Int), true
	}
	f, err := strconv.ParseFloat(v.Text, 64)
	if err != nil {
		return math.NaN(), false
	}
	return f, true
}

// Tokens replays the value as the tokens a [Reader] would yield for it, then io.EOF. Three things
// are known better than they were then: every text is one token, every length and count is told,
// and attributes in a row are one.
func (v *Value) Tokens() *Tokens {
	return &Tokens{stack: []frameOfTree{{elems: []Value{*v}}}}
}

// Tokens is a [Source] over a tree.
type Tokens struct {
	stack  []frameOfTree
	text   []byte // of the last token
	format [3]byte
}

// frameOfTree is an aggregate being replayed: what is left of it.
type frameOfTree struct {
	elems     []Value
	attrsDone bool // the attributes of elems[0] have been replayed
}

// Next yields the next token.
func (t *Tokens) Next() (Token, error) {
	top := &t.stack[len(t.stack)-1]
	if len(top.elems) == 0 {
		if len(t.stack) == 1 {
			return Token{}, io.EOF
		}
		t.stack = t.stack[:len(t.stack)-1]
		return Token{Kind: End}, nil
	}
	v := &top.elems[0]
	if v.Attrs != nil && !top.attrsDone {
		top.attrsDone = true
		t.stack = append(t.stack, frameOfTree{elems: *v.Attrs})
		return Token{Kind: Attribute, Wire: '|', Int: int64(len(*v.Attrs) / 2)}, nil
	}
	top.elems, top.attrsDone = top.elems[1:], false
	if v.Kind.IsAggregate() {
		t.stack = append(t.stack, frameOfTree{elems: v.Elems})
	}
	return t.token(v), nil
}

// Format is the three letters of the Verbatim whose token was read last.
func (t *Tokens) Format() [3]byte { return t.format }

// token is the value's own token, without its elements.
func (t *Tokens) token(v *Value) Token {
	tok := Token{Kind: v.Kind, Wire: v.Wire, Int: v.Int}
	switch {
	case v.Kind == Map:
		tok.Int = int64(len(v.Elems) / 2)
	case v.Kind.IsAggregate():
		tok.Int = int64(len(v.Elems))
	case v.Kind == Integer || v.Kind == Boolean || v.Kind == Null:
	default:
		t.text = append(t.text[:0], v.Text...)
		t.format = v.Format
		tok.Int, tok.Text = int64(len(t.text)), t.text
	}
	return tok
}

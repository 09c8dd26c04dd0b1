package render

import "easycli/internal/resp"

// level is what the arrays at one depth of a reply are, if they are.
type level byte

const (
	anything level = iota
	fields         // keys and values in turn, or arrays of the two
	scores         // the same, the values being numbers
	ids            // arrays of a stream entry's id and the entry
)

// levels are what the shapes say about the arrays at each depth.
var levels = [lastHow + 1][3]level{
	Pairs:         {fields},
	Facts:         {fields},
	NestedFacts:   {fields, fields, fields},
	Scored:        {scores},
	Entries:       {ids, fields},
	Streams:       {fields, ids, fields},
	Records:       {anything, fields},
	FactRecords:   {anything, fields},
	ScoredRecords: {anything, scores},
	EntryRecords:  {anything, ids, fields},
}

// shaped is how the elements of an array become the pairs of a map.
type shaped struct {
	level level
	// paired says that the pairs are arrays of two, inPair that one of them is open, and lone that an
	// element is not such an array: it is printed like a key without a value.
	paired, inPair, lone bool
}

// enterPair reports whether t only begins a pair.
func (f *frame) enterPair(t resp.Token) bool {
	if !f.paired || f.inPair {
		return false
	}
	f.inPair = t.Kind == resp.Array && t.Int == 2
	f.lone = !f.inPair
	return f.inPair
}

// leavePair reports whether the end of an aggregate in f only ends a pair.
func (f *frame) leavePair() bool {
	was := f.inPair
	f.inPair = false
	return was
}

// endLone makes a key of what follows an element that is no pair.
func (f *frame) endLone() {
	if f.lone {
		f.at++
		f.lone = false
	}
}

// reshape makes a map of an array that is to hold pairs and does. What does not look so stays as it
// is: it is printed as redis-cli prints it.
func (p *Printer) reshape(f *frame) error {
	h, ok := p.form.(*humanForm)
	if !ok || h.person == nil || len(p.stack) >= len(levels[h.how]) {
		return nil
	}
	wanted := levels[h.how][len(p.stack)]
	if f.kind == resp.Map && wanted == fields {
		f.level = fields
	}
	if f.kind != resp.Array || wanted == anything || f.count <= 0 {
		return nil
	}
	first, err := p.peekNext()
	if err != nil {
		return err
	}
	switch {
	case first.Kind == resp.Array && first.Int == 2:
		f.paired = true
	case !first.Kind.IsAggregate() && f.count%2 == 0 && wanted != ids:
		f.count /= 2
	default:
		return nil
	}
	f.kind, f.level = resp.Map, wanted
	return nil
}

// peekNext is the token that comes next.
func (p *Printer) peekNext() (resp.Token, error) {
	a := &p.ahead
	if a.at == len(a.tokens) {
		a.reset()
	}
	return p.peek(a.at)
}

package render

import (
	"strconv"
	"time"

	"easycli/internal/resp"
)

// place is what a scalar stands for where it stands.
type place byte

const (
	element place = iota // or a value, or the whole reply
	key
	score
)

// maxKept is how much is kept of a scalar whose text has to be looked at when it has ended.
const maxKept = 1 << 10

// personal is the part of a humanForm that only a person gets to see.
type personal struct {
	person *Person // nil if there is none
	how    How
	width  int
	now    time.Time
	place  place
	kept   []byte // of the text of the last key, or of an element whose reading is in its text
	// keyWidth is how many cells the last key took, -1 if nobody knows.
	keyWidth int
	// fact is what a number behind the last key counts, where the keys are the server's own words.
	fact    measure
	scratch []byte
	decoding
}

// forPerson is the form for a reply that begins with t.
func (p *Printer) forPerson(t resp.Token, how How, isText bool) (form, error) {
	switch {
	case how == Verbatim && isText:
		return &p.verbatim, nil
	case how.isReport() && isText:
		p.report.begin(how)
		return &p.report, nil
	case how >= SlowCommands && t.Kind == resp.Array && t.Int > 0:
		fits, err := p.fits()
		if err != nil {
			return nil, err
		}
		if fits {
			p.log.begin(how)
			return &p.log, nil
		}
	}
	h := p.normal.(*humanForm)
	h.how, h.width, h.now = how, h.person.columns(), h.person.now()
	return h, nil
}

// fits reports whether the reply whose first token has been read can be read ahead as a whole.
func (p *Printer) fits() (bool, error) {
	if _, err := p.peekNext(); err != nil {
		return false, err
	}
	a := &p.ahead
	for i, depth := a.at, 1; depth > 0; i++ {
		t, err := p.peek(i)
		if err != nil {
			if err == errTooFar {
				err = nil
			}
			return false, err
		}
		if t.Kind == resp.End {
			depth--
		} else if t.Kind.IsAggregate() {
			depth++
		}
	}
	return true, nil
}

// forPerson writes a scalar, or a piece of it, with what it means beside it.
func (h *humanForm) forPerson(t resp.Token, first bool) {
	if first {
		h.kept = h.kept[:0]
	}
	h.kept = append(h.kept, t.Text[:min(len(t.Text), maxKept+1-len(h.kept))]...)
	if h.place == score {
		h.score(t)
	} else {
		h.plain(t, first)
	}
	switch {
	case t.More:
	case h.place == key:
		t.Text = h.kept
		h.keyWidth = h.widthOf(t)
		h.fact = noMeasure
		if h.how == Facts || h.how == NestedFacts || h.how == FactRecords {
			h.fact = factMeasure(h.kept)
		}
	default:
		h.reading(t)
	}
}

// widthOf is how many cells a scalar takes, -1 if it is too long to tell or may have several lines.
func (h *humanForm) widthOf(t resp.Token) int {
	if len(t.Text) > maxKept || t.Kind == resp.Verbatim {
		return -1
	}
	h.scratch = h.appendShown(h.scratch[:0], t)
	return widthOf(h.scratch)
}

// reading writes what a number means, if the reply is made of such numbers or its key says so.
func (h *humanForm) reading(t resp.Token) {
	m, n, ok := h.measureOf(t)
	if !ok {
		return
	}
	h.scratch = h.scratch[:0]
	if n < 0 {
		h.scratch = append(h.scratch, absence(n)...)
	} else {
		h.scratch = m.appendReading(h.scratch, n, h.now)
	}
	if len(h.scratch) > 0 {
		h.aside("  ", h.scratch)
	}
}

// measureOf is what the scalar that ends with t counts, if anything, and the number it is.
func (h *humanForm) measureOf(t resp.Token) (m measure, n int64, ok bool) {
	depth := len(h.p.stack)
	m = measures[h.how]
	if depth > 0 && h.p.stack[depth-1].kind == resp.Map {
		m = h.fact
		n, ok = h.number(t)
		return m, n, ok && n >= 0 && m != noMeasure
	}
	switch {
	case m == noMeasure || depth > 1:
		return m, 0, false
	case h.how == Clock:
		n, ok = h.number(t)
		return m, n, ok && depth == 1 && h.p.stack[0].at == 1
	}
	return m, t.Int, t.Kind == resp.Integer
}

// number is the number that the scalar that ends with t is, in digits perhaps.
func (h *humanForm) number(t resp.Token) (int64, bool) {
	if t.Kind == resp.Integer {
		return t.Int, true
	}
	if t.Kind != resp.BulkString || len(h.kept) > 20 {
		return 0, false
	}
	n, err := strconv.ParseInt(string(h.kept), 10, 64)
	return n, err == nil
}

// aside writes something of our own beside a value.
func (h *humanForm) aside(before string, text []byte) {
	h.out.string(before)
	h.out.string(h.paint.aside.on)
	h.out.bytes(text)
	h.out.string(h.paint.aside.off)
}

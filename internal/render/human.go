package render

import (
	"easycli/internal/quote"
	"easycli/internal/resp"
)

// humanForm is redis-cli's format for people (cliFormatReplyTTY): every scalar is a line, named by
// its type where that does not show; elements are numbered, and nested ones stand indented behind
// their number.
type humanForm struct {
	p     *Printer
	out   *output
	guard guard
	paint palette
	// line says that a value has been written and its newline has not: a map's key goes without.
	line bool
	personal
}

func newHuman(p *Printer) *humanForm {
	h := &humanForm{p: p, out: &p.out, guard: guard{on: p.opts.Terminal}}
	h.person = p.opts.Person
	if p.opts.Color {
		h.paint = newPalette()
	}
	return h
}

func (h *humanForm) before(f *frame, t resp.Token) error {
	h.place = element
	if f.isValue() {
		if f.level == ids {
			h.afterID(f)
			return nil
		}
		h.alignValue(f)
		several, err := h.p.spansLines(t)
		if err != nil {
			return err
		}
		h.line = false
		h.out.string(" => ")
		if several {
			h.out.byte('\n')
			h.out.spaces(f.indent + f.width + 2)
		}
		h.placeScore(f, t)
		return nil
	}
	h.endLine()
	if f.at > 0 {
		h.out.spaces(f.indent)
	}
	h.index(f)
	if h.person != nil && f.kind == resp.Map {
		h.place = key
	}
	return nil
}

// index writes an element's number, aligned to the largest. Where nobody knows how many elements
// will come, nothing can be aligned.
func (h *humanForm) index(f *frame) {
	n, sign := f.at+1, byte(')')
	switch f.kind {
	case resp.Map:
		if n = f.at/2 + 1; f.level != ids {
			sign = '#'
		}
	case resp.Set:
		sign = '~'
	}
	width := digits(n)
	if f.count < 0 {
		f.width = width
	}
	h.out.string(h.paint.index.on)
	h.out.spaces(f.width - width)
	h.out.int(n)
	h.out.byte(sign)
	h.out.string(h.paint.index.off)
	h.out.byte(' ')
}

func (h *humanForm) scalar(t resp.Token, first bool) {
	if h.person == nil {
		h.plain(t, first)
	} else if !h.decoded(t, first) {
		h.forPerson(t, first)
	}
}

// plain writes a scalar, or a piece of it, as redis-cli does.
func (h *humanForm) plain(t resp.Token, first bool) {
	paint := &h.paint.of[t.Kind]
	if h.place == key {
		paint = &h.paint.field
	}
	if first {
		h.out.string(paint.on)
		h.out.string(opening[t.Kind])
	}
	h.content(t)
	if !t.More {
		h.out.string(closing[t.Kind])
		h.out.string(paint.off)
		h.line = true
	}
}

// content writes what stands between a scalar's opening and closing.
func (h *humanForm) content(t resp.Token) {
	switch t.Kind {
	case resp.BulkString:
		h.quoted(t)
	case resp.Verbatim:
		h.guard.print(h.out, quote.Lines, t.Text, t.More)
	case resp.Integer:
		h.out.int(t.Int)
	case resp.Boolean:
		h.out.string(truth(t))
	case resp.Status, resp.Error, resp.Double, resp.BigNumber:
		h.guard.print(h.out, quote.Line, t.Text, t.More)
	}
}

// opening and closing are what stands around a scalar of each kind.
var (
	opening = [...]string{
		resp.Error: "(error) ", resp.Integer: "(integer) ", resp.BulkString: `"`, resp.Null: "(nil)",
		resp.Boolean: "(", resp.Double: "(double) ", resp.BigNumber: "(big number) ", resp.End: "",
	}
	closing = [...]string{resp.BulkString: `"`, resp.Boolean: ")", resp.End: ""}
)

// quoted writes the inside of a bulk string.
func (h *humanForm) quoted(t resp.Token) {
	if h.guard.on {
		h.guard.print(h.out, quote.Quoted, t.Text, t.More)
		return
	}
	h.out.escaped(t.Text)
}

func truth(t resp.Token) string {
	if t.Int != 0 {
		return "true"
	}
	return "false"
}

// open finds the columns before the elements of f: those of its parent and the parent's number.
func (h *humanForm) open(f, parent *frame) error {
	f.width = digits(max(f.count, 1))
	if parent != nil {
		f.indent = parent.indent + parent.width + 2
	}
	if h.person != nil {
		return h.findColumns(f)
	}
	return nil
}

func (h *humanForm) empty(kind resp.Kind) {
	h.out.string(h.paint.of[resp.Null].on)
	switch kind {
	case resp.Map:
		h.out.string("(empty hash)")
	case resp.Set:
		h.out.string("(empty set)")
	case resp.Push:
		h.out.string("(empty push)")
	default:
		h.out.string("(empty array)")
	}
	h.out.string(h.paint.of[resp.Null].off)
	h.line = true
}

func (h *humanForm) close(*frame) {}
func (h *humanForm) after(*frame) {}

func (h *humanForm) finish() {
	h.endLine()
	h.place = element
}

func (h *humanForm) endLine() {
	if h.line {
		h.out.byte('\n')
		h.out.room()
		h.line = false
	}
}

// digits is how many digits n has, for n above 0.
func digits(n int64) int {
	d := 1
	for n >= 10 {
		n /= 10
		d++
	}
	return d
}

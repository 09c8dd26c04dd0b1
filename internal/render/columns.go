package render

import (
	"bytes"
	"strconv"

	"easycli/internal/cells"
	"easycli/internal/quote"
	"easycli/internal/resp"
)

// The limits of looking ahead for columns: what comes behind them is printed in the same columns, and
// what is nested deeper than that in none.
const (
	alignedPairs = 1000
	alignedDepth = 4
)

// maxScore is how long the text of a score may be.
const maxScore = 40

// columns are where the parts of a map's pairs stand.
type columns struct {
	keys   int // cells for keys; a longer one pushes its value to the right
	scores int // cells for scores
}

// findColumns looks ahead for the columns of a map that is being opened.
func (h *humanForm) findColumns(f *frame) error {
	h.keyWidth, h.fact = -1, noMeasure // should this be a key itself
	if f.kind != resp.Map || f.level == ids || len(h.p.stack) > alignedDepth {
		return nil
	}
	if _, err := h.p.peekNext(); err != nil {
		return err
	}
	widest := max(8, (h.width-f.indent-f.width-6)/2)
	for i, n := h.p.ahead.at, 0; n < alignedPairs; n++ {
		next, err := h.lookAtPair(f, i, widest)
		if err == errTooFar || err == nil && next == i {
			return nil
		}
		if err != nil {
			return err
		}
		i = next
	}
	return nil
}

// lookAtPair takes the pair at a place among what is read ahead into account, and returns the place
// behind it: the same place if there is none.
func (h *humanForm) lookAtPair(f *frame, i, widest int) (int, error) {
	t, err := h.p.peek(i)
	if err != nil || t.Kind == resp.End {
		return i, err
	}
	if f.paired {
		if t.Kind != resp.Array || t.Int != 2 {
			return h.p.behind(i)
		}
		i++
	}
	value, err := h.p.behind(i)
	if err != nil {
		return i, err
	}
	if width := h.widthAhead(i, value); width <= widest {
		f.keys = max(f.keys, width)
	}
	end, err := h.p.behind(value)
	if err != nil {
		return i, err
	}
	if t := h.p.ahead.tokens[value].Token; f.level == scores {
		t.Text = h.textAhead(value, end)
		if width, ok := scoreWidth(t); ok {
			f.scores = max(f.scores, width)
		}
	}
	if f.paired {
		_, err = h.p.peek(end) // the pair's own end
		end++
	}
	return end, err
}

// textAhead is the text of the scalar from one place to another.
func (h *humanForm) textAhead(i, end int) []byte {
	a := &h.p.ahead
	return a.text[a.tokens[i].from:a.tokens[end-1].to]
}

// widthAhead is how many cells the value from one place to another takes, -1 if it is too long or no
// scalar.
func (h *humanForm) widthAhead(i, end int) int {
	t := h.p.ahead.tokens[i].Token
	if t.Kind.IsAggregate() {
		return -1
	}
	t.Text = h.textAhead(i, end)
	return h.widthOf(t)
}

// alignValue fills the column of the key that has been written.
func (h *humanForm) alignValue(f *frame) {
	if h.person != nil && h.keyWidth >= 0 {
		h.out.spaces(f.keys - h.keyWidth)
	}
}

// placeScore says that a score is to come, if t is or begins one.
func (h *humanForm) placeScore(f *frame, t resp.Token) {
	if f.level == scores && (t.Kind == resp.Integer || t.Kind == resp.Double && !t.More ||
		t.Kind == resp.BulkString && t.Int > 0 && t.Int <= maxScore) {
		h.place = score
	}
}

// score writes a score at the right end of its column and without its type, once all of it has come.
func (h *humanForm) score(t resp.Token) {
	if t.More {
		return
	}
	if t.Kind == resp.BulkString {
		t.Text = h.kept
	}
	width, ok := scoreWidth(t)
	if !ok {
		h.plain(t, true)
		return
	}
	h.out.spaces(h.p.stack[len(h.p.stack)-1].scores - width)
	paint := &h.paint.of[resp.Double]
	h.out.string(paint.on)
	h.content(t)
	h.out.string(paint.off)
	h.line = true
}

// scoreWidth is how many cells a score takes, and whether t is one.
func scoreWidth(t resp.Token) (int, bool) {
	switch t.Kind {
	case resp.Integer:
		return len(strconv.AppendInt(nil, t.Int, 10)), true
	case resp.Double, resp.BulkString:
		return len(t.Text), len(t.Text) > 0 && len(t.Text) <= maxScore && isScore(t.Text)
	}
	return 0, false
}

// isScore reports whether text is made of what numbers are made of.
func isScore(text []byte) bool {
	return len(bytes.Trim(text, "0123456789+-.einfa")) == 0
}

// afterID writes when a stream entry was made, and begins the line of what it holds.
func (h *humanForm) afterID(f *frame) {
	h.line = false
	if ms, _, ok := bytes.Cut(h.kept, []byte("-")); ok && h.keyWidth >= 0 {
		h.scratch = timeMilliseconds.appendTextReading(h.scratch[:0], ms, h.now)
		if len(h.scratch) > 0 {
			h.aside("  ", h.scratch)
		}
	}
	h.out.byte('\n')
	h.out.spaces(f.indent + f.width + 2)
}

// appendShown appends a scalar as it is shown.
func (h *humanForm) appendShown(dst []byte, t resp.Token) []byte {
	dst = append(dst, opening[t.Kind]...)
	switch t.Kind {
	case resp.Integer:
		dst = strconv.AppendInt(dst, t.Int, 10)
	case resp.Boolean:
		dst = append(dst, truth(t)...)
	case resp.BulkString:
		line := quote.Terminal{Style: quote.Quoted}
		dst = line.Finish(line.Append(dst, t.Text))
	default:
		dst = quote.AppendTerminal(dst, t.Text)
	}
	return append(dst, closing[t.Kind]...)
}

// widthOf is how many cells a line of text takes.
func widthOf(text []byte) int {
	for _, c := range text {
		if c < ' ' || c > '~' {
			return cells.Width(string(text))
		}
	}
	return len(text)
}

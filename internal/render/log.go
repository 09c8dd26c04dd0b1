package render

import (
	"strconv"
	"time"

	"easycli/internal/quote"
	"easycli/internal/resp"
)

// log prints an array of arrays, all of which are known to fit into memory, as a table with a row for
// each: SLOWLOG GET, LATENCY LATEST. Elements within an element are told in one cell.
type log struct {
	silence
	tablePrinter
	p    *Printer
	how  How
	now  time.Time
	rows table
	text []byte // of the scalar under way
	cell []byte // as it will be shown
}

// logColumn is a column of such a table.
type logColumn struct {
	head    string
	measure measure
}

// logColumns are what the arrays hold, in the order in which they are shown, the longest last.
var logColumns = [lastHow + 1][]logColumn{
	SlowCommands: {{"id", noMeasure}, {"time", timeSeconds}, {"microseconds", lengthMicroseconds},
		{"client", noMeasure}, {"name", noMeasure}, {"command", noMeasure}},
	LoggedCommands: {{"id", noMeasure}, {"time", timeSeconds}, {"amount", noMeasure},
		{"client", noMeasure}, {"name", noMeasure}, {"command", noMeasure}},
	LatencyEvents: {{"event", noMeasure}, {"time", timeSeconds}, {"latest ms", noMeasure},
		{"greatest ms", noMeasure}, {"sum", noMeasure}, {"events", noMeasure}},
	LatencySamples: {{"time", timeSeconds}, {"ms", noMeasure}},
}

// commandPlaces is where the parts of a logged command are shown.
var commandPlaces = [...]int{0, 1, 2, 5, 3, 4}

func newLog(p *Printer) log {
	return log{p: p, tablePrinter: tablePrinter{out: &p.out, paint: &p.normal.(*humanForm).paint}}
}

// begin begins a table.
func (l *log) begin(how How) {
	l.how, l.now, l.width = how, l.p.opts.Person.now(), l.p.opts.Person.columns()
	l.rows, l.cell = table{}, l.cell[:0]
	for _, column := range logColumns[how] {
		l.rows.heads = append(l.rows.heads, column.head)
	}
}

func (l *log) before(_ *frame, _ resp.Token) error {
	if len(l.p.stack) == 1 {
		l.rows.rows = append(l.rows.rows, nil)
	}
	return nil
}

func (l *log) scalar(t resp.Token, first bool) {
	if first {
		l.text = l.text[:0]
	}
	if l.text = append(l.text, t.Text...); t.More {
		return
	}
	l.between()
	switch t.Kind {
	case resp.Integer:
		l.cell = strconv.AppendInt(l.cell, t.Int, 10)
	case resp.Boolean:
		l.cell = append(l.cell, truth(t)...)
	case resp.BulkString:
		l.cell = appendWord(l.cell, l.text)
	default:
		l.cell = quote.AppendTerminal(append(l.cell, opening[t.Kind]...), l.text)
	}
	l.endCell(t, len(l.p.stack))
}

// between separates what is told in one cell.
func (l *log) between() {
	if n := len(l.cell); n > 0 && l.cell[n-1] != '[' {
		l.cell = append(l.cell, ' ')
	}
}

// appendWord appends a string, in quotes if it is not obvious where it begins and ends.
func appendWord(dst, text []byte) []byte {
	bare := len(text) > 0
	for _, c := range text {
		bare = bare && c > ' ' && c < 0x7f && c != '"' && c != '\'' && c != '\\' && c != '[' && c != ']'
	}
	if bare {
		return append(dst, text...)
	}
	quoted := quote.Terminal{Style: quote.Quoted}
	return append(quoted.Finish(quoted.Append(append(dst, '"'), text)), '"')
}

// endCell puts what is told into its row, unless it goes on: depth is how many aggregates are open.
func (l *log) endCell(t resp.Token, depth int) {
	if depth > 2 {
		return
	}
	row := &l.rows.rows[len(l.rows.rows)-1]
	at, c := l.next(), cell{text: string(l.cell)}
	if columns := logColumns[l.how]; at < len(columns) && t.Kind == resp.Integer {
		c = columns[at].measure.cell(l.cell, l.now)
	}
	c.there = true
	for len(*row) <= at {
		*row = append(*row, cell{})
	}
	(*row)[at] = c
	for len(l.rows.heads) <= at {
		l.rows.heads = append(l.rows.heads, strconv.Itoa(len(l.rows.heads)+1))
	}
	l.cell = l.cell[:0]
}

// next is the column of the element under way.
func (l *log) next() int {
	if len(l.p.stack) < 2 {
		return 0
	}
	at := int(l.p.stack[1].at) - 1
	if (l.how == SlowCommands || l.how == LoggedCommands) && at < len(commandPlaces) {
		return commandPlaces[at]
	}
	return at
}

func (l *log) open(_, _ *frame) error {
	if len(l.p.stack) > 3 {
		l.between()
		l.cell = append(l.cell, '[')
	}
	return nil
}

func (l *log) close(*frame) {
	switch depth := len(l.p.stack); {
	case depth == 3:
		l.endCell(resp.Token{}, 2)
	case depth > 3:
		l.cell = append(l.cell, ']')
	}
}

func (l *log) empty(resp.Kind) {
	l.between()
	l.cell = append(l.cell, "[]"...)
	l.endCell(resp.Token{}, len(l.p.stack))
}

func (l *log) finish() {
	l.print(&l.rows)
	l.out.room()
	l.rows = table{}
}

package render

import (
	"bytes"
	"time"

	"easycli/internal/quote"
	"easycli/internal/resp"
)

// The limits of what is held of a report: the longest line that is taken apart and the words in it, which
// columns may not outnumber either, how much is looked at before it is printed in columns, and how many cells
// that may come to.
const (
	maxReportLine  = 64 << 10
	maxReportWords = 256
	maxReportHeld  = 256 << 10
	maxReportCells = 64 << 10
)

// report prints a text that is made for people (INFO, CLIENT LIST, CLUSTER NODES) in a form that is
// easier to read, line by line as it arrives: a section of INFO, or a good many lines of the others, is
// held to be put in columns.
type report struct {
	silence
	tablePrinter
	person *Person
	how    How
	now    time.Time
	guard  guard
	line   []byte // the line that is not yet complete
	long   bool   // it is too long, and is being printed as it is
	held   int    // bytes of the lines that are in rows
	rows   table
	facts  facts
}

func newReport(p *Printer) report {
	r := report{person: p.opts.Person, guard: guard{on: true}}
	r.tablePrinter = tablePrinter{out: &p.out, paint: &p.normal.(*humanForm).paint}
	return r
}

// begin begins a report.
func (r *report) begin(how How) {
	r.how, r.now, r.width = how, r.person.now(), r.person.columns()
	r.line, r.long, r.facts = r.line[:0], false, facts{}
	r.clear()
}

// clear forgets the rows.
func (r *report) clear() {
	r.held = 0
	r.rows.named = r.how != ClusterNodes
	if r.rows.heads = r.rows.heads[:0]; r.how == ClusterNodes {
		r.rows.heads = append(r.rows.heads, nodeHeads[:]...)
	}
}

func (r *report) scalar(t resp.Token, _ bool) {
	text := t.Text
	for {
		i := bytes.IndexByte(text, '\n')
		if i < 0 {
			break
		}
		r.part(text[:i])
		r.lineEnd()
		text = text[i+1:]
	}
	r.part(text)
	if !t.More && (len(r.line) > 0 || r.long) {
		r.lineEnd()
	}
}

// part takes text that belongs to the line under way.
func (r *report) part(text []byte) {
	if !r.long && len(r.line)+len(text) <= maxReportLine {
		r.line = append(r.line, text...)
		return
	}
	if !r.long {
		r.long = true
		r.show()
		r.guard.print(r.out, quote.Line, r.line, true)
		r.line = r.line[:0]
	}
	r.guard.print(r.out, quote.Line, text, true)
}

func (r *report) lineEnd() {
	if r.long {
		r.guard.print(r.out, quote.Line, nil, false)
		r.out.string("\n")
		r.long = false
		return
	}
	line := bytes.TrimSuffix(r.line, []byte("\r"))
	words := 2 // a name and a value
	if r.how == ClientLines || r.how == ClientLine {
		words = bytes.Count(line, []byte(" ")) + 1
	}
	r.held += len(line)
	cells := (len(r.rows.rows) + len(r.facts.lines) + 1) * (len(r.rows.heads) + words)
	if r.held > maxReportHeld || cells > maxReportCells || len(r.rows.heads) > maxReportWords {
		r.show()
		r.held = len(line)
	}
	switch {
	case len(line) == 0:
	case r.how == InfoText:
		r.infoLine(line)
	case words > maxReportWords:
		r.asItIs(line)
	case r.how == ClusterNodes:
		r.nodeLine(line)
	default:
		r.clientLine(line)
	}
	r.line = r.line[:0]
}

// asItIs prints a line that is not what the report should have.
func (r *report) asItIs(line []byte) {
	r.show()
	r.guard.print(r.out, quote.Line, line, false)
	r.out.string("\n")
}

// show prints what is held.
func (r *report) show() {
	r.print(&r.rows)
	r.clear()
	r.showFacts()
}

func (r *report) finish() {
	r.show()
	r.rows.last = 0
	r.out.room()
}

// clientLine takes a line of CLIENT LIST, `name=value` words.
func (r *report) clientLine(line []byte) {
	r.rows.rows = append(r.rows.rows, nil)
	fieldsOf(line, func(name, value []byte) {
		r.rows.set(name, clientMeasure(name).cell(value, r.now))
	})
}

// nodeHeads are the fields of a line of CLUSTER NODES, in the order that they are shown in, and nodeOrder
// says where a line has them. The slots are all that follows the others.
var (
	nodeHeads = [...]string{"address", "flags", "epoch", "link", "ping sent", "pong received", "id", "master", "slots"}
	nodeOrder = [...]int{1, 2, 6, 7, 4, 5, 0, 3}
)

func (r *report) nodeLine(line []byte) {
	words := bytes.Fields(line)
	if len(words) < len(nodeOrder) {
		r.asItIs(line)
		return
	}
	var row []cell
	for i, at := range nodeOrder {
		var m measure
		if nodeHeads[i] == "ping sent" || nodeHeads[i] == "pong received" {
			m = timeMilliseconds
		}
		c := m.cell(words[at], r.now)
		c.there = true
		row = append(row, c)
	}
	slots := cell{text: safe(bytes.Join(words[len(nodeOrder):], []byte(" "))), there: true}
	r.rows.rows = append(r.rows.rows, append(row, slots))
}

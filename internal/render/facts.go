package render

import (
	"bytes"
)

// facts are the lines of a section of an INFO text that have not been printed.
type facts struct {
	lines []fact
	width int  // of the column of names, at least
	begun bool // something of the text has been printed
}

// fact is a `name:value` line.
type fact struct{ name, value, reading string }

// infoLine takes a line of INFO or CLUSTER INFO.
func (r *report) infoLine(line []byte) {
	if line[0] == '#' {
		r.showFacts()
		if r.facts.begun {
			r.out.byte('\n')
		}
		r.out.string(r.paint.head.on + safe(line) + r.paint.head.off + "\n")
		r.facts = facts{lines: r.facts.lines, begun: true}
		return
	}
	name, value, ok := bytes.Cut(line, []byte(":"))
	if !ok {
		r.asItIs(line)
		return
	}
	f := fact{name: safe(name), value: safe(value)}
	f.reading = string(infoMeasure(name).appendTextReading(nil, value, r.now))
	r.facts.lines = append(r.facts.lines, f)
}

// showFacts prints the lines of the section so far. What the server itself tells in a form for people is
// not told twice.
func (r *report) showFacts() {
	f := &r.facts
	for _, l := range f.lines {
		if width := widthOf([]byte(l.name)); width <= r.width/2 {
			f.width = max(f.width, width)
		}
	}
	for i, l := range f.lines {
		if next := i + 1; next < len(f.lines) && f.lines[next].name == l.name+"_human" {
			l.reading = ""
		}
		r.field(l.name, f.width, &cell{text: l.value, reading: l.reading})
	}
	f.begun = f.begun || len(f.lines) > 0
	f.lines = f.lines[:0]
}

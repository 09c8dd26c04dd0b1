// Package rows turns the rows of a table, as CSV, TSV or JSONL, into commands by a template such as
//
//	HSET user:{id} name {name} mail {mail?none}
//
// It guarantees that a value is never more than the part of a word that the template gives it, since
// the template is split into words before any row is looked at; that a value is the bytes of the row,
// numbers included; and that a row that does not fit (a field too many, a missing one, a quote that is
// not closed) is an error with its line, never a command. It refuses to know what commands mean and
// where the bytes come from.
//
//   - [Template] is the command; [Parse] has its syntax.
//   - [Rows] reads one file of rows from a buffer, without keeping any of it.
//   - [Format] is how rows are written; see there for what of each is read.
package rows

import (
	"fmt"
	"slices"
	"strings"

	"easycli/internal/quote"
)

// Rows reads the rows of one input. What Next returns is valid until the next call, and as long as
// the input that it was given.
type Rows struct {
	template *Template
	format   Format
	noHeader bool
	line     int64 // where the row at hand begins, from 1
	record   record
	table    table    // the same, nil for JSONL
	bound    bool     // the columns are known
	names    []string // of the columns, of CSV and TSV
	at       []int    // where the template's columns are among them
	others   []int    // what {*} stands for
	values   []value  // of the template's columns in the row at hand
	pairs    []value  // names and values for {*}, of JSONL
	words    [][]byte
	own      []byte // what had to be put together or unescaped
	json     object
}

// record is one row at the front of the input, as far as it has been looked at.
type record interface {
	// scan goes on through the row. It returns its size with the end of its line, 0 if more input is
	// needed, and how many lines it takes. A row that cannot be one is an error.
	scan(in []byte, eof bool) (size, lines int, err error)
	// fields are the fields of the row that scan has been through. They hold until the next scan.
	fields() []span
}

// table is a record whose fields are values: of CSV or TSV.
type table interface {
	record
	// text is a field as it is meant, in the input or in own, which is returned longer then.
	text(in []byte, field span, own []byte) (value, []byte, error)
}

// span is where a field stands in its row.
type span struct {
	from, to int
	escaped  bool // its text is not its bytes
	quoted   bool
}

// value is the value of a column in a row.
type value struct {
	text []byte
	kind kind
}

// kind tells a value from its absence.
type kind byte

const (
	missing kind = iota // there is no such field
	null                // it says that it has no value
	blank               // it is empty and not in quotes, which may mean the same
	some
)

// Error is a row, or a header, that cannot be used.
type Error struct {
	// Line is where the row begins, from 1.
	Line int64
	// Column is the name of the column, where it is about one.
	Column string
	// Msg says what is wrong, and Advice what to do about it, where that is known.
	Msg, Advice string
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text()) }

// Text is the error without its line.
func (e *Error) Text() string {
	if e.Column != "" {
		return "column " + shown(e.Column) + ": " + e.Msg
	}
	return e.Msg
}

// keep is what Rows holds on to between two rows; what one huge row took beyond it is let go.
const keep = 1 << 20

// Rows reads rows of that format; Unknown lets the first line decide. With noHeader, CSV and TSV have
// no line with names: the columns are called 1, 2, 3 ...
func (t *Template) Rows(format Format, noHeader bool) *Rows {
	return &Rows{template: t, format: format, noHeader: noHeader, line: 1}
}

// Line is the line on which the row begins that Next will look at, from 1.
func (r *Rows) Line() int64 { return r.line }

// Next reads the row at the front of the input, all of which must be given again when it returns 0
// for more input to be needed; eof says that there is none. Otherwise size is what it took. It returns
// no words for what is no row: a header, a blank line. The error is an [*Error].
func (r *Rows) Next(in []byte, eof bool) (words [][]byte, size int, err error) {
	if len(in) == 0 || r.record == nil && !r.begin(in, eof) {
		return nil, 0, nil
	}
	size, lines, err := r.record.scan(in, eof)
	if err != nil {
		return nil, 0, r.located(err)
	}
	if size == 0 {
		return nil, 0, nil
	}
	if cap(r.own) > keep {
		r.own = nil
	}
	if cap(r.words) > keep/24 {
		r.words, r.pairs = nil, nil
	}
	r.own, r.words = r.own[:0], r.words[:0]
	if fields := r.record.fields(); len(fields) > 0 {
		if err := r.row(in, fields); err != nil {
			return nil, 0, r.located(err)
		}
	}
	r.line += int64(lines)
	return r.words, size, nil
}

// begin decides on the format. It waits for the first line if need be.
func (r *Rows) begin(in []byte, eof bool) bool {
	if r.format == JSONL || r.format == TSV {
		// whatever the first line is
	} else if line, whole := firstLine(in, eof); !whole {
		return false
	} else if r.format == Unknown {
		r.format = sniff(line)
	}
	switch r.format {
	case CSV:
		r.table = newCSV(comma(in, r.noHeader))
	case TSV:
		r.table = &tsv{}
	case JSONL:
		r.record = &jsonl{}
		return true
	}
	r.record = r.table
	return true
}

func (r *Rows) located(err error) error {
	if e, ok := err.(*Error); ok {
		e.Line = r.line
		return e
	}
	return &Error{Line: r.line, Msg: err.Error()}
}

// row makes the words of a row; a header has none.
func (r *Rows) row(in []byte, fields []span) (err error) {
	switch {
	case r.table == nil:
		err = r.takeObject(in[:fields[0].to])
	case r.bound:
		err = r.takeFields(in, fields)
	default:
		if err = r.bind(in, fields); err != nil || !r.noHeader {
			return err
		}
		err = r.takeFields(in, fields)
	}
	if err != nil {
		return err
	}
	return r.build(in, fields)
}

// bind finds the template's columns among those of the header, or checks that the first row has as
// many as it asks for.
func (r *Rows) bind(in []byte, fields []span) error {
	r.bound = true
	r.names = make([]string, len(fields))
	for i, field := range fields {
		r.names[i] = fmt.Sprint(i + 1)
		if !r.noHeader {
			v, _, err := r.table.text(in, field, nil)
			if err != nil {
				return err
			}
			r.names[i] = string(v.text)
		}
	}
	for _, name := range r.template.columns {
		at, err := r.find(name)
		if err != nil {
			return err
		}
		r.at = append(r.at, at)
	}
	if !r.template.all {
		return nil
	}
	if r.noHeader {
		return &Error{Msg: "{*} writes the names of columns, and there is no header"}
	}
	seen := make(map[string]bool, len(r.names))
	for i, name := range r.names {
		if seen[name] {
			return &Error{Column: name, Msg: "the header has it twice"}
		}
		seen[name] = true
		if !slices.Contains(r.at, i) {
			r.others = append(r.others, i)
		}
	}
	return nil
}

// find is the place of a column.
func (r *Rows) find(name string) (int, error) {
	at := slices.Index(r.names, name)
	switch {
	case at < 0 && r.noHeader:
		return 0, &Error{Msg: fmt.Sprintf("there is no column {%s}", name),
			Advice: fmt.Sprintf("without a header the columns are {1} to {%d}", len(r.names))}
	case at < 0:
		return 0, &Error{Msg: fmt.Sprintf("the header has no column %s", shown(name)),
			Advice: "its columns are: " + list(r.names)}
	case slices.Contains(r.names[at+1:], name):
		return 0, &Error{Column: name, Msg: "the header has it twice"}
	}
	return at, nil
}

// takeFields takes the values that the template asks for out of a row of CSV or TSV.
func (r *Rows) takeFields(in []byte, fields []span) (err error) {
	if len(fields) != len(r.names) {
		like := "header"
		if r.noHeader {
			like = "first row"
		}
		return &Error{Msg: fmt.Sprintf("this row has %s, the %s %d", count(len(fields), "field"), like, len(r.names))}
	}
	r.values, r.pairs = r.values[:0], r.pairs[:0]
	for i, at := range r.at {
		var v value
		if v, r.own, err = r.table.text(in, fields[at], r.own); err != nil {
			return &Error{Column: r.template.columns[i], Msg: err.Error()}
		}
		r.values = append(r.values, v)
	}
	return nil
}

// build puts the words together.
func (r *Rows) build(in []byte, fields []span) error {
	for _, w := range r.template.words {
		switch {
		case w.all && r.table == nil:
			for _, v := range r.pairs {
				r.words = append(r.words, v.text)
			}
		case w.all:
			if err := r.addOthers(in, fields); err != nil {
				return err
			}
		case len(w.parts) == 1:
			text, err := r.part(w.parts[0])
			if err != nil {
				return err
			}
			r.words = append(r.words, text)
		default:
			from := len(r.own)
			for _, p := range w.parts {
				text, err := r.part(p)
				if err != nil {
					return err
				}
				r.own = append(r.own, text...)
			}
			r.words = append(r.words, r.own[from:len(r.own):len(r.own)])
		}
	}
	return nil
}

// addOthers adds what {*} stands for: name and value of every column that the template does not name,
// but for those without a value.
func (r *Rows) addOthers(in []byte, fields []span) (err error) {
	for _, at := range r.others {
		var v value
		if v, r.own, err = r.table.text(in, fields[at], r.own); err != nil {
			return &Error{Column: r.names[at], Msg: err.Error()}
		}
		if v.kind != null {
			from := len(r.own)
			r.own = append(r.own, r.names[at]...)
			r.words = append(r.words, r.own[from:len(r.own):len(r.own)], v.text)
		}
	}
	return nil
}

// part is a part of a word.
func (r *Rows) part(p part) ([]byte, error) {
	if p.column < 0 {
		return p.literal, nil
	}
	v := r.values[p.column]
	switch {
	case p.optional && v.kind != some:
		return p.literal, nil
	case v.kind >= blank:
		return v.text, nil
	}
	name := r.template.columns[p.column]
	e := &Error{Column: name, Msg: "this row has no value for it",
		Advice: fmt.Sprintf("{%s?} writes an empty word then, {%s?text} the text", name, name)}
	if v.kind == missing {
		e.Column, e.Msg = "", fmt.Sprintf("this row has no field %s", shown(name))
		e.Advice = fmt.Sprintf("its fields are: %s; {%s?} writes an empty word for one that is missing", r.json.keys(), name)
	}
	return nil, e
}

// list is names for a message, and not more of them than fit one.
func list(names []string) string {
	const most = 50
	var b strings.Builder
	for i, name := range names {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(names)-most)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(shown(name))
	}
	return b.String()
}

// shown is a name for a message: in quotes where one could not see what it is, and cut to a length
// that fits.
func shown(name string) string {
	name = name[:min(len(name), 64)]
	if name != "" && strings.IndexFunc(name, func(c rune) bool { return c <= ' ' || c == ',' || c == '"' || c == 0x7f }) < 0 {
		return name
	}
	return string(quote.Append(nil, name))
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

package render

import (
	"easycli/internal/quote"
	"easycli/internal/resp"
)

// jsonForm is one line of compact JSON for a reply. Where redis-cli (cliFormatReplyJson) writes
// bytes that are no JSON, this writes what a reader can take: an error is {"error":"…"}, a number
// JSON has no form for is a string, bytes that are no UTF-8 are escaped, and a key that is itself
// an aggregate is a string that holds its JSON.
type jsonForm struct {
	out *output
	end string // of a reply
	// quoted is for --quoted-json: a string's content is what the human format shows.
	quoted bool
	text   quote.Terminal
	// string says that the scalar under way stands in quotes.
	string bool
	// keys counts the keys around the next token that are aggregates: what is written there stands
	// within a string. Only the outermost of them is one, or every level would double its
	// backslashes.
	keys    int
	scratch []byte
	doubled []byte
}

// keyWrap is what the key of a map is wrapped in to be a JSON string.
type keyWrap byte

const (
	noWrap   keyWrap = iota // it is a string
	quotes                  // a number, true, null
	embedded                // an aggregate or an error: JSON within a string
)

func newJSON(out *output, o Options) *jsonForm {
	j := &jsonForm{out: out, end: or(o.JSONEnd, "\n"), quoted: o.Format == QuotedJSON}
	j.text.Style = quote.PipedJSON
	if o.Terminal {
		j.text.Style = quote.JSON
	}
	return j
}

// write writes a piece of JSON, as text of a string if it stands within a key.
func (j *jsonForm) write(json string) {
	if j.keys == 0 {
		j.out.string(json)
		return
	}
	j.scratch = append(j.scratch[:0], json...)
	j.embed(j.scratch)
}

// embed writes a piece of JSON that stands within a string.
func (j *jsonForm) embed(json []byte) {
	for _, c := range json {
		if c == '"' || c == '\\' {
			j.out.byte('\\')
		}
		j.out.byte(c)
	}
	j.out.room()
}

// content writes a piece of a string's text.
func (j *jsonForm) content(text []byte, more bool) {
	for ; len(text) > pieceSize; text = text[pieceSize:] {
		j.chunk(text[:pieceSize], true)
	}
	j.chunk(text, more)
}

func (j *jsonForm) chunk(text []byte, more bool) {
	if j.quoted {
		j.doubled = quote.AppendEscaped(j.doubled[:0], text)
		text, more = j.doubled, false
	}
	if j.keys == 0 {
		j.out.buf = j.encode(j.out.buf, text, more)
		j.out.room()
		return
	}
	j.scratch = j.encode(j.scratch[:0], text, more)
	j.embed(j.scratch)
}

func (j *jsonForm) encode(dst, text []byte, more bool) []byte {
	if dst = j.text.Append(dst, text); !more {
		dst = j.text.Finish(dst)
	}
	return dst
}

func (j *jsonForm) before(f *frame, t resp.Token) error {
	if f.isValue() {
		j.write(":")
		return nil
	}
	if f.at > 0 {
		j.write(",")
	}
	if f.kind == resp.Map {
		f.key = wrapOf(t)
		j.beginKey(f.key)
	}
	return nil
}

// wrapOf is what a key that begins with t needs around it.
func wrapOf(t resp.Token) keyWrap {
	switch {
	case t.Kind.IsAggregate() || t.Kind == resp.Error:
		return embedded
	case inQuotes(t):
		return noWrap
	}
	return quotes
}

func (j *jsonForm) beginKey(w keyWrap) {
	switch w {
	case quotes:
		j.write(`"`)
	case embedded:
		if j.keys == 0 {
			j.out.byte('"')
		}
		j.keys++
	}
}

func (j *jsonForm) after(f *frame) {
	if !f.isValue() { // it was no key
		return
	}
	switch f.key {
	case quotes:
		j.write(`"`)
	case embedded:
		if j.keys--; j.keys == 0 {
			j.out.byte('"')
		}
	}
}

// inQuotes reports whether a scalar is a JSON string.
func inQuotes(t resp.Token) bool {
	switch t.Kind {
	case resp.Integer, resp.Boolean, resp.Null:
		return false
	case resp.Double:
		return t.More || !isNumber(t.Text)
	}
	return true
}

func (j *jsonForm) scalar(t resp.Token, first bool) {
	if first {
		j.string = inQuotes(t)
		if t.Kind == resp.Error {
			j.write(`{"error":`)
		}
		if j.string {
			j.write(`"`)
		}
	}
	switch {
	case j.string:
		j.content(t.Text, t.More)
	case t.Kind == resp.Null:
		j.write("null")
	case t.Kind == resp.Boolean:
		j.write(truth(t))
	case t.Kind == resp.Integer:
		j.out.int(t.Int)
	default:
		j.out.bytes(t.Text)
	}
	if j.string && !t.More {
		j.write(`"`)
		if t.Kind == resp.Error {
			j.write("}")
		}
	}
}

func (j *jsonForm) open(f, _ *frame) error {
	if f.kind == resp.Map {
		j.write("{")
	} else {
		j.write("[")
	}
	return nil
}

func (j *jsonForm) close(f *frame) {
	if f.kind == resp.Map {
		j.write("}")
	} else {
		j.write("]")
	}
}

func (j *jsonForm) empty(kind resp.Kind) {
	if kind == resp.Map {
		j.write("{}")
	} else {
		j.write("[]")
	}
}

func (j *jsonForm) finish() { j.out.string(j.end) }

// isNumber reports whether text is a number in JSON's grammar.
func isNumber(text []byte) bool {
	i := 0
	if i < len(text) && text[i] == '-' {
		i++
	}
	whole := digitsAt(text, i)
	if whole == 0 || whole > 1 && text[i] == '0' {
		return false
	}
	i += whole
	if i < len(text) && text[i] == '.' {
		n := digitsAt(text, i+1)
		if n == 0 {
			return false
		}
		i += 1 + n
	}
	if i < len(text) && text[i]|0x20 == 'e' {
		i++
		if i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
		n := digitsAt(text, i)
		if n == 0 {
			return false
		}
		i += n
	}
	return i == len(text)
}

// digitsAt counts the digits that begin at i.
func digitsAt(text []byte, i int) int {
	n := 0
	for i+n < len(text) && text[i+n] >= '0' && text[i+n] <= '9' {
		n++
	}
	return n
}

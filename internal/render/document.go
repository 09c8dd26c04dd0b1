package render

import (
	"bytes"

	"easycli/internal/resp"
)

// maxLine is the longest line of a document that is looked at; a longer one becomes a string.
const maxLine = 1 << 20

// document turns the text of a report into JSON, line by line as it arrives.
type document struct {
	silence
	json *jsonForm
	how  How
	line []byte // the line that is not yet complete
	long bool   // it is too long, and is being written as a string
	// items counts what has been written to each object and array that is open.
	items []int
	// section and modules say what of an INFO text is open.
	section, modules bool
}

func (d *document) scalar(t resp.Token, first bool) {
	if first {
		d.begin()
	}
	text := t.Text
	for {
		i := bytes.IndexByte(text, '\n')
		if i < 0 {
			break
		}
		d.part(text[:i])
		d.lineEnd()
		text = text[i+1:]
	}
	d.part(text)
	if !t.More {
		if len(d.line) > 0 || d.long {
			d.lineEnd()
		}
		d.end()
	}
}

// part takes text that belongs to the line under way.
func (d *document) part(text []byte) {
	if !d.long && len(d.line)+len(text) <= maxLine {
		d.line = append(d.line, text...)
		return
	}
	if !d.long {
		d.long = true
		d.beginLong()
		d.json.content(d.line, true)
		d.line = d.line[:0]
	}
	d.json.content(text, true)
}

// beginLong begins a string for a line that is too long. In an object it has an empty name.
func (d *document) beginLong() {
	if d.inObject() {
		d.member(nil)
	} else {
		d.item()
	}
	d.json.write(`"`)
}

func (d *document) lineEnd() {
	if d.long {
		d.json.content(nil, false)
		d.json.write(`"`)
		d.long = false
		return
	}
	if line := bytes.TrimSuffix(d.line, []byte("\r")); len(line) > 0 {
		switch d.how {
		case InfoText:
			d.infoLine(line)
		case ClientLine:
			d.words(line, " ")
		case ClientLines:
			d.item()
			d.enter("{")
			d.words(line, " ")
			d.leave("}")
		case ClusterNodes:
			d.nodeLine(line)
		}
	}
	d.line = d.line[:0]
}

// inObject reports whether the report as a whole is an object; otherwise it is an array.
func (d *document) inObject() bool { return d.how == InfoText || d.how == ClientLine }

func (d *document) begin() {
	d.line, d.items = d.line[:0], d.items[:0]
	d.long, d.section, d.modules = false, false, false
	if d.inObject() {
		d.enter("{")
	} else {
		d.enter("[")
	}
}

func (d *document) end() {
	d.endSection()
	if d.inObject() {
		d.leave("}")
	} else {
		d.leave("]")
	}
}

func (d *document) finish() { d.json.finish() }

func (d *document) enter(bracket string) {
	d.json.write(bracket)
	d.items = append(d.items, 0)
}

func (d *document) leave(bracket string) {
	d.json.write(bracket)
	d.items = d.items[:len(d.items)-1]
}

// item begins the next element of an array.
func (d *document) item() {
	n := &d.items[len(d.items)-1]
	if *n > 0 {
		d.json.write(",")
	}
	*n++
}

// member begins the next member of an object.
func (d *document) member(name []byte) {
	d.item()
	d.text(name)
	d.json.write(":")
}

func (d *document) text(s []byte) {
	d.json.write(`"`)
	d.json.content(s, false)
	d.json.write(`"`)
}

// field is a member with a number where the value is one and a string elsewhere.
func (d *document) field(name, value []byte) {
	d.member(name)
	if isCount(value) && !isName(string(name)) {
		d.json.write(string(value))
		return
	}
	d.text(value)
}

// words are `name=value` fields.
func (d *document) words(line []byte, between string) {
	for word := range bytes.SplitSeq(line, []byte(between)) {
		if len(word) > 0 {
			name, value, _ := bytes.Cut(word, []byte("="))
			d.field(name, value)
		}
	}
}

// isCount reports whether text is a number as a server writes counters, not an identifier that
// happens to consist of digits.
func isCount(text []byte) bool {
	return len(text) <= 20 && isNumber(text) && !bytes.ContainsAny(text, "eE")
}

// isName reports whether a field is text even where it looks like a number, so that its type does
// not depend on what somebody called something.
func isName(field string) bool {
	switch field {
	case "name", "user", "lib-name", "lib-ver", "addr", "laddr", "flags", "events", "ip",
		"redis_version", "valkey_version", "redis_git_sha1", "redis_build_id", "run_id",
		"master_host", "master_replid", "master_replid2", "executable", "config_file", "cmd":
		return true
	}
	return false
}

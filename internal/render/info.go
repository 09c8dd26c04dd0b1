package render

import "bytes"

// infoLine takes a line of an INFO text, or of CLUSTER INFO, which is one without sections.
//
// A section becomes an object under its name in lower case, the way INFO is asked for it. A value
// that is itself a list of fields (db0, cmdstat_get, slave0) becomes an object, and the lines that
// all have the name "module" an array.
func (d *document) infoLine(line []byte) {
	if line[0] == '#' {
		d.endSection()
		d.member(bytes.ToLower(bytes.TrimSpace(line[1:])))
		d.enter("{")
		d.section = true
		return
	}
	name, value, _ := bytes.Cut(line, []byte(":"))
	if string(name) == "module" {
		d.module(value)
		return
	}
	d.endModules()
	if !isFieldList(value) {
		d.field(name, value)
		return
	}
	d.member(name)
	d.enter("{")
	d.words(value, ",")
	d.leave("}")
}

func (d *document) module(fields []byte) {
	if !d.modules {
		d.member([]byte("module"))
		d.enter("[")
		d.modules = true
	}
	d.item()
	d.enter("{")
	d.words(fields, ",")
	d.leave("}")
}

func (d *document) endModules() {
	if d.modules {
		d.leave("]")
		d.modules = false
	}
}

func (d *document) endSection() {
	d.endModules()
	if d.section {
		d.leave("}")
		d.section = false
	}
}

// isFieldList reports whether text is `name=value,name=value…`. A path with a '=' in it is not.
func isFieldList(text []byte) bool {
	for field := range bytes.SplitSeq(text, []byte(",")) {
		name, _, ok := bytes.Cut(field, []byte("="))
		if !ok || len(name) == 0 {
			return false
		}
		for _, c := range name {
			letter := c|0x20 >= 'a' && c|0x20 <= 'z'
			if digit := c >= '0' && c <= '9'; !letter && !digit && c != '_' && c != '-' && c != '.' {
				return false
			}
		}
	}
	return true
}

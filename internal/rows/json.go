package rows

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonl finds the lines of JSONL.
type jsonl struct {
	looked int // bytes of the line at hand that hold no end of line
	span   [1]span
	blank  bool
}

func (j *jsonl) fields() []span {
	if j.blank {
		return nil
	}
	return j.span[:]
}

func (j *jsonl) scan(in []byte, eof bool) (size, lines int, err error) {
	n := bytes.IndexByte(in[j.looked:], '\n')
	switch {
	case n >= 0:
		n += j.looked
		size = n + 1
	case eof:
		n, size = len(in), len(in)
	default:
		j.looked = len(in)
		return 0, 0, nil
	}
	j.looked = 0
	j.span[0].to = n
	j.blank = len(bytes.TrimLeft(in[:n], " \t\r")) == 0
	return size, 1, nil
}

// object walks over the JSON object on a line.
type object struct {
	rows *Rows
	in   []byte
	pos  int
	path []byte // names of the objects around, and of the field at hand, with dots between
	// listing takes the names of fields without a value as well.
	listing bool
}

// maxDepth is how deeply arrays and objects may be nested.
const maxDepth = 1000

// takeObject takes the values that the template asks for out of an object.
func (r *Rows) takeObject(line []byte) error {
	r.values, r.pairs = r.values[:0], r.pairs[:0]
	for range r.template.columns {
		r.values = append(r.values, value{})
	}
	o := &r.json
	o.rows, o.in, o.pos, o.path = r, line, 0, o.path[:0]
	switch o.blank(); o.peek() {
	case '{':
	case '[':
		return &Error{Msg: "this is an array, and a line of JSONL is an object",
			Advice: "jq writes its elements as lines: jq -c '.[]' FILE"}
	default:
		return &Error{Msg: "this is no JSON object: a line of JSONL is one"}
	}
	if err := o.members(1, true); err != nil {
		return err
	}
	if o.blank(); o.pos < len(o.in) {
		return o.unexpected()
	}
	return nil
}

func (o *object) peek() byte {
	if o.pos < len(o.in) {
		return o.in[o.pos]
	}
	return 0
}

func (o *object) blank() {
	for o.pos < len(o.in) && (o.in[o.pos] == ' ' || o.in[o.pos] == '\t' || o.in[o.pos] == '\r') {
		o.pos++
	}
}

// take passes over blanks and the byte that must follow.
func (o *object) take(c byte) error {
	o.blank()
	if o.peek() != c {
		return o.unexpected()
	}
	o.pos++
	return nil
}

func (o *object) unexpected() error {
	if o.pos >= len(o.in) {
		return &Error{Msg: "the line ends inside of its JSON", Advice: "jq writes a value a line: jq -c . FILE"}
	}
	return &Error{Msg: fmt.Sprintf("this is no JSON: %q at byte %d of the line", o.in[o.pos:o.pos+1], o.pos+1)}
}

// members walks over an object, and takes what the template asks for if it may name something in it.
func (o *object) members(depth int, wanted bool) error {
	if depth > maxDepth {
		return &Error{Msg: fmt.Sprintf("nested more than %d deep", maxDepth)}
	}
	o.pos++
	if o.blank(); o.peek() == '}' {
		o.pos++
		return nil
	}
	for {
		o.blank()
		escaped, from, err := o.text()
		if err != nil {
			return err
		}
		key := o.in[from : o.pos-1]
		if err := o.take(':'); err != nil {
			return err
		}
		o.blank()
		if wanted {
			err = o.member(depth, key, escaped)
		} else {
			err = o.skip(depth)
		}
		if err != nil {
			return err
		}
		o.blank()
		switch o.peek() {
		case ',':
			o.pos++
		case '}':
			o.pos++
			return nil
		default:
			return o.unexpected()
		}
	}
}

// member takes the value of a field, whole or parts of it, if the template asks for it.
func (o *object) member(depth int, key []byte, escaped bool) (err error) {
	r := o.rows
	if escaped {
		if key, err = unescapeJSON(nil, key); err != nil {
			return &Error{Msg: err.Error()}
		}
	}
	outer := len(o.path)
	if outer > 0 {
		o.path = append(o.path, '.')
	}
	o.path = append(o.path, key...)
	column, inside := -1, false
	for i, name := range r.template.columns {
		if name == string(o.path) {
			column = i
		} else if len(name) > len(o.path) && name[len(o.path)] == '.' && name[:len(o.path)] == string(o.path) {
			inside = true
		}
	}
	from := o.pos
	escaped = false
	switch c := o.peek(); {
	case c == '{' && inside:
		err = o.members(depth+1, true)
	case c == '"':
		escaped, _, err = o.text()
	default:
		err = o.skip(depth)
	}
	o.path = o.path[:outer]
	if err != nil {
		return err
	}
	all := depth == 1 && r.template.all && column < 0
	if column < 0 && !all {
		return nil
	}
	v, err := o.value(o.in[from:o.pos], escaped)
	if err != nil {
		return &Error{Column: string(key), Msg: err.Error()}
	}
	switch {
	case column >= 0:
		r.values[column] = v
	case v.kind == some || o.listing:
		if len(r.pairs) >= 2*maxFields {
			return errManyFields
		}
		r.pairs = append(r.pairs, value{text: key, kind: some}, v)
	}
	return nil
}

// value is the value that is written so.
func (o *object) value(text []byte, escaped bool) (v value, err error) {
	r := o.rows
	from := len(r.own)
	switch {
	case text[0] == 'n':
		return value{kind: null}, nil
	case text[0] == '"' && escaped:
		if r.own, err = unescapeJSON(r.own, text[1:len(text)-1]); err != nil {
			return v, err
		}
	case text[0] == '"':
		return value{text: text[1 : len(text)-1], kind: some}, nil
	case (text[0] == '{' || text[0] == '[') && bytes.ContainsAny(text, " \t\r"):
		r.own = compact(r.own, text)
	default:
		return value{text: text, kind: some}, nil
	}
	return value{text: r.own[from:len(r.own):len(r.own)], kind: some}, nil
}

// text passes over a string, and says where its text begins, which ends before the quote just passed,
// and whether there are escapes in it.
func (o *object) text() (escaped bool, from int, err error) {
	if o.peek() != '"' {
		return false, 0, o.unexpected()
	}
	o.pos++
	from = o.pos
	for o.pos < len(o.in) {
		switch c := o.in[o.pos]; {
		case c == '"':
			o.pos++
			return escaped, from, nil
		case c == '\\':
			escaped = true
			n := escapeSize(o.in[o.pos:])
			if n == 0 {
				return false, 0, o.unexpected()
			}
			o.pos += n
		case c < ' ':
			return false, 0, o.unexpected()
		default:
			o.pos++
		}
	}
	return false, 0, o.unexpected()
}

// skip passes over a value.
func (o *object) skip(depth int) error {
	switch c := o.peek(); c {
	case '"':
		_, _, err := o.text()
		return err
	case '{':
		return o.members(depth+1, false)
	case '[':
		return o.elements(depth + 1)
	case 't':
		return o.word("true")
	case 'f':
		return o.word("false")
	case 'n':
		return o.word("null")
	}
	return o.number()
}

func (o *object) elements(depth int) error {
	if depth > maxDepth {
		return &Error{Msg: fmt.Sprintf("nested more than %d deep", maxDepth)}
	}
	o.pos++
	if o.blank(); o.peek() == ']' {
		o.pos++
		return nil
	}
	for {
		o.blank()
		if err := o.skip(depth); err != nil {
			return err
		}
		o.blank()
		switch o.peek() {
		case ',':
			o.pos++
		case ']':
			o.pos++
			return nil
		default:
			return o.unexpected()
		}
	}
}

func (o *object) word(word string) error {
	for i := range len(word) {
		if o.peek() != word[i] {
			return o.unexpected()
		}
		o.pos++
	}
	return nil
}

// number passes over a number, which stays as it is written: no float can change it.
func (o *object) number() error {
	if o.peek() == '-' {
		o.pos++
	}
	if o.peek() == '0' {
		o.pos++
	} else if err := o.digits(); err != nil {
		return err
	}
	if o.peek() == '.' {
		o.pos++
		if err := o.digits(); err != nil {
			return err
		}
	}
	if o.peek()|0x20 == 'e' {
		o.pos++
		if c := o.peek(); c == '+' || c == '-' {
			o.pos++
		}
		return o.digits()
	}
	return nil
}

func (o *object) digits() error {
	from := o.pos
	for o.pos < len(o.in) && o.in[o.pos]-'0' <= 9 {
		o.pos++
	}
	if o.pos == from {
		return o.unexpected()
	}
	return nil
}

// keys lists the fields of the object for a message.
func (o *object) keys() string {
	all := Template{all: true}
	r := &Rows{template: &all, json: object{listing: true}}
	if r.takeObject(o.in) != nil {
		return "too many to list"
	}
	var names []string
	for i := 0; i < len(r.pairs); i += 2 {
		names = append(names, string(r.pairs[i].text))
	}
	if len(names) == 0 {
		return "none"
	}
	return list(names)
}

// compact appends JSON without the blanks outside of its strings.
func compact(dst, text []byte) []byte {
	quoted := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted && c == '\\':
			dst = append(dst, c)
			i++
			c = text[i]
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ' ' || c == '\t' || c == '\r'):
			continue
		}
		dst = append(dst, c)
	}
	return dst
}

// escapeSize is the length of the escape that text begins with, 0 if it is none.
func escapeSize(text []byte) int {
	switch {
	case len(text) < 2:
	case strings.IndexByte(`"\/bfnrt`, text[1]) >= 0:
		return 2
	case text[1] == 'u' && hex4(text[2:]) >= 0:
		return 6
	}
	return 0
}

// hex4 is the number that four hexadecimal digits are, -1 if they are not there.
func hex4(text []byte) rune {
	if len(text) < 4 {
		return -1
	}
	var n rune
	for _, c := range text[:4] {
		switch {
		case c-'0' <= 9:
			n = n<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			n = n<<4 | rune(c|0x20-'a'+10)
		default:
			return -1
		}
	}
	return n
}

// unescapeJSON appends the text of a string whose escapes have been found to be well-formed.
func unescapeJSON(dst, text []byte) ([]byte, error) {
	for {
		at := bytes.IndexByte(text, '\\')
		if at < 0 {
			return append(dst, text...), nil
		}
		dst = append(dst, text[:at]...)
		c := text[at+1]
		if c != 'u' {
			if i := strings.IndexByte("bfnrt", c); i >= 0 {
				c = "\b\f\n\r\t"[i]
			}
			dst, text = append(dst, c), text[at+2:]
			continue
		}
		r := hex4(text[at+2:])
		text = text[at+6:]
		if utf16.IsSurrogate(r) {
			if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
				return dst, errHalf
			}
			if r = utf16.DecodeRune(r, hex4(text[2:])); r == utf8.RuneError {
				return dst, errHalf
			}
			text = text[6:]
		}
		dst = utf8.AppendRune(dst, r)
	}
}

var errHalf = errors.New("half of a surrogate pair is no character")

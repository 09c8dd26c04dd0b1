package resp

import "cmp"

// frame is an aggregate whose elements are being read. There may be thousands, so it is small.
type frame struct {
	left int64  // elements to come; -1 if streamed
	row  uint16 // attributes: how many stand in a row, this one included
	kind Kind
	odd  bool // streamed maps: a key has been read, its value is due
}

func (r *Reader) aggregate(kind Kind, wire byte, line []byte) (Token, error) {
	if kind == Array && string(line) == "-1" {
		return r.scalar(Token{Kind: Null, Wire: wire}), nil
	}
	n, ok := parseLength(line)
	if string(line) == "?" && (kind == Array || kind == Set || kind == Map) {
		n, ok = -1, true
	}
	if !ok || n > maxCount {
		return Token{}, r.failf("Multi-bulk length out of range")
	}
	if len(r.stack) >= cmp.Or(r.MaxDepth, DefaultMaxDepth) {
		return Token{}, r.failf("replies nested too deep")
	}
	row := uint16(0)
	if kind == Attribute {
		if row = r.attributes + 1; row > maxAttributes {
			return Token{}, r.failf("too many attributes in a row")
		}
		r.attributes = 0
	} else {
		r.started()
	}
	left := n
	if (kind == Map || kind == Attribute) && n > 0 {
		left = 2 * n
	}
	r.stack = append(r.stack, frame{kind: kind, left: left, row: row})
	return Token{Kind: kind, Wire: wire, Int: n}, nil
}

// scalar counts a value that is one token.
func (r *Reader) scalar(t Token) Token {
	r.started()
	return t
}

// started counts the value that has just begun as an element of the aggregate around it.
func (r *Reader) started() {
	r.attributes = 0
	if len(r.stack) == 0 {
		return
	}
	if top := &r.stack[len(r.stack)-1]; top.left > 0 {
		top.left--
	} else {
		top.odd = !top.odd
	}
}

// end leaves the innermost aggregate.
func (r *Reader) end() Token {
	top := r.stack[len(r.stack)-1]
	r.stack = r.stack[:len(r.stack)-1]
	r.attributes = top.row // above 0 behind an attribute: its value is due
	return Token{Kind: End}
}

// streamEnd reads the line that closes a streamed aggregate.
func (r *Reader) streamEnd() (Token, error) {
	if len(r.stack) == 0 || r.attributes > 0 {
		return Token{}, r.badType()
	}
	if top := r.stack[len(r.stack)-1]; top.left >= 0 || top.kind == Map && top.odd {
		return Token{}, r.badType()
	}
	line, err := r.header()
	if err != nil {
		return Token{}, err
	}
	if len(line) != 0 {
		return Token{}, r.failf("Bad end of a streamed value")
	}
	return r.end(), nil
}

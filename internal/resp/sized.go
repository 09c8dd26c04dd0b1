package resp

// sized reads the start of a string with a length, or of a streamed one.
func (r *Reader) sized(kind Kind, wire byte, line []byte) (Token, error) {
	if kind == BulkString && string(line) == "-1" {
		return r.scalar(Token{Kind: Null, Wire: wire}), nil
	}
	if kind == BulkString && string(line) == "?" {
		r.started()
		r.text = text{kind: kind, wire: wire, form: streamedText, size: -1}
		return r.streamedPiece()
	}
	n, ok := parseLength(line)
	if !ok {
		return Token{}, r.failf("Bad bulk string length")
	}
	r.started()
	if kind != Verbatim && n <= int64(r.w-r.r-2) { // all of it is here
		return r.whole(Token{Kind: kind, Wire: wire, Int: n, Text: r.buf[r.r : r.r+int(n)]})
	}
	r.text = text{kind: kind, wire: wire, form: sizedText, size: n, left: n}
	if kind == Verbatim {
		if err := r.verbatim(); err != nil {
			return Token{}, err
		}
	}
	return r.sizedPiece()
}

// verbatim reads the format in front of a Verbatim's text, three letters and a colon.
func (r *Reader) verbatim() error {
	if r.text.size < 4 {
		return r.failf("Verbatim string without a format")
	}
	if err := r.need(4); err != nil {
		return err
	}
	if r.buf[r.r+3] != ':' {
		return r.failf("Verbatim string without a format")
	}
	r.format = [3]byte(r.buf[r.r:])
	r.r += 4
	r.text.size -= 4
	r.text.left -= 4
	return nil
}

package resp

// Skip passes over the next reply and returns its kind. For every error in it, onError is called
// with the depth at which it stands, 0 for the reply itself, and with its text, or the first
// part of it if that is longer than half the buffer; the text is valid during the call. onError may
// be nil.
func (r *Reader) Skip(onError func(depth int, text []byte)) (Kind, error) {
	if kind := r.skipBuffered(); kind != 0 {
		return kind, nil
	}
	var kind Kind
	for more := false; ; {
		depth := len(r.stack)
		tok, err := r.Next()
		if err != nil {
			return 0, err
		}
		if tok.Kind == Error && !more && onError != nil {
			onError(depth, tok.Text)
		}
		if depth == 0 && tok.Kind != Attribute {
			kind = tok.Kind
		}
		more = tok.More
		if r.Depth() == 0 {
			return kind, nil
		}
	}
}

// skipBuffered is the short way for the replies that a load is made of: a status, an integer or a
// short string that lies in the buffer as a whole. It returns 0 if it has done nothing.
func (r *Reader) skipBuffered() Kind {
	if r.err != nil || r.Depth() > 0 {
		return 0
	}
	b := r.buf[r.r:r.w]
	if len(b) >= 5 && string(b[:5]) == "+OK\r\n" {
		r.r += 5
		return Status
	}
	if len(b) < 4 || b[0] != ':' && b[0] != '$' {
		return 0
	}
	n, i := 0, 1
	for i < len(b) && i < 8 && b[i]-'0' <= 9 {
		n = n*10 + int(b[i]-'0')
		i++
	}
	if i == 1 || i+1 >= len(b) || b[i] != '\r' || b[i+1] != '\n' {
		return 0
	}
	i += 2
	if b[0] == ':' {
		r.r += i
		return Integer
	}
	if b[1] == '0' && i > 4 || i+n+2 > len(b) || b[i+n] != '\r' || b[i+n+1] != '\n' {
		return 0
	}
	r.r += i + n + 2
	return BulkString
}

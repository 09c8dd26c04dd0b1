package resp

// Next yields the next token.
func (r *Reader) Next() (Token, error) {
	if r.err != nil {
		return Token{}, r.err
	}
	if r.text.form != noText {
		return r.piece()
	}
	if len(r.stack) > 0 {
		if top := &r.stack[len(r.stack)-1]; top.left == 0 {
			return r.end(), nil
		}
	}
	if err := r.need(1); err != nil {
		return Token{}, err
	}
	for r.isPush(r.buf[r.r]) {
		apart, err := r.takePush()
		if err != nil {
			return Token{}, err
		}
		if !apart {
			break
		}
		if err := r.need(1); err != nil {
			return Token{}, err
		}
	}
	return r.value(r.buf[r.r])
}

// value reads the start of a value whose type byte is ahead.
func (r *Reader) value(wire byte) (Token, error) {
	switch wire {
	case '+':
		return r.line(Status, wire)
	case '-':
		return r.line(Error, wire)
	case ',':
		return r.line(Double, wire)
	case '(':
		return r.line(BigNumber, wire)
	case '.':
		return r.streamEnd()
	}
	kind := headerKinds[wire]
	if kind == 0 {
		return Token{}, r.badType()
	}
	line, err := r.header()
	if err != nil {
		return Token{}, err
	}
	switch kind {
	case Integer:
		n, ok := parseInt(line)
		if !ok {
			return Token{}, r.failf("Bad integer value")
		}
		return r.scalar(Token{Kind: Integer, Wire: wire, Int: n}), nil
	case Boolean:
		return r.boolean(line)
	case Null:
		if len(line) != 0 {
			return Token{}, r.failf("Bad nil value")
		}
		return r.scalar(Token{Kind: Null, Wire: wire}), nil
	case BulkString, Verbatim, Error:
		return r.sized(kind, wire, line)
	}
	return r.aggregate(kind, wire, line)
}

// headerKinds are the types whose first line is short and is read as a whole.
var headerKinds = [256]Kind{
	':': Integer, '#': Boolean, '_': Null, '$': BulkString, '=': Verbatim, '!': Error,
	'*': Array, '~': Set, '%': Map, '>': Push, '|': Attribute,
}

func (r *Reader) boolean(line []byte) (Token, error) {
	if len(line) == 1 {
		switch line[0] {
		case 't', 'T':
			return r.scalar(Token{Kind: Boolean, Wire: '#', Int: 1}), nil
		case 'f', 'F':
			return r.scalar(Token{Kind: Boolean, Wire: '#'}), nil
		}
	}
	return Token{}, r.failf("Bad bool value")
}

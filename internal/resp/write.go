package resp

import "strconv"

// AppendCommand appends a request: an array of bulk strings.
func AppendCommand[Word ~string | ~[]byte](dst []byte, words ...Word) []byte {
	dst = appendHeader(dst, '*', len(words))
	for _, w := range words {
		dst = appendHeader(dst, '$', len(w))
		dst = append(dst, w...)
		dst = append(dst, '\r', '\n')
	}
	return dst
}

func appendHeader(dst []byte, wire byte, n int) []byte {
	dst = append(dst, wire)
	if n < 10 {
		return append(dst, byte('0'+n), '\r', '\n')
	}
	dst = strconv.AppendInt(dst, int64(n), 10)
	return append(dst, '\r', '\n')
}

// wireTypes are the type bytes of the kinds that have only one, or that are written with this one
// where the Wire field says nothing else.
var wireTypes = [...]byte{
	Status: '+', Error: '-', Integer: ':', BulkString: '$', Null: '_', Boolean: '#', Double: ',',
	BigNumber: '(', Verbatim: '=', Array: '*', Set: '~', Map: '%', Push: '>', Attribute: '|',
}

// Append appends the reply as it is sent on the wire. What has been read comes out as it went in,
// but for what has two spellings: an integer with a sign or leading zeros, a streamed type, T for t,
// attributes in a row. In a value made by hand, the text of a kind that is one line must be one, and
// maps must be of pairs.
func (v *Value) Append(dst []byte) []byte {
	t := v.Tokens()
	for {
		tok, err := t.Next()
		if err != nil { // the end of the tree
			return dst
		}
		if tok.Kind != End {
			dst = appendToken(dst, tok, t.format)
		}
	}
}

func appendToken(dst []byte, t Token, format [3]byte) []byte {
	wire := t.Wire
	if wire == 0 {
		wire = wireTypes[t.Kind]
	}
	switch {
	case t.Kind.IsAggregate():
		return appendHeader(dst, wire, int(t.Int))
	case t.Kind == Integer:
		dst = strconv.AppendInt(append(dst, wire), t.Int, 10)
	case t.Kind == Boolean:
		dst = append(dst, wire, "ft"[min(1, uint64(t.Int))])
	case t.Kind == Null && wire != '_':
		dst = append(dst, wire, '-', '1')
	case t.Kind == Verbatim:
		dst = appendHeader(dst, wire, len(t.Text)+4)
		dst = append(append(dst, format[:]...), ':')
		dst = append(dst, t.Text...)
	case wire == '$' || wire == '!':
		dst = appendHeader(dst, wire, len(t.Text))
		dst = append(dst, t.Text...)
	default:
		dst = append(append(dst, wire), t.Text...)
	}
	return append(dst, '\r', '\n')
}

package resp

import "bytes"

// text is a string that is being handed out in pieces.
type text struct {
	kind Kind
	wire byte
	form textForm
	size int64 // as declared, for the tokens; -1 if it was not
	left int64 // bytes to come, for sized strings and for one chunk of a streamed one
}

type textForm byte

const (
	noText       textForm = iota
	lineText              // until CRLF
	sizedText             // left bytes, then CRLF
	streamedText          // chunks, each with its length, until one of length 0
)

// shortLine is up to where a line is searched for its end byte by byte, which is faster there.
const shortLine = 48

// line reads the first token of a value that is one line of any length.
func (r *Reader) line(kind Kind, wire byte) (Token, error) {
	r.r++
	r.started()
	// The short way, for the short lines that most are. What is not right is left to linePiece.
	ahead := r.buf[r.r:r.w]
	for i := 0; i+1 < len(ahead) && i < shortLine; i++ {
		if ahead[i] != '\r' && ahead[i] != '\n' {
			continue
		}
		if i == 0 || ahead[i] != '\r' || ahead[i+1] != '\n' {
			break
		}
		t := Token{Kind: kind, Wire: wire, Int: -1, Text: ahead[:i]}
		r.r += i + 2
		return t, nil
	}
	r.text = text{kind: kind, wire: wire, form: lineText, size: -1}
	t, err := r.linePiece()
	if err == nil && len(t.Text) == 0 && !t.More && (kind == Double || kind == BigNumber) {
		return Token{}, r.failf("Bad %s value: it is empty", kind)
	}
	return t, err
}

// piece yields the next part of the string that is being read.
func (r *Reader) piece() (Token, error) {
	switch r.text.form {
	case lineText:
		return r.linePiece()
	case sizedText:
		return r.sizedPiece()
	default:
		return r.streamedPiece()
	}
}

// linePiece yields what is buffered of a line, up to its end. It waits for the end as long as the
// line fits into wholeText.
func (r *Reader) linePiece() (Token, error) {
	for looked := 0; ; {
		window := r.buf[r.r+looked : r.w]
		if i := bytes.IndexByte(window, '\r'); i >= 0 {
			end := looked + i
			if bytes.IndexByte(window[:i], '\n') >= 0 {
				return Token{}, r.failf("Bad simple string value")
			}
			if err := r.need(end + 2); err != nil {
				return Token{}, err
			}
			if r.buf[r.r+end+1] != '\n' {
				return Token{}, r.failf("Bad simple string value")
			}
			t := r.text.token(r.buf[r.r:r.r+end], false)
			r.r += end + 2
			r.text.form = noText
			return t, nil
		}
		if bytes.IndexByte(window, '\n') >= 0 {
			return Token{}, r.failf("Bad simple string value")
		}
		looked += len(window)
		if looked >= wholeText {
			t := r.text.token(r.buf[r.r:r.w], true)
			r.r = r.w
			return t, nil
		}
		if err := r.need(looked + 1); err != nil {
			return Token{}, err
		}
	}
}

// sizedPiece yields what is buffered of a string with a length. The last piece is only yielded once
// the CRLF behind it has been seen.
func (r *Reader) sizedPiece() (Token, error) {
	if r.text.left <= wholeText {
		n := int(r.text.left)
		if err := r.need(n + 2); err != nil {
			return Token{}, err
		}
		r.text.form = noText
		return r.whole(r.text.token(r.buf[r.r:r.r+n], false))
	}
	if err := r.need(1); err != nil {
		return Token{}, err
	}
	n := int(min(int64(r.w-r.r), r.text.left-1))
	t := r.text.token(r.buf[r.r:r.r+n], true)
	r.r += n
	r.text.left -= int64(n)
	return t, nil
}

// streamedPiece yields the next part of a streamed string: of the chunk at hand, or of the next.
func (r *Reader) streamedPiece() (Token, error) {
	if r.text.left == 0 {
		if err := r.need(1); err != nil {
			return Token{}, err
		}
		if r.buf[r.r] != ';' {
			return Token{}, r.badType()
		}
		line, err := r.header()
		if err != nil {
			return Token{}, err
		}
		n, ok := parseLength(line)
		if !ok {
			return Token{}, r.failf("Bad length of a chunk")
		}
		if n == 0 {
			r.text.form = noText
			return r.text.token(nil, false), nil
		}
		r.text.left = n
	}
	if err := r.need(1); err != nil {
		return Token{}, err
	}
	n := int(min(int64(r.w-r.r), r.text.left))
	if int64(n) == r.text.left {
		if err := r.need(min(n+2, bufferSize)); err != nil {
			return Token{}, err
		}
		if n+2 > r.w-r.r { // the buffer is full: leave the last byte for the next piece
			n--
		}
	}
	t := r.text.token(r.buf[r.r:r.r+n], true)
	r.r += n
	if r.text.left -= int64(n); r.text.left == 0 {
		return t, r.crlf()
	}
	return t, nil
}

// whole passes over a string that is in the buffer with the CRLF behind it, and yields its token.
func (r *Reader) whole(t Token) (Token, error) {
	r.r += len(t.Text)
	if err := r.crlf(); err != nil {
		return Token{}, err
	}
	return t, nil
}

// crlf reads the two bytes behind a string, which are in the buffer.
func (r *Reader) crlf() error {
	if r.buf[r.r] != '\r' || r.buf[r.r+1] != '\n' {
		return r.failf("Bad bulk string terminator")
	}
	r.r += 2
	return nil
}

func (t *text) token(b []byte, more bool) Token {
	return Token{Kind: t.kind, Wire: t.wire, Int: t.size, Text: b, More: more}
}

package render

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"io"
	"unicode/utf8"

	"easycli/internal/quote"
	"easycli/internal/resp"
)

// maxDecoded bounds a string that is decoded, and what it may unfold to.
const maxDecoded = 1 << 20

// decoding is the part of a humanForm that shows strings without their encoding.
type decoding struct {
	collecting bool
	encoded    []byte // of the string under way
}

// decoded takes a scalar, or a piece of it, and reports whether there is nothing left to write of it.
// A string that may be encoded is held until its end.
func (h *humanForm) decoded(t resp.Token, first bool) bool {
	if first {
		h.collecting = h.mayBeEncoded(t)
		h.encoded = h.encoded[:0]
	}
	if !h.collecting {
		return false
	}
	h.encoded = append(h.encoded, t.Text...)
	if t.More {
		return true
	}
	h.collecting = false
	if u := unfold(h.person.Decode, h.encoded); u.shows() {
		h.unfolded(&u)
	} else {
		if u.note != nil {
			h.aside("", u.note)
			h.newLine()
		}
		t.Text = h.encoded
		h.forPerson(t, true)
	}
	if cap(h.encoded) > 64<<10 {
		h.encoded = nil
	}
	return true
}

// mayBeEncoded reports whether it is worth holding the string that begins with t.
func (h *humanForm) mayBeEncoded(t resp.Token) bool {
	if h.person.Decode == DecodeNothing || t.Kind != resp.BulkString || h.place != element ||
		t.Int <= 0 || t.Int > maxDecoded {
		return false
	}
	return h.person.Decode != DecodeAuto || len(t.Text) < 2 || guess(t.Text) != DecodeNothing
}

// guess is the encoding that text shows by its first bytes.
func guess(text []byte) Decode {
	switch {
	case bytes.HasPrefix(text, []byte{0x1f, 0x8b}):
		return DecodeGzip
	case len(text) > 1 && text[0] == 0x78 && (int(text[0])<<8|int(text[1]))%31 == 0:
		return DecodeZlib
	}
	for _, c := range text {
		switch c {
		case ' ', '\t', '\r', '\n':
		case '{', '[':
			return DecodeJSON
		default:
			return DecodeNothing
		}
	}
	return DecodeNothing
}

// unfolding is what came out of a string.
type unfolding struct {
	// note says what was found, one encoding after the other.
	note []byte
	// json and text are what it came to, of which one is set; binary is the third way.
	json, text, binary []byte
}

func (u *unfolding) shows() bool { return u.json != nil || u.text != nil || u.binary != nil }

// unfold takes text for what d says; one encoding may hold another.
func unfold(d Decode, text []byte) unfolding {
	var u unfolding
	if d == DecodeHex {
		u.found("hex", text)
		u.binary = text
		return u
	}
	if d == DecodeAuto {
		d = guess(text)
	}
	inner, name, ok := decodeOnce(d, text)
	if !ok {
		return u
	}
	u.found(name, text)
	switch {
	case inner == nil:
		u.note = append(u.note, ": more than 1.0 MiB inside, not decoded"...)
	case d == DecodeJSON || d == DecodeMessagePack:
		u.json = inner
	case isPrettyJSON(inner):
		u.found("JSON", inner)
		u.json = inner
	case isText(inner):
		u.found("text", inner)
		u.text = inner
	default:
		u.found("bytes", inner)
		u.binary = inner
	}
	return u
}

// found adds an encoding, and the size of what was in it, to the note.
func (u *unfolding) found(name string, text []byte) {
	if len(u.note) > 0 {
		u.note = append(u.note, ": "...)
	}
	u.note = append(append(u.note, name...), ", "...)
	u.note = appendSize(u.note, int64(len(text)), 0)
}

// decodeOnce undoes one encoding. What unfolds to more than is shown is nil.
func decodeOnce(d Decode, text []byte) (inner []byte, name string, ok bool) {
	var err error
	switch d {
	case DecodeJSON:
		return text, "JSON", isPrettyJSON(text)
	case DecodeGzip:
		var r *gzip.Reader
		if r, err = gzip.NewReader(bytes.NewReader(text)); err == nil {
			inner, err = inflate(r)
		}
		return inner, "gzip", err == nil
	case DecodeZlib:
		var r io.ReadCloser
		if r, err = zlib.NewReader(bytes.NewReader(text)); err == nil {
			inner, err = inflate(r)
		}
		return inner, "zlib", err == nil
	case DecodeBase64:
		inner, ok = decodeBase64(text)
		return inner, "base64", ok
	case DecodeMessagePack:
		inner, ok = messagePackToJSON(text)
		return inner, "MessagePack", ok
	}
	return nil, "", false
}

// inflate reads all that is compressed, nil if that is too much.
func inflate(r io.Reader) ([]byte, error) {
	inner, err := io.ReadAll(io.LimitReader(r, maxDecoded+1))
	if len(inner) > maxDecoded {
		return nil, nil
	}
	if inner == nil {
		inner = []byte{}
	}
	return inner, err
}

// decodeBase64 takes both alphabets, with and without padding.
func decodeBase64(text []byte) ([]byte, bool) {
	text = bytes.TrimRight(bytes.TrimSpace(text), "=")
	encoding := base64.RawStdEncoding
	if bytes.ContainsAny(text, "-_") {
		encoding = base64.RawURLEncoding
	}
	inner := make([]byte, encoding.DecodedLen(len(text)))
	n, err := encoding.Decode(inner, text)
	return inner[:n], err == nil && n > 0
}

// isPrettyJSON reports whether text is a JSON object or array, and no deeper than it can be shown.
func isPrettyJSON(text []byte) bool {
	return guess(text) == DecodeJSON && json.Valid(text) && jsonDepth(text) <= maxJSONDepth
}

// isText reports whether people can read it. Colours are no hindrance: they are shown as escapes.
func isText(text []byte) bool {
	for _, c := range text {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' && c != 0x1b || c == 0x7f {
			return false
		}
	}
	return utf8.Valid(text)
}

// unfolded writes what came out of a string below what it was, where a value's own elements would stand.
func (h *humanForm) unfolded(u *unfolding) {
	h.aside("", u.note)
	h.newLine()
	switch {
	case u.json != nil:
		h.prettyJSON(u.json)
	case u.text != nil:
		h.lines(u.text)
	default:
		h.hexDump(u.binary)
	}
	h.line = true
}

// newLine begins a line where a value's own elements would stand.
func (h *humanForm) newLine() {
	h.out.byte('\n')
	h.out.spaces(h.inside())
}

// inside is the column where a value's own elements would stand.
func (h *humanForm) inside() int {
	if n := len(h.p.stack); n > 0 {
		return h.p.stack[n-1].indent + h.p.stack[n-1].width + 2
	}
	return 0
}

// lines writes text with line ends of its own.
func (h *humanForm) lines(text []byte) {
	text = bytes.TrimSuffix(text, []byte("\n"))
	for i := 0; ; i++ {
		line, rest, more := bytes.Cut(text, []byte("\n"))
		if i > 0 {
			h.newLine()
		}
		h.guard.print(h.out, quote.Lines, bytes.TrimSuffix(line, []byte("\r")), false)
		if !more {
			return
		}
		text = rest
	}
}

package render

import (
	"encoding/binary"
	"math"
	"strconv"

	"easycli/internal/quote"
)

// maxUnpacked bounds the JSON, with room for what a string may need that is not too long to be decoded.
const maxUnpacked = 8 * maxDecoded

// messagePackToJSON is a MessagePack map or array as JSON: keys that are no strings become some, and so
// do numbers that JSON has not; bytes are characters of their numbers, and extensions arrays of their
// type and bytes. ok is false for anything else, for what does not end where the text does, and for what
// would become too much: keys that hold maps within keys double with each level.
func messagePackToJSON(text []byte) (out []byte, ok bool) {
	m := messagePack{text: text}
	if len(text) == 0 || !m.holdsOthers(text[0]) || !m.value(maxJSONDepth) || m.at != len(text) {
		return nil, false
	}
	return m.out, true
}

// messagePack is a reader of it.
type messagePack struct {
	text []byte
	at   int
	out  []byte
}

// holdsOthers reports whether a value that begins with c is a map or an array.
func (m *messagePack) holdsOthers(c byte) bool {
	return c&0xf0 == 0x80 || c&0xf0 == 0x90 || c >= 0xdc && c <= 0xdf
}

// value takes a value that may nest so deep. It is false if there is none.
func (m *messagePack) value(depth int) bool {
	if m.at >= len(m.text) || depth == 0 || len(m.out) > maxUnpacked {
		return false
	}
	c := m.text[m.at]
	m.at++
	switch {
	case c < 0x80:
		m.out = strconv.AppendInt(m.out, int64(c), 10)
	case c >= 0xe0:
		m.out = strconv.AppendInt(m.out, int64(int8(c)), 10)
	case c < 0x90:
		return m.members(uint64(c&15), depth)
	case c < 0xa0:
		return m.elements(uint64(c&15), depth)
	case c < 0xc0:
		return m.string(uint64(c & 31))
	case c == 0xc0:
		m.out = append(m.out, "null"...)
	case c == 0xc2:
		m.out = append(m.out, "false"...)
	case c == 0xc3:
		m.out = append(m.out, "true"...)
	default:
		return m.sized(c, depth)
	}
	return true
}

// sized takes the rest of a value that says how long it or its length is.
func (m *messagePack) sized(c byte, depth int) bool {
	switch {
	case c >= 0xc4 && c <= 0xc6: // bin
		n, ok := m.uint(1 << (c - 0xc4))
		return ok && m.string(n)
	case c >= 0xc7 && c <= 0xc9: // ext
		n, ok := m.uint(1 << (c - 0xc7))
		return ok && m.extension(n)
	case c == 0xca || c == 0xcb:
		return m.float(c == 0xcb)
	case c >= 0xcc && c <= 0xcf:
		n, ok := m.uint(1 << (c - 0xcc))
		m.out = strconv.AppendUint(m.out, n, 10)
		return ok
	case c >= 0xd0 && c <= 0xd3:
		size := 1 << (c - 0xd0)
		n, ok := m.uint(size)
		shift := 64 - 8*size
		m.out = strconv.AppendInt(m.out, int64(n<<shift)>>shift, 10)
		return ok
	case c >= 0xd4 && c <= 0xd8:
		return m.extension(1 << (c - 0xd4))
	case c >= 0xd9 && c <= 0xdb:
		n, ok := m.uint(1 << (c - 0xd9))
		return ok && m.string(n)
	case c == 0xdc || c == 0xdd:
		n, ok := m.uint(2 << (c - 0xdc))
		return ok && m.elements(n, depth)
	case c == 0xde || c == 0xdf:
		n, ok := m.uint(2 << (c - 0xde))
		return ok && m.members(n, depth)
	}
	return false
}

// bytes takes so many bytes.
func (m *messagePack) bytes(n uint64) ([]byte, bool) {
	if n > uint64(len(m.text)-m.at) {
		return nil, false
	}
	b := m.text[m.at : m.at+int(n)]
	m.at += int(n)
	return b, true
}

// uint takes a number of 1, 2, 4 or 8 bytes.
func (m *messagePack) uint(size int) (uint64, bool) {
	b, ok := m.bytes(uint64(size))
	var wide [8]byte
	copy(wide[8-len(b):], b)
	return binary.BigEndian.Uint64(wide[:]), ok
}

func (m *messagePack) float(double bool) bool {
	size := 4
	if double {
		size = 8
	}
	bits, ok := m.uint(size)
	f := math.Float64frombits(bits)
	if !double {
		f = float64(math.Float32frombits(uint32(bits)))
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		m.out = strconv.AppendQuote(m.out, strconv.FormatFloat(f, 'g', -1, 64))
		return ok
	}
	size *= 8
	m.out = strconv.AppendFloat(m.out, f, 'g', -1, size)
	return ok
}

func (m *messagePack) string(n uint64) bool {
	b, ok := m.bytes(n)
	m.quote(b)
	return ok
}

func (m *messagePack) quote(b []byte) {
	t := quote.Terminal{Style: quote.PipedJSON}
	m.out = t.Finish(t.Append(append(m.out, '"'), b))
	m.out = append(m.out, '"')
}

func (m *messagePack) extension(n uint64) bool {
	kind, ok := m.uint(1)
	if !ok {
		return false
	}
	m.out = append(strconv.AppendInt(append(m.out, '['), int64(int8(kind)), 10), ',')
	if !m.string(n) {
		return false
	}
	m.out = append(m.out, ']')
	return true
}

func (m *messagePack) elements(n uint64, depth int) bool {
	m.out = append(m.out, '[')
	for i := range n {
		if i > 0 {
			m.out = append(m.out, ',')
		}
		if !m.value(depth - 1) {
			return false
		}
	}
	m.out = append(m.out, ']')
	return true
}

func (m *messagePack) members(n uint64, depth int) bool {
	m.out = append(m.out, '{')
	for i := range n {
		if i > 0 {
			m.out = append(m.out, ',')
		}
		from := len(m.out)
		if !m.value(depth - 1) {
			return false
		}
		if len(m.out) > maxUnpacked {
			return false
		}
		if m.out[from] != '"' {
			name := string(m.out[from:])
			m.out = m.out[:from]
			m.quote([]byte(name))
		}
		m.out = append(m.out, ':')
		if !m.value(depth - 1) {
			return false
		}
	}
	m.out = append(m.out, '}')
	return true
}

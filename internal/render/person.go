package render

import (
	"fmt"
	"time"
)

// Person is what a person at a terminal gets beyond redis-cli's human format: pairs in columns,
// tables, and beside times and sizes what they mean. It is looked at when a reply begins, so its
// owner may change it between two. The zero value is for a terminal of 80 columns.
type Person struct {
	// Width is how many columns the terminal has; nil or 0 columns mean 80.
	Width func() int
	// Decode says what strings are taken for.
	Decode Decode
	// Now is the time that ages are told at, time.Now if nil.
	Now func() time.Time
}

// Decode is an encoding that strings are shown without. Keys and fields are shown as they are, and so
// are strings that are not encoded so, or longer than a MiB.
type Decode byte

// The encodings. DecodeAuto takes what shows itself by its first bytes: JSON objects and arrays, gzip,
// zlib.
const (
	DecodeNothing Decode = iota
	DecodeAuto
	DecodeJSON
	DecodeHex // any bytes, in hexadecimal and as text
	DecodeGzip
	DecodeZlib
	DecodeBase64
	DecodeMessagePack
)

// decodeNames are what people call the encodings.
var decodeNames = [...]string{"off", "auto", "json", "hex", "gzip", "zlib", "base64", "msgpack"}

func (d Decode) String() string {
	if int(d) < len(decodeNames) {
		return decodeNames[d]
	}
	return fmt.Sprintf("decode %d", byte(d))
}

// ParseDecode is the encoding that a person calls so.
func ParseDecode(name string) (Decode, bool) {
	for d, n := range decodeNames {
		if n == name {
			return Decode(d), true
		}
	}
	return DecodeNothing, false
}

// columns is how wide the terminal is.
func (p *Person) columns() int {
	if p.Width != nil {
		if n := p.Width(); n > 0 {
			return n
		}
	}
	return 80
}

func (p *Person) now() time.Time {
	if p.Now != nil {
		return p.Now()
	}
	return time.Now()
}

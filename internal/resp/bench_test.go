package resp

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
)

// endless repeats one reply without an end.
type endless struct {
	wire []byte
	at   int
}

func newEndless(reply string) *endless {
	return &endless{wire: bytes.Repeat([]byte(reply), max(1, bufferSize/len(reply)))}
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.wire[e.at:])
	e.at = (e.at + n) % len(e.wire)
	return n, nil
}

func benchmark(b *testing.B, reply string, next func(r *Reader) error) {
	r := NewReader(newEndless(reply))
	b.SetBytes(int64(len(reply)))
	b.ReportAllocs()
	for b.Loop() {
		if err := next(r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSkip(b *testing.B) {
	for _, reply := range []string{"+OK\r\n", "+QUEUED\r\n", ":1\r\n", "$5\r\nhello\r\n", "$-1\r\n", "-ERR unknown command\r\n", "*3\r\n:1\r\n:2\r\n:3\r\n"} {
		b.Run(fmt.Sprintf("%q", reply), func(b *testing.B) {
			benchmark(b, reply, func(r *Reader) error { _, err := r.Skip(nil); return err })
		})
	}
}

func BenchmarkReadValue(b *testing.B) {
	for name, reply := range map[string]string{
		"OK":             "+OK\r\n",
		"integer":        ":1000\r\n",
		"bulk of 100":    "$100\r\n" + strings.Repeat("x", 100) + "\r\n",
		"array of 100":   "*100\r\n" + strings.Repeat("$10\r\n0123456789\r\n", 100),
		"bulk of 10 MiB": "$10485760\r\n" + strings.Repeat("x", 10<<20) + "\r\n",
	} {
		b.Run(name, func(b *testing.B) {
			benchmark(b, reply, func(r *Reader) error { _, err := r.ReadValue(); return err })
		})
	}
}

// BenchmarkTokens reads all the tokens of a reply at a time.
func BenchmarkTokens(b *testing.B) {
	for name, reply := range map[string]string{
		"OK":             "+OK\r\n",
		"array of 100":   "*100\r\n" + strings.Repeat("$10\r\n0123456789\r\n", 100),
		"bulk of 10 MiB": "$10485760\r\n" + strings.Repeat("x", 10<<20) + "\r\n",
	} {
		b.Run(name, func(b *testing.B) {
			benchmark(b, reply, func(r *Reader) error {
				for {
					if _, err := r.Next(); err != nil || r.Depth() == 0 {
						return err
					}
				}
			})
		})
	}
}

func BenchmarkReplay(b *testing.B) {
	r := NewReader(newEndless("*100\r\n" + strings.Repeat("$10\r\n0123456789\r\n", 100)))
	v, err := r.ReadValue()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		for tokens := v.Tokens(); ; {
			if _, err := tokens.Next(); err == io.EOF {
				break
			}
		}
	}
}

func BenchmarkAppendCommand(b *testing.B) {
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendCommand(buf[:0], "SET", "key:000000001", "a value of some bytes")
	}
}

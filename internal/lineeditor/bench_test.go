package lineeditor

import (
	"context"
	"io"
	"strings"
	"testing"
)

// feed is keys for an editor that nobody watches.
type feed struct{ next func() (string, bool) }

func (f feed) Read(p []byte) (int, error) {
	keys, ok := f.next()
	if !ok {
		return 0, io.EOF
	}
	return copy(p, keys), nil
}

// benchmark types a key again and again behind a beginning.
func benchmark(b *testing.B, begin, key string) {
	history := OpenHistory("", 10_000)
	for i := range 10_000 {
		history.Add(strings.Repeat("x", i%50) + "get")
	}
	n := -1
	e := New(Config{Out: io.Discard, History: history, Assistant: helper{}, Color: true, In: feed{func() (string, bool) {
		if n++; n == 0 {
			b.ResetTimer()
			return begin, true
		}
		return key, n <= b.N
	}}})
	b.ReportAllocs()
	e.ReadLine(context.Background(), "127.0.0.1:6379> ")
}

func BenchmarkKeyInAShortLine(b *testing.B) { benchmark(b, "set key value", "x\x7f") }
func BenchmarkKeyInALongLine(b *testing.B) {
	benchmark(b, "\x1b[200~"+strings.Repeat("set key 値 ", 600)+"\x1b[201~", "x\x7f")
}
func BenchmarkKeyIn100KB(b *testing.B) {
	benchmark(b, "\x1b[200~"+strings.Repeat("set key 値 ", 7000)+"\x1b[201~", "x\x7f")
}

func BenchmarkPaste100KB(b *testing.B) {
	text := "\x1b[200~" + strings.Repeat("set key value\n", 7500) + "\x1b[201~\x15"
	rest := ""
	n := 0
	e := New(Config{Out: io.Discard, Assistant: helper{}, In: feed{func() (string, bool) {
		if rest == "" {
			n++
			rest = text
		}
		piece := rest[:min(len(rest), 4095)]
		rest = rest[len(piece):]
		return piece, n <= b.N
	}}})
	b.ReportAllocs()
	e.ReadLine(context.Background(), "127.0.0.1:6379> ")
}

package quote

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

func allBytes() []byte {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return all
}

// checkRoundTrip holds the law of the package for one word.
func checkRoundTrip(t *testing.T, word []byte) {
	t.Helper()
	quoted := Append(nil, word)
	if text := Append(nil, string(word)); !bytes.Equal(text, quoted) {
		t.Fatalf("Append(%q) = %q as a string, %q as bytes", word, text, quoted)
	}
	for cut := range len(word) + 1 {
		if cut > 40 {
			break
		}
		pieces := AppendEscaped(AppendEscaped(nil, word[:cut]), word[cut:])
		if !bytes.Equal(pieces, quoted[1:len(quoted)-1]) {
			t.Fatalf("%q cut at %d: %q, whole %q", word, cut, pieces, quoted)
		}
	}
	shown := Terminal{Style: Quoted}
	readable := shown.Finish(shown.Append([]byte{'"'}, word))
	for _, q := range [][]byte{quoted, append(readable, '"')} {
		words, err := Split(q, nil)
		if err != nil || len(words) != 1 || !bytes.Equal(words[0], word) {
			t.Fatalf("Split(%q) = %q, %v, want %q", q, words, err, word)
		}
	}
	for _, c := range quoted {
		if c < ' ' || c > '~' {
			t.Fatalf("Append(%q) = %q holds the byte %#x", word, quoted, c)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	checkRoundTrip(t, nil)
	checkRoundTrip(t, allBytes())
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		word := make([]byte, r.IntN(20))
		for i := range word {
			word[i] = byte(r.IntN(256))
		}
		checkRoundTrip(t, word)
	}
}

func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("a\"b\\\x00\xff"))
	f.Add([]byte("\u202e\u00e9\U000e0041"))
	f.Fuzz(func(t *testing.T, word []byte) { checkRoundTrip(t, word) })
}

func TestAppend(t *testing.T) {
	for in, want := range map[string]string{
		"":                           `""`,
		"plain 'text'":               `"plain 'text'"`,
		"a\"b\\":                     `"a\"b\\"`,
		"\n\r\t\a\b\v\f\x00\x1b\x7f": `"\n\r\t\a\b\x0b\x0c\x00\x1b\x7f"`,
		"\u00e9\xff":                 `"\xc3\xa9\xff"`,
	} {
		if got := string(Append(nil, in)); got != want {
			t.Errorf("Append(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestAppendAllocatesNothing(t *testing.T) {
	dst := make([]byte, 0, 4096)
	word := []byte(strings.Repeat("a\n\xc3", 100))
	if n := testing.AllocsPerRun(100, func() { Append(dst, word) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

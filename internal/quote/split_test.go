package quote

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
)

// slowSplit is the grammar once more, a byte at a time and always copying.
func slowSplit(line []byte) (words []string, ok bool) {
	const blanks = " \t\n\v\f\r"
	i := 0
	at := func(n int) (byte, bool) {
		if n < len(line) {
			return line[n], true
		}
		return 0, false
	}
	for {
		for i < len(line) && strings.IndexByte(blanks, line[i]) >= 0 {
			i++
		}
		if i == len(line) {
			return words, true
		}
		var word []byte
		for done := false; !done; {
			c, more := at(i)
			switch {
			case !more || strings.IndexByte(" \t\n\r", c) >= 0:
				done = true
				continue
			case c != '"' && c != '\'':
				word = append(word, c)
				i++
				continue
			}
			i++
			for {
				q, more := at(i)
				if !more {
					return nil, false
				}
				next, hasNext := at(i + 1)
				switch {
				case q == c:
					if hasNext && strings.IndexByte(blanks, next) < 0 {
						return nil, false
					}
					done = true
				case q == '\\' && c == '\'' && hasNext && next == '\'':
					word = append(word, '\'')
					i++
				case q == '\\' && c == '"' && hasNext:
					const hex = "0123456789abcdefABCDEF"
					hi, _ := at(i + 2)
					lo, four := at(i + 3)
					h, l := strings.IndexByte(hex, hi), strings.IndexByte(hex, lo)
					if next == 'x' && four && h >= 0 && l >= 0 {
						if h > 15 {
							h -= 6
						}
						if l > 15 {
							l -= 6
						}
						word = append(word, byte(h*16+l))
						i += 3
						break
					}
					if n := strings.IndexByte("nrtba", next); n >= 0 {
						next = "\n\r\t\b\a"[n]
					}
					word = append(word, next)
					i++
				default:
					word = append(word, q)
				}
				i++
				if done {
					break
				}
			}
		}
		words = append(words, string(word))
	}
}

func texts(words [][]byte) []string {
	var out []string
	for _, w := range words {
		out = append(out, string(w))
	}
	return out
}

func equal(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		line  string
		words []string
	}{
		{"", nil},
		{" \t\v\f\r\n", nil},
		{"set k v", []string{"set", "k", "v"}},
		{"  set\tk\rv\n", []string{"set", "k", "v"}},
		{"a\vb\fc \vd", []string{"a\vb\fc", "d"}},
		{`set k "a b" 'c d'`, []string{"set", "k", "a b", "c d"}},
		{`"" '' x""`, []string{"", "", "x"}},
		{`abc"d e"`, []string{"abcd e"}},
		{`"\x41\xfF\n\r\t\b\a\v\0\"\\\xZZ\x4"`, []string{"A\xff\n\r\t\b\av0\"\\xZZx4"}},
		{`'\n\\\''`, []string{`\n\\'`}},
		{`a\ b \x41`, []string{`a\`, "b", `\x41`}},
		{"nul\x00 \"a\x00\\\x00\"", []string{"nul\x00", "a\x00\x00"}},
		{"caf\xc3\xa9 \"\xff\"", []string{"caf\xc3\xa9", "\xff"}},
		{"\"a\"\v\"b\"\f", []string{"a", "b"}},
		{"# no comment", []string{"#", "no", "comment"}},
	} {
		words, err := Split([]byte(c.line), nil)
		if err != nil || !equal(texts(words), c.words) {
			t.Errorf("Split(%q) = %q, %v, want %q", c.line, words, err, c.words)
		}
	}
}

func TestSplitErrors(t *testing.T) {
	for line, want := range map[string]string{
		`set k "v`:   `unbalanced quote at byte 7`,
		`set k'v`:    `unbalanced quote at byte 6`,
		`"a\"`:       `unbalanced quote at byte 1`,
		`'a\'`:       `unbalanced quote at byte 1`,
		`"a\`:        `unbalanced quote at byte 1`,
		`"`:          `unbalanced quote at byte 1`,
		`"a"b`:       `text after a closing quote at byte 4`,
		`x"a\n"'b'`:  `text after a closing quote at byte 7`,
		`""k`:        `text after a closing quote at byte 3`,
		"\"a\"\x00b": `text after a closing quote at byte 4`,
	} {
		before := [][]byte{[]byte("kept")}
		words, err := Split([]byte(line), before)
		var broken *Error
		if !errors.As(err, &broken) || err.Error() != want || len(words) != 1 {
			t.Errorf("Split(%q) = %q, %v, want %q", line, words, err, want)
		}
	}
}

func TestWordsLieInTheLine(t *testing.T) {
	line := []byte(`get "a b" 'c' "d\n"`)
	words, err := Split(line, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range line {
		line[i] = '.'
	}
	if got, want := texts(words), []string{"...", "...", ".", "d\n"}; !equal(got, want) {
		t.Errorf("after the line changed: %q, want %q", got, want)
	}
	for _, w := range words {
		if cap(w) != len(w) {
			t.Errorf("appending to %q would write over its neighbour", w)
		}
	}
}

func TestSplitterAllocatesNothing(t *testing.T) {
	var s Splitter
	lines := [][]byte{[]byte("set key:1 value"), []byte(`set "key 2" "line\nline"`), []byte(`a 'b`)}
	for _, line := range lines[:2] {
		if _, err := s.Split(line); err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(100, func() { s.Split(line) }); n != 0 {
			t.Errorf("%q: %v allocations", line, n)
		}
	}
	if words, err := s.Split(lines[2]); err == nil || words != nil {
		t.Errorf("%q: %q, %v", lines[2], words, err)
	}
}

func TestSplitterLetsHugeLinesGo(t *testing.T) {
	var s Splitter
	if _, err := s.Split([]byte(`"\n` + strings.Repeat("x", 4*keep) + `"`)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Split(bytes.Repeat([]byte("x "), keep)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Split([]byte("a b")); err != nil || cap(s.own) > keep || cap(s.words) > keep {
		t.Errorf("%v; %d bytes and %d words kept", err, cap(s.own), cap(s.words))
	}
}

func TestUnquote(t *testing.T) {
	for arg, want := range map[string]string{`a`: "a", `"a b"`: "a b", ` "\x00"	`: "\x00", `''`: "", `a""`: "a"} {
		if got, ok := Unquote([]byte(arg)); !ok || string(got) != want {
			t.Errorf("Unquote(%q) = %q, %v, want %q", arg, got, ok, want)
		}
	}
	for _, arg := range []string{``, ` `, `a b`, `"a`, `"a"b`} {
		if got, ok := Unquote([]byte(arg)); ok {
			t.Errorf("Unquote(%q) = %q, want none", arg, got)
		}
	}
}

// checkLine holds any line against the grammar written out.
func checkLine(t *testing.T, line []byte) {
	t.Helper()
	before := string(line)
	words, err := Split(line, nil)
	slow, ok := slowSplit(line)
	if (err == nil) != ok || err == nil && !equal(texts(words), slow) {
		t.Fatalf("Split(%q) = %q, %v; byte by byte %q, %v", line, words, err, slow, ok)
	}
	var s Splitter
	for range 2 {
		again, againErr := s.Split(line)
		if (againErr == nil) != ok || ok && !equal(texts(again), slow) {
			t.Fatalf("Splitter.Split(%q) = %q, %v; want %q", line, again, againErr, slow)
		}
	}
	if broken := new(Error); errors.As(err, &broken) && (broken.Offset < 0 || broken.Offset >= len(line)) {
		t.Fatalf("Split(%q): %v lies outside", line, err)
	}
	if string(line) != before {
		t.Fatalf("Split changed its line %q to %q", before, line)
	}
}

func TestSplitAgainstTheGrammar(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const alphabet = "\"\"''\\\\ \t\v\f\r\nxXnrtba0419afAFg\x00\xc3"
	for range 50000 {
		line := make([]byte, r.IntN(24))
		for i := range line {
			line[i] = alphabet[r.IntN(len(alphabet))]
		}
		checkLine(t, line)
	}
}

func FuzzSplit(f *testing.F) {
	f.Add([]byte(`set "a\x00b" 'c\'d' e`))
	f.Add([]byte("\"\\"))
	f.Fuzz(func(t *testing.T, line []byte) { checkLine(t, line) })
}

func BenchmarkSplitPlain(b *testing.B) {
	line := []byte("HSET user:1000123 name alice age 31 city amsterdam")
	b.SetBytes(int64(len(line)))
	var s Splitter
	for b.Loop() {
		if _, err := s.Split(line); err != nil {
			b.Fatal(err)
		}
	}
}

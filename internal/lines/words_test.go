package lines

import (
	"fmt"
	"strings"
	"testing"

	"easycli/internal/quote"
)

func TestWords(t *testing.T) {
	for line, want := range map[string]string{
		"":               "",
		" get  a ":       `1-4 "get" | 6-7 "a"`,
		`get "a b" 'c'`:  `0-3 "get" | 4-9 "a b" | 10-13 "c"`,
		`get "a b`:       `0-3 "get" | 4-8 "a b" open`,
		`get "a\"`:       `0-3 "get" | 4-8 "a\"" open`,
		`get 'it\'s`:     `0-3 "get" | 4-10 "it's" open`,
		`get "a"b c`:     `0-3 "get" | 4-8 "\"a\"b" broken | 9-10 "c"`,
		`set k pre"x y"`: `0-3 "set" | 4-5 "k" | 6-14 "prex y"`,
		"get \"a\nb\"":   `0-3 "get" | 4-9 "a\nb"`,
		`get "\x41`:      `0-3 "get" | 4-9 "A" open`,
		`get "`:          `0-3 "get" | 4-5 "" open`,
	} {
		var got []string
		for _, w := range Words(line) {
			s := fmt.Sprintf("%d-%d %q", w.From, w.To, w.Value)
			if w.Open {
				s += " open"
			}
			if w.Broken {
				s += " broken"
			}
			got = append(got, s)
		}
		if s := strings.Join(got, " | "); s != want {
			t.Errorf("%q: got %s, want %s", line, s, want)
		}
	}
}

// FuzzWords: a line that can be sent has the words that would be sent, and any line is covered by its
// words and blanks.
func FuzzWords(f *testing.F) {
	for _, seed := range []string{`get "a" 'b`, `a"b"c d`, `"\"" '\'' \`, "a\v\fb"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		words, at := Words(line), 0
		for _, w := range words {
			if w.From < at || w.To <= w.From || w.To > len(line) || strings.TrimFunc(line[at:w.From], func(r rune) bool { return r < 256 && isBlank(byte(r)) }) != "" {
				t.Fatalf("%q: %v", line, words)
			}
			at = w.To
		}
		sent, err := quote.Split([]byte(line), nil)
		if err != nil || strings.ContainsAny(line, "\v\f") { // which do not end a bare word
			return
		}
		if len(sent) != len(words) {
			t.Fatalf("%q: %q is sent, %v", line, sent, words)
		}
		for i, w := range words {
			if string(sent[i]) != string(w.Value) || w.Open || w.Broken {
				t.Errorf("%q: word %d is %+v, %q is sent", line, i, w, sent[i])
			}
		}
	})
}

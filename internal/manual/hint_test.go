package manual

import (
	"os"
	"strings"
	"testing"

	"easycli/internal/quote"
)

// TestHints goes through testdata/hints.txt, whose lines are an input and the hint for it.
func TestHints(t *testing.T) {
	text, err := os.ReadFile("testdata/hints.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		words, err := quote.Split([]byte(line), nil)
		if err != nil || len(words) != 2 {
			t.Fatalf("%s: %v", line, err)
		}
		n++
		if got := Embedded().HintOf(string(words[0])); got != string(words[1]) {
			t.Errorf("%q: hint %q, want %q", words[0], got, words[1])
		}
	}
	if n < 80 {
		t.Errorf("only %d cases", n)
	}
}

func BenchmarkHint(b *testing.B) {
	Embedded()
	words := strings.Fields("SET key value EX 10")
	b.ReportAllocs()
	for b.Loop() {
		Embedded().Hint(words, true)
	}
}

func BenchmarkEmbedded(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		entries, _ := parseTable(commandsText)
		newBook(entries)
	}
}

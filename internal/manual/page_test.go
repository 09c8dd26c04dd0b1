package manual

import (
	"flag"
	"os"
	"strings"
	"testing"

	"easycli/internal/cells"
	"easycli/internal/resptest"
)

var update = flag.Bool("update", false, "write testdata/pages.txt anew")

// TestPages compares pages with testdata/pages.txt.
func TestPages(t *testing.T) {
	var got strings.Builder
	for _, topic := range []string{"set", "geosearch", "config", "config set", "dbsize", "xnack", "expire hash", "@pubsub",
		"stream trim", "nonsense", "sett", "config nosuch", "@nosuch", "get set go", "counts hash fields", "ſet", ""} {
		got.WriteString("$ help " + topic + "\n" + Embedded().Page(strings.Fields(topic), Style{}) + "\n")
	}
	if *update {
		os.WriteFile("testdata/pages.txt", []byte(got.String()), 0o644)
	}
	want, _ := os.ReadFile("testdata/pages.txt")
	ours, theirs := strings.Split(got.String(), "\n$ "), strings.Split(string(want), "\n$ ")
	for i := range min(len(ours), len(theirs)) {
		if ours[i] != theirs[i] {
			t.Errorf("got\n%s\nwant\n%s", ours[i], theirs[i])
		}
	}
	if len(ours) != len(theirs) {
		t.Errorf("%d pages, want %d", len(ours), len(theirs))
	}
}

// No row is wider than the terminal, but for one long word, and colours change nothing else.
func TestPagesFit(t *testing.T) {
	for _, columns := range []int{20, 40, 80, 200} {
		for i := range Embedded().entries {
			words := strings.Fields(Embedded().entries[i].Name)
			plain := Embedded().Page(words, Style{Columns: columns})
			for row := range strings.Lines(plain) {
				if row = strings.TrimSuffix(row, "\n"); cells.Width(row) >= max(columns, 56) && strings.Contains(strings.TrimSpace(row), " ") {
					t.Errorf("%s: %d columns: %q", words, columns, row)
				}
				if strings.HasSuffix(row, " ") {
					t.Errorf("%s: a blank at the end of %q", words, row)
				}
			}
			color := Embedded().Page(words, Style{Columns: columns, Color: true})
			for _, c := range []string{bold, faint, title, "0"} {
				color = strings.ReplaceAll(color, "\x1b["+c+"m", "")
			}
			if color != plain {
				t.Errorf("%s: with colours\n%s\nwithout\n%s", words, color, plain)
			}
		}
	}
}

// What only servers tell is on the page as well.
func TestPageOfAServer(t *testing.T) {
	b := resptest.Bulk
	book := Embedded().With(Read(reply(t, array(b("getset"), array(b("summary"), b("Old."), b("complexity"), b("O(1)"),
		b("deprecated_since"), b("6.2.0"), b("replaced_by"), b("`SET` with the `!GET` argument"))))))
	page := book.Page([]string{"GETSET"}, Style{})
	for _, want := range []string{"\n  Old.\n", "complexity  O(1)\n", "outdated    6.2.0\n", "instead     `SET` with", "group       string\n"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
}

func TestSearch(t *testing.T) {
	for words, want := range map[string]string{
		"expire hash": "HEXPIRE", "hash": "HDEL", "@list lpush": "LPUSH",
		"GET": "GET", "bloom": "BF.ADD", "q": "QUIT", "nonsense": "", "set nonsense": "", "": "",
	} {
		found := Embedded().Search(strings.Fields(words))
		got := ""
		if len(found) > 0 {
			got = found[0].Name
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", words, got, want)
		}
	}
}

package lines

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"easycli/internal/quote"
)

func TestCommands(t *testing.T) {
	for text, want := range map[string][]string{
		"":                           nil,
		"\n \n":                      nil,
		"get a":                      {"get a"},
		"get a\nset b 1\n":           {"get a", "set b 1"},
		"set a \"x\ny\"\nget a":      {"set a \"x\ny\"", "get a"},
		"set a 'x\n\ny' \n\nget 'a'": {"set a 'x\n\ny' ", "get 'a'"},
		"set a \"x\ny":               {"set a \"x\ny"},
		"get \"a\"b\nget c":          {"get \"a\"b", "get c"},
	} {
		if got := Commands(text); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestOpen(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "get a": false, `get "a`: true, `get 'a`: true, `get "a"`: false, `get "a"b`: false,
		"get \"a\nb": true, "get \"a\nb\"\nget": false, `get "a\"`: true, "get a\n'": true,
	} {
		if Open(text) != want {
			t.Errorf("%q: open is %v", text, !want)
		}
	}
}

func TestCutDestination(t *testing.T) {
	reads := func(words [][]byte) bool { return len(words) > 0 && is(words[0], "xreadgroup") }
	for text, want := range map[string]struct {
		line string
		to   Destination
	}{
		"get a":                                {"get a", Destination{}},
		"get a | wc -c":                        {"get a ", Destination{Pipe: "wc -c"}},
		"get a |wc":                            {"get a |wc", Destination{}},
		`set a "x | y"`:                        {`set a "x | y"`, Destination{}},
		`set a 'x | y' | cat > f`:              {`set a 'x | y' `, Destination{Pipe: "cat > f"}},
		"get a > /tmp/x":                       {"get a ", Destination{File: "/tmp/x"}},
		"get a >> 'a b'":                       {"get a ", Destination{File: "a b", Append: true}},
		"echo |":                               {"echo |", Destination{}},
		"echo > ":                              {"echo > ", Destination{}},
		"| cat":                                {"| cat", Destination{}},
		"xreadgroup group g c streams s >":     {"xreadgroup group g c streams s >", Destination{}},
		"xreadgroup group g c streams a b > >": {"xreadgroup group g c streams a b > >", Destination{}},
		"xreadgroup group g c streams a > | cat x": {"xreadgroup group g c streams a > ", Destination{Pipe: "cat x"}},
		"zadd z 1 a>b":    {"zadd z 1 a>b", Destination{}},
		"set a ||":        {"set a ||", Destination{}},
		"monitor | g 'x'": {"monitor ", Destination{Pipe: "g 'x'"}},
	} {
		line, to, err := CutDestination(text, reads)
		if err != nil || line != want.line || to != want.to {
			t.Errorf("%q: got %q, %+v, %v", text, line, to, err)
		}
	}
	for _, text := range []string{"get a > b c", "get a > ''", `get a > "x`} {
		if _, _, err := CutDestination(text, reads); err != ErrDestination {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

// A long value with many signs in it is gone through once.
func TestCutDestinationOfALongLine(t *testing.T) {
	text := `set a "` + strings.Repeat("x | y > z ", 200_000) + `" | cat`
	line, to, err := CutDestination(text, func([][]byte) bool { return false })
	if err != nil || to.Pipe != "cat" || len(line) != len(text)-len("| cat") {
		t.Errorf("%d bytes, %+v, %v", len(line), to, err)
	}
}

// FuzzCommands holds firstCommand against quote.Split: a row ends a line where no quote is open.
func FuzzCommands(f *testing.F) {
	for _, seed := range []string{"get 'a\nb'\nc", "a\"\\\"\n\"\n", "'a\\'\n'b\n", "\"a\"b\n'c\nd'", "\\\n\"\\\n\"\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		want := text
		for i := range len(text) {
			if text[i] != '\n' {
				continue
			}
			_, err := quote.Split([]byte(text[:i]), nil)
			var broken *quote.Error
			if !errors.As(err, &broken) || !broken.Unclosed {
				want = text[:i]
				break
			}
		}
		if got := firstCommand(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	})
}

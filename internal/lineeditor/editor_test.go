package lineeditor

import (
	"io"
	"strings"
	"testing"
)

func TestKeysInTheLibrarysTerms(t *testing.T) {
	got, err := io.ReadAll(keys{strings.NewReader("a\x1b[3~b\x1b[1~\x1b[4~\x1b[A")})
	if err != nil || string(got) != "a\U0010ff00b\x01\x05\x1b[A" {
		t.Errorf("got %q, %v", got, err)
	}
	e := &Editor{}
	for key, want := range map[rune]rune{'a': 'a', '\u00e9': '\u00e9', keyDelete: 7, 26: 7, 15: 7, 3: 3, 13: 13, 27: 27} {
		if got, ok := e.filter(key); got != want || !ok {
			t.Errorf("%U: got %U", key, got)
		}
	}
	e.length.Store(1)
	if got, _ := e.filter(keyDelete); got != 4 {
		t.Errorf("Delete in a line: %U", got)
	}
}

func TestKeysDropNUL(t *testing.T) {
	got, err := io.ReadAll(keys{io.MultiReader(strings.NewReader("\x00\x00"), strings.NewReader("fl\x00ush"), strings.NewReader("\x00"))})
	if err != nil || string(got) != "flush" {
		t.Errorf("got %q, %v", got, err)
	}
}

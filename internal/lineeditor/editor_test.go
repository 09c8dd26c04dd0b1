package lineeditor

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestHistoryIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "easycli", "history")
	h := history{path: path}
	for _, line := range []string{"get a", "get a", "", " get 'b c'", "get a"} {
		h.add(line)
	}
	want := []string{"get a", " get 'b c'", "get a"}
	if !slices.Equal(h.lines, want) {
		t.Errorf("in memory: %q", h.lines)
	}
	again := history{path: path}
	again.load()
	if !slices.Equal(again.lines, want) {
		t.Errorf("from the file: %q", again.lines)
	}
	for name, perm := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != perm {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestHistoryOfOthersIsClosed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	if err := os.WriteFile(path, []byte("old\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	h := history{path: path}
	h.load()
	h.add("new")
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("the file stays open to others: %v", info.Mode())
	}
	if text, _ := os.ReadFile(path); string(text) != "old\nnew\n" {
		t.Errorf("got %q", text)
	}
}

func TestHistoryIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	var b bytes.Buffer
	for i := range 400_000 {
		fmt.Fprintf(&b, "command %d\n", i)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	h := history{path: path}
	h.load()
	if len(h.lines) != maxEntries || h.lines[maxEntries-1] != "command 399999" {
		t.Errorf("%d lines, the last %q", len(h.lines), h.lines[len(h.lines)-1])
	}
}

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

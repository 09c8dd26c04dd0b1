//go:build unix

package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestEdit has an editor that only looks, and a place for its file that the shell would take apart.
func TestEdit(t *testing.T) {
	tmp := filepath.Join(t.TempDir(), "it's $(false) a; place")
	if err := os.Mkdir(tmp, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", tmp)
	c, _, _ := testConsole("")
	c.Env = nowhere("EDITOR=test -f")
	for _, text := range []string{"", "get a", "set k 'a\n", "a\n\n"} {
		if got, err := c.edit(text); err != nil || got != text+"\n" {
			t.Errorf("%q became %q, %v", text, got, err)
		}
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
}

package ttytest

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden screens anew")

// Golden compares a screen with testdata/NAME.txt of the test's package; -update writes that file.
func Golden(t testing.TB, name, screen string) {
	t.Helper()
	path := filepath.Join("testdata", filepath.FromSlash(name)+".txt")
	screen = strings.TrimRight(screen, "\n") + "\n"
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(screen), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if text := strings.ReplaceAll(string(want), "\r\n", "\n"); text != screen {
		t.Errorf("%s: the screen is\n%s\nwant\n%s", path, screen, text)
	}
}

func quoted(text string) string { return strconv.Quote(text) }

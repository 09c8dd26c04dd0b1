//go:build unix

package ttytest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// differs is what tmux shows in the cases where it goes its own way, by their names. Programs had
// better not depend on any of these.
var differs = map[string]string{
	"erasing takes the waiting back, and the last character": "abcdef\nx",
	"so does a backspace":             "abcdex",
	"the other half":                  "日x本",
	"half of one is erased":           "日",
	"what was moved to does not join": "e \u0301x",
	"inserting cuts at the edge":      "  abc日",
	"deleting half of a wide one":     "ab",
}

// The emulator and tmux have been written by different people: what both show is right.
func TestTheEmulatorIsAsTmux(t *testing.T) {
	for _, tt := range screenCases {
		file := filepath.Join(t.TempDir(), "wrote")
		if err := os.WriteFile(file, []byte(tt.wrote+"\x1b]2;done\x1b\\"), 0o600); err != nil {
			t.Fatal(err)
		}
		x := StartTmux(t, 6, 4, []string{"/bin/sh", "-c", `stty -opost; cat "$1"; exec sleep 1000`, "sh", file})
		x.AwaitThat("the end of "+tt.name, func() bool { return x.ask("#{pane_title}") == "done\n" })
		other, known := differs[tt.name] // and a newer one may have changed its mind
		row := strings.TrimSpace(x.ask("#{cursor_y}"))
		if got := text(x.Rows()); !(known && got == other) && (got != tt.text || row != strconv.Itoa(tt.row)) {
			t.Errorf("%s: %q shows\n%q in row %s, the emulator\n%q in row %d", tt.name, tt.wrote, got, row, tt.text, tt.row)
		}
		x.do("kill-server")
	}
}

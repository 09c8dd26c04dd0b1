package lineeditor

import (
	"strings"
	"testing"
)

func TestResize(t *testing.T) {
	resized := make(chan struct{})
	p := newPerson(t, 20, 10, Config{Resized: resized})
	p.Editor.Write([]byte("above\n"))
	p.prompt("> ")
	p.each("a line that is longer than the terminal is wide")
	p.keys("<Home>")
	for _, columns := range []int{40, 60, 12} {
		p.Screen.Resize(columns, 10)
		resized <- struct{}{}
		p.each("x")
	}
	if text := p.Text(); strings.Count(text, "a line") != 1 || !strings.HasPrefix(text, "above\n> xxxa line\n") {
		t.Errorf("the screen is\n%s", text)
	}
	p.keys("<End>")
	p.gets("xxxa line that is longer than the terminal is wide")
}

// Where terminals put the rows of a frame when they lay their lines out anew.
func TestRowsAbove(t *testing.T) {
	var f frame
	f.reset(20)
	f.write(strings.Repeat("x", 45), "") // one line of 20, 20 and 5 cells
	f.wrap(false)
	f.write("yyyyyyyyyy", "")
	f.mark()
	for columns, want := range map[int]int{20: 3, 40: 2, 45: 1, 80: 1, 10: 6, 9: 6, 5: 11, 1: 55} {
		if got := f.rowsAbove(f.cursor, columns); got != want {
			t.Errorf("%d columns: %d, want %d", columns, got, want)
		}
	}
}

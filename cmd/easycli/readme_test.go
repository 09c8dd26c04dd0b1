package main

import (
	"os"
	"strings"
	"testing"

	"easycli/internal/lineeditor"
)

// README's table of keys is the editor's, and its screens are those of the tour.
func TestReadmeOnThePrompt(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(text)
	var want strings.Builder
	for _, b := range lineeditor.Bindings() {
		if b.Does != "" {
			want.WriteString("| " + strings.Join(b.Keys, ", ") + " | " + b.Does + " |\n")
		}
	}
	if !strings.Contains(readme, want.String()) {
		t.Errorf("the table of keys should be\n%s", want.String())
	}
	tour, err := os.ReadFile("../../testdata/tour/readme.tour")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(readme, "## At the prompt\n")
	section, _, _ = strings.Cut(section, "### Profiles")
	for row := range strings.Lines(section) {
		row, ok := strings.CutPrefix(strings.TrimRight(row, "\n"), "    ")
		if ok && !inTour(string(tour), row) {
			t.Errorf("the tour does not show %q", row)
		}
	}
}

// inTour reports whether a row is among those of a tour, in which <*> is any text, or on its screen, or
// what was typed there.
func inTour(tour, row string) bool {
	for line := range strings.Lines(tour) {
		line = strings.TrimRight(line, "\n")
		if want, ok := strings.CutPrefix(line, "= "); ok && matches(want, row) {
			return true
		}
		if text, ok := strings.CutPrefix(line, "~ "); ok && text == row {
			return true
		}
		if typed, ok := strings.CutPrefix(line, "> "); ok && strings.HasSuffix(row, "> "+strings.TrimSuffix(typed, "<Enter>")) {
			return true
		}
	}
	return strings.TrimSpace(row) == "OK" // between two steps
}

func matches(pattern, row string) bool {
	first, rest, any := strings.Cut(pattern, "<*>")
	after, ok := strings.CutPrefix(row, first)
	switch {
	case !any:
		return pattern == row
	case !ok:
		return false
	}
	for i := range len(after) + 1 {
		if matches(rest, after[i:]) {
			return true
		}
	}
	return false
}

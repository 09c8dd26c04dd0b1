package cells

import (
	"strings"
	"testing"
)

func TestCharacters(t *testing.T) {
	for _, tt := range []struct {
		text, first string
		width       int
	}{
		{"", "", 0}, {"a", "a", 1}, {"ab", "a", 1}, {"é", "é", 1}, {"e\u0301x", "e\u0301", 1}, {"日本", "日", 2},
		{"👍🏽x", "👍🏽", 2}, {"👨‍👩‍👧‍👦x", "👨‍👩‍👧‍👦", 2}, {"🇩🇪🇫🇷", "🇩🇪", 2}, {"ｘ", "ｘ", 2}, {"\u00e5b", "å", 1}, {"한글", "한", 2},
	} {
		if first, width := First(tt.text); first != tt.first || width != tt.width {
			t.Errorf("%q: got %q with %d cells, want %q with %d", tt.text, first, width, tt.first, tt.width)
		}
	}
}

func TestCutAndFit(t *testing.T) {
	for _, tt := range []struct {
		text     string
		room     int
		cut, fit string
	}{
		{"", 2, "", "  "}, {"abc", 3, "abc", "abc"}, {"abc", 2, "ab", "a…"}, {"日本語", 3, "日", "日…"}, {"日本語", 4, "日本", "日… "},
		{"日", 1, "", "…"}, {"a", 0, "", ""}, {"e\u0301e\u0301e\u0301", 2, "e\u0301e\u0301", "e\u0301…"}, {"ab", 4, "ab", "ab  "},
	} {
		cut, width := Cut(tt.text, tt.room)
		if cut != tt.cut || width != Width(tt.cut) {
			t.Errorf("Cut(%q, %d) = %q, %d", tt.text, tt.room, cut, width)
		}
		if clipped, width := Clip(tt.text, tt.room); clipped != strings.TrimRight(tt.fit, " ") || width != Width(clipped) {
			t.Errorf("Clip(%q, %d) = %q, %d", tt.text, tt.room, clipped, width)
		}
		if fit := Fit(tt.text, tt.room); fit != tt.fit || Width(fit) != tt.room {
			t.Errorf("Fit(%q, %d) = %q", tt.text, tt.room, fit)
		}
	}
}

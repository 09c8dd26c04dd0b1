package lineeditor

import (
	"slices"
	"strings"
	"testing"

	"easycli/internal/cells"
)

// characters are texts that people take for one character, or that are one here.
var characters = []string{
	"a", "é", "e\u0301", "日", "한", "👍", "👍🏽", "👨‍👩‍👧‍👦", "🇩🇪", "🇫🇷", "☕️", "क्षि", "\t", "\n", "\x01", "\x7f", "\xff", "\xc3", "\u202e",
	"\u200b", "ｘ",
}

// The cursor goes over whole characters, in both directions, whatever their neighbours are.
func TestCursorBetweenCharacters(t *testing.T) {
	for _, one := range characters {
		for _, two := range characters {
			for _, three := range characters {
				text := one + two + three
				if joins(one, two) || joins(two, three) {
					continue
				}
				b := buffer{text: text}
				for _, c := range []string{one, two, three} {
					from := b.at
					if b.right(); b.at != from+len(c) {
						t.Fatalf("%q: right from %d to %d", text, from, b.at)
					}
				}
				for _, c := range []string{three, two, one} {
					from := b.at
					if b.left(); b.at != from-len(c) {
						t.Fatalf("%q: left from %d to %d", text, from, b.at)
					}
				}
			}
		}
	}
}

// joins reports whether two texts make one character, or one that is not UTF-8 as they are.
func joins(a, b string) bool {
	return glyphAt(a+b, 0).size != len(a) || a == "\xc3" && len(b) > 1 && b[0] >= 0x80 && b[0] < 0xc0
}

// The short way to a character is the long way's.
func TestPlainCharacters(t *testing.T) {
	var all []string
	for r := rune(' '); r < 0xd800; r++ {
		if size, _ := plain(string(r)); size > 0 && r != 0x7f {
			all = append(all, string(r))
		}
	}
	for i, one := range all {
		two := all[(i*7919+1)%len(all)]
		first, width := cells.First(one + two)
		if g := glyphAt(one+two, 0); g.shown != first || g.width != width || g.size != len(one) || g.odd {
			t.Errorf("%q before %q: %+v, want %q with %d cells", one, two, g, first, width)
		}
	}
	for _, behind := range []string{"\u0301", "\u200d", "\u0e33", "\u3099", "\ufe0f", "\u11a8"} {
		for _, one := range []string{"a", "é", "か", "日", "한"} {
			first, _ := cells.First(one + behind)
			if g := glyphAt(one+behind, 0); g.size != len(first) {
				t.Errorf("%q: %+v, want %q", one+behind, g, first)
			}
		}
	}
}

func TestLongTextsWithoutASCII(t *testing.T) {
	text := strings.Repeat("日", 5000)
	b := buffer{text, len(text)}
	for b.at > 0 {
		from := b.at
		if b.left(); b.at != from-3 {
			t.Fatalf("from %d to %d", from, b.at)
		}
	}
}

// When two halves come together the cursor is not inside what they make.
func TestJoinedCharacters(t *testing.T) {
	b := buffer{"👨x\u200d👩", len("👨x")}
	b.cut(len("👨"), len("👨x"))
	if b.at != len(b.text) {
		t.Errorf("the cursor is at %d of %q", b.at, b.text)
	}
	b = buffer{"e", 1}
	if b.insert("\u0301"); b.at != 3 || before(b.text, 3) != 0 {
		t.Errorf("the cursor is at %d", b.at)
	}
}

func TestTranspose(t *testing.T) {
	for _, tt := range []struct{ from, want string }{
		{"ab|", "ba|"}, {"a|b", "ba|"}, {"|ab", "|ab"}, {"a|", "a|"}, {"|", "|"}, {"日e\u0301|", "e\u0301日|"}, {"a👨‍👩‍👧|b", "ab👨‍👩‍👧|"},
		{"x\nab|", "x\nba|"}, {"x\na|", "x\na|"}, {"x|\nab", "x|\nab"},
	} {
		b := at(tt.from)
		b.transpose()
		check(t, tt.from, b, tt.want)
	}
}

func TestWords(t *testing.T) {
	for _, tt := range []struct{ from, wordBefore, wordAfter, blankBefore string }{
		{"get user:1|", "get user:|1", "get user:1|", "get |user:1"},
		{"|get user:1", "|get user:1", "get| user:1", "|get user:1"},
		{"get  |  user:1", "|get    user:1", "get    user|:1", "|get    user:1"},
		{"flush|all", "|flushall", "flushall|", "|flushall"},
		{"a:::|", "|a:::", "a:::|", "|a:::"},
		{"名前 été_1|", "名前 |été_1", "名前 été_1|", "名前 |été_1"},
		{"a\nb|", "a\n|b", "a\nb|", "a\n|b"},
	} {
		b := at(tt.from)
		check(t, tt.from, buffer{b.text, b.wordBefore()}, tt.wordBefore)
		check(t, tt.from, buffer{b.text, b.wordAfter()}, tt.wordAfter)
		check(t, tt.from, buffer{b.text, b.blankBefore()}, tt.blankBefore)
	}
}

func TestRows(t *testing.T) {
	for _, tt := range []struct {
		from string
		down bool
		want string
	}{
		{"abc\nde|f", false, "ab|c\ndef"}, {"ab|c\nd", true, "abc\nd|"}, {"日本\na|bc", false, "|日本\nabc"},
		{"日本\nab|c", false, "日|本\nabc"}, {"a|\n\nb", true, "a\n|\nb"}, {"ab|", true, "ab|"},
	} {
		b := at(tt.from)
		b.vertical(tt.down, b.column())
		check(t, tt.from, b, tt.want)
	}
}

// at is a buffer with its cursor at the |.
func at(text string) buffer {
	before, behind, _ := strings.Cut(text, "|")
	return buffer{before + behind, len(before)}
}

func check(t *testing.T, from string, b buffer, want string) {
	t.Helper()
	if got := b.text[:b.at] + "|" + b.text[b.at:]; got != want {
		t.Errorf("%q: got %q, want %q", from, got, want)
	}
}

func TestKillRing(t *testing.T) {
	var k killRing
	if k.newest() != "" || k.older() != "" {
		t.Error("an empty ring has texts")
	}
	k.push("one", false, false)
	k.push("b", false, true)
	k.push("a", true, true)
	k.push("c", true, false)
	k.push("", false, false)
	if k.newest() != "abc" || k.older() != "one" || k.older() != "abc" {
		t.Errorf("got %q", k.texts)
	}
	for range 100 {
		k.push("x", false, false)
	}
	if len(k.texts) != maxKills {
		t.Errorf("%d texts", len(k.texts))
	}
}

func TestUndoIsBounded(t *testing.T) {
	var u undo
	for i := range 3 * maxSteps {
		u.note(buffer{strings.Repeat("x", i), 0}, "")
	}
	if len(u.steps) != maxSteps {
		t.Errorf("%d steps", len(u.steps))
	}
	big := strings.Repeat("x", maxUndo/2)
	for i := range 5 {
		u.note(buffer{big[i:], 0}, "")
	}
	if u.size > maxUndo {
		t.Errorf("%d bytes", u.size)
	}
	sizes := slices.Collect(func(yield func(int) bool) {
		for _, s := range u.steps {
			yield(len(s.text))
		}
	})
	total := 0
	for _, n := range sizes {
		total += n
	}
	if total != u.size {
		t.Errorf("%d bytes counted, %d there", u.size, total)
	}
}

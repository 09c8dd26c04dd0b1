package ttytest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// screenCases are what is written to six columns and four rows, what is seen, and where the cursor is.
var screenCases = []struct {
	name, wrote, text string
	row, col          int
}{
	{"text", "ab\r\ncd", "ab\ncd", 1, 2},
	{"a newline stays in its column", "ab\nc", "ab\n  c", 1, 3},
	{"a full row waits", "abcdef", "abcdef", 0, 5},
	{"and wraps with the next character", "abcdefg", "abcdef\ng", 1, 1},
	{"a return takes the waiting back", "abcdef\rx", "xbcdef", 0, 1},
	{"a newline goes down one row, not two", "abcdef\r\nx", "abcdef\nx", 1, 1},
	{"erasing takes the waiting back, and the last character", "abcdef\x1b[Kx", "abcdex", 0, 5},
	{"so does a backspace", "abcdef\bx", "abcdxf", 0, 5},
	{"backspace stays in column 0", "a\r\n\b\bx", "a\nx", 1, 1},
	{"a tab does not wrap", "a\tx", "a    x", 0, 5},
	{"scrolling", "1\r\n2\r\n3\r\n4\r\n5", "2\n3\n4\n5", 3, 1},
	{"wide characters", "日本x", "日本x", 0, 5},
	{"a wide character needs both cells", "abcde日x", "abcde\n日x", 1, 3},
	{"and fills the row", "abcd日x", "abcd日\nx", 1, 1},
	{"half of one is overwritten", "日本\rx", "x 本", 0, 1},
	{"the other half", "日本\x1b[2Gx", " x本", 0, 2},
	{"half of one is erased", "日本\x1b[2G\x1b[K", "", 0, 1},
	{"marks join", "e\u0301x", "e\u0301x", 0, 2},
	{"so do emoji", "👍🏽x", "👍🏽x", 0, 3},
	{"a family is one", "👨‍👩‍👧x", "👨‍👩‍👧x", 0, 3},
	{"a flag is one", "🇩🇪x", "🇩🇪x", 0, 3},
	{"a character grows", "❤\ufe0fx", "❤\ufe0fx", 0, 3},
	{"what was moved to does not join", "e\x1b[1C\u0301x", "e x", 0, 3},
	{"moving", "\x1b[3;2Hx\x1b[Ay\x1b[5Dz\x1b[9B\x1b[9Cw", "\nz y\n x\n     w", 3, 5},
	{"erasing the display", "1\r\n2\r\n3\x1b[2;1H\x1b[J", "1", 1, 0},
	{"erasing above", "11\r\n22\x1b[1;2H\x1b[1J", "\n22", 0, 1},
	{"clear", "1\r\n2\x1b[H\x1b[2J", "", 0, 0},
	{"inserting and deleting cells", "abcd\x1b[2G\x1b[2@xy\x1b[1P", "axycd", 0, 3},
	{"inserting cuts at the edge", "abc日x\x1b[1G\x1b[2@", "  abc", 0, 0},
	{"deleting half of a wide one", "a日b\x1b[2G\x1b[P", "a b", 0, 1},
	{"inserting and deleting rows", "1\r\n2\r\n3\x1b[2;2H\x1b[L\x1b[1;1H\x1b[M", "\n2\n3", 0, 0},
	{"a region scrolls alone", "1\r\n2\r\n3\x1b[2;3r\x1b[3;1H\nx\x1b[r", "1\n3\nx", 0, 0},
	{"reverse index", "1\r\n2\x1b[H\x1bMx", "x\n1\n2", 0, 1},
	{"saving", "ab\x1b7cd\x1b8x", "abxd", 0, 3},
	{"the other screen", "ab\x1b[?1049h\x1b[Hxx\x1b[?1049lc", "abc", 0, 3},
	{"without wrapping", "\x1b[?7labcdefgh", "abcdeh", 0, 5},
	{"a title is not shown", "\x1b]0;t\ax\x1b]2;t\x1b\\y", "xy", 0, 2},
}

func TestScreen(t *testing.T) {
	for _, tt := range screenCases {
		s := NewScreen(6, 4)
		for _, c := range []byte(tt.wrote) { // a sequence may come in pieces
			s.Write([]byte{c})
		}
		row, col := s.Cursor()
		if got := s.Text(); got != tt.text || row != tt.row || col != tt.col {
			t.Errorf("%s: %q shows\n%q at %d,%d, want\n%q at %d,%d", tt.name, tt.wrote, got, row, col, tt.text, tt.row, tt.col)
		}
		if strange := s.Strange(); len(strange) > 0 {
			t.Errorf("%s: strange %q", tt.name, strange)
		}
	}
}

func TestStyled(t *testing.T) {
	for wrote, want := range map[string]string{
		"a \x1b[1mb\x1b[0m c  ":                  "a {bold:b} c",
		"\x1b[2mx y\x1b[22;31mz\x1b[39m":         "{faint:x y}{red:z}",
		"\x1b[1;91;44mx\x1b[m":                   "{bold bright-red on-blue:x}",
		"\x1b[38;5;9mx\x1b[48;2;1;2;255my\x1b[m": "{c9:x}{c9 on-#0102ff:y}",
		"\x1b[7m日 \x1b[27mx":                     "{reverse:日 }x",
		"\x1b[4;1mx\x1b[24my":                    "{bold underline:x}{bold:y}",
	} {
		s := NewScreen(12, 2)
		fmt.Fprint(s, wrote)
		if got := s.Styled(); got != want || len(s.Strange()) > 0 {
			t.Errorf("%q shows %q, want %q; strange %q", wrote, got, want, s.Strange())
		}
	}
}

func TestScreenRemembersWhatScrolledOut(t *testing.T) {
	s := NewScreen(4, 2)
	fmt.Fprint(s, "1\r\n2\r\n3\r\n4\x1b[1;1H\x1b[M")
	if got, want := s.Transcript(), "1\n2\n4"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	s.Resize(2, 1)
	s.Resize(4, 2)
	if got, want := s.Text(), "4"; got != want {
		t.Errorf("after resizing: %q, want %q", got, want)
	}
}

func TestResizing(t *testing.T) {
	s := NewScreen(6, 3)
	fmt.Fprint(s, "1\r\n2\r\nab日xy")
	s.Resize(3, 2)
	if row, col := s.Cursor(); s.Text() != "2\nab" || row != 1 || col != 2 {
		t.Errorf("%q at %d,%d", s.Text(), row, col)
	}
	fmt.Fprint(s, "c")
	if s.Text() != "2\nabc" || !s.State().Pending {
		t.Errorf("%q, %+v", s.Text(), s.State())
	}
}

func TestStrangeThingsAreNoticed(t *testing.T) {
	for _, wrote := range []string{
		"\x1b[6n", "\x1b[c", "\x1b[>c", "\x1b[?u", "\x1b[?2004$p", "\x1b]11;?\a", "\x1bP$qm\x1b\\", // questions
		"\x1b]52;c;aGk=\a", "\x1b[99m", "\x1b[?9999h", "\x1bc", "\u009b31m", "\x9b", "\x7f", "\x01", "\xe6\x97x", "\xed\xa0\x80",
	} {
		s := NewScreen(20, 2)
		fmt.Fprint(s, wrote)
		if len(s.Strange()) == 0 {
			t.Errorf("%q passes", wrote)
		}
	}
}

func TestState(t *testing.T) {
	s := NewScreen(10, 2)
	if got := s.State(); got != (State{}) {
		t.Errorf("at first %+v", got)
	}
	fmt.Fprint(s, "\x1b[?25l\x1b[?2004h\x1b[?1049h\x1b[?7l\x1b[31m\x1b]0;t\a")
	if got, want := s.State(), (State{CursorHidden: true, NoWrap: true, Paste: true, Alternate: true, Pen: "red", Title: "t"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if s.Writes() != 1 || !strings.HasPrefix(s.Raw(), "\x1b[?25l") {
		t.Errorf("%d writes, %q", s.Writes(), s.Raw())
	}
}

// Whatever is written, the screen is a screen: nothing panics and no row has another width.
func FuzzScreen(f *testing.F) {
	f.Add([]byte("ab日\x1b[2;3r\x1b[9L\x1b[9@\x1b[9P\x1b[9M\x1bM\x1b[9S\x1b[9T"), uint8(3), uint8(2))
	f.Add([]byte("\x1b[?1049hx\x1b[38;5m\x1b[999999999999G👍🏽\u0301\x1b[1K"), uint8(1), uint8(1))
	f.Fuzz(func(t *testing.T, wrote []byte, cols, rows uint8) {
		s := NewScreen(int(cols), int(rows))
		s.Write(wrote[:len(wrote)/2])
		s.Resize(int(rows), int(cols))
		s.Write(wrote[len(wrote)/2:])
		for _, row := range append(slices.Clone(s.grid), s.main...) {
			if len(row) != s.cols {
				t.Fatalf("a row of %d cells, want %d", len(row), s.cols)
			}
			for i, c := range row {
				if c.half && (i == 0 || row[i-1].text == "") {
					t.Fatalf("half a character at %d: %+v", i, row)
				}
			}
		}
		if s.row < 0 || s.row >= s.rows || s.col < 0 || s.col >= s.cols || len(s.grid) != s.rows {
			t.Fatalf("the cursor is at %d,%d of %dx%d", s.row, s.col, s.cols, s.rows)
		}
		s.Styled()
		s.Dump()
	})
}

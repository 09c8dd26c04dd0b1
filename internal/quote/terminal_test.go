package quote

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"testing"
	"unicode"
	"unicode/utf8"
)

func show(style Style, text string, piece int) string {
	t := Terminal{Style: style}
	var dst []byte
	for len(text) > piece {
		dst = t.Append(dst, []byte(text[:piece]))
		text = text[piece:]
	}
	return string(t.Finish(t.Append(dst, []byte(text))))
}

func TestTerminal(t *testing.T) {
	for _, c := range []struct{ text, line, quoted string }{
		{"plain \"text\" \\", "plain \"text\" \\", `plain \"text\" \\`},
		{"caf\u00e9 \u65e5\u672c\u3000\U0001f600 e\u0301", "caf\u00e9 \u65e5\u672c\u3000\U0001f600 e\u0301",
			"caf\u00e9 \u65e5\u672c\u3000\U0001f600 e\u0301"},
		{"\x1b]0;x\a\b\r\x7f\x00", `\x1b]0;x\a\b\r\x7f\x00`, `\x1b]0;x\a\b\r\x7f\x00`},
		{"\x9b6n \u009b6n", `\x9b6n \u009b6n`, `\x9b6n \xc2\x9b6n`},
		{"\u202e\u2066\u200b\u200f\u2028\ufeff", `\u202e\u2066\u200b\u200f\u2028\ufeff`,
			`\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8b\xe2\x80\x8f\xe2\x80\xa8\xef\xbb\xbf`},
		{"\U000e0041", `\U000e0041`, `\xf3\xa0\x81\x81`},
		{"\xff\xc3(\xe2\x82", `\xff\xc3(\xe2\x82`, `\xff\xc3(\xe2\x82`},
		{"\xed\xa0\x80 \xc0\x80 \xf4\x90\x80\x80", `\xed\xa0\x80 \xc0\x80 \xf4\x90\x80\x80`,
			`\xed\xa0\x80 \xc0\x80 \xf4\x90\x80\x80`},
	} {
		for piece := 1; piece < 6; piece++ {
			if got := show(Line, c.text, piece); got != c.line {
				t.Errorf("%q in pieces of %d: %s, want %s", c.text, piece, got, c.line)
			}
			if got := show(Quoted, c.text, piece); got != c.quoted {
				t.Errorf("%q quoted in pieces of %d: %s, want %s", c.text, piece, got, c.quoted)
			}
		}
	}
	for piece := 1; piece < 6; piece++ {
		if got, want := show(Lines, "a\tb\r\n\r\r\n\x1b\r", piece), "a\tb\n\\r\n\\x1b\\r"; got != want {
			t.Errorf("lines: %q, want %q", got, want)
		}
	}
	if got, want := show(Line, "a\tb\n", 2), `a\tb\n`; got != want {
		t.Errorf("line: %q, want %q", got, want)
	}
	if got, want := string(AppendTerminal([]byte("> "), "k\x1b")), `> k\x1b`; got != want {
		t.Errorf("AppendTerminal: %q, want %q", got, want)
	}
}

func TestJSON(t *testing.T) {
	const text = "a\"\\/\n\r\t\b\f\a\x1b\x7f\u00e9\u009b\u202e\U0001f600\U000e0041\xff\xc3"
	for piece := 1; piece < 6; piece++ {
		want := `a\"\\/\n\r\t\b\f\u0007\u001b` + "\x7f\u00e9\u009b\u202e\U0001f600\U000e0041" + `\u00ff\u00c3`
		if got := show(PipedJSON, text, piece); got != want {
			t.Errorf("in pieces of %d: %s, want %s", piece, got, want)
		}
		want = `a\"\\/\n\r\t\b\f\u0007\u001b\u007f` + "\u00e9" + `\u009b\u202e` + "\U0001f600" +
			`\udb40\udc41\u00ff\u00c3`
		if got := show(JSON, text, piece); got != want {
			t.Errorf("for a terminal, in pieces of %d: %s, want %s", piece, got, want)
		}
	}
}

// checkJSON holds that text which is UTF-8 comes back from a JSON reader, and that other text is
// JSON none the less.
func checkJSON(t *testing.T, text []byte, piece int) {
	t.Helper()
	for _, style := range []Style{JSON, PipedJSON} {
		shown := []byte(`"` + show(style, string(text), piece) + `"`)
		var got string
		if err := json.Unmarshal(shown, &got); err != nil || !utf8.Valid(shown) {
			t.Fatalf("%q is shown as %s: %v", text, shown, err)
		}
		if utf8.Valid(text) && got != string(text) {
			t.Fatalf("%q is shown as %s, which is %q", text, shown, got)
		}
	}
}

// TestTerminalHostilePieces feeds the beginning of a character over and over: each is complete only
// when the next one shows that it never will be.
func TestTerminalHostilePieces(t *testing.T) {
	const n = 1 << 20
	var shown Terminal
	dst := shown.Append(nil, []byte{0xf0})
	dst = shown.Append(dst, bytes.Repeat([]byte{0xf0}, n))
	if dst = shown.Finish(dst); len(dst) != len(`\xf0`)*(n+1) {
		t.Errorf("%d bytes", len(dst))
	}
}

// forbidden is what must never reach a terminal, written down apart from the tables the code uses.
func forbidden(r rune, style Style) bool {
	switch {
	case r == '\n' || r == '\t':
		return style != Lines
	case r < 0x20, r >= 0x7f && r <= 0x9f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069,
		r >= 0x200b && r <= 0x200f, r == 0x2028, r == 0x2029, r == 0xfeff, r >= 0xe0000 && r <= 0xe007f:
		return true
	}
	return unicode.Is(unicode.Cf, r)
}

func checkTerminal(t *testing.T, text []byte, piece int) {
	t.Helper()
	checkJSON(t, text, piece)
	for style := Line; style <= JSON; style++ {
		whole := show(style, string(text), len(text)+1)
		if got := show(style, string(text), piece); got != whole {
			t.Fatalf("%q in pieces of %d: %q, whole %q", text, piece, got, whole)
		}
		if !utf8.ValidString(whole) {
			t.Fatalf("%q is shown as %q, no UTF-8", text, whole)
		}
		for _, r := range whole {
			if forbidden(r, style) {
				t.Fatalf("%q is shown with %U", text, r)
			}
		}
	}
}

func TestTerminalLetsNothingThrough(t *testing.T) {
	checkTerminal(t, allBytes(), 3)
	for r := rune(0); r <= unicode.MaxRune; r += 1 + r/0x3000 {
		checkTerminal(t, utf8.AppendRune(nil, r), 1)
	}
	for r := rune(0xe0000); r < 0xe0100; r++ {
		checkTerminal(t, utf8.AppendRune(nil, r), 2)
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range 5000 {
		text := make([]byte, r.IntN(16))
		for i := range text {
			text[i] = "\x1b\x9b\xc2\xe2\x80\xae\xf0\x9f\x98\xf3\xa0\x81a\n\xff"[r.IntN(15)]
		}
		checkTerminal(t, text, 1+r.IntN(5))
	}
}

func FuzzTerminal(f *testing.F) {
	f.Add([]byte("\u202e\x1b[2J\xc2\x9b"), 2)
	f.Fuzz(func(t *testing.T, text []byte, piece int) { checkTerminal(t, text, max(piece, 1)) })
}

func TestTerminalAllocatesNothing(t *testing.T) {
	dst, text := make([]byte, 0, 4096), []byte("caf\u00e9 \x1b[2J \u202e \xff")
	var shown Terminal
	if n := testing.AllocsPerRun(100, func() { shown.Finish(shown.Append(dst, text)) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

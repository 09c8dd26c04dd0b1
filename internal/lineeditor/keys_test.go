package lineeditor

import (
	"io"
	"slices"
	"strings"
	"testing"
)

// decodeAll feeds pieces, gives up what is left at the end, and writes the keys down: names in
// brackets.
func decodeAll(pieces ...string) string {
	var d decoder
	var b strings.Builder
	write := func(k key) {
		if k.name != "" {
			b.WriteString("[" + k.name + "]")
		}
		b.WriteString(k.text)
	}
	for _, piece := range pieces {
		d.feed([]byte(piece))
		for k, ok := d.next(); ok; k, ok = d.next() {
			write(k)
		}
	}
	for d.patience() > 0 {
		if k, ok := d.giveUp(); ok {
			write(k)
		}
	}
	return b.String()
}

var keyTests = []struct{ sent, want string }{
	{"get a", "get a"}, {"\x01\x02\x1a\x1f\x1c", "[Ctrl-A][Ctrl-B][Ctrl-Z][Ctrl-_][Ctrl-\\]"},
	{"\r\n\t\x7f\x08", "[Enter][Enter][Tab][Backspace][Backspace]"},
	{"\x00a\x00\x00b", "ab"},
	{"é日👨‍👩‍👧", "é日👨‍👩‍👧"}, {"a\xffb\xe3\x81\xc3(", "a\xffb\xe3\x81\xc3("}, {"\xe3\x81", "\xe3\x81"},

	{"\x1b[A\x1b[B\x1b[C\x1b[D", "[Up][Down][Right][Left]"},
	{"\x1bOA\x1bOB\x1bOC\x1bOD", "[Up][Down][Right][Left]"},
	{"\x1b[H\x1b[1~\x1b[7~\x1bOH", "[Home][Home][Home][Home]"},
	{"\x1b[F\x1b[4~\x1b[8~\x1bOF", "[End][End][End][End]"},
	{"\x1b[3~\x1b[5~\x1b[6~\x1b[2~\x1b[15~", "[Delete][PageUp][PageDown]"},
	{"\x1b[1;5C\x1b[5C\x1bOc\x1bO5C", "[Ctrl-Right][Ctrl-Right][Ctrl-Right][Ctrl-Right]"},
	{"\x1b[1;3D\x1b[3D\x1b\x1b[D\x1b\x1bOD\x1b[1;9D", "[Alt-Left][Alt-Left][Alt-Left][Alt-Left][Alt-Left]"},
	{"\x1b[1;2C\x1b[c\x1b[1;7C\x1b[1;5H\x1b[1;5D", "[Right][Right][Ctrl-Right][Ctrl-Home][Ctrl-Left]"},
	{"\x1b[3;5~\x1b[3^\x1b[3$\x1b[Z", "[Ctrl-Delete][Ctrl-Delete][Delete][Shift-Tab]"},
	{"\x1bb\x1bF\x1b.\x1b<", "[Alt-B][Alt-F][Alt-.][Alt-<]"},
	{"\x1b\x7f\x1b\r\x1b\x08\x1bé", "[Alt-Backspace][Alt-Enter][Alt-Backspace][Alt-É]"},
	{"\x1b", "[Esc]"}, {"\x1b\x1b", "[Esc]"}, {"\x1b\x1bb", "[Esc][Alt-B]"},
	{"\x1b[97;5u\x1b[13;3u\x1b[9;2u\x1b[27u\x1b[27;5;114~", "[Ctrl-A][Alt-Enter][Shift-Tab][Esc][Ctrl-R]"}, {"\x1b[127;5u", "[Ctrl-Backspace]"},
	{"\x1bOM\x1bOp\x1bOj", "[Enter]0*"},

	// What is no key: function keys, answers of the terminal, the mouse, what breaks off.
	{"\x1b[[Ax", "x"}, {"\x1bOPx", "x"}, {"\x1b[?62;c\x1b[12;40Rx", "x"}, {"\x1b]11;rgb:0/0/0\ax", "x"},
	{"\x1b]11;rgb:0/0/0\x1b\\x", "x"}, {"\x1bP1$r0m\x1b\\x", "x"}, {"\x1b[<0;1;1Mx", "x"}, {"\x1b[12", ""},
	{"\x1b[1\x01", "[Ctrl-A]"}, {"\x1b[1\x1b[A", "[Up]"}, {"\x1bO\x01", "[Alt-O][Ctrl-A]"}, {"\x1b]x", "[Alt-]]x"},

	{"\x1b[200~a\rb\x1b[Ac\x03\x1b[201~x", "[Paste]a\rb\x1b[Ac\x03x"}, {"\x1b[200~\x1b[201~", "[Paste]"},
	{"\x1b[200~a\x00b\x1b[201", "[Paste]ab\x1b[201"}, {"\x1b[201~x", "x"},
	{"\x1b[200~a\x1b[201~\x1b[200~b\x1b[201~", "[Paste]a[Paste]b"},
}

func TestKeys(t *testing.T) {
	for _, tt := range keyTests {
		if got := decodeAll(tt.sent); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.sent, got, tt.want)
		}
	}
}

// However the bytes are cut, the keys are the same.
func TestKeysInPieces(t *testing.T) {
	for _, tt := range keyTests {
		if pieces := strings.Split(tt.sent, ""); strings.Join(pieces, "") == tt.sent {
			if got := decodeAll(pieces...); got != tt.want {
				t.Errorf("%q in characters: got %q, want %q", tt.sent, got, tt.want)
			}
		}
		for i := range len(tt.sent) {
			if got := decodeAll(tt.sent[:i], tt.sent[i:]); got != tt.want {
				t.Errorf("%q + %q: got %q, want %q", tt.sent[:i], tt.sent[i:], got, tt.want)
			}
		}
		var bytes []string
		for i := range len(tt.sent) {
			bytes = append(bytes, tt.sent[i:i+1])
		}
		if got := decodeAll(bytes...); got != tt.want {
			t.Errorf("%q in bytes: got %q, want %q", tt.sent, got, tt.want)
		}
	}
}

// Nothing that is typed is lost but NUL and what terminals send for keys without a meaning, and no
// bytes make the decoder hold on to anything for ever.
func FuzzKeys(f *testing.F) {
	for _, tt := range keyTests {
		f.Add(tt.sent, 1)
	}
	f.Fuzz(func(t *testing.T, sent string, cut int) {
		cut = min(max(cut, 0), len(sent))
		whole, cutUp := decodeAll(sent), decodeAll(sent[:cut], sent[cut:])
		if whole != cutUp {
			t.Errorf("%q: %q, cut at %d %q", sent, whole, cut, cutUp)
		}
		if !strings.ContainsAny(sent, "\x1b\x00") {
			plain := string(slices.DeleteFunc([]byte(sent), func(c byte) bool { return c < ' ' || c == 0x7f }))
			got := whole
			for _, name := range []string{"Enter", "Tab", "Backspace"} {
				got = strings.ReplaceAll(got, "["+name+"]", "")
			}
			for c := byte(1); c < ' '; c++ {
				got = strings.ReplaceAll(got, "["+controlName(c)+"]", "")
			}
			if got != plain && !strings.Contains(sent, "[") {
				t.Errorf("%q became %q", sent, whole)
			}
		}
	})
}

// Every key in the table is one that some terminal sends, and no key has two meanings.
func TestBindings(t *testing.T) {
	sent := make(map[string]bool)
	for c := range byte(0x80) {
		sent[controlName(c&0x1f)] = true
		k, _ := decode([]byte{0x1b, c})
		sent[k.name] = true
	}
	for _, tt := range keyTests {
		for _, part := range strings.Split(tt.want, "[") {
			name, _, _ := strings.Cut(part, "]")
			sent[name] = true
		}
	}
	seen := make(map[string]bool)
	for _, b := range Bindings() {
		for _, name := range b.Keys {
			for _, one := range strings.Fields(name) {
				if !sent[one] && !sent[strings.TrimPrefix(one, "Alt-")] {
					t.Errorf("no terminal sends %s", one)
				}
			}
			if seen[name] {
				t.Errorf("%s has two meanings", name)
			}
			seen[name] = true
		}
	}
}

// TestTheRestIsThereInTime has the patience end at the moment when the rest has come.
func TestTheRestIsThereInTime(t *testing.T) {
	e := New(Config{In: strings.NewReader(""), Out: io.Discard})
	r := &reading{e: e, ctx: t.Context()}
	e.keys.feed([]byte("\x1b"))
	if _, ok := e.keys.next(); ok {
		t.Fatal("half a key is one")
	}
	e.input.pieces, e.input.pending = make(chan piece, 1), true
	e.input.pieces <- piece{data: []byte("[200~DEL a\nDEL b\n\x1b[201~")}
	r.lost()
	r.keys()
	if r.text != "DEL a\nDEL b" || r.ended {
		t.Errorf("got %q, ended %v", r.text, r.ended)
	}
}

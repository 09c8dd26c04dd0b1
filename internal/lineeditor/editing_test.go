package lineeditor

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"easycli/internal/ttytest"
)

// What keys make of an empty line. Each is typed alone; the history has two entries.
func TestEditing(t *testing.T) {
	for _, tt := range []struct{ keys, want string }{
		{"flushall<C-Space>", "flushall"}, // NUL is not Enter
		{"a<C-o>b<C-x>c<C-\\>d<M-x>e<M-.>f<C-^>g", "abcdefg"},
		{"get user:1<C-w>", "get "}, {"flushall<C-w>", ""}, {"flush<C-w>x", "x"}, {"get user:1<M-BS>x", "get user:x"},
		{"abc<C-u><C-y><C-y>", "abcabc"}, {"a b c<C-w><C-w>x<C-y>", "a xb c"}, {"abc<C-a><C-k>x<C-y>", "xabc"},
		{"one<C-u>two<C-u><C-y><M-y>", "one"}, {"one<C-u>two<C-u><C-y><M-y><M-y>", "two"}, {"a<M-y>", "a"},
		{"get a<C-a>x<C-e>y", "xget ay"}, {"abc<C-b><C-b>x<C-f>y", "axbyc"}, {"ab<C-t>", "ba"},
		{"get a b<C-Left><C-Left>x", "get xa b"}, {"get a b<C-a><M-f><M-d>x", "getx b"}, {"a b<Home><C-Right>x", "ax b"},
		{"日本語<Left><BS>", "日語"}, {"👨‍👩‍👧🇩🇪<BS>", "👨‍👩‍👧"}, {"e\u0301x<Left><BS>", "x"}, {"a\xffb\xfe", "a\xffb\xfe"},
		{"a<BS><BS>b", "b"}, {"<Del>a<Left><Del><Del>b", "b"}, {"ab<Left><C-d>c", "ac"},
		{"get a<Space>b<C-_>", "get a"}, {"get a<C-u><C-_>b", "get ab"}, {"get a<C-x><C-u>", "get"}, {"<C-_>a", "a"},
		{"ab<Left>c<C-_>", "ab"}, {"a<C-_><C-_>b", "b"},
		{"<C-v><C-a><C-q><Tab>", "\x01\t"}, {"a<M-Enter>b", "a\nb"},
		{"<Up>", "set k 2"}, {"<Up><Up>", "get k 1"}, {"<Up><Up><Down>", "set k 2"}, {"x<Up>", "x"}, {"ge<Up>", "get k 1"},
		{"ge<Up><Down>", "ge"}, {"ge<C-p><BS><Up>", "get k 1"}, {"<Up><Down>y", "y"}, {"<PgUp>", "get k 1"}, {"z<PgUp><PgDn>", "z"},
		{"get<Right>", "get k 1"}, {"get<End>", "get k 1"}, {"get<M-f>x", "get kx"}, {"get<Left><Right>", "get"},
		{"<C-r>k", "set k 2"}, {"<C-r>k<C-r>", "get k 1"}, {"<C-s>k", "get k 1"}, {"<C-r>k<C-r><C-s>", "set k 2"},
		{"<C-r>k<C-r><C-r><C-r>", "get k 1"}, {"<C-r>nothing<Enter>", "nothing"}, {"<C-r>gex<BS>", "get k 1"},
		{"a<C-r>k<C-g>b", "ab"}, {"a<C-r>k<C-c>b", "ab"}, {"a<C-r>k<Up>b", "ab"}, {"<C-r>2<Tab>x", "set k 2x"},
		{"a<C-r><Tab>b", "ab"}, {"<C-r>2<C-a>x", "xset k 2"}, {"<C-r><C-g>a", "a"}, {"<C-s><C-g>a", "a"},
		{"<C-r>\n2\n", "set k 2"}, // Ctrl-J, as redis-cli's own tests send it
		{"a<C-z>b<C-x><C-e>c<Tab>d", "abcd"},
	} {
		history := OpenHistory("", 100)
		history.Add("get k 1")
		history.Add("set k 2")
		for _, together := range []bool{true, false} {
			if together && strings.Contains(tt.keys, "<C-_>") || strings.Contains(tt.keys, "<C-x><C-u>") { // steps depend on the pieces
				continue
			}
			p := newPerson(t, 60, 8, Config{History: history})
			p.prompt("> ")
			keys := ttytest.Keys(tt.keys)
			if together {
				p.send(keys)
			} else {
				for len(keys) > 0 {
					n := max(1, keyLength(keys))
					p.send(keys[:n])
					keys = keys[n:]
				}
			}
			p.gets(tt.want)
			if t.Failed() {
				t.Fatalf("%s, together: %v", tt.keys, together)
			}
		}
	}
}

// keyLength is the length of the first key of what a terminal sends; a character at a time of text.
func keyLength(keys string) int {
	if textLength([]byte(keys)) > 0 {
		return glyphAt(keys, 0).size
	}
	_, n := decode([]byte(keys))
	return n
}

// Nothing that is special elsewhere ends an empty line, but Ctrl-D.
func TestEmptyLine(t *testing.T) {
	p := newPerson(t, 40, 5, Config{})
	p.prompt("> ")
	p.keys("<Del><C-Space><BS><C-w><C-u><C-k><C-t><C-y><Up><Down><C-r><C-g><C-s><C-g><M-b><C-Left><End><Tab>")
	p.sees("> |")
	p.gets("")
	p.prompt("> ")
	p.keys("<C-d>")
	p.ended("", io.EOF)
}

// An empty history, and one whose file cannot be read.
func TestSearchInNothing(t *testing.T) {
	p := newPerson(t, 40, 5, Config{History: OpenHistory(t.TempDir(), 10)})
	p.prompt("> ")
	p.keys("<C-r>")
	p.sees("(reverse-i-search): |")
	p.keys("<C-s>x<C-r><C-r><C-s><BS><BS><BS>")
	p.sees("(i-search): |")
	p.keys("<C-g>")
	p.sees("> |")
	p.keys("<C-c>")
	p.ended("", ErrInterrupted)
}

// redis-cli's tests look for these bytes, each in what one key brought.
func TestSearchBytes(t *testing.T) {
	history := OpenHistory("", 10)
	history.Add("keys one")
	history.Add("keys two")
	p := newPerson(t, 80, 24, Config{History: history})
	p.prompt("127.0.0.1:6379> ")
	for _, tt := range []struct{ sent, want string }{
		{"\x12\n", "(reverse-i-search): "},
		{"ey", "(reverse-i-search): \x1b[0mk\x1b[1mey\x1b[0ms two"},
		{"\x12\n", "(reverse-i-search): \x1b[0mk\x1b[1mey\x1b[0ms one"},
		{"\x7f\x7fone", "(reverse-i-search): \x1b[0mkeys \x1b[1mone\x1b[0m"},
		{"\t", "127.0.0.1:6379> keys one"},
		{"suffix", "127.0.0.1:6379> keys onesuffix"},
		{"\x15\x13", "(i-search): "},
		{"ey", "(i-search): \x1b[0mk\x1b[1mey\x1b[0ms one"},
		{"\x13\n", "(i-search): \x1b[0mk\x1b[1mey\x1b[0ms two"},
		{"\x7f\x7fkeys t", "(i-search): \x1b[0m\x1b[1mkeys t\x1b[0mwo"},
		{"\a", "127.0.0.1:6379> "},
	} {
		from := len(p.Raw())
		p.send(tt.sent)
		if got := p.Raw()[from:]; !strings.Contains(got, tt.want) {
			t.Errorf("%q: %q has no %q", tt.sent, got, tt.want)
		}
	}
	p.gets("")
}

func TestPasteIsOneEdit(t *testing.T) {
	p := newPerson(t, 30, 8, Config{})
	p.prompt("> ")
	p.send("\x1b[200~set a 1\rset b 2\r\n\tset c 3\r\x1b[201~")
	p.sees("> set a 1\n... set b 2\n...     set c 3|")
	p.keys("<C-_>")
	p.sees("> |")
	p.send(ttytest.Pasted("x\n"))
	p.gets("x")
	p.prompt("> ")
	p.each("a ")
	p.send("a burst of text")
	p.send("\x1f")
	p.gets("a ")
	p.prompt("> ")
	p.send("\x1b[200~a\x03\x04\x1b[A\x12")
	p.send("\x1b[20")
	p.send("1~")
	p.gets("a\x03\x04\x1b[A\x12")
}

// 100 KB are pasted with little output, as are the keys after them.
func TestPasteOfMuch(t *testing.T) {
	const columns, rows = 80, 24
	for _, text := range []string{
		"set k " + strings.Repeat("x", 100<<10), strings.Repeat("日本👨‍👩‍👧 ", 8000), strings.Repeat("set k 1\n", 12000) + "end",
	} {
		p := newPerson(t, columns, rows, Config{Assistant: helper{}})
		p.prompt("> ")
		for rest := "\x1b[200~" + text + "\x1b[201~"; rest != ""; {
			n := min(len(rest), 4095)
			p.send(rest[:n])
			rest = rest[n:]
		}
		pasted := len(p.Raw())
		if pasted > 20*columns*rows {
			t.Errorf("%d bytes were written for a paste of %d", pasted, len(text))
		}
		p.each("abc")
		if n := len(p.Raw()) - pasted; n > 3*8*columns*rows {
			t.Errorf("%d bytes were written for three keys", n)
		}
		p.keys("<BS><BS><BS><Left><Right><Home><End>")
		p.gets(text)
	}
}

func TestMuchTextWithoutBrackets(t *testing.T) {
	p := newPerson(t, 80, 24, Config{})
	p.prompt("> ")
	text := strings.Repeat("0123456789", 400)
	p.send(text)
	if n := len(p.Raw()); n > 20<<10 {
		t.Errorf("%d bytes were written", n)
	}
	p.gets(text)
}

// One write for each key.
func TestWrites(t *testing.T) {
	p := newPerson(t, 20, 5, Config{Assistant: helper{}, Color: true})
	p.prompt("> ")
	p.each("a text of two rows and")
	was := p.Writes()
	p.each("more")
	p.keys("<Left>")
	p.keys("<Home>")
	if n := p.Writes() - was; n != 6 {
		t.Errorf("%d writes for 6 keys", n)
	}
}

func TestSecret(t *testing.T) {
	p := newPerson(t, 30, 5, Config{Assistant: helper{}, History: OpenHistory("", 10)})
	p.begin(func() (string, error) { return p.ReadSecret(context.Background(), "Password: ") })
	p.each("päss")
	p.sees("Password: ****|")
	p.keys("<Up><C-r><Tab><Left><BS>")
	p.send(ttytest.Pasted("日x\n"))
	p.keys("<C-e><C-w><C-y>")
	p.sees("Password: |")
	p.keys("<C-_>")
	p.sees("Password: *****|")
	p.gets("pä日xs")
	p.prompt("> ")
	p.keys("<C-y>")
	p.gets("")
	if strings.Contains(p.Raw(), "日") {
		t.Error("the secret was shown")
	}
}

func TestAsk(t *testing.T) {
	history := OpenHistory("", 10)
	history.Add("yes, all of them")
	p := newPerson(t, 60, 5, Config{Assistant: helper{}, History: history})
	p.SetLine("a line for later")
	p.begin(func() (string, error) { return p.Ask(context.Background(), "run 3 commands? [y/N] ") })
	p.keys("<Up><C-r>y")
	p.sees("run 3 commands? [y/N] y|")
	p.gets("y")
	p.prompt("> ")
	p.gets("a line for later")
	p.prompt("> ")
	p.gets("")
}

// Keys that were typed before the prompt was there, and behind Enter, are for the next line.
func TestTypeAhead(t *testing.T) {
	p := newPerson(t, 30, 9, Config{})
	p.prompt("> ")
	p.send("one\rtwo\nthr")
	p.ended("one", nil)
	p.prompt("> ")
	p.ended("two", nil)
	p.prompt("> ")
	p.sees("> one\n> two\n> thr|")
	p.gets("thr")
}

// A half-typed line is not run when the terminal is gone.
func TestEndOfInput(t *testing.T) {
	p := newPerson(t, 30, 5, Config{})
	p.prompt("> ")
	p.each("flushal")
	close(p.typed)
	if r := <-p.result; r.err != io.EOF {
		t.Errorf("got %q, %v", r.text, r.err)
	}
	if _, err := p.ReadLine(context.Background(), "> "); err != io.EOF {
		t.Errorf("a line after the end: %v", err)
	}
}

func TestContext(t *testing.T) {
	p := newPerson(t, 30, 5, Config{})
	gone := errors.New("gone")
	ctx, cancel := context.WithCancelCause(context.Background())
	p.begin(func() (string, error) { return p.ReadLine(ctx, "> ") })
	p.each("ab")
	cancel(gone)
	p.ended("ab", gone)
	p.sees("> ab\n|")
	if _, err := p.ReadLine(ctx, "> "); err != gone {
		t.Errorf("with a context that has ended: %v", err)
	}
	go func() {
		text, err := p.ReadLine(context.Background(), "> ")
		p.result <- result{text, err}
	}()
	p.typed <- "x\r" // the key that was waited for all the time
	p.ended("x", nil)
}

// Esc alone is told from the beginning of a sequence by what does not follow.
func TestEscAlone(t *testing.T) {
	p := newPerson(t, 40, 5, Config{})
	p.prompt("> ")
	p.keys("<C-r>x")
	p.send("\x1b")
	p.Await(t, "the prompt", func() bool { return strings.HasPrefix(p.Text(), ">") })
	p.send("a")
	p.send("\x1b")
	p.send("[D")
	p.send("b")
	p.gets("ba")
}

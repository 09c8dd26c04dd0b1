package lineeditor

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"easycli/internal/ttytest"
)

// helper is an Assistant that knows a few things.
type helper struct{}

var names = []Candidate{
	{Text: "GET", Description: "Get the value of a key"},
	{Text: "GETDEL", Description: "Get the value of a key and delete it"},
	{Text: "GETEX", Description: "Get the value of a key and set its expiration"},
	{Text: "SET", Description: "Set the value of a key"},
	{Text: `"with space"`, Description: "a \x1b[31mhostile\a one"},
}

func (helper) Paint(text string) []Span {
	name, rest, _ := strings.Cut(text, " ")
	spans := []Span{{0, len(name), Command}}
	if i := strings.IndexByte(rest, '"'); i >= 0 {
		spans = append(spans, Span{len(text) - len(rest) + i, len(text), String})
	}
	return spans
}

func (helper) Hint(text string) string {
	if strings.EqualFold(text, "get ") {
		return "key"
	}
	return ""
}

func (helper) Complete(_ context.Context, text string, at int) Completion {
	from := strings.LastIndexByte(text[:at], ' ') + 1
	c := Completion{From: from, To: at}
	for _, name := range names {
		if hasPrefixFold(name.Text, text[from:at]) {
			c.Candidates = append(c.Candidates, name)
		}
	}
	return c
}

func (helper) Open(text string) bool { return strings.Count(text, `"`)%2 == 1 }

// scenes are what is typed, and what it shows.
var scenes = []struct{ shows, keys, tab string }{
	{"a prompt", "", ""},
	{"a hint", "get ", ""},
	{"a wide text that is longer than a narrow row", "名前👍🏽👨‍👩‍👧é", ""},
	{"the cursor in the middle of it", "<Left><Left><Left>", ""},
	{"a character put in there", "x", ""},
	{"one deleted", "<BS><Del>", ""},
	{"nothing after Ctrl-U", "<End><C-u>", ""},
	{"a suggestion from the history", "set l", ""},
	{"the suggestion's first word taken", "<M-f>", ""},
	{"the suggestion taken", "<Right>", ""},
	{"a row more than the line, and the cursor at its beginning", "<Home>", ""},
	{"the entry before it with the same beginning", "<C-u><C-k>set<Up><Up>", ""},
	{"what was typed", "<Down><Down>", ""},
	{"another row while a quote is open", "<C-u>set k \"one<Enter>two", ""},
	{"the cursor in the first row", "<Up>", ""},
	{"a third row between the two", "<M-Enter>between", ""},
	{"the line before that", "<C-_>", ""},
	{"control bytes and tabs reversed or blank", "<End><Down><End><C-v><C-a><C-v><Tab>\xff\u202e", ""},
	{"a search", "<C-c>", ""},
	{"a search", "<C-r>al", ""},
	{"the next one", "<C-r>", ""},
	{"nothing found", "zz", ""},
	{"the line from before the search", "<C-g>", ""},
	{"what all candidates have in common", "ge", "GET"},
	{"the candidates", "", "GETEX"},
	{"the third one chosen", "<Tab><Down>", ""},
	{"fewer of them", "d", ""},
	{"one taken", "<Enter>", ""},
	{"a hostile description", "\"", "space\""},
	{"the screen cleared", "<C-l>", ""},
}

// The screens of every scene in wide and narrow terminals, and one that does not say how wide it is.
func TestScreens(t *testing.T) {
	for _, columns := range []int{80, 40, 20, 8, 0} {
		history := OpenHistory("", 100)
		for _, entry := range []string{"set alpha 1", "get beta", "set list:of:things \"a value that is long enough\"", "del alpha"} {
			history.Add(entry)
		}
		cfg := Config{History: history, Assistant: helper{}, Color: true}
		if columns == 0 {
			cfg.Size = func() (int, int) { return 0, 0 }
		}
		p := newPerson(t, max(columns, (1-min(columns, 1))*80), 12, cfg)
		io.WriteString(p.Editor, "above\n")
		p.prompt("host:6379> ")
		var b strings.Builder
		for _, scene := range scenes {
			if scene.keys == "<C-c>" {
				p.keys(scene.keys)
				<-p.result
				p.prompt("host:6379> ")
				continue
			}
			if scene.keys != "" {
				p.keys(scene.keys)
			}
			if scene.tab != "" {
				p.tab(scene.tab)
			}
			row, column := p.Cursor()
			fmt.Fprintf(&b, "# %s: %s\n%s\n# cursor at %d, %d\n\n", scene.keys, scene.shows, p.Styled(), row, column)
		}
		p.keys("<C-c>")
		<-p.result
		ttytest.Golden(t, fmt.Sprintf("screens/%d", columns), b.String())
	}
}

// Whatever is typed, the screen is the one that would be drawn on an empty terminal, and what stands
// above it stays.
func TestScreenIsWhatWouldBeDrawn(t *testing.T) {
	pieces := []string{
		"a", "b", " ", "日", "👨‍👩‍👧", "e\u0301", "\x01", "\x05", "\x02", "\x06", "\x7f", "\x1b[3~", "\x0b", "\x15", "\x19", "\x17", "\x14",
		"\x1b\r", "\x1b[A", "\x1b[B", "\x12", "\x13", "\a", "\x1f", "\x1by", "\x16\x01", "\x16\xff", "set alpha", "\x1b[200~x\ry\rz\x1b[201~",
		"\"", "\x1b[1;5C", "\x1b[1;5D", strings.Repeat("long ", 30), "\xff", "\t", "🇩🇪", "get ",
	}
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 1))
		columns, rows := 3+random.IntN(60), 1+random.IntN(12)
		history := OpenHistory("", 100)
		history.Add("set alpha " + strings.Repeat("very ", 10) + "long")
		history.Add("set \"alpha\nbeta\" 日本")
		p := newPerson(t, columns, rows, Config{History: history, Assistant: helper{}, Color: seed%2 == 0})
		p.prompt("prompt> ")
		for step := range 60 {
			switch n := random.IntN(20); n {
			case 0:
				io.WriteString(p.Editor, "==\n")
			case 1:
				p.SetPrompt(fmt.Sprintf("prompt %d> ", step))
			}
			p.send(pieces[random.IntN(len(pieces))])
			p.same(fmt.Sprintf("seed %d, step %d, %dx%d", seed, step, columns, rows))
			if t.Failed() {
				t.FailNow()
			}
		}
		p.keys("<Esc><C-g><C-c>")
		select {
		case <-p.result:
		default:
			p.keys("<C-c>")
			<-p.result
		}
	}
}

// same compares the screen with one that has nothing but the frame.
func (p *person) same(what string) {
	p.t.Helper()
	s := &p.screen
	s.mu.Lock()
	defer s.mu.Unlock()
	columns, rows := p.Size()
	fresh := ttytest.NewScreen(columns, rows)
	other := &screen{out: newlineWriter{fresh}}
	other.flush(other.draw(nil, s.shown))
	row, column := p.Cursor()
	freshRow, freshColumn := fresh.Cursor()
	top := row - freshRow
	if top < 0 || column != freshColumn {
		p.t.Errorf("%s: the cursor is at %d, %d, not %d, %d\n%s\n%s", what, row, column, freshRow, freshColumn, p.Dump(), fresh.Dump())
		return
	}
	got, want := p.Rows()[top:], fresh.Rows()[:rows-top]
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		p.t.Errorf("%s: the screen is\n%s\nand drawn anew\n%s", what, p.Dump(), fresh.Dump())
	}
	for _, above := range p.Rows()[:top] {
		if above != "==" {
			p.t.Errorf("%s: above the line there is %q", what, above)
		}
	}
}

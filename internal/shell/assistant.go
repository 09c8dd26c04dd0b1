package shell

import (
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"easycli/internal/command"
	"easycli/internal/lineeditor"
	"easycli/internal/lines"
	"easycli/internal/manual"
	"easycli/internal/quote"
	"easycli/internal/session"
)

// Assistant tells the editor what the line being typed means: a [lineeditor.Assistant]. What it knows of
// commands is the scout's book; what it knows of keys it asks over the scout's connection.
type Assistant struct {
	// Profiles are the names that :use takes.
	Profiles []string

	scout *Scout
	// hints and keys say that hints are shown, and that names of keys are completed.
	hints, keys atomic.Bool
	// testOnlyPatience, if set, is how long to ask instead of askingTime.
	testOnlyPatience time.Duration
	// quiet says that nothing may be asked now: a transaction is open.
	quiet atomic.Bool
	seen  memory
}

// NewAssistant returns an assistant that hints and completes.
func NewAssistant(scout *Scout) *Assistant {
	a := &Assistant{scout: scout}
	a.hints.Store(true)
	a.keys.Store(true)
	return a
}

// settle takes note of the state in which the next line is typed.
func (a *Assistant) settle(state session.State) { a.quiet.Store(state.InMulti) }

// Open reports whether a quote is open at the end of a text.
func (a *Assistant) Open(text string) bool { return lines.Open(text) }

// part is one of the lines of a text, with its place.
type part struct {
	from  int
	line  string
	words []lines.Word
	// command is the index of the word that the command begins with: behind a count.
	command int
}

// partsOf are the lines of a text.
func partsOf(text string) []part {
	var all []part
	at := 0
	for _, line := range lines.Commands(text) {
		from := at + strings.Index(text[at:], line)
		at = from + len(line)
		p := part{from: from, line: line, words: lines.Words(line)}
		if len(p.words) > 1 && isCount(p.words[0].Value) {
			p.command = 1
		}
		all = append(all, p)
	}
	return all
}

func isCount(word []byte) bool {
	for _, c := range word {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(word) > 0
}

// argv are the words of the command.
func (p part) argv() [][]byte { return lines.Values(p.words[p.command:]) }

// span is a word of the part in the text.
func (p part) span(word int, style lineeditor.Style) lineeditor.Span {
	w := p.words[word]
	return lineeditor.Span{From: p.from + w.From, To: p.from + w.To, Style: style}
}

// Paint is how a text looks.
func (a *Assistant) Paint(text string) []lineeditor.Span {
	var spans []lineeditor.Span
	parts := partsOf(text)
	for i, p := range parts {
		spans = a.paint(spans, p, i == len(parts)-1 && !endsInBlank(text))
	}
	return spans
}

func endsInBlank(text string) bool {
	return text != "" && strings.ContainsAny(text[len(text)-1:], " \t\n\r\v\f")
}

// paint appends the spans of one line. Typing says that its last word may still grow.
func (a *Assistant) paint(spans []lineeditor.Span, p part, typing bool) []lineeditor.Span {
	if len(p.words) == 0 {
		return spans
	}
	if p.command == 1 {
		spans = append(spans, p.span(0, lineeditor.Number))
	}
	argv := p.argv()
	names, wrong, entry := a.judge(argv, typing)
	info := command.Of(argv)
	keys := map[int]bool{}
	for at := range info.Keys(argv) {
		keys[at] = true
	}
	secrets := info.AppendSecrets(nil, argv)
	for i, word := range p.words[p.command:] {
		style := styleOf(word)
		switch {
		case slices.Contains(secrets, i):
			style = lineeditor.Secret
		case word.Broken, i == wrong:
			style = lineeditor.Wrong
		case i == 0 && names > 0:
			style = lineeditor.Command
		case i < names:
			style = lineeditor.Subcommand
		case keys[i]:
			style = lineeditor.Key
		case style == lineeditor.Plain && entry != nil && entry.HasToken(string(word.Value)):
			style = lineeditor.Token
		}
		if style != lineeditor.Plain {
			spans = append(spans, p.span(p.command+i, style))
		}
	}
	return spans
}

// judge says how many words the name of the command has, 0 where it is not one yet, and which word cannot
// be right, -1 if none.
func (a *Assistant) judge(argv [][]byte, typing bool) (names, wrong int, entry *manual.Entry) {
	if own, ok := ownWord(string(argv[0])); own {
		if ok {
			return 1, -1, nil
		}
		return 0, 0, nil
	}
	book := a.scout.Book()
	v := book.Judge(argv)
	last := len(argv) - 1
	switch {
	case !v.Known && typing && last == 0 && v.Beginning:
		return 0, -1, nil
	case !v.Known:
		if e, n := book.Find(lines.Texts(argv)); e != nil && n == 1 && last > 0 { // its subcommand is unknown
			if typing && last == 1 && v.Beginning {
				return 1, -1, nil
			}
			return 1, 1, nil
		}
		return 0, 0, nil
	}
	entry, _ = book.Find(lines.Texts(argv))
	wrong = -1
	switch {
	case entry != nil && entry.Elsewhere:
		wrong = 0
	case v.Count == manual.TooMany:
		wrong = last
	case v.Wrong > 0 && !(typing && v.Wrong == last):
		wrong = v.Wrong
	}
	return v.Words, wrong, entry
}

// ownWord reports whether a line that begins with word is ours, and whether it means something.
func ownWord(word string) (own, known bool) {
	if lines.IsBuiltin([]byte(word)) {
		return true, true
	}
	name, colon := strings.CutPrefix(strings.ToLower(word), ":")
	if !colon {
		return false, false
	}
	return true, slices.ContainsFunc(colonCommands(), func(c colonCommand) bool { return strings.HasPrefix(c.name, name) })
}

// styleOf is how an argument looks that means nothing in particular.
func styleOf(w lines.Word) lineeditor.Style {
	switch {
	case w.Quote != 0:
		return lineeditor.String
	case isNumber(w.Value):
		return lineeditor.Number
	}
	return lineeditor.Plain
}

func isNumber(word []byte) bool {
	digits := 0
	for i, c := range word {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '-' && i == 0, c == '.' && digits > 0:
		default:
			return false
		}
	}
	return digits > 0
}

// Hint is what may follow a text.
func (a *Assistant) Hint(text string) string {
	if !a.hints.Load() {
		return ""
	}
	parts := partsOf(text)
	if len(parts) == 0 {
		return ""
	}
	p := parts[len(parts)-1]
	last := p.words[len(p.words)-1]
	switch {
	case strings.HasSuffix(text, "\n"): // a new row has begun
		return ""
	case last.Open:
		if strings.Contains(text, "\n") {
			return ""
		}
		return "  " + string(last.Quote) + " ends it; Enter begins another row"
	}
	ended := endsInBlank(text)
	if glued := last.Quote == 0 && len(last.Value) > 1 && strings.ContainsRune("|>", rune(last.Value[0])); glued && !ended && last.From > 0 {
		return "  with a blank behind the " + string(last.Value[:1]) + " the reply goes there"
	}
	argv := p.argv()
	book := a.scout.Book()
	hint := book.Hint(lines.Texts(argv), ended)
	if v := book.Judge(argv); hint == "" && ended && !v.Known && v.Near != "" {
		if own, _ := ownWord(string(argv[0])); !own {
			return "did you mean " + v.Near + "?"
		}
	}
	if hint != "" && !ended {
		hint = " " + hint
	}
	return hint
}

// quoted is a word as it has to be typed.
func quoted(word string) string {
	if word != "" && !strings.ContainsFunc(word, needsQuotes) {
		return word
	}
	var t quote.Terminal
	t.Style = quote.Quoted
	return `"` + string(t.Finish(t.Append(nil, []byte(word)))) + `"`
}

// needsQuotes reports whether a character cannot stand in a bare word, or on a terminal.
func needsQuotes(c rune) bool {
	return c <= ' ' || c == '"' || c == '\'' || c == '\\' || c == 0x7f || c == 0xfffd ||
		c > 0x7f && len(quote.AppendTerminal(nil, string(c))) != len(string(c))
}

package manual

import (
	"strings"

	"easycli/internal/command"
)

// Verdict is what is to be thought of a command as it stands.
type Verdict struct {
	// Known says that there is such a command, and such a subcommand where the command has some.
	// Words is how many words its name has.
	Known bool
	Words int
	// Beginning says of an unknown name that a known one begins like it, and Near is the known name
	// that was probably meant, empty if none comes near.
	Beginning bool
	Near      string
	// Count is whether there are as many words as there have to be.
	Count Count
	// Wrong is the word that should be a number and is none, 0 if there is no such word; Argument is
	// what it stands for.
	Wrong    int
	Argument string
}

// Count is what is wrong with a number of words.
type Count uint8

// The counts. A command with too few words may only not be finished.
const (
	Fits Count = iota
	TooFew
	TooMany
)

// Judge looks at the words of a command. It says nothing against what it does not know for sure: a
// server may have more commands and other arguments than the manual.
func (b *Book) Judge(argv [][]byte) Verdict {
	if len(argv) == 0 {
		return Verdict{}
	}
	words := make([]string, len(argv))
	for i, word := range argv {
		words[i] = string(word)
	}
	e, n := b.Find(words)
	info := command.Of(argv)
	v := Verdict{Known: e != nil || info.Known, Words: max(n, 1)}
	switch {
	case !v.Known:
		v.suggest("", words[0], b.under(""))
	case e == nil:
		v.Words = 1 + strings.Count(info.Name, " ")
	case n < len(words) && e.Arguments == nil && b.entry(e.Name+" HELP") != nil: // all of them are known
		v.Known = false
		v.suggest(e.Name+" ", words[n], b.under(e.Name+" "))
		return v
	}
	if v.Known {
		v.Count = count(info, len(words))
	}
	if e != nil && !e.Unwritten && v.Count == Fits {
		v.arguments(e, n, words)
	}
	return v
}

// count is what the server's own rule says of a number of words.
func count(info command.Info, words int) Count {
	if info.Fits(words) {
		return Fits
	}
	const mostNeeded = 16
	for more := words + 1; more <= words+mostNeeded; more++ {
		if info.Fits(more) {
			return TooFew
		}
	}
	return TooMany
}

// arguments judges what stands behind the name.
func (v *Verdict) arguments(e *Entry, n int, words []string) {
	m := matcher{words: words[n:], strict: true}
	matched := m.match(e.Arguments)
	most := most(e.Arguments)
	switch {
	case matched && len(m.pieces) > 0 && m.pieces[0].form == value, len(m.words) < fewest(e.Arguments):
		v.Count = TooFew
	case most >= 0 && len(m.words) > most && e.Arguments != nil:
		v.Count = TooMany
	}
	if !matched && m.wanted != nil && !m.lost() {
		v.Wrong, v.Argument = n+m.far, m.wanted.Name
	}
}

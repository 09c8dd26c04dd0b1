package manual

import (
	"strings"

	"easycli/internal/command"
)

// Next is what can stand at a place in a command.
type Next struct {
	Candidates []Candidate
	Wants      Wants
}

// Candidate is a word that the manual knows: a name, a token, a section.
type Candidate struct {
	Text string
	// Description is what a name does, or what follows a token.
	Description string
}

// Wants is what only the server knows of a place.
type Wants struct {
	What What
	// Type is the type of a KeyName, and of the key in Key, as SCAN's TYPE takes it, and empty for any.
	Type string
	// Key is the key whose Field, Member or Group it is.
	Key string
}

// What is a sort of word.
type What uint8

// The sorts. Of Nothing there is no word; a Value is one that nobody can guess.
const (
	Nothing What = iota
	KeyName
	Field
	Member
	Group
	ConfigName
	InfoSection
	ACLCategory
	ACLRule
	CommandName
	Channel
	ClientID
	Number
	Value
)

// isHelp reports whether a word asks for help in front of a topic.
func isHelp(word string) bool { return word == "?" || fold(word, "help") }

// Next is what can stand behind the words, which are complete, given the beginning of the word that
// is being typed. The candidates all begin with partial, in whatever case, and are in capitals
// unless partial, or without it the command, is typed in small letters.
func (b *Book) Next(words []string, partial string) Next {
	n := nextWords{book: b, partial: partial, lower: isLower(partial)}
	switch {
	case len(words) == 0:
		n.names("")
		return n.Next
	case isHelp(words[0]):
		n.topics(words[1:])
		return n.Next
	}
	n.lower = n.lower || !hasLetter(partial) && isLower(words[0])
	e, named := b.Find(words)
	if named == len(words) {
		n.names(e.Name + " ")
	}
	n.key(words)
	if e == nil {
		return n.Next
	}
	n.group = e.Group
	m := matcher{words: words[named:]}
	if len(e.Arguments) > 0 && m.match(e.Arguments) {
		n.pieces(m.pieces)
	}
	n.ofKey(words)
	return n.Next
}

// nextWords is a Next being gathered.
type nextWords struct {
	Next
	book    *Book
	partial string
	lower   bool
	group   string
	noKey   bool // the command has no key in this place
}

// maxCandidates bounds what a server can offer: nobody chooses from more.
const maxCandidates = 1 << 11

// add adds a candidate if it begins as what is typed does.
func (n *nextWords) add(text, description string, cased bool) {
	if len(n.Candidates) == maxCandidates || !hasPrefixFold(text, n.partial) {
		return
	}
	if cased && n.lower {
		text = strings.ToLower(text)
	}
	for i := range n.Candidates {
		if n.Candidates[i].Text == text {
			return
		}
	}
	n.Candidates = append(n.Candidates, Candidate{text, description})
}

// names adds the next word of the names that begin with a prefix.
func (n *nextWords) names(prefix string) {
	found := n.book.under(prefix)
	for i := range found {
		e := &found[i]
		if rest := e.Name[len(prefix):]; strings.IndexByte(rest, ' ') < 0 && !e.Elsewhere {
			n.add(rest, e.Summary, true)
		}
	}
}

// topics adds what help can be asked about.
func (n *nextWords) topics(words []string) {
	if len(words) > 0 {
		n.names(strings.ToUpper(strings.Join(words, " ")) + " ")
		return
	}
	if !hasPrefixFold(n.partial, "@") {
		n.names("")
	}
	for _, group := range n.book.groups {
		n.add("@"+group, "all commands of the group", false)
	}
}

// key looks whether the command has a key in this place, wherever internal/command knows it.
func (n *nextWords) key(words []string) {
	const more = 16 // words that may follow, so that numbers of keys are believed
	argv := asBytes(words, more)
	info := command.Of(argv)
	for at := range info.Keys(argv) {
		if at == len(words) {
			n.Wants.What = KeyName
		}
	}
	n.noKey = info.Known && n.Wants.What != KeyName
}

// pieces adds what the arguments to come can begin with, up to the first that has to be there.
func (n *nextWords) pieces(pieces []piece) {
	for _, p := range pieces {
		if p.form == whole || p.form == again && p.arg.MultipleToken {
			n.argument(p.arg)
		} else {
			n.value(p.arg)
		}
		if p.form == value || p.form == whole && !p.arg.Optional {
			return
		}
	}
}

func (n *nextWords) argument(a *Argument) {
	if !a.HasToken {
		n.value(a)
		return
	}
	n.add(string(appendShown(nil, a.Token)), n.behind(a), true)
}

// behind is what follows a token.
func (n *nextWords) behind(a *Argument) string {
	if a.Kind == PureToken {
		return ""
	}
	text := appendBody(nil, a)
	if a.Multiple {
		text = appendAgain(append(text, ' '), a)
	}
	return string(text)
}

func (n *nextWords) value(a *Argument) {
	switch a.Kind {
	case PureToken:
	case OneOf:
		for i := range a.Arguments {
			n.argument(&a.Arguments[i])
		}
	case Block:
		for i := range a.Arguments {
			n.argument(&a.Arguments[i])
			if !a.Arguments[i].Optional {
				break
			}
		}
	default:
		n.word(a)
	}
}

// word is a word to be chosen freely, or among those that are known.
func (n *nextWords) word(a *Argument) {
	what, known := wanted(a, n.group)
	if what == KeyName && n.noKey {
		return
	}
	if n.Wants.What == Nothing || n.Wants.What >= Number && what < n.Wants.What {
		n.Wants.What = what
	}
	if what == ACLRule {
		known += categoriesFor(n.partial)
	}
	for word := range strings.FieldsSeq(known) {
		n.add(word, "", false)
	}
	if what == CommandName {
		n.names("")
	}
}

// ofKey says which key it is about.
func (n *nextWords) ofKey(words []string) {
	switch n.Wants.What {
	case KeyName:
		n.Wants.Type = keyType(n.group)
	case Field, Member, Group:
		argv := asBytes(words, 0)
		if at := command.Of(argv).FirstKey(argv); at > 0 {
			n.Wants.Key, n.Wants.Type = words[at], keyType(n.group)
		} else {
			n.Wants.What = Value
		}
	}
}

// asBytes is the words, and so many empty ones behind them.
func asBytes(words []string, more int) [][]byte {
	argv := make([][]byte, len(words)+more)
	for i, word := range words {
		argv[i] = []byte(word)
	}
	return argv
}

func isLower(word string) bool {
	for i := range len(word) {
		if c := word[i]; isLetter(c) {
			return c >= 'a'
		}
	}
	return false
}

func hasLetter(word string) bool {
	for i := range len(word) {
		if isLetter(word[i]) {
			return true
		}
	}
	return false
}

func isLetter(c byte) bool { return 'A' <= upper(c) && upper(c) <= 'Z' }

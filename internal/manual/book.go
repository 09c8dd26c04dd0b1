// Package manual is what commands are and how they are written: for each command its syntax as a
// tree of arguments, a sentence of what it does, its group and its age. From that come the hint
// behind the cursor ([Book.Hint]), what could stand there ([Book.Next]), a judgement of what stands
// ([Book.Judge]), and pages to read ([Book.Help], [Book.Page]).
//
// A [Book] comes from three places: the program itself ([Embedded]), a server's COMMAND DOCS
// ([Read]), and a file that keeps the latter ([Load]). Books never change once made, so any number
// of goroutines may ask one. Text that came from a server is made safe for a terminal when it is
// read, by Read and Load and nobody else: whatever a book returns may be printed.
//
// It refuses to know about connections and lines: others ask the server and split what is typed.
package manual

import (
	"slices"
	"strings"
)

// Kind is what an argument is.
type Kind uint8

// The kinds. What a server calls otherwise is a String.
const (
	String Kind = iota
	Integer
	Double
	Key
	Pattern
	UnixTime
	PureToken // its Token alone
	OneOf     // one of its Arguments
	Block     // all of its Arguments, in order
)

// isNumber reports whether a word must be a number to be one.
func (k Kind) isNumber() bool { return k == Integer || k == Double || k == UnixTime }

// Argument is one argument of a command, as COMMAND DOCS has it.
type Argument struct {
	Name string // as it is shown; empty for the kinds that show something else
	Kind Kind
	// Token is the word in front of the value, or all there is of a PureToken. It may be empty and
	// there nevertheless: HasToken says so.
	Token    string
	HasToken bool
	Optional bool
	// Multiple says that the value may come again, and MultipleToken that the token comes with it.
	Multiple, MultipleToken bool
	Arguments               []Argument // of a OneOf or a Block
}

// Entry is one command.
type Entry struct {
	Name       string // in capitals, "CONFIG SET" for a subcommand
	Group      string
	Since      string
	Summary    string
	Complexity string // only servers tell
	// Deprecated is the version that began to advise against it, Instead what it advises.
	Deprecated, Instead string
	Arguments           []Argument
	// Unwritten says that nobody knows how the command is written, as opposed to one without
	// arguments.
	Unwritten bool
	// Elsewhere says that the server described its commands and has not got this one.
	Elsewhere bool
}

// Book is a set of commands, in the order of their names.
type Book struct {
	entries []Entry
	index   map[string]int
	words   int // in the longest name
	groups  []string
}

// newBook sorts the entries, which belong to the book from then on. Of two with one name the last
// counts.
func newBook(entries []Entry) *Book {
	slices.SortStableFunc(entries, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	b := &Book{index: make(map[string]int, len(entries))}
	for _, e := range entries {
		if at, twice := b.index[e.Name]; twice {
			b.entries[at] = e
			continue
		}
		b.index[e.Name] = len(b.entries)
		b.entries = append(b.entries, e)
	}
	for i := range b.entries {
		e := &b.entries[i]
		b.words = max(b.words, 1+strings.Count(e.Name, " "))
		if at, found := slices.BinarySearch(b.groups, e.Group); !found && e.Group != "" {
			b.groups = slices.Insert(b.groups, at, e.Group)
		}
	}
	return b
}

// With is this book laid under another: the other's entries win, and this one's fill what they
// leave open, a summary, a group or how the command is written. Commands that only this book has
// are there as well, marked as being elsewhere.
func (b *Book) With(other *Book) *Book {
	if other == nil {
		return b
	}
	entries := slices.Clone(b.entries)
	for i := range entries {
		entries[i].Elsewhere = other.lacks(entries[i].Name)
	}
	for _, e := range other.entries {
		if own := b.entry(e.Name); own != nil {
			e.fill(own)
		}
		entries = append(entries, e)
	}
	return newBook(entries)
}

// fill takes from another description of the same command what this one leaves open.
func (e *Entry) fill(own *Entry) {
	for _, field := range []struct{ to, from *string }{
		{&e.Group, &own.Group}, {&e.Since, &own.Since}, {&e.Summary, &own.Summary},
	} {
		if *field.to == "" {
			*field.to = *field.from
		}
	}
	if e.Unwritten {
		e.Arguments, e.Unwritten = own.Arguments, own.Unwritten
	}
}

// lacks reports whether a server that described these commands has not got that one. Subcommands it
// may have without describing any, as those of DEBUG.
func (b *Book) lacks(name string) bool {
	if b.entry(name) != nil {
		return false
	}
	parent, _, sub := strings.Cut(name, " ")
	return !sub || b.entry(parent) == nil || len(b.under(parent+" ")) > 0
}

// Len is how many commands there are.
func (b *Book) Len() int { return len(b.entries) }

// Groups are the groups of the commands, in order.
func (b *Book) Groups() []string { return slices.Clone(b.groups) }

// entry is the command of that name, in capitals, or nil.
func (b *Book) entry(name string) *Entry {
	if at, ok := b.index[name]; ok {
		return &b.entries[at]
	}
	return nil
}

// Find is the command whose name is the most of the words at the beginning, in whatever case, and
// how many of them; nil and 0 if there is none.
func (b *Book) Find(words []string) (e *Entry, n int) {
	var buf [64]byte
	name := buf[:0]
	for i, word := range words[:min(len(words), b.words)] {
		if len(name)+1+len(word) > cap(name) || strings.IndexByte(word, ' ') >= 0 {
			break
		}
		if i > 0 {
			name = append(name, ' ')
		}
		name = appendUpper(name, word)
		if at, ok := b.index[string(name)]; ok {
			e, n = &b.entries[at], i+1
		}
	}
	return e, n
}

// under is the entries whose names begin with a prefix in capitals.
func (b *Book) under(prefix string) []Entry {
	from, _ := slices.BinarySearchFunc(b.entries, prefix, func(e Entry, p string) int {
		return strings.Compare(e.Name, p)
	})
	to := from
	for to < len(b.entries) && strings.HasPrefix(b.entries[to].Name, prefix) {
		to++
	}
	return b.entries[from:to]
}

// appendUpper appends a word with its ASCII letters in capitals.
func appendUpper(dst []byte, word string) []byte {
	for i := range len(word) {
		dst = append(dst, upper(word[i]))
	}
	return dst
}

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		c -= 'a' - 'A'
	}
	return c
}

// fold reports whether two words differ in the case of ASCII letters at most.
func fold(a, b string) bool {
	return len(a) == len(b) && hasPrefixFold(a, b)
}

func hasPrefixFold(text, prefix string) bool {
	if len(text) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		if upper(text[i]) != upper(prefix[i]) {
			return false
		}
	}
	return true
}

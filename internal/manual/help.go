package manual

import (
	"strings"

	"easycli/internal/resp"
)

// Help is redis-cli's text, bytes for bytes: of the commands that the words name and their
// subcommands, or of a group with an @ in front. Like redis-cli's it is coloured, and has CRLF,
// wherever it goes. Of words that name nothing it is an empty line.
func (b *Book) Help(words []string) string {
	var h strings.Builder
	for _, e := range b.about(words) {
		writeHelp(&h, e, !strings.HasPrefix(words[0], "@"))
	}
	h.WriteString("\r\n")
	return h.String()
}

// Answer is [Book.Help] for a program: what the server says in docs, which it was asked about the
// words. Where it says nothing, being out of reach or not knowing COMMAND DOCS, the program's own
// book answers, as redis-cli's does.
func Answer(docs resp.Value, words []string) string {
	if docs.Kind.IsAggregate() {
		return Read(docs).Help(words)
	}
	return Embedded().Help(words)
}

// Told is the program's own book with what the server says in docs laid upon it, if it says anything.
func Told(docs resp.Value) *Book {
	if docs.Kind.IsAggregate() {
		return Embedded().With(Read(docs))
	}
	return Embedded()
}

// about is the entries that words name: those of a group, or those whose names begin with them.
func (b *Book) about(words []string) []*Entry {
	if len(words) == 0 {
		return nil
	}
	group, isGroup := strings.CutPrefix(words[0], "@")
	var found []*Entry
	for i := range b.entries {
		e := &b.entries[i]
		if isGroup && strings.EqualFold(group, e.Group) || !isGroup && named(e.Name, words) {
			found = append(found, e)
		}
	}
	return found
}

// named reports whether a command's name begins with those words.
func named(name string, words []string) bool {
	for i, word := range words {
		part, rest, more := strings.Cut(name, " ")
		if !fold(word, part) || !more && i+1 < len(words) {
			return false
		}
		name = rest
	}
	return true
}

// writeHelp writes what is known of one command.
func writeHelp(h *strings.Builder, e *Entry, withGroup bool) {
	h.WriteString("\r\n  \x1b[1m" + e.Name + "\x1b[0m \x1b[90m" + e.Syntax() + "\x1b[0m\r\n")
	h.WriteString("  \x1b[33msummary:\x1b[0m " + e.Summary + "\r\n")
	h.WriteString("  \x1b[33msince:\x1b[0m " + e.Since + "\r\n")
	if withGroup {
		h.WriteString("  \x1b[33mgroup:\x1b[0m " + e.Group + "\r\n")
	}
}

package manual

import (
	"strings"
	"unicode/utf8"

	"easycli/internal/quote"
	"easycli/internal/resp"
)

// The bounds of what is taken from a server. Redis 7.0 has 366 commands with 1041 arguments, and
// the longest text has 300 bytes.
const (
	maxEntries   = 1 << 14
	maxArguments = 1 << 17 // of all commands
	maxText      = 4 << 10
	maxName      = 64
)

// Read is the book in the reply to COMMAND DOCS, in RESP3 or flattened as in RESP2. Whatever it
// finds in a shape that it does not know it leaves out; of something that is no list of
// descriptions nothing is left but an empty book.
func Read(docs resp.Value) *Book {
	r := docsReader{arguments: maxArguments}
	r.commands(docs.Elems, "")
	return newBook(r.entries)
}

// docsReader is COMMAND DOCS being read.
type docsReader struct {
	entries   []Entry
	arguments int // how many more there may be
}

// commands reads names and descriptions in turn; parent is the command they are subcommands of.
func (r *docsReader) commands(elems []resp.Value, parent string) {
	for i := 0; i+1 < len(elems) && len(r.entries) < maxEntries; i += 2 {
		name, doc := elems[i].Text, elems[i+1]
		if parent != "" { // "config|set"
			if _, sub, ok := strings.Cut(name, "|"); ok {
				name = sub
			}
			name = parent + " " + name
		}
		name = strings.Join(strings.Fields(strings.ToUpper(name)), " ")
		if name == "" || len(name) > maxName || !doc.Kind.IsAggregate() {
			continue
		}
		r.entries = append(r.entries, r.entry(name, doc))
		if subcommands, ok := doc.Lookup("subcommands"); ok && parent == "" {
			r.commands(subcommands.Elems, name)
		}
	}
}

func (r *docsReader) entry(name string, doc resp.Value) Entry {
	text := func(field string) string {
		v, _ := doc.Lookup(field)
		return safe(v.Text)
	}
	arguments, _ := doc.Lookup("arguments")
	return Entry{
		Name:       safe(name),
		Group:      text("group"),
		Since:      text("since"),
		Summary:    text("summary"),
		Complexity: text("complexity"),
		Deprecated: text("deprecated_since"),
		Instead:    text("replaced_by"),
		Arguments:  r.list(arguments.Elems, 1),
	}
}

// list reads arguments. Below maxDepth there are none.
func (r *docsReader) list(elems []resp.Value, depth int) []Argument {
	if depth > maxDepth || len(elems) == 0 {
		return nil
	}
	args := make([]Argument, 0, min(len(elems), r.arguments))
	for _, v := range elems {
		if r.arguments == 0 {
			break
		}
		if !v.Kind.IsAggregate() {
			continue
		}
		r.arguments--
		args = append(args, r.argument(v, depth))
	}
	if len(args) == 0 {
		return nil
	}
	return args
}

func (r *docsReader) argument(v resp.Value, depth int) Argument {
	kind, _ := v.Lookup("type")
	a := Argument{Kind: kindOf(kind.Text)}
	if token, ok := v.Lookup("token"); ok && !token.IsNull() {
		a.Token, a.HasToken = safe(token.Text), true
	}
	if a.Kind == OneOf || a.Kind == Block {
		inner, _ := v.Lookup("arguments")
		if a.Arguments = r.list(inner.Elems, depth+1); a.Arguments == nil {
			a.Kind = String
		}
	}
	if a.Kind < PureToken {
		name, ok := v.Lookup("display_text")
		if !ok {
			name, _ = v.Lookup("name")
		}
		a.Name = safe(name.Text)
	}
	flags, _ := v.Lookup("flags")
	for _, flag := range flags.Elems {
		switch flag.Text {
		case "optional":
			a.Optional = true
		case "multiple":
			a.Multiple = true
		case "multiple_token":
			a.MultipleToken = true
		}
	}
	a.MultipleToken = a.MultipleToken && a.Multiple && a.HasToken
	a.HasToken = a.HasToken || a.Kind == PureToken
	return a
}

// kindOf is the kind that COMMAND DOCS calls so.
func kindOf(text string) Kind {
	switch text {
	case "integer":
		return Integer
	case "double":
		return Double
	case "key":
		return Key
	case "pattern":
		return Pattern
	case "unix-time":
		return UnixTime
	case "pure-token":
		return PureToken
	case "oneof":
		return OneOf
	case "block":
		return Block
	}
	return String
}

// safe is a text in a form that is fit for a terminal, and of a bearable length.
func safe(text string) string {
	text = cut(text)
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' {
			return cut(string(quote.AppendTerminal(nil, text)))
		}
	}
	return text
}

// cut is the beginning of a text, as much as is bearable, without a part of a character.
func cut(text string) string {
	if len(text) <= maxText {
		return text
	}
	end := maxText
	for end > maxText-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

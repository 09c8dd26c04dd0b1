package lines

import (
	"context"
	"slices"
	"strings"

	"easycli/internal/pipeclient"
	"easycli/internal/quote"
	"easycli/internal/resp"
)

// generalHelp is what help says about nothing in particular.
const generalHelp = `Every line is a command for the server, such as: SET greeting "hello world"
  help SET           what a command does and how it is written; also: help CONFIG SET
  help @string       all commands of a group: @generic, @hash, @list, @set, @sorted-set, @stream ...
  3 PING             a number first repeats the command
  connect HOST PORT  go to another server
  clear              clear the screen
  quit               leave
`

// Manual is what the server says of its commands, in redis-cli's form: of the command that words name
// and its subcommands, or of a group with an @ in front. It is asked over a connection of its own,
// so that a transaction or a subscription is not disturbed. With terminal, what the server says is
// made safe for one.
func Manual(ctx context.Context, connect Connector, server pipeclient.Config, terminal bool, words []string) string {
	if len(words) == 0 {
		return generalHelp
	}
	docs, trouble := askDocs(ctx, connect, server, words[0])
	if trouble != "" {
		return "help: " + trouble + "\n"
	}
	h := helpText{terminal: terminal}
	if h.write(docs, words) == 0 && terminal { // redis-cli leaves it at an empty line
		name := quote.AppendTerminal(nil, strings.Join(words, " "))
		return "help: this server knows nothing called " + string(name) + " (help alone says what can be asked)\n"
	}
	return h.String()
}

// Connector makes a connection, as [pipeclient.Dial] does.
type Connector func(context.Context, pipeclient.Config) (*pipeclient.Conn, error)

// askDocs gets the description of a command, or of all for a group, or the reason why there is none.
func askDocs(ctx context.Context, connect Connector, server pipeclient.Config, first string) (resp.Value, string) {
	server.OnPush, server.BeforeBlock = nil, nil
	conn, err := connect(ctx, server)
	if err != nil {
		return resp.Value{}, err.Error()
	}
	defer conn.Close()
	ask := []string{"COMMAND", "DOCS"}
	if !strings.HasPrefix(first, "@") {
		ask = append(ask, first)
	}
	docs, err := conn.Do(ctx, ask...)
	switch {
	case err != nil:
		return docs, err.Error()
	case docs.IsError():
		return docs, "this server does not describe its commands: " + string(quote.AppendTerminal(nil, docs.Text))
	}
	return docs, ""
}

// helpText is help being written. Like redis-cli's it is coloured, and has CRLF, wherever it goes.
type helpText struct {
	strings.Builder
	terminal bool
}

// write writes the entries of the commands that words name, by name, and returns how many.
func (h *helpText) write(docs resp.Value, words []string) int {
	entries := collect(nil, docs.Elems, "", words)
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	for _, e := range entries {
		h.entry(e, !strings.HasPrefix(words[0], "@"))
	}
	h.WriteString("\r\n")
	return len(entries)
}

// entry is a command and its description.
type entry struct {
	name string
	doc  resp.Value
}

// collect appends those of the commands that words name. Elems are names and descriptions in turn,
// parent is the command they are subcommands of.
func collect(found []entry, elems []resp.Value, parent string, words []string) []entry {
	for i := 0; i+1 < len(elems); i += 2 {
		name, doc := strings.ToUpper(elems[i].Text), elems[i+1]
		if parent != "" { // "config|set"
			_, name, _ = strings.Cut(name, "|")
			name = parent + " " + name
		}
		group, _ := doc.Lookup("group")
		wanted, isGroup := strings.CutPrefix(words[0], "@")
		if isGroup && strings.EqualFold(wanted, group.Text) || !isGroup && named(name, words) {
			found = append(found, entry{name, doc})
		}
		if subcommands, ok := doc.Lookup("subcommands"); ok && parent == "" {
			found = collect(found, subcommands.Elems, name, words)
		}
	}
	return found
}

// named reports whether a command's name begins with those words.
func named(name string, words []string) bool {
	parts := strings.Fields(name)
	if len(words) > len(parts) {
		return false
	}
	for i, word := range words {
		if !strings.EqualFold(word, parts[i]) {
			return false
		}
	}
	return true
}

// entry writes what is known of one command (redis-cli's cliOutputCommandHelp).
func (h *helpText) entry(e entry, withGroup bool) {
	arguments, _ := e.doc.Lookup("arguments")
	syntax := joinSyntax(arguments.Elems, " ")
	h.WriteString("\r\n  \x1b[1m" + h.safe(e.name) + "\x1b[0m \x1b[90m" + h.safe(syntax) + "\x1b[0m\r\n")
	for _, field := range []string{"summary", "since", "group"} {
		if field == "group" && !withGroup {
			break
		}
		text, _ := e.doc.Lookup(field)
		h.WriteString("  \x1b[33m" + field + ":\x1b[0m " + h.safe(text.Text) + "\r\n")
	}
}

func (h *helpText) safe(text string) string {
	if h.terminal {
		return string(quote.AppendTerminal(nil, text))
	}
	return text
}

// maxNesting is how deep arguments within arguments are followed; Redis has four levels.
const maxNesting = 32

// joinSyntax is how arguments are written, with what stands between them.
func joinSyntax(arguments []resp.Value, between string) string {
	return syntaxOf(arguments, between, 0)
}

func syntaxOf(arguments []resp.Value, between string, depth int) string {
	parts := make([]string, len(arguments))
	for i, argument := range arguments {
		parts[i] = argumentSyntax(argument, depth+1)
	}
	return strings.Join(parts, between)
}

// argumentSyntax is how one argument is written: TOKEN name, [optional], one|of|several, and with
// [name ...] behind it where it may come again.
func argumentSyntax(argument resp.Value, depth int) string {
	if depth > maxNesting {
		return "..."
	}
	kind, _ := argument.Lookup("type")
	inner, _ := argument.Lookup("arguments")
	var value string
	switch kind.Text {
	case "oneof":
		value = syntaxOf(inner.Elems, "|", depth)
	case "block":
		value = syntaxOf(inner.Elems, " ", depth)
	case "pure-token":
	default:
		name, _ := argument.Lookup("name")
		value = orEmptyQuotes(name.Text)
	}
	token, hasToken := argument.Lookup("token")
	before := ""
	if hasToken {
		before = orEmptyQuotes(token.Text)
		if kind.Text != "pure-token" {
			before += " "
		}
	}
	text := before + value
	if hasFlag(argument, "multiple") {
		again := value
		if hasFlag(argument, "multiple_token") {
			again = before + value
		}
		text += " [" + again + " ...]"
	}
	if hasFlag(argument, "optional") {
		text = "[" + text + "]"
	}
	return text
}

// orEmptyQuotes shows what is empty.
func orEmptyQuotes(text string) string {
	if text == "" {
		return `""`
	}
	return text
}

func hasFlag(argument resp.Value, name string) bool {
	flags, _ := argument.Lookup("flags")
	for _, flag := range flags.Elems {
		if flag.Text == name {
			return true
		}
	}
	return false
}

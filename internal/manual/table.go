package manual

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

//go:embed commands.txt
var commandsText string

var embedded struct {
	once sync.Once
	book *Book
}

// Embedded is the book that the program brings along: every command that internal/command knows. It
// is read when it is first asked for.
func Embedded() *Book {
	embedded.once.Do(func() {
		entries, err := parseTable(commandsText)
		if err != nil {
			panic("manual: commands.txt: " + err.Error())
		}
		embedded.book = newBook(entries)
	})
	return embedded.book
}

// parseTable reads a table in the form of commands.txt.
func parseTable(text string) ([]Entry, error) {
	entries := make([]Entry, 0, strings.Count(text, "\n"))
	number := 0
	for line := range strings.SplitSeq(text, "\n") {
		number++
		if line == "" || line[0] == '#' {
			continue
		}
		e, err := parseRow(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// parseRow reads one command.
func parseRow(line string) (e Entry, err error) {
	var syntax string
	fields := [...]*string{&e.Name, &e.Group, &e.Since, &syntax, &e.Summary, &e.Complexity, &e.Deprecated, &e.Instead}
	n := 0
	for rest, more := line, true; more && n < len(fields); n++ {
		*fields[n], rest, more = strings.Cut(rest, " | ")
	}
	switch {
	case n < 5:
		return e, fmt.Errorf("%d fields, of NAME | group | since | syntax | summary", n)
	case e.Name == "":
		return e, fmt.Errorf("a command without a name")
	case syntax == "?":
		e.Unwritten = true
	default:
		e.Arguments, err = parseSyntax(syntax)
	}
	for _, field := range fields[:] {
		if err == nil && field != &syntax && strings.HasPrefix(*field, `"`) {
			*field, err = strconv.Unquote(*field)
		}
	}
	if err != nil {
		return e, fmt.Errorf("%s: %w", e.Name, err)
	}
	return e, nil
}

// appendRow appends a command as parseRow reads it, and a newline.
func appendRow(dst []byte, e *Entry) []byte {
	dst = append(appendField(dst, e.Name), " | "...)
	dst = append(appendField(dst, e.Group), " | "...)
	dst = append(appendField(dst, e.Since), " | "...)
	if e.Unwritten {
		dst = append(dst, '?')
	} else {
		dst = appendSyntax(dst, e.Arguments)
	}
	dst = appendField(append(dst, " | "...), e.Summary)
	if e.Complexity+e.Deprecated+e.Instead != "" {
		dst = appendField(append(dst, " | "...), e.Complexity)
		dst = appendField(append(dst, " | "...), e.Deprecated)
		dst = appendField(append(dst, " | "...), e.Instead)
	}
	return append(dst, '\n')
}

// appendField appends a text, in quotes where it would be read as something else.
func appendField(dst []byte, text string) []byte {
	if strings.Contains(text, "|") || strings.TrimSpace(text) != text || strings.HasPrefix(text, `"`) ||
		strings.HasPrefix(text, "#") || strings.ContainsAny(text, "\r\n") {
		return appendQuoted(dst, text)
	}
	return append(dst, text...)
}

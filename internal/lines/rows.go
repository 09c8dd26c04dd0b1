package lines

import (
	"errors"
	"iter"
	"strings"

	"easycli/internal/quote"
)

// Open reports whether a quote is open at the end of text, so that the line goes on in the next row.
func Open(text string) bool {
	commands := Commands(text)
	if len(commands) == 0 {
		return false
	}
	_, err := quote.Split([]byte(commands[len(commands)-1]), nil)
	var broken *quote.Error
	return errors.As(err, &broken) && broken.Unclosed
}

// Commands are the lines of a text of several rows: each ends at the end of its row, unless a quote is
// open there. Blank ones are left out.
func Commands(text string) []string {
	var all []string
	for len(text) > 0 {
		line := firstCommand(text)
		text = strings.TrimPrefix(text[len(line):], "\n")
		if strings.TrimSpace(line) != "" {
			all = append(all, line)
		}
	}
	return all
}

// Scripted are the commands of a file, with the number of the row that each begins in. A row that begins
// with # where a command could is a comment, whatever quotes are in it.
func Scripted(text string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for row := 1; text != ""; row++ {
			line, _, _ := strings.Cut(text, "\n")
			comment := strings.HasPrefix(strings.TrimSpace(line), "#")
			if !comment {
				line = firstCommand(text)
			}
			text = strings.TrimPrefix(text[len(line):], "\n")
			if !comment && strings.TrimSpace(line) != "" && !yield(row, line) {
				return
			}
			row += strings.Count(line, "\n")
		}
	}
}

// firstCommand is the first line of text, with the rows that belong to it. It sees quotes as
// quote.Split does; where that gives a line up, because of text behind a closing quote, the row ends it.
func firstCommand(text string) string {
	var open byte
	broken := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case open == 0 && c == '\n':
			return text[:i]
		case broken:
		case open == 0 && (c == '"' || c == '\''):
			open = c
		case c == '\\' && (open == '"' || open == '\'' && i+1 < len(text) && text[i+1] == '\''):
			i++
		case open != 0 && c == open:
			open = 0
			broken = i+1 < len(text) && !isBlank(text[i+1])
		}
	}
	return text
}

// Destination is where the reply to a command goes.
type Destination struct {
	// Pipe is a command line of the system's shell that reads it, File a file; Append says that it is
	// written behind what is in the file.
	Pipe, File string
	Append     bool
}

// IsScreen reports whether the reply goes where replies go.
func (d Destination) IsScreen() bool { return d.Pipe == "" && d.File == "" }

// ErrDestination: a `>` is not followed by one name of a file.
var ErrDestination = errors.New("one file's name must stand behind >")

// CutDestination takes `| command`, `> file` or `>> file` off the end of a line. They stand outside
// quotes, between blanks, behind a command. What takesAngles says are arguments of the command remain such:
// XREADGROUP has > for an ID.
func CutDestination(text string, takesAngles func(words [][]byte) bool) (line string, to Destination, err error) {
	at, word := cutAt(text, func(before string) bool {
		words, err := quote.Split([]byte(before), nil)
		return err != nil || takesAngles(words)
	})
	if at < 0 {
		return text, Destination{}, nil
	}
	rest := strings.TrimSpace(text[at+len(word):])
	if rest == "" {
		return text, Destination{}, nil // an argument like any other
	}
	line = text[:at]
	if word == "|" {
		return line, Destination{Pipe: rest}, nil
	}
	names, err := quote.Split([]byte(rest), nil)
	if err != nil || len(names) != 1 || len(names[0]) == 0 {
		return text, Destination{}, ErrDestination
	}
	return line, Destination{File: string(names[0]), Append: word == ">>"}, nil
}

// cutAt finds the first word outside quotes, behind another word, that is a sign. It goes through the text
// once: a long value may have any number of them within its quotes.
func cutAt(text string, takesAngles func(before string) bool) (at int, word string) {
	var open byte
	seen, asked, taken := false, false, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case open != 0 && c == '\\' && (open == '"' || i+1 < len(text) && text[i+1] == '\''):
			i++
		case open != 0 && c == open:
			open = 0
			if i+1 < len(text) && !isBlank(text[i+1]) {
				return -1, "" // the line means nothing
			}
		case open != 0 || isBlank(c):
		case c == '"' || c == '\'':
			open, seen = c, true
		default:
			if sign := signOf(text[i:]); sign != "" && seen && isBlank(text[i-1]) {
				if sign != "|" && !asked {
					asked, taken = true, takesAngles(text[:i])
				}
				if sign == "|" || !taken {
					return i, sign
				}
			}
			seen = true
		}
	}
	return -1, ""
}

// signOf is the sign that text begins with, if it is a word of its own.
func signOf(text string) string {
	for _, sign := range [...]string{"|", ">>", ">"} {
		if rest, ok := strings.CutPrefix(text, sign); ok && (rest == "" || isBlank(rest[0])) {
			return sign
		}
	}
	return ""
}

func isBlank(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

package lines

import (
	"bytes"
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
	at, word := cutAt(text, "|")
	if angle, found := cutAt(text, ">"); angle >= 0 && (at < 0 || angle < at) {
		words, err := quote.Split([]byte(text[:angle]), nil)
		if err == nil && !takesAngles(words) {
			at, word = angle, found
		}
	}
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

// cutAt finds the first word outside quotes, behind another word, that is sign, or for ">" also ">>".
func cutAt(text, sign string) (at int, word string) {
	for i := 0; i < len(text); i++ {
		if text[i] != sign[0] || i == 0 || !isBlank(text[i-1]) {
			continue
		}
		end := i + 1
		if sign == ">" && end < len(text) && text[end] == '>' {
			end++
		}
		if end < len(text) && !isBlank(text[end]) {
			continue
		}
		before := []byte(text[:i])
		if _, err := quote.Split(before, nil); err == nil && len(bytes.TrimSpace(before)) > 0 {
			return i, text[i:end]
		}
	}
	return -1, ""
}

func isBlank(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

package config

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"easycli/internal/spelling"
)

// lineOf is the line of a text where a key is set, or where the table begins that has it. It reads
// just enough TOML for that: headers, and what stands before an equals sign.
func lineOf(text string, key []string) int {
	best, bestLine, n := 0, 1, 0
	var table []string
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		var here []string
		if header, ok := strings.CutPrefix(line, "["); ok {
			header, _, _ = strings.Cut(strings.TrimPrefix(header, "["), "]")
			table = parts(header)
			here = table
		} else if name, _, ok := strings.Cut(line, "="); ok {
			here = append(table[:len(table):len(table)], parts(name)...)
		}
		if len(here) > best && startsWith(key, here) {
			best, bestLine = len(here), n
		}
	}
	return bestLine
}

// parts are the names in a dotted key.
func parts(key string) []string {
	all := strings.Split(key, ".")
	for i, part := range all {
		all[i] = strings.Trim(part, "\"' \t")
	}
	return all
}

func startsWith(key, start []string) bool {
	if len(start) > len(key) {
		return false
	}
	for i, part := range start {
		if key[i] != part {
			return false
		}
	}
	return true
}

// unknown is the error for a key that means nothing. Only the key is in it: it may be that somebody
// wrote a value there, but then not after an equals sign.
func unknown(key string, known ...string) error {
	if near := spelling.Nearest(strings.ToLower(key), slices.Values(known)); near != "" {
		return fmt.Errorf("unknown key %q (did you mean %s?)", key, near)
	}
	return fmt.Errorf("unknown key %q (there are %s)", key, strings.Join(known, ", "))
}

// withoutQuotes is a message of the parser without what it repeats from the file, which may be a
// password that was not quoted: single characters and the names of keys stay.
func withoutQuotes(message string) string {
	if strings.Contains(message, "is out of ") {
		return "a number is out of range"
	}
	if strings.HasPrefix(message, "Key '") {
		return message
	}
	var b strings.Builder
	for {
		at := strings.IndexAny(message, "\"'`")
		if at < 0 {
			return b.String() + message
		}
		quote := message[at : at+1]
		b.WriteString(message[:at])
		quoted, rest, closed := strings.Cut(message[at+1:], quote)
		if closed && utf8.RuneCountInString(quoted) == 1 {
			b.WriteString(quote + quoted + quote)
		} else {
			b.WriteString("…")
		}
		message = rest
	}
}

package main

import (
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"easycli/internal/redisurl"
)

// resume makes, from the command line of a load, the one that continues it after so many commands.
func (r pipe) resume(args []string) func(skip int64) (line, means string) {
	return func(skip int64) (line, means string) {
		if r.Journal != "" || r.Checkpoint != "" { // which know better
			skip = 0
		}
		words, hidden := continued(args, skip)
		line = "easycli"
		for _, word := range words {
			line += " " + shellWord(word)
		}
		var stands []string
		if r.fromStdin() {
			line += " < FILE"
			stands = append(stands, "the same input as FILE")
		}
		if hidden {
			stands = append(stands, "the password as "+hiddenPassword)
		}
		return line, strings.Join(stands, " and ")
	}
}

// hiddenPassword stands in a command line that is shown where the password was.
const hiddenPassword = "PASSWORD"

// continued is a command line with another --skip, and without passwords; hidden says that it had one.
func continued(args []string, skip int64) (line []string, hidden bool) {
	parts, rest := splitLine(args, newCommand(newDraft(environment{})).Flags())
	for _, o := range parts {
		switch {
		case o.flag == nil:
			line = append(line, o.words...)
		case o.flag.Name == "skip":
		case o.flag.Name == "pass":
			line, hidden = append(line, o.with(hiddenPassword)...), true
		case o.flag.Name == "uri":
			uri := redisurl.HidePassword(o.value, hiddenPassword)
			line, hidden = append(line, o.with(uri)...), hidden || uri != o.value
		default:
			line = append(line, o.words...)
		}
	}
	if skip > 0 {
		line = append(line, "--skip", strconv.FormatInt(skip, 10))
	}
	return append(line, rest...), hidden
}

// linePart is a file or an option as it stands on a command line, which may take two words.
type linePart struct {
	flag  *pflag.Flag // nil for a file
	words []string
	value string
}

// with is the option with another value.
func (o linePart) with(value string) []string {
	words := append([]string(nil), o.words...)
	last := words[len(words)-1]
	words[len(words)-1] = strings.TrimSuffix(last, o.value) + value
	return words
}

// splitLine takes the command line of a load apart, which has been parsed already: its options and
// files, and what stands from a -- on.
func splitLine(args []string, flags *pflag.FlagSet) (parts []linePart, rest []string) {
	for len(args) > 0 && args[0] != "--" {
		var o linePart
		var attached bool
		name, long := strings.CutPrefix(args[0], "--")
		switch {
		case long:
			name, o.value, attached = strings.Cut(name, "=")
			o.flag = flags.Lookup(name)
		case isOption(args[0]):
			o.flag, o.value, attached = lastOfLetters(args[0][1:], flags)
		}
		n := 1
		if o.flag != nil && o.flag.NoOptDefVal == "" && !attached && len(args) > 1 {
			o.value, n = args[1], 2
		}
		o.words, args = args[:n], args[n:]
		parts = append(parts, o)
	}
	return parts, args
}

// lastOfLetters is the option that takes what follows it in a group of one-letter options, or the
// last of them.
func lastOfLetters(letters string, flags *pflag.FlagSet) (f *pflag.Flag, value string, attached bool) {
	for i := range len(letters) {
		f = flags.ShorthandLookup(letters[i : i+1])
		if f != nil && f.NoOptDefVal == "" {
			value = letters[i+1:]
			return f, strings.TrimPrefix(value, "="), value != ""
		}
	}
	return f, "", false
}

// shellWord quotes a word for a POSIX shell, if it needs that.
func shellWord(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("@%_+=:,./-", r)
	}
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

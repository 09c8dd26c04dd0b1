package shell

import (
	"fmt"
	"slices"
	"strings"

	"easycli/internal/command"
	"easycli/internal/quote"
)

// monitorLine is a line of MONITOR: time [db client] "command" "argument"...
type monitorLine struct {
	db, client string
	words      [][]byte
}

// parseMonitorLine reads a line of MONITOR.
func parseMonitorLine(text string) (monitorLine, bool) {
	_, rest, found := strings.Cut(text, " [")
	where, rest, closed := strings.Cut(rest, "] ")
	if !found || !closed {
		return monitorLine{}, false
	}
	var m monitorLine
	m.db, m.client, _ = strings.Cut(where, " ")
	words, err := quote.Split([]byte(rest), nil)
	m.words = words
	return m, err == nil
}

// monitorTest is one thing about a line of MONITOR that a pattern may be held against.
type monitorTest struct {
	name string
	test func(m monitorLine, pattern string) bool
}

// monitorTests are what a filter may look at, by name.
var monitorTests = []monitorTest{
	{"command", func(m monitorLine, p string) bool {
		return len(m.words) > 0 && glob(strings.ToLower(p), strings.ToLower(string(m.words[0])))
	}},
	{"key", func(m monitorLine, p string) bool {
		for at := range command.Of(m.words).Keys(m.words) {
			if glob(p, string(m.words[at])) {
				return true
			}
		}
		return false
	}},
	{"client", func(m monitorLine, p string) bool { return glob(p, m.client) || strings.HasPrefix(m.client, p+":") }},
	{"db", func(m monitorLine, p string) bool { return m.db == p }},
}

// newMonitorFilter reads what is to be seen of a monitor: pairs of a name and a pattern, all of which must
// hold. Several patterns for one name are given with commas between them.
func newMonitorFilter(words []string) (monitorFilter, error) {
	if len(words)%2 != 0 {
		return nil, fmt.Errorf("usage: :monitor [command NAME,...] [key PATTERN,...] [client ADDRESS] [db N]")
	}
	var tests []monitorFilter
	for i := 0; i < len(words); i += 2 {
		at := slices.IndexFunc(monitorTests, func(t monitorTest) bool { return strings.EqualFold(t.name, words[i]) })
		if at < 0 {
			return nil, fmt.Errorf("%q is not one of command, key, client, db", words[i])
		}
		patterns := strings.Split(words[i+1], ",")
		tests = append(tests, func(m monitorLine) bool {
			return slices.ContainsFunc(patterns, func(p string) bool { return monitorTests[at].test(m, p) })
		})
	}
	return func(m monitorLine) bool {
		return !slices.ContainsFunc(tests, func(test monitorFilter) bool { return !test(m) })
	}, nil
}

// glob reports whether text matches a pattern as the server's KEYS reads it: * ? [a-z] [^a] and \x.
func glob(pattern, text string) bool {
	star, mark := -1, 0 // where to go on after the last *, and what it has taken so far
	p, t := 0, 0
	for t < len(text) {
		if p < len(pattern) && pattern[p] == '*' {
			star, mark = p, t
			p++
			continue
		}
		if n, ok := globOne(pattern[p:], text[t]); ok {
			p, t = p+n, t+1
			continue
		}
		if star < 0 {
			return false
		}
		mark++
		p, t = star+1, mark
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// globOne matches one byte with the beginning of a pattern, and says how much of the pattern that took.
func globOne(pattern string, c byte) (n int, ok bool) {
	switch {
	case pattern == "":
		return 0, false
	case pattern[0] == '?':
		return 1, true
	case pattern[0] == '\\' && len(pattern) > 1:
		return 2, pattern[1] == c
	case pattern[0] == '[':
		return globClass(pattern, c)
	}
	return 1, pattern[0] == c
}

// globClass matches a byte with [abc], [a-c] or [^a].
func globClass(pattern string, c byte) (n int, ok bool) {
	i, not := 1, false
	if i < len(pattern) && pattern[i] == '^' {
		not = true
		i++
	}
	for ; i < len(pattern) && pattern[i] != ']'; i++ {
		switch {
		case pattern[i] == '\\' && i+1 < len(pattern):
			i++
			ok = ok || pattern[i] == c
		case i+2 < len(pattern) && pattern[i+1] == '-':
			low, high := min(pattern[i], pattern[i+2]), max(pattern[i], pattern[i+2])
			ok = ok || low <= c && c <= high
			i += 2
		default:
			ok = ok || pattern[i] == c
		}
	}
	return min(i+1, len(pattern)), ok != not
}

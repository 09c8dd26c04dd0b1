package shell

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"easycli/internal/lineeditor"
	"easycli/internal/lines"
	"easycli/internal/manual"
)

// Complete is what could stand at the cursor.
func (a *Assistant) Complete(ctx context.Context, text string, at int) lineeditor.Completion {
	from := 0
	var line string
	if parts := partsOf(text[:at]); len(parts) > 0 && !strings.HasSuffix(text[:at], "\n") {
		last := parts[len(parts)-1]
		from, line = last.from, text[last.from:at]
	}
	words := lines.Words(line)
	var partial lines.Word
	if n := len(words); n > 0 && words[n-1].To == len(line) && (words[n-1].Open || !endsInBlank(line)) {
		partial = words[n-1]
		words = words[:n-1]
	} else {
		partial = lines.Word{From: len(line), To: len(line)}
	}
	c := lineeditor.Completion{From: from + partial.From, To: at}
	if len(words) > 0 && isCount(words[0].Value) {
		words = words[1:]
	}
	c.Candidates = a.candidates(ctx, words, partial)
	return c
}

// candidates are what may stand behind words, and begins with partial.
func (a *Assistant) candidates(ctx context.Context, words []lines.Word, partial lines.Word) []lineeditor.Candidate {
	given := lines.Texts(lines.Values(words))
	typed := string(partial.Value)
	if found, ok := ofColons(given, typed); ok {
		return found
	}
	if n := len(given); n > 1 && (given[n-1] == ">" || given[n-1] == ">>") && words[n-1].Quote == 0 {
		return files(typed)
	}
	next := a.scout.Book().Next(given, typed)
	all := make([]lineeditor.Candidate, 0, len(next.Candidates))
	for _, c := range next.Candidates {
		all = append(all, lineeditor.Candidate{Text: c.Text, Description: c.Description})
	}
	if next.Wants.What != manual.Nothing {
		all = append(all, a.asked(ctx, next.Wants, typed)...)
	}
	return all
}

// ofColons are the candidates on a line that begins with a colon.
func ofColons(given []string, typed string) ([]lineeditor.Candidate, bool) {
	switch {
	case len(given) == 0 && strings.HasPrefix(typed, ":"):
		var all []lineeditor.Candidate
		for _, c := range colonCommands() {
			if strings.HasPrefix(":"+c.name, strings.ToLower(typed)) {
				all = append(all, lineeditor.Candidate{Text: ":" + c.name, Description: c.does})
			}
		}
		return all, true
	case len(given) == 1 && strings.EqualFold(given[0], ":source"):
		return files(typed), true
	case len(given) == 1 && strings.HasPrefix(given[0], ":"):
		return choices(strings.ToLower(given[0][1:]), typed)
	}
	return nil, false
}

// choices are the words among which a command of ours chooses.
func choices(name, typed string) ([]lineeditor.Candidate, bool) {
	at := slices.IndexFunc(colonCommands(), func(c colonCommand) bool { return c.name == name })
	if at < 0 {
		return nil, false
	}
	args := strings.Trim(colonCommands()[at].args, "[]")
	if !strings.Contains(args, "|") {
		return nil, false
	}
	var all []lineeditor.Candidate
	for word := range strings.SplitSeq(args, "|") {
		if strings.HasPrefix(word, typed) {
			all = append(all, lineeditor.Candidate{Text: word})
		}
	}
	return all, true
}

// maxFiles is how many files are offered.
const maxFiles = 200

// files are the files whose path begins with typed.
func files(typed string) []lineeditor.Candidate {
	paths, _ := filepath.Glob(escapeGlob(typed) + "*")
	var all []lineeditor.Candidate
	for _, path := range paths[:min(len(paths), maxFiles)] {
		all = append(all, lineeditor.Candidate{Text: quoted(path)})
	}
	return all
}

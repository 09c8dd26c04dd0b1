package shell

import (
	"context"
	"path/filepath"
	"strings"

	"easycli/internal/config"
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
	if found, ok := a.ofColons(ctx, words, given, typed); ok {
		return found
	}
	if n := len(given); n > 1 && (given[n-1] == ">" || given[n-1] == ">>") && words[n-1].Quote == 0 {
		return files(typed)
	}
	next := a.scout.Book().Next(given, typed)
	all := offered(next)
	if next.Wants.What != manual.Nothing {
		all = append(all, a.asked(ctx, next.Wants, typed)...)
	}
	return all
}

// known are the candidates for which no server has to be asked.
func (a *Assistant) known(given []string, typed string) []lineeditor.Candidate {
	return offered(a.scout.Book().Next(given, typed))
}

func offered(next manual.Next) []lineeditor.Candidate {
	all := make([]lineeditor.Candidate, 0, len(next.Candidates))
	for _, c := range next.Candidates {
		all = append(all, lineeditor.Candidate{Text: c.Text, Description: c.Description})
	}
	return all
}

// ofColons are the candidates on a line that begins with a colon.
func (a *Assistant) ofColons(ctx context.Context, words []lines.Word, given []string, typed string) ([]lineeditor.Candidate, bool) {
	if len(given) == 0 {
		if !strings.HasPrefix(typed, ":") {
			return nil, false
		}
		var all []lineeditor.Candidate
		for _, c := range colonCommands() {
			if strings.HasPrefix(":"+c.name, strings.ToLower(typed)) {
				all = append(all, lineeditor.Candidate{Text: ":" + c.name, Description: c.does})
			}
		}
		return all, true
	}
	name, colon := strings.CutPrefix(strings.ToLower(given[0]), ":")
	if !colon {
		return nil, false
	}
	args := given[1:]
	switch name {
	case "source":
		if len(args) == 0 {
			return files(typed), true
		}
	case "peek":
		return a.asked(ctx, manual.Wants{What: manual.KeyName}, typed), true
	case "watch":
		if len(args) > 0 {
			return a.candidates(ctx, words[2:], lines.Word{Value: []byte(typed)}), true
		}
	case "monitor":
		return a.ofMonitor(args, typed), true
	case "use":
		if len(args) == 0 {
			return beginning(a.Profiles, "profile", typed), true
		}
	case "set":
		return ofSet(args, typed), true
	case "format", "decode", "timing":
		return ofSet(append([]string{name}, args...), typed), true
	}
	return nil, true
}

// ofMonitor are the candidates behind :monitor: pairs of what is looked at and what it has to be.
func (a *Assistant) ofMonitor(args []string, typed string) []lineeditor.Candidate {
	if n := len(args); n%2 == 1 {
		if strings.EqualFold(args[n-1], monitorTests[0].name) {
			return a.known(nil, typed)
		}
		return nil
	}
	var names []string
	for _, test := range monitorTests {
		names = append(names, test.name)
	}
	return beginning(names, "", typed)
}

// ofSet are the candidates behind :set: the names of preferences, and the words that one may be.
func ofSet(args []string, typed string) []lineeditor.Candidate {
	defaults := config.Defaults()
	var all []lineeditor.Candidate
	for _, p := range defaults.Describe() {
		switch {
		case len(args) == 0 && strings.HasPrefix(p.Name, strings.ToLower(typed)):
			all = append(all, lineeditor.Candidate{Text: p.Name, Description: p.Help})
		case len(args) == 1 && strings.EqualFold(args[0], p.Name):
			return beginning(p.Words, "", typed)
		}
	}
	return all
}

// beginning are the words that begin as what is typed does.
func beginning(words []string, what, typed string) []lineeditor.Candidate {
	var all []lineeditor.Candidate
	for _, word := range words {
		if strings.HasPrefix(word, strings.ToLower(typed)) {
			all = append(all, lineeditor.Candidate{Text: quoted(word), Description: what})
		}
	}
	return all
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

package manual

import (
	"cmp"
	"slices"
	"strings"
)

// Search is the commands that have something to do with all of the words: in their names, their
// groups or their summaries, the best first.
func (b *Book) Search(words []string) []*Entry {
	type match struct {
		entry *Entry
		score int
	}
	var found []match
	for i := range b.entries {
		e := &b.entries[i]
		total := 0
		for _, word := range words {
			s := e.score(strings.ToLower(strings.TrimPrefix(word, "@")))
			if s == 0 {
				total = 0
				break
			}
			total += s
		}
		if total > 0 {
			found = append(found, match{e, total})
		}
	}
	slices.SortStableFunc(found, func(a, b match) int { return cmp.Compare(b.score, a.score) })
	entries := make([]*Entry, len(found))
	for i, m := range found {
		entries[i] = m.entry
	}
	return entries
}

// score is how much a word in small letters has to do with the command, 0 for nothing.
func (e *Entry) score(word string) int {
	if word == "" {
		return 0
	}
	name, score := strings.ToLower(e.Name), 0
	switch at := strings.Index(name, word); {
	case name == word:
		score = 12
	case at == 0, at > 0 && name[at-1] == ' ':
		score = 8
	case at > 0 && len(word) > 2:
		score = 6
	}
	if group := strings.ToLower(e.Group); group == word || singular(group) == singular(word) {
		score += 5
	}
	if score == 0 || len(word) > 2 {
		score += inText(strings.ToLower(e.Summary), singular(word))
	}
	return score
}

// inText is 3 for a text that has a word that begins so, and 0 otherwise.
func inText(text, beginning string) int {
	if len(beginning) < 2 {
		return 0
	}
	for at := 0; ; {
		i := strings.Index(text[at:], beginning)
		if i < 0 {
			return 0
		}
		if at += i; at == 0 || !isLetter(text[at-1]) {
			return 3
		}
		at += len(beginning)
	}
}

// singular is a word without the s of many.
func singular(word string) string {
	if len(word) > 3 {
		return strings.TrimSuffix(word, "s")
	}
	return word
}

// related is the commands of the same group whose names have the longest stretch in common with the
// command's.
func (b *Book) related(e *Entry) []*Entry {
	const most = 5
	if strings.IndexByte(e.Name, ' ') >= 0 {
		return nil
	}
	var found []*Entry
	for i := range b.entries {
		if other := &b.entries[i]; other.Group == e.Group && other.Name != e.Name &&
			strings.IndexByte(other.Name, ' ') < 0 && common(e.Name, other.Name) >= min(3, len(e.Name)) {
			found = append(found, other)
		}
	}
	slices.SortStableFunc(found, func(a, b *Entry) int { return common(e.Name, b.Name) - common(e.Name, a.Name) })
	return found[:min(most, len(found))]
}

// common is the length of the longest stretch that two names have in common.
func common(a, b string) int {
	longest := 0
	for i := range len(a) {
		for j := range len(b) {
			k := 0
			for i+k < len(a) && j+k < len(b) && a[i+k] == b[j+k] {
				k++
			}
			longest = max(longest, k)
		}
	}
	return longest
}

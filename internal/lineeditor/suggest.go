package lineeditor

import (
	"strings"

	"easycli/internal/quote"
)

// suggest is the newest entry of the history that the line is the beginning of.
type suggest struct {
	loaded  bool
	entries []string
	text    string
	found   string
}

// Suggest says whether the newest entry that begins like the line is suggested, as it is at first.
func (e *Editor) Suggest(on bool) { e.unsuggestive.Store(!on) }

// suggestion is the rest of that entry, "" if there is none.
func (r *reading) suggestion() string {
	if r.kind != line || r.e.unsuggestive.Load() || r.menu != nil || r.ended || !r.atEnd() || len(r.text) > plainText ||
		strings.TrimSpace(r.text) == "" {
		return ""
	}
	s := &r.suggest
	if !s.loaded {
		s.loaded, s.entries = true, r.e.cfg.History.Entries()
	}
	if s.text != r.text {
		s.found = s.find(r.text)
		s.text = r.text
	}
	return s.found[min(len(r.text), len(s.found)):]
}

// find looks for the newest entry, which still is the one found before if only more was typed of it.
func (s *suggest) find(text string) string {
	if strings.HasPrefix(text, s.text) && strings.HasPrefix(s.found, text) && len(s.found) > len(text) {
		return s.found
	}
	for i := len(s.entries) - 1; i >= 0; i-- {
		if entry := s.entries[i]; len(entry) > len(text) && strings.HasPrefix(entry, text) {
			return entry
		}
	}
	return ""
}

// ghost is what is shown behind the cursor and was not typed: a suggestion, or else a hint. Neither
// may hold anything but characters.
func (r *reading) ghost() (text, style string) {
	text = r.suggestion()
	if text == "" && r.hints() {
		text = r.e.cfg.Assistant.Hint(r.text)
	}
	if row, _, more := strings.Cut(text, "\n"); more {
		text = row + "…"
	}
	return string(quote.AppendTerminal(nil, text)), sgrFaint
}

func (r *reading) hints() bool {
	return r.kind == line && r.e.cfg.Assistant != nil && r.menu == nil && !r.ended && r.atEnd() &&
		len(r.text) <= plainText
}

func (r *reading) rightOrTake() {
	if r.atEnd() {
		r.insert(r.suggestion())
		return
	}
	r.right()
}

func (r *reading) endOrTake() {
	if r.atEnd() {
		r.insert(r.suggestion())
		return
	}
	r.at = r.rowEnd(r.at)
}

// wordOrTake moves by a word, and into the suggestion from the end of the line.
func (r *reading) wordOrTake() {
	if rest := r.suggestion(); rest != "" {
		r.insert(rest[:wordAfter(rest, 0)])
		return
	}
	r.at = r.wordAfter()
}

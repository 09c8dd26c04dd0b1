package lineeditor

import (
	"strings"
	"time"

	"easycli/internal/quote"
)

// suggest is the newest entry of the history that the line is the beginning of.
type suggest struct {
	come    chan []string // the entries, when they have been read
	loaded  bool
	late    bool // a line was shown without them
	entries []string
	text    string
	found   string
}

// Suggest says whether the newest entry that begins like the line is suggested, as it is at first.
func (e *Editor) Suggest(on bool) { e.unsuggestive.Store(!on) }

// suggestPatience is how long showing a key waits for the entries. It is enough to find nothing new in the
// history's file; a long one that is read for the first time is waited for behind the line.
const suggestPatience = 4 * time.Millisecond

// foresee begins to read the history, once the prompt is there. The goroutine ends when that is done; a
// panic is left to the keys that go to the history.
func (r *reading) foresee() {
	if r.kind != line || r.suggest.come != nil {
		return
	}
	come, history := make(chan []string, 1), r.e.cfg.History
	r.suggest.come = come
	go func() {
		var entries []string
		defer func() {
			recover()
			come <- entries
		}()
		entries = history.Entries()
	}()
}

// arrived takes the entries.
func (s *suggest) arrived(entries []string) {
	s.loaded, s.late, s.entries, s.text, s.found = true, false, entries, "", ""
}

// awaited has the entries, if a line was shown without.
func (s *suggest) awaited() <-chan []string {
	if s.late {
		return s.come
	}
	return nil
}

// load waits for the entries, but not for long if it is only to show a key.
func (s *suggest) load(showing bool) {
	if s.loaded || s.late && showing {
		return
	}
	if s.come == nil { // the line begins with a text
		s.late = true
		return
	}
	var enough <-chan time.Time
	if showing {
		timer := time.NewTimer(suggestPatience)
		defer timer.Stop()
		enough = timer.C
	}
	select {
	case entries := <-s.come:
		s.arrived(entries)
	case <-enough:
		s.late = true
	}
}

// suggestion is the rest of that entry, "" if there is none, or none yet while a key is shown.
func (r *reading) suggestion(showing bool) string {
	if r.kind != line || r.e.unsuggestive.Load() || r.menu != nil || r.ended || !r.atEnd() || len(r.text) > plainText ||
		strings.TrimSpace(r.text) == "" {
		return ""
	}
	s := &r.suggest
	s.load(showing)
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
	text = r.suggestion(true)
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
		r.insert(r.suggestion(false))
		return
	}
	r.right()
}

func (r *reading) endOrTake() {
	if r.atEnd() {
		r.insert(r.suggestion(false))
		return
	}
	r.at = r.rowEnd(r.at)
}

// wordOrTake moves by a word, and into the suggestion from the end of the line.
func (r *reading) wordOrTake() {
	if rest := r.suggestion(false); rest != "" {
		r.insert(rest[:wordAfter(rest, 0)])
		return
	}
	r.at = r.wordAfter()
}

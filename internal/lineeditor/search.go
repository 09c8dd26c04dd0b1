package lineeditor

import "strings"

// search is an incremental search in the history.
type search struct {
	back    bool
	query   string
	entries []string
	at      int // the entry that was found, or where to begin
	found   bool
	line    buffer // what was typed before
}

// The prompts of a search are redis-cli's, but for the one that says that nothing was found.
const (
	searchBack   = "(reverse-i-search): "
	searchOn     = "(i-search): "
	searchFailed = "(not found) "
)

// startSearch begins at the newest entry, or at the oldest.
func (r *reading) startSearch(back bool) {
	if r.kind != line {
		return
	}
	r.menu = nil
	s := &search{back: back, entries: r.e.cfg.History.Entries(), at: -1, line: r.buffer}
	if back {
		s.at = len(s.entries)
	}
	r.search = s
}

// step is how the search goes on from an entry.
func (s *search) step() int {
	if s.back {
		return -1
	}
	return 1
}

// look finds the next entry with the query, from one on. Where there is none the last one stays.
func (s *search) look(from int) {
	if s.query == "" {
		s.found = false
		return
	}
	shown := s.shown()
	for at := from; at >= 0 && at < len(s.entries); at += s.step() {
		if entry := s.entries[at]; strings.Contains(entry, s.query) && (!s.found || at == s.at || entry != shown) {
			s.at, s.found = at, true
			return
		}
	}
	s.found = s.found && strings.Contains(shown, s.query)
}

// more makes the query longer: what was found may have it still.
func (s *search) more(text string) {
	s.query += text
	s.look(min(max(s.at, 0), len(s.entries)-1))
}

// less takes a character off the query, and looks from the beginning again.
func (s *search) less() {
	s.query = s.query[:before(s.query, len(s.query))]
	s.restart()
}

func (s *search) restart() {
	s.found, s.at = false, -1
	if s.back {
		s.at = len(s.entries)
	}
	s.look(s.at + s.step())
}

// again looks for the next entry, in a direction that may have changed.
func (s *search) again(back bool) {
	turned := s.back != back
	s.back = back
	if turned && !s.found {
		s.restart()
		return
	}
	s.look(s.at + s.step())
}

// failed reports whether no entry has what is searched for.
func (s *search) failed() bool { return !s.found && s.query != "" }

// shown is the entry that was found, or the query.
func (s *search) shown() string {
	if s.found {
		return s.entries[s.at]
	}
	return s.query
}

// searchKey does what a key says while something is searched.
func (r *reading) searchKey(k key) {
	s := r.search
	switch k.name {
	case "", namePaste:
		s.more(strings.TrimRight(k.text, "\r\n"))
	case "Backspace":
		s.less()
	case "Ctrl-R":
		s.again(true)
	case "Ctrl-S":
		s.again(false)
	case "Esc", "Ctrl-G", "Ctrl-C", "Up", "Down", "Left", "Right":
		r.search, r.buffer = nil, s.line
	case "Enter":
		if k.raw == "\n" { // Ctrl-J is nothing here to redis-cli either
			return
		}
		failed := s.failed()
		r.endSearch()
		if !failed { // what was only searched for was never meant to be run
			r.act("Enter")
		}
	case "Tab":
		r.endSearch()
	default:
		if r.e.actions[k.name] != nil {
			r.endSearch()
			r.act(k.name)
		}
	}
}

// endSearch makes what was found the line.
func (r *reading) endSearch() {
	text := r.search.shown()
	r.search = nil
	if text != "" {
		r.buffer = buffer{text, len(text)}
	}
}

// paintSearch appends what was found with the part that was searched for in bold. On one row the
// bytes are those that redis-cli sends.
func (r *reading) paintSearch(f *frame) {
	s := r.search
	prompt := searchOn
	if s.back {
		prompt = searchBack
	}
	if s.failed() {
		prompt = searchFailed + prompt
	}
	f.write(prompt, "")
	f.escape(sgrReset)
	text := s.shown()
	if len(text) > plainText {
		text = text[:before(text, plainText)]
	}
	from := strings.Index(text, s.query)
	if !s.found || from < 0 {
		f.writeRows(text, "")
		f.mark()
		return
	}
	to := from + len(s.query)
	f.writeRows(text[:from], "")
	f.writeRows(text[from:to], sgrFound)
	f.sgr("")
	f.mark()
	f.writeRows(text[to:], "")
}

// writeRows appends a text that may have rows.
func (f *frame) writeRows(text, style string) {
	for at := 0; at < len(text); {
		if text[at] == '\n' {
			f.wrap(false)
		}
		at += f.putGlyph(glyphAt(text, at), style)
	}
}

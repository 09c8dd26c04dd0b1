package lineeditor

import "strings"

// recall is where in the history the line is: nowhere, or at an entry that begins with what was
// typed.
type recall struct {
	active  bool
	entries []string
	at      int
	typed   buffer
}

func (c *recall) reset() { c.active = false }

// up moves a row up, or to an older entry if there is no row. Entries that follow each other with
// one key are not walked through.
func (r *reading) up() {
	if r.row(false) {
		return
	}
	r.step(-1)
}

func (r *reading) down() {
	if r.row(true) {
		return
	}
	r.step(1)
}

// row moves the cursor by a row of a text that has several.
func (r *reading) row(down bool) bool {
	if r.was.recall || !strings.Contains(r.text, "\n") {
		return false
	}
	column := r.was.column - 1
	if column < 0 {
		column = r.column()
	}
	r.did.column = column + 1
	return r.vertical(down, column)
}

// step goes to the next entry in a direction that begins with what was typed and is another one
// than is shown. Behind the newest there is what was typed.
func (r *reading) step(by int) {
	c := &r.recall
	if !r.startRecall() {
		return
	}
	for at := c.at + by; at >= 0 && at < len(c.entries); at += by {
		if entry := c.entries[at]; entry != r.text && strings.HasPrefix(entry, c.typed.text) {
			r.recalled(at)
			return
		}
	}
	if by > 0 {
		r.newest()
	}
}

// startRecall begins at the end of the history, with what was typed.
func (r *reading) startRecall() bool {
	c := &r.recall
	if r.kind != line {
		return false
	}
	r.did.recall = true
	if !c.active {
		entries := r.e.cfg.History.Entries()
		*c = recall{active: true, entries: entries, at: len(entries), typed: r.buffer}
	}
	return true
}

// recalled makes the line an entry.
func (r *reading) recalled(at int) {
	r.recall.at = at
	r.buffer = buffer{r.recall.entries[at], len(r.recall.entries[at])}
}

func (r *reading) oldest() {
	if r.startRecall() && len(r.recall.entries) > 0 {
		r.recalled(0)
	}
}

// newest goes back to what was typed.
func (r *reading) newest() {
	if c := &r.recall; c.active {
		r.did.recall = true
		r.buffer, c.at = c.typed, len(c.entries)
	}
}

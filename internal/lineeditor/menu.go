package lineeditor

import (
	"strconv"

	"easycli/internal/cells"
	"easycli/internal/quote"
)

// menu is candidates below the line, to choose from. Typing leaves those that begin with the word.
type menu struct {
	all, shown []Candidate
	from       int // where the word begins
	behind     int // how much text stands behind it
	chosen     int
	top        int // the first one that is seen
}

func (r *reading) openMenu(c Completion) {
	r.at = c.To
	r.menu = &menu{all: c.Candidates, shown: c.Candidates, from: c.From, behind: len(r.text) - c.To}
}

// menuKey reports whether a key was for the menu. Any other closes it.
func (r *reading) menuKey(k key) bool {
	m := r.menu
	switch k.name {
	case "Tab", "Down", "Ctrl-N":
		m.chosen = (m.chosen + 1) % len(m.shown)
	case "Shift-Tab", "Up", "Ctrl-P":
		m.chosen = (m.chosen + len(m.shown) - 1) % len(m.shown)
	case "Enter":
		r.menu = nil
		r.choose(m.shown[m.chosen], m.from, len(r.text)-m.behind)
	case "Esc", "Ctrl-G":
		r.menu = nil
	case "":
		r.insert(k.text)
		r.narrow()
	case "Backspace":
		r.backspace()
		r.narrow()
	default:
		r.menu = nil
		return false
	}
	return true
}

// narrow leaves the candidates that begin with the word as it is now.
func (r *reading) narrow() {
	m := r.menu
	r.menu = nil
	if to := len(r.text) - m.behind; r.at != to || to <= m.from {
		return
	}
	word := r.text[m.from:r.at]
	m.shown, m.chosen = nil, 0
	for _, c := range m.all {
		if hasPrefixFold(c.Text, word) {
			m.shown = append(m.shown, c)
		}
	}
	if len(m.shown) > 0 {
		r.menu = m
	}
}

// menuHeight is how many rows the menu gets, at most half of the screen.
func (r *reading) menuHeight(text, rows int) int {
	if r.menu == nil {
		return 0
	}
	return min(len(r.menu.shown), max(rows-text, 1), rows/2)
}

// paintMenu appends rows with the candidates around the chosen one. They come from a server: what is
// shown of them is safe on a terminal.
func (r *reading) paintMenu(f *frame, height int) {
	m := r.menu
	all := height
	if len(m.shown) > height && height > 1 {
		height--
	}
	m.top = max(min(m.top, m.chosen, len(m.shown)-height), m.chosen-height+1)
	seen := m.shown[m.top : m.top+height]
	width := 0
	for _, c := range seen {
		width = max(width, cells.Width(safe(c.Text)))
	}
	for i, c := range seen {
		f.begin()
		style := ""
		if m.top+i == m.chosen {
			style = sgrChosen
		}
		f.menuRow(c, min(width, max(f.columns/2, f.columns-40)), style)
		f.end()
	}
	if all > height {
		f.begin()
		f.writeCut("… "+strconv.Itoa(len(m.shown)-height)+" more", sgrFaint)
		f.end()
	}
}

// menuRow appends a candidate and its description, and leaves a cell of the row free.
func (f *frame) menuRow(c Candidate, width int, style string) {
	width = min(width, f.columns-1)
	if width <= 0 {
		return
	}
	f.write(cells.Fit(safe(c.Text), width), style)
	if f.room() > 12 && c.Description != "" {
		f.write("  ", "")
		f.writeCut(safe(c.Description), sgrFaint)
	}
}

// begin begins a row below rows that are closed.
func (f *frame) begin() {
	f.rows = append(f.rows, row{from: len(f.buf)})
}

func safe(text string) string { return string(quote.AppendTerminal(nil, text)) }

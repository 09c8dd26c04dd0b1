package ttytest

import (
	"fmt"
	"strings"
)

// Rows is the text of every row, the blanks at their ends cut.
func (s *Screen) Rows() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.plainRows()
}

func (s *Screen) plainRows() []string {
	rows := make([]string, len(s.grid))
	for i, row := range s.grid {
		rows[i] = plain(row)
	}
	return rows
}

// Text is the rows as lines; empty ones at the bottom are cut, as blanks at the end of each.
func (s *Screen) Text() string { return text(s.Rows()) }

func text(rows []string) string { return strings.TrimRight(strings.Join(rows, "\n"), "\n") }

// Transcript is [Screen.Text] behind all that has scrolled out at the top.
func (s *Screen) Transcript() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return text(append(append([]string{}, s.scrolled...), s.plainRows()...))
}

// Styled is [Screen.Text] with marks where it does not look plain: "get {faint:key}", or "{bold red
// on-blue:x}". Colours are the sixteen's names (bright-red), cN of 256 or #rrggbb.
func (s *Screen) Styled() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := make([]string, len(s.grid))
	for i, row := range s.grid {
		rows[i] = styled(row)
	}
	return text(rows)
}

func styled(row []cell) string {
	end := len(row)
	for end > 0 && row[end-1].text == "" && row[end-1].style == (style{}) && !row[end-1].half {
		end--
	}
	var b strings.Builder
	for from := 0; from < end; {
		to := from
		for to < end && row[to].style == row[from].style {
			to++
		}
		part := padded(row[from:to])
		if to == end && row[from].style == (style{}) {
			part = strings.TrimRight(part, " ")
		}
		if marks := row[from].style.String(); marks != "" {
			part = "{" + marks + ":" + part + "}"
		}
		b.WriteString(part)
		from = to
	}
	return b.String()
}

// padded is the text of a row with a blank for each empty cell.
func padded(row []cell) string {
	var b strings.Builder
	for _, c := range row {
		switch {
		case c.text != "":
			b.WriteString(c.text)
		case !c.half:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// Cursor is the cursor's place, counted from 0. In pending wrap it is in the last column.
func (s *Screen) Cursor() (row, col int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.row, s.col
}

// Size is the number of columns and rows.
func (s *Screen) Size() (cols, rows int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cols, s.rows
}

// State is what a program should leave as it found it.
type State struct {
	CursorHidden, NoWrap, Paste, Alternate, Pending bool
	Pen                                             string // as in [Screen.Styled]
	Title                                           string
}

// State tells the modes of the screen.
func (s *Screen) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return State{CursorHidden: s.hidden, NoWrap: s.noWrap, Paste: s.paste, Alternate: s.main != nil,
		Pending: s.pending, Pen: s.pen.String(), Title: s.title}
}

// Raw is everything that was written.
func (s *Screen) Raw() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.raw)
}

// Writes is how often Write was called: a frame should be one.
func (s *Screen) Writes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writes
}

// Strange lists what was written that no program should write here: questions to the terminal,
// sequences the emulator does not know, and bytes that are no text.
func (s *Screen) Strange() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.strange...)
}

// Dump is the screen for a test's log: a frame, the cursor's place and the last bytes.
func (s *Screen) Dump() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for i, row := range s.plainRows() {
		mark := "|"
		if i == s.row {
			mark = ">"
		}
		fmt.Fprintf(&b, "%s%s\n", mark, row)
	}
	fmt.Fprintf(&b, "cursor at row %d, column %d of %dx%d; the last bytes: %q", s.row, s.col, s.cols, s.rows,
		s.raw[max(0, len(s.raw)-200):])
	return b.String()
}

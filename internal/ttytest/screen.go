package ttytest

import (
	"slices"
	"strings"
	"sync"

	"easycli/internal/cells"
)

// A Screen is a terminal emulator, as xterm is: a character in the last column leaves the cursor
// there until another one wraps it (pending wrap), backspace stays in column 0, a wide character
// that does not fit into a row goes to the next one, and half of one that is overwritten is a
// blank. What people take for one character is in one cell, or two, as package cells says. It is
// for any number of goroutines.
type Screen struct {
	mu      sync.Mutex
	changed chan struct{} // closed by the next write
	parser  parser

	cols, rows int
	grid       [][]cell
	row, col   int
	pending    bool // the next character goes to the next row
	last       *cell
	pen        style
	top, under int // the rows that scroll: from top up to, not including, under
	saved      cursor
	main       [][]cell // the rows of the main screen while the other one is shown
	scrolled   []string // rows that left the main screen at its top
	title      string
	hidden     bool // the cursor
	noWrap     bool
	paste      bool // pasted text is bracketed

	raw     []byte
	writes  int
	strange []string
}

// cell is a place on the screen. The right half of a wide character has an empty text and is not
// blank.
type cell struct {
	text  string
	style style
	half  bool
}

type cursor struct {
	row, col int
	pen      style
}

// NewScreen returns an empty screen.
func NewScreen(cols, rows int) *Screen {
	s := &Screen{changed: make(chan struct{})}
	s.resize(cols, rows)
	return s
}

// Write shows p as a terminal does. It always takes everything.
func (s *Screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw = append(s.raw, p...)
	s.writes++
	for _, c := range p {
		s.feed(c)
	}
	s.tell()
	return len(p), nil
}

func (s *Screen) tell() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Resize makes the screen larger or smaller. Rows are cut and not wrapped anew, as in xterm; the
// row of the cursor stays on the screen.
func (s *Screen) Resize(cols, rows int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resize(cols, rows)
	s.tell()
}

func (s *Screen) resize(cols, rows int) {
	cols, rows = max(cols, 1), max(rows, 1)
	s.cols, s.rows = cols, rows
	for s.row >= rows {
		s.keep(s.grid[0])
		s.grid = s.grid[1:]
		s.row--
	}
	s.grid = sized(s.grid, cols, rows)
	if s.main != nil {
		s.main = sized(s.main, cols, rows)
	}
	s.col = min(s.col, cols-1)
	s.pending, s.last = false, nil
	s.top, s.under = 0, rows
}

func sized(grid [][]cell, cols, rows int) [][]cell {
	if len(grid) > rows {
		grid = grid[:rows]
	}
	for len(grid) < rows {
		grid = append(grid, make([]cell, cols))
	}
	for i, row := range grid {
		if len(row) > cols {
			row = row[:cols]
			mend(row, cols)
		}
		grid[i] = append(row, make([]cell, cols-len(row))...)
	}
	return grid
}

// mend blanks the left half of a wide character whose right half would be at that column.
func mend(row []cell, at int) {
	if at > 0 && at <= len(row) && cells.Width(row[at-1].text) == 2 && (at == len(row) || !row[at].half) {
		row[at-1].text = ""
	}
}

// print shows one character, or joins it to the one before.
func (s *Screen) print(r rune) {
	if s.last != nil && s.last.text != "" {
		joined := s.last.text + string(r)
		if first, width := cells.First(joined); first == joined {
			s.join(joined, width)
			return
		}
	}
	if width := min(cells.Width(string(r)), s.cols); width > 0 { // none is a mark on nothing
		s.place(string(r), width)
	}
}

// join replaces the last character by one that has grown, which may need a second cell.
func (s *Screen) join(text string, width int) {
	if cells.Width(s.last.text) == 2 || width < 2 || s.cols < 2 {
		s.last.text = text
		return
	}
	if !s.pending {
		s.col--
	}
	s.pending = false
	s.last.text = ""
	s.place(text, width)
}

func (s *Screen) place(text string, width int) {
	if (s.pending || s.col+width > s.cols) && !s.noWrap {
		s.col = 0
		s.index()
	}
	s.col = min(s.col, s.cols-width)
	s.pending = false
	row := s.grid[s.row]
	s.split(s.row, s.col)
	s.split(s.row, s.col+width)
	row[s.col] = cell{text: text, style: s.pen}
	s.last = &row[s.col]
	if width == 2 {
		row[s.col+1] = cell{style: s.pen, half: true}
	}
	if s.col += width; s.col == s.cols {
		s.col, s.pending = s.cols-1, true
	}
}

// split blanks both halves of a wide character that a change at this column would cut.
func (s *Screen) split(row, col int) {
	if line := s.grid[row]; col > 0 && col < s.cols && line[col].half {
		line[col-1].text, line[col] = "", cell{style: line[col].style}
	}
}

// index moves down a row and scrolls at the bottom.
func (s *Screen) index() {
	switch {
	case s.row == s.under-1:
		s.scroll(s.top, 1)
	case s.row < s.rows-1:
		s.row++
	}
}

// reverseIndex moves up a row and scrolls at the top.
func (s *Screen) reverseIndex() {
	switch {
	case s.row == s.top:
		s.scroll(s.top, -1)
	case s.row > 0:
		s.row--
	}
}

// scroll moves the rows from one on up by n, or down where n is negative.
func (s *Screen) scroll(from, n int) {
	area := s.grid[from:s.under]
	for ; n > 0; n-- {
		if from == 0 {
			s.keep(area[0])
		}
		copy(area, area[1:])
		area[len(area)-1] = make([]cell, s.cols)
	}
	for ; n < 0; n++ {
		copy(area[1:], area)
		area[0] = make([]cell, s.cols)
	}
}

// keep remembers a row that leaves the main screen.
func (s *Screen) keep(row []cell) {
	if s.main == nil {
		s.scrolled = append(s.scrolled, plain(row))
	}
}

// erase blanks cells of a row.
func (s *Screen) erase(row, from, to int) {
	from, to = max(from, 0), min(to, s.cols)
	if from >= to {
		return
	}
	s.split(row, from)
	s.split(row, to)
	for i := from; i < to; i++ {
		s.grid[row][i] = cell{style: style{back: s.pen.back}}
	}
}

// alternate shows the other screen, or the main one again.
func (s *Screen) alternate(on bool) {
	switch {
	case on && s.main == nil:
		s.main, s.grid = s.grid, sized(nil, s.cols, s.rows)
	case !on && s.main != nil:
		s.grid, s.main = s.main, nil
	}
}

func (s *Screen) moveTo(row, col int) {
	s.row, s.col = min(max(row, 0), s.rows-1), min(max(col, 0), s.cols-1)
	s.pending = false
}

func (s *Screen) complain(sequence string) {
	if !slices.Contains(s.strange, sequence) {
		s.strange = append(s.strange, sequence)
	}
}

// plain is the text of a row without the blanks at its end.
func plain(row []cell) string { return strings.TrimRight(padded(row), " ") }

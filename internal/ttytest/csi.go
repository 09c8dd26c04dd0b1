package ttytest

import (
	"slices"
	"strconv"
	"strings"
)

// csi does what a control sequence says; sequence is what follows CSI, its last byte included.
func (s *Screen) csi(sequence string) {
	s.last = nil
	final := sequence[len(sequence)-1]
	body := strings.TrimRight(sequence[:len(sequence)-1], " !\"$'")
	between := sequence[len(body) : len(sequence)-1]
	prefix := ""
	if body != "" && strings.IndexByte("?>=<", body[0]) >= 0 {
		prefix, body = body[:1], body[1:]
	}
	params := parameters(body)
	known := false
	switch {
	case strings.IndexByte("nc", final) >= 0, final == 'u' && prefix == "?", final == 'p' && between == "$", final == 'q' && prefix == ">":
		s.complain("a question: CSI " + sequence)
		return
	case final == 'q' && between == " ", final == 'p' && between == "!": // the cursor's shape; a soft reset
		known = true
	case between != "":
	case prefix == "?" && (final == 'h' || final == 'l'):
		known = s.modes(params, final == 'h')
	case prefix == "":
		known = s.plainCSI(final, params)
	}
	if !known {
		s.complain("CSI " + sequence)
	}
}

// parameters reads numbers between semicolons or colons; a missing one is 0.
func parameters(text string) []int {
	var params []int
	for _, word := range strings.FieldsFunc(strings.ReplaceAll(text, ";", " ;"), func(r rune) bool { return r == ';' || r == ':' }) {
		n, _ := strconv.Atoi(strings.TrimSpace(word))
		params = append(params, n)
	}
	if len(params) == 0 {
		params = []int{0}
	}
	return params
}

func (s *Screen) modes(params []int, on bool) bool {
	for _, p := range params {
		switch p {
		case 1, 12: // the form of the arrow keys, a blinking cursor
		case 7:
			s.noWrap = !on
		case 25:
			s.hidden = !on
		case 47, 1047:
			s.alternate(on)
		case 1049:
			if on {
				s.saved = cursor{s.row, s.col, s.pen}
				s.alternate(true)
				break
			}
			s.alternate(false)
			s.moveTo(s.saved.row, s.saved.col)
		case 2004:
			s.paste = on
		case 2026: // a frame that is to be shown at once
		default:
			return false
		}
	}
	return true
}

func (s *Screen) plainCSI(final byte, params []int) bool {
	n := max(params[0], 1)
	second := 1
	if len(params) > 1 {
		second = max(params[1], 1)
	}
	switch final {
	case 'A':
		s.moveTo(s.row-n, s.col)
	case 'B':
		s.moveTo(s.row+n, s.col)
	case 'C':
		s.moveTo(s.row, s.col+n)
	case 'D':
		s.moveTo(s.row, s.col-n)
	case 'E':
		s.moveTo(s.row+n, 0)
	case 'F':
		s.moveTo(s.row-n, 0)
	case 'G', '`':
		s.moveTo(s.row, n-1)
	case 'd':
		s.moveTo(n-1, s.col)
	case 'H', 'f':
		s.moveTo(n-1, second-1)
	case 'm':
		return s.pen.render(params)
	case 'J', 'K':
		return s.eraseBy(final, params[0])
	case 'L', 'M':
		s.rowsIn(n, final == 'L')
	case '@', 'P', 'X':
		s.cellsIn(final, min(n, s.cols-s.col))
	case 'S':
		s.scroll(s.top, min(n, s.under-s.top))
	case 'T':
		s.scroll(s.top, -min(n, s.under-s.top))
	case 'r':
		s.region(params)
	case 's':
		s.saved = cursor{s.row, s.col, s.pen}
	case 'u':
		s.moveTo(s.saved.row, s.saved.col)
	default:
		return false
	}
	return true
}

// eraseBy is ED (J) and EL (K). What is pending is no more: the next character overwrites.
func (s *Screen) eraseBy(final byte, how int) bool {
	if how > 3 {
		return false
	}
	s.pending = false
	if final == 'J' && how == 3 {
		s.scrolled = nil
		return true
	}
	if final == 'J' {
		for row := range s.rows {
			if how == 2 || how == 0 && row > s.row || how == 1 && row < s.row {
				s.erase(row, 0, s.cols)
			}
		}
	}
	switch how {
	case 0:
		s.erase(s.row, s.col, s.cols)
	case 1:
		s.erase(s.row, 0, s.col+1)
	case 2:
		s.erase(s.row, 0, s.cols)
	}
	return true
}

// rowsIn inserts or deletes rows at the cursor's.
func (s *Screen) rowsIn(n int, insert bool) {
	if s.row < s.top || s.row >= s.under {
		return
	}
	s.col, s.pending = 0, false
	n = min(n, s.under-s.row)
	if insert {
		n = -n
	}
	kept := len(s.scrolled)
	s.scroll(s.row, n)
	s.scrolled = s.scrolled[:kept] // deleted, and not scrolled out
}

// cellsIn inserts (@), deletes (P) or blanks (X) n cells at the cursor.
func (s *Screen) cellsIn(final byte, n int) {
	s.pending = false
	line := s.grid[s.row]
	s.split(s.row, s.col)
	switch final {
	case '@':
		s.grid[s.row] = slices.Insert(line, s.col, make([]cell, n)...)[:s.cols]
		mend(s.grid[s.row], s.cols)
	case 'P':
		s.split(s.row, s.col+n)
		s.grid[s.row] = append(slices.Delete(line, s.col, s.col+n), make([]cell, n)...)
	case 'X':
		s.erase(s.row, s.col, s.col+n)
	}
}

// region sets the rows that scroll.
func (s *Screen) region(params []int) {
	top, under := max(params[0], 1)-1, s.rows
	if len(params) > 1 && params[1] > 0 {
		under = min(params[1], s.rows)
	}
	if top < under-1 {
		s.top, s.under = top, under
		s.moveTo(0, 0)
	}
}

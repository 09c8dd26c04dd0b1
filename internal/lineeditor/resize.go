package lineeditor

// resized takes the frame off a terminal that has other columns now. Terminals lay their lines out
// anew: rows that were one line are one again, and the cursor stays with its character.
func (s *screen) resized(columns int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.drawn && columns != s.shown.columns {
		f := s.shown
		s.flush(wipe(s.buf[:0], f.rowsAbove(f.cursor, columns), 1+f.rowsAbove(place{len(f.rows) - 1, f.last().width}, columns)))
		s.drawn = false
	}
}

// rowsAbove is how many rows stand above a place's in a terminal with other columns.
func (f *frame) rowsAbove(p place, columns int) int {
	above, line := 0, 0
	for _, row := range f.rows[:p.row] {
		if line += row.width; !row.soft {
			above += max(1, (line+columns-1)/columns)
			line = 0
		}
	}
	return above + (line+p.column)/columns
}

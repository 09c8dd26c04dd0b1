package lineeditor

// resized takes the frame off a terminal that has other columns now. Terminals lay their lines out
// anew: rows that were one line are one again, and the cursor stays with its character.
func (s *screen) resized(columns int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.drawn && columns != s.shown.columns {
		b := appendCSI(append(s.buf[:0], '\r'), s.shown.rowsAbove(columns), 'A')
		s.flush(append(b, eraseBelow...))
		s.drawn = false
	}
}

// rowsAbove is how many rows stand above the cursor's in a terminal with other columns.
func (f *frame) rowsAbove(columns int) int {
	above, line := 0, 0
	for _, row := range f.rows[:f.cursor.row] {
		if line += row.width; !row.soft {
			above += max(1, (line+columns-1)/columns)
			line = 0
		}
	}
	return above + (line+f.cursor.column)/columns
}

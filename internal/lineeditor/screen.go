package lineeditor

import (
	"bytes"
	"io"
	"sync"
)

// screen is the terminal that the frames are drawn on, one write for each. It may be written to from
// any goroutine: while a line is being read, that is above the line.
//
// It uses no more than every terminal has: moving by rows and to the right, erasing to the end of
// the row and of the screen. It asks the terminal nothing.
type screen struct {
	mu    sync.Mutex
	out   io.Writer
	err   error
	buf   []byte
	live  bool   // a line is being read
	lead  string // goes before the first frame
	shown *frame // what was drawn, nil for nothing
	spare *frame
	drawn bool // shown is on the terminal
	away  bool // a row without an end is in the frame's place
	open  bool // the last row that was written has no end
	lent  bool // the terminal is somebody else's for a while
	held  []byte
}

const (
	hideCursor = "\x1b[?25l"
	showCursor = "\x1b[?25h"
	pasteOn    = "\x1b[?2004h"
	pasteOff   = "\x1b[?2004l"
	eraseRow   = "\x1b[K"
	eraseBelow = "\x1b[J"
	clearAll   = "\x1b[H\x1b[2J"
)

// begin is the beginning of a line.
func (s *screen) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live, s.drawn, s.away, s.lead = true, false, false, pasteOn
	if s.open {
		s.lead = "\r\n" + pasteOn
	}
	s.open = false
}

// blank is a frame to fill.
func (s *screen) blank(columns int) *frame {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.spare == nil {
		s.spare = new(frame)
	}
	s.spare.reset(columns)
	return s.spare
}

// show draws the frame that blank gave. A row that was written and has no end yet stays where it is
// until a key is typed.
func (s *screen) show(f *frame, typed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := append(s.buf[:0], s.lead...)
	s.lead = ""
	if s.away && typed {
		s.away = false
		b = append(b, "\r\n"...)
	}
	if !s.away {
		b = s.draw(b, f)
	}
	s.shown, s.spare = f, s.shown
	s.flush(b)
}

// flush writes what was gathered.
func (s *screen) flush(b []byte) {
	if s.buf = b; len(b) > 0 {
		if _, err := s.out.Write(b); err != nil && s.err == nil {
			s.err = err
		}
	}
}

// failure is the first error of the terminal.
func (s *screen) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// draw appends what makes the frame of what is shown: the rows that differ.
func (s *screen) draw(b []byte, f *frame) []byte {
	start := len(b)
	b = append(b, hideCursor...)
	p := pen{height: 1}
	var old *frame
	if s.drawn && s.shown.columns == f.columns {
		old = s.shown
		p.place, p.height = old.cursor, len(old.rows)
	} else {
		b = s.wipe(b)
	}
	s.drawn = true
	changed := old == nil || old.cursor != f.cursor || len(old.rows) != len(f.rows)
	for i := range f.rows {
		if old != nil && i < len(old.rows) && bytes.Equal(old.text(i), f.text(i)) {
			continue
		}
		b, changed = p.write(b, f, i), true
	}
	if !changed {
		return b[:start]
	}
	switch {
	case old == nil && p.column < f.columns: // a full row at the end is the terminal's last
		b = append(b, eraseBelow...)
	case old != nil && len(old.rows) > len(f.rows):
		b = append(p.goTo(b, place{row: len(f.rows)}), eraseBelow...)
	}
	return append(p.goTo(b, f.cursor), showCursor...)
}

// wipe appends what takes the frame off the terminal and leaves the cursor where it began.
func (s *screen) wipe(b []byte) []byte {
	if s.drawn {
		b = wipe(b, s.shown.cursor.row, len(s.shown.rows))
	}
	return b
}

// wipe erases rows, of which some are above the cursor. It does not erase from the first on: where
// that is the first of the screen tmux keeps what was there, in its history.
func wipe(b []byte, above, rows int) []byte {
	b = append(appendCSI(append(b, '\r'), above, 'A'), eraseRow...)
	if rows > 1 {
		b = append(appendCSI(b, 1, 'B'), eraseBelow...)
		b = appendCSI(b, 1, 'A')
	}
	return b
}

// pen is where the terminal's cursor is while a frame is drawn, and how many rows there are to go to.
type pen struct {
	place
	height int
}

// goTo appends a move. The way down ends in new rows, if there are not enough.
func (p *pen) goTo(b []byte, to place) []byte {
	if to == p.place {
		return b
	}
	b = append(b, '\r')
	b = appendCSI(b, p.row-to.row, 'A')
	if below := min(to.row, p.height-1); below > p.row {
		b = appendCSI(b, below-p.row, 'B')
		p.row = below
	}
	for ; p.row < to.row; p.row++ {
		b = append(b, "\r\n"...)
	}
	p.place, p.height = to, max(p.height, to.row+1)
	return appendCSI(b, to.column, 'C')
}

// write appends a row. Behind a full one that goes on in it the terminal begins it by itself, with
// the next character, and so knows the two as one line.
func (p *pen) write(b []byte, f *frame, i int) []byte {
	if p.row == i-1 && p.column == f.columns && f.rows[i-1].soft {
		if f.rows[i].width == 0 {
			b = append(b, " \r"...)
		}
		p.row, p.height = i, max(p.height, i+1)
	} else {
		b = p.goTo(b, place{row: i})
	}
	b = append(b, f.text(i)...)
	if p.column = f.rows[i].width; p.column < f.columns {
		b = append(b, eraseRow...)
	}
	return b
}

// clear empties the screen, for show to draw the frame at its top.
func (s *screen) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lead, s.drawn, s.away = s.lead+clearAll, false, false
}

// finish leaves the frame where it is, with a text behind it, and the terminal as it is for others.
func (s *screen) finish(f *frame, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := append(s.buf[:0], s.lead...)
	if s.away {
		b = append(b, "\r\n"...)
	}
	if f != nil {
		b = append(s.draw(b, f), text...)
	}
	b = append(b, "\r\n"+pasteOff+showCursor...)
	s.live, s.drawn, s.away, s.open, s.lead = false, false, false, false, ""
	s.flush(b)
}

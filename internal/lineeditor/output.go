package lineeditor

import "bytes"

const (
	// maxTogether is how much is written together with the frame around it.
	maxTogether = 32 << 10
	// maxHeld is how much is kept of what is written while the terminal is lent. The rest is lost.
	maxHeld = 1 << 20
)

// Write writes to the terminal, above the line while one is being read. A text whose last row has
// no end keeps the line away until that comes, or a key is typed. It may be called from any
// goroutine, and keeps nothing back, but while the terminal is lent.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(p) == 0 {
		return 0, nil
	}
	if s.lent {
		s.held = append(s.held, p[:min(len(p), maxHeld-len(s.held))]...)
		return len(p), nil
	}
	if !s.live {
		s.open = isOpen(p)
		return s.out.Write(p)
	}
	b := append(s.buf[:0], s.lead...)
	s.lead = ""
	b = s.wipe(b)
	s.drawn = false
	n := len(p)
	if len(p) > maxTogether {
		s.flush(b)
		b = b[:0]
		if n, s.err = s.out.Write(p); s.err != nil {
			return n, s.err
		}
	} else {
		b = append(b, p...)
	}
	if s.away = isOpen(p); !s.away && s.shown != nil {
		b = s.draw(b, s.shown)
	}
	s.flush(b)
	return n, s.err
}

// isOpen reports whether a text leaves the cursor behind something in its row. What ends with an
// escape sequence that moves the cursor or erases does not.
func isOpen(p []byte) bool {
	for {
		esc := bytes.LastIndexByte(p, '\x1b')
		if esc < 0 || esc+2 >= len(p) || p[esc+1] != '[' {
			break
		}
		n := esc + 2
		for n < len(p)-1 && ' ' <= p[n] && p[n] <= '?' {
			n++
		}
		if n != len(p)-1 || p[n] < '@' {
			break
		}
		if p[n] == 'H' || p[n] == 'J' {
			return false
		}
		p = p[:esc]
	}
	return len(p) > 0 && p[len(p)-1] != '\n' && p[len(p)-1] != '\r'
}

// lend takes the frame off the terminal and leaves that to somebody else.
func (s *screen) lend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.wipe(s.buf[:0])
	s.drawn, s.lent = false, true
	s.flush(append(b, pasteOff+showCursor...))
}

// takeBack writes what had to wait. The frame is to be drawn anew, where the cursor is.
func (s *screen) takeBack() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lent, s.away = false, isOpen(s.held)
	s.flush(append(append(s.buf[:0], '\r'), s.held...))
	s.held, s.lead = nil, pasteOn
}

package ttytest

import (
	"context"
	"strings"
	"testing"
	"time"
)

// patience bounds every wait; what is waited for needs some milliseconds.
const patience = 20 * time.Second

// Await waits until the screen is as holds wants it, and fails the test with the screen if it never
// is. what is for that message.
func (s *Screen) Await(t testing.TB, what string, holds func() bool) {
	t.Helper()
	s.await(t, what, nil, holds)
}

// await gives up as well when over is closed: nothing will change any more.
func (s *Screen) await(t testing.TB, what string, over <-chan struct{}, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		changed := s.change()
		if holds() {
			return
		}
		select {
		case <-changed:
		case <-over:
			if holds() {
				return
			}
			t.Fatalf("the program ended, and there was never %s\n%s", what, s.Dump())
		case <-ctx.Done():
			t.Fatalf("waited %v for %s\n%s", patience, what, s.Dump())
		}
	}
}

func (s *Screen) change() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// shows reports whether text is on the screen, also where it goes on in the next row. Blanks at its
// end are not seen, as those at the end of a row.
func (s *Screen) shows(text string) bool {
	text = strings.TrimRight(text, " ")
	return strings.Contains(s.Text(), text) || strings.Contains(s.joined(), text)
}

// joined is the rows without the ends of those that are full.
func (s *Screen) joined() string {
	cols, _ := s.Size()
	var b strings.Builder
	for _, row := range s.Rows() {
		b.WriteString(row)
		if len([]rune(row)) < cols {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// before is the text of the cursor's row up to the cursor, and which row of all this is.
func (s *Screen) before() (text string, row int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text = padded(s.grid[s.row][:s.col])
	return text, len(s.scrolled) + s.row
}

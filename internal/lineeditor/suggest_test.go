package lineeditor

import "testing"

// A key is shown although the history is still being read; a key that takes the suggestion waits.
func TestSuggestionsComeLate(t *testing.T) {
	s := suggest{come: make(chan []string, 1)}
	if s.awaited() != nil {
		t.Error("the entries are awaited before a line was shown without them")
	}
	s.load(true)
	if s.loaded || s.awaited() == nil {
		t.Fatal("a line was shown without the entries, and they are not awaited")
	}
	s.come <- []string{"GET key"}
	s.load(false)
	if got, want := s.find("GE"), "GET key"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if s.awaited() != nil {
		t.Error("the entries are awaited although they are there")
	}
}

package lineeditor

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	// defaultEntries is how many entries a history has if nobody says.
	defaultEntries = 10_000
	// maxEntry bounds an entry: what is longer was pasted, and is in a file already.
	maxEntry = 1 << 20
)

// History is what was entered, the oldest first, in a file that many shells share. It guarantees
// that no entry of another shell is lost or damaged, that the file is its owner's alone, and that a
// file which belongs to somebody else, or is none, is neither read nor written. It keeps in memory
// what it cannot keep in the file, and tells why in [History.Err].
//
// It refuses to know which entries are secrets: those are not to be added. All its methods may be
// called from any goroutine.
type History struct {
	// Hide, if set before the first use, says of an entry in the file that it is not to be recalled: other
	// programs that share the file may have kept secrets there.
	Hide func(entry string) bool

	path string
	max  int

	mu sync.Mutex
	// kept is what the file holds as far as seen says, waiting what it does not hold yet.
	kept, waiting []string
	seen          view
	err           error
	// testOnlyPatience, if set, is how long to wait for a lock.
	testOnlyPatience time.Duration
}

// OpenHistory is the history in a file, or in memory alone if path is empty. The last max entries
// are recalled, 10 000 if max is not positive. Nothing is read before it is asked for.
func OpenHistory(path string, max int) *History {
	if max <= 0 {
		max = defaultEntries
	}
	return &History{path: path, max: max}
}

// Add appends an entry. One that is blank, that is the last one again, or that begins with a blank
// is not for keeping.
func (h *History) Add(entry string) {
	first, _ := utf8.DecodeRuneInString(entry)
	if entry == "" || unicode.IsSpace(first) || len(entry) > maxEntry {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.catchUp()
	if last := h.last(); last == entry {
		return
	}
	h.waiting = append(h.waiting, entry)
	if h.path != "" {
		h.err = h.explain(h.save())
	}
	h.waiting = lastOf(h.waiting, h.max)
}

// Entries is all there is to recall, with what other shells have added meanwhile. The slice is not to
// be changed.
func (h *History) Entries() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.catchUp()
	all := h.kept
	if len(h.waiting) > 0 {
		all = slices.Concat(all, h.waiting)
	}
	return slices.Clip(all[max(0, len(all)-h.max):])
}

// Err is why entries are not kept in the file, nil if they are.
func (h *History) Err() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.err
}

func (h *History) last() string {
	for _, entries := range [][]string{h.waiting, h.kept} {
		if n := len(entries); n > 0 {
			return entries[n-1]
		}
	}
	return ""
}

// catchUp reads what is new in the file. To find that nothing is takes no more than a look at the
// file's size and time.
func (h *History) catchUp() {
	if h.path == "" {
		return
	}
	if info, err := os.Stat(h.path); err != nil && os.IsNotExist(err) || err == nil && h.seen.isOf(info) {
		return
	}
	if err := h.load(); !errors.Is(err, errBusy) && (err != nil || len(h.waiting) == 0) {
		h.err = h.explain(err)
	}
}

func (h *History) explain(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the history is not kept in %q: %w", h.path, err)
}

// push takes an entry over from the file.
func (h *History) push(entry string) {
	if strings.TrimSpace(entry) == "" || len(h.kept) > 0 && h.kept[len(h.kept)-1] == entry {
		return
	}
	if h.Hide != nil && h.Hide(entry) {
		return
	}
	if h.kept = append(h.kept, entry); len(h.kept) > 2*h.max {
		h.kept = lastOf(h.kept, h.max)
	}
}

// lastOf is the last n entries, in an array of their own if some are dropped: who was given the old
// one goes on reading it.
func lastOf(entries []string, n int) []string {
	if len(entries) <= n {
		return entries
	}
	return slices.Clone(entries[len(entries)-n:])
}

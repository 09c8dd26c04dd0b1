package lineeditor

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// maxHistory is how much of the end of the file is looked at.
const maxHistory = 4 << 20

// History is the entries that can be recalled. Each is also appended to a file that only its owner
// may read, in one write, so that several editors can share it. It may be used from any goroutine.
type History struct {
	path string
	max  int

	mu      sync.Mutex
	loaded  bool
	entries []string
}

// OpenHistory is the history in a file, or one in memory if path is empty. It reads nothing yet. A
// file that cannot be read or written is no reason to have none in memory.
func OpenHistory(path string, max int) *History { return &History{path: path, max: max} }

// DefaultHistory is where the history is kept below a directory of state ($XDG_STATE_HOME).
func DefaultHistory(state string) string {
	return strings.Join([]string{state, "easycli", "history"}, string(os.PathSeparator))
}

// Entries is what can be recalled, the oldest first. The caller does not change it.
func (h *History) Entries() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.load()
	return slices.Clip(h.entries)
}

// load reads the end of the file, once.
func (h *History) load() {
	if h.loaded {
		return
	}
	h.loaded = true
	if h.path == "" {
		return
	}
	file, err := os.Open(h.path)
	if err != nil {
		return
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Size() > maxHistory {
		file.Seek(-maxHistory, io.SeekEnd)
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, maxHistory)
	for lines.Scan() {
		h.push(lines.Text())
	}
}

// push adds an entry that is not the last one again.
func (h *History) push(entry string) bool {
	if entry == "" || len(h.entries) > 0 && h.entries[len(h.entries)-1] == entry {
		return false
	}
	if len(h.entries) >= max(h.max, 1) { // a new array: Entries gave the old one away
		h.entries = append(make([]string, 0, 2*len(h.entries)), h.entries[len(h.entries)-h.max+1:]...)
	}
	h.entries = append(h.entries, entry)
	return true
}

// Add adds an entry here and to the file.
func (h *History) Add(entry string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.load()
	if !h.push(entry) || h.path == "" || strings.ContainsAny(entry, "\n\r") {
		return
	}
	os.MkdirAll(filepath.Dir(h.path), 0o700)
	file, err := os.OpenFile(h.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return
	} else if info.Mode().Perm()&0o077 != 0 && file.Chmod(0o600) != nil {
		return
	}
	file.WriteString(entry + "\n")
}

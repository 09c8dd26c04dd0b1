package lineeditor

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
)

const (
	// maxEntries is how many lines are recalled.
	maxEntries = 1000
	// maxHistory is how much of the end of the file is looked at.
	maxHistory = 4 << 20
)

// history is the lines that can be recalled, the oldest first. Each is also appended to the file, in
// one write, so that several editors can share it.
type history struct {
	path  string
	lines []string
}

// load reads the end of the file.
func (h *history) load() {
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

// push adds a line that is not the last one again.
func (h *history) push(line string) bool {
	if line == "" || len(h.lines) > 0 && h.lines[len(h.lines)-1] == line {
		return false
	}
	if h.lines = append(h.lines, line); len(h.lines) > maxEntries {
		h.lines = slices.Delete(h.lines, 0, len(h.lines)-maxEntries)
	}
	return true
}

// add adds a line here and to the file, which only its owner may read.
func (h *history) add(line string) {
	if !h.push(line) || h.path == "" {
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
	var b bytes.Buffer
	b.WriteString(line)
	b.WriteByte('\n')
	file.Write(b.Bytes())
}

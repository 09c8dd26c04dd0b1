package lineeditor

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

const (
	// maxTail is how much of the end of a file is read, and more than twice of it is not kept.
	maxTail = 8 << 20
	// maxTorn is the longest line that an entry can come to, each byte of it escaped.
	maxTorn = 2*maxEntry + 2
	// maxMark is how many bytes tell whether a file is still the one that was read.
	maxMark = 64
	// lockPatience is how long to wait for another shell, which needs microseconds, before an entry
	// is not written for now, and readPatience before the entries are those of the last time.
	lockPatience = 2 * time.Second
	readPatience = 20 * time.Millisecond
)

// view is how far a file has been read.
type view struct {
	info fs.FileInfo // as it was then, nil if nothing was read
	// offset is where the first line begins that was not read; mark is the bytes before it.
	offset int64
	mark   []byte
	// lines is how many lines stand before offset, as far as the file was looked at.
	lines int
}

// isOf reports whether a file is as it was when it was read.
func (v *view) isOf(info fs.FileInfo) bool {
	return v.info != nil && os.SameFile(v.info, info) && v.info.Size() == info.Size() &&
		v.info.ModTime().Equal(info.ModTime())
}

// load reads what the file has more than was seen.
func (h *History) load() error {
	file, err := openHistory(h.path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	if err := h.lock(file, false); err != nil {
		return err
	}
	defer unlock(file)
	return h.follow(file)
}

// save appends what waits for it, in one write for each entry. A line that another shell could not
// finish, for it was killed or the disk was full, is cut off first.
func (h *History) save() error {
	if err := os.MkdirAll(filepath.Dir(h.path), 0o700); err != nil {
		return bare(err)
	}
	file, err := openHistory(h.path, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := h.lock(file, true); err != nil {
		return err
	}
	defer unlock(file)
	if err := h.follow(file); err != nil {
		return err
	}
	end, err := h.mend(file)
	if err != nil {
		return bare(err)
	}
	for len(h.waiting) > 0 {
		n, err := file.WriteAt([]byte(escape(h.waiting[0])+"\n"), end)
		if err != nil {
			file.Truncate(end) // or else the next to append mends it
			return bare(err)
		}
		end += int64(n)
		h.waiting = h.waiting[1:]
	}
	if err := h.follow(file); err != nil {
		return err
	}
	return h.trim(file)
}

// mend is where the next line goes. A line that is longer than any of ours is not cut off, but ended.
func (h *History) mend(file *os.File) (end int64, err error) {
	switch size := h.seen.info.Size(); {
	case size-h.seen.offset > maxTorn:
		_, err = file.WriteAt([]byte("\n"), size)
		return size + 1, err
	case size > h.seen.offset:
		return h.seen.offset, file.Truncate(h.seen.offset)
	}
	return h.seen.offset, nil
}

// follow reads on where it stopped, or the end of the file if that is another than it was.
func (h *History) follow(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return bare(err)
	}
	whole := true
	if !h.continues(file, info) {
		h.kept, h.seen = nil, view{}
	}
	if info.Size()-h.seen.offset > maxTail {
		whole, h.seen.offset = false, info.Size()-maxTail
	}
	text, err := io.ReadAll(io.NewSectionReader(file, h.seen.offset, info.Size()-h.seen.offset))
	if err != nil {
		return bare(err)
	}
	text = text[:bytes.LastIndexByte(text, '\n')+1]
	h.seen.offset += int64(len(text))
	h.seen.info = info
	if !whole {
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	for line := range bytes.Lines(text) {
		h.seen.lines++
		h.push(unescape(string(bytes.TrimRight(line, "\r\n"))))
	}
	if len(text) > 0 {
		h.seen.mark = bytes.Clone(text[max(0, len(text)-maxMark):])
	}
	return nil
}

// continues reports whether a file is the one that was read, with nothing but more in it.
func (h *History) continues(file *os.File, info fs.FileInfo) bool {
	v := &h.seen
	if v.info == nil || !os.SameFile(v.info, info) || info.Size() < v.offset {
		return false
	}
	mark := make([]byte, len(v.mark))
	_, err := file.ReadAt(mark, v.offset-int64(len(mark)))
	return err == nil && bytes.Equal(mark, v.mark)
}

// trim drops the oldest lines of a file that has become twice as long as it has to be. The lines to
// stay are copied over those to go, and the file is cut behind the copy: at no time are they not in
// the file, and so none is lost to a kill. It waits until the two do not overlap.
func (h *History) trim(file *os.File) error {
	size := h.seen.offset
	if h.seen.lines <= 2*h.max && size <= 2*maxTail {
		return nil
	}
	from := max(0, size-maxTail)
	text, err := io.ReadAll(io.NewSectionReader(file, from, size-from))
	if err != nil {
		return bare(err)
	}
	if from > 0 {
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	kept := lastLines(text, h.max)
	if int64(len(kept)) > size-int64(len(kept)) {
		return nil
	}
	if _, err := file.WriteAt(kept, 0); err != nil {
		return bare(err)
	}
	if err := file.Truncate(int64(len(kept))); err != nil {
		return bare(err)
	}
	h.seen = view{}
	return h.follow(file)
}

// lastLines is the end of a text: so many lines, or all of it.
func lastLines(text []byte, n int) []byte {
	at := len(text)
	for ; n > 0 && at > 0; n-- {
		at = bytes.LastIndexByte(text[:at-1], '\n') + 1
	}
	return text[at:]
}

// lock waits for a lock, to write or to read, but not for ever: a shell that was stopped while it had
// one must not stop the others.
func (h *History) lock(file *os.File, exclusive bool) error {
	patience := readPatience
	if exclusive {
		patience = cmp.Or(h.testOnlyPatience, lockPatience)
	}
	deadline := time.Now().Add(patience)
	for {
		free, err := tryLock(file, exclusive)
		switch {
		case err != nil:
			return bare(err)
		case free:
			return nil
		case time.Now().After(deadline):
			return errBusy
		}
		time.Sleep(time.Millisecond)
	}
}

package bulk

import (
	"io"
	"os"
)

// recordFile is a file to which records are appended: it ends with a whole one, even on a full disk or
// after a kill, so that what is appended later can be read.
type recordFile struct {
	*os.File
	out     io.Writer // the file
	regular bool
	size    int64  // of what has been written
	buf     []byte // records that have not
	ends    []int  // where each of them ends
	err     error  // the first; nothing is written after it
	lost    int64  // records that were not written
}

// recordBuffer is how many bytes of records are collected before they are handed to the system.
const recordBuffer = 64 << 10

// openRecords opens a file like [openAppend].
func openRecords(path string, continues bool) (*recordFile, error) {
	file, err := openAppend(path, continues)
	if err != nil {
		return nil, err
	}
	f := &recordFile{File: file, out: file}
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		f.size, f.regular = info.Size(), true
	}
	return f, nil
}

// add appends a record; one of no bytes is none.
func (f *recordFile) add(record []byte) error {
	switch {
	case len(record) == 0:
		return f.err
	case f.err != nil:
		f.lost++
		return f.err
	}
	f.buf = append(f.buf, record...)
	f.ends = append(f.ends, len(f.buf))
	if len(f.buf) < recordBuffer {
		return nil
	}
	return f.flush()
}

// flush hands the records to the system. Of one that finds no room nothing stays in the file.
func (f *recordFile) flush() error {
	if f.err != nil || len(f.buf) == 0 {
		return f.err
	}
	n, err := f.out.Write(f.buf)
	if err != nil {
		whole := 0
		for len(f.ends) > 0 && f.ends[0] <= n {
			whole, f.ends = f.ends[0], f.ends[1:]
		}
		if f.regular {
			f.Truncate(f.size + int64(whole))
		}
		f.err, f.lost = err, int64(len(f.ends))
	}
	f.size += int64(n)
	f.buf, f.ends = f.buf[:0], f.ends[:0]
	if cap(f.buf) > 4*recordBuffer {
		f.buf = nil
	}
	return f.err
}

package bulk

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallDisk is a file on a disk with room for so many bytes.
type smallDisk struct {
	file *os.File
	room int
}

func (d *smallDisk) Write(text []byte) (int, error) {
	n, _ := d.file.Write(text[:min(len(text), d.room)])
	d.room -= n
	if n < len(text) {
		return n, syscall.ENOSPC
	}
	return n, nil
}

// A load that continues appends to what is there, which must not be a part of a command.
func TestARecordFileEndsWithAWholeRecord(t *testing.T) {
	const record = "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"
	for _, c := range []struct{ room, kept, lost int }{{5, 0, 3}, {len(record), 1, 2}, {2*len(record) + 4, 2, 1}} {
		path := filepath.Join(t.TempDir(), "rejects")
		for round := 1; round <= 2; round++ {
			f, err := openRecords(path, true)
			if err != nil {
				t.Fatal(err)
			}
			f.out = &smallDisk{f.File, c.room}
			for range 3 {
				f.add([]byte(record))
			}
			if err := f.flush(); !errors.Is(err, syscall.ENOSPC) || f.lost != int64(c.lost) {
				t.Errorf("room for %d: %v, %d lost", c.room, err, f.lost)
			}
			if f.add([]byte(record)) == nil || f.flush() == nil || f.lost != int64(c.lost)+1 {
				t.Errorf("room for %d: nothing may follow what is missing", c.room)
			}
			f.Close()
			if got := contents(t, path); got != strings.Repeat(record, round*c.kept) {
				t.Errorf("room for %d, round %d: %q", c.room, round, got)
			}
		}
	}
}

// Who is killed leaves whole records as well: they are handed over as such.
func TestRecordsAreHandedOverWhole(t *testing.T) {
	f, err := openRecords(filepath.Join(t.TempDir(), "rejects"), false)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	record := strings.Repeat("x", 999) + "\n"
	for range 3 * recordBuffer / len(record) {
		f.add([]byte(record))
	}
	if n := len(contents(t, f.Name())); n == 0 || n%len(record) != 0 {
		t.Errorf("%d bytes have been written", n)
	}
}

package manual

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
)

// maxFile bounds a file that is worth reading. What Redis 7.0 says of its commands is 60 kB.
const maxFile = 8 << 20

// ErrDamaged says that a file is none that Save wrote, or not all of it.
var ErrDamaged = errors.New("no intact book")

// Load reads a book that [Book.Save] wrote. A file that is damaged, or of another version of
// easycli, is [ErrDamaged]: there is nothing to be done but to ask the server again.
func Load(path string) (*Book, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	first, rest, _ := bytes.Cut(text, []byte("\n"))
	if len(text) > maxFile || string(first) != heading(rest) {
		return nil, fmt.Errorf("%s: %w", path, ErrDamaged)
	}
	entries, err := parseTable(string(rest))
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", path, ErrDamaged, err)
	}
	for i := range entries {
		entries[i].makeSafe()
	}
	return newBook(entries), nil
}

// Save writes the book to a file that only its owner can read, in a directory that is made if need
// be. Another process sees the file as it was or as it is now, and nothing in between.
func (b *Book) Save(path string) error {
	var text []byte
	for i := range b.entries {
		text = appendRow(text, &b.entries[i])
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, filepath.Base(path)+".*") // 0600
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%s\n%s", heading(text), text)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// heading is the first line of a file with that text.
func heading(text []byte) string {
	return fmt.Sprintf("# easycli docs 1 %08x %d", crc32.ChecksumIEEE(text), len(text))
}

// makeSafe makes what came from a file fit for a terminal: it once came from a server.
func (e *Entry) makeSafe() {
	for _, field := range []*string{
		&e.Name, &e.Group, &e.Since, &e.Summary, &e.Complexity, &e.Deprecated, &e.Instead,
	} {
		*field = safe(*field)
	}
	makeSafe(e.Arguments)
}

func makeSafe(args []Argument) {
	for i := range args {
		args[i].Name, args[i].Token = safe(args[i].Name), safe(args[i].Token)
		makeSafe(args[i].Arguments)
	}
}

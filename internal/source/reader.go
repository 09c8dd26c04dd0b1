package source

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
)

// Reader reads a file, decompressed if it is compressed. What it meets besides the end is an
// [*Error]. One goroutine may read; Consumed may be asked by another.
type Reader struct {
	file   File
	raw    counter
	closer io.Closer
	in     io.Reader // what to read from, nil until the first Read
	kind   compression
	err    error // of opening
}

// Reader reads the file from its beginning. It opens it at the first Read.
func (f File) Reader() *Reader { return &Reader{file: f} }

// compression is how a file is compressed.
type compression string

const (
	plain      compression = ""
	gzipFormat compression = "gzip"
	zstdFormat compression = "zstd"
)

// Consumed is how many bytes of the file have been read, as they lie there.
func (r *Reader) Consumed() int64 { return r.raw.n.Load() }

// Close lets go of the file, but not of stdin.
func (r *Reader) Close() error {
	if r.closer == nil {
		return nil
	}
	return r.closer.Close()
}

// Read reads what the file holds.
func (r *Reader) Read(p []byte) (int, error) {
	if r.in == nil && r.err == nil {
		r.err = r.open()
	}
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.in.Read(p)
	if err != nil && err != io.EOF {
		r.err = r.explain(err)
		if err = r.err; n > 0 {
			return n, nil // what came before it counts
		}
	}
	return n, err
}

func (r *Reader) open() error {
	r.raw.in = r.file.stdin
	if r.file.stdin == nil {
		file, err := os.Open(r.file.path)
		if err != nil {
			return failed(r.file.Name, err)
		}
		r.raw.in, r.closer = file, file
	}
	head, err := r.sniff()
	if err != nil && err != io.EOF {
		return r.explain(err)
	}
	r.in = &joined{head: head, in: &r.raw}
	switch r.kind {
	case zstdFormat:
		in, err := zstd.NewReader(r.in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return r.explain(err)
		}
		r.in = in
	case gzipFormat:
		in, err := gzip.NewReader(bufio.NewReaderSize(r.in, compressedBytes))
		if err != nil {
			return r.explain(err)
		}
		r.in = in
	}
	return nil
}

// compressedBytes is how much of a compressed file is read at once.
const compressedBytes = 64 << 10

// maxWindow is how far back zstd data may refer, which has to be held in memory: enough for all levels
// but --ultra's last two, and for --long=25.
const maxWindow = 32 << 20

// magicBytes is how much of a file is enough to tell how it is compressed.
const magicBytes = 4

// sniff reads as little as tells how the file is compressed: of what a person types, not more than
// the first line.
func (r *Reader) sniff() ([]byte, error) {
	head := make([]byte, 0, magicBytes)
	for {
		kind, decided := compressionOf(head)
		if decided {
			r.kind = kind
			return head, nil
		}
		n, err := r.raw.Read(head[len(head):cap(head)])
		head = head[:len(head)+n]
		if err != nil {
			r.kind, _ = compressionOf(head)
			return head, err
		}
	}
}

// compressionOf tells how data is compressed that begins with head, and whether more of it could
// change the answer.
func compressionOf(head []byte) (kind compression, decided bool) {
	decided = true
	for _, m := range magic {
		if bytes.HasPrefix(head, []byte(m.begins)) {
			return m.kind, true
		}
		if bytes.HasPrefix([]byte(m.begins), head) {
			decided = false
		}
	}
	return plain, decided
}

// magic are the beginnings of compressed data. What pzstd writes begins with a frame that is skipped.
var magic = [...]struct {
	begins string
	kind   compression
}{
	{"\x1f\x8b", gzipFormat},
	{"\x28\xb5\x2f\xfd", zstdFormat},
	{"\x50\x2a\x4d\x18", zstdFormat},
}

// explain is an error of reading or decompressing, in the words of someone who looks at the file.
func (r *Reader) explain(err error) error {
	if own := (*Error)(nil); errors.As(err, &own) {
		return err
	}
	e := &Error{Name: r.file.Name}
	broken := "the " + string(r.kind) + " data "
	switch {
	case r.kind == plain:
		return failed(r.file.Name, err)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		e.Msg = broken + "ends too early: the file is not whole"
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, zstd.ErrCRCMismatch):
		e.Msg = broken + "does not match its checksum: the file is damaged"
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, zstd.ErrMagicMismatch):
		e.Msg = broken + "is followed by something else"
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		e.Msg = fmt.Sprintf("%sneeds a window of more than %d MiB", broken, maxWindow>>20)
		e.Advice = "try: zstd -dc --long=31 " + r.file.Name + " | easycli --pipe"
	case errors.Is(err, zstd.ErrUnknownDictionary):
		e.Msg = broken + "needs a dictionary"
		e.Advice = "try: zstd -dc -D DICTIONARY " + r.file.Name + " | easycli --pipe"
	default:
		e.Msg = broken + "is damaged: " + err.Error()
	}
	return e
}

// counter counts what is read through it.
type counter struct {
	in io.Reader
	n  atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// joined reads the bytes that were read to tell the compression, and then on.
type joined struct {
	head []byte
	in   io.Reader
}

func (j *joined) Read(p []byte) (int, error) {
	if len(j.head) > 0 {
		n := copy(p, j.head)
		j.head = j.head[n:]
		return n, nil
	}
	return j.in.Read(p)
}

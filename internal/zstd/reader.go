// Package zstd decompresses Zstandard data (RFC 8878) as it is read.
//
// It is here because a program that starts for one command should do nothing on its start for a
// format that one load in a hundred needs, and the library there is computes tables when it is
// linked. It guarantees that it returns the bytes that were compressed, checked against the checksum
// where there is one, or an error; and that it needs no more memory than the window that the data asks
// for, which is at most [MaxWindow], and a few hundred kilobytes. It refuses to know dictionaries, and
// does not compress.
//
//   - [Reader] reads frames one behind the other, and passes over those that are to be skipped.
package zstd

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// MaxWindow is how far back data may refer: enough for all levels of zstd but --ultra's last two, and
// for --long=25.
const MaxWindow = 32 << 20

// The reasons for which data cannot be decompressed, beside io.ErrUnexpectedEOF for data that ends
// too early, and the errors of reading it.
var (
	ErrFormat     = errors.New("this is no zstd data")
	ErrCorrupt    = errors.New("zstd data is corrupt")
	ErrChecksum   = errors.New("zstd data does not match its checksum")
	ErrDictionary = errors.New("zstd data needs a dictionary")
	ErrWindow     = fmt.Errorf("zstd data needs a window of more than %d MiB", MaxWindow>>20)
)

// The longest block, and how much is decoded before the window is moved.
const (
	maxBlock = 128 << 10
	slack    = 1 << 20
)

// Reader decompresses what it reads. It reads ahead.
type Reader struct {
	in    source
	err   error
	begun bool // a frame has been seen
	frame frame
	block blockDecoder
	// history is what the next block may refer to, of this frame, and what has not been read yet:
	// history[unread:].
	history []byte
	unread  int
}

// frame is the one being read.
type frame struct {
	open     bool
	window   int
	blockMax int
	left     int64 // bytes of content still to come, -1 if that is not known
	checked  bool  // a checksum follows
	sum      xxh64
}

// NewReader returns a reader of the data that in gives.
func NewReader(in io.Reader) *Reader {
	return &Reader{in: source{in: in, buf: make([]byte, 0, 64<<10)}}
}

// Read reads what was compressed. An error is the same for ever.
func (r *Reader) Read(p []byte) (int, error) {
	for r.unread == len(r.history) {
		if r.err != nil {
			return 0, r.err
		}
		if len(p) == 0 {
			return 0, nil
		}
		r.err = r.more()
	}
	n := copy(p, r.history[r.unread:])
	r.unread += n
	return n, nil
}

// more decodes the next block, or begins the next frame.
func (r *Reader) more() error {
	if !r.frame.open {
		return r.beginFrame()
	}
	r.makeRoom()
	from := len(r.history)
	last, err := r.nextBlock()
	if err != nil {
		r.history = r.history[:from] // what has not been checked is not given out
		return err
	}
	decoded := r.history[from:]
	if r.frame.checked {
		r.frame.sum.write(decoded)
	}
	if r.frame.left >= 0 {
		if r.frame.left -= int64(len(decoded)); r.frame.left < 0 {
			return ErrCorrupt
		}
	}
	if last {
		return r.endFrame()
	}
	return nil
}

// beginFrame reads the header of a frame. At the end of the data it is io.EOF.
func (r *Reader) beginFrame() error {
	head, err := r.in.take(4)
	if err != nil {
		if err == io.ErrUnexpectedEOF && r.in.empty() {
			return io.EOF
		}
		return err
	}
	magic := binary.LittleEndian.Uint32(head)
	switch {
	case magic&^0xf == 0x184d2a50:
		r.begun = true
		return r.skipFrame()
	case magic != 0xfd2fb528:
		return ErrFormat
	}
	r.begun = true
	return r.readHeader()
}

// Begun reports whether the data began as it should: an ErrFormat is then about what follows.
func (r *Reader) Begun() bool { return r.begun }

func (r *Reader) skipFrame() error {
	size, err := r.in.take(4)
	if err != nil {
		return err
	}
	return r.in.skip(int64(binary.LittleEndian.Uint32(size)))
}

func (r *Reader) readHeader() error {
	b, err := r.in.take(1)
	if err != nil {
		return err
	}
	descriptor := b[0]
	single := descriptor&0x20 != 0
	if descriptor&8 != 0 {
		return ErrCorrupt // reserved
	}
	windowBytes, dictionaryBytes := 1, [4]int{0, 1, 2, 4}[descriptor&3]
	if single {
		windowBytes = 0
	}
	sizeBytes := [4]int{0, 2, 4, 8}[descriptor>>6]
	if single && sizeBytes == 0 {
		sizeBytes = 1
	}
	head, err := r.in.take(windowBytes + dictionaryBytes + sizeBytes)
	if err != nil {
		return err
	}
	window := uint64(0)
	if !single {
		base := uint64(1) << (10 + head[0]>>3)
		window = base + base/8*uint64(head[0]&7)
	}
	if littleEndian(head[windowBytes:windowBytes+dictionaryBytes]) != 0 {
		return ErrDictionary
	}
	left := int64(-1)
	if sizeBytes > 0 {
		size := littleEndian(head[windowBytes+dictionaryBytes:])
		if sizeBytes == 2 {
			size += 256
		}
		if single {
			window = size
		}
		left = int64(min(size, 1<<62))
	}
	if window > MaxWindow {
		return ErrWindow
	}
	r.open(int(window), left, descriptor&4 != 0)
	return nil
}

// open prepares for the blocks of a frame.
func (r *Reader) open(window int, left int64, checked bool) {
	r.frame = frame{open: true, window: window, blockMax: min(window, maxBlock), left: left, checked: checked}
	r.frame.sum.reset()
	r.block.reset()
	r.history, r.unread = r.history[:0], 0
}

// makeRoom sees to it that a block fits behind the history. What a header asks for is only made when
// that much data has come.
func (r *Reader) makeRoom() {
	keep, size := r.frame.window, len(r.history)
	switch need := size + maxBlock; {
	case size > keep+slack:
		n := copy(r.history, r.history[size-keep:])
		r.history, r.unread = r.history[:n], n
	case need > cap(r.history):
		room := min(max(2*cap(r.history), need), keep+slack+maxBlock)
		r.history = append(make([]byte, 0, max(room, need)), r.history...)
	}
}

func (r *Reader) endFrame() error {
	r.frame.open = false
	if r.frame.left > 0 {
		return ErrCorrupt
	}
	if !r.frame.checked {
		return nil
	}
	b, err := r.in.take(4)
	if err != nil {
		return err
	}
	if binary.LittleEndian.Uint32(b) != uint32(r.frame.sum.sum()) {
		return ErrChecksum
	}
	return nil
}

// nextBlock decodes a block behind the history.
func (r *Reader) nextBlock() (last bool, err error) {
	b, err := r.in.take(3)
	if err != nil {
		return false, err
	}
	head := littleEndian(b)
	last = head&1 != 0
	size := int(head >> 3)
	if size > r.frame.blockMax {
		return false, ErrCorrupt
	}
	switch head >> 1 & 3 {
	case 0:
		b, err := r.in.take(size)
		if err != nil {
			return false, err
		}
		r.history = append(r.history, b...)
	case 1:
		b, err := r.in.take(1)
		if err != nil {
			return false, err
		}
		for range size {
			r.history = append(r.history, b[0])
		}
	case 2:
		b, err := r.in.take(size)
		if err != nil {
			return false, err
		}
		if r.history, err = r.block.decode(r.history, b, r.frame.blockMax); err != nil {
			return false, err
		}
	default:
		return false, ErrCorrupt
	}
	return last, nil
}

func littleEndian(b []byte) (n uint64) {
	for i := len(b) - 1; i >= 0; i-- {
		n = n<<8 | uint64(b[i])
	}
	return n
}

// source is the compressed data, of which a piece at a time must lie in one place.
type source struct {
	in  io.Reader
	buf []byte // what has been read
	at  int    // and is still to be taken
	eof bool
}

func (s *source) empty() bool { return s.at == len(s.buf) }

// take returns the next n bytes, which are valid until the next call. It is io.ErrUnexpectedEOF if
// there are fewer.
func (s *source) take(n int) ([]byte, error) {
	for len(s.buf)-s.at < n {
		if s.eof {
			return nil, io.ErrUnexpectedEOF
		}
		if err := s.read(n); err != nil {
			return nil, err
		}
	}
	s.at += n
	return s.buf[s.at-n : s.at], nil
}

// read reads on, in a buffer with room for n bytes.
func (s *source) read(n int) error {
	rest := copy(s.buf[:cap(s.buf)], s.buf[s.at:])
	s.buf, s.at = s.buf[:rest], 0
	if n > cap(s.buf) {
		s.buf = append(make([]byte, 0, max(n, maxBlock)+64<<10), s.buf...)
	}
	got, err := s.in.Read(s.buf[rest:cap(s.buf)])
	s.buf = s.buf[:rest+got]
	if err == io.EOF {
		s.eof = true
		return nil
	}
	return err
}

func (s *source) skip(n int64) error {
	for n > 0 {
		part := int(min(n, 32<<10))
		if _, err := s.take(part); err != nil {
			return err
		}
		n -= int64(part)
	}
	return nil
}

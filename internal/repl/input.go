package repl

import (
	"bytes"
	"io"
)

const (
	// blockSize is what is asked of the input at once.
	blockSize = 64 << 10
	// keepLine is how long a line may have been for its memory to be kept for the next ones.
	keepLine = 1 << 20
)

// block is one read of the input. Its bytes are the reader's again after release.
type block struct {
	bytes []byte
	err   error
}

// input cuts what is read from a stream into lines. A goroutine does the reading, so that whoever
// waits for a line can wait for other things as well.
type input struct {
	blocks chan block
	free   chan []byte

	rest    []byte // what is unread of the block at hand
	whole   []byte // the block, to be given back
	carry   []byte // the beginning of a line whose end is in a later block
	carried bool   // the line handed out last lies in carry
	err     error
	number  int // of the line handed out last, from 1
}

// newInput starts the goroutine that reads from src. It ends at the end of src, on an error, or
// when stop is closed and the read that is under way returns; nothing can interrupt that one.
func newInput(src io.Reader, stop <-chan struct{}) *input {
	in := &input{blocks: make(chan block), free: make(chan []byte, 2)}
	in.free <- make([]byte, blockSize)
	in.free <- make([]byte, blockSize)
	go in.read(src, stop)
	return in
}

func (in *input) read(src io.Reader, stop <-chan struct{}) {
	for {
		var buf []byte
		select {
		case buf = <-in.free:
		case <-stop:
			return
		}
		n, err := src.Read(buf)
		select {
		case in.blocks <- block{buf[:n], err}:
		case <-stop:
			return
		}
		if err != nil {
			return
		}
	}
}

// next is the next line, without its end, if it is at hand: otherwise a block has to be taken
// first. It is valid until the next call.
func (in *input) next() ([]byte, bool) {
	if in.carried {
		in.carried = false
		if in.carry = in.carry[:0]; cap(in.carry) > keepLine {
			in.carry = nil
		}
	}
	end := bytes.IndexByte(in.rest, '\n')
	if end < 0 && in.err == nil {
		in.carry = append(in.carry, in.rest...)
		in.release()
		return nil, false
	}
	var line []byte
	switch {
	case end >= 0:
		line, in.rest = in.rest[:end], in.rest[end+1:]
	case in.err != io.EOF, len(in.carry)+len(in.rest) == 0:
		return nil, false // of a line that broke off nobody knows what it was to be
	default: // the last line has no end
		line, in.rest = in.rest, nil
	}
	if len(in.carry) > 0 {
		in.carry = append(in.carry, line...)
		line, in.carried = in.carry, true
	}
	in.number++
	return line, true
}

// take makes a block that was received the one at hand.
func (in *input) take(b block) {
	in.whole, in.rest, in.err = b.bytes, b.bytes, b.err
}

// release gives the block at hand back to the reader.
func (in *input) release() {
	if in.whole != nil {
		in.free <- in.whole[:blockSize]
	}
	in.whole, in.rest = nil, nil
}

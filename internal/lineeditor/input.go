package lineeditor

import "io"

// input reads when it is asked to, so that between two lines the terminal's keys are somebody else's.
type input struct {
	from    io.Reader
	pieces  chan piece
	pending bool // a read has begun and is not over
	buf     []byte
	err     error
}

// piece is what one read has brought.
type piece struct {
	data  []byte
	err   error
	panic any
}

// maxPiece is how much is read at once.
const maxPiece = 64 << 10

// request begins a read, unless one is going on. Its goroutine ends with the read, whose piece waits
// in the channel for whoever comes.
func (in *input) request() <-chan piece {
	if in.pending {
		return in.pieces
	}
	in.pending = true
	if in.pieces == nil {
		in.pieces, in.buf = make(chan piece, 1), make([]byte, maxPiece)
	}
	go func() {
		var p piece
		defer func() {
			p.panic = recover()
			in.pieces <- p
		}()
		n, err := in.from.Read(in.buf)
		p.data, p.err = in.buf[:n], err
	}()
	return in.pieces
}

// take is the bytes of a piece, valid until the next request.
func (in *input) take(p piece) []byte {
	in.pending = false
	in.err = p.err
	if p.panic != nil {
		panic(p.panic)
	}
	return p.data
}

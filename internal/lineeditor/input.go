package lineeditor

import "io"

// input reads when it is asked to, so that between two lines the terminal's keys are somebody else's.
type input struct {
	from    io.Reader
	pieces  chan piece
	pending bool // a read has begun and is not over
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
		in.pieces = make(chan piece, 1)
	}
	go func() {
		var p piece
		defer func() {
			p.panic = recover()
			in.pieces <- p
		}()
		buf := make([]byte, maxPiece)
		n, err := in.from.Read(buf)
		p.data, p.err = buf[:n], err
	}()
	return in.pieces
}

// take is the piece in the reader's hands.
func (in *input) take(p piece) []byte {
	in.pending = false
	in.err = p.err
	if p.panic != nil {
		panic(p.panic)
	}
	return p.data
}

package resptest

import (
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
)

// errEnded is what a lane's writer answers when nothing more may pass.
var errEnded = errors.New("the lane has ended")

// laneWriter writes what a lane forwards: in pieces, up to its end, and not while it is stalled.
type laneWriter struct {
	link  *link
	dst   halfCloser
	lane  Lane
	rng   *rand.Rand
	sent  int64
	count *atomic.Int64 // of the whole proxy
}

// write forwards p, piece by piece, and ends the lane at its byte.
func (w *laneWriter) write(p []byte) error {
	for len(p) > 0 {
		n := len(p)
		if w.lane.Split > 0 {
			n = min(n, 1+w.rng.IntN(w.lane.Split))
		}
		if w.lane.Then != Never && w.sent < w.lane.At {
			n = int(min(int64(n), w.lane.At-w.sent))
		}
		w.link.proxy.stalled.pass()
		w.link.stalled.pass()
		if w.link.ended.Load() {
			return errEnded
		}
		if _, err := w.dst.Write(p[:n]); err != nil {
			return err
		}
		p = p[n:]
		w.sent += int64(n)
		w.count.Add(int64(n))
		if err := w.reached(); err != nil {
			return err
		}
	}
	return nil
}

// reached does what the lane asks for where its byte has been reached. An error ends the copying.
func (w *laneWriter) reached() error {
	if w.lane.Then == Never || w.sent != w.lane.At {
		return nil
	}
	switch w.lane.Then {
	case Stall:
		w.link.stalled.shut()
		return nil
	case FIN, RST:
		w.link.end(w.lane.Then)
	}
	return errEnded // HalfClose: forward sends the FIN
}

// editor applies the edits of a lane to a stream that comes in chunks.
type editor struct {
	edits []Edit
	emit  func([]byte) error
	at    int64  // offset of the next byte to come
	drop  int64  // bytes still to be left out
	keep  int64  // bytes still to be remembered for the repetition
	saved []byte // what was remembered
}

// feed takes the next bytes of the stream.
func (e *editor) feed(p []byte) error {
	for len(p) > 0 {
		if err := e.begin(); err != nil {
			return err
		}
		n := len(p)
		switch {
		case e.drop > 0:
			n = int(min(int64(n), e.drop))
			e.drop -= int64(n)
		case e.keep > 0:
			n = int(min(int64(n), e.keep))
			e.keep -= int64(n)
			e.saved = append(e.saved, p[:n]...)
			if err := e.emit(p[:n]); err != nil {
				return err
			}
			if e.keep == 0 {
				if err := e.emit(e.saved); err != nil {
					return err
				}
				e.saved = nil
			}
		default:
			if len(e.edits) > 0 {
				n = int(min(int64(n), e.edits[0].At-e.at))
			}
			if err := e.emit(p[:n]); err != nil {
				return err
			}
		}
		p = p[n:]
		e.at += int64(n)
	}
	return nil
}

// begin starts the edit that stands at the present offset.
func (e *editor) begin() error {
	if e.drop > 0 || e.keep > 0 || len(e.edits) == 0 || e.edits[0].At > e.at {
		return nil
	}
	edit := e.edits[0]
	e.edits = e.edits[1:]
	e.drop, e.keep = edit.Drop, edit.Repeat
	return e.emit([]byte(edit.Insert))
}

// gate holds up those who pass while it is shut. The zero gate is open.
type gate struct {
	mu     sync.Mutex
	closed chan struct{} // nil while the gate is open
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed == nil {
		g.closed = make(chan struct{})
	}
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed != nil {
		close(g.closed)
		g.closed = nil
	}
}

func (g *gate) pass() {
	g.mu.Lock()
	closed := g.closed
	g.mu.Unlock()
	if closed != nil {
		<-closed
	}
}

package bulk

import (
	"context"
	"errors"

	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// lane is the way to one server: a connection, the blocks that travel on it, and the accounts of
// the commands that took it. The feeder fills its open block; the ledger is the receiver's until
// the connection is over.
type lane struct {
	load   *load
	conn   *pipeclient.Conn
	open   *block // being filled
	free   chan *block
	made   int // blocks there are
	ledger ledger
	marks  *marks  // with Config.Verify
	keeper *keeper // nil unless rejects are wanted
}

// newLane adds a lane. The goroutine that watches its connection ends with that.
func (l *load) newLane(conn *pipeclient.Conn) *lane {
	n := &lane{load: l, conn: conn, free: make(chan *block, blocks)}
	if l.cfg.Verify {
		n.marks = newMarks()
	}
	if l.failures.reject != nil {
		n.keeper = &keeper{lane: n}
	}
	l.lanes = append(l.lanes, n)
	go func() {
		<-conn.Over()
		select {
		case l.over <- n:
		default: // one that is lost is enough to know
		}
	}()
	return n
}

// block takes an empty block off the free list; it waits while all are on their way.
func (n *lane) block(ctx context.Context) (*block, error) {
	var b *block
	select {
	case b = <-n.free:
	default:
		if n.made < blocks {
			n.made++
			b = &block{lane: n, wire: make([]byte, 0, blockBytes+4<<10)}
			b.onError = b.fails
			break
		}
		select {
		case b = <-n.free:
		case <-ctx.Done():
			return nil, ErrInterrupted
		case <-n.conn.Over():
			return nil, n.lostError()
		}
	}
	b.wire, b.entries, b.next = b.wire[:0], b.entries[:0], 0
	b.partial.Store(false)
	b.inPieces = false
	return b, nil
}

// settle books the answer to the next command of a block.
func (n *lane) settle(b *block, failed bool) {
	e := &b.entries[b.next]
	n.ledger.settle(b.base.Number+int64(e.number), e.role, failed)
	if n.keeper != nil {
		n.keeper.follow(b, b.next, failed)
	}
}

// release puts a block back on the free list, unless one huge line has swollen it.
func (n *lane) release(b *block) {
	if cap(b.wire) > 2*blockBytes {
		b.wire = make([]byte, 0, blockBytes+4<<10)
	}
	n.free <- b
}

// send gives the open block to the connection.
func (n *lane) send(ctx context.Context) error {
	b := n.open
	n.open = nil
	if b == nil {
		return nil
	}
	if len(b.entries) == 0 {
		n.free <- b
		return nil
	}
	commands := len(b.entries)
	n.marks.before(b)
	if err := n.conn.Send(ctx, b.wire, len(b.entries), b); err != nil {
		for i := range commands {
			n.load.unsent.add(b.place(i))
		}
		return err
	}
	return nil
}

// lostError waits for the end of the connection, and is why it ended.
func (n *lane) lostError() error {
	<-n.conn.Over()
	return &pipeclient.LostError{State: pipeclient.ErrInDoubt, Cause: n.conn.Err()}
}

// loss is why the connection ended, if it did before it had done its work: one that ends when
// everything has been answered is no loss.
func (n *lane) loss() error {
	cause := n.conn.Err()
	if cause == nil {
		return nil
	}
	err := n.lostError()
	n.settleMarks()
	mismatch := errors.Is(cause, pipeclient.ErrUnsolicited) || errors.As(cause, new(*resp.ProtocolError)) ||
		errors.As(cause, new(*MismatchError))
	if mismatch || len(n.ledger.InDoubt) > 0 || len(n.ledger.NotSent) > 0 {
		return err
	}
	return nil
}

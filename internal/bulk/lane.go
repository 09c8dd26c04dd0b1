package bulk

import (
	"context"
	"fmt"
	"sync/atomic"

	"easycli/internal/cluster"
	"easycli/internal/pipeclient"
	"easycli/internal/session"
)

// lane is the way to one server: a connection, the blocks that travel on it, and the accounts of
// the commands that took it. The feeder fills its open block; the ledger is the receiver's until
// the connection is over.
type lane struct {
	load *load
	node *cluster.Node // nil without a cluster
	conn *pipeclient.Conn
	free chan *block

	// Of whoever holds load.sending.
	open *block // being filled
	told bool   // stderr knows that the connection is lost
	made int    // blocks there are, without the extra ones
	sent int64  // blocks given to the connection

	done      atomic.Int64 // blocks that have been answered, or lost
	asked     atomic.Int64 // replies that the blocks bring which were given to the connection
	torn      atomic.Bool  // something was lost that cannot be sent again
	watched   atomic.Bool  // somebody waits for a block to be done
	suspected atomic.Int32 // refused commands that must not be overtaken; see [lane.refuse]

	// suspects are the refused units, by their keys. They are guarded by load.again.mu.
	suspects map[string][]*unit

	// What a journal needs: the first place of each block that has been given to the connection, but
	// for those of which is known that they are done (of whoever holds load.sending), and the MULTI
	// that was open when the last one was.
	flights []Place
	landed  int64
	multi   atomic.Int64

	ledger ledger
	marks  *marks  // with Config.Verify
	keeper *keeper // nil unless rejects are wanted
	// scribe is nil unless replies are wanted.
	scribe *scribe
}

// attach adds a lane. The goroutine that watches its connection ends with that.
func (l *load) attach(conn *pipeclient.Conn, node *cluster.Node) *lane {
	n := &lane{load: l, node: node, conn: conn, free: make(chan *block, blocks)}
	if l.cfg.Verify {
		n.marks = newMarks()
	}
	if l.failures.reject != nil {
		n.keeper = &keeper{lane: n}
	}
	if l.replies != nil {
		n.scribe = newScribe(l.replies)
	}
	l.lanesMu.Lock()
	l.lanes = append(l.lanes, n)
	l.lanesMu.Unlock()
	go func() {
		<-conn.Over()
		if n.survives() {
			l.wakeMender()
			return
		}
		select {
		case l.over <- n:
		default: // one that is lost is enough to know
		}
	}()
	return n
}

// all are the lanes there are.
func (l *load) all() []*lane {
	l.lanesMu.Lock()
	defer l.lanesMu.Unlock()
	return l.lanes[:len(l.lanes):len(l.lanes)]
}

// block takes an empty block off the free list; it waits while all are on their way. The end of the
// connection ends that, but where a checkpoint replaces it.
func (n *lane) block(ctx context.Context) (*block, error) {
	var b *block
	select {
	case b = <-n.free:
	default:
		if n.made < blocks {
			n.made++
			b = newBlock(n, blockBytes+4<<10)
			break
		}
		var over <-chan struct{}
		if n.load.exact == nil {
			over = n.conn.Over()
		}
		select {
		case b = <-n.free:
		case <-ctx.Done():
			return nil, ErrInterrupted
		case <-over:
			return nil, n.lostError()
		}
	}
	b.clear()
	return b, nil
}

// settle books the answer to a command of a block.
func (n *lane) settle(b *block, i int, failed bool) {
	e := &b.entries[i]
	if e.role == selects && !failed {
		n.load.selected(b.bytes(i))
	}
	if e.role == part {
		n.load.splits.answered(b.place(i).Number, failed)
		return
	}
	n.ledger.settle(b.base.Number+int64(int32(e.number)), e.role, failed)
	if n.keeper != nil {
		n.keeper.follow(b, i, failed)
	}
}

// newBlock is a block of a lane.
func newBlock(n *lane, size int) *block {
	b := &block{lane: n, wire: make([]byte, 0, size)}
	b.onError = b.fails
	b.maxCommands, b.maxBytes = n.load.throttle.limits()
	return b
}

// finish is called when all of a block has been answered: it goes back to the free list, unless one
// huge line has swollen it.
func (n *lane) finish(b *block) {
	switch {
	case b.extra:
	case cap(b.wire) > 2*blockBytes:
		b.wire = make([]byte, 0, blockBytes+4<<10)
		fallthrough
	default:
		n.free <- b
	}
	n.multi.Store(n.ledger.multi)
	n.done.Add(1) // last: whoever sees it finds everything booked
	if n.watched.Load() {
		n.load.wakeMender()
	}
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
	return n.give(ctx, b)
}

// give gives a block to the connection. load.sending is held.
func (n *lane) give(ctx context.Context, b *block) error {
	commands := b.entries
	n.marks.before(b)
	n.load.watch.reached(b.place(len(commands) - 1))
	if n.load.exact != nil {
		return n.load.exact.intake.accept(ctx, b)
	}
	n.load.throttle.leave(len(commands), len(b.wire))
	err := n.conn.Send(ctx, b.wire, len(b.entries), b)
	if n.lostOnTheWay(err) {
		b.repeat(n.conn.Err().Error(), 0)
		n.wakeMender()
		return nil
	}
	if err != nil {
		for i := range commands {
			n.load.notSent(commands[i].role, b.place(i))
		}
		return err
	}
	n.gave(b)
	return nil
}

// lostOnTheWay reports whether a block could not be sent because the connection is over, and the load
// goes on without it. All that was on its way before the block has been passed to the mender then.
func (n *lane) lostOnTheWay(err error) bool {
	if err == nil || !n.load.cfg.Reconnect || n.conn.Err() == nil {
		return false
	}
	<-n.conn.Over()
	return n.survives()
}

func (n *lane) wakeMender() { n.load.wakeMender() }

// gave notes that the connection has a block.
func (n *lane) gave(b *block) {
	n.sent++
	n.asked.Add(int64(len(b.entries)))
	if n.load.journal != nil {
		first, ok := b.first()
		if !ok {
			first = n.load.next // of ours alone
		}
		n.flights = append(n.flights, first)
	}
}

// busy reports whether something is to be sent, answered or lost.
func (n *lane) busy() bool { return n.open != nil || n.done.Load() < n.sent }

// verdict is what an error of that kind, answered on this lane, means for its command. A server that
// is no part of a cluster makes nobody go elsewhere, and what its state is, is told as an error.
func (n *lane) verdict(kind cluster.Kind, text []byte) verdict {
	v := verdict{kind: kind, text: string(text)}
	switch kind {
	case cluster.Loading, cluster.Busy, cluster.TryAgain:
		return v
	case cluster.Moved, cluster.Ask:
		if n.node == nil {
			return verdict{}
		}
		to, ok := session.RedirectOf(v.text)
		if !ok {
			return verdict{}
		}
		v.addr = to.Addr(n.node.Addr())
		return v
	}
	if n.node == nil {
		return verdict{}
	}
	return v
}

// lostError waits for the end of the connection, and is why it ended.
func (n *lane) lostError() error {
	<-n.conn.Over()
	cause := n.conn.Err()
	if n.node != nil {
		cause = fmt.Errorf("%s: %w", n.name(), cause)
	}
	return &pipeclient.LostError{State: pipeclient.ErrInDoubt, Cause: cause}
}

// loss is why the connection ended, if it did before it had done its work: one that ends when
// everything has been answered is no loss.
func (n *lane) loss() error {
	cause := n.conn.Err()
	if cause == nil || n.survives() {
		return nil
	}
	err := n.lostError()
	n.settleMarks()
	if inDisorder(cause) || len(n.ledger.InDoubt) > 0 || len(n.ledger.NotSent) > 0 {
		return err
	}
	return nil
}

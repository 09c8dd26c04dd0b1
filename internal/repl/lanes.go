package repl

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"easycli/internal/cluster"
	"easycli/internal/pipeclient"
	"easycli/internal/session"
)

// lanes are the connections of a script to the nodes of a cluster.
type lanes struct {
	c      *cluster.Cluster
	out    *replies
	mender *mender
	stop   context.CancelFunc // ends the mender's attempts
	all    map[*cluster.Node]*lane
	// owners is the lane of each slot's commands, nil where there was none yet. It changes only while
	// nothing is on its way, although the cluster's map may before: what is sent to a new owner must
	// not come before what the old one refuses.
	owners   [cluster.Slots]*lane
	free     [][]byte // the bytes of parcels that were answered
	dialling sync.Mutex
	// readers says that commands which only read may go to replicas.
	readers bool
	// watching is the lane that has watched keys; those of watchedKey.
	watching *lane
	// fenced are the slots that have a command of several keys on its way. While a slot moves, such
	// a command can be refused where others of the slot are not, so none may follow it.
	fenced map[int]bool
}

// openCluster learns the cluster when the first command is to be sent. A server that is no cluster is
// spoken to as if nobody had asked for one, and so is one that does not tell, until the script has
// changed who it is.
func (b *batch) openCluster(ctx context.Context) error {
	cfg := *b.Cluster
	cfg.Client = b.member
	c, err := cluster.Open(ctx, cfg)
	var refused *cluster.RefusedError
	switch {
	case errors.Is(err, cluster.ErrNoCluster):
		b.alone = true
		return nil
	case errors.As(err, &refused):
		b.unknown = true
		b.note(unknownNote, "the nodes of the cluster are not known, and commands go to one: %v", refused)
		return nil
	case err != nil:
		return err
	}
	mending, stop := context.WithCancel(ctx)
	n := &lanes{c: c, out: b.out, stop: stop, all: map[*cluster.Node]*lane{}, fenced: map[int]bool{},
		readers: cfg.ReadFrom != cluster.Masters}
	b.out.learned = func(to session.Redirect, from *cluster.Node) { c.Learn(to.Slot, to.Addr(from.Addr())) }
	n.mender = mend(mending, b.out, c)
	b.nodes.Store(n)
	return nil
}

// closeCluster ends what openCluster began. Nothing is on its way any more, or never will be.
func (b *batch) closeCluster() {
	n := b.nodes.Load()
	if n == nil {
		return
	}
	n.abort(pipeclient.ErrClosed)
	for _, lane := range n.all {
		if lane.conn != nil {
			lane.conn.Close()
		}
	}
	<-n.mender.done
	n.c.Close()
	b.out.mu.Lock()
	b.out.ended = false
	b.out.mu.Unlock()
	b.nodes.Store(nil)
}

// abort ends all that is on its way.
func (n *lanes) abort(cause error) {
	n.out.mu.Lock()
	n.out.ended = true
	var conns []*pipeclient.Conn
	for _, lane := range n.all {
		if lane.conn != nil {
			conns = append(conns, lane.conn)
		}
	}
	n.out.signal()
	n.out.mu.Unlock()
	n.stop()
	for _, conn := range conns {
		conn.Abort(cause)
	}
}

// to is the lane that a command takes.
func (n *lanes) to(ctx context.Context, s *slot) *lane {
	switch {
	case s.key == cluster.NoSlot:
		return n.at(ctx, n.c.Seed())
	case s.reads && n.readers:
		if node := n.c.Reader(s.key); node != nil {
			return n.at(ctx, node)
		}
	}
	if lane := n.owners[s.key]; lane.usable() {
		return lane
	}
	node := n.c.Owner(s.key)
	if node == nil {
		node = n.c.Seed() // which says that nobody has the slot
	}
	lane := n.at(ctx, node)
	n.owners[s.key] = lane
	return lane
}

// at is the lane to a node. Where it has no connection, what is put on it will be sent again.
func (n *lanes) at(ctx context.Context, node *cluster.Node) *lane {
	if lane := n.all[node]; lane.usable() {
		return lane
	}
	lane := newLane(n.out, node, n.out.how)
	dialling, cancel := context.WithTimeout(ctx, n.c.Patience())
	defer cancel()
	lane.connect(dialling) // the attempt after this one tells why it cannot be had
	n.out.mu.Lock()
	n.all[node] = lane
	n.out.mu.Unlock()
	return lane
}

// conn is the connection of a node's lane, for a command that everything has been answered before. It
// may be called by several goroutines while the script waits.
func (n *lanes) conn(ctx context.Context, node *cluster.Node) (*pipeclient.Conn, error) {
	n.dialling.Lock()
	defer n.dialling.Unlock()
	lane := n.at(ctx, node)
	if lane.conn == nil {
		return node.Conn(ctx) // with a reason
	}
	return lane.conn, nil
}

// parcel is for the bytes that have been read of the script; more will go into those it returns.
func (n *lanes) parcel(wire []byte, left int) (*parcel, []byte) {
	n.out.mu.Lock()
	defer n.out.mu.Unlock()
	var next []byte
	if last := len(n.free) - 1; last >= 0 {
		next, n.free = n.free[last], n.free[:last]
	}
	return &parcel{wire: wire, left: left, free: &n.free}, next
}

// handOverToNodes gives each node its commands of those that have been read. All of them are sent
// before any that follow, which is what keeps lanes from waiting for one another for ever.
func (b *batch) handOverToNodes(ctx context.Context, n *lanes) error {
	if b.out.isTroubled() || b.out.length() > maxSlots {
		if err := n.awaitEmpty(ctx); err != nil {
			return err
		}
	}
	if b.out.isOver() || n.watching != nil && n.watching.conn.Err() != nil {
		return errOver
	}
	var wire []byte
	var p *parcel
	p, wire = n.parcel(b.wire, b.pending)
	used := b.load(ctx, n, p)
	b.out.putOnLanes(b.slots, b.pending)
	b.slots, b.wire, b.pending = b.slots[:0], wire, 0
	for _, lane := range used {
		wire, count := lane.wire, lane.n
		lane.wire, lane.n = lane.wire[:0], 0
		if err := lane.send(ctx, wire, count); err != nil {
			return err
		}
	}
	return nil
}

// load puts the commands on their lanes, and returns those in the order of their first ones.
func (b *batch) load(ctx context.Context, n *lanes, p *parcel) []*lane {
	var used []*lane
	var tx *transaction
	var on *lane // of tx
	for i := range b.slots {
		s := &b.slots[i]
		if !s.awaits() {
			continue
		}
		switch {
		case s.tx == nil:
			s.lane = n.to(ctx, s)
		case s.tx != tx:
			tx, on = s.tx, s.tx.on
			if on == nil {
				on = n.to(ctx, s)
			}
			tx.parcel, tx.from = p, s.from
			fallthrough
		default:
			s.lane = on
			tx.to = s.to
		}
		if s.lane.n == 0 {
			used = append(used, s.lane)
		}
		s.parcel, s.offset = p, len(s.lane.wire)
		s.lane.wire = append(s.lane.wire, p.wire[s.from:s.to]...)
		s.lane.n++
	}
	return used
}

// putOnLanes is put, for slots that know their lanes.
func (r *replies) putOnLanes(slots []slot, n int) {
	r.put(slots, n)
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.base + uint64(len(r.slots)-len(slots))
	for i := range slots {
		if s := &slots[i]; s.awaits() {
			s.lane.queue = append(s.lane.queue, at+uint64(i))
			if s.tx != nil {
				s.tx.last = at + uint64(i)
			}
		}
	}
	r.signal()
}

// send gives the lane's commands to its connection. Where there is none, or not any more, they will
// be sent again.
func (n *lane) send(ctx context.Context, wire []byte, count int) error {
	if n.conn != nil && n.conn.Send(ctx, wire, count, n) == nil {
		return nil
	}
	n.Lost(notSent, count)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// notSent is the end of commands that no connection has taken.
var notSent = &pipeclient.LostError{State: pipeclient.ErrNotSent, Cause: pipeclient.ErrClosed}

// sendLargeToNode sends a large command, and waits for its reply: it may have to be sent again, and
// is in memory only as the line it came in.
func (b *batch) sendLargeToNode(ctx context.Context, s slot, words [][]byte, n *lanes) error {
	if err := b.settle(ctx); err != nil {
		return err
	}
	lane := n.to(ctx, &s)
	s.lane, s.words = lane, words
	b.out.putOnLanes([]slot{s}, 1)
	b.begun = 0
	begun := false
	if lane.conn != nil {
		begun, _ = sendPieces(ctx, lane.conn, words, lane)
	}
	if !begun {
		lane.Lost(notSent, 1)
	}
	return b.finishOne(ctx)
}

// isTroubled reports whether a node has refused a command since the last awaitEmpty.
func (r *replies) isTroubled() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.troubled
}

func (r *replies) isOver() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.over != nil
}

// awaitEmpty waits until nothing is on its way, and takes the new map if a node has refused anything.
func (n *lanes) awaitEmpty(ctx context.Context) error {
	if err := n.out.awaitEmpty(ctx); err != nil {
		return err
	}
	n.out.mu.Lock()
	defer n.out.mu.Unlock()
	if n.out.troubled {
		n.out.troubled = false
		clear(n.owners[:])
	}
	return nil
}

// awaitEmpty waits until all slots have been printed.
func (r *replies) awaitEmpty(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.signal()
	})()
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.head < len(r.slots) && ctx.Err() == nil && !r.ended {
		r.turn.Wait()
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// settleNodes is settle for a cluster.
func (b *batch) settleNodes(ctx context.Context, n *lanes) error {
	if err := b.handOver(ctx); err != nil {
		return err
	}
	if err := n.awaitEmpty(ctx); err != nil {
		return err
	}
	clear(n.fenced)
	if b.out.isOver() {
		return errOver
	}
	return nil
}

// notes are the kinds of sentences for stderr. Each is said once a run.
type notes uint8

const (
	splitNote notes = 1 << iota
	crossingNote
	ownNote
	unknownNote
)

func (b *batch) note(kind notes, format string, args ...any) {
	if b.Note == nil || b.noted&kind != 0 {
		return
	}
	b.noted |= kind
	b.Note(fmt.Sprintf(format, args...))
}

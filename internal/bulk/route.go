package bulk

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"easycli/internal/cluster"
	"easycli/internal/command"
	"easycli/internal/pipeclient"
)

// keyless is the slot of the commands without keys, whose order among themselves is kept as that of
// a slot is. Without a cluster all commands are in one slot, which is 0.
const keyless = cluster.Slots

// errNoMasters is a cluster in which no node has slots.
var errNoMasters = errors.New("no node of the cluster has slots")

// maxTransaction is how large a transaction may be that is held until its end is there.
const (
	maxTransaction        = 64 << 20 // in a cluster, where it has to be held
	maxTransactionOneNode = 1 << 20  // otherwise it is passed on, but can then not be sent again
)

// collected is the transaction of the input that is open: it is sent as a whole.
type collected struct {
	at    Place // of its MULTI
	block *block
	held  bool   // there is one, and what is there of it is in block
	slot  uint16 // of its keys
	key   []byte // one of them
	keyed bool
	crowd bool // there are others
}

// commands without a place of their own are collected, or put aside, in blocks that are never sent.
func newAside() *block { return &block{} }

// aimed is where a command goes.
type aimed struct {
	slot  uint16
	key   []byte // its first, nil if it has none
	crowd bool   // it has several different ones
}

// aim finds the slot of a command's keys. The error is a [*cluster.CrossSlotError] for several slots,
// with one of them: there the server refuses a command that cannot be cut in its own words.
func (f *feeder) aim(info command.Info, words [][]byte) (aimed, error) {
	if f.cfg.Cluster == nil {
		return aimed{}, nil
	}
	slot, err := f.cfg.Cluster.Slot(f.ctx, info, words)
	if cross := (*cluster.CrossSlotError)(nil); errors.As(err, &cross) {
		if f.trans.held {
			return aimed{}, f.errorf(0, "%v\na transaction belongs to one node", cross)
		}
		return aimed{slot: uint16(cross.Slots[0]), key: []byte(cross.Keys[0])}, cross
	}
	if err != nil {
		return aimed{}, &pipeclient.LostError{State: pipeclient.ErrNotSent, Cause: err}
	}
	if slot == cluster.NoSlot {
		return aimed{slot: keyless}, nil
	}
	a := aimed{slot: uint16(slot)}
	if !info.Known {
		a.key, a.crowd = words[1], len(words) > 2 // nobody knows which of them are keys
		return a, nil
	}
	f.keys = info.AppendKeys(f.keys[:0], words)
	a.key = words[f.keys[0]]
	for _, at := range f.keys[1:] {
		a.crowd = a.crowd || !bytes.Equal(words[at], a.key)
	}
	return a, nil
}

// push adds an entry for a command whose RESP comes next, to the block that it belongs into.
func (f *feeder) push(role role, to aimed) error {
	var b *block
	switch {
	case f.trans.held:
		b = f.trans.block
		if err := f.collect(to); err != nil {
			return err
		}
	case f.isHeld(to):
		b = f.aside
		b.clear()
	default:
		n := f.routes[to.slot]
		err := f.reopen(n)
		switch {
		case n.lostOnTheWay(err):
			f.replace(f.ctx, to.slot, n)
			b = f.aside
			b.clear()
		case err != nil:
			return err
		default:
			b = n.open
		}
	}
	if len(b.entries) == 0 {
		b.base = f.here()
	}
	if to.crowd && b.lane != nil {
		f.crowding(b.lane, to.slot)
	}
	f.enter(b, entry{slot: to.slot, role: role, crowd: to.crowd})
	return nil
}

// reopen sees to it that a lane has an open block that the command at hand may go into.
func (f *feeder) reopen(n *lane) (err error) {
	if n.open != nil && n.open.joined && !n.open.takes(f.here()) {
		err = n.send(f.ctx)
	}
	if n.open == nil && err == nil {
		n.open, err = n.block(f.ctx)
	}
	return err
}

// placed is called when the RESP of the command at hand stands in its block.
func (f *feeder) placed() error {
	b := f.block
	f.block = nil
	switch {
	case b == nil: // it was no command
		return nil
	case b == f.nowhere:
		b.clear()
	case b == f.aside:
		return f.queue(b.unit(0, 1))
	case b == f.trans.block:
		return f.collectedOne()
	case b.full():
		return b.lane.send(f.ctx)
	}
	return nil
}

// queue holds a unit back behind the hold of its slot. The feeder waits while too much is held back.
func (f *feeder) queue(u *unit) error {
	h := f.again.holds[u.slot()]
	if h == nil { // nobody has had the slot so far
		h = f.hold(f.ctx, u.slot(), nil)
	}
	if h.home == nil && len(h.units) == 0 {
		u.verdict = verdict{kind: cluster.Down, text: "CLUSTERDOWN no node is known to serve the slot"}
		h.units = append(h.units, u)
		f.wakeMender()
	} else {
		h.later = append(h.later, u)
		f.again.queued += u.size()
	}
	if f.again.queued <= maxQueued {
		return nil
	}
	if err := f.sendAll(f.ctx); err != nil {
		return err
	}
	return f.await(f.ctx, func() bool { return f.again.queued <= maxQueued })
}

// await lets the mender work until something holds.
func (f *feeder) await(ctx context.Context, holds func() bool) error {
	for !holds() {
		f.sending.Unlock()
		f.wakeMender()
		select {
		case <-f.again.eased:
		case <-ctx.Done():
		}
		f.sending.Lock()
		if f.stopped || ctx.Err() != nil {
			return ErrInterrupted
		}
	}
	return nil
}

// sendAll sends what is open on all lanes.
func (l *load) sendAll(ctx context.Context) error {
	var failed error
	for _, n := range l.all() {
		if err := n.send(ctx); failed == nil {
			failed = err
		}
	}
	return failed
}

// settle waits until everything that was fed has been answered, also what had to be sent again.
func (f *feeder) settle(ctx context.Context) error {
	if err := f.sendAll(ctx); err != nil {
		return err
	}
	for {
		for _, n := range f.all() {
			if n.conn.Drain(ctx) != nil {
				return ErrInterrupted
			}
		}
		f.takeIn(ctx)
		if len(f.again.holds) == 0 {
			return nil
		}
		if err := f.await(ctx, func() bool { return len(f.again.holds) == 0 }); err != nil {
			return err
		}
	}
}

// crowding notes a command with several keys. While its slot is on its way from one node to another
// it may be refused, because one of its keys has gone and the other has not, and a later command on
// one of them would still be carried out. So what follows on its slot waits until it has been
// answered. No such thing happens to a command with one key.
func (l *load) crowding(n *lane, slot uint16) {
	if l.crowds == nil {
		l.crowds = make([]int64, keyless+1)
	}
	l.crowds[slot] = n.sent + 1 // the open block is the next that is sent
}

// isHeld reports whether commands of a slot have to wait.
func (f *feeder) isHeld(to aimed) bool {
	n := f.routes[to.slot]
	return n == nil || f.crowds != nil && f.crowds[to.slot] != 0 && f.isCrowded(to.slot, n)
}

// isCrowded reports whether a command with several keys is on its way in a slot, which is held then.
func (f *feeder) isCrowded(slot uint16, n *lane) bool {
	onItsWay := n.done.Load() < f.crowds[slot]
	f.crowds[slot] = 0
	if onItsWay {
		f.hold(f.ctx, slot, n)
		f.wakeMender()
	}
	return onItsWay
}

// collect takes a command into the transaction at hand.
func (f *feeder) collect(to aimed) error {
	t := &f.trans
	if to.key == nil {
		return nil
	}
	if !t.keyed {
		t.slot, t.key, t.keyed = to.slot, append(t.key[:0], to.key...), true
	}
	if t.slot != to.slot {
		cross := cluster.CrossSlotError{
			Keys: [2]string{string(t.key), string(to.key)}, Slots: [2]int{int(t.slot), int(to.slot)},
		}
		return f.errorf(0, "%v\na transaction belongs to one node: this one began with %v", &cross, t.at)
	}
	t.crowd = t.crowd || to.crowd || !bytes.Equal(t.key, to.key)
	return nil
}

// collectedOne is called with each command that the transaction at hand has taken in.
func (f *feeder) collectedOne() error {
	t := &f.trans
	switch limit := f.maxTransaction(); {
	case f.inMulti.Number == 0:
		return f.passTransaction(true)
	case len(t.block.wire) > limit && f.cfg.Cluster != nil:
		at := f.inMulti
		f.trans.held, f.inMulti = false, Place{}
		f.leaveBlock(t.block)
		return &InputError{Place: at, Msg: fmt.Sprintf("a transaction of more than %d bytes", limit),
			Advice: "in a cluster a transaction is sent as a whole: make several of it"}
	case len(t.block.wire) > limit:
		return f.passTransaction(false)
	}
	return nil
}

func (f *feeder) maxTransaction() int {
	if f.cfg.Cluster == nil {
		return maxTransactionOneNode
	}
	return maxTransaction
}

// passTransaction puts what was collected on its way, whole or as far as it goes.
func (f *feeder) passTransaction(whole bool) error {
	t := &f.trans
	t.held = false
	b := t.block
	if len(b.entries) == 0 {
		return nil
	}
	slot := t.slot
	if !t.keyed && f.cfg.Cluster != nil {
		slot = keyless
	}
	for i := range b.entries {
		b.entries[i].slot = slot
	}
	b.entries[0].whole = whole
	b.entries[0].crowd = t.crowd
	defer func() {
		if b.clear(); cap(b.wire) > 2*blockBytes {
			t.block = newAside()
		}
	}()
	if f.isHeld(aimed{slot: slot}) {
		return f.queue(b.unit(0, len(b.entries)))
	}
	return f.route(&unit{wire: b.wire, entries: b.entries, base: b.base})
}

// route puts a unit on its way, or behind the hold of its slot.
func (f *feeder) route(u *unit) error {
	n := f.routes[u.slot()]
	if n == nil {
		return f.queue(u)
	}
	if n.conn.Err() != nil && f.cfg.Reconnect {
		f.replace(f.ctx, u.slot(), n)
		return f.queue(u.clone())
	}
	if err := f.put(f.ctx, n, u); err != nil {
		return err
	}
	if n.open != nil && n.open.full() {
		return n.send(f.ctx)
	}
	return nil
}

// leaveBlock books what was collected as not sent.
func (f *feeder) leaveBlock(b *block) {
	for i := range b.entries {
		f.unsent.add(b.place(i))
	}
	b.clear()
}

package bulk

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"easycli/internal/cluster"
)

// What a server refuses for a reason that goes away, or that another node does not have, is sent
// again, and the order of the commands is kept for each slot meanwhile. (Without a cluster there is
// one slot, for all commands.)
//
//   - The receiver copies what was refused out of its block and passes it to the mender.
//   - The mender makes a hold of the slot: the feeder sends nothing more of it, but queues it there.
//   - When all that was on its way has been answered, the refused commands are known, in their order.
//     They are sent again: the first alone, and when that one was carried out, the others.
//   - When nothing is left of them, what was queued follows, and the hold ends.
//
// All of it is guarded by load.sending, but for what the receivers pass on.

// again is what is to be sent again.
type again struct {
	wake chan struct{} // the mender's
	// eased gets word when a hold has come on, for who waits for that.
	eased chan struct{}

	holds  map[uint16]*hold
	queued int // bytes that are held back by the holds
	ways   map[*cluster.Node]*way
	given  bool    // up
	told   [8]bool // reasons that stderr has heard of

	asked *hold // the last of which something was carried out by a node that imports its slot

	refreshing atomic.Bool

	mu       sync.Mutex
	refused  []*unit
	doubts   map[int64]bool // numbers of commands that may have been carried out before they are sent again
	dialled  []dialled
	finished bool // nobody takes what is dialled any more
}

// hold is a slot whose commands wait.
type hold struct {
	slot uint16
	home *lane // where its commands go when the hold ends, nil if that is not known yet

	lane  *lane // where commands of the slot are on their way, until it has so many blocks done
	until int64

	sent   int     // units sent in this round
	back   []*unit // those that were refused
	units  []*unit // to be sent again after those
	later  []*unit // to be sent after all of those
	asking bool    // this round goes to a node that imports the slot

	sure      bool // the last round was carried out as a whole
	redirects int
	since     time.Time // of the first refusal since a command was carried out
	pause     time.Duration
	notBefore time.Time
}

// The time between two attempts doubles from the first to the last of these, and so many
// redirections are followed at once.
const (
	firstPause, lastPause = 10 * time.Millisecond, 500 * time.Millisecond
	quickRedirects        = 3
)

// holdBytesMax is how much may wait behind holds before the feeder does.
const maxQueued = windowBytes

// unitOverhead is the size of a unit beside its bytes.
const unitOverhead = 200

func (l *load) wakeMender() {
	select {
	case l.again.wake <- struct{}{}:
	default:
	}
}

// mend is the mender: it brings the holds on until ctx ends.
func (l *load) mend(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.again.wake:
		case <-timer.C:
		}
		l.sending.Lock()
		next := l.advanceAll(ctx)
		l.sending.Unlock()
		select {
		case l.again.eased <- struct{}{}:
		default:
		}
		timer.Reset(next)
	}
}

// advanceAll brings all holds on as far as possible, and returns when to do it again, if nothing
// happens before.
func (l *load) advanceAll(ctx context.Context) (next time.Duration) {
	next = time.Hour
	for more := true; more && !l.stopped && !l.again.given && ctx.Err() == nil; {
		more = false
		var ready []*hold // looked for before what was refused is taken in: all of theirs is there then
		for _, h := range l.again.holds {
			if h.lane == nil || h.lane.done.Load() >= h.until {
				ready = append(ready, h)
			}
		}
		more = l.takeIn(ctx)
		now := time.Now()
		next = time.Hour
		for _, h := range ready {
			if wait := h.notBefore.Sub(now); wait > 0 {
				next = min(next, wait)
				continue
			}
			if l.advance(ctx, h, now) {
				more = true
			}
		}
	}
	if len(l.again.holds) == 0 {
		for _, n := range l.all() {
			n.watched.Store(false)
		}
	}
	return next
}

// takeIn takes over what the receivers, and those that dial, have passed on.
func (l *load) takeIn(ctx context.Context) (any bool) {
	s := &l.again
	s.mu.Lock()
	refused, made := s.refused, s.dialled
	s.refused, s.dialled = nil, nil
	s.mu.Unlock()
	for _, d := range made {
		l.arrived(d)
	}
	for _, u := range refused {
		h := s.holds[u.slot()]
		if h == nil {
			h = l.hold(ctx, u.slot(), u.lane)
		}
		h.back = append(h.back, u)
	}
	return len(refused) > 0 || len(made) > 0
}

// hold holds a slot whose commands are on their way on a lane, or nowhere.
func (l *load) hold(ctx context.Context, slot uint16, n *lane) *hold {
	h := &hold{slot: slot, home: n, since: time.Now()}
	l.again.holds[slot] = h
	l.routes[slot] = nil
	if n != nil {
		n.send(ctx) // what is open may hold commands of the slot; if it cannot be sent, that is told
		h.awaits(n)
	}
	return h
}

// awaits waits for all that has been sent on a lane.
func (h *hold) awaits(n *lane) {
	h.lane, h.until = n, n.sent
	n.watched.Store(true)
}

// advance takes the next step with a hold of whose slot nothing is on its way. It returns whether
// that was one.
func (l *load) advance(ctx context.Context, h *hold, now time.Time) bool {
	l.endRound(ctx, h, now)
	if l.again.given {
		return false
	}
	if len(h.units) == 0 {
		return l.release(ctx, h)
	}
	first := h.units[0]
	if wait := h.notBefore.Sub(now); wait > 0 {
		return true // the caller sees when
	}
	if patience := l.patience(); patience > 0 && now.Sub(h.since) > patience {
		l.giveUp(first, now.Sub(h.since))
		return false
	}
	n := l.wayOf(ctx, h, first.verdict, now)
	if n == nil {
		return !h.notBefore.IsZero() && h.notBefore.After(now)
	}
	l.sendAgain(ctx, h, n)
	return true
}

// endRound takes account of what the last round has brought.
func (l *load) endRound(ctx context.Context, h *hold, now time.Time) {
	if h.lane == nil {
		return
	}
	n, back := h.lane, h.back
	n.clear(back)
	carried := h.sent > len(back)
	h.lane, h.back = nil, nil
	back = slices.DeleteFunc(back, func(u *unit) bool {
		if u.overtaken {
			l.overtaken(u)
		}
		return u.overtaken
	})
	h.sure = h.sent > 0 && len(back) == 0
	if carried {
		h.redirects, h.pause, h.since = 0, 0, now
		if h.asking {
			l.again.asked = h
		} else {
			h.home = n
		}
	}
	h.sent = 0
	h.units = append(back, h.units...)
	if len(back) == 0 {
		return
	}
	slices.SortStableFunc(h.units, func(a, b *unit) int { return cmp.Compare(a.place(0).Number, b.place(0).Number) })
	l.consider(ctx, h, back[0].verdict, now)
}

// consider decides when a refused command is tried again.
func (l *load) consider(ctx context.Context, h *hold, v verdict, now time.Time) {
	switch {
	case v.kind == cluster.Moved, v.kind == cluster.Ask:
		if h.redirects++; h.redirects <= quickRedirects {
			return
		}
	case v.kind == lostKind:
		l.tellLost(h, v)
		l.refresh(ctx)
	default:
		l.tellWaiting(h, v)
		l.refresh(ctx)
	}
	h.rest(now)
}

// rest lets some time go by before the next attempt. An ASK is good for the moment: by then the move
// may have been taken back and begun again, and a key that is not there would be made a second time.
// So those who have the slot are asked again.
func (h *hold) rest(now time.Time) {
	h.redirects = 0
	for _, u := range h.units {
		if u.verdict.kind == cluster.Ask {
			u.verdict.kind, u.verdict.addr = cluster.TryAgain, ""
		}
	}
	h.pause = min(max(firstPause, 2*h.pause), lastPause)
	h.notBefore = now.Add(h.pause)
}

// sendAgain sends the first of the units, or all that were refused for the same reason.
//
// The first goes alone, for what is refused again must not be overtaken by what was refused behind
// it: nodes that have to hear yet of a slot's new owner may change their minds between two commands.
// Once a node has carried out one, it has the slot.
func (l *load) sendAgain(ctx context.Context, h *hold, n *lane) {
	v := h.units[0].verdict
	b := newBlock(n, 0)
	b.extra = true
	h.asking = v.kind == cluster.Ask
	for i, u := range h.units {
		same := u.verdict.kind == v.kind && u.verdict.addr == v.addr
		if i > 0 && (!h.sure || !same || b.full() || !b.takes(u.base)) {
			break
		}
		if h.asking {
			b.entries = append(b.entries, entry{at: uint32(len(b.wire)), slot: u.slot(), role: ours})
			b.wire = append(b.wire, asking...)
			if i == 0 {
				b.base = u.base
			}
		}
		b.add(u.wire, u.entries, u.base)
		if u.verdict.kind == lostKind {
			l.resent.count.Add(u.commands())
		}
		if h.sent++; u.crowd() {
			break
		}
	}
	h.units = h.units[h.sent:]
	n.send(ctx) // what is open has been there longer
	if n.give(ctx, b) == nil {
		h.awaits(n)
	}
}

var asking = []byte("*1\r\n$6\r\nASKING\r\n")

// release ends a hold: what was queued behind it goes where the slot's commands go.
func (l *load) release(ctx context.Context, h *hold) bool {
	switch {
	case h.home == nil:
		return false
	case h.home.conn.Err() != nil && l.cfg.Reconnect && len(h.later) > 0:
		for _, u := range h.later {
			u.verdict = verdict{kind: lostKind, text: h.home.conn.Err().Error()}
			l.again.queued -= u.size()
		}
		h.units, h.later = h.later, nil
		return true
	case h.home.conn.Err() != nil && !l.cfg.Reconnect:
		return false
	}
	n := h.home
	for i, u := range h.later {
		l.again.queued -= u.size()
		l.put(ctx, n, u)
		if u.crowd() && i+1 < len(h.later) {
			h.later = h.later[i+1:]
			n.send(ctx)
			h.awaits(n)
			return true
		}
	}
	delete(l.again.holds, h.slot)
	l.routes[h.slot] = n
	n.send(ctx)
	return true
}

func (u *unit) size() int { return len(u.wire) + unitOverhead }

// put puts a unit into the open block of a lane.
func (l *load) put(ctx context.Context, n *lane, u *unit) (err error) {
	if n.open != nil && (n.open.full() || !n.open.takes(u.base)) {
		err = n.send(ctx)
	}
	if n.open == nil && err == nil {
		n.open, err = n.block(ctx)
	}
	if n.lostOnTheWay(err) {
		l.lose(n, u)
		return nil
	}
	if err != nil {
		l.leave(u)
		return err
	}
	n.open.add(u.wire, u.entries, u.base)
	if u.crowd() {
		l.crowding(n, u.slot())
	}
	return nil
}

// leave books a unit as not sent.
func (l *load) leave(u *unit) {
	for i := range u.entries {
		l.notSent(u.entries[i].role, u.place(i))
	}
}

// notSent books a command as not sent.
func (l *load) notSent(role role, at Place) {
	switch {
	case role == part:
		l.splits.lost(at.Number, l.again.isDoubted(at.Number))
	case role < ours && l.again.isDoubted(at.Number):
		l.own.InDoubt.add(at)
	case role < ours:
		l.unsent.add(at)
	}
}

// leaveAll books all that is held back as not sent, when nothing will be sent any more.
func (l *load) leaveAll() {
	s := &l.again
	s.mu.Lock()
	defer s.mu.Unlock()
	left := s.refused
	for _, h := range s.holds {
		left = slices.Concat(left, h.back, h.units, h.later)
	}
	s.refused, s.holds = nil, nil
	slices.SortFunc(left, func(a, b *unit) int { return cmp.Compare(a.place(0).Number, b.place(0).Number) })
	for _, u := range left {
		if u.overtaken {
			l.overtaken(u)
			continue
		}
		l.leave(u)
	}
	for _, d := range s.dialled {
		if d.conn != nil {
			d.conn.Close()
		}
	}
	s.dialled, s.finished = nil, true
}

// leaveCollected books the transaction that was being collected as not sent. load.sending is held.
func (l *load) leaveCollected() {
	if f := l.feeder; f != nil && f.trans.held {
		f.trans.held = false
		f.leaveBlock(f.trans.block)
	}
}

// patience is how long a refusal is waited out, 0 for as long as it takes.
func (l *load) patience() time.Duration { return l.cfg.Client.Timeout }

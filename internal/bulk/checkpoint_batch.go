package bulk

import (
	"context"
	"errors"
	"strconv"
	"time"

	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// position is a place between two commands, that of the second. total is its offset in all inputs
// together, as if they were one.
type position struct {
	Place
	total int64
}

// batch is a run of commands that take effect together.
type batch struct {
	pieces   []piece
	from, to position
	n        int // commands
	bytes    int
	db       int  // selected when it begins
	selects  bool // a command of it selects another
	last     bool // it has no commands, and says that the load is complete
	// dropped are commands, by their numbers, that the server has refused to queue: errors, and no
	// part of the transaction.
	dropped map[int64]bool
}

// piece is a run of the commands of a parcel.
type piece struct {
	*parcel
	from, to int
}

// errIdle: nothing can be sent before what has been sent is settled, or more input has come.
var errIdle = errors.New("idle")

// assemble makes the next batch. Without one the error says why: [errIdle], the end of the input (nil),
// or what ended it.
func (x *exact) assemble(soft, hard context.Context) (*batch, error) {
	if soft.Err() != nil || x.haltedBy() != nil {
		return nil, ErrInterrupted
	}
	b := &batch{from: x.at}
	var late <-chan time.Time
	for b.n < x.batch && b.bytes < batchBytes {
		if x.parcel == nil {
			more, err := x.receive(soft, b, &late)
			if err != nil {
				return nil, err
			}
			if !more {
				break
			}
		}
		more, err := x.take(hard, b)
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	if b.n == 0 {
		return x.lastBatch()
	}
	x.at = b.to
	return b, nil
}

// receive waits for a parcel. There is none at the end of the input, and when the batch has waited
// long enough.
func (x *exact) receive(soft context.Context, b *batch, late *<-chan time.Time) (more bool, err error) {
	select {
	case x.parcel, more = <-x.intake.parcels:
		return more, nil
	default:
	}
	if b.n == 0 && x.flight != nil {
		return false, errIdle
	}
	if b.n > 0 && *late == nil {
		*late = time.After(lateness)
	}
	x.errOut.flush()
	x.idle.Store(true)
	defer x.idle.Store(false)
	select {
	case x.parcel, more = <-x.intake.parcels:
		return more, nil
	case <-*late:
		return false, nil
	case <-soft.Done():
		return false, ErrInterrupted
	}
}

// lastBatch is the batch that ends the load, when all others have been settled.
func (x *exact) lastBatch() (*batch, error) {
	switch {
	case x.intake.err != nil:
		return nil, x.intake.err
	case x.ended:
		return nil, nil
	case x.flight != nil:
		return nil, errIdle
	}
	x.ended = true
	return &batch{from: x.at, to: x.at, db: x.cfg.Client.DB, last: true}, nil
}

// take moves commands from the parcel into the batch. There are no more for this batch where one of
// them selects a database that is not known to exist.
func (x *exact) take(ctx context.Context, b *batch) (more bool, err error) {
	p := x.parcel
	if b.n == 0 {
		if ok, err := x.mayUse(ctx, b, p.db, p.place(p.from)); !ok {
			return false, err
		}
		b.db = p.db
	}
	i, stop := p.from, min(len(p.entries), p.from+x.batch-b.n)
	more = true
	for ; i < stop && b.bytes < batchBytes; i++ {
		if p.entries[i].role == selects {
			db := databaseOf(p.block, i)
			if more, err = x.mayUse(ctx, b, db, p.place(i)); !more {
				break
			}
			p.db, b.selects = db, true
		}
		b.bytes += p.end(i) - int(p.entries[i].at)
		b.n++
	}
	if i > p.from {
		b.pieces = append(b.pieces, piece{p, p.from, i})
		p.users++
		p.from = i
		b.to = p.at(i)
	}
	if i == len(p.entries) {
		x.parcel = nil
		p.release()
	}
	return more, err
}

// mayUse reports whether a database exists, which it asks the server once. That takes a connection
// on which no transaction is open, so the batch has to end before.
func (x *exact) mayUse(ctx context.Context, b *batch, db int, place Place) (bool, error) {
	if x.selected[db] {
		return true, nil
	}
	if b.n > 0 {
		return false, nil
	}
	if x.flight != nil {
		return false, errIdle
	}
	for _, one := range []int{db, x.cfg.Client.DB} {
		v, err := x.conn.Do(ctx, "SELECT", strconv.Itoa(one))
		if err != nil {
			return false, lost(err)
		}
		if v.IsError() {
			return false, &InputError{Place: place, Msg: "SELECT " + strconv.Itoa(one) + ": " + v.Text}
		}
	}
	x.selected[db] = true
	return true, nil
}

// release gives the blocks of a settled batch back.
func (b *batch) release() {
	for _, p := range b.pieces {
		p.release()
	}
	b.pieces = nil
}

// command finds the command that was sent as the nth of the batch, from 0.
func (b *batch) command(n int) (*block, int) {
	for _, p := range b.pieces {
		if len(b.dropped) == 0 {
			if n < p.to-p.from {
				return p.block, p.from + n
			}
			n -= p.to - p.from
			continue
		}
		for i := p.from; i < p.to; i++ {
			if b.dropped[p.place(i).Number] {
				continue
			}
			if n == 0 {
				return p.block, i
			}
			n--
		}
	}
	return nil, 0
}

// send sends a batch without its EXEC.
func (x *exact) send(ctx context.Context, b *batch) (*attempt, error) {
	a := &attempt{exact: x, batch: b, guarded: make(chan error, 1), executed: make(chan error, 1)}
	own := strconv.Itoa(x.cfg.Client.DB)
	wire := resp.AppendCommand(nil, "WATCH", x.key)
	wire = resp.AppendCommand(wire, "HMGET", x.key, fieldLoad, fieldCommands)
	wire = resp.AppendCommand(wire, "MULTI")
	if b.db != x.cfg.Client.DB {
		wire = resp.AppendCommand(wire, "SELECT", strconv.Itoa(b.db))
		a.lead = 1
	}
	err := x.conn.Send(ctx, wire, 3+a.lead, (*guardReplies)(a))
	for i := 0; i < len(b.pieces) && err == nil; i++ {
		err = a.sendPiece(ctx, b.pieces[i])
	}
	if err != nil {
		return nil, lost(err)
	}
	wire, a.tail = wire[:0], 1
	if a.lead > 0 || b.selects {
		wire = resp.AppendCommand(wire, "SELECT", own)
		a.tail++
	}
	wire = resp.AppendCommand(wire, x.progress(b)...)
	if err := x.conn.Send(ctx, wire, a.tail, (*tailReplies)(a)); err != nil {
		return nil, lost(err)
	}
	return a, nil
}

// sendPiece sends the commands of a piece, but for those that were refused before.
func (a *attempt) sendPiece(ctx context.Context, p piece) error {
	for i := p.from; i < p.to; {
		from := i
		for i < p.to && (a.dropped == nil || !a.dropped[p.place(i).Number]) {
			i++
		}
		if i > from {
			wire := p.wire[p.entries[from].at:p.end(i-1)]
			a.commands += i - from
			if err := a.exact.conn.Send(ctx, wire, i-from, &queueReplies{a, p.block, from}); err != nil {
				return err
			}
		}
		if i < p.to {
			i++
		}
	}
	return nil
}

// execute sends the EXEC of a batch, if the guard in front of it lets it.
func (x *exact) execute(ctx context.Context, a *attempt) error {
	select {
	case err := <-a.guarded:
		if err != nil {
			return x.judge(err)
		}
	case <-ctx.Done():
		return ErrInterrupted
	}
	if err := x.conn.Send(ctx, []byte("*1\r\n$4\r\nEXEC\r\n"), 1, (*execReply)(a)); err != nil {
		return lost(err)
	}
	x.flight = a
	return nil
}

// settle waits for the batch whose EXEC has left, if there is one. If redo is set it has not been
// executed, because the server refused some of its commands: it is to be sent again without them,
// and so is what came behind it.
func (x *exact) settle(ctx context.Context) (redo bool, err error) {
	a := x.flight
	if a == nil {
		return false, nil
	}
	select {
	case err = <-a.executed:
	case <-ctx.Done():
		return false, ErrInterrupted
	}
	x.failures.reject.flush()
	if err == nil {
		x.flight = nil
		x.committed()
		x.losses = 0
		x.lighten(a)
		return false, nil
	}
	if !errors.As(err, new(*lostError)) {
		x.flight = nil // it has not been executed
	}
	if errors.Is(err, errUnwritten) {
		return false, err
	}
	if len(a.refusals) == 0 {
		return false, x.judge(err)
	}
	return true, x.drop(ctx, a)
}

// lighten makes the batches smaller where the replies are large: the server has to hold all those of a
// batch at once.
func (x *exact) lighten(a *attempt) {
	if a.weight > replyBytes {
		x.batch = min(x.batch, max(1, int(int64(a.commands)*replyBytes/a.weight)))
	}
}

// committed takes the first of the pending batches off the list: it has taken effect.
func (x *exact) committed() {
	b := x.pending[0]
	x.pending = x.pending[1:]
	x.sent = max(0, x.sent-1)
	x.done = b.to
	x.settled.Store(b.to.Number - 1)
	if b.last {
		x.report.Complete = true
	}
	b.release()
}

// drop takes the commands out of a batch that the server refused to queue, and clears the way for
// sending again what is left.
func (x *exact) drop(ctx context.Context, a *attempt) error {
	for _, r := range a.refusals {
		if err := x.judgeRefusal(r); err != nil {
			return err
		}
	}
	if a.dropped == nil {
		a.dropped = map[int64]bool{}
	}
	for _, r := range a.refusals {
		a.dropped[r.block.place(r.i).Number] = true
		x.failed(r.block, r.i, r.text, "")
		x.replies.Add(1)
	}
	if x.sent > 1 { // the next batch is open behind it
		if _, err := x.conn.Do(ctx, "DISCARD"); err != nil {
			return lost(err)
		}
	}
	x.sent = 0
	return nil
}

// failed reports a command that was answered with an error.
func (x *exact) failed(b *block, i int, text []byte, class string) {
	x.errors.Add(1)
	f, text := describe(b.bytes(i), text)
	f.Place = b.place(i)
	if x.add(f, class, text) {
		x.line(f.Place.String(), f.Command, text)
	}
	if r := x.failures.reject; r != nil && class == "" {
		r.write(f, b.bytes(i), keptCommand)
	}
}

// lost is the end of the connection, as an error of it or of the context says.
func lost(err error) error {
	var l *pipeclient.LostError
	if errors.As(err, &l) {
		return &lostError{l.Cause}
	}
	return &lostError{err}
}

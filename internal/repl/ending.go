package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"easycli/internal/pipeclient"
	"easycli/internal/render"
	"easycli/internal/resp"
)

// end brings a script to its end and completes the report; err is what the loop ended with.
func (b *batch) end(ctx context.Context, err error) {
	if err == nil || err == errLeft {
		if last := b.finish(ctx); last != nil {
			err = last
		}
	}
	switch err {
	case nil:
		b.readTo()
	case errLeft:
	case errStopped:
		b.report.Stopped = b.in.number
	case errOver:
		if n := b.nodes.Load(); n != nil {
			b.lostAtNodes(n, afterLoss)
			break
		}
		<-b.conn.Over()
		if b.lost(); b.report.DoubtFrom == 0 && b.report.UnsentFrom == 0 && !b.out.matters() {
			b.report.Lost = nil // the script had ended before it
		}
	default:
		b.report.Cause = err
		if n := b.nodes.Load(); n != nil {
			b.lostAtNodes(n, 2*afterInterrupt)
		} else if ctx.Err() != nil {
			b.conn.Drain(context.Background()) // it is aborted, if that takes too long
			b.lost()
		}
	}
	b.out.mu.Lock()
	defer b.out.mu.Unlock()
	if err := b.out.out.Flush(); err != nil {
		b.report.Cause = err
	}
}

// finish sends what is left and waits for its replies.
func (b *batch) finish(ctx context.Context) error {
	if n := b.nodes.Load(); n != nil {
		if err := b.leaveTransaction(ctx, n); err != nil {
			return err
		}
	}
	if err := b.settle(ctx); err != nil {
		return err
	}
	if b.silentFrom > 0 && !b.closing && !b.out.session().InMulti {
		wire := resp.AppendCommand(nil, "CLIENT", "REPLY", "ON")
		if err := b.over(ctx, b.conn.Send(ctx, wire, 1, unseen{})); err != nil {
			return err
		}
		if err := b.settle(ctx); err != nil {
			return err
		}
		b.silentFrom = 0
	}
	return nil
}

// readTo looks at how the script itself ended.
func (b *batch) readTo() {
	if b.in.err != io.EOF {
		b.report.Cause = fmt.Errorf("reading the script after line %d: %w", b.in.number, b.in.err)
		return
	}
	b.report.OpenMulti = b.report.OpenMulti || b.out.session().InMulti
}

// afterLoss is how long the other nodes of a cluster are awaited when one is lost.
const afterLoss = 5 * time.Second

// lostAtNodes completes the report of a script that ended early, once every command has ended. The
// nodes that are still there are given some time to answer.
func (b *batch) lostAtNodes(n *lanes, patience time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	b.out.awaitEmpty(ctx)
	n.abort(pipeclient.ErrClosed)
	for _, lane := range n.all {
		if lane.conn != nil {
			<-lane.conn.Over()
		}
	}
	<-n.mender.done
	b.out.mu.Lock()
	defer b.out.mu.Unlock()
	r := b.report
	if r.Cause == nil {
		r.Lost = b.out.over
	}
	waiting := [][]slot{b.out.slots[b.out.head:], b.slots}
	if b.tx != nil {
		waiting = append(waiting, b.tx.slots)
	}
	for _, slots := range waiting {
		for i := range slots {
			if slots[i].awaits() {
				r.unsentOne(slots[i].line)
			}
		}
	}
	if b.begun > 0 {
		r.unsentOne(b.begun)
	}
	r.ReadTo = b.in.number
}

// lost completes the report with what was not sent, once every command that was sent has ended.
func (b *batch) lost() {
	b.out.mu.Lock()
	defer b.out.mu.Unlock()
	r := b.report
	r.Lost = b.conn.Err()
	var output *render.WriteError
	switch {
	case errors.As(r.Lost, &output): // it was ended from this side
		r.Cause, r.Lost = output, nil
	case r.Cause != nil && errors.Is(r.Lost, r.Cause):
		r.Lost = nil
	}
	for _, slots := range [][]slot{b.out.slots[b.out.head:], b.slots} {
		for i := range slots {
			if slots[i].text == "" {
				r.unsent(slots[i].line)
			}
		}
	}
	if b.silentFrom > 0 {
		r.doubt(b.silentFrom)
		r.doubt(b.silentTo)
	}
	if b.begun > 0 {
		r.unsent(b.begun)
	}
}

package keyspace

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"easycli/internal/cluster"
	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// batch is the keys of one page on their way. It consumes the replies, and is put back into free
// when all its keys are settled.
type batch struct {
	*sweep
	page    page
	portion int // keys in one command, or sent together

	left atomic.Int64 // keys that are not settled
	at   int          // the first key that is not answered
	// again are the keys whose deletion was refused, up to the last of a command, and why.
	again []refusal
	lost  *pipeclient.LostError
}

type refusal struct {
	from, to int
	reply    string
}

func (b *batch) begin(portion int) {
	b.portion, b.at, b.again, b.lost = portion, 0, b.again[:0], nil
	b.left.Store(int64(b.page.len()))
}

// settled counts keys that need no more waiting for.
func (b *batch) settled(n int) {
	if b.left.Add(int64(-n)) == 0 {
		b.free <- b
	}
}

// keys is how many keys the next reply is about.
func (b *batch) keys() int {
	if b.OneByOne {
		return 1
	}
	return min(b.portion, b.page.len()-b.at)
}

// Consume takes the reply to one command.
func (b *batch) Consume(src *resp.Reader) error {
	v, err := src.ReadValue()
	if err != nil {
		return err
	}
	n := b.keys()
	if v.IsError() {
		b.again = append(b.again, refusal{b.at, b.at + n, v.Text})
	} else {
		b.Deleted.Add(v.Int)
	}
	b.at += n
	b.settled(n)
	return nil
}

// Lost counts what is in doubt.
func (b *batch) Lost(err *pipeclient.LostError, replies int) {
	n := 0
	for range replies {
		keys := b.keys()
		b.at += keys
		n += keys
	}
	if errors.Is(err, pipeclient.ErrInDoubt) {
		b.inDoubt.Add(int64(n))
	}
	b.lost = err
	b.settled(n)
}

// finish looks at what came of a batch. Keys that have moved to another server are deleted there.
func (b *batch) finish(ctx context.Context) error {
	again, lost := b.again, b.lost
	b.again, b.lost = b.again[:0], nil
	for _, r := range again {
		if b.elsewhere == nil || !isRedirection(r.reply) {
			return &RefusedError{Addr: b.server.Addr, Command: b.verb, Reply: r.reply}
		}
		for i := r.from; i < r.to; i++ {
			if err := b.deleteElsewhere(ctx, b.page.key(i)); err != nil {
				return err
			}
		}
	}
	if lost != nil {
		return fmt.Errorf("%s: %w", b.server.Addr, lost)
	}
	return nil
}

func (b *batch) deleteElsewhere(ctx context.Context, key []byte) error {
	v, err := b.elsewhere(ctx, []byte(b.verb), key)
	switch {
	case errors.Is(err, pipeclient.ErrInDoubt):
		b.inDoubt.Add(1)
		return err
	case err != nil:
		return err
	case v.IsError():
		return &RefusedError{Addr: b.server.Addr, Command: b.verb, Reply: v.Text}
	}
	b.Deleted.Add(v.Int)
	return nil
}

// isRedirection reports whether another node, or the same one a little later, would carry a command
// out.
func isRedirection(reply string) bool {
	switch cluster.Classify([]byte(reply)) {
	case cluster.Moved, cluster.Ask, cluster.TryAgain, cluster.Down:
		return true
	}
	return false
}

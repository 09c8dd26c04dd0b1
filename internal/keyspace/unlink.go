package keyspace

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// UnlinkConfig says what to delete.
type UnlinkConfig struct {
	// Servers are those to work on, where Cluster is nil.
	Servers []Server
	Cluster *Masters
	Filter  Filter
	// Rate is how many keys a second may go, on all servers together; 0 is as fast as they can.
	Rate int
	// OneByOne gives each key a command of its own, as nodes of a cluster want it.
	OneByOne bool
	// Deleted, if set, counts along.
	Deleted *atomic.Int64
}

// Unlinked is what became of the keys that matched.
type Unlinked struct {
	// Deleted counts the keys that the servers say they have deleted, InDoubt those whose deletion
	// was sent and never answered.
	Deleted, InDoubt int64
}

// These bound what is on its way to one server: pages of SCAN, and keys in one command.
const (
	unlinkPages = 4
	unlinkKeys  = 500
)

// unlinkPatience is how long replies are waited for after an interrupt.
const unlinkPatience = 5 * time.Second

// Unlink deletes every key that matches while SCAN walks by, with UNLINK, or with DEL where a server
// does not know that. It stops at the first error reply ([RefusedError]), when a connection is lost,
// or when ctx ends, and then still waits a little for the replies that are due. The counts are
// right in either case.
func Unlink(ctx context.Context, cfg UnlinkConfig) (Unlinked, error) {
	if cfg.Deleted == nil {
		cfg.Deleted = new(atomic.Int64)
	}
	u := &unlinking{UnlinkConfig: cfg, pace: newPacer(cfg.Rate)}
	servers := cfg.Servers
	if cfg.Cluster != nil {
		servers = cfg.Cluster.Servers()
		u.OneByOne, u.elsewhere = true, cfg.Cluster.do
	}
	err := onAll(ctx, servers, cfg.Cluster, u.sweep)
	return Unlinked{Deleted: cfg.Deleted.Load(), InDoubt: u.inDoubt.Load()}, err
}

// unlinking is what the sweeps of one Unlink share.
type unlinking struct {
	UnlinkConfig
	pace    *pacer
	inDoubt atomic.Int64
	// elsewhere carries out a command that a server has redirected; nil makes that an error.
	elsewhere func(ctx context.Context, words ...[]byte) (resp.Value, error)
}

// sweep walks over one server. Its goroutine is the caller's; replies come on the connection's.
type sweep struct {
	*unlinking
	server Server
	conn   *pipeclient.Conn
	verb   string
	free   chan *batch
	wire   []byte
}

func (u *unlinking) sweep(ctx context.Context, s Server, _ func([]byte) bool) error {
	conn, err := s.Dial(ctx, nil)
	if err != nil {
		return err
	}
	defer conn.Close()
	w := &sweep{unlinking: u, server: s, conn: conn, free: make(chan *batch, unlinkPages)}
	if err := w.chooseVerb(ctx); err != nil {
		return err
	}
	for range unlinkPages {
		w.free <- &batch{page: *newPage(), sweep: w}
	}
	return w.settle(ctx, w.walk(ctx))
}

// chooseVerb asks for nothing to be deleted, which a server that knows UNLINK refuses for want of
// keys.
func (w *sweep) chooseVerb(ctx context.Context) error {
	v, err := w.conn.Do(ctx, "UNLINK")
	if err != nil {
		return fmt.Errorf("%s: %w", w.server.Addr, err)
	}
	w.verb = "UNLINK"
	if v.IsError() && strings.HasPrefix(v.Text, "ERR ") && !wantsWords(v) {
		w.verb = "DEL"
	}
	return nil
}

func (w *sweep) walk(ctx context.Context) error {
	for s := (scan{server: w.server, conn: w.conn, filter: w.Filter}); !s.over; {
		b, err := w.take(ctx)
		if err != nil {
			return err
		}
		if err = s.next(ctx, &b.page); err == nil && b.page.len() > 0 {
			err = w.send(ctx, b)
		} else {
			w.free <- b
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// take waits for a batch that has been answered, and does again what was not done.
func (w *sweep) take(ctx context.Context) (*batch, error) {
	select {
	case b := <-w.free:
		if err := b.finish(ctx); err != nil {
			w.free <- b
			return nil, err
		}
		return b, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// settle waits for the batches that are on their way: as long as it takes after a walk that went
// well, and not for long after one that did not.
func (w *sweep) settle(ctx context.Context, walked error) error {
	var late <-chan time.Time
	if walked != nil {
		late = time.After(unlinkPatience)
	}
	interrupted := ctx.Done()
	for range unlinkPages {
		var b *batch
		for b == nil {
			select {
			case b = <-w.free:
			case <-interrupted:
				interrupted, late = nil, time.After(unlinkPatience)
			case <-late:
				w.conn.Close() // and every batch comes back, with what is in doubt
				late = nil
			}
		}
		if err := b.finish(ctx); walked == nil {
			walked = err
		}
	}
	return walked
}

// send sends the deletions of a page, as fast as the pace allows.
func (w *sweep) send(ctx context.Context, b *batch) error {
	n := b.page.len()
	b.begin(w.pace.portion(unlinkKeys))
	for from := 0; from < n; from += b.portion {
		to := min(from+b.portion, n)
		err := w.pace.wait(ctx, to-from)
		if err == nil {
			err = w.sendKeys(ctx, b, from, to)
		}
		if err != nil {
			b.settled(n - from)
			return err
		}
	}
	return nil
}

func (w *sweep) sendKeys(ctx context.Context, b *batch, from, to int) error {
	w.wire = w.wire[:0]
	if w.OneByOne {
		for i := from; i < to; i++ {
			w.wire = resp.AppendCommand(w.wire, []byte(w.verb), b.page.key(i))
		}
		return w.conn.Send(ctx, w.wire, to-from, b)
	}
	words := append(make([][]byte, 0, 1+to-from), []byte(w.verb))
	for i := from; i < to; i++ {
		words = append(words, b.page.key(i))
	}
	w.wire = resp.AppendCommand(w.wire, words...)
	return w.conn.Send(ctx, w.wire, 1, b)
}

package keyspace

import (
	"context"
	"errors"
	"slices"
	"strings"

	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// maxDiggers is how many large keys of a server are read at once, each over a connection of its own:
// one that waits for its turn at the output must not hold up the others.
const maxDiggers = 4

// How often a key is tried again that changes its type, or that is always on another server.
const (
	maxChanges = 5
	maxMoves   = 16
)

// dig leaves a key to the diggers. It starts another of them while they are behind.
func (w *walk) dig(ctx context.Context, cancel context.CancelCauseFunc, name []byte) error {
	name = slices.Clone(name)
	if w.hasDigger() {
		select {
		case w.large <- name:
			return nil
		default:
		}
	}
	w.startDigger(ctx, cancel)
	select {
	case w.large <- name:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (w *walk) hasDigger() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.diggers > 0
}

// startDigger starts a goroutine that ends when no more keys can come, or with the context.
func (w *walk) startDigger(ctx context.Context, cancel context.CancelCauseFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.diggers == maxDiggers {
		return
	}
	w.diggers++
	w.group.Go(func() {
		d := &digger{walk: w}
		d.lane, d.w = w.newLane()
		defer d.closeAll()
		for name := range w.large {
			err := ctx.Err()
			if err == nil {
				d.key.name = name
				err = d.dig(ctx)
			}
			if err != nil {
				cancel(err)
				d.closeAll() // the receiver writes no more
				d.lane.abandon()
				return
			}
		}
		if err := d.lane.flush(); err != nil {
			cancel(err)
		}
	})
}

// digger reads keys one at a time, with as many questions as they need.
type digger struct {
	*walk
	lane *lane
	w    notation

	at     place            // where the key is
	places map[string]place // where others have been
	key    item
	begun  bool
	sent   int // times that something was asked of its value

	wire    []byte
	answers []func(*resp.Reader) error
	next    int
	lost    *pipeclient.LostError
	done    chan struct{}

	count  int // elements to ask for in one piece
	names  []byte
	ends   []int
	result outcome
	reply  []byte
}

// dig writes the key at hand, or notes why not.
func (d *digger) dig(ctx context.Context) error {
	if err := d.home(ctx); err != nil {
		return err
	}
	wait := newPatience()
	for changes, moves := 0, 0; ; {
		if err := d.try(ctx); err != nil {
			return err
		}
		switch d.result {
		case whole:
			d.Done.Add(1)
			return nil
		case gone:
			d.vanished()
			return nil
		case changed:
			if changes++; changes < maxChanges {
				continue
			}
			if d.reply == nil {
				d.reply = []byte("its type changes again and again")
			}
		}
		if s, asking, ok := d.redirected(); ok && moves < maxMoves {
			moves++
			if err := d.goTo(ctx, s, asking); err != nil {
				return err
			}
			continue
		}
		if d.result == changed || !passes(d.reply) || wait.over() {
			d.refused(d.key.name, d.reply)
			return nil
		}
		if err := wait.pause(ctx); err != nil {
			return err
		}
	}
}

// redirected is where the server says that the key is.
func (d *digger) redirected() (s Server, asking, ok bool) {
	if d.Cluster == nil || d.result != refused {
		return s, false, false
	}
	return d.Cluster.redirected(d.at.server, string(d.reply))
}

// try reads the key once, to its end or until something is not as it was.
func (d *digger) try(ctx context.Context) error {
	d.begun, d.result, d.reply, d.count = false, whole, nil, smallCount
	if err := d.look(ctx); err != nil || d.result != whole {
		return err
	}
	d.sent = 0
	d.askEnding() // along with the first piece
	err := d.value(ctx)
	if errors.Is(err, errHugeMember) {
		err = d.text(ctx, "DUMP") // the RESTORE replaces what has been written of the key
	}
	switch {
	case err != nil:
		return err
	case d.begun:
		return d.finish(ctx)
	case d.result == whole:
		d.result = changed // there was nothing of that type
	}
	return nil
}

// value asks for the value, piece by piece.
func (d *digger) value(ctx context.Context) error {
	switch {
	case d.Dump, d.key.kind == kindOther:
		return d.text(ctx, "DUMP")
	case d.key.kind == kindString:
		return d.text(ctx, "GET")
	case d.key.kind == kindList:
		return d.list(ctx)
	case d.key.kind == kindStream:
		return d.stream(ctx)
	}
	return d.elements(ctx)
}

// finish ends the key. What took more than one question may have become something else meanwhile.
func (d *digger) finish(ctx context.Context) error {
	if d.result == whole && d.sent > 1 {
		k := d.key
		if err := d.look(ctx); err != nil {
			return err
		}
		if d.key.kind != k.kind && d.result == whole {
			d.result = changed
		}
		d.key = k
	}
	if d.result != whole {
		return d.w.vanished()
	}
	return d.w.finish()
}

// look asks what the key is.
func (d *digger) look(ctx context.Context) error {
	d.ask(func(src *resp.Reader) error {
		t, ok, err := d.head(src)
		if !ok || err != nil {
			return err
		}
		d.key.kind, d.key.module = kindOf(t.Text), string(t.Text)
		return skipRest(src, t)
	}, "TYPE", d.key.name)
	if err := d.send(ctx); err != nil || d.result != whole {
		return err
	}
	switch {
	case d.key.kind == kindNone:
		d.result = gone
	case d.Filter.Type != "" && !strings.EqualFold(d.key.typeName(), d.Filter.Type):
		d.result = gone // what there is now was not asked for
	}
	return nil
}

// askEnding adds the question when the key ends.
func (d *digger) askEnding() {
	var now int64
	verb := "PEXPIRETIME"
	if !d.absolute {
		verb = "PTTL"
		d.ask(func(src *resp.Reader) (err error) { now, err = clock(src); return err }, "TIME")
	}
	d.ask(func(src *resp.Reader) error {
		found, err := endingOf(src, now)
		switch {
		case found.refused != nil:
			d.fail(refused, found.refused)
		case found.gone:
			d.fail(gone, nil)
		}
		d.key.expires = found.at
		return err
	}, verb, d.key.name)
}

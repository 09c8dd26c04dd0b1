package bulk

import (
	"context"
	"errors"
	"sync"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/command"
	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// A command for more than one node of a cluster is one command to the accounts. One that is cut by
// slot goes as parts, each of which keeps the order of its slot. One for all masters waits until
// everything before it has been answered, and what is behind it waits for it.

// splits are the commands that were cut into parts and have not been answered as a whole. What they
// amount to is booked here.
type splits struct {
	mu      sync.Mutex
	open    map[int64]*split // by the command's number
	replies int64
	errors  int64
	told    bool
}

// split is a command that was cut into parts.
type split struct {
	place          Place
	left           int // parts that are not answered
	failed         bool
	begun, inDoubt bool // a part was answered; a part is in doubt
}

// answered books the reply to a part.
func (s *splits) answered(number int64, failed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.open[number]
	one.begun, one.failed = true, one.failed || failed
	if one.left--; one.left > 0 {
		return
	}
	s.replies++
	if one.failed {
		s.errors++
	}
	delete(s.open, number)
}

// lost books a part that will not be answered.
func (s *splits) lost(number int64, inDoubt bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.open[number]
	one.inDoubt = one.inDoubt || inDoubt
}

// close adds what the commands amount to. One of which a part was carried out is in doubt.
func (s *splits) close(r *Report) {
	r.Replies += s.replies
	r.Errors += s.errors
	for _, one := range s.open {
		if one.begun || one.inDoubt {
			r.InDoubt.add(one.place)
		} else {
			r.NotSent.add(one.place)
		}
	}
}

// spread carries out a command for several nodes, and reports whether it was one.
func (f *feeder) spread(info command.Info, words [][]byte, crosses bool) (bool, error) {
	where, merge := info.Spread()
	switch {
	case f.cfg.Cluster == nil || f.trans.held:
		return false, nil
	case crosses && where == command.BySlot:
		parts := cluster.Split(info, words)
		if len(parts) < 2 {
			return false, nil
		}
		return true, f.pushParts(info, parts)
	case where == command.AllMasters || where == command.AllNodes:
		return true, f.everywhere(words, merge)
	}
	return false, nil
}

// pushParts sends the parts of a command on their ways.
func (f *feeder) pushParts(info command.Info, parts []cluster.Part) error {
	s := &f.splits
	number := f.next.Number
	s.mu.Lock()
	if s.open == nil {
		s.open = map[int64]*split{}
	}
	s.open[number] = &split{place: f.here(), left: len(parts)}
	told := s.told
	s.told = true
	s.mu.Unlock()
	if !told {
		f.say("%s", cluster.SplitNote(info, len(parts)))
	}
	for _, p := range parts {
		f.next.Number = number
		to := aimed{slot: uint16(p.Slot), key: p.Argv[1], crowd: len(p.Keys) > 1}
		if err := f.push(part, to); err != nil {
			return err
		}
		f.block.wire = resp.AppendCommand(f.block.wire, p.Argv...)
		if err := f.placed(); err != nil {
			return err
		}
	}
	f.block = nil
	return nil
}

// everywhere carries out a command on every master.
func (f *feeder) everywhere(words [][]byte, merge command.Merge) error {
	if err := f.settle(f.ctx); err != nil {
		return err
	}
	lanes, err := f.masters()
	if err != nil {
		return &pipeclient.LostError{State: pipeclient.ErrNotSent, Cause: err}
	}
	place := f.here()
	f.next.Number++
	replies, err := f.askAll(lanes, words)
	if err != nil {
		if errors.Is(err, pipeclient.ErrInDoubt) || len(lanes) > 1 {
			f.own.InDoubt.add(place) // others may have carried it out
		} else {
			f.unsent.add(place)
		}
		return err
	}
	f.own.Replies++
	if v := cluster.Merge(merge, nil, replies); v.IsError() {
		f.own.Errors++
		f.fails(place, resp.AppendCommand(nil, words...), v.Text, keptCommand)
	} else if f.replies != nil {
		f.replies.value(place, v)
	}
	return nil
}

// masters are the lanes to all nodes that have slots now.
func (f *feeder) masters() ([]*lane, error) {
	if err := f.cfg.Cluster.Refresh(f.ctx); err != nil {
		return nil, err
	}
	var lanes []*lane
	for _, node := range f.cfg.Cluster.Masters() {
		w := f.again.ways[node]
		if w == nil {
			w = &way{}
			f.again.ways[node] = w
		}
		if w.lane == nil {
			conn, err := node.Dial(f.ctx, f.window)
			if err != nil {
				return nil, err
			}
			w.lane = f.attach(conn, node)
		}
		lanes = append(lanes, w.lane)
	}
	return lanes, nil
}

// askAll sends a command on several lanes and waits for the replies. A node that refuses it for now
// is asked again.
func (f *feeder) askAll(lanes []*lane, words [][]byte) ([]resp.Value, error) {
	text := make([]string, len(words))
	for i, word := range words {
		text[i] = string(word)
	}
	replies, failed := make([]resp.Value, len(lanes)), make([]error, len(lanes))
	var all sync.WaitGroup
	for i, n := range lanes {
		all.Go(func() { replies[i], failed[i] = f.askPatiently(f.ctx, n, text) })
	}
	all.Wait()
	return replies, errors.Join(failed...)
}

// askPatiently sends a command until it is not refused for now, or for too long.
func (f *feeder) askPatiently(ctx context.Context, n *lane, words []string) (resp.Value, error) {
	for since, pause := time.Now(), firstPause; ; pause = min(2*pause, lastPause) {
		v, err := n.conn.Do(ctx, words...)
		if err != nil || !v.IsError() || f.patience() > 0 && time.Since(since) > f.patience() {
			return v, err
		}
		switch cluster.Classify([]byte(v.Text)) {
		case cluster.Busy, cluster.Loading, cluster.Down, cluster.TryAgain, cluster.MasterDown:
		default:
			return v, nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return v, &pipeclient.LostError{State: pipeclient.ErrNotSent, Cause: context.Cause(ctx)}
		}
	}
}

// fails reports a command, or a transaction, that failed without standing in a block.
func (l *load) fails(at Place, wire []byte, text, kind string) {
	f, said := describe(wire, []byte(text))
	f.Place = at
	if l.add(f, l.fatalClass(said), said) {
		l.line(at.String(), f.Command, said)
	}
	if l.replies != nil {
		l.replies.add(at, text)
	}
	if l.failures.reject != nil {
		l.failures.reject.write(f, wire, kind)
	}
}

package repl

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/command"
	"easycli/internal/pipeclient"
	"easycli/internal/resp"
	"easycli/internal/session"
)

// mender sends the commands again that nodes have refused, one by one in the order of the script,
// when their turn to be printed has come. It is a goroutine that ends with the script.
//
// The order of the commands of a slot stays theirs. A slot that has moved, or the keys that are on
// their way, are refused for all commands that follow, and all of these come here. A refusal that
// goes away by itself could leave commands behind it that were carried out; then it is not sent
// again, and the error is what the script gets.
type mender struct {
	out *replies
	c   *cluster.Cluster
	// tired says that a wait for the cluster was in vain; there will be no other one.
	tired bool
	done  chan struct{}
}

// mend starts the mender.
func mend(ctx context.Context, out *replies, c *cluster.Cluster) *mender {
	m := &mender{out: out, c: c, done: make(chan struct{})}
	go m.run(ctx)
	return m
}

func (m *mender) run(ctx context.Context) {
	defer close(m.done)
	r := m.out
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		for !r.ended && !m.ready() {
			r.turn.Wait()
		}
		if r.ended {
			return
		}
		m.one(ctx)
		r.sayKnown()
		r.signal()
	}
}

// ready reports whether the command whose turn it is was refused, and all is known of those behind
// it that matters.
func (m *mender) ready() bool {
	r := m.out
	if r.head == len(r.slots) {
		return false
	}
	s := &r.slots[r.head]
	switch {
	case s.routed == nil || s.refusal == nil:
		return false
	case s.tx != nil:
		last := r.numbered(s.tx.last)
		return last.refusal != nil || last.gone
	}
	return s.lane.quiet()
}

// one deals with the refused command at the head.
func (m *mender) one(ctx context.Context) {
	r := m.out
	s := &r.slots[r.head]
	waits := s.refusal.kind != cluster.Moved && s.refusal.kind != cluster.Ask && s.refusal.kind != cluster.Other
	switch {
	case r.over != nil:
		r.report.unsentOne(s.line)
		m.finish(s)
	case m.overtaken(s), waits && m.tired:
		r.show(r.out, s.refusal.value.Tokens(), s)
		m.finish(s)
	case s.tx != nil:
		m.again(ctx, s.tx)
	default:
		argv := s.argv()
		r.out.Flush() // it may take a while
		r.mu.Unlock()
		v, err := m.c.Do(ctx, argv...)
		r.mu.Lock()
		m.settle(&r.slots[r.head], v, err)
	}
}

// overtaken reports whether a later command of the same slot was carried out, or may have been. Of a
// slot that has moved it is known: what is still to come will be refused as well. Of a slot that is
// on its way some keys are still where they were, so it matters which keys a later command has; one
// with a key that was missed before says that the move was taken back.
func (m *mender) overtaken(s *slot) bool {
	r := m.out
	ask := s.refusal.kind == cluster.Ask
	if s.key == cluster.NoSlot || ask && s.tx != nil {
		return false
	}
	for i := r.head + 1; i < len(r.slots); i++ {
		o := &r.slots[i]
		switch {
		case o.routed == nil, o.lane != s.lane, o.key != s.key, o.refusal != nil, !o.awaits():
			continue
		case o.tx != nil && (o.tx == s.tx || o.tx.last != r.base+uint64(i)): // only EXEC carries out
			continue
		}
		if ask && o.held != nil && sharesKey(s, o) || !ask && (o.held != nil || s.refusal.kind != cluster.Moved) {
			return true
		}
	}
	return false
}

// sharesKey reports whether two commands have a key in common.
func sharesKey(s, o *slot) bool {
	theirs := o.argv()
	others := command.Of(theirs).AppendKeys(nil, theirs)
	argv := s.argv()
	for at := range command.Of(argv).Keys(argv) {
		if slices.ContainsFunc(others, func(i int) bool { return bytes.Equal(theirs[i], argv[at]) }) {
			return true
		}
	}
	return false
}

// argv is the words of the slot's command.
func (s *slot) argv() [][]byte {
	if s.words != nil {
		return s.words
	}
	return wordsOf(s.parcel.wire[s.from:s.to])
}

// settle ends the command at the head with the reply of another attempt.
func (m *mender) settle(s *slot, v resp.Value, err error) {
	if err != nil {
		m.fail(s, err)
		return
	}
	if v.IsError() {
		switch cluster.Classify([]byte(v.Text)) {
		case cluster.TryAgain, cluster.Down, cluster.Loading, cluster.MasterDown:
			m.tired = true
		}
	}
	m.out.show(m.out.out, v.Tokens(), s)
	m.finish(s)
}

// fail ends the command at the head without a reply, and with it the script.
func (m *mender) fail(s *slot, err error) {
	r := m.out
	r.over = err
	r.report.Node = s.lane.node.Addr()
	var lost *pipeclient.LostError
	if errors.As(err, &lost) {
		r.over = lost.Cause
	}
	if errors.Is(err, pipeclient.ErrInDoubt) {
		r.report.Doubtful++
		r.report.doubt(s.line)
	} else {
		r.report.unsentOne(s.line)
	}
	m.finish(s)
}

func (m *mender) finish(s *slot) {
	r := m.out
	r.finished(s)
	*s = slot{}
	r.head++
}

// again sends a transaction again. Nothing of it was carried out: a server drops one in which it has
// refused a command. What was printed of it before stays as it is, for it is answered alike.
func (m *mender) again(ctx context.Context, tx *transaction) {
	r := m.out
	wire, skip := tx.parcel.wire[tx.from:tx.to], tx.n-int(tx.last-r.base)+r.head-1
	r.out.Flush()
	r.mu.Unlock()
	replies, err := m.travel(ctx, tx, wire)
	r.mu.Lock()
	for i := skip; i < tx.n; i++ {
		if err != nil {
			m.fail(&r.slots[r.head], err)
			continue
		}
		m.settle(&r.slots[r.head], replies[i], nil)
	}
}

// travel sends a transaction to the node that has its slot, until one accepts it or time is up.
func (m *mender) travel(ctx context.Context, tx *transaction, wire []byte) ([]resp.Value, error) {
	deadline := time.Now().Add(m.c.Patience())
	node, asking := m.c.Owner(tx.key), false
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		if node == nil {
			node = m.c.Seed()
		}
		replies, err := m.exchange(ctx, node, asking, wire, tx.n)
		if err != nil && errors.Is(err, pipeclient.ErrInDoubt) || ctx.Err() != nil || time.Now().After(deadline) {
			return replies, err
		}
		to, kind := cluster.Other, resp.Value{}
		for _, v := range replies {
			if v.IsError() && to == cluster.Other {
				to, kind = cluster.Classify([]byte(v.Text)), v
			}
		}
		redirect, ok := session.RedirectOf(kind.Text)
		switch {
		case err == nil && ok && redirect.Ask:
			node, asking = m.c.NodeAt(redirect.Addr(node.Addr())), true
			continue
		case err == nil && ok:
			node, asking = m.c.Learn(redirect.Slot, redirect.Addr(node.Addr())), false
		case err == nil && to != cluster.TryAgain && to != cluster.Down && to != cluster.Loading && to != cluster.MasterDown:
			return replies, nil
		default:
			m.c.Refresh(ctx)
			node, asking = m.c.Owner(tx.key), false
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// exchange sends commands to a node in one piece and waits for their replies.
func (m *mender) exchange(ctx context.Context, node *cluster.Node, asking bool, wire []byte, n int) ([]resp.Value, error) {
	dialling, cancel := context.WithTimeout(ctx, m.c.Patience())
	defer cancel()
	conn, err := node.Conn(dialling)
	if err != nil {
		return nil, err
	}
	if asking {
		wire = append(resp.AppendCommand(nil, "ASKING"), wire...)
		n++
	}
	g := &gathering{left: n, done: make(chan error, 1)}
	if err := conn.Send(ctx, wire, n, g); err != nil {
		return nil, err
	}
	select {
	case err = <-g.done:
	case <-ctx.Done():
		conn.Abort(context.Cause(ctx))
		err = <-g.done
	}
	if asking && len(g.replies) > 0 {
		g.replies = g.replies[1:]
	}
	return g.replies, err
}

// gathering is the consumer of an exchange.
type gathering struct {
	replies []resp.Value
	left    int
	done    chan error
}

// Consume keeps a reply.
func (g *gathering) Consume(src *resp.Reader) error {
	v, err := src.ReadValue()
	if err != nil {
		return err
	}
	g.replies = append(g.replies, v)
	if g.left--; g.left == 0 {
		g.done <- nil
	}
	return nil
}

// Lost ends it.
func (g *gathering) Lost(lost *pipeclient.LostError, _ int) { g.done <- lost }

// wordsOf is the words of a command on the wire, where resp.AppendCommand has written it.
func wordsOf(wire []byte) [][]byte {
	number := func() int {
		n := 0
		i := 1
		for ; wire[i] != '\r'; i++ {
			n = n*10 + int(wire[i]-'0')
		}
		wire = wire[i+2:]
		return n
	}
	words := make([][]byte, number())
	for i := range words {
		n := number()
		words[i] = wire[:n:n]
		wire = wire[n+2:]
	}
	return words
}

package repl

import (
	"context"
	"errors"
	"fmt"

	"easycli/internal/cluster"
	"easycli/internal/command"
	"easycli/internal/lines"
	"easycli/internal/pipeclient"
	"easycli/internal/resp"
	"easycli/internal/session"
)

// runOnNodes carries out the command of a line in a cluster.
func (b *batch) runOnNodes(ctx context.Context, l lines.Line, info command.Info, n *lanes) error {
	if reason := onlyOneConnection(info.Effect); reason != "" {
		return b.refuseCommand(&session.Refusal{Command: info.Name, Reason: reason})
	}
	if b.tx != nil || info.Effect == command.Multi {
		return b.runInTransaction(ctx, l, info, n)
	}
	switch {
	case b.closing, session.NeedsSettled(info.Effect), session.MayEndStream(info.Effect), session.IsSetting(info.Effect):
		return b.runAtHome(ctx, l, info)
	case info.Effect == command.Watch:
		return b.repeatSettled(ctx, l, func(s slot) error { return b.watch(ctx, s, n) })
	case info.Effect == command.Unwatch:
		return b.repeatSettled(ctx, l, func(s slot) error { return b.unwatch(ctx, s, n) })
	case cluster.IsSpread(info, l.Words):
		return b.repeatSettled(ctx, l, func(s slot) error { return b.spread(ctx, s, n) })
	}
	return b.queue(ctx, l, info, n)
}

// onlyOneConnection is why a command makes no sense in a script for a whole cluster: it is about the
// one connection that there is otherwise. "" if it does make sense.
func onlyOneConnection(e command.Effect) string {
	switch e {
	case command.ReplyMode, command.ReplyOn, command.ReplyOff, command.ReplySkip, command.Tracking,
		command.Caching, command.NoEvict, command.NoTouch, command.FieldSet, command.ScriptDebug:
		return "with -c a script has a connection to each node, and this would hold for one"
	case command.Asking:
		return "with -c redirections are followed"
	case command.ReadOnlyMode, command.ReadWriteMode:
		return "with -c, --read-from says who answers what only reads"
	case command.SSubscribe, command.SUnsubscribe:
		return "with -c a script cannot wait for the messages of a shard"
	}
	return ""
}

// refuseCommand counts a command that is not sent.
func (b *batch) refuseCommand(err error) error {
	b.out.refuse(b.in.number, err.Error())
	if b.StopAtError {
		return errStopped
	}
	return nil
}

// queue puts a command behind those that wait to be sent.
func (b *batch) queue(ctx context.Context, l lines.Line, info command.Info, n *lanes) error {
	s := slot{line: b.in.number, how: lines.HowOf(info), routed: b.routes.next(routed{})}
	if err := b.route(ctx, &s, l.Words, info, n); err != nil {
		return err
	}
	if n.fenced[s.key] {
		if err := b.settle(ctx); err != nil {
			return err
		}
	}
	if spread, _ := info.Spread(); spread == command.OwnNode {
		b.note(ownNote, "%s", cluster.OwnNote(info, n.c.Seed().Addr()))
	}
	size := wireSize(l.Words)
	for i := range l.Times {
		s.last = i == l.Times-1
		if err := b.add(ctx, s, l.Words, size); err != nil {
			return err
		}
	}
	if s.many {
		n.fenced[s.key] = true
	}
	return nil
}

// route finds out where a command belongs.
func (b *batch) route(ctx context.Context, s *slot, words [][]byte, info command.Info, n *lanes) error {
	s.reads = info.ReadOnly && !info.Write
	slot, err := n.c.Slot(ctx, info, words)
	first := info.FirstKey(words)
	var crossing *cluster.CrossSlotError
	switch {
	case errors.As(err, &crossing): // the server says so, and this is what it means
		b.note(crossingNote, "line %d: %s: %v", s.line, info.Name, err)
		s.key = cluster.SlotOf([]byte(crossing.Keys[0]))
		return nil
	case err != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil: // nobody can tell: the server of the command line will
		slot = cluster.NoSlot
	}
	s.key = slot
	if slot != cluster.NoSlot && first > 0 {
		for at := range info.Keys(words) {
			s.many = s.many || at != first
		}
	}
	return nil
}

// repeatSettled does something as often as the line says, each time when all before it is done.
func (b *batch) repeatSettled(ctx context.Context, l lines.Line, do func(slot) error) error {
	info := command.Of(l.Words)
	for i := range l.Times {
		if err := b.settle(ctx); err != nil {
			return err
		}
		b.report.Commands++
		s := slot{line: b.in.number, how: lines.HowOf(info), last: i == l.Times-1, sent: &sent{info, l.Words}}
		if err := do(s); err != nil {
			return err
		}
		b.begun = 0
		if err := b.finishOne(ctx); err != nil {
			return err
		}
	}
	return nil
}

// spread carries out a command for several nodes, when everything before it has been answered.
func (b *batch) spread(ctx context.Context, s slot, n *lanes) error {
	b.out.flushIdle()
	v, parts, err := n.c.Spread(ctx, s.sent.info, s.sent.argv, n.conn)
	if parts > 1 {
		b.note(splitNote, "%s", cluster.SplitNote(s.sent.info, parts))
	}
	return b.answer(ctx, s, v, err)
}

// answer prints a reply that is at hand in the place of the line, or ends the script for want of
// one.
func (b *batch) answer(ctx context.Context, s slot, v resp.Value, err error) error {
	r := b.out
	r.put([]slot{s}, 0)
	r.mu.Lock()
	defer r.mu.Unlock()
	last := &r.slots[len(r.slots)-1]
	r.head++
	if err == nil {
		_, err = r.show(r.out, v.Tokens(), last)
		r.finished(last)
		return err
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	b.begun = 0
	r.over, r.report.Node = err, "" // which one the error says
	if errors.Is(err, pipeclient.ErrInDoubt) {
		r.report.Doubtful++
		r.report.doubt(s.line)
	} else {
		r.report.unsentOne(s.line)
	}
	return errOver
}

// watch watches keys on the lane of their node, where the transaction will be.
func (b *batch) watch(ctx context.Context, s slot, n *lanes) error {
	key, err := n.c.Slot(ctx, s.sent.info, s.sent.argv)
	node := n.c.Seed()
	if err != nil {
		b.note(crossingNote, "line %d: %s: %v", s.line, s.sent.info.Name, err)
	} else if owner := n.c.Owner(key); key != cluster.NoSlot && owner != nil {
		node = owner
	}
	for redirects := 0; ; redirects++ {
		if n.watching != nil && n.watching.node != node {
			return b.answer(ctx, s, resp.Value{Kind: resp.Error, Wire: '-', Text: fmt.Sprintf(
				"CROSSSLOT not sent: %s has keys that are watched already, and these are at %s",
				n.watching.node.Addr(), node.Addr())}, nil)
		}
		conn, err := n.conn(ctx, node)
		var v resp.Value
		if err == nil {
			v, err = conn.Do(ctx, lines.Texts(s.sent.argv)...)
		}
		to, moved := session.RedirectOf(v.Text)
		if err == nil && v.IsError() && moved && !to.Ask && redirects < maxRedirects {
			node = n.c.Learn(to.Slot, to.Addr(node.Addr()))
			continue
		}
		if err == nil && !v.IsError() {
			n.watching = n.all[node]
		}
		return b.answer(ctx, s, v, err)
	}
}

// unwatch forgets the watched keys where they are watched.
func (b *batch) unwatch(ctx context.Context, s slot, n *lanes) error {
	node := n.c.Seed()
	if n.watching != nil {
		node = n.watching.node
	}
	conn, err := n.conn(ctx, node)
	var v resp.Value
	if err == nil {
		v, err = conn.Do(ctx, lines.Texts(s.sent.argv)...)
	}
	if err == nil && !v.IsError() {
		n.watching = nil
	}
	return b.answer(ctx, s, v, err)
}

// maxRedirects is how many nodes a command is sent on to.
const maxRedirects = 5

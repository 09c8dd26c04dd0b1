package repl

import (
	"context"
	"errors"
	"fmt"

	"easycli/internal/cluster"
	"easycli/internal/command"
	"easycli/internal/lines"
	"easycli/internal/resp"
	"easycli/internal/session"
)

// transaction is a transaction of a script in a cluster. It is read up to its EXEC before it is sent:
// only then is it known where it belongs, and that all of it belongs there. One that a node refuses
// can be sent again as a whole.
type transaction struct {
	slots []slot
	wire  []byte
	key   int
	name  string // the key that the slot is of
	// doomed says that a command was refused on this side, and will be answered as a server does.
	doomed bool

	// on is the lane of the keys that are watched for it, nil for none. final says that it must not
	// be sent again.
	on    *lane
	final bool
	// What it is once it is sent.
	n        int
	last     uint64
	parcel   *parcel
	from, to int
	refusal  *rejection
}

// maxTransaction is how many bytes of a transaction are kept back for its EXEC.
const maxTransaction = 64 << 20

// runInTransaction takes a command into a transaction, and sends that at its end.
func (b *batch) runInTransaction(ctx context.Context, l lines.Line, info command.Info, n *lanes) error {
	if b.tx == nil {
		b.tx = &transaction{key: cluster.NoSlot, on: n.watching, final: n.watching != nil}
	}
	switch {
	case session.IsSetting(info.Effect), session.NeedsSettled(info.Effect), session.MayEndStream(info.Effect):
		b.tx.doomed = true
		return b.refuseCommand(&session.Refusal{Command: info.Name, Reason: "with -c it cannot be part of a transaction"})
	}
	for i := range l.Times {
		if b.tx == nil { // repeated behind its end
			l.Times -= i
			return b.runOnNodes(ctx, l, info, n)
		}
		b.report.Commands++
		if err := b.tx.add(ctx, b.in.number, i == l.Times-1, l.Words, info, n); err != nil {
			return err
		}
		b.begun = 0
		if info.Effect == command.Exec || info.Effect == command.Discard {
			if err := b.endTransaction(ctx, n, info); err != nil {
				return err
			}
		} else if len(b.tx.wire) > maxTransaction {
			b.tx.doomed = true
			return b.refuseCommand(fmt.Errorf("a transaction of more than %d MiB", maxTransaction>>20))
		}
	}
	return nil
}

// add takes a command into the transaction.
func (t *transaction) add(ctx context.Context, line int, last bool, words [][]byte, info command.Info, n *lanes) error {
	s := slot{line: line, how: lines.HowOf(info), last: last, routed: &routed{key: cluster.NoSlot, tx: t}}
	if info.Effect == command.Exec {
		s.sent = &sent{info: info}
	}
	if fault, err := t.claim(ctx, words, info, n); err != nil {
		return err
	} else if fault != "" {
		t.doomed = true
		s.fault, s.tx = fault, nil
		t.slots = append(t.slots, s)
		return nil
	}
	if t.doomed && info.Effect == command.Exec {
		s.fault = "EXECABORT Transaction discarded because of previous errors."
		words = [][]byte{[]byte("DISCARD")}
	}
	s.from = len(t.wire)
	t.wire = resp.AppendCommand(t.wire, words...)
	s.to = len(t.wire)
	t.slots = append(t.slots, s)
	t.n++
	return nil
}

// claim makes the slot of the first keys that of the transaction, and is what to say of keys that
// are elsewhere.
func (t *transaction) claim(ctx context.Context, words [][]byte, info command.Info, n *lanes) (string, error) {
	key, err := n.c.Slot(ctx, info, words)
	var crossing *cluster.CrossSlotError
	switch {
	case errors.As(err, &crossing):
		return "CROSSSLOT not sent: " + crossing.Error(), nil
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case err != nil || key == cluster.NoSlot || key == t.key:
		return "", nil
	}
	name := ""
	if first := info.FirstKey(words); first > 0 {
		name = cluster.KeyText(string(words[first]))
	}
	if t.key != cluster.NoSlot {
		return fmt.Sprintf("CROSSSLOT not sent: the transaction is in slot %d with %s, and %s is in slot %d; "+
			"keys with the same {tag} share one", t.key, t.name, name, key), nil
	}
	if t.on != nil && n.c.Owner(key) != t.on.node {
		return fmt.Sprintf("CROSSSLOT not sent: the keys that are watched are at %s, and %s is not",
			t.on.node.Addr(), name), nil
	}
	t.key, t.name = key, name
	return "", nil
}

// endTransaction puts the transaction behind the commands that wait to be sent.
func (b *batch) endTransaction(ctx context.Context, n *lanes, info command.Info) error {
	t := b.tx
	b.tx = nil
	if info.Effect == command.Exec || info.Effect == command.Discard {
		n.watching = nil
	}
	if n.fenced[t.key] {
		if err := b.settle(ctx); err != nil {
			return err
		}
	}
	base := len(b.wire)
	b.wire = append(b.wire, t.wire...)
	for _, s := range t.slots {
		s.from, s.to, s.key = s.from+base, s.to+base, t.key
		b.slots = append(b.slots, s)
	}
	b.pending += t.n
	t.slots, t.wire = nil, nil
	if t.key != cluster.NoSlot {
		n.fenced[t.key] = true
	}
	if b.StopAtError || b.Interval > 0 {
		return b.finishOne(ctx)
	}
	if b.pending >= maxPending || len(b.wire) >= maxWire || len(b.slots) >= maxPending {
		return b.handOver(ctx)
	}
	return nil
}

// leaveTransaction sends a transaction that the script has left open, for what it is answered.
func (b *batch) leaveTransaction(ctx context.Context, n *lanes) error {
	if b.tx == nil {
		return nil
	}
	b.report.OpenMulti, b.tx.final = true, true
	return b.endTransaction(ctx, n, command.Info{})
}

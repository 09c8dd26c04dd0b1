package bulk

import (
	"cmp"
	"slices"

	"easycli/internal/resp"
)

// Report is how a load ended. Commands are numbered from 1 in the order of the input.
type Report struct {
	// Sent is how many commands of the input left for the server, answered or in doubt, Replies how many
	// of them were answered, Errors how many of the answers were errors, those in the reply of an
	// EXEC included, and an EXEC that was not executed because of a watched key.
	Sent, Replies, Errors int64
	// Discarded is how many commands were queued in transactions that were not executed.
	Discarded int64
	// Skipped is how many commands, from the first on, were left out.
	Skipped int64
	// Undecided is the MULTI of a transaction whose commands were answered, but whose EXEC is in
	// doubt: they were executed with it, or not at all. It is 0 if there is none.
	Undecided int64
	// Resent is how many commands were sent again because their connection was lost before they were
	// answered, see Config.Reconnect: they may have been carried out twice.
	Resent int64
	// InDoubt are the commands that were written, at least in part, and not answered.
	InDoubt Ranges
	// NotSent are the commands that were read and never left. Those from Next on were not even read.
	NotSent Ranges
	// Next is where the first command stands that was not read, or the end of the input.
	Next Place
	// Resume is the first command that is not settled: a load that continues this one begins with it.
	// Everything before it was answered, and need not be sent again.
	Resume int64
	// Repeats is how many commands from Resume on were carried out nevertheless, for certain: they will
	// be carried out again. (In a cluster those that were answered with an error count as well.) Those in
	// doubt may be, beside them.
	Repeats int64
	// Nodes are the same numbers for each node of a cluster.
	Nodes []NodeReport
	// Checkpoint is how far a load with a checkpoint has come, nil for any other. Next is then where the
	// first command stands that is not known to be settled.
	Checkpoint *CheckpointReport
}

// NodeReport is what became of the commands that were sent to a node.
type NodeReport struct {
	Addr                           string
	Sent, Replies, Errors, InDoubt int64
}

// node adds the accounts of a lane to those of its node.
func (r *Report) node(n *lane) {
	if n.node == nil {
		return
	}
	one, addr := &n.ledger, n.node.Addr()
	at := slices.IndexFunc(r.Nodes, func(node NodeReport) bool { return node.Addr == addr })
	if at < 0 {
		at = len(r.Nodes)
		r.Nodes = append(r.Nodes, NodeReport{Addr: addr})
	}
	node := &r.Nodes[at]
	node.Sent += one.Replies + one.InDoubt.Len()
	node.Replies += one.Replies
	node.Errors += one.Errors
	node.InDoubt += one.InDoubt.Len()
}

// from notes a command that is not settled.
func (r *Report) from(number int64) {
	if number > 0 && number < r.Resume {
		r.Resume = number
	}
}

// settle finds the first command that is not settled, from all that is left open.
func (r *Report) settle() {
	r.from(r.InDoubt.First())
	r.from(r.NotSent.First())
	r.from(r.Undecided)
	r.Resume = max(r.Resume, r.Skipped+1)
}

// Range is a range of commands, both ends included.
type Range struct {
	From Place // the first
	Last int64 // number of the last
}

// Ranges are ranges of commands, in the order of their numbers.
type Ranges []Range

// add puts a command behind the last.
func (r *Ranges) add(p Place) {
	if n := len(*r); n > 0 && (*r)[n-1].Last+1 == p.Number {
		(*r)[n-1].Last++
		return
	}
	*r = append(*r, Range{p, p.Number})
}

// First is the number of the first command, 0 if there is none.
func (r Ranges) First() int64 {
	if len(r) == 0 {
		return 0
	}
	return r[0].From.Number
}

// Last is the number of the last command, 0 if there is none.
func (r Ranges) Last() int64 {
	if len(r) == 0 {
		return 0
	}
	return r[len(r)-1].Last
}

// Len is how many commands there are in the ranges.
func (r Ranges) Len() int64 {
	n := int64(0)
	for _, one := range r {
		n += one.Last - one.From.Number + 1
	}
	return n
}

// join merges ranges that have no command in common.
func join(all ...Ranges) Ranges {
	parts := slices.Concat(all...)
	slices.SortFunc(parts, func(a, b Range) int { return cmp.Compare(a.From.Number, b.From.Number) })
	var merged Ranges
	for _, one := range parts {
		if n := len(merged); n > 0 && merged[n-1].Last+1 == one.From.Number {
			merged[n-1].Last = one.Last
			continue
		}
		merged = append(merged, one)
	}
	return merged
}

// ledger keeps the accounts of a lane. It is the receiver's until the connection is over.
type ledger struct {
	Report
	multi   int64 // the MULTI that is open as of the last reply, 0 for none
	queued  int64 // commands queued since
	refused int64 // commands since that were answered with an error, which may still not abort it
	ending  role  // the first in doubt that would end it: exec, discard or plain for none
	// again is the first command that was answered and has to be sent again all the same, 0 for none:
	// it was refused for a reason that stopped the load, or its transaction was given up. repeats are
	// the commands behind it that were carried out.
	again, repeats int64
}

// restart notes that a command has to be sent again, and with it all of its transaction.
func (l *ledger) restart(number int64) {
	if l.multi != 0 {
		number = l.multi
	}
	if l.again == 0 || number < l.again {
		l.again = number
	}
}

// settle books an answered command.
func (l *ledger) settle(number int64, role role, failed bool) {
	if role < ours {
		l.Replies++
	}
	switch {
	case role > ours, failed && role == ours:
	case failed:
		l.Errors++
		l.refused++
	case role == multi:
		l.multi, l.queued, l.refused = number, 0, 0
	case role == discard, role == ours:
		if role == ours && l.multi != 0 {
			l.restart(l.multi)
		}
		l.Discarded += l.queued
		l.multi, l.queued = 0, 0
	case l.multi != 0:
		l.queued++
	case l.again != 0:
		l.repeats++
	}
}

// exec books the end of a transaction: anything but a list of replies means it was not executed.
func (l *ledger) exec(kind resp.Kind) {
	l.Replies++
	if kind == resp.Error || kind == resp.Null {
		l.Errors++
		l.Discarded += l.queued
	} else if l.again != 0 {
		l.repeats += l.queued
	}
	l.multi, l.queued = 0, 0
}

// counts is what the ledger counts as replies come.
type counts struct{ replies, errors, discarded, multi, queued, refused, again, repeats int64 }

func (l *ledger) counts() counts {
	return counts{l.Replies, l.Errors, l.Discarded, l.multi, l.queued, l.refused, l.again, l.repeats}
}

// rewind takes back what was booked since.
func (l *ledger) rewind(to counts) {
	l.Replies, l.Errors, l.Discarded = to.replies, to.errors, to.discarded
	l.multi, l.queued, l.refused = to.multi, to.queued, to.refused
	l.again, l.repeats = to.again, to.repeats
}

// doubt notes a command in doubt that would end the open transaction.
func (l *ledger) doubt(role role) {
	if l.ending == plain && (role == exec || role == discard) {
		l.ending = role
	}
}

// close settles what the end of the connection decides.
func (l *ledger) close() {
	switch {
	case l.multi == 0:
	case l.ending == exec:
		l.Undecided = l.multi
	default: // a server drops a transaction with its connection
		l.restart(l.multi)
		l.Discarded += l.queued
	}
	l.multi, l.queued = 0, 0
}

// sum is the accounts of all lanes, which are closed, and of what the feeder was left with.
func (l *load) sum() Report {
	l.sending.Lock() // the mender may still be there
	defer l.sending.Unlock()
	l.leaveAll()
	l.leaveCollected()
	sum := l.own
	sum.Skipped = l.cfg.Skip
	sum.NotSent, sum.Next, sum.Resume = join(l.unsent), l.next, l.next.Number
	for _, n := range l.all() {
		n.settleMarks()
		one := &n.ledger
		one.close()
		sum.Replies += one.Replies
		sum.Errors += one.Errors
		sum.Discarded += one.Discarded
		sum.from(one.Undecided)
		if first := one.Undecided; first > 0 && (sum.Undecided == 0 || first < sum.Undecided) {
			sum.Undecided = first
		}
		if one.again != 0 {
			sum.from(one.again)
			sum.Repeats += one.repeats
		}
		sum.node(n)
		sum.InDoubt = join(sum.InDoubt, one.InDoubt)
		sum.NotSent = join(sum.NotSent, one.NotSent)
	}
	l.splits.close(&sum)
	sum.Resent = l.resent.count.Load()
	sum.InDoubt, sum.NotSent = join(sum.InDoubt), join(sum.NotSent)
	sum.Sent = sum.Replies + sum.InDoubt.Len()
	sum.settle()
	if l.cfg.Cluster != nil { // the nodes have come differently far
		sum.Repeats = max(0, sum.Next.Number-sum.Resume-sum.InDoubt.Len()-sum.NotSent.Len())
	}
	return sum
}

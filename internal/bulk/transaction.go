package bulk

import "easycli/internal/cluster"

// verdict is why a server did not carry out a command that is to be sent again. The zero verdict is
// that it did, or that it answered with an error of the command's own.
type verdict struct {
	kind cluster.Kind
	addr string // where Moved and Ask lead
	text string // what the server said
}

func (v verdict) refuses() bool { return v.kind != cluster.Other }

// transaction is what a block knows of the MULTI ... EXEC whose replies it is taking, if all of it
// stands in the block: it is sent again as a whole or not at all.
type transaction struct {
	begin    int // index of its MULTI, from 1; 0 for none
	before   counts
	failed   bool // a command of it was answered with an error of its own
	refusals []refusal
}

// refusal is a command of a transaction that was refused.
type refusal struct {
	index   int
	verdict verdict
}

// open begins a transaction: its MULTI is being answered.
func (t *transaction) open(b *block) {
	b.lane.scribe.hold()
	*t = transaction{begin: b.next + 1, before: b.lane.ledger.counts(), refusals: t.refusals[:0]}
}

// end is reached when the transaction will not be sent again: what was refused in it has failed.
func (t *transaction) end(b *block) {
	if t.begin == 0 {
		return
	}
	begin := t.begin - 1
	t.begin = 0
	for i := begin; i < b.next && b.lane.marks != nil; i++ {
		b.lane.marks.answered(b.place(i))
	}
	for _, r := range t.refusals {
		b.failed(r.index, []byte(r.verdict.text))
		b.lane.ledger.settle(b.place(r.index).Number, plain, true)
	}
	t.refusals = t.refusals[:0]
}

// redo has the transaction sent again. What was booked of it is taken back.
func (t *transaction) redo(b *block) {
	b.lane.ledger.rewind(t.before)
	b.lane.scribe.takeBack()
	b.lane.refuse(b, t.begin-1, b.next+1, b.verdict)
	t.begin = 0
}

// refused takes note of a command that was not carried out.
func (b *block) refused() {
	if b.trans.begin > 0 {
		b.trans.refusals = append(b.trans.refusals, refusal{b.next, b.verdict})
		return
	}
	b.lane.refuse(b, b.next, b.next+1, b.verdict)
}

// judge says whether an error means that the command is to be sent again. Not so a command of which
// nothing is at hand any more, and one inside a transaction of which not all is.
func (b *block) judge(text []byte) verdict {
	kind := cluster.Classify(text)
	if kind == cluster.Other {
		return verdict{}
	}
	switch b.entries[b.next].role {
	case multi, discard, ours, marker:
		return verdict{}
	}
	if b.lane.ledger.multi != 0 && b.trans.begin == 0 || b.inPieces {
		return verdict{}
	}
	return b.lane.verdict(kind, text)
}

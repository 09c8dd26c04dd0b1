package bulk

import (
	"bytes"
	"sync/atomic"

	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// A block is as much of the input as is sent at once. There are so many of them, each of about this
// size, and no more.
const (
	blocks      = 40
	blockBytes  = 64 << 10
	blockOfMany = 4096 // commands
)

// block is a run of whole commands: their bytes as RESP, and where each came from. It consumes
// their replies. A block goes from the feeder to the receiver and back through its lane's free list.
type block struct {
	lane    *lane
	wire    []byte
	entries []entry
	base    Place // what the places of the entries count from; its Line is 0 for RESP
	next    int   // entry whose reply is next
	// maxCommands and maxBytes are when it is full.
	maxCommands, maxBytes int
	// partial says that not all bytes of the last command were given to the connection yet: if that
	// ends now, the server drops what it has of it.
	partial atomic.Bool
	// inPieces says that the last command was never here as a whole, so that it cannot be sent again.
	inPieces bool
	// joined says that units are among the commands: others may be far from them in the input.
	joined bool
	// extra says that the block is not one of the free list: it carries what is sent again.
	extra bool

	verdict verdict     // what the reply at hand says, if it refuses the command
	trans   transaction // the one whose replies are at hand

	onError func(depth int, text []byte)
	exec    execution
}

// entry is one command of a block. Its place is counted from the block's base, which may be behind
// it: what was held up joins a younger block.
type entry struct {
	at     uint32 // where it begins in the block's wire
	number uint32
	offset uint32
	line   uint32
	slot   uint16 // whose order it keeps
	role   role
	// whole, of a multi, says that all of its transaction stands in this block, and crowd, of what is
	// sent as a whole, that it has several keys.
	whole, crowd bool
}

// role is what a command means to the accounting.
type role byte

const (
	plain    role = iota
	multi         // opens a transaction
	exec          // answers for all commands since multi
	discard       // drops them, as does RESET
	prefix        // says something about the command behind it, which nothing may come between
	selects       // selects another database, where that matters
	part          // of a command that was cut by slot
	ours          // sent by us, not part of the input; as are those behind it
	marker        // to be answered with itself
	question      // sent again if it is refused
)

// place is where a command of the block came from.
func (b *block) place(i int) Place {
	e, p := &b.entries[i], b.base
	p.Number += int64(int32(e.number))
	p.Offset += int64(int32(e.offset))
	if p.Line > 0 {
		p.Line += int64(int32(e.line))
	}
	return p
}

// bytes is a command as it is sent.
func (b *block) bytes(i int) []byte { return b.wire[b.entries[i].at:b.end(i)] }

// end is where the bytes of a command end.
func (b *block) end(i int) int {
	if i+1 < len(b.entries) {
		return int(b.entries[i+1].at)
	}
	return len(b.wire)
}

func (b *block) full() bool { return len(b.wire) >= b.maxBytes || len(b.entries) >= b.maxCommands }

// reach is how far apart two commands of a block may stand in the input.
const reach = 1 << 30

// takes reports whether a command from that place may go into the block.
func (b *block) takes(p Place) bool {
	return len(b.entries) == 0 || p.Input == b.base.Input && (p.Line > 0) == (b.base.Line > 0) &&
		within(p.Number-b.base.Number) && within(p.Offset-b.base.Offset) && within(p.Line-b.base.Line)
}

func within(distance int64) bool { return -reach < distance && distance < reach }

// add appends commands whose places count from base.
func (b *block) add(wire []byte, entries []entry, base Place) {
	if len(b.entries) == 0 {
		b.base = base
	}
	b.joined = true
	at := uint32(len(b.wire)) - entries[0].at
	for _, e := range entries {
		e.at += at
		e.number += uint32(base.Number - b.base.Number)
		e.offset += uint32(base.Offset - b.base.Offset)
		e.line += uint32(base.Line - b.base.Line)
		b.entries = append(b.entries, e)
	}
	b.wire = append(b.wire, wire...)
}

// clear empties the block.
func (b *block) clear() {
	b.wire, b.entries, b.next = b.wire[:0], b.entries[:0], 0
	b.partial.Store(false)
	b.inPieces, b.joined = false, false
	b.trans.begin = 0
}

// Consume counts the next reply.
func (b *block) Consume(src *resp.Reader) error {
	e := &b.entries[b.next]
	if b.verdict.refuses() {
		b.verdict = verdict{}
	}
	var err error
	switch e.role {
	case exec:
		err = b.consumeExec(src)
	case marker:
		err = b.consumeMarker(src)
	default:
		var kind resp.Kind
		if rec := b.lane.scribe; rec != nil && e.role < ours {
			kind, err = rec.take(b, src, b)
		} else {
			kind, err = src.Skip(b.onError)
		}
		if err == nil {
			b.answered(e, kind == resp.Error)
		}
	}
	if err != nil {
		return err
	}
	if m := b.lane.marks; m != nil && e.role < part && b.trans.begin == 0 && !b.verdict.refuses() {
		m.answered(b.place(b.next))
	}
	if rec := b.lane.scribe; rec != nil {
		rec.settle(b)
	}
	if b.next++; b.next == len(b.entries) {
		b.lane.finish(b)
	}
	return nil
}

// answered books the reply to a command, unless it is to be sent again.
func (b *block) answered(e *entry, failed bool) {
	switch {
	case failed && b.verdict.refuses():
		b.refused()
		return
	case e.role == multi && e.whole && !failed:
		b.trans.open(b)
	}
	b.lane.settle(b, b.next, failed)
	if b.lane.suspected.Load() > 0 && e.role < ours && b.trans.begin == 0 {
		b.lane.overtake(b, b.next, b.next+1)
	}
	if e.role == discard && !failed {
		b.trans.end(b)
	}
}

// fails reports an error reply; errors inside a reply are the business of whoever sent the script.
func (b *block) fails(depth int, text []byte) {
	if depth > 0 {
		return
	}
	if b.verdict = b.judge(text); !b.verdict.refuses() {
		b.trans.failed = true
		b.failed(b.next, text)
	}
}

// Lost accounts for the commands whose replies will not come.
func (b *block) Lost(err *pipeclient.LostError, _ int) {
	defer b.lane.wakeMender()
	defer b.lane.done.Add(1)
	if b.mayRepeat(err.Cause) {
		b.repeat(err.Cause.Error(), err.Written)
		return
	}
	b.trans.end(b)
	if b.partial.Load() {
		return
	}
	accounts := &b.lane.ledger
	for i := b.next; i < len(b.entries); i++ {
		switch role := b.entries[i].role; {
		case role == marker:
			b.lane.marks.lost()
			continue
		case role == part:
			b.lane.load.splits.lost(b.place(i).Number, int64(b.entries[i].at) < err.Written)
			continue
		case role >= ours:
			continue
		}
		lost := &accounts.NotSent
		if int64(b.entries[i].at) < err.Written {
			lost = &accounts.InDoubt
			accounts.doubt(b.entries[i].role)
		}
		lost.add(b.place(i))
	}
}

// abortedText is what EXEC means by nil.
var abortedText = []byte("not executed, a watched key has changed")

// execAborted is how EXEC answers when a command of the transaction was refused.
var execAborted = []byte("EXECABORT ")

// refusesTransaction reports whether an error of EXEC means that its transaction is to be sent
// again as a whole: none of it was executed, and the reason is nothing that is wrong with it.
func (b *block) refusesTransaction(text []byte) bool {
	t := &b.trans
	if t.begin == 0 || t.failed {
		return false
	}
	if b.verdict = b.judge(text); b.verdict.refuses() {
		return true
	}
	if len(t.refusals) > 0 && bytes.HasPrefix(text, execAborted) {
		b.verdict = t.refusals[0].verdict
		return true
	}
	return false
}

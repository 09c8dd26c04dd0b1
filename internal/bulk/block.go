package bulk

import (
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
	// partial says that not all bytes of the last command were given to the connection yet: if that
	// ends now, the server drops what it has of it.
	partial atomic.Bool
	// inPieces says that the one command was passed on as it came: its bytes are not here.
	inPieces bool

	onError func(depth int, text []byte)
}

// entry is one command of a block.
type entry struct {
	at     uint32 // where it begins in the block's wire
	number uint32 // its place, from the block's base
	offset uint32
	line   uint32
	role   role
}

// role is what a command means to the accounting.
type role byte

const (
	plain   role = iota
	multi        // opens a transaction
	exec         // answers for all commands since multi
	discard      // drops them, as does RESET
	prefix       // says something about the command behind it, which nothing may come between
	ours         // sent by us, not part of the input
	marker       // sent by us, to be answered with itself
)

// place is where a command of the block came from.
func (b *block) place(i int) Place {
	e, p := &b.entries[i], b.base
	p.Number += int64(e.number)
	p.Offset += int64(e.offset)
	if p.Line > 0 {
		p.Line += int64(e.line)
	}
	return p
}

// bytes is a command as it was sent.
func (b *block) bytes(i int) []byte {
	if i+1 < len(b.entries) {
		return b.wire[b.entries[i].at:b.entries[i+1].at]
	}
	return b.wire[b.entries[i].at:]
}

func (b *block) full() bool { return len(b.wire) >= blockBytes || len(b.entries) >= blockOfMany }

// Consume counts the next reply.
func (b *block) Consume(src *resp.Reader) error {
	e := &b.entries[b.next]
	var err error
	switch e.role {
	case exec:
		err = b.consumeExec(src)
	case marker:
		err = b.consumeMarker(src)
	default:
		var kind resp.Kind
		kind, err = src.Skip(b.onError)
		if err == nil {
			b.lane.settle(b, kind == resp.Error)
		}
	}
	if err != nil {
		return err
	}
	if m := b.lane.marks; m != nil && e.role < ours {
		m.answered(b.place(b.next))
	}
	if b.next++; b.next == len(b.entries) {
		b.lane.release(b)
	}
	return nil
}

// fails reports an error reply; errors inside a reply are the business of whoever sent the script.
func (b *block) fails(depth int, text []byte) {
	if depth == 0 {
		b.failed(b.next, text)
	}
}

// consumeExec counts the reply of a transaction: an error in it is that of one of its commands.
func (b *block) consumeExec(src *resp.Reader) error {
	first, err := src.Next()
	if err != nil {
		return err
	}
	if first.Kind == resp.Error {
		b.failed(b.next, first.Text)
	}
	index, more := int64(0), first.More
	for src.Depth() > 0 {
		element := src.Depth() == 1 && !more
		tok, err := src.Next()
		if err != nil {
			return err
		}
		if element && tok.Kind != resp.Attribute && tok.Kind != resp.End {
			if index++; tok.Kind == resp.Error {
				b.queuedFailed(index, tok.Text)
			}
		}
		more = tok.More
	}
	if first.Kind == resp.Null {
		b.failed(b.next, abortedText)
	}
	b.lane.ledger.exec(first.Kind)
	return nil
}

// Lost accounts for the commands whose replies will not come.
func (b *block) Lost(err *pipeclient.LostError, _ int) {
	if b.partial.Load() {
		return
	}
	accounts := &b.lane.ledger
	for i := b.next; i < len(b.entries); i++ {
		switch b.entries[i].role {
		case ours:
			continue
		case marker:
			b.lane.marks.lost()
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

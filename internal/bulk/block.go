package bulk

import (
	"context"
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
// their replies. A block goes from the feeder to the receiver and back through the free list.
type block struct {
	load    *load
	wire    []byte
	entries []entry
	number  int64 // of the first command, from 1
	offset  int64 // in the input, of the bytes that the entries' offsets count from
	line    int64 // likewise for lines; 0 for RESP
	next    int   // entry whose reply is next
	// partial says that not all bytes of the last command were given to the connection yet: if that
	// ends now, the server drops what it has of it.
	partial atomic.Bool

	onError func(depth int, text []byte)
}

// entry is one command of a block.
type entry struct {
	at     uint32 // where it begins in the block's wire
	offset uint32 // where it began in the input, from the block's offset
	line   uint32 // the line it stood on, from the block's line
	role   role
}

// role is what a command means to the accounting.
type role byte

const (
	plain   role = iota
	multi        // opens a transaction
	exec         // answers for all commands since multi
	discard      // drops them, as does RESET
	ours         // sent by us, not part of the input
)

// block takes an empty block off the free list; it waits while all are on their way.
func (l *load) block(ctx context.Context) (*block, error) {
	var b *block
	select {
	case b = <-l.free:
	default:
		if l.made < blocks {
			l.made++
			b = &block{load: l, wire: make([]byte, 0, blockBytes+4<<10)}
			b.onError = b.fails
			break
		}
		select {
		case b = <-l.free:
		case <-ctx.Done():
			return nil, ErrInterrupted
		case <-l.conn.Over():
			return nil, l.lostError()
		}
	}
	b.wire, b.entries, b.next = b.wire[:0], b.entries[:0], 0
	b.partial.Store(false)
	return b, nil
}

func (b *block) full() bool { return len(b.wire) >= blockBytes || len(b.entries) >= blockOfMany }

// Consume counts the next reply.
func (b *block) Consume(src *resp.Reader) error {
	e := &b.entries[b.next]
	var err error
	if e.role == exec {
		err = b.consumeExec(src)
	} else {
		var kind resp.Kind
		kind, err = src.Skip(b.onError)
		if err == nil {
			b.load.ledger.settle(b.number+int64(b.next), e.role, kind == resp.Error)
		}
	}
	if err != nil {
		return err
	}
	if b.next++; b.next == len(b.entries) {
		b.load.release(b)
	}
	return nil
}

// fails reports an error reply; errors inside a reply are the business of whoever sent the script.
func (b *block) fails(depth int, text []byte) {
	if depth == 0 {
		b.load.reportError(b, b.next, text)
	}
}

// consumeExec counts the reply of a transaction: an error in it is that of one of its commands.
func (b *block) consumeExec(src *resp.Reader) error {
	number := b.number + int64(b.next)
	first, err := src.Next()
	if err != nil {
		return err
	}
	if first.Kind == resp.Error {
		b.load.reportError(b, b.next, first.Text)
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
				b.load.reportQueued(index, number, tok.Text)
			}
		}
		more = tok.More
	}
	if first.Kind == resp.Null {
		b.load.reportError(b, b.next, abortedText)
	}
	b.load.ledger.exec(first.Kind)
	return nil
}

// Lost accounts for the commands whose replies will not come.
func (b *block) Lost(err *pipeclient.LostError, _ int) {
	if b.partial.Load() {
		return
	}
	for i := b.next; i < len(b.entries); i++ {
		if b.entries[i].role == ours {
			return
		}
		lost := &b.load.ledger.NotSent
		if int64(b.entries[i].at) < err.Written {
			lost = &b.load.ledger.InDoubt
			b.load.ledger.doubt(b.entries[i].role)
		}
		lost.add(b.number+int64(i), b.offset+int64(b.entries[i].offset))
	}
}

// abortedText is what EXEC means by nil.
var abortedText = []byte("not executed, a watched key has changed")

// release puts a block back on the free list, unless one huge line has swollen it.
func (l *load) release(b *block) {
	if cap(b.wire) > 2*blockBytes {
		b.wire = make([]byte, 0, blockBytes+4<<10)
	}
	l.free <- b
}

package keyspace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// leaf is one page of SCAN on its way: first its keys' types are asked for, then the keys
// themselves. It consumes the replies, on the receiver of the connection.
type leaf struct {
	*walk
	page  page
	kinds []kind
	order []int // keys to ask for
	left  []int // keys for the diggers
	wire  []byte

	at   int    // position in order, or in the page, of the key that the next reply is about
	step step   // what that reply tells
	now  int64  // the server's clock, where PTTL needs one
	end  ending // of that key
	lost *pipeclient.LostError
	done chan struct{}
}

// step is what a leaf's next reply tells.
type step byte

const (
	readType step = iota
	readClock
	readEnding
	readValue
)

// read reads all keys of the page.
func (l *leaf) read(ctx context.Context, cancel context.CancelCauseFunc) error {
	if l.only != nil {
		l.page.keep(l.only)
	}
	if l.page.len() == 0 {
		return nil
	}
	if err := l.readTypes(ctx); err != nil {
		return err
	}
	l.sort()
	if err := l.readValues(ctx); err != nil {
		return err
	}
	for _, i := range l.left {
		if err := l.dig(ctx, cancel, l.page.key(i)); err != nil {
			return err
		}
	}
	return nil
}

// readTypes finds out what the keys are, unless all must be the same.
func (l *leaf) readTypes(ctx context.Context) error {
	n := l.page.len()
	l.kinds = l.kinds[:0]
	switch {
	case l.Dump:
		l.kinds = append(l.kinds, slices.Repeat([]kind{kindOther}, n)...)
		return nil
	case l.Filter.Type != "":
		l.kinds = append(l.kinds, slices.Repeat([]kind{kindOf(bytes.ToLower([]byte(l.Filter.Type)))}, n)...)
		return nil
	}
	l.at, l.step, l.wire = 0, readType, l.wire[:0]
	for i := range n {
		l.wire = resp.AppendCommand(l.wire, []byte("TYPE"), l.page.key(i))
	}
	if err := l.conn.Send(ctx, l.wire, n, l); err != nil {
		return err
	}
	return l.wait(ctx)
}

// sort decides which keys are asked for here, and which are left to the diggers.
func (l *leaf) sort() {
	l.order, l.left = l.order[:0], l.left[:0]
	for i, k := range l.kinds {
		switch {
		case k == kindNone:
			l.vanished()
		case k == kindStream, k == kindOther && !l.Dump, k == kindHash && l.fields:
			l.left = append(l.left, i)
		default:
			l.order = append(l.order, i)
		}
	}
}

// readValues asks for the keys, in pieces, and waits for all of them.
func (l *leaf) readValues(ctx context.Context) error {
	if len(l.order) == 0 {
		return nil
	}
	l.at, l.step = 0, l.firstStep()
	for piece := range slices.Chunk(l.order, keysAtOnce) {
		if err := l.ask(ctx, piece); err != nil {
			return err
		}
	}
	return l.wait(ctx)
}

// firstStep is what the first reply to each piece tells.
func (l *leaf) firstStep() step {
	if l.absolute {
		return readEnding
	}
	return readClock
}

// ask asks for some of the keys: when each ends, and its value right behind that.
func (l *leaf) ask(ctx context.Context, piece []int) error {
	l.wire = l.wire[:0]
	replies := 2 * len(piece)
	if !l.absolute {
		l.wire = resp.AppendCommand(l.wire, "TIME")
		replies++
	}
	for _, i := range piece {
		l.wire = l.appendEnding(l.wire, l.page.key(i))
		l.wire = appendRead(l.wire, l.page.key(i), l.kinds[i])
	}
	return l.conn.Send(ctx, l.wire, replies, l)
}

// wait waits until the last reply has been taken.
func (l *leaf) wait(ctx context.Context) error {
	select {
	case <-l.done:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if l.lost != nil {
		return fmt.Errorf("%s: %w", l.server.Addr, l.lost)
	}
	return nil
}

// Lost says that the connection is over: once for each piece, and the first is enough.
func (l *leaf) Lost(err *pipeclient.LostError, _ int) {
	if l.lost == nil {
		l.lost = err
		l.done <- struct{}{}
	}
}

// Consume takes the next reply.
func (l *leaf) Consume(src *resp.Reader) (err error) {
	due := len(l.order)
	switch l.step {
	case readType:
		due = l.page.len()
		err = l.takeType(src)
	case readClock:
		l.now, err = clock(src)
		l.step = readEnding
		return err
	case readEnding:
		l.end, err = endingOf(src, l.now)
		l.step = readValue
		return err
	case readValue:
		err = l.takeValue(src, l.order[l.at])
		l.step = readEnding
	}
	l.at++
	switch {
	case err != nil:
	case l.at == due:
		l.done <- struct{}{}
	case l.at%keysAtOnce == 0 && l.step == readEnding:
		l.step = l.firstStep()
	}
	return err
}

func (l *leaf) takeType(src *resp.Reader) error {
	t, err := src.Next()
	if err != nil {
		return err
	}
	k := kindOther
	if t.Kind != resp.Error { // an error comes again when the key is read
		k = kindOf(t.Text)
	}
	l.kinds = append(l.kinds, k)
	return skipRest(src, t)
}

// takeValue takes a key, or leaves it to the diggers: because it is large, because it is not what it
// was, or because they know whether what the server says is worth another try.
func (l *leaf) takeValue(src *resp.Reader, i int) error {
	switch {
	case l.end.gone:
		l.vanished()
		return skipReply(src)
	case l.end.refused != nil:
		l.left = append(l.left, i)
		return skipReply(src)
	}
	out, _, err := small(src, l.w, item{name: l.page.key(i), kind: l.kinds[i], expires: l.end.at})
	if errors.Is(err, errHugeMember) {
		out, err = large, errors.Join(l.w.vanished(), skipRest(src, resp.Token{}))
	}
	switch {
	case err != nil:
		return err
	case out == whole:
		l.Done.Add(1)
	case out == gone:
		l.vanished()
	default:
		l.left = append(l.left, i)
	}
	return nil
}

func skipReply(src *resp.Reader) error {
	_, err := src.Skip(nil)
	return err
}

package repl

import (
	"context"
	"strconv"
	"time"

	"easycli/internal/command"
	"easycli/internal/lines"
	"easycli/internal/pipeclient"
	"easycli/internal/resp"
	"easycli/internal/session"
)

const (
	// maxPending and maxWire are how many commands, and how many bytes of them, are handed to the
	// connection at once.
	maxPending = 1000
	maxWire    = 64 << 10
	// maxSlots bounds the places in the output, for a script may be full of lines that bring none.
	maxSlots = 32 << 10
	// large is the size from which on a command is sent in pieces of piece bytes.
	large = 1 << 20
	piece = 256 << 10
)

// run sends the command of a line as often as it says.
func (b *batch) run(ctx context.Context, l lines.Line) error {
	info := command.Of(l.Words)
	if b.ReadOnly {
		if err := session.RefuseWrite(info, l.Words); err != nil {
			b.report.ReadOnly = true
			return b.refuseCommand(err)
		}
	}
	wanted := b.Cluster != nil && !b.alone
	if wanted && b.nodes.Load() == nil && !b.unknown {
		if err := b.openCluster(ctx); err != nil {
			return err
		}
	}
	if n := b.nodes.Load(); n != nil {
		return b.runOnNodes(ctx, l, info, n)
	}
	if wanted && b.unknown { // perhaps it wants a password first
		return b.runAtHome(ctx, l, info)
	}
	if b.silent || b.closing || session.NeedsSettled(info.Effect) ||
		session.MayEndStream(info.Effect) {
		return b.runSettled(ctx, l, info)
	}
	s := slot{line: b.in.number, how: lines.HowOf(info), sent: keep(info, l.Words)}
	size := wireSize(l.Words)
	for i := range l.Times {
		s.last = i == l.Times-1
		if err := b.add(ctx, s, l.Words, size); err != nil {
			return err
		}
	}
	return nil
}

// runSettled sends a command whose replies, if it brings any, depend on what came of those before it.
func (b *batch) runSettled(ctx context.Context, l lines.Line, info command.Info) error {
	s := slot{line: b.in.number, how: lines.HowOf(info), sent: &sent{info, l.Words}}
	for i := range l.Times {
		if err := b.settle(ctx); err != nil {
			return err
		}
		state := b.out.session()
		if err := refusal(state, info); err != nil {
			b.out.refuse(s.line, err.Error())
			switch {
			case state.Closing:
				return errLeft
			case b.StopAtError:
				return errStopped
			}
			return nil
		}
		s.last = i == l.Times-1
		if err := b.sendSettled(ctx, s, state); err != nil {
			return err
		}
		if session.MayEndStream(info.Effect) {
			return nil // it cannot be repeated
		}
	}
	return nil
}

// refusal is why a command is not sent.
func refusal(state session.State, info command.Info) error {
	if info.Effect == command.Monitor || info.Effect == command.Sync {
		return &session.Refusal{Command: info.Name, Reason: "it never ends, and no command can follow it"}
	}
	return state.Refuse(info)
}

// sendSettled sends a command in that state, and waits for its replies if it brings any.
func (b *batch) sendSettled(ctx context.Context, s slot, state session.State) error {
	info, words := s.sent.info, s.sent.argv
	b.report.Commands++
	wire := resp.AppendCommand(nil, words...)
	n := state.Expect(info, words)
	if n == 0 {
		if err := b.over(ctx, b.conn.Continue(ctx, wire)); err != nil {
			return err
		}
		b.out.learnSilent(info, words)
		if b.silentFrom == 0 {
			b.silentFrom = s.line
		}
		b.silentTo = s.line
		b.silent = b.out.session().Silent()
		return nil
	}
	var consumer pipeclient.Consumer = b.out
	if state.Confirms(info.Effect) {
		consumer = confirmations{b.out, n}
	}
	b.out.put([]slot{s}, 1)
	b.begun = 0
	if err := b.over(ctx, b.conn.Send(ctx, wire, 1, consumer)); err != nil {
		return err
	}
	if err := b.finishOne(ctx); err != nil {
		return err
	}
	state = b.out.session()
	b.silent, b.closing = state.Silent(), state.Closing
	if !b.silent {
		b.silentFrom, b.silentTo = 0, 0
	}
	return nil
}

// add puts a command behind those that wait to be sent, and sends them when they are many.
func (b *batch) add(ctx context.Context, s slot, words [][]byte, size int) error {
	b.report.Commands++
	if s.routed != nil && !s.last { // the next repetition needs one of its own
		s.routed = b.routes.next(*s.routed)
	}
	if size >= large {
		return b.sendLarge(ctx, s, words)
	}
	s.offset = len(b.wire)
	b.wire = resp.AppendCommand(b.wire, words...)
	if s.routed != nil {
		s.from, s.to = s.offset, len(b.wire)
	}
	b.slots = append(b.slots, s)
	b.pending++
	b.begun = 0
	switch {
	case b.StopAtError || b.Interval > 0:
		return b.finishOne(ctx)
	case b.pending >= maxPending || len(b.wire) >= maxWire || len(b.slots) >= maxPending:
		return b.handOver(ctx)
	}
	return nil
}

// finishOne waits for the one command that was added, and then as long as there is to wait.
func (b *batch) finishOne(ctx context.Context) error {
	if err := b.settle(ctx); err != nil {
		return err
	}
	if b.StopAtError && b.out.failed() {
		return errStopped
	}
	if b.Interval <= 0 {
		return nil
	}
	b.out.flushIdle()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(b.Interval):
		return nil
	}
}

// handOver gives what has been read to the connection.
func (b *batch) handOver(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if len(b.slots) == 0 {
		return nil
	}
	if n := b.nodes.Load(); n != nil {
		return b.handOverToNodes(ctx, n)
	}
	if b.out.length() > maxSlots {
		if err := b.conn.Drain(ctx); err != nil {
			return err
		}
	}
	b.out.put(b.slots, b.pending)
	wire, n := b.wire, b.pending
	b.slots, b.wire, b.pending = b.slots[:0], b.wire[:0], 0
	if n == 0 {
		return nil
	}
	return b.over(ctx, b.conn.Send(ctx, wire, n, b.out))
}

// over makes the end of the connection the error it is for the loop.
func (b *batch) over(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return errOver
}

// sendLarge sends one command in pieces: it is in memory once, as the line it came in.
func (b *batch) sendLarge(ctx context.Context, s slot, words [][]byte) error {
	if n := b.nodes.Load(); n != nil {
		return b.sendLargeToNode(ctx, s, words, n)
	}
	if err := b.handOver(ctx); err != nil {
		return err
	}
	b.out.put([]slot{s}, 1)
	b.begun = 0
	_, err := sendPieces(ctx, b.conn, words, b.out)
	if err := b.over(ctx, err); err != nil {
		return err
	}
	if b.StopAtError || b.Interval > 0 {
		return b.finishOne(ctx)
	}
	return nil
}

// sendPieces sends a command without making one piece of it. It reports whether k will hear of it.
func sendPieces(ctx context.Context, conn *pipeclient.Conn, words [][]byte, k pipeclient.Consumer) (begun bool, err error) {
	send := func(wire []byte) error {
		if begun {
			return conn.Continue(ctx, wire)
		}
		err := conn.Send(ctx, wire, 1, k)
		begun = err == nil
		return err
	}
	head := appendCount(nil, '*', len(words))
	for _, word := range words {
		head = appendCount(head, '$', len(word))
		for len(head)+len(word) >= piece {
			n := max(0, min(len(word), piece-len(head)))
			if err := send(append(head, word[:n]...)); err != nil {
				return begun, err
			}
			head, word = head[:0], word[n:]
		}
		head = append(head, word...)
		head = append(head, "\r\n"...)
	}
	err = send(head)
	return begun, err
}

// appendCount appends the line of a count or a length.
func appendCount(dst []byte, wire byte, n int) []byte {
	return append(strconv.AppendInt(append(dst, wire), int64(n), 10), "\r\n"...)
}

// wireSize is about how long a command is on the wire.
func wireSize(words [][]byte) int {
	size := 16
	for _, word := range words {
		size += len(word) + 16
	}
	return size
}

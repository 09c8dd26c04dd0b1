package pipeclient

import (
	"context"
	"errors"
	"net"
	"runtime"
	"slices"
	"time"

	"easycli/internal/resp"
)

// keepBuffer is the largest output buffer that is kept for the next requests.
const keepBuffer = 1 << 20

// lastWords is how long a silence ends a connection that can no longer be written to: a server that
// hangs up says why before it does, and has perhaps answered a lot.
const lastWords = time.Second

// writePiece is how much is written at once. Each piece that has left is a sign of life: a long
// request on a slow line must not look like a silent server.
const writePiece = 128 << 10

// errEmpty: a server does not answer an empty request, so there would be no end to it.
var errEmpty = errors.New("empty command")

// Send appends wire, which holds one or several whole requests, to the stream; replies is how many
// replies they will bring, and k consumes them. Send waits for a place in the window, as long as ctx
// allows. If it returns an error, nothing was sent and k is not called; otherwise k is, for every
// reply: not at all if there will be none. wire is the caller's again when Send returns.
func (c *Conn) Send(ctx context.Context, wire []byte, replies int, k Consumer) error {
	if replies <= 0 {
		return c.extend(ctx, wire)
	}
	if err := c.acquire(ctx, replies, len(wire)); err != nil {
		return err
	}
	c.enqueue(k, replies, len(wire))
	c.out = append(c.out, wire...)
	c.appended += int64(len(wire))
	c.unlockAndWake()
	return nil
}

// Continue appends more bytes of the request that was sent last, for one that is too large to be
// held in memory. It waits until what was appended before has been taken by the network. Nobody
// else may send until the request is complete. An error leaves it incomplete for ever, and so
// ends the connection.
func (c *Conn) Continue(ctx context.Context, wire []byte) error {
	err := c.extend(ctx, wire)
	if lost, ok := err.(*LostError); ok {
		c.stop(lost.Cause)
	}
	return err
}

// extend appends bytes that bring no reply of their own, when there is room for them. It goes
// before those who wait for a place: a place may become free only by these bytes.
func (c *Conn) extend(ctx context.Context, wire []byte) error {
	if ctx.Err() != nil {
		return &LostError{State: ErrNotSent, Cause: context.Cause(ctx)}
	}
	c.mu.Lock()
	if err := c.refusal(); err != nil {
		c.mu.Unlock()
		return err
	}
	if len(c.out) > 0 {
		w := &waiter{room: true, ready: make(chan struct{})}
		c.waiting = slices.Insert(c.waiting, 0, w)
		c.mu.Unlock()
		if err := c.await(ctx, w); err != nil {
			return err
		}
	}
	c.out = append(c.out, wire...)
	c.appended += int64(len(wire))
	c.unlockAndWake()
	return nil
}

// enqueue puts a request into the FIFO; the lock is held, and its place in the window is taken.
func (c *Conn) enqueue(k Consumer, replies, size int) {
	confirmer, ok := k.(Confirmer)
	c.fifo = append(c.fifo, request{
		k: k, replies: replies, size: size, start: c.appended,
		confirm: ok && confirmer.Confirms(),
	})
}

// unlockAndWake ends an append: it wakes the sender if it sleeps, and the receiver if it rests.
func (c *Conn) unlockAndWake() {
	wake, work := c.idle, c.resting && !c.leading
	c.idle = false
	c.mu.Unlock()
	if wake {
		c.wakeSender()
	}
	if work {
		c.wakeReceiver()
	}
}

// send is the sender: it writes what has been appended, in large pieces while there is much of it.
// It ends when the connection is stopped or cannot be written to.
func (c *Conn) send() {
	defer close(c.senderDone)
	var buf []byte
	for {
		c.mu.Lock()
		for len(c.out) == 0 && !c.silenced() {
			c.idle = true
			c.mu.Unlock()
			<-c.wake
			c.mu.Lock()
			c.idle = false
		}
		if c.silenced() {
			c.mu.Unlock()
			return
		}
		if crowd := c.inflight > 1 && len(c.out) < 4<<10; crowd {
			// Others are about to append: let them, and save a system call for each.
			c.mu.Unlock()
			runtime.Gosched()
			c.mu.Lock()
		}
		buf, c.out = c.out, buf[:0]
		if len(c.waiting) > 0 {
			c.admit()
		}
		c.mu.Unlock()
		if !c.write(buf) {
			return
		}
		if cap(buf) > keepBuffer {
			buf = nil
		}
	}
}

// silenced reports whether nothing may be written any more: behind bytes that were cut off, the server
// would misread whatever comes. The lock is held.
func (c *Conn) silenced() bool { return c.err != nil || c.writeErr != nil }

// write passes p on to the network, and reports whether it could. When it could not, the receiver
// goes on for a while, and so do those who append: they will learn what the server has to say.
func (c *Conn) write(p []byte) bool {
	long := len(p) > writePiece
	for len(p) > 0 {
		n, err := c.nc.Write(p[:min(len(p), writePiece)])
		p = p[n:]
		c.mu.Lock()
		c.written += int64(n)
		if err != nil {
			c.writeErr = opError(err)
		}
		if err != nil || long {
			c.arm()
		}
		c.mu.Unlock()
		if err != nil {
			return false
		}
	}
	return true
}

// opError is the reason in an error of package net, without the addresses.
func opError(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// Do sends one command and waits for its reply. What the server answers, errors included, is the
// value. The error is a [LostError] that says whether the command was sent. If ctx ends first, the
// reply that may still come is dropped.
func (c *Conn) Do(ctx context.Context, words ...string) (resp.Value, error) {
	if len(words) == 0 {
		return resp.Value{}, &LostError{State: ErrNotSent, Cause: errEmpty}
	}
	size := 0
	for _, w := range words {
		size += len(w) + 16
	}
	k := c.newCall()
	if err := c.acquire(ctx, 1, size); err != nil {
		k.free()
		return resp.Value{}, err
	}
	c.enqueue(k, 1, size)
	before := len(c.out)
	c.out = resp.AppendCommand(c.out, words...)
	c.appended += int64(len(c.out) - before)
	if c.mayLead(ctx) {
		c.lead()
	} else {
		c.unlockAndWake()
	}
	return k.wait(ctx)
}

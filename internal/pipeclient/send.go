package pipeclient

import (
	"context"
	"errors"
	"net"
	"runtime"
	"time"

	"easycli/internal/resp"
)

// keepBuffer is the largest output buffer that is kept for the next requests.
const keepBuffer = 1 << 20

// lastWords is how long a connection that can no longer be written to is read: a server that hangs
// up says why before it does.
const lastWords = time.Second

// Send appends wire, which holds one or several whole requests, to the stream; replies is how many
// replies they will bring, and k consumes them. Send waits for a place in the window, as long as ctx
// allows. If it returns an error, nothing was sent and k is not called; otherwise k is, for every
// reply. wire is the caller's again when Send returns.
func (c *Conn) Send(ctx context.Context, wire []byte, replies int, k Consumer) error {
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
// held in memory. It waits until what was appended before has been taken by the network.
func (c *Conn) Continue(ctx context.Context, wire []byte) error {
	w := &waiter{bytes: len(wire), room: true, ready: make(chan struct{})}
	c.mu.Lock()
	if c.err == nil && len(c.out) > 0 {
		c.waiting = append(c.waiting, w)
		c.mu.Unlock()
		if err := c.await(ctx, w); err != nil {
			return err
		}
		c.mu.Lock()
	}
	if err := c.refusal(); err != nil {
		c.mu.Unlock()
		return err
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

// unlockAndWake ends an append: it wakes the sender if it sleeps.
func (c *Conn) unlockAndWake() {
	wake := c.idle
	c.idle = false
	c.mu.Unlock()
	if wake {
		c.wakeSender()
	}
}

// send is the sender: it writes what has been appended, in large pieces while there is much of it.
// It ends when the connection is stopped or cannot be written to.
func (c *Conn) send() {
	defer close(c.senderDone)
	var buf []byte
	for {
		c.mu.Lock()
		for len(c.out) == 0 {
			if c.err != nil {
				c.mu.Unlock()
				return
			}
			c.idle = true
			c.mu.Unlock()
			<-c.wake
			c.mu.Lock()
			c.idle = false
		}
		if c.err != nil {
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
		n, err := c.nc.Write(buf)
		c.mu.Lock()
		c.written += int64(n)
		c.mu.Unlock()
		if err != nil {
			c.hangUp(err)
			return
		}
		if cap(buf) > keepBuffer {
			buf = nil
		}
	}
}

// hangUp is the end of the sender on a write error. The receiver goes on for a while.
func (c *Conn) hangUp(err error) {
	c.mu.Lock()
	if c.err == nil {
		c.err = opError(err)
	}
	c.writeErr = opError(err)
	c.nc.SetReadDeadline(time.Now().Add(lastWords))
	c.mu.Unlock()
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
	size := 0
	for _, w := range words {
		size += len(w) + 16
	}
	k := newCall()
	if err := c.acquire(ctx, 1, size); err != nil {
		k.free()
		return resp.Value{}, err
	}
	c.enqueue(k, 1, size)
	before := len(c.out)
	c.out = resp.AppendCommand(c.out, words...)
	c.appended += int64(len(c.out) - before)
	c.unlockAndWake()
	return k.wait(ctx)
}

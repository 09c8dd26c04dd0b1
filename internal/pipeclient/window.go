package pipeclient

import (
	"context"
	"slices"
)

// waiter is a sender that waits for its turn. Its turn has come when ready is closed, or the
// connection has ended: then err is set.
type waiter struct {
	replies int
	bytes   int
	room    bool // waits for the output buffer to be empty, not for a place
	drain   bool // waits for everything to be answered
	ready   chan struct{}
}

// acquire takes a place in the window for a request, and returns holding the lock. On an error it
// does not hold it.
func (c *Conn) acquire(ctx context.Context, replies, size int) error {
	if ctx.Err() != nil {
		return &LostError{State: ErrNotSent, Cause: context.Cause(ctx)}
	}
	c.mu.Lock()
	if c.err == nil && len(c.waiting) == 0 && c.fits(replies, size) {
		c.reserve(replies, size)
		return nil
	}
	if err := c.refusal(); err != nil {
		c.mu.Unlock()
		return err
	}
	w := &waiter{replies: replies, bytes: size, ready: make(chan struct{})}
	c.waiting = append(c.waiting, w)
	c.mu.Unlock()
	return c.await(ctx, w)
}

// refusal is the error for a request that comes too late; the lock is held.
func (c *Conn) refusal() error {
	if c.err == nil {
		return nil
	}
	return &LostError{State: ErrNotSent, Cause: c.err}
}

// fits reports whether the window has a place. A request larger than the window goes alone.
func (c *Conn) fits(replies, size int) bool {
	return c.inflight == 0 ||
		c.inflight+replies <= c.places && c.inBytes+size <= c.cfg.WindowBytes
}

// firstPlaces is how many replies may be to come before the first ones have been weighed.
const firstPlaces = 128

// weigh takes note of how heavy the answered replies were, and sizes the window accordingly: what a
// server has to keep for a slow reader is bounded like what is sent to it. Replies that get heavier
// count at once, lighter ones with their share of the window. The lock is held.
func (c *Conn) weigh() {
	bytes := (c.r.Offset() - c.weighed) / int64(c.answered)
	c.weighed += bytes * int64(c.answered)
	lighter := (c.weight - bytes) * int64(min(c.answered, c.places)) / int64(c.places)
	c.weight = max(bytes, c.weight-lighter-1, 1) // by one at least, or it would stop on the way
	c.places = int(min(int64(c.cfg.Window), max(1, int64(c.cfg.WindowBytes)/c.weight)))
}

func (c *Conn) reserve(replies, size int) {
	first := c.inflight == 0
	c.inflight += replies
	c.inBytes += size
	if first && c.cfg.Timeout > 0 {
		c.arm()
	}
}

// await waits for a waiter's turn, for ctx or for the end of the connection, whichever is first,
// and returns holding the lock. On an error it does not hold it.
func (c *Conn) await(ctx context.Context, w *waiter) error {
	select {
	case <-w.ready:
	case <-ctx.Done():
		if c.leave(w) {
			return &LostError{State: ErrNotSent, Cause: context.Cause(ctx)}
		}
	}
	c.mu.Lock()
	if err := c.refusal(); err != nil {
		c.mu.Unlock()
		return err
	}
	return nil
}

// leave takes a waiter out of the queue whose ctx has ended, and what it had got with it. It
// returns false if the connection ended before.
func (c *Conn) leave(w *waiter) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return false
	}
	if i := slices.Index(c.waiting, w); i >= 0 {
		c.waiting = slices.Delete(c.waiting, i, i+1)
	} else { // its turn came at the same moment
		c.inflight -= w.replies
		c.inBytes -= w.bytes
		if c.inflight == 0 && c.armed {
			c.arm() // the deadline that came with it
		}
	}
	c.admit() // those behind it may fit where it did not
	return true
}

// Drain waits until everything that was sent has ended, with a reply or without. What is sent
// meanwhile waits behind it. The error is that of ctx.
func (c *Conn) Drain(ctx context.Context) error {
	c.mu.Lock()
	if c.err == nil && c.inflight > 0 {
		w := &waiter{drain: true, ready: make(chan struct{})}
		c.waiting = append(c.waiting, w)
		c.mu.Unlock()
		select {
		case <-w.ready:
		case <-ctx.Done():
			c.leave(w)
			return context.Cause(ctx)
		}
		c.mu.Lock()
	}
	over := c.err != nil
	c.mu.Unlock()
	if !over {
		return nil
	}
	select {
	case <-c.over:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// admit lets in those who wait and now fit, in their order; the lock is held.
func (c *Conn) admit() {
	for len(c.waiting) > 0 {
		w := c.waiting[0]
		switch {
		case w.room && len(c.out) > 0, w.drain && c.inflight > 0:
			return
		case !w.room && !w.drain:
			if !c.fits(w.replies, w.bytes) {
				return
			}
			c.reserve(w.replies, w.bytes)
		}
		c.waiting[0] = nil
		c.waiting = c.waiting[1:]
		close(w.ready)
	}
	c.waiting = nil
}

// dismiss sends those who wait away, for the connection has ended; the lock is held.
func (c *Conn) dismiss() {
	for _, w := range c.waiting {
		close(w.ready)
	}
	c.waiting = nil
}

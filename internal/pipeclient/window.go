package pipeclient

import "context"

// waiter is a sender that waits for its turn.
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
	c.mu.Lock()
	if len(c.waiting) == 0 && c.fits(replies, size) && c.err == nil {
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
	if err := c.await(ctx, w); err != nil {
		return err
	}
	c.mu.Lock()
	if err := c.refusal(); err != nil {
		c.mu.Unlock()
		return err
	}
	return nil
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
		c.inflight+replies <= c.cfg.Window && c.inBytes+size <= c.cfg.WindowBytes
}

func (c *Conn) reserve(replies, size int) {
	first := c.inflight == 0
	c.inflight += replies
	c.inBytes += size
	if first && c.cfg.Timeout > 0 {
		c.armTimeout()
	}
}

// await waits for a waiter's turn, for ctx or for the end of the connection, whichever is first.
func (c *Conn) await(ctx context.Context, w *waiter) error {
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
	case <-c.over:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-w.ready: // the turn came at the same moment
		if c.err == nil && ctx.Err() != nil && !w.room && !w.drain {
			c.giveBack(w.replies, w.bytes)
			return &LostError{State: ErrNotSent, Cause: context.Cause(ctx)}
		}
		return nil
	default:
	}
	for i := range c.waiting {
		if c.waiting[i] == w {
			c.waiting = append(c.waiting[:i], c.waiting[i+1:]...)
			break
		}
	}
	if err := c.refusal(); err != nil {
		return err
	}
	return &LostError{State: ErrNotSent, Cause: context.Cause(ctx)}
}

// giveBack frees places in the window; the lock is held.
func (c *Conn) giveBack(replies, bytes int) {
	c.inflight -= replies
	c.inBytes -= bytes
	c.admit()
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
		c.waiting = c.waiting[1:]
		close(w.ready)
	}
	c.waiting = nil
}

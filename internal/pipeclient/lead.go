package pipeclient

import (
	"context"
	"time"
)

// A caller that is alone with its connection would pay for two changes of goroutines with every
// request: to the sender, and back from the receiver. When that has gone on for a while, the receiver
// rests instead of reading ahead, and the caller leads: it writes its request and reads its reply
// itself, on behalf of the two. Whoever joins it meanwhile is served by them as ever, behind it.

const (
	// aloneFor is how many times in a row a reply came alone before the receiver rests.
	aloneFor = 16
	// restFor is how long the receiver rests when nobody leads: it is the one that notices when the
	// server hangs up, or says something unasked.
	restFor = 10 * time.Millisecond
)

// rest is where the receiver waits while callers lead. It returns when there is something to read
// for it, with the error that a caller has met, if that is the reason.
func (c *Conn) rest() error {
	if c.solo < aloneFor || c.r.Buffered() > 0 {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tellWindow()
	if c.inflight > 0 || c.err != nil || c.writeErr != nil {
		return nil
	}
	timer := time.NewTimer(restFor)
	defer timer.Stop()
	for led, tick := c.led, timer.C; ; {
		c.resting, c.asleep = true, tick == nil
		c.mu.Unlock()
		expired := false
		select {
		case <-c.work:
		case <-tick:
			expired = true
		}
		c.mu.Lock()
		c.resting, c.asleep = false, false
		switch {
		case expired && c.leading && c.writing:
			c.leading = false // the write may wait for somebody to read, or for a Timeout
			return nil
		case !c.leading && (c.pending() || expired && c.led == led):
			return c.leadErr
		case expired && c.leading:
			tick = nil // the leader waits for long: it wakes us at its end
		case expired, tick == nil:
			led, tick = c.led, timer.C
			timer.Reset(restFor)
		}
	}
}

// pending reports whether there is something to do for the receiver; the lock is held, and nobody
// leads.
func (c *Conn) pending() bool {
	return c.leadErr != nil || c.inflight > 0 || c.err != nil || c.r.Buffered() > 0
}

// mayLead reports whether a caller, whose request has just been appended, is to do all the work for
// it; the lock is held. A context that can end needs somebody else to do the waiting.
func (c *Conn) mayLead(ctx context.Context) bool {
	return c.resting && !c.leading && c.idle && c.inflight == 1 && c.writeErr == nil && ctx.Done() == nil
}

// lead writes the one request there is and reads its reply, unless the write takes so long that the
// receiver has gone to read instead. It is called with the lock held and returns without.
func (c *Conn) lead() {
	c.leading, c.writing, c.idle = true, true, false
	c.lone, c.out = c.out, c.lone[:0]
	c.mu.Unlock()
	wrote := c.write(c.lone)
	c.mu.Lock()
	if cap(c.lone) > keepBuffer {
		c.lone = nil
	}
	c.writing = false
	if c.idle = wrote && len(c.out) == 0; !c.idle {
		c.wakeSender() // for those behind this request, or to end
	}
	relieved := !c.leading
	c.mu.Unlock()
	if relieved {
		c.wakeReceiver()
		return
	}
	var err error
	for replied := false; wrote && !replied && err == nil; {
		replied, err = c.receiveOne()
	}
	c.mu.Lock()
	c.tellWindow()
	if err == nil && c.err == nil && c.inflight == 0 && c.surplus() {
		err = c.unsolicited()
		c.err = err // at once: the next caller may be faster than the receiver
	}
	c.leading, c.leadErr = false, err
	c.led++
	handOver := c.pending() || c.asleep
	c.mu.Unlock()
	if handOver {
		c.wakeReceiver()
	}
}

// surplus reports whether a reply has come that nobody has asked for. The next request would take it
// for its own.
func (c *Conn) surplus() bool {
	ahead := c.r.Ahead()
	return len(ahead) > 0 && ahead[0] != '>' && ahead[0] != '|' && !(ahead[0] == '*' && c.r.Subscribed)
}

// settle waits until nobody writes any more.
func (c *Conn) settle() {
	<-c.senderDone
	c.mu.Lock()
	for c.writing {
		c.mu.Unlock()
		<-c.work
		c.mu.Lock()
	}
	c.mu.Unlock()
}

func (c *Conn) wakeReceiver() {
	select {
	case c.work <- struct{}{}:
	default:
	}
}

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
	for led := c.led; ; {
		c.resting = true
		c.mu.Unlock()
		expired := false
		select {
		case <-c.work:
		case <-timer.C:
			expired = true
		}
		c.mu.Lock()
		c.resting = false
		if !c.leading && (c.leadErr != nil || c.inflight > 0 || c.err != nil || expired && c.led == led) {
			return c.leadErr
		}
		if expired {
			led = c.led
			timer.Reset(restFor)
		}
	}
}

// mayLead reports whether a caller, whose request has just been appended, is to do all the work for
// it; the lock is held. A context that can end needs somebody else to do the waiting.
func (c *Conn) mayLead(ctx context.Context) bool {
	return c.resting && !c.leading && c.idle && c.inflight == 1 && c.writeErr == nil && ctx.Done() == nil
}

// lead writes the one request there is and reads its reply. It is called with the lock held and
// returns without.
func (c *Conn) lead() {
	c.leading, c.idle = true, false
	c.lone, c.out = c.out, c.lone[:0]
	c.mu.Unlock()
	wrote := c.write(c.lone)
	if cap(c.lone) > keepBuffer {
		c.lone = nil
	}
	c.mu.Lock()
	if len(c.out) > 0 {
		c.wakeSender()
	} else {
		c.idle = true
	}
	c.mu.Unlock()
	var err error
	for replied := false; wrote && !replied && err == nil; {
		replied, err = c.receiveOne()
	}
	c.mu.Lock()
	c.tellWindow()
	c.leading, c.leadErr = false, err
	c.led++
	handOver := err != nil || c.inflight > 0 || c.err != nil
	c.mu.Unlock()
	if handOver {
		c.wakeReceiver()
	}
}

func (c *Conn) wakeReceiver() {
	select {
	case c.work <- struct{}{}:
	default:
	}
}

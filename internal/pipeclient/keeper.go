package pipeclient

import (
	"time"

	"easycli/internal/resp"
)

// keep is the client's one goroutine of its own: it connects, looks after the connection until that
// is lost, and begins again. It ends with the client, or when nobody needs a connection.
func (cl *Client) keep() {
	for cl.needed() {
		if wait := time.Until(cl.notBefore); wait > 0 {
			cl.pause(wait)
			continue
		}
		c, err := Dial(cl.ctx, cl.cfg.Config)
		if err == nil {
			cl.backoff.Reset()
			cl.conn.Store(c)
			cl.attempted(nil)
			err = cl.watch(c)
			cl.conn.Store(nil)
			cl.mu.Lock()
			cl.lastErr = err
			cl.mu.Unlock()
		} else {
			cl.attempted(err)
		}
		cl.notBefore = time.Now().Add(cl.backoff.Next())
	}
}

// pause waits, unless the client is closed.
func (cl *Client) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-cl.ctx.Done():
	}
}

// needed reports whether the keeper has to go on; if not, it has left.
func (cl *Client) needed() bool {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	cl.keeping = cl.waiting > 0 && cl.ctx.Err() == nil
	return cl.keeping
}

// attempted tells those who wait what came of an attempt.
func (cl *Client) attempted(err error) {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	a := cl.attempt
	cl.attempt, cl.lastErr = newAttempt(), err
	if refused, ok := err.(*ConnectError); ok && refused.Refused != "" && refused.Step != "connect" {
		a.refused = err
	}
	close(a.done)
}

// watch looks after a connection until it is over, with one timer, and returns why it ended.
func (cl *Client) watch(c *Conn) error {
	timer := time.NewTimer(max(cl.cfg.Heartbeat, 0))
	defer timer.Stop()
	tick := timer.C
	if cl.cfg.Heartbeat < 0 {
		tick = nil
	}
	for {
		select {
		case <-c.Over():
			return c.Err()
		case <-cl.ctx.Done():
			c.Close()
		case <-tick:
			timer.Reset(cl.beat(c))
		}
	}
}

// beat asks a server that has been silent for a heartbeat, and owes no answer, whether it is there.
// Its answer, like any other, is due within the connection's Timeout. beat returns when to come back.
func (cl *Client) beat(c *Conn) time.Duration {
	c.mu.Lock()
	silent, owes := time.Since(c.quiet), c.inflight > 0
	c.mu.Unlock()
	if silent < cl.cfg.Heartbeat {
		return cl.cfg.Heartbeat - silent
	}
	if !owes {
		c.Send(cl.ctx, ping, 1, discard{})
	}
	return cl.cfg.Heartbeat
}

var ping = resp.AppendCommand(nil, "PING")

// discard is a Consumer that only wants to know that there is an answer.
type discard struct{}

func (discard) Consume(src *resp.Reader) error {
	_, err := src.Skip(func(int, []byte) {})
	return err
}

func (discard) Lost(*LostError, int) {}

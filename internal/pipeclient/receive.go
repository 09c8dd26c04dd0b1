package pipeclient

import (
	"bytes"
	"errors"
	"os"
	"time"

	"easycli/internal/resp"
)

// tellEvery is after how many replies the window is told, if the receiver does not have to wait
// for the network before.
const tellEvery = 256

// receive is the receiver: it hands the replies to their requests, in order. It ends with the
// connection, and ends every request that is left.
func (c *Conn) receive() {
	err := c.receiveAll()
	c.mu.Lock()
	if c.hijacked && errors.Is(err, os.ErrDeadlineExceeded) {
		c.mu.Unlock()
		<-c.senderDone
		close(c.over)
		return
	}
	c.err = c.verdict(err)
	c.mu.Unlock()
	c.nc.Close()
	c.wakeSender()
	<-c.senderDone
	c.loseAll()
	close(c.over)
}

// verdict is why the connection is over, when the receiver ended with err; the lock is held. What
// ended it from this side comes first, then what the server or the network did.
func (c *Conn) verdict(err error) error {
	switch {
	case c.err != nil && c.writeErr == nil:
		return c.err
	case errors.Is(err, os.ErrDeadlineExceeded) && c.writeErr != nil:
		return c.writeErr
	case errors.Is(err, os.ErrDeadlineExceeded):
		return ErrTimeout
	}
	return cause(opError(err))
}

func (c *Conn) receiveAll() error {
	for {
		if _, err := c.r.Peek(); err != nil {
			return err
		}
		if c.next == len(c.taken) {
			c.take()
		}
		var head *request
		if c.next < len(c.taken) {
			head = &c.taken[c.next]
		}
		c.r.Confirmations = head != nil && head.confirm
		if apart, err := c.r.TakePush(); err != nil {
			return err
		} else if apart {
			continue
		}
		if !c.greeted {
			if err := c.greet(); err != nil {
				return err
			}
		}
		if head == nil {
			return ErrUnsolicited
		}
		if err := c.consume(head); err != nil {
			return err
		}
	}
}

// consume lets the request at the head of the queue take one reply.
func (c *Conn) consume(head *request) error {
	c.consuming = true
	err := head.k.Consume(c.r)
	c.consuming = false
	if err != nil {
		return err
	}
	head.replies--
	c.answered++
	if head.replies == 0 {
		c.freed += head.size
		head.k = nil
		c.next++
	}
	if c.answered >= tellEvery {
		c.tellWindow()
	}
	if len(c.held) > 0 {
		for _, v := range c.held {
			c.push(v)
		}
		c.held = c.held[:0]
	}
	return nil
}

// take moves the requests that have been sent meanwhile into the receiver's own hands.
func (c *Conn) take() {
	c.mu.Lock()
	c.taken, c.fifo = c.fifo, c.taken[:0]
	c.mu.Unlock()
	c.next = 0
}

// beforeBlock runs before the receiver asks the network for more: everything that was learned is
// passed on before it may have to wait.
func (c *Conn) beforeBlock() {
	if c.cfg.BeforeBlock != nil {
		c.cfg.BeforeBlock()
	}
	if c.answered > 0 {
		c.tellWindow()
	}
	if c.cfg.Timeout > 0 {
		c.mu.Lock()
		c.armTimeout()
		c.mu.Unlock()
	}
}

// armTimeout sets the deadline of the read that is, or will be, waiting for a reply; without one to
// come there is no deadline. The lock is held.
func (c *Conn) armTimeout() {
	switch {
	case c.hijacked || c.writeErr != nil:
	case c.inflight > 0:
		c.nc.SetReadDeadline(time.Now().Add(c.cfg.Timeout))
	default:
		c.nc.SetReadDeadline(time.Time{})
	}
}

// tellWindow gives the places of answered requests back.
func (c *Conn) tellWindow() {
	c.mu.Lock()
	c.inflight -= c.answered
	c.inBytes -= c.freed
	if len(c.waiting) > 0 {
		c.admit()
	}
	c.mu.Unlock()
	c.answered, c.freed = 0, 0
}

// push passes on what the server sent unasked; in the middle of a reply it is held until its end.
func (c *Conn) push(v resp.Value) {
	if c.consuming && len(c.held) < maxHeld {
		c.held = append(c.held, v)
		return
	}
	if c.cfg.OnPush != nil {
		c.cfg.OnPush(v)
	}
}

// maxHeld bounds the pushes that wait for the end of a reply; more are passed on at once.
const maxHeld = 1024

// greet looks at the first reply of the connection: a server that is full or protected answers
// with an error before it has read anything, and hangs up.
func (c *Conn) greet() error {
	c.greeted = true
	if refused := parting(c.r.Ahead()); refused != "" {
		return &ConnectError{Addr: c.cfg.Addr, Step: "connect", Refused: refused}
	}
	return nil
}

// parting is the server's refusal to serve the connection, if that is what the bytes are.
func parting(ahead []byte) string {
	for _, prefix := range []string{"-ERR max number of clients", "-DENIED "} {
		if bytes.HasPrefix(ahead, []byte(prefix)) {
			line, _, _ := bytes.Cut(ahead[1:], []byte("\r"))
			return string(line)
		}
	}
	return ""
}

// loseAll ends the requests that are left. Both ends of the stream are settled: the sender has
// stopped, so what was written is known.
func (c *Conn) loseAll() {
	c.mu.Lock()
	rest := append(c.taken[c.next:], c.fifo...)
	c.fifo, c.out = nil, nil
	reason, written := c.err, c.written
	for _, w := range c.waiting {
		close(w.ready)
	}
	c.waiting = nil
	c.inflight, c.inBytes = 0, 0
	c.mu.Unlock()
	for i := range rest {
		lost := &LostError{State: ErrInDoubt, Cause: reason, Written: max(0, written-rest[i].start)}
		if lost.Written == 0 {
			lost.State = ErrNotSent
		}
		rest[i].k.Lost(lost, rest[i].replies)
	}
}

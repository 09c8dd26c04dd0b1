package pipeclient

import (
	"bytes"
	"errors"
	"fmt"
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
	if c.hijacked && c.between && errors.Is(err, os.ErrDeadlineExceeded) {
		c.handed = true
		c.mu.Unlock()
		c.settle()
		close(c.over)
		return
	}
	c.err = c.verdict(err)
	c.mu.Unlock()
	c.nc.Close()
	c.wakeSender()
	c.settle()
	c.loseAll()
	close(c.over)
}

// verdict is why the connection is over, when the receiver ended with err; the lock is held. What
// ended it from this side comes first, then what the server or the network did.
func (c *Conn) verdict(err error) error {
	expired := errors.Is(err, os.ErrDeadlineExceeded)
	switch {
	case c.err != nil && !c.hijacked:
		return c.err
	case expired && c.writeErr != nil:
		return c.writeErr
	case expired && c.hijacked:
		return ErrUnsolicited // in the middle of what nobody had asked for
	case expired:
		return ErrTimeout
	}
	return cause(opError(err))
}

func (c *Conn) receiveAll() error {
	for {
		if err := c.rest(); err != nil {
			return err
		}
		if _, err := c.receiveOne(); err != nil {
			return err
		}
	}
}

// receiveOne waits for what comes next and passes it on. It reports whether that was a reply.
func (c *Conn) receiveOne() (reply bool, err error) {
	c.between = true
	wire, err := c.r.Peek()
	if err != nil {
		return false, err
	}
	c.between = false
	if c.next == len(c.taken) {
		c.take()
	}
	var head *request
	if c.next < len(c.taken) {
		head = &c.taken[c.next]
	}
	c.r.Confirmations = head != nil && head.confirm
	if apart, err := c.r.TakePush(); apart || err != nil {
		return false, err
	}
	if !c.greeted {
		if err := c.greet(); err != nil {
			return false, err
		}
	}
	if head == nil {
		return false, c.unsolicited()
	}
	return true, c.consume(head, wire)
}

// unsolicited is the error for a reply without a request; if it is an error that can be quoted, it
// is likely to be the reason for what happens next.
func (c *Conn) unsolicited() error {
	line, _, whole := bytes.Cut(c.r.Ahead(), []byte("\r\n"))
	if whole && line[0] == '-' && len(line) < 512 {
		return fmt.Errorf("%w: %q", ErrUnsolicited, line[1:])
	}
	return ErrUnsolicited
}

// consume lets the request at the head of the queue take one reply, which begins with wire.
func (c *Conn) consume(head *request, wire byte) error {
	if head.confirm && wire != '>' && wire != '*' && head.replies > 1 {
		c.answered += head.replies - 1 // refused as a whole
		head.replies = 1
	}
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
	c.passOn()
	if c.answered >= tellEvery {
		c.mu.Lock()
		c.tellWindow()
		c.mu.Unlock()
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
	c.mu.Lock()
	answered := c.answered
	c.tellWindow()
	if answered == 1 && c.inflight == 0 {
		c.solo++
	} else if answered > 0 {
		c.solo = 0
	}
	if c.cfg.Timeout > 0 || c.writeErr != nil {
		c.arm()
	}
	ahead := c.inflight > c.cfg.Window/2 || c.inBytes > c.cfg.WindowBytes/2
	c.mu.Unlock()
	at := c.r.Offset() + int64(c.r.Buffered())
	if ahead && c.cfg.Gather > 0 && at-c.seen < smallRead {
		time.Sleep(c.cfg.Gather)
	}
	c.seen = at
}

// smallRead is a read that left nothing behind in the system's buffer, so that waiting for more may
// make the next one larger. One that filled our buffer could only be made later.
const smallRead = 16 << 10

// arm sets the deadline of the read that is, or will be, waiting for a reply; without one to come
// there is no deadline. The lock is held.
func (c *Conn) arm() {
	patience := c.cfg.Timeout
	switch {
	case c.hijacked:
		return
	case c.writeErr != nil:
		patience = lastWords
	case c.inflight == 0:
		patience = 0
	}
	c.quiet = time.Now()
	switch {
	case patience > 0:
		c.nc.SetReadDeadline(c.quiet.Add(patience))
	case c.armed:
		c.nc.SetReadDeadline(time.Time{})
	}
	c.armed = patience > 0
}

// tellWindow gives the places of answered requests back; the lock is held.
func (c *Conn) tellWindow() {
	if c.answered == 0 {
		return
	}
	c.weigh()
	c.inflight -= c.answered
	c.inBytes -= c.freed
	c.answered, c.freed = 0, 0
	if len(c.waiting) > 0 {
		c.admit()
	}
}

// push passes on what the server sent unasked; in the middle of a reply it is held until its end.
func (c *Conn) push(v resp.Value) {
	if len(c.held) == 0 {
		c.heldFrom = c.r.Offset()
	}
	if c.consuming && len(c.held) < maxHeld && c.r.Offset()-c.heldFrom < maxHeldBytes {
		c.held = append(c.held, v)
		return
	}
	c.passOn()
	c.cfg.OnPush(v)
}

// passOn passes on what was held, in its order.
func (c *Conn) passOn() {
	if len(c.held) == 0 {
		return
	}
	for _, v := range c.held {
		c.cfg.OnPush(v)
	}
	clear(c.held)
	c.held = c.held[:0]
}

// maxHeld and maxHeldBytes bound the pushes that wait for the end of a reply, by their number and
// by how far behind the stream has gone; then they are passed on in the middle of it.
const (
	maxHeld      = 1024
	maxHeldBytes = 16 << 20
)

// greet looks at the first reply of the connection: a server that is full or protected answers
// with an error before it has read anything, and hangs up.
func (c *Conn) greet() error {
	c.greeted = true
	if refused := parting(c.r.Ahead()); refused != "" {
		return &ConnectError{Addr: c.cfg.Addr, Step: "connect", Refused: refused}
	}
	return nil
}

// parting is the server's refusal to serve the connection, if that is what the bytes are. The
// words are whole ones of the server: a script may answer with an error of any code.
func parting(ahead []byte) string {
	for _, prefix := range []string{
		"-ERR max number of clients",
		"-DENIED Redis is running in protected mode",
		"-DENIED Running in protected mode", // Valkey
	} {
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
	reason, written, appended := c.err, c.written, c.appended
	c.dismiss()
	c.inflight, c.inBytes = 0, 0
	c.mu.Unlock()
	for i := range rest {
		end := appended
		if i+1 < len(rest) {
			end = rest[i+1].start
		}
		lost := &LostError{State: ErrInDoubt, Cause: reason}
		if lost.Written = min(written, end) - rest[i].start; lost.Written <= 0 {
			lost.State, lost.Written = ErrNotSent, 0
		}
		rest[i].k.Lost(lost, rest[i].replies)
	}
}

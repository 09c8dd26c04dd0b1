package pipeclient

import (
	"errors"
	"net"
	"time"

	"easycli/internal/resp"
)

// Hijack hands the raw stream to the caller and takes the connection out of service: requests
// fail from then on, and closing the stream is the caller's. It needs all replies to have come; use
// [Conn.Drain] before. The command that gives the stream its new meaning (MONITOR, SYNC) is for the
// caller to write: a server's answer to it would be a reply that nobody asked for.
func (c *Conn) Hijack() (net.Conn, *resp.Reader, error) {
	c.mu.Lock()
	err := c.err
	if err == nil {
		err = c.writeErr
	}
	if err == nil && (c.inflight > 0 || len(c.waiting) > 0 || len(c.out) > 0) {
		err = errors.New("hijacking a connection with requests on their way")
	}
	if err != nil {
		c.mu.Unlock()
		return nil, nil, err
	}
	c.hijacked, c.err = true, ErrClosed
	c.nc.SetReadDeadline(past)
	c.mu.Unlock()
	c.wakeSender()
	c.wakeReceiver()
	<-c.over
	if !c.handed {
		return nil, nil, c.Err()
	}
	c.r.Resume()
	c.nc.SetReadDeadline(time.Time{})
	c.r.BeforeBlock, c.r.OnPush, c.r.DropPushes = nil, nil, false
	return c.nc, c.r, nil
}

// past is a deadline that makes reads and writes return.
var past = time.Unix(1, 0)

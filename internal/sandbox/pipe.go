package sandbox

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// Why a pipe of our own: net.Pipe has no buffer, so a client that writes two requests before it
// reads a reply waits for ever; a socket pair is not to be had on every system, and a socket in a
// temporary directory is a file to clean up. Two buffers and a lock are neither.

// requestRoom is how many bytes of requests wait for the server; then the client's Write waits.
const requestRoom = 256 << 10

// keepBuffer is the largest empty buffer that is kept for later.
const keepBuffer = 1 << 20

// stream is one direction of a connection: bytes that were written and not yet read.
type stream struct {
	mu    sync.Mutex
	moved sync.Cond // something below has changed
	buf   []byte
	off   int // buf[off:] is unread
	room  int // a Write waits while as many bytes are unread; 0 never waits

	closed   bool // by the writer: what is unread can still be read
	dropped  bool // by the reader: nobody will read any more
	readEnd  deadline
	writeEnd deadline
}

func newStream(room int) *stream {
	s := &stream{room: room}
	s.moved.L = &s.mu
	return s
}

func (s *stream) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.dropped:
			return 0, net.ErrClosed
		case s.readEnd.passed:
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case s.off < len(s.buf):
			n := copy(p, s.buf[s.off:])
			s.take(n)
			return n, nil
		case s.closed:
			return 0, io.EOF
		}
		s.moved.Wait()
	}
}

// take marks n bytes as read.
func (s *stream) take(n int) {
	s.off += n
	if s.off == len(s.buf) {
		s.off, s.buf = 0, s.buf[:0]
		if cap(s.buf) > keepBuffer {
			s.buf = nil
		}
	}
	s.moved.Broadcast()
}

func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	written := 0
	for {
		switch {
		case s.closed:
			return written, net.ErrClosed
		case s.dropped:
			return written, io.ErrClosedPipe
		case s.writeEnd.passed:
			return written, os.ErrDeadlineExceeded
		case written == len(p):
			return written, nil
		}
		n := len(p) - written
		if s.room > 0 {
			n = min(n, s.room-s.unread())
		}
		if n > 0 {
			s.put(p[written : written+n])
			written += n
			continue
		}
		s.moved.Wait()
	}
}

// put appends to the unread bytes, and moves them to the front where that makes enough room.
func (s *stream) put(p []byte) {
	if s.off > 0 && len(s.buf)+len(p) > cap(s.buf) {
		s.buf = s.buf[:copy(s.buf, s.buf[s.off:])]
		s.off = 0
	}
	s.buf = append(s.buf, p...)
	s.moved.Broadcast()
}

func (s *stream) unread() int { return len(s.buf) - s.off }

// waitBelow waits until fewer than n bytes are unread, or the stream has ended.
func (s *stream) waitBelow(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.unread() >= n && !s.closed && !s.dropped {
		s.moved.Wait()
	}
}

// close ends the writing.
func (s *stream) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.writeEnd.stop()
	s.moved.Broadcast()
}

// drop ends the reading, and forgets what is unread.
func (s *stream) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropped = true
	s.buf, s.off = nil, 0
	s.readEnd.stop()
	s.moved.Broadcast()
}

// deadline is the end of all waiting on one side of a stream; the stream's lock guards it.
type deadline struct {
	timer  *time.Timer
	passed bool
}

func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}

// setDeadline sets one of the two deadlines of s; the zero time is none.
func (s *stream) setDeadline(d *deadline, t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.stop()
	left := time.Until(t)
	d.passed = !t.IsZero() && left <= 0
	s.moved.Broadcast()
	if t.IsZero() || d.passed {
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(left, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if d.timer == timer { // and not one that was set later
			d.passed = true
			s.moved.Broadcast()
		}
	})
	d.timer = timer
}

// clientConn is the client's end of a connection.
type clientConn struct {
	requests, replies *stream
	onClose           func()
	once              sync.Once
}

func (c *clientConn) Read(p []byte) (int, error)  { return c.replies.Read(p) }
func (c *clientConn) Write(p []byte) (int, error) { return c.requests.Write(p) }

// Close ends both directions; the server stops what it does for this connection.
func (c *clientConn) Close() error {
	c.once.Do(func() {
		c.requests.close()
		c.replies.drop()
		c.onClose()
	})
	return nil
}

func (c *clientConn) SetReadDeadline(t time.Time) error {
	c.replies.setDeadline(&c.replies.readEnd, t)
	return nil
}

func (c *clientConn) SetWriteDeadline(t time.Time) error {
	c.requests.setDeadline(&c.requests.writeEnd, t)
	return nil
}

func (c *clientConn) SetDeadline(t time.Time) error {
	c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

func (c *clientConn) LocalAddr() net.Addr  { return addr{} }
func (c *clientConn) RemoteAddr() net.Addr { return addr{} }

// addr is the address of everything here: there is only one place.
type addr struct{}

func (addr) Network() string { return "sandbox" }
func (addr) String() string  { return "sandbox" }

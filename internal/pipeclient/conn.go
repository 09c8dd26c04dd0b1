// Package pipeclient is one pipelined connection to a server: requests go out as they come, replies
// are matched to them by their order, and nobody waits for a round trip.
//
// It guarantees that a reply reaches the request it belongs to or nobody; that every request ends
// exactly once, with its reply, or as not sent or in doubt ([LostError]); that a request is never
// sent twice; that what waits is bounded in number and in bytes; and that any doubt about the
// stream ends the connection. It refuses to know what a command means.
//
//   - [Dial] connects and shakes hands. [Conn.Do] sends one command and waits for its reply.
//     [Conn.Send] sends any number of commands and has their replies consumed as they come.
//   - [Client] is a Conn that is replaced when it is lost, for many callers at once.
//
// A Conn is one object for one connection: it is never re-armed. It has two goroutines, one that
// writes and one that reads, both of which end when the connection does. A caller that is alone does
// their work itself.
package pipeclient

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"easycli/internal/resp"
)

// Conn is one connection. Its methods may be called by many goroutines at once.
type Conn struct {
	cfg   Config
	nc    net.Conn
	r     *resp.Reader // belongs to the receiver
	calls sync.Pool

	mu       sync.Mutex
	out      []byte    // requests that the sender has not taken yet
	fifo     []request // requests that the receiver has not taken yet, in the order of their bytes
	appended int64     // bytes that ever came into out
	written  int64     // bytes that ever left for the network
	inflight int       // replies that are still to come
	inBytes  int       // bytes of the requests they belong to
	places   int       // replies that may be to come, as heavy as they have been
	waiting  []*waiter // senders that wait for a place in the window, in their order
	idle     bool      // the sender sleeps, a wake-up is owed to it
	err      error     // why the connection takes no more requests
	writeErr error     // why the sender stopped; what the server still says is being read
	armed    bool      // a read deadline is set
	quiet    time.Time // since when the server says nothing, as far as deadlines need to know
	hijacked bool      // Hijack has asked for the stream
	handed   bool      // and the receiver has left it between two replies

	resting bool  // the receiver leaves reading to a caller that leads, if there is one
	leading bool  // a caller does the work of the sender and of the receiver
	writing bool  // it writes; the receiver may take the reading over
	asleep  bool  // the receiver rests until it is woken
	led     int   // requests that callers did it for
	leadErr error // what the last of them met

	wake       chan struct{} // wakes the sender
	work       chan struct{} // wakes the receiver when it rests
	senderDone chan struct{}
	over       chan struct{} // closed when the last request has ended

	// The receiver's own, or the leading caller's.
	lone      []byte    // the request of a caller that leads
	solo      int       // replies in a row that came alone
	between   bool      // it waits for a reply to begin
	taken     []request // requests at hand; the first is being answered
	next      int       // index in taken of the first
	answered  int       // replies consumed since the window was last told
	freed     int       // bytes of requests answered since then
	weight    int64     // bytes of a reply, to be expected
	weighed   int64     // offset in the stream of replies up to which they have been weighed
	seen      int64     // bytes received when it last asked for more
	consuming bool
	held      []resp.Value // pushes that came in the middle of a reply
	heldFrom  int64        // offset in the stream of the end of the first
	greeted   bool         // a first reply has come, so the server has let us in
}

// newConn starts the two goroutines on a connection that has been shaken hands with.
func newConn(cfg Config, nc net.Conn, r *resp.Reader, greeted bool) *Conn {
	c := &Conn{
		cfg: cfg, nc: nc, r: r, greeted: greeted,
		places: min(cfg.Window, firstPlaces), weight: int64(cfg.WindowBytes / firstPlaces), weighed: r.Offset(),
		wake:       make(chan struct{}, 1),
		work:       make(chan struct{}, 1),
		senderDone: make(chan struct{}),
		over:       make(chan struct{}),
	}
	r.BeforeBlock = c.beforeBlock
	r.OnPush, r.DropPushes = c.push, cfg.OnPush == nil
	go c.send()
	go c.receive()
	return c
}

// Close ends the connection. Requests without a reply end as not sent or in doubt; Close returns
// when they have. It may be called more than once, but not from a Consumer or from OnPush. After
// [Conn.Hijack] it closes the stream that was handed out.
func (c *Conn) Close() error {
	c.stop(ErrClosed)
	<-c.over
	return nil
}

// Abort ends the connection for a reason, like Close, but does not wait for its requests to end.
func (c *Conn) Abort(reason error) { c.stop(reason) }

// Err is why the connection is over, nil while it is not.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Over is closed when the connection has ended and so has every request.
func (c *Conn) Over() <-chan struct{} { return c.over }

// InFlight is the number of replies that are still to come.
func (c *Conn) InFlight() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.inflight
}

// stop makes the connection take no more requests and tears the network down under both goroutines.
func (c *Conn) stop(reason error) {
	c.mu.Lock()
	if c.err == nil {
		c.err = reason
	}
	c.dismiss()
	c.mu.Unlock()
	c.nc.Close()
	c.wakeSender()
	c.wakeReceiver()
}

func (c *Conn) wakeSender() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// RemoteAddr is the server's end of the connection.
func (c *Conn) RemoteAddr() net.Addr { return c.nc.RemoteAddr() }

// cause says in our words what the network reported.
func cause(err error) error {
	switch {
	case err == io.EOF, err == io.ErrUnexpectedEOF:
		return ErrServerClosed
	case errors.Is(err, net.ErrClosed), err == io.ErrClosedPipe:
		return ErrClosed
	}
	return err
}

package pipeclient

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"easycli/internal/resp"
)

// ClientConfig is the configuration of a [Client].
type ClientConfig struct {
	// Config is that of each of its connections. A Timeout of 0 is [DefaultClientTimeout].
	Config
	// Heartbeat is how long a connection may be silent before it is sent a PING, whose answer then
	// is due within Timeout. 0 is [DefaultHeartbeat]; a negative one sends none.
	Heartbeat time.Duration
}

// The defaults of a ClientConfig.
const (
	DefaultHeartbeat     = 5 * time.Second
	DefaultClientTimeout = 10 * time.Second
)

// Client lets many callers share one connection, and replaces the connection when it is lost.
//
// It connects when a caller needs it, and goes on trying, with a [Backoff], as long as one does: a
// client that nobody uses leaves a dead server alone. A request belongs to the connection it was
// sent on. If it was not sent it waits for the next one, as long as its caller does; if it may have
// been, it ends in doubt and is never sent again. A server that refuses the handshake fails those
// who wait with its [ConnectError]; a server that is not there, or is full, keeps them waiting.
//
// The connection is everybody's, so commands that change its state, or block, are not for a Client.
type Client struct {
	cfg  ClientConfig
	ctx  context.Context // ends with Close
	end  context.CancelFunc
	conn atomic.Pointer[Conn] // the connection in use, nil while there is none

	mu        sync.Mutex
	attempt   *attempt // to connect: the one that is being made, or the next
	waiting   int      // callers that need a connection
	keeping   bool     // the keeper runs
	lastErr   error    // of the last attempt that failed
	backoff   Backoff
	notBefore time.Time // of the next attempt

	keeper sync.WaitGroup
}

// attempt is one try to connect. When done is closed it was made; refused is set if the server said
// no to it.
type attempt struct {
	done    chan struct{}
	refused error
}

func newAttempt() *attempt { return &attempt{done: make(chan struct{})} }

// NewClient returns a client. It connects when it is first used.
func NewClient(cfg ClientConfig) *Client {
	if cfg.Timeout <= 0 {
		cfg.Timeout = DefaultClientTimeout
	}
	cfg.Heartbeat = cmp.Or(cfg.Heartbeat, DefaultHeartbeat)
	cfg.probe = true
	cl := &Client{cfg: cfg, attempt: newAttempt()}
	cl.ctx, cl.end = context.WithCancel(context.Background())
	return cl
}

// Do sends one command and waits for its reply, as [Conn.Do] does, on the connection there is or on
// the next. The error is a [LostError], or a [ConnectError] if the server refuses the connection.
func (cl *Client) Do(ctx context.Context, words ...string) (resp.Value, error) {
	var lost *Conn
	for {
		c := cl.conn.Load()
		if c == nil || c == lost {
			var err error
			if c, err = cl.connection(ctx, lost); err != nil {
				return resp.Value{}, err
			}
		}
		v, err := c.Do(ctx, words...)
		if err == nil || !errors.Is(err, ErrNotSent) || c.Err() == nil || ctx.Err() != nil {
			return v, err
		}
		lost = c
	}
}

// connection waits for a connection that is not the lost one.
func (cl *Client) connection(ctx context.Context, lost *Conn) (*Conn, error) {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	cl.waiting++
	defer func() { cl.waiting-- }()
	for {
		if cl.ctx.Err() != nil {
			return nil, &LostError{State: ErrNotSent, Cause: ErrClosed}
		}
		if c := cl.conn.Load(); c != nil && c != lost {
			return c, nil
		}
		if ctx.Err() != nil {
			return nil, cl.gaveUp(ctx)
		}
		if !cl.keeping {
			cl.keeping = true
			cl.keeper.Go(cl.keep)
		}
		a := cl.attempt
		cl.mu.Unlock()
		select {
		case <-a.done:
		case <-ctx.Done():
		case <-cl.ctx.Done():
		}
		cl.mu.Lock()
		if a.refused != nil {
			return nil, a.refused
		}
	}
}

// gaveUp is the error of a caller that waited for a connection as long as its ctx allowed.
func (cl *Client) gaveUp(ctx context.Context) error {
	why := context.Cause(ctx)
	if cl.lastErr != nil {
		why = fmt.Errorf("%w; %w", cl.lastErr, why)
	}
	return &LostError{State: ErrNotSent, Cause: why}
}

// Close ends the client and its connection. Requests end as not sent or in doubt, with ErrClosed
// for a cause, and Close returns when they have. It may be called more than once.
func (cl *Client) Close() error {
	cl.mu.Lock()
	cl.end() // under the lock: a keeper is started before this or not at all
	cl.mu.Unlock()
	if c := cl.conn.Load(); c != nil {
		c.Close()
	}
	cl.keeper.Wait()
	return nil
}

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

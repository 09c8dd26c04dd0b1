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

// Package sandbox is an in-process Redis for people who have none: an address, not a mode. Its
// [Server.Dial] goes where a dialler goes, and everything above it runs as it does on a real server.
//
// It is github.com/alicebob/miniredis/v2 with what a shell needs on top. It guarantees that nothing
// leaves the process and nothing is kept; that TTLs run down in real time; that requests of any
// number may be written before a reply is read; that what is missing is said to be missing (ERR
// 'BITFIELD' is not in the sandbox …) and nothing only pretends to be done; and that [Server.Close]
// leaves no goroutine behind. Nothing happens before [New]. It refuses to know what a client wants.
//
// # What it starts with
//
// Unless [Options.Empty] is set, database 0 holds one key of every type, under demo: a greeting
// (demo:hello), a counter (demo:visits), a document (demo:settings), a bitmap (demo:seats), hashes
// (demo:user:1, demo:user:2, demo:greetings), a list (demo:todo), sets (demo:likes:ada,
// demo:likes:linus), a sorted set (demo:highscores), places for the GEO commands (demo:cities), a
// HyperLogLog (demo:visitors), a stream with a consumer group and an entry that waits for its
// acknowledgement (demo:orders, group packers), and two keys with an end (demo:session, an hour;
// demo:countdown, five minutes).
//
// # What it is not
//
// Missing are, among others, BITFIELD, SORT, LCS, functions, sharded channels, ZDIFF, ZRANGESTORE,
// MONITOR, client tracking, ACLs, replication, persistence and cluster. SCAN and its relatives answer
// everything at once. The commands that this package adds or mends itself (INFO, CONFIG, HELLO, OBJECT
// ENCODING, SINTERSTORE and so on) are refused within MULTI, and so is SUBSCRIBE. LPUSH takes time in
// the length of its list: this is no place to measure anything.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

// Version is the release that the sandbox claims to be: the one whose error texts it uses.
const Version = "7.0.15"

// databases is how many there are, as on a server with no configuration.
const databases = 16

// Options say how a sandbox starts. The zero value is one with the demonstration data.
type Options struct {
	// Empty leaves the demonstration data out.
	Empty bool
}

// Server is a sandbox. It has no port: [Server.Dial] is the only way in.
type Server struct {
	mini  *miniredis.Miniredis
	srv   *server.Server
	clock clock
	start time.Time

	commands, connections atomic.Int64

	mu     sync.Mutex
	lastID int64
	conns  map[int64]*conn
	closed chan struct{}
	done   sync.WaitGroup
}

// errClosed is what Dial answers after Close or SHUTDOWN.
var errClosed = errors.New("the sandbox is closed")

// New starts a sandbox. It must be closed.
func New(opts Options) (*Server, error) {
	mini := miniredis.NewMiniRedis()
	first, err := mini.Dial() // starts it; a connection of its own is not what we want
	if err != nil {
		return nil, fmt.Errorf("starting the sandbox: %w", err)
	}
	first.Close()
	s := &Server{mini: mini, srv: mini.Server(), start: time.Now(), conns: make(map[int64]*conn),
		closed: make(chan struct{})}
	s.clock.last = s.start
	if opts.Empty {
		return s, nil
	}
	if err := s.loadDemo(); err != nil {
		s.Close()
		return nil, fmt.Errorf("loading the sandbox: %w", err)
	}
	return s, nil
}

// Dial opens a connection. It starts one goroutine, which ends with the connection.
func (s *Server) Dial(ctx context.Context) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed() {
		return nil, errClosed
	}
	s.lastID++
	s.connections.Add(1)
	c := newConn(s, s.lastID)
	s.conns[c.id] = c
	s.done.Go(c.serve)
	return &clientConn{requests: c.requests, replies: c.replies, onClose: c.abandoned}, nil
}

// closePatience is how long Close waits: a script in an endless loop cannot be stopped.
const closePatience = 2 * time.Second

// Close ends every connection and waits until nothing runs any more. It fails when a script does not
// come to its end.
func (s *Server) Close() error {
	s.shutdown()
	over := make(chan struct{})
	go func() {
		s.done.Wait()
		s.mini.Close()
		close(over)
	}()
	select {
	case <-over:
		return nil
	case <-time.After(closePatience):
		return errors.New("closing the sandbox: a script does not end")
	}
}

// shutdown ends every connection, and does not wait.
func (s *Server) shutdown() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed() {
		return
	}
	close(s.closed)
	s.mini.CtxCancel() // wakes the blocking commands
	for _, c := range s.conns {
		c.end()
	}
}

func (s *Server) isClosed() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

// snapshot is the connections there are.
func (s *Server) snapshot() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*conn, 0, len(s.conns))
	for _, c := range s.conns {
		all = append(all, c)
	}
	return all
}

func (s *Server) forget(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c.id)
}

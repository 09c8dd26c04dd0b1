package shell

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"easycli/internal/lines"
	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// Scout asks the server about itself over a connection of its own, so that nothing that it asks can be
// part of a transaction, be swallowed by CLIENT REPLY OFF, or shift a reply. It connects when it is first
// asked, and again where it has to; a server that does not want it is left alone for a while.
type Scout struct {
	// Book keeps what is known about commands, by the server's flavor and version.
	Cache func(who identity) (load func() bool, save func(docs resp.Value))

	news chan struct{}

	mu      sync.Mutex
	server  pipeclient.Config
	connect lines.Connector
	conn    *pipeclient.Conn
	// away is when a server has refused the connection last.
	away   time.Time
	closed bool
	who    identity
	whose  string // the address that who is of
	docs   docs
	asking sync.WaitGroup
}

// docs is what the server says of its commands, once it is known.
type docs struct {
	whose string
	value *resp.Value
}

// scoutRest is how long a server is left alone that refused the scout's connection.
const scoutRest = 5 * time.Second

// scoutPatience is how long the scout waits for an answer that nobody else waits for.
const scoutPatience = 10 * time.Second

// NewScout returns a scout that has nowhere to go yet.
func NewScout() *Scout { return &Scout{news: make(chan struct{}, 1)} }

// News has a value when something has become known.
func (s *Scout) News() <-chan struct{} { return s.news }

func (s *Scout) tellNews() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

// errNoScout: there is no connection to ask over.
var errNoScout = errors.New("no connection for questions")

// Follow makes the scout go where the conversation has gone, as whom it is there. The server is asked
// who it is and what commands it has, in the background.
func (s *Scout) Follow(server pipeclient.Config, connect lines.Connector) {
	server.OnPush, server.BeforeBlock = nil, nil
	server.Name = ""
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	if s.conn != nil && same(s.server, server) && s.conn.Err() == nil {
		s.server.DB = server.DB
		return
	}
	s.drop()
	s.server, s.connect, s.away = server, connect, time.Time{}
	s.asking.Go(s.explore)
}

// same reports whether two configurations lead to the same place as the same user.
func same(a, b pipeclient.Config) bool {
	return a.Network == b.Network && a.Addr == b.Addr && a.User == b.User && a.Pass == b.Pass && a.HasPass == b.HasPass && a.DB == b.DB
}

// drop ends the connection; the lock is held.
func (s *Scout) drop() {
	if s.conn != nil {
		s.conn.Abort(errLeft)
		s.conn = nil
	}
}

// Close ends the scout.
func (s *Scout) Close() {
	s.mu.Lock()
	s.closed = true
	s.drop()
	s.mu.Unlock()
}

// connection is the connection there is, or a new one.
func (s *Scout) connection(ctx context.Context) (*pipeclient.Conn, error) {
	s.mu.Lock()
	conn, server, connect := s.conn, s.server, s.connect
	resting := s.closed || connect == nil || time.Since(s.away) < scoutRest
	s.mu.Unlock()
	switch {
	case conn != nil && conn.Err() == nil:
		return conn, nil
	case resting:
		return nil, errNoScout
	}
	conn, err := connect(ctx, server)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err != nil:
		s.away = time.Now()
		return nil, err
	case s.closed || !same(s.server, server):
		conn.Abort(errLeft)
		return nil, errNoScout
	case s.conn != nil && s.conn.Err() == nil: // somebody else was faster
		conn.Abort(errLeft)
		return s.conn, nil
	}
	s.conn = conn
	return conn, nil
}

// Do asks one thing.
func (s *Scout) Do(ctx context.Context, words ...string) (resp.Value, error) {
	conn, err := s.connection(ctx)
	if err != nil {
		return resp.Value{}, err
	}
	return conn.Do(ctx, words...)
}

// identity is who the server at addr is, as far as is known.
func (s *Scout) identity(addr string) identity {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.whose != addr {
		return identity{}
	}
	return s.who
}

// explore finds out who the server is. What it says of its commands is looked up by that.
func (s *Scout) explore() {
	ctx, cancel := context.WithTimeout(context.Background(), scoutPatience)
	defer cancel()
	s.mu.Lock()
	addr := s.server.Addr
	s.mu.Unlock()
	var text strings.Builder
	for _, section := range []string{"server", "replication"} {
		v, err := s.Do(ctx, "INFO", section)
		if err != nil {
			return
		}
		if !v.IsError() {
			text.WriteString(v.Text)
		}
	}
	s.mu.Lock()
	s.who, s.whose = identityOf(text.String()), addr
	s.mu.Unlock()
	s.tellNews()
}

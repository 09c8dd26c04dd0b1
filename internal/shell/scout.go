package shell

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/command"
	"easycli/internal/lines"
	"easycli/internal/manual"
	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// Scout asks the server about itself over a connection of its own, so that nothing that it asks can be
// part of a transaction, be swallowed by CLIENT REPLY OFF, or shift a reply. It connects when it is first
// asked, and again where it has to; a server that does not want it is left alone for a while.
type Scout struct {
	// Cache is a folder for what servers say of their commands, "" for none. That differs only with a
	// server's version and its modules.
	Cache string

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
	book   *manual.Book

	// whole, if set, says that the server is one of a cluster's; nodes are all of that, once it was asked.
	// They have a lock of their own, which may be taken within the other: to open them takes time, and what
	// is known of commands is asked for with every key.
	opening sync.Mutex
	whole   *cluster.Config
	nodes   *cluster.Cluster
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
	if s.server.User != server.User || s.server.Pass != server.Pass {
		s.forgetNodes()
	}
	if s.server.Addr != server.Addr {
		s.who, s.book = identity{}, manual.Embedded()
	}
	s.server, s.connect, s.away = server, connect, time.Time{}
	go s.explore() // it ends with its questions, or with the connection
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
	s.forgetNodes()
	s.mu.Unlock()
}

// Whole says that the servers that the scout follows from here on are those of a cluster, nil that they are
// not: what is asked about keys is asked of all that have some.
func (s *Scout) Whole(cfg *cluster.Config) {
	s.forgetNodes()
	s.opening.Lock()
	s.whole = cfg
	s.opening.Unlock()
}

// forgetNodes ends the connections to the nodes.
func (s *Scout) forgetNodes() {
	s.opening.Lock()
	defer s.opening.Unlock()
	if s.nodes != nil {
		go s.nodes.Close() // it waits for what is being asked
		s.nodes = nil
	}
}

// AboutKeys asks one thing about keys, of whoever has them.
func (s *Scout) AboutKeys(ctx context.Context, words ...string) (resp.Value, error) {
	nodes := s.everybody(ctx)
	if nodes == nil {
		return s.Do(ctx, words...)
	}
	argv := make([][]byte, len(words))
	for i, word := range words {
		argv[i] = []byte(word)
	}
	info := command.Of(argv)
	if !cluster.IsSpread(info, argv) {
		return nodes.Do(ctx, argv...)
	}
	v, _, err := nodes.Spread(ctx, info, argv, nil)
	return v, err
}

// everybody is the cluster, nil where there is none, or none that can be had in time.
func (s *Scout) everybody(ctx context.Context) *cluster.Cluster {
	s.mu.Lock()
	server, closed := s.server, s.closed
	s.mu.Unlock()
	s.opening.Lock()
	defer s.opening.Unlock()
	if s.whole == nil || s.nodes != nil || closed {
		return s.nodes
	}
	cfg := *s.whole
	cfg.Client = server
	nodes, err := cluster.Open(ctx, cfg)
	switch {
	case errors.Is(err, cluster.ErrNoCluster):
		s.whole = nil
	case err == nil:
		s.nodes = nodes
	}
	return s.nodes
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

// Book is what is known of commands: what the server says, and the program's own table before that.
func (s *Scout) Book() *manual.Book {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.book == nil {
		s.book = manual.Embedded()
	}
	return s.book
}

// address and database are where the scout is.
func (s *Scout) address() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.server.Addr
}

func (s *Scout) database() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.server.DB
}

// explore finds out who the server is, and what commands it has.
func (s *Scout) explore() {
	s.Book() // so that the first key does not have to wait for the table
	ctx, cancel := context.WithTimeout(context.Background(), scoutPatience)
	defer cancel()
	addr := s.address()
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
	who := identityOf(text.String())
	s.mu.Lock()
	known := s.who
	s.who, s.whose = who, addr
	s.mu.Unlock()
	s.tellNews()
	if who.Version != known.Version || who.Flavor != known.Flavor || who.Version == "" {
		s.read(ctx, who)
	}
}

// read gets the descriptions of the server's commands: those that were kept, where it is of a version that
// was met before and has no modules that would have more.
func (s *Scout) read(ctx context.Context, who identity) {
	path := ""
	if s.Cache != "" && who.Version != "" && !strings.ContainsAny(who.Version, `/\`) {
		path = filepath.Join(s.Cache, "docs-"+who.Flavor+"-"+who.Version+s.modules(ctx))
	}
	theirs, err := manual.Load(path)
	if path == "" || err != nil {
		v, err := s.Do(ctx, "COMMAND", "DOCS")
		if err != nil || v.IsError() {
			return
		}
		theirs = manual.Read(v)
		if path != "" && theirs.Len() > 0 {
			theirs.Save(path)
		}
	}
	whole := manual.Embedded().With(theirs)
	s.mu.Lock()
	s.book = whole
	s.mu.Unlock()
	s.tellNews()
}

// modules tells servers of one version with different modules apart.
func (s *Scout) modules(ctx context.Context) string {
	v, err := s.Do(ctx, "MODULE", "LIST")
	if err != nil || len(v.Elems) == 0 {
		return ""
	}
	sum := fnv.New32a()
	for _, module := range v.Elems {
		name, _ := module.Lookup("name")
		version, _ := module.Lookup("ver")
		fmt.Fprintln(sum, name.Text, version.Int)
	}
	return fmt.Sprintf("-%08x", sum.Sum32())
}

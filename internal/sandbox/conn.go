package sandbox

import (
	"bufio"
	"bytes"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alicebob/miniredis/v2/server"

	"easycli/internal/command"
)

// replyBacklog is how many bytes of replies may wait for the client before its next request is
// looked at. Replies themselves never wait: a subscriber that does not read must not hold up the
// publisher, who holds the lock of the whole server.
const replyBacklog = 4 << 20

// conn is one connection, as the server sees it. One goroutine serves it.
type conn struct {
	s                 *Server
	id                int64
	requests, replies *stream
	in                *bufio.Reader
	peer              *server.Peer
	out               *bufio.Writer // the peer's; only its lock makes it safe to look at
	sent              atomic.Int64  // bytes that left it
	begun             time.Time

	multi      bool // a transaction is being collected
	subscribed bool // there may be subscriptions
	apart      bool // and they have a state of their own: pubsub
	pubsub     any
	skip       bool // CLIENT REPLY SKIP: the next reply is left out
	nextDB     int  // what a SELECT within the transaction asked for; -1 for nothing

	muted    atomic.Bool // CLIENT REPLY OFF
	blocking atomic.Bool // the command that runs may wait
	gone     atomic.Bool // the client has closed its end

	mu     sync.Mutex
	shown  facts // what CLIENT LIST tells
	lastAt time.Time
}

// facts are what other connections may know of one.
type facts struct {
	name, command string
	db            int
	resp3, multi  bool
}

func newConn(s *Server, id int64) *conn {
	c := &conn{s: s, id: id, requests: newStream(requestRoom), replies: newStream(0), nextDB: -1,
		begun: time.Now()}
	c.lastAt = c.begun
	c.out = bufio.NewWriterSize(replyWriter{c}, 64<<10)
	c.peer = server.NewPeer(c.out)
	c.in = bufio.NewReaderSize(requestReader{c}, maxInline)
	return c
}

// requestReader flushes the replies before it waits for requests: here and nowhere else a pipeline
// becomes one write.
type requestReader struct{ c *conn }

func (r requestReader) Read(p []byte) (int, error) {
	r.c.peer.Flush()
	return r.c.requests.Read(p)
}

type replyWriter struct{ c *conn }

func (w replyWriter) Write(p []byte) (int, error) {
	w.c.sent.Add(int64(len(p)))
	if w.c.muted.Load() {
		return len(p), nil
	}
	return w.c.replies.Write(p)
}

// serve reads and runs requests until one of the sides has had enough.
func (c *conn) serve() {
	for !c.peer.Closed() {
		c.replies.waitBelow(replyBacklog)
		argv, err := readRequest(c.in)
		var broken protocolError
		if errors.As(err, &broken) {
			c.peer.WriteError(broken.Error())
		}
		if err != nil {
			break
		}
		if len(argv) > 0 {
			c.run(argv)
		}
	}
	c.peer.Flush()
	c.unsubscribe()
	c.s.forget(c)
	c.end()
}

// end closes the connection from this side; the client still gets what was written.
func (c *conn) end() {
	c.peer.Close()
	c.requests.drop()
	c.replies.close()
}

// abandoned is called when the client has closed its end. What it had sent is still carried out, but
// nothing waits for it any more.
func (c *conn) abandoned() {
	c.gone.Store(true)
	if c.blocking.Load() {
		c.peer.Close()
		c.s.wake()
	}
}

// run carries out one request.
func (c *conn) run(argv []string) {
	info := command.OfStrings(argv)
	c.s.commands.Add(1)
	c.note(argv, info)
	c.survive(strings.ToUpper(clip(argv[0])), func() {
		c.s.clock.advance(c.s.mini.FastForward)
		if c.skip {
			c.skip = false
			c.quietly(func() { c.dispatch(argv, info) })
			return
		}
		c.dispatch(argv, info)
	})
}

func (c *conn) dispatch(argv []string, info command.Info) {
	if info.Blocking {
		c.peer.Flush() // nothing that is ready waits for what may never come
		c.blocking.Store(true)
		defer c.blocking.Store(false)
		if c.gone.Load() {
			c.peer.Close()
		}
	}
	if c.multi {
		c.queue(argv, info)
		return
	}
	c.execute(argv, info)
}

// quietly runs f and drops what it replies.
func (c *conn) quietly(f func()) {
	c.peer.Flush()
	c.muted.Store(true)
	defer c.muted.Store(false)
	f()
	c.peer.Flush()
}

// note keeps what CLIENT LIST will tell.
func (c *conn) note(argv []string, info command.Info) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastAt = time.Now()
	c.shown.command = info.Name
	if info.Name == "" {
		c.shown.command = argv[0]
	}
	c.shown.resp3, c.shown.multi = c.peer.Resp3, c.multi
}

func (c *conn) setShown(change func(*facts)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.shown)
}

// aside runs a command in the state of this connection (database, transaction, protocol) and
// returns the bytes of its reply instead of sending them.
func (c *conn) aside(argv ...string) string {
	var buf bytes.Buffer
	out := bufio.NewWriter(&buf)
	peer := server.NewPeer(out)
	peer.Ctx, peer.Resp3 = c.peer.Ctx, c.peer.Resp3
	c.s.srv.Dispatch(peer, argv)
	c.peer.Ctx = peer.Ctx
	out.Flush()
	return buf.String()
}

// ask runs a command in a database of its own choice and returns the bytes of its reply.
func (s *Server) ask(db string, argv ...string) string {
	c := &conn{s: s, peer: server.NewPeer(nil)}
	c.aside("SELECT", db)
	return c.aside(argv...)
}

// wake lets the blocking commands look whether their connection is still there. It does not wait,
// as a script may hold the server for long.
func (s *Server) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.isClosed() {
		s.done.Go(func() { s.ask("0", "PING") })
	}
}

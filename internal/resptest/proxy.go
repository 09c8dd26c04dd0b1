package resptest

import (
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Plan is what a proxy does to one connection. The zero Plan forwards everything.
type Plan struct {
	Up   Lane // what the client sends
	Down Lane // what the server answers
}

// Lane is one direction of a connection. Offsets count the bytes of that direction from 0.
type Lane struct {
	// Then happens as soon as exactly At bytes have been forwarded (counted after the edits).
	Then Ending
	At   int64
	// Split cuts what is forwarded into writes of 1 to Split bytes, chosen by Seed; 0 leaves them.
	Split int
	Seed  uint64
	// Edits change the stream. They are sorted by their offsets and do not overlap.
	Edits []Edit
}

// Edit changes the bytes of a lane at one offset of what comes in: Insert goes before that byte,
// then Drop bytes are left out, or Repeat bytes are sent twice.
type Edit struct {
	At     int64
	Insert string
	Drop   int64
	Repeat int64
}

// Ending is how a lane ends.
type Ending int

const (
	// Never: the lane ends when one of its sides does.
	Never Ending = iota
	// FIN closes the connection on both sides. What the client still sends is read and forgotten,
	// so that no RST overtakes the bytes that were forwarded.
	FIN
	// RST closes the client's side with a RST, and the server's with a FIN, so that the server
	// gets every byte that was forwarded. At 0 the client may find it while it still connects.
	RST
	// HalfClose sends a FIN in the lane's direction only; the other lane goes on.
	HalfClose
	// Stall stops both lanes of the connection until [FaultProxy.Resume].
	Stall
)

// FaultProxy is a server that forwards to another one, with faults.
type FaultProxy struct {
	Addr string // 127.0.0.1:port

	// Up and Down count the bytes forwarded, Conns the connections accepted.
	Up, Down, Conns atomic.Int64

	upstream string
	plan     func(conn int) Plan
	listener net.Listener
	stalled  gate // of all connections, for [FaultProxy.Stall]
	done     sync.WaitGroup

	mu     sync.Mutex
	links  map[*link]bool
	closed bool
}

// Proxy starts a proxy on a free port of 127.0.0.1. upstream is host:port, or a path of a unix
// socket. plan says what happens to each connection, numbered from 0; nil means nothing does. The
// proxy ends with the test, and waits for its goroutines.
func Proxy(t testing.TB, upstream string, plan func(conn int) Plan) *FaultProxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if plan == nil {
		plan = func(int) Plan { return Plan{} }
	}
	p := &FaultProxy{Addr: listener.Addr().String(), upstream: upstream, plan: plan,
		listener: listener, links: make(map[*link]bool)}
	p.done.Go(p.accept)
	t.Cleanup(p.Close)
	return p
}

// CutAll ends every connection there is now; new ones are served as before.
func (p *FaultProxy) CutAll(rst bool) {
	how := FIN
	if rst {
		how = RST
	}
	for _, l := range p.snapshot() {
		l.end(how)
	}
}

// Stall stops the forwarding of every connection, also of those to come, until Resume. Bytes that
// were read before it may still be on their way to the other side.
func (p *FaultProxy) Stall() { p.stalled.shut() }

// Resume ends every stall: of Stall, and of the plans.
func (p *FaultProxy) Resume() {
	p.stalled.open()
	for _, l := range p.snapshot() {
		l.stalled.open()
	}
}

// Close ends the proxy and everything on it.
func (p *FaultProxy) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.listener.Close()
	for _, l := range p.snapshot() {
		l.client.Close()
		l.server.Close()
	}
	p.Resume()
	p.done.Wait()
}

func (p *FaultProxy) snapshot() []*link {
	p.mu.Lock()
	defer p.mu.Unlock()
	links := make([]*link, 0, len(p.links))
	for l := range p.links {
		links = append(links, l)
	}
	return links
}

func (p *FaultProxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		n := int(p.Conns.Add(1)) - 1
		server, err := p.dial()
		if err != nil { // as a server that is not there, but one step later
			client.(*net.TCPConn).SetLinger(0)
			client.Close()
			continue
		}
		p.serve(&link{proxy: p, client: client.(*net.TCPConn), server: server}, p.plan(n))
	}
}

func (p *FaultProxy) dial() (halfCloser, error) {
	network := "tcp"
	if strings.Contains(p.upstream, "/") {
		network = "unix"
	}
	conn, err := net.Dial(network, p.upstream)
	if err != nil {
		return nil, err
	}
	return conn.(halfCloser), nil
}

// serve runs the two lanes of a link; it is taken off the list when both have ended.
func (p *FaultProxy) serve(l *link, plan Plan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		l.client.Close()
		l.server.Close()
		return
	}
	p.links[l] = true
	p.done.Go(func() {
		var both sync.WaitGroup
		both.Go(func() { l.forward(l.client, l.server, plan.Up, &p.Up) })
		both.Go(func() { l.forward(l.server, l.client, plan.Down, &p.Down) })
		both.Wait()
		l.client.Close()
		l.server.Close()
		p.mu.Lock()
		delete(p.links, l)
		p.mu.Unlock()
	})
}

// halfCloser is a TCP or a unix connection.
type halfCloser interface {
	net.Conn
	CloseWrite() error
}

// link is one client's connection through the proxy.
type link struct {
	proxy   *FaultProxy
	client  *net.TCPConn
	server  halfCloser
	stalled gate
	ended   atomic.Bool // nothing is forwarded any more
}

// forward copies src to dst as the lane says, until one of them ends. Then, or after the end that
// the lane asked for, it reads src empty: a close with unread bytes would be a RST, and could
// overtake what was forwarded.
func (l *link) forward(src, dst halfCloser, lane Lane, count *atomic.Int64) {
	out := &laneWriter{link: l, dst: dst, lane: lane, count: count,
		rng: rand.New(rand.NewPCG(lane.Seed, 0))}
	edit := editor{edits: lane.Edits, emit: out.write}
	err := out.reached()
	buf := make([]byte, 32<<10)
	for err == nil {
		var n int
		n, err = src.Read(buf)
		if writeErr := edit.feed(buf[:n]); writeErr != nil {
			err = writeErr
		}
	}
	if !l.ended.Load() {
		dst.CloseWrite()
	}
	io.Copy(io.Discard, src)
}

// end ends the connection on both sides.
func (l *link) end(how Ending) {
	if l.ended.Swap(true) {
		return
	}
	l.stalled.open()
	l.server.CloseWrite()
	if how == RST {
		l.client.SetLinger(0)
		l.client.Close()
		return
	}
	l.client.CloseWrite()
}

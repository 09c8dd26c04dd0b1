package resptest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"sync"
	"testing"
)

// PeerServer is a server that does what a script says, and nothing else.
type PeerServer struct {
	Addr string // 127.0.0.1:port; empty for [PipePeer]

	t        testing.TB
	script   func(*PeerConn)
	listener net.Listener

	mu     sync.Mutex
	count  int
	conns  []net.Conn
	closed chan struct{}
	done   sync.WaitGroup
}

// PeerConn is one connection of a peer, as its script sees it. Its methods return the connection,
// so that a script reads as a conversation. One that cannot do what it says fails the test and ends
// the script. When the script returns, the connection is closed with a FIN.
type PeerConn struct {
	N    int // number of the connection, from 0
	Conn net.Conn

	peer *PeerServer
	in   *bufio.Reader
}

// Peer starts a peer on a free port of 127.0.0.1; script runs once for every connection, each on a
// goroutine of its own. When the test ends the connections are closed and the scripts awaited: one
// that still expects a request then fails the test.
func Peer(t testing.TB, script func(c *PeerConn)) *PeerServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &PeerServer{Addr: listener.Addr().String(), t: t, script: script, listener: listener,
		closed: make(chan struct{})}
	p.done.Add(1)
	go p.accept()
	t.Cleanup(p.close)
	return p
}

// PipePeer is a [Peer] without a network, for tests under testing/synctest: its Dial returns one
// end of a net.Pipe, where no byte is buffered and every write is one read.
func PipePeer(t testing.TB, script func(c *PeerConn)) *PeerServer {
	p := &PeerServer{t: t, script: script, closed: make(chan struct{})}
	t.Cleanup(p.close)
	return p
}

// Dial opens a connection to the peer; it fits pipeclient's Config.Dial.
func (p *PeerServer) Dial(ctx context.Context) (net.Conn, error) {
	if p.listener != nil {
		return new(net.Dialer).DialContext(ctx, "tcp", p.Addr)
	}
	ours, theirs := net.Pipe()
	p.serve(ours)
	return theirs, nil
}

// Conns is how many connections there have been.
func (p *PeerServer) Conns() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.count
}

func (p *PeerServer) accept() {
	defer p.done.Done()
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.serve(conn)
	}
}

// serve runs the script on one connection.
func (p *PeerServer) serve(conn net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := &PeerConn{N: p.count, Conn: conn, peer: p, in: bufio.NewReader(conn)}
	p.count++
	select {
	case <-p.closed:
		conn.Close()
		return
	default:
	}
	p.conns = append(p.conns, conn)
	p.done.Go(func() {
		defer conn.Close()
		p.script(c)
	})
}

func (p *PeerServer) close() {
	if p.listener != nil {
		p.listener.Close()
	}
	p.mu.Lock()
	close(p.closed)
	for _, conn := range p.conns {
		conn.Close()
	}
	p.mu.Unlock()
	p.done.Wait()
}

// fail reports what went wrong and ends the script: its deferred calls run, the test goes on.
func (c *PeerConn) fail(format string, args ...any) {
	c.peer.t.Errorf("peer, connection %d: %s", c.N, fmt.Sprintf(format, args...))
	runtime.Goexit()
}

// Next returns the next request, whatever it is; the end of the stream ends the script silently.
func (c *PeerConn) Next() []string {
	args, err := readRequest(c.in)
	if err != nil {
		runtime.Goexit()
	}
	return args
}

// Expect reads one request and compares it with args, byte for byte.
func (c *PeerConn) Expect(args ...string) *PeerConn {
	got, err := readRequest(c.in)
	if err != nil {
		c.fail("expected %q, got %v", args, err)
	}
	if !slices.Equal(got, args) {
		c.fail("expected %q, got %q", args, got)
	}
	return c
}

// ExpectEnd reads on and wants nothing but the end of the stream, be it a FIN or a RST.
func (c *PeerConn) ExpectEnd() *PeerConn {
	got := make([]byte, 256)
	if n, err := c.in.Read(got); err == nil {
		c.fail("expected the end of the connection, got %q", got[:n])
	}
	return c
}

// Reply sends bytes exactly as they are. The end of the test ends the script.
func (c *PeerConn) Reply(wire string) *PeerConn {
	_, err := io.WriteString(c.Conn, wire)
	if err == nil {
		return c
	}
	select {
	case <-c.peer.closed:
		runtime.Goexit()
	default:
		c.fail("sending %.80q: %v", wire, err)
	}
	return c
}

// Pieces sends bytes in writes of the given sizes; the last size is used again for what is left.
// Over TCP the other side may still see several pieces in one read; over a pipe it does not.
func (c *PeerConn) Pieces(wire string, sizes ...int) *PeerConn {
	for i := 0; wire != ""; i++ {
		size := min(len(wire), max(1, sizes[min(i, len(sizes)-1)]))
		c.Reply(wire[:size])
		wire = wire[size:]
	}
	return c
}

// Wait stops until ch is closed or has a value. The end of the test ends the script.
func (c *PeerConn) Wait(ch <-chan struct{}) *PeerConn {
	select {
	case <-ch:
	case <-c.peer.closed:
		runtime.Goexit()
	}
	return c
}

// Hold leaves the connection open, reading nothing and saying nothing, until the test ends.
func (c *PeerConn) Hold() { c.Wait(nil) }

// Swallow reads and forgets requests until the other side ends the stream.
func (c *PeerConn) Swallow() { io.Copy(io.Discard, c.in) }

// Reset closes the connection with a RST (over a pipe: just closes it) and ends the script.
func (c *PeerConn) Reset() {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	c.Conn.Close()
	runtime.Goexit()
}

package resptest

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// echo is an upstream that sends back what it gets, and tells what that was.
func echo(t *testing.T) (addr string, got <-chan string) {
	heard := make(chan string, 64)
	p := Peer(t, func(c *PeerConn) {
		var all bytes.Buffer
		io.Copy(c.Conn, io.TeeReader(c.in, &all))
		heard <- all.String()
	})
	return p.Addr, heard
}

// text is n bytes that differ from their neighbours.
func text(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteByte('a' + byte(i*7%26))
	}
	return b.String()
}

func TestProxyForwardsEverything(t *testing.T) {
	addr, heard := echo(t)
	for _, plan := range []Plan{{}, {Up: Lane{Split: 7, Seed: 1}, Down: Lane{Split: 5, Seed: 2}}} {
		p := Proxy(t, addr, func(int) Plan { return plan })
		want := text(20_000)
		conn := dial(t, p.Addr)
		io.WriteString(conn, want)
		conn.(*net.TCPConn).CloseWrite()
		if got, err := io.ReadAll(conn); string(got) != want || err != nil {
			t.Errorf("%d bytes came back, %v", len(got), err)
		}
		if got := <-heard; got != want {
			t.Errorf("upstream heard %d bytes", len(got))
		}
		if up, down := p.Up.Load(), p.Down.Load(); up != 20_000 || down != 20_000 || p.Conns.Load() != 1 {
			t.Errorf("counted up %d, down %d, %d connections", up, down, p.Conns.Load())
		}
	}
}

func TestProxyCutsRequestsAtTheByte(t *testing.T) {
	addr, heard := echo(t)
	want := text(3000)
	for _, how := range []Ending{FIN, RST, HalfClose} {
		for _, at := range []int64{1, 2, 1234} {
			p := Proxy(t, addr, func(int) Plan { return Plan{Up: Lane{Then: how, At: at}} })
			conn := dial(t, p.Addr)
			io.WriteString(conn, want)
			got, err := io.ReadAll(conn)
			if (how == RST) != errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("%v at %d: client got %v", how, at, err)
			}
			if how == HalfClose && string(got) != want[:at] {
				t.Errorf("half close at %d: %d bytes came back", at, len(got))
			}
			if got := <-heard; got != want[:at] {
				t.Errorf("%v at %d: upstream heard %d bytes", how, at, len(got))
			}
		}
	}
}

func TestProxyCutsRepliesAtTheByte(t *testing.T) {
	addr, _ := echo(t)
	want := text(3000)
	for _, how := range []Ending{FIN, RST, HalfClose} {
		for _, at := range []int64{1, 2, 1234} {
			p := Proxy(t, addr, func(int) Plan { return Plan{Down: Lane{Then: how, At: at, Split: 100}} })
			conn := dial(t, p.Addr)
			io.WriteString(conn, want)
			got, err := io.ReadAll(conn)
			if (how == RST) != errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("%v at %d: client got %v", how, at, err)
			}
			if string(got) != want[:at] {
				t.Errorf("%v at %d: client got %d bytes", how, at, len(got))
			}
		}
	}
}

func TestProxyPlansEachConnection(t *testing.T) {
	addr, _ := echo(t)
	p := Proxy(t, addr, func(n int) Plan { return Plan{Down: Lane{Then: FIN, At: int64(n)}} })
	for n := range 3 {
		conn := dial(t, p.Addr)
		io.WriteString(conn, "hello")
		if got, err := io.ReadAll(conn); len(got) != n || err != nil {
			t.Errorf("connection %d: got %q, %v", n, got, err)
		}
	}
}

func TestProxyEdits(t *testing.T) {
	addr, _ := echo(t)
	edits := []Edit{{At: 0, Insert: "<"}, {At: 2, Drop: 3}, {At: 6, Repeat: 2}, {At: 9, Insert: "|", Drop: 1}}
	for _, split := range []int{0, 1} { // what comes in at once, and byte by byte
		p := Proxy(t, addr, func(int) Plan {
			return Plan{Up: Lane{Split: split}, Down: Lane{Edits: edits}}
		})
		conn := dial(t, p.Addr)
		io.WriteString(conn, "0123456789ab")
		conn.(*net.TCPConn).CloseWrite()
		if got, err := io.ReadAll(conn); string(got) != "<01567678|ab" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
}

func TestEditorDoesNotCareAboutChunks(t *testing.T) {
	in := text(40)
	for size := 1; size <= len(in); size++ {
		var out strings.Builder
		e := editor{emit: func(p []byte) error { out.Write(p); return nil }, edits: []Edit{
			{At: 3, Repeat: 4}, {At: 7, Insert: "++"}, {At: 10, Drop: 5}, {At: 39, Insert: "$", Repeat: 1}}}
		for rest := in; rest != ""; {
			n := min(size, len(rest))
			e.feed([]byte(rest[:n]))
			rest = rest[n:]
		}
		want := in[:7] + in[3:7] + "++" + in[7:10] + in[15:39] + "$" + in[39:] + in[39:]
		if out.String() != want {
			t.Errorf("chunks of %d: got %q, want %q", size, out.String(), want)
		}
	}
}

func TestProxyStallsAndResumes(t *testing.T) {
	addr, _ := echo(t)
	p := Proxy(t, addr, func(n int) Plan {
		if n == 0 {
			return Plan{Down: Lane{Then: Stall, At: 3}}
		}
		return Plan{}
	})
	planned := dial(t, p.Addr)
	io.WriteString(planned, "hello")
	expectBytes(t, planned, "hel")
	expectSilence(t, planned)
	p.Resume()
	expectBytes(t, planned, "lo")

	p.Stall()
	onDemand := dial(t, p.Addr)
	io.WriteString(onDemand, "world")
	expectSilence(t, onDemand)
	p.Resume()
	expectBytes(t, onDemand, "world")
}

func expectBytes(t *testing.T, conn net.Conn, want string) {
	t.Helper()
	conn.SetReadDeadline(time.Now().Add(startPatience))
	got := make([]byte, len(want))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != want {
		t.Fatalf("got %q, %v, want %q", got, err, want)
	}
}

// expectSilence cannot prove that nothing will ever come; it would see what is on its way.
func expectSilence(t *testing.T, conn net.Conn) {
	t.Helper()
	conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	n, err := conn.Read(make([]byte, 1))
	if n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("got %d bytes, %v from a stalled connection", n, err)
	}
}

func TestProxyCutAll(t *testing.T) {
	addr, _ := echo(t)
	p := Proxy(t, addr, nil)
	for _, rst := range []bool{false, true} {
		conns := []net.Conn{dial(t, p.Addr), dial(t, p.Addr)}
		for _, conn := range conns {
			io.WriteString(conn, "x")
			expectBytes(t, conn, "x")
		}
		p.CutAll(rst)
		for _, conn := range conns {
			if _, err := conn.Read(make([]byte, 1)); errors.Is(err, io.EOF) == rst {
				t.Errorf("rst %v: client got %v", rst, err)
			}
		}
	}
	conn := dial(t, p.Addr)
	io.WriteString(conn, "y")
	expectBytes(t, conn, "y")
}

func TestProxyWithoutUpstreamResets(t *testing.T) {
	conn, err := net.Dial("tcp", Proxy(t, freeAddr(t), nil).Addr)
	if err == nil { // the reset did not overtake the dialling
		defer conn.Close()
		_, err = conn.Read(make([]byte, 1))
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v", err)
	}
}

func TestProxyToAUnixSocketOfARealServer(t *testing.T) {
	p := Proxy(t, Server(t).Socket, func(int) Plan { return Plan{Up: Lane{Split: 3, Seed: 4}} })
	conn := dial(t, p.Addr)
	io.WriteString(conn, Command("ECHO", "through a socket"))
	if got, err := readReply(bufio.NewReader(conn)); err != nil || got[0] != "through a socket" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestNothingIsLeftRunning(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("everything", func(t *testing.T) {
		addr, _ := echo(t)
		p := Proxy(t, addr, func(n int) Plan { return Plan{Up: Lane{Then: Ending(n), At: 2}} })
		for range 5 { // one of each ending, and none of them closed by this side
			io.WriteString(dial(t, p.Addr), "hello")
		}
		pipe := PipePeer(t, func(c *PeerConn) { c.Hold() })
		conn, _ := pipe.Dial(t.Context())
		defer conn.Close()
	})
	for start := time.Now(); runtime.NumGoroutine() > before; {
		if time.Since(start) > startPatience {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, before %d\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
		time.Sleep(time.Millisecond)
	}
}

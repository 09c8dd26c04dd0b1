package resptest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
)

// complaints is a test that keeps what is reported to it.
type complaints struct {
	testing.TB
	said     []string
	cleanups []func()
}

func (c *complaints) Errorf(format string, args ...any) {
	c.said = append(c.said, fmt.Sprintf(format, args...))
}
func (c *complaints) Cleanup(f func()) { c.cleanups = append(c.cleanups, f) }
func (c *complaints) Helper()          {}
func (c *complaints) finish() {
	for _, f := range c.cleanups {
		f()
	}
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestPeerPlaysItsScript(t *testing.T) {
	for name, start := range map[string]func(testing.TB, func(*PeerConn)) *PeerServer{"tcp": Peer, "pipe": PipePeer} {
		t.Run(name, func(t *testing.T) {
			asked := make(chan struct{})
			p := start(t, func(c *PeerConn) {
				c.Expect("SET", "k", "a\r\nb").Pieces("+OK\r\n", 1, 3)
				c.Expect("PING").Wait(asked).Reply(fmt.Sprintf("+%d\r\n", c.N))
			})
			for n := range 2 {
				conn, err := p.Dial(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				io.WriteString(conn, Command("SET", "k", "a\r\nb"))
				got := make([]byte, 5)
				if _, err := io.ReadFull(conn, got); err != nil || string(got) != "+OK\r\n" {
					t.Errorf("got %q, %v", got, err)
				}
				io.WriteString(conn, "PING\r\n")
				if n == 0 {
					close(asked)
				}
				rest, err := io.ReadAll(conn)
				if want := fmt.Sprintf("+%d\r\n", n); string(rest) != want || err != nil {
					t.Errorf("got %q, %v, want %q and the end", rest, err, want)
				}
				conn.Close()
			}
			if got := p.Conns(); got != 2 {
				t.Errorf("%d connections", got)
			}
		})
	}
}

func TestPeerReportsMismatches(t *testing.T) {
	for _, test := range []struct{ sent, want string }{
		{Command("GET", "k"), `connection 0: expected ["SET" "k"], got ["GET" "k"]`},
		{"*2\r\n$3\r\nSET\r\n$1\r\n", `expected ["SET" "k"], got request ["SET"]: unexpected EOF`},
		{"", `expected ["SET" "k"], got EOF`},
		{"*1\r\n:1\r\n", `got request []: got ":1" in place of a bulk string`},
	} {
		tb := &complaints{TB: t}
		p := Peer(tb, func(c *PeerConn) { c.Expect("SET", "k") })
		conn := dial(t, p.Addr)
		io.WriteString(conn, test.sent)
		conn.(*net.TCPConn).CloseWrite()
		io.ReadAll(conn) // the script has ended
		tb.finish()
		if len(tb.said) != 1 || !strings.Contains(tb.said[0], test.want) {
			t.Errorf("%q: got %q, want %q", test.sent, tb.said, test.want)
		}
	}
}

func TestPeerReportsAnUnfinishedScript(t *testing.T) {
	tb := &complaints{TB: t}
	p := Peer(tb, func(c *PeerConn) { c.Reply("+hello\r\n").Expect("PING") })
	io.ReadFull(dial(t, p.Addr), make([]byte, 8))
	tb.finish()
	if len(tb.said) != 1 || !strings.Contains(tb.said[0], `expected ["PING"]`) {
		t.Errorf("got %q", tb.said)
	}
}

func TestPeerCanHoldAndReset(t *testing.T) {
	p := Peer(t, func(c *PeerConn) {
		c.Expect("A").Reply("+A\r\n")
		if c.N == 0 {
			c.Reset()
		}
		c.Hold()
	})
	conn := dial(t, p.Addr)
	io.WriteString(conn, Command("A"))
	if got, err := io.ReadAll(conn); string(got) != "+A\r\n" || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %q, %v, want a reset", got, err)
	}
	held := dial(t, p.Addr)
	io.WriteString(held, Command("A"))
	expectBytes(t, held, "+A\r\n")
	expectSilence(t, held) // until the end of the test
}

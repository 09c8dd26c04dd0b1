package sentinel

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

// knows is a sentinel that names what it is told to, every time anew.
func knows(t *testing.T, answer func(n int) string, others ...string) *resptest.PeerServer {
	t.Helper()
	var asked atomic.Int64
	return resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Expect("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "m").Reply(answer(int(asked.Add(1)) - 1))
		c.Next() // SENTINEL SENTINELS, if the answer is an address
		var wire strings.Builder
		fmt.Fprintf(&wire, "*%d\r\n", len(others))
		for _, other := range others {
			host, port, _ := net.SplitHostPort(other)
			wire.WriteString(resptest.Command("name", "x", "ip", host, "port", port))
		}
		c.Reply(wire.String()).Swallow()
	})
}

func always(wire string) func(int) string { return func(int) string { return wire } }

// named is the answer that a master is at an address.
func named(addr string) string {
	host, port, _ := net.SplitHostPort(addr)
	return resptest.Command(host, port)
}

// server is a server that answers ROLE.
func server(t *testing.T, role string) *resptest.PeerServer {
	t.Helper()
	return resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Expect("ROLE").Reply(role)
		c.Swallow()
	})
}

const (
	masterRole  = "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"
	replicaRole = "*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:1\r\n$9\r\nconnected\r\n:0\r\n"
)

// nobody is an address where nobody listens.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// dial wants the master to be reached, and to be at want.
func dial(t *testing.T, m *Master, want string) {
	t.Helper()
	nc, err := m.Dial(within(t))
	if err != nil {
		t.Errorf("no connection: %v", err)
		return
	}
	defer nc.Close()
	if got := nc.RemoteAddr().String(); got != want || m.Addr() != want {
		t.Errorf("it is at %s, and said to be at %s, want %s", got, m.Addr(), want)
	}
}

func TestTheMasterIsFound(t *testing.T) {
	master := server(t, masterRole)
	s := knows(t, always(named(master.Addr)))
	m := New(Config{Master: "m", Sentinels: []string{nobody(t), s.Addr}})
	if m.Addr() != "" {
		t.Errorf("it is known before anybody was asked: %s", m.Addr())
	}
	if addr, err := m.Find(within(t)); addr != master.Addr || err != nil || m.Addr() != addr {
		t.Errorf("got %q, %v", addr, err)
	}
	dial(t, m, master.Addr)
	if n := s.Conns(); n != 1 {
		t.Errorf("the sentinel was asked %d times, want once", n)
	}
	dial(t, m, master.Addr)
	if n := s.Conns(); n != 2 || m.known()[0] != s.Addr {
		t.Errorf("asked %d times, in the order %q", n, m.known())
	}
}

// Where a sentinel is wrong, others are asked, and all of them again.
func TestASentinelBehindTheTimes(t *testing.T) {
	master, replica := server(t, masterRole), server(t, replicaRole)
	changes := knows(t, func(n int) string {
		if n < 2 {
			return named(replica.Addr)
		}
		return named(master.Addr)
	})
	dial(t, New(Config{Master: "m", Sentinels: []string{changes.Addr}}), master.Addr)

	gone := nobody(t)
	for _, wrong := range []string{replica.Addr, gone} {
		stale, fresh := knows(t, always(named(wrong))), knows(t, always(named(master.Addr)))
		dial(t, New(Config{Master: "m", Sentinels: []string{stale.Addr, fresh.Addr}}), master.Addr)
	}
	fresh := knows(t, always(named(master.Addr)))
	stale := knows(t, always(named(replica.Addr)), fresh.Addr, "10.0.0.1:0", " x:1")
	m := New(Config{Master: "m", Sentinels: []string{stale.Addr}})
	dial(t, m, master.Addr)
	if got, want := m.known(), []string{fresh.Addr, stale.Addr}; !slices.Equal(got, want) {
		t.Errorf("knows the sentinels %q, want %q", got, want)
	}
}

func TestPatienceEnds(t *testing.T) {
	replica := server(t, replicaRole)
	s := knows(t, always(named(replica.Addr)))
	m := New(Config{Master: "m", Sentinels: []string{s.Addr}, Server: pipeclient.Config{ConnectTimeout: 100 * time.Millisecond}})
	_, err := m.Dial(within(t))
	want := "the sentinel at " + s.Addr + ` says that master "m" is at ` + replica.Addr + `: its role is "slave"`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cause := errors.New("enough")
	cancel(cause)
	if _, err := m.Dial(ctx); err != cause {
		t.Errorf("given up: %v", err)
	}
}

func TestSentinelsThatAreOfNoHelp(t *testing.T) {
	gone := nobody(t)
	for name, c := range map[string]struct{ answer, want string }{
		"unknown":      {"*-1\r\n", `the sentinel at A knows no master called "m"`},
		"unknown in 3": {"_\r\n", `the sentinel at A knows no master called "m"`},
		"NOAUTH": {"-NOAUTH Authentication required.\r\n", "sentinel at A: NOAUTH Authentication required. " +
			"(--sentinel-user and --sentinel-pass-file are for the sentinels themselves)"},
		"no sentinel":  {"-ERR unknown command 'SENTINEL', with args\r\n", "sentinel at A: it is no sentinel: ERR unknown command 'SENTINEL', with args"},
		"an error":     {"-IDONTKNOW yet\r\n", "sentinel at A: IDONTKNOW yet"},
		"one element":  {"*1\r\n$1\r\nx\r\n", "sentinel at A: its answer is no address"},
		"no port":      {resptest.Command("h", "0"), "sentinel at A: its answer is no address"},
		"a wild port":  {resptest.Command("h", "65536"), "sentinel at A: its answer is no address"},
		"a wild host":  {resptest.Command("a\x1b[2J", "1"), "sentinel at A: its answer is no address"},
		"a long host":  {resptest.Command(strings.Repeat("h", 300), "1"), "sentinel at A: its answer is no address"},
		"a status":     {"+OK\r\n", "sentinel at A: its answer is no address"},
		"no RESP":      {"HTTP/1.1 400 Bad Request\r\n\r\n", `sentinel at A: `},
		"half of it":   {"*2\r\n$1\r\nh", "sentinel at A: server closed the connection"},
		"a long error": {"-ERR " + strings.Repeat("x", 1000) + "\r\n", "sentinel at A: ERR " + strings.Repeat("x", maxText-4)},
	} {
		s := resptest.Peer(t, func(peer *resptest.PeerConn) {
			peer.Next()
			peer.Reply(c.answer)
		})
		_, err := New(Config{Master: "m", Sentinels: []string{s.Addr}}).Dial(within(t))
		if got := strings.ReplaceAll(errorText(err), s.Addr, "A"); got != c.want && (c.want[len(c.want)-1] != ' ' || !strings.HasPrefix(got, c.want)) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	unknown := knows(t, always("*-1\r\n"))
	other := knows(t, always("*-1\r\n"))
	_, err := New(Config{Master: "m", Sentinels: []string{unknown.Addr, gone, other.Addr}}).Find(within(t))
	want := "no sentinel of " + unknown.Addr + ", " + other.Addr + ` knows a master called "m"; sentinel at ` + gone + ": connection refused"
	if got := errorText(err); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func errorText(err error) string {
	if err == nil {
		return "no error"
	}
	return err.Error()
}

// A sentinel that says nothing costs a bounded time, and the next one is asked.
func TestASilentSentinel(t *testing.T) {
	silent := resptest.Peer(t, func(c *resptest.PeerConn) { c.Next(); c.Hold() })
	master := server(t, masterRole)
	s := knows(t, always(named(master.Addr)))
	cfg := Config{Master: "m", Sentinels: []string{silent.Addr, s.Addr}, Server: pipeclient.Config{ConnectTimeout: 200 * time.Millisecond}}
	if addr, err := New(cfg).Find(within(t)); addr != master.Addr || err != nil {
		t.Errorf("got %q, %v", addr, err)
	}
}

func TestMastersThatDoNotTell(t *testing.T) {
	for _, role := range []string{"-NOAUTH Authentication required.\r\n", "-NOPERM no\r\n", "-ERR unknown command 'ROLE'\r\n"} {
		master := server(t, role)
		s := knows(t, always(named(master.Addr)))
		dial(t, New(Config{Master: "m", Sentinels: []string{s.Addr}}), master.Addr)
	}
	for role, want := range map[string]string{
		"*0\r\n": "its answer to ROLE makes no sense", "+PONG\r\n": "its answer to ROLE makes no sense",
		"*1\r\n$8\r\nsentinel\r\n": `its role is "sentinel"`, "": "server closed the connection",
		"*1\r\n$4\r\n\x1b[2J\r\n": `its role is "\x1b[2J"`,
	} {
		master := resptest.Peer(t, func(c *resptest.PeerConn) { c.Expect("ROLE").Reply(role) })
		s := knows(t, always(named(master.Addr)))
		cfg := Config{Master: "m", Sentinels: []string{s.Addr}, Server: pipeclient.Config{ConnectTimeout: 50 * time.Millisecond}}
		if _, err := New(cfg).Dial(within(t)); err == nil || !strings.HasSuffix(err.Error(), ": "+want) {
			t.Errorf("%q: %v, want %s", role, err, want)
		}
	}
}

// A password that the master refuses is for the handshake to report, which comes after.
func TestAPasswordTheMasterRefuses(t *testing.T) {
	var seen []string
	done := make(chan struct{}, 2)
	master := resptest.Peer(t, func(c *resptest.PeerConn) {
		if c.N == 0 {
			c.Expect("AUTH", "u", "p").Reply("-WRONGPASS no\r\n").Swallow()
			return
		}
		seen = c.Next()
		done <- struct{}{}
	})
	s := knows(t, always(named(master.Addr)))
	m := New(Config{Master: "m", Sentinels: []string{s.Addr}, Server: pipeclient.Config{User: "u", Pass: "p", HasPass: true}})
	nc, err := m.Dial(within(t))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if _, err := nc.Write([]byte(resptest.Command("NEXT"))); err != nil {
		t.Fatal(err)
	}
	if <-done; !slices.Equal(seen, []string{"NEXT"}) {
		t.Errorf("the server got %q", seen)
	}
}

func TestMapAndAllow(t *testing.T) {
	master := server(t, masterRole)
	_, port, _ := net.SplitHostPort(master.Addr)
	s := knows(t, always(named("10.9.8.7:"+port)))
	m := New(Config{Master: "m", Sentinels: []string{s.Addr}, Map: func(addr string) string { return strings.Replace(addr, "10.9.8.7", "127.0.0.1", 1) }})
	dial(t, m, master.Addr)
	forbidden := errors.New("not there")
	m = New(Config{Master: "m", Sentinels: []string{s.Addr}, Allow: func(addr string) error {
		if addr != "10.9.8.7:"+port {
			t.Errorf("asked about %s", addr)
		}
		return forbidden
	}})
	if _, err := m.Dial(within(t)); err != forbidden {
		t.Errorf("got %v", err)
	}
}

func TestUnbelievableNumbersOfSentinels(t *testing.T) {
	m := New(Config{Master: "m", Sentinels: []string{"h:1"}})
	for i := range 1000 {
		m.learn([]string{net.JoinHostPort("h", string(rune('a'+i%26))+string(rune('a'+i/26)))})
	}
	if n := len(m.known()); n != maxSentinels {
		t.Errorf("%d sentinels", n)
	}
}

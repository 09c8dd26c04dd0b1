package repl

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"easycli/internal/lineeditor"
	"easycli/internal/pipeclient"
	"easycli/internal/render"
	"easycli/internal/resptest"
)

// person types lines, and notes the prompts. A line may be a func, which is called instead.
type person struct {
	lines      []any
	conn       *pipeclient.Conn // the last one that was made
	prompts    []string
	remembered []string
}

func (p *person) ReadLine(ctx context.Context, prompt string) (string, error) {
	for {
		if len(p.lines) == 0 {
			p.prompts = append(p.prompts, prompt)
			return "", io.EOF
		}
		next := p.lines[0]
		p.lines = p.lines[1:]
		switch next := next.(type) {
		case string:
			p.prompts = append(p.prompts, prompt)
			return next, nil
		case error:
			return "", next
		case func(*person):
			next(p)
		}
	}
}

func (p *person) Remember(line string) { p.remembered = append(p.remembered, line) }

// talk lets a person talk with a server and returns all that was on the screen, the prompts
// included, with the address as ADDR.
func talk(t *testing.T, server pipeclient.Config, interrupts chan struct{}, lines ...any) (string, *person, error) {
	t.Helper()
	var screen bytes.Buffer
	p := &person{lines: lines}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err := Interactive(ctx, InteractiveConfig{
		Server: server, Lines: p, Interrupts: interrupts, Out: &screen, Err: &screen,
		Explain: func(err error) string { return "! " + err.Error() },
		Print:   render.Options{Terminal: true},
		Connect: func(ctx context.Context, cfg pipeclient.Config) (conn *pipeclient.Conn, err error) {
			conn, err = pipeclient.Dial(ctx, cfg)
			p.conn = conn
			return conn, err
		},
	})
	return elapsed.ReplaceAllString(screen.String(), ""), p, err
}

func checkTalk(t *testing.T, server pipeclient.Config, want string, prompts string, lines ...any) {
	t.Helper()
	got, p, err := talk(t, server, nil, lines...)
	if err != nil || got != want {
		t.Errorf("%q: %v, on the screen\n%q, want\n%q", lines, err, got, want)
	}
	if got := strings.ReplaceAll(strings.Join(p.prompts, ""), server.Addr, "A"); got != prompts {
		t.Errorf("%q: prompts %q, want %q", lines, got, prompts)
	}
}

func TestInteractive(t *testing.T) {
	server := shared(t)
	checkTalk(t, server, "OK\n\"1\"\n(integer) 2\n(integer) 3\n", "A> A> A> A> ", "set a 1", "get a", "2 incr a")
	checkTalk(t, server, "", "A> A> A> ", "", "  ", "quit", "ping")
	checkTalk(t, server, "Invalid argument(s)\nunknown redis-cli preference 'x'\n"+clearScreen+"PONG\n", "A> A> A> A> A> A> ",
		`get "`, ":set x", ":set hints", "clear", "ping")
	checkTalk(t, server, "(error) ERR value is not an integer or out of range\nOK\nPONG\n", "A> A> A[1]> A[1]> ",
		"incrby a x", "select 1", "ping")
	checkTalk(t, server, "OK\nQUEUED\nSUBSCRIBE not sent: inside MULTI its confirmations would be taken for the replies of other commands\n1) \"3\"\n",
		"A> A(TX)> A(TX)> A(TX)> A> ", "multi", "get a", "subscribe c", "exec")
	checkTalk(t, server, "OK\n\"5\"\n", "A> A(replies off)> A(replies off)> A(replies off)> A> A> ",
		"client reply off", "incr a", "incr a", "client reply on", "get a")
	checkTalk(t, server, "1) \"unsubscribe\"\n2) (nil)\n3) (integer) 0\nPONG\n", "A> A> A> ", "unsubscribe", "ping")
	checkTalk(t, server, "PONG\n", "A> A> ", lineeditor.ErrInterrupted, "ping")
	checkTalk(t, server, "OK\nPONG\n", "A> not connected> A> ", "2 quit", "ping")
}

func TestInteractiveReadOnly(t *testing.T) {
	var screen bytes.Buffer
	p := &person{lines: []any{"get nothing", "set nothing 1", "3 foo.bar", "multi", "del nothing", "get nothing", "exec"}}
	err := Interactive(context.Background(), InteractiveConfig{
		Server: shared(t), Lines: p, Out: &screen, Err: &screen, Print: render.Options{Terminal: true}, ReadOnly: true,
	})
	want := "(nil)\nSET not sent: this is read-only, and it may change something\n" +
		"not sent: this is read-only, and nobody can say what the command does\nOK\n" +
		"DEL not sent: this is read-only, and it may change something\nQUEUED\n1) (nil)\n"
	if got := elapsed.ReplaceAllString(screen.String(), ""); err != nil || got != want {
		t.Errorf("%v, on the screen\n%q, want\n%q", err, got, want)
	}
}

func TestInteractiveHistory(t *testing.T) {
	_, p, err := talk(t, shared(t), nil, "ping", "auth hunter2", "3 AUTH x y", `auth "hunter3`, "0 ping", "", `get "`,
		"hello 3 auth u p", `config set requirepass "x`, "quit")
	want := []string{"ping", `get "`, "quit"}
	if err != nil || !slices.Equal(p.remembered, want) {
		t.Errorf("remembered %q, %v", p.remembered, err)
	}
}

// A connection that is lost is made anew by the next command, and what cannot be had again is told.
func TestInteractiveReconnects(t *testing.T) {
	server := resptest.Shared(t)
	kill := killing(server)
	screen, p, err := talk(t, at(server.Addr), nil, "select 2", "set a 1", kill, "get a", "multi", "set a 2", kill,
		"set a 3", "get a", "exec", "get a", "multi", kill, "multi", "discard", "watch a", kill, "get a")
	want := "OK\nOK\n\"1\"\nOK\nQUEUED\n" +
		strings.Repeat("not sent: the transaction was lost with its connection (DISCARD or MULTI to go on)\n", 2) +
		"the transaction was lost with its connection; nothing of it was executed\n\"1\"\nOK\nOK\nOK\nOK\n" +
		"reconnected; the keys that were watched no longer are\n\"1\"\n"
	if err != nil || screen != want {
		t.Errorf("%v, on the screen\n%q, want\n%q", err, screen, want)
	}
	if last := p.prompts[len(p.prompts)-1]; last != server.Addr+"[2]> " {
		t.Errorf("last prompt %q", last)
	}
}

// killing has the server end the person's connection.
func killing(server *resptest.Redis) func(*person) {
	return func(p *person) {
		server.Do("CLIENT", "KILL", "TYPE", "normal")
		<-p.conn.Over()
	}
}

func TestInteractiveInDoubt(t *testing.T) {
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		if c.N == 0 {
			c.Expect("incr", "n")
			return
		}
		c.Expect("ping").Reply("+PONG\r\n")
	})
	screen, p, err := talk(t, at(peer.Addr), nil, "incr n", "ping")
	if err != nil || screen != "! server closed the connection (in doubt)\nPONG\n" || p.prompts[1] != "not connected> " {
		t.Errorf("%v, %q, %q", err, screen, p.prompts)
	}
	if peer.Conns() != 2 {
		t.Errorf("%d connections", peer.Conns())
	}
}

// Ctrl-C gives a running command up, and the next one is answered (T22).
func TestInteractiveInterrupt(t *testing.T) {
	interrupts := make(chan struct{}, 1)
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		if c.N == 0 {
			c.Expect("blpop", "k", "0")
			interrupts <- struct{}{}
			c.ExpectEnd()
			return
		}
		c.Expect("ping").Reply("+PONG\r\n")
	})
	screen, p, err := talk(t, at(peer.Addr), interrupts, "3 blpop k 0", "ping")
	want := "(interrupted) the connection is closed; the server may still carry the command out\nPONG\n"
	if err != nil || screen != want || p.prompts[1] != "not connected> " {
		t.Errorf("%v, %q, %q", err, screen, p.prompts)
	}
}

// SUBSCRIBE and MONITOR last until Ctrl-C.
func TestInteractiveStreams(t *testing.T) {
	server := resptest.Shared(t)
	for _, proto := range []int{2, 3} {
		interrupts, out := make(chan struct{}, 1), newWatched()
		p := &person{lines: []any{"subscribe c", "monitor", "ping"}}
		done := make(chan error)
		go func() {
			done <- Interactive(context.Background(), InteractiveConfig{
				Server: pipeclient.Config{Addr: server.Addr, Proto: proto}, Lines: p, Interrupts: interrupts,
				Out: out, Err: out, Explain: func(err error) string { return "! " + err.Error() },
			})
		}()
		out.await(t, 4) // the confirmation, and the words about Ctrl-C
		server.Do("PUBLISH", "c", "hello")
		out.await(t, 7)
		interrupts <- struct{}{}
		out.await(t, 8) // MONITOR's OK
		server.Do("ECHO", "seen")
		out.await(t, 9)
		interrupts <- struct{}{}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfter(elapsed.ReplaceAllString(out.String(), ""), "\n")
		if i := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, `"ECHO" "seen"`) }); i < 0 {
			t.Errorf("RESP%d: MONITOR showed nothing: %q", proto, lines)
		}
		want := "1) \"subscribe\"\n2) \"c\"\n3) (integer) 1\nReading messages... (press Ctrl-C to quit)\n1) \"message\"\n2) \"c\"\n3) \"hello\"\nOK\n"
		if got := strings.Join(lines, ""); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "PONG\n") {
			t.Errorf("RESP%d: got %q", proto, got)
		}
	}
}

func TestInteractiveConnect(t *testing.T) {
	one, other := resptest.Server(t), resptest.Server(t, "--requirepass", "pw")
	other.Do("SET", "who", "other")
	host, port, _ := net.SplitHostPort(other.Addr)
	screen, p, err := talk(t, pipeclient.Config{Addr: one.Addr}, nil, "set who one", "connect "+host+" "+port, "auth pw", "get who",
		killing(other), "get who", "connect 127.0.0.1 1", "ping")
	refused := "! could not connect to 127.0.0.1:1: connection refused\n"
	want := "OK\nOK\n\"other\"\nreconnected, without the AUTH that was typed\n(error) NOAUTH Authentication required.\n" + refused + refused
	if err != nil || screen != want {
		t.Errorf("%v, on the screen\n%q, want\n%q", err, screen, want)
	}
	if last := p.prompts[len(p.prompts)-1]; last != "not connected> " {
		t.Errorf("last prompt %q", last)
	}
}

// Where a new connection is refused what the last one had, the person can still type what mends it.
func TestInteractiveRefusedAnew(t *testing.T) {
	server := resptest.Server(t, "--requirepass", "pw", "--databases", "4")
	kill := killing(server)
	refused := "! SELECT 2 failed: NOAUTH Authentication required.\nnot sent; AUTH or SELECT can be typed to mend it\n"
	plain := "connected, in database 0 and without SELECT 2, which was refused\n"
	checkTalk(t, at(server.Addr), "OK\nOK\n"+refused+refused+plain+"OK\nOK\nPONG\n",
		"A> A> A[2]> not connected> not connected> A> A[2]> A[2]> ",
		"auth pw", "select 2", kill, "ping", "get a", "auth pw", "select 2", "ping")
	checkTalk(t, at(server.Addr), "OK\nOK\n"+plain+"(error) WRONGPASS invalid username-password pair or user is disabled.\nOK\n",
		"A> A> A[2]> A> A> ", "auth pw", "select 2", kill, "auth no", "auth pw")

	large := resptest.Server(t, "--databases", "8")
	host, port, _ := net.SplitHostPort(resptest.Server(t, "--databases", "4").Addr)
	screen, _, err := talk(t, at(large.Addr), nil, "select 7", "connect "+host+" "+port, "ping", "select 3", "ping")
	outOfRange := "! SELECT 7 failed: ERR DB index is out of range\n"
	want := "OK\n" + outOfRange + outOfRange + "not sent; AUTH or SELECT can be typed to mend it\n" +
		"connected, in database 0 and without SELECT 7, which was refused\nOK\nPONG\n"
	if err != nil || screen != want {
		t.Errorf("%v, on the screen\n%q, want\n%q", err, screen, want)
	}
}

// What the command line asked for is granted, or there is no session. A server that is not there
// may come.
func TestInteractiveBeginning(t *testing.T) {
	server := shared(t)
	server.DB = 99
	_, p, err := talk(t, server, nil, "ping")
	var refused *pipeclient.ConnectError
	if !errors.As(err, &refused) || len(p.prompts) != 0 {
		t.Errorf("got %v, %q", err, p.prompts)
	}
	checkTalk(t, at("127.0.0.1:1"), strings.Repeat("! could not connect to 127.0.0.1:1: connection refused\n", 2),
		"not connected> not connected> ", "ping")
}

func TestInteractiveOutputBroken(t *testing.T) {
	p := &person{lines: []any{"ping", "ping"}}
	err := Interactive(context.Background(), InteractiveConfig{Server: shared(t), Lines: p, Out: &brokenPipe{}, Err: io.Discard,
		Explain: error.Error})
	var broken *render.WriteError
	if !errors.As(err, &broken) {
		t.Errorf("got %v", err)
	}
}

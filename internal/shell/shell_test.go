package shell

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"easycli/internal/lineeditor"
	"easycli/internal/lines"
	"easycli/internal/pipeclient"
	"easycli/internal/render"
	"easycli/internal/resptest"
)

// person types lines, and notes the prompts. A line may be a func, which is called instead, and an
// answer is for the next question.
type person struct {
	lines      []any
	conn       *pipeclient.Conn // the last one that was made
	prompts    []string
	asked      []string
	remembered []string
	screen     io.Writer
	changed    chan string // has the prompts that change while a line is typed
}

type reply string

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

func (p *person) Ask(_ context.Context, question string) (string, error) {
	p.asked = append(p.asked, question)
	if len(p.lines) > 0 {
		if a, ok := p.lines[0].(reply); ok {
			p.lines = p.lines[1:]
			return string(a), nil
		}
	}
	return "", lineeditor.ErrInterrupted
}

func (p *person) Write(b []byte) (int, error) { return p.screen.Write(b) }
func (p *person) Add(line string)             { p.remembered = append(p.remembered, line) }

func (p *person) Err() error { return nil }

// SetPrompt is called beside ReadLine.
func (p *person) SetPrompt(prompt string) {
	select {
	case p.changed <- prompt:
	default: // nobody asks
	}
}

// locked is a buffer that several goroutines may write to, and others wait for a text in.
type locked struct {
	mu   sync.Mutex
	cond *sync.Cond
	bytes.Buffer
}

func newLocked() *locked {
	l := &locked{}
	l.cond = sync.NewCond(&l.mu)
	return l
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cond.Broadcast()
	return l.Buffer.Write(b)
}

func (l *locked) await(t *testing.T, text string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	late := false
	timer := time.AfterFunc(20*time.Second, func() {
		l.mu.Lock()
		late = true
		l.mu.Unlock()
		l.cond.Broadcast()
	})
	defer timer.Stop()
	for !strings.Contains(l.String(), text) {
		if late {
			t.Fatalf("%q does not appear in %q", text, l.String())
		}
		l.cond.Wait()
	}
}

func at(addr string) pipeclient.Config { return pipeclient.Config{Addr: addr} }

func shared(t *testing.T) pipeclient.Config { return at(resptest.Shared(t).Addr) }

var elapsed = regexp.MustCompile(`(?m)^\(\d+\.\d\ds\)\n`)

// talk lets a person talk with a server and returns all that was on the screen, without the prompts.
func talk(t *testing.T, server pipeclient.Config, interrupts chan struct{}, lines ...any) (string, *person, error) {
	t.Helper()
	return talkWith(t, Config{Server: server, Interrupts: interrupts}, lines...)
}

func talkWith(t *testing.T, cfg Config, lines ...any) (string, *person, error) {
	t.Helper()
	screen := newLocked()
	p := &person{lines: lines, screen: screen, changed: make(chan string, 100)}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cfg.Editor, cfg.History = p, p
	cfg.Explain = func(err error) string { return "! " + err.Error() }
	cfg.Print.Terminal = true
	cfg.Connect = func(ctx context.Context, cfg pipeclient.Config) (conn *pipeclient.Conn, err error) {
		conn, err = pipeclient.Dial(ctx, cfg)
		if err == nil && cfg.OnPush != nil {
			p.conn = conn
		}
		return conn, err
	}
	err := Run(ctx, cfg)
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
	checkTalk(t, server, "Invalid argument(s)\nunknown redis-cli preference 'x'\n"+lines.ClearScreen+"PONG\n", "A> A> A> A> A> A> ",
		`get "`, ":set x", ":set hints", "clear", "ping")
	checkTalk(t, server, "(error) ERR value is not an integer or out of range\nOK\nPONG\n", "A> A> A[1]> A[1]> ",
		"incrby a x", "select 1", "ping")
	checkTalk(t, server, "OK\nQUEUED\nSUBSCRIBE not sent: inside MULTI its confirmations would be taken for the replies of other commands\n1) \"3\"\n",
		"A> A(TX)> A(TX 1)> A(TX 1)> A> ", "multi", "get a", "subscribe c", "exec")
	checkTalk(t, server, "OK\n\"5\"\n", "A> A(replies off)> A(replies off)> A(replies off)> A> A> ",
		"client reply off", "incr a", "incr a", "client reply on", "get a")
	checkTalk(t, server, "1) \"unsubscribe\"\n2) (nil)\n3) (integer) 0\nPONG\n", "A> A> A> ", "unsubscribe", "ping")
	checkTalk(t, server, "PONG\n", "A> A> ", lineeditor.ErrInterrupted, "ping")
	checkTalk(t, server, "OK\nPONG\n", "A> not connected> A> ", "2 quit", "ping")
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
	if err != nil || screen != "(in doubt) connection lost after INCR was sent; it may have been applied: server closed the connection\nPONG\n" || p.prompts[1] != "not connected> " {
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

// until waits until the screen shows a text.
func (p *person) until(t *testing.T, text string) {
	t.Helper()
	p.screen.(*locked).await(t, text)
}

// Messages appear while other lines are typed, and commands go on in RESP3.
func TestMessagesAboveThePrompt(t *testing.T) {
	server := resptest.Shared(t)
	for _, proto := range []int{2, 3} {
		publish := func(p *person) {
			server.Do("PUBLISH", "c", "hello")
			p.until(t, `"hello"`)
		}
		screen, p, err := talk(t, pipeclient.Config{Addr: server.Addr, Proto: proto}, nil,
			"subscribe c d", publish, "get a", "unsubscribe", "get a")
		if err != nil {
			t.Fatal(err)
		}
		want := "1) \"subscribe\"\n2) \"c\"\n3) (integer) 1\n1) \"subscribe\"\n2) \"d\"\n3) (integer) 2\n"
		if !strings.HasPrefix(screen, want) || !strings.HasSuffix(screen, "1) \"unsubscribe\"\n2) \"d\"\n3) (integer) 0\n(nil)\n") &&
			!strings.HasSuffix(screen, "1) \"unsubscribe\"\n2) \"c\"\n3) (integer) 0\n(nil)\n") {
			t.Errorf("RESP%d: %q", proto, screen)
		}
		refused := strings.Contains(screen, "(error) ERR Can't execute 'get'")
		if refused != (proto == 2) || !strings.Contains(screen, "1) \"message\"\n2) \"c\"\n3) \"hello\"\n") {
			t.Errorf("RESP%d: %q", proto, screen)
		}
		if got := strings.ReplaceAll(strings.Join(p.prompts, ""), server.Addr, "A"); got != "A> A(subscribed mode)> A(subscribed mode)> A> A> " {
			t.Errorf("RESP%d: prompts %q", proto, got)
		}
	}
}

// Ctrl-C on an empty line ends the subscriptions, and does not take the connection with it.
func TestSubscriptionsEndWithCtrlC(t *testing.T) {
	server := resptest.Shared(t)
	screen, p, err := talk(t, pipeclient.Config{Addr: server.Addr, Proto: 3}, nil,
		"select 2", "subscribe c", "psubscribe d*", lineeditor.ErrInterrupted, "set a 1")
	if err != nil || !strings.HasSuffix(screen, "unsubscribed from 2 channels\nOK\n") || p.prompts[3] != server.Addr+"[2]> " {
		t.Errorf("%v, %q, %q", err, screen, p.prompts)
	}
}

// A lost connection is made again for the messages, and they are seen again (T39).
func TestSubscriptionsComeBack(t *testing.T) {
	server := resptest.Shared(t)
	for _, proto := range []int{2, 3} {
		await := make(chan struct{})
		screen, _, err := talk(t, pipeclient.Config{Addr: server.Addr, Proto: proto}, nil, "subscribe a", "psubscribe b*", func(p *person) {
			first := p.conn
			server.Do("CLIENT", "KILL", "TYPE", "pubsub")
			<-first.Over()
			p.until(t, "subscribed again to a, b*; messages of the meantime are lost")
			server.Do("PUBLISH", "bc", "seen")
			p.until(t, `"seen"`)
			close(await)
		})
		<-await
		if err != nil || strings.Count(screen, "\"seen\"") != 1 || strings.Count(screen, "\"psubscribe\"") != 1 {
			t.Errorf("RESP%d: %v, %q", proto, err, screen)
		}
	}
}

// MONITOR has a connection of its own, so that the one for commands stays what it is.
func TestMonitorBesideThePrompt(t *testing.T) {
	server := resptest.Shared(t)
	screen, p, err := talk(t, at(server.Addr), nil, "multi", "set a 1", "exec", "monitor", "get a", func(p *person) {
		server.Do("ECHO", "seen")
		p.until(t, `"ECHO" "seen"`)
	}, lineeditor.ErrInterrupted, "get a", ":monitor key k* command get,set", "set other 1", "get k1", func(p *person) {
		p.until(t, `"get" "k1"`)
	})
	if err != nil || strings.Contains(screen, "other") || strings.Count(screen, "\"1\"\n") != 2 {
		t.Errorf("%v, %q", err, screen)
	}
	if got := strings.ReplaceAll(strings.Join(p.prompts[3:], ""), server.Addr, "A"); got != "A> A(monitor)> A> A> A(monitor)> A(monitor)> A(monitor)> " {
		t.Errorf("prompts %q", got)
	}
	if _, _, err := talk(t, at(server.Addr), nil, "multi", "monitor", "exec"); err != nil {
		t.Error(err)
	}
}

// A monitor that is cut off is opened again, and says that there is a gap (T40).
func TestMonitorComesBack(t *testing.T) {
	server := resptest.Shared(t)
	screen, _, err := talk(t, at(server.Addr), nil, "monitor", func(p *person) {
		server.Do("CLIENT", "KILL", "TYPE", "replica") // which monitors count as
		server.Do("CLIENT", "KILL", "TYPE", "normal")
		p.until(t, "monitoring again; what happened meanwhile was not seen")
		server.Do("ECHO", "seen")
		p.until(t, `"seen"`)
	})
	if err != nil {
		t.Errorf("%v, %q", err, screen)
	}
}

func TestInteractiveConnect(t *testing.T) {
	one, other := resptest.Server(t), resptest.Server(t, "--requirepass", "pw")
	other.Do("SET", "who", "other")
	host, port, _ := net.SplitHostPort(other.Addr)
	screen, p, err := talk(t, pipeclient.Config{Addr: one.Addr}, nil, "set who one", "connect "+host+" "+port, "auth pw", "get who",
		killing(other), "get who", "connect 127.0.0.1 1", "ping")
	refused := "! could not connect to 127.0.0.1:1: connection refused\n"
	want := "OK\nOK\n\"other\"\n\"other\"\n" + refused + refused
	if err != nil || screen != want {
		t.Errorf("%v, on the screen\n%q, want\n%q", err, screen, want)
	}
	if last := p.prompts[len(p.prompts)-1]; last != "not connected> " {
		t.Errorf("last prompt %q", last)
	}
}

// Where a new connection is refused what the last one had, nothing is sent, and the person can still type
// what mends it (T34).
func TestInteractiveRefusedAnew(t *testing.T) {
	server := resptest.Server(t, "--requirepass", "pw", "--databases", "4")
	change := func(p *person) {
		killing(server)(p)
		server.Do("CONFIG", "SET", "requirepass", "new")
	}
	refused := "! AUTH failed: WRONGPASS invalid username-password pair or user is disabled.\nnot sent; AUTH or SELECT can be typed to mend it\n"
	checkTalk(t, at(server.Addr), "OK\nOK\n"+refused+"OK\nOK\n(integer) 0\n",
		"A> A> A[2]> A(unauthenticated)> A[2]> A[2]> A[2]> ", "auth pw", "select 2", change, "set a 1", "auth new", "select 2", "exists a")

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
	p := &person{lines: []any{"ping", "ping"}, screen: brokenPipe{}}
	err := Run(context.Background(), Config{Server: shared(t), Editor: p, Explain: error.Error})
	var broken *render.WriteError
	if !errors.As(err, &broken) {
		t.Errorf("got %v", err)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, os.ErrClosed }

// CONNECT leaves all of the server before: what streams from it, what a profile calls it, and who is asked
// about it.
func TestConnectLeavesNothingBehind(t *testing.T) {
	one, other := resptest.Server(t), resptest.Server(t)
	one.Do("SET", "a", "1")
	host, port, _ := net.SplitHostPort(other.Addr)
	profile := Profile{Name: "prod", ReadOnly: true}
	_, p, err := talkWith(t, Config{Server: at(one.Addr), Profile: profile}, "monitor", "connect "+host+" "+port, "get a")
	if want := []string{"prod " + one.Addr + "(read-only)> ", "prod " + one.Addr + "(monitor)(read-only)> ", other.Addr + "(read-only)> ",
		other.Addr + "(read-only)> "}; err != nil || !slices.Equal(p.prompts, want) {
		t.Errorf("%v, %q, want %q", err, p.prompts, want)
	}
	_, p, err = talkWith(t, Config{Server: at(one.Addr), Scout: NewScout()}, "connect 127.0.0.1 1", "flushall", reply("n"))
	if err != nil || len(p.asked) != 1 || strings.Contains(p.asked[0], "holds") {
		t.Errorf("%v, asked %q", err, p.asked)
	}
}

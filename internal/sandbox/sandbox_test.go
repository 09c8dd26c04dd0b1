package sandbox

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"easycli/internal/resp"
)

// client is the other end of the wire, with nothing clever in it.
type client struct {
	net.Conn
	t      *testing.T
	in     *resp.Reader
	server *Server
}

func start(t *testing.T, opts Options) *Server {
	t.Helper()
	s, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func dial(t *testing.T, s *Server) *client {
	t.Helper()
	conn, err := s.Dial(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	return &client{conn, t, resp.NewReader(conn), s}
}

// reply is the next reply, as the bytes of the wire.
func (c *client) reply() string {
	c.t.Helper()
	v, err := c.in.ReadValue()
	if err != nil {
		c.t.Fatalf("reading a reply: %v", err)
	}
	return string(v.Append(nil))
}

// do sends a command, its words separated by blanks.
func (c *client) do(line string) string {
	c.t.Helper()
	if _, err := c.Write(resp.AppendCommand(nil, strings.Fields(line)...)); err != nil {
		c.t.Fatalf("sending %s: %v", line, err)
	}
	return c.reply()
}

// want runs pairs of a command and its reply; a reply that ends with … is compared up to there.
func (c *client) want(pairs ...string) {
	c.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		got := c.do(pairs[i])
		start, open := strings.CutSuffix(pairs[i+1], "…")
		if got != pairs[i+1] && !(open && strings.HasPrefix(got, start)) {
			c.t.Errorf("%s: got %q, want %q", pairs[i], got, pairs[i+1])
		}
	}
}

func TestEverydayCommands(t *testing.T) {
	c := dial(t, start(t, Options{Empty: true}))
	c.want(
		"PING", "+PONG\r\n",
		"SET k v", "+OK\r\n",
		"GET k", "$1\r\nv\r\n",
		"INCR k", "-ERR value is not an integer or out of range\r\n",
		"SELECT 15", "+OK\r\n",
		"DBSIZE", ":0\r\n",
		"SELECT 16", "-ERR DB index is out of range\r\n",
		"SELECT 0", "+OK\r\n",
		"DBSIZE", ":1\r\n",
		"EVAL return{KEYS[1],ARGV[1],redis.call('get',KEYS[1])} 1 k x", "*3\r\n$1\r\nk\r\n$1\r\nx\r\n$1\r\nv\r\n",
		"FLUSHALL SYNC", "+OK\r\n",
		"DBSIZE", ":0\r\n",
		"LASTSAVE", ":…",
		"ROLE", "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n",
		"CONFIG GET data* MAXMEMORY", "*4\r\n$9\r\ndatabases\r\n$2\r\n16\r\n$9\r\nmaxmemory\r\n$1\r\n0\r\n",
		"CONFIG SET maxmemory 0", "+OK\r\n",
		"SLOWLOG GET", "*0\r\n",
		"COMMAND GETKEYS MSET a 1 b 2", "*2\r\n$1\r\na\r\n$1\r\nb\r\n",
		"COMMAND DOCS get", "-ERR 'COMMAND DOCS' is not in the sandbox; it needs a real server\r\n",
		"AUTH x", "-ERR AUTH <password> called without any password configured for the default user. "+
			"Are you sure your configuration is correct?\r\n",
		"AUTH default x", "+OK\r\n",
		"AUTH nobody x", "-WRONGPASS invalid username-password pair or user is disabled.\r\n",
		"ACL WHOAMI", "$7\r\ndefault\r\n",
		"WAIT 0 10", ":0\r\n",
		"MEMORY USAGE k SAMPLES 0", "$-1\r\n",
		"DEBUG SLEEP 0", "+OK\r\n",
		"LOLWUT", "$…",
		"QUIT", "+OK\r\n",
	)
	if _, err := c.in.Next(); err != io.EOF {
		t.Errorf("after QUIT: got %v", err)
	}
}

// TestMissingIsSaid wants the kind of missing told apart; the texts of what is unknown are those of
// redis-server 7.0.15.
func TestMissingIsSaid(t *testing.T) {
	c := dial(t, start(t, Options{Empty: true}))
	c.want(
		"BITFIELD k GET u8 0", "-ERR 'BITFIELD' is not in the sandbox; it needs a real server\r\n",
		"sort k", "-ERR 'SORT' is not in the sandbox; it needs a real server\r\n",
		"FUNCTION LIST", "-ERR 'FUNCTION LIST' is not in the sandbox; it needs a real server\r\n",
		"OBJECT FREQ k", "-ERR 'OBJECT FREQ' is not in the sandbox; it needs a real server\r\n",
		"CLIENT TRACKING ON", "-ERR 'CLIENT TRACKING' is not in the sandbox; it needs a real server\r\n",
		"DUMP k", "-ERR 'DUMP' is not in the sandbox; it needs a real server\r\n",
		"SAVE", "-ERR the sandbox keeps nothing: 'SAVE' needs a real server\r\n",
		"CONFIG SET maxmemory 1mb", "-ERR CONFIG SET failed (possibly related to argument 'maxmemory') - "+
			"the settings of the sandbox are fixed; this needs a real server\r\n",
		"foo a b", "-ERR unknown command 'foo', with args beginning with: 'a' 'b' \r\n",
		"client nosuch", "-ERR unknown subcommand 'nosuch'. Try CLIENT HELP.\r\n",
		"client", "-ERR wrong number of arguments for 'client' command\r\n",
		"client id x", "-ERR wrong number of arguments for 'client|id' command\r\n",
		"config set nosuch 1", "-ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'\r\n",
		"config rewrite", "-ERR The server is running without a config file\r\n",
		"slowlog nosuch", "-ERR unknown subcommand 'nosuch'. Try SLOWLOG HELP.\r\n",
		"COMMAND", "-ERR 'COMMAND' is not in the sandbox; it needs a real server\r\n",
		"DEBUG OBJECT k", "-ERR 'DEBUG OBJECT' is not in the sandbox; it needs a real server\r\n",
		"CLUSTER INFO", "-ERR This instance has cluster support disabled\r\n",
		"SHUTDOWN ABORT", "-ERR No shutdown in progress.\r\n",
	)
}

func TestTransactions(t *testing.T) {
	s := start(t, Options{Empty: true})
	c, other := dial(t, s), dial(t, s)
	c.want(
		"MULTI", "+OK\r\n",
		"SET k 1", "+QUEUED\r\n",
		"INCR k", "+QUEUED\r\n",
		"SELECT 3", "+QUEUED\r\n",
		"EXEC", "*3\r\n+OK\r\n:2\r\n+OK\r\n",
		"EXEC", "-ERR EXEC without MULTI\r\n",
	)
	if got := c.do("CLIENT INFO"); !strings.Contains(got, " db=3 ") {
		t.Errorf("CLIENT INFO: got %q", got)
	}
	c.want(
		"SELECT 0", "+OK\r\n",
		"MULTI", "+OK\r\n",
		"SET k 5", "+QUEUED\r\n",
		"INFO", "-ERR 'INFO' within MULTI is not in the sandbox; it needs a real server\r\n",
		"EXEC", "-EXECABORT Transaction discarded because of previous errors.\r\n",
		"GET k", "$1\r\n2\r\n",
		"WATCH k", "+OK\r\n",
	)
	other.want("SET k 9", "+OK\r\n")
	c.want("MULTI", "+OK\r\n", "GET k", "+QUEUED\r\n", "EXEC", "*-1\r\n", "GET k", "$1\r\n9\r\n")
}

func TestRESP3(t *testing.T) {
	c := dial(t, start(t, Options{Empty: true}))
	hello := c.do("HELLO 3 AUTH default any SETNAME me")
	if !strings.HasPrefix(hello, "%7\r\n") || !strings.Contains(hello, "$7\r\nmodules\r\n*0\r\n") {
		t.Errorf("HELLO 3: got %q", hello)
	}
	c.want(
		"HSET h f v", ":1\r\n",
		"HGETALL h", "%1\r\n$1\r\nf\r\n$1\r\nv\r\n",
		"GET none", "_\r\n",
		"CLIENT GETNAME", "$2\r\nme\r\n",
		"INFO server", "=…",
		"HELLO 4", "-NOPROTO unsupported protocol version\r\n",
		"HELLO 2 bad", "-ERR Syntax error in HELLO option 'bad'\r\n",
		"HELLO 3 AUTH nobody x", "-WRONGPASS…",
		"RESET", "+RESET\r\n",
		"HGETALL h", "*2\r\n$1\r\nf\r\n$1\r\nv\r\n",
		"CLIENT GETNAME", "$-1\r\n",
	)
}

func TestPublishAndSubscribe(t *testing.T) {
	s := start(t, Options{Empty: true})
	sub, pub := dial(t, s), dial(t, s)
	sub.want("SUBSCRIBE news", "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n")
	pub.want("PUBLISH news hi", ":1\r\n")
	if got, want := sub.reply(), "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	sub.want(
		"INFO", "-ERR Can't execute 'info': only (P)SUBSCRIBE / (P)UNSUBSCRIBE / PING / QUIT are allowed in this context\r\n",
		"UNSUBSCRIBE", "*3\r\n$11\r\nunsubscribe\r\n$4\r\nnews\r\n:0\r\n",
		"INFO server", "$…",
		"PSUBSCRIBE n*", "*3\r\n$10\r\npsubscribe\r\n$2\r\nn*\r\n:1\r\n",
	)
	sub.Close()
	awaitReply(t, pub, "PUBSUB NUMPAT", ":0\r\n")
}

// TestSubscribedUnderRESP3 may do everything else too.
func TestSubscribedUnderRESP3(t *testing.T) {
	s := start(t, Options{Empty: true})
	c, other := dial(t, s), dial(t, s)
	c.do("HELLO 3")
	c.want(
		"SELECT 1", "+OK\r\n",
		"SUBSCRIBE c", ">3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n",
		"SET k v", "+OK\r\n",
		"PING", "+PONG\r\n",
		"CONFIG GET save", "%1\r\n$4\r\nsave\r\n$0\r\n\r\n",
		"MULTI", "+OK\r\n",
		"GET k", "+QUEUED\r\n",
		"EXEC", "*1\r\n$1\r\nv\r\n",
	)
	push := ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n"
	other.want("PUBLISH c hi", ":1\r\n")
	if got := c.reply(); got != push {
		t.Errorf("got %q, want %q", got, push)
	}
	first := c.do("PUBLISH c hi") // to itself: the order is not promised
	if second := c.reply(); first+second != push+":1\r\n" && first+second != ":1\r\n"+push {
		t.Errorf("got %q and %q", first, second)
	}
	c.want(
		"PSUBSCRIBE n*", ">3\r\n$10\r\npsubscribe\r\n$2\r\nn*\r\n:2\r\n",
		"UNSUBSCRIBE c", ">3\r\n$11\r\nunsubscribe\r\n$1\r\nc\r\n:1\r\n",
		"RESET", "+RESET\r\n",
		"PUBSUB NUMPAT", ":0\r\n",
		"DBSIZE", ":0\r\n",
	)
}

// TestASubscriberThatDoesNotRead must not hold up the others.
func TestASubscriberThatDoesNotRead(t *testing.T) {
	s := start(t, Options{Empty: true})
	sub, pub := dial(t, s), dial(t, s)
	sub.want("SUBSCRIBE c", "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n")
	message := strings.Repeat("x", 10_000)
	for range 1000 {
		pub.want("PUBLISH c "+message, ":1\r\n")
	}
	for range 1000 {
		sub.reply()
	}
}

func awaitReply(t *testing.T, c *client, line, want string) {
	t.Helper()
	for start := time.Now(); ; time.Sleep(time.Millisecond) {
		got := c.do(line)
		if got == want {
			return
		}
		if time.Since(start) > 15*time.Second {
			t.Fatalf("%s: got %q, want %q", line, got, want)
		}
	}
}

func TestTTLsRunDown(t *testing.T) {
	c := dial(t, start(t, Options{Empty: true}))
	c.want("SET k v PX 60", "+OK\r\n", "SET long v EX 1000", "+OK\r\n", "SET forever v", "+OK\r\n")
	awaitReply(t, c, "GET k", "$-1\r\n")
	awaitReply(t, c, "TTL long", ":999\r\n") // it moves, and not at once
	c.want("TTL forever", ":-1\r\n", "DBSIZE", ":2\r\n")
}

func TestBlockingCommands(t *testing.T) {
	s := start(t, Options{Empty: true})
	c, other := dial(t, s), dial(t, s)
	// The reply before it must not wait for the one that blocks.
	c.Write(append(resp.AppendCommand(nil, "ECHO", "first"), resp.AppendCommand(nil, "BLPOP", "q", "0")...))
	if got := c.reply(); got != "$5\r\nfirst\r\n" {
		t.Errorf("got %q", got)
	}
	other.want("RPUSH q x", ":1\r\n")
	if got := c.reply(); got != "*2\r\n$1\r\nq\r\n$1\r\nx\r\n" {
		t.Errorf("got %q", got)
	}
	// One whose client is gone must not take an element.
	c.Write(resp.AppendCommand(nil, "BLPOP", "q", "0"))
	awaitCount(t, s, 2)
	c.Close()
	awaitCount(t, s, 1)
	other.want("RPUSH q y", ":1\r\n", "LLEN q", ":1\r\n")
}

// awaitCount waits until there are n connections.
func awaitCount(t *testing.T, s *Server, n int) {
	t.Helper()
	for start := time.Now(); len(s.snapshot()) != n; time.Sleep(time.Millisecond) {
		if time.Since(start) > 15*time.Second {
			t.Fatalf("%d connections, want %d", len(s.snapshot()), n)
		}
	}
}

// TestManyBeforeTheFirstReply writes everything before it reads anything.
func TestManyBeforeTheFirstReply(t *testing.T) {
	const n = 50_000
	c := dial(t, start(t, Options{Empty: true}))
	var wire []byte
	for i := range n {
		wire = resp.AppendCommand(wire, "SET", "key:"+strconv.Itoa(i), "v")
	}
	if _, err := c.Write(wire); err != nil {
		t.Fatal(err)
	}
	for range n {
		if got := c.reply(); got != "+OK\r\n" {
			t.Fatalf("got %q", got)
		}
	}
	c.want("DBSIZE", ":50000\r\n")
}

// TestWhatWasSentIsCarriedOut although its client does not stay for the replies.
func TestWhatWasSentIsCarriedOut(t *testing.T) {
	s := start(t, Options{Empty: true})
	c := dial(t, s)
	for i := range 1000 {
		c.Write(resp.AppendCommand(nil, "SET", "key:"+strconv.Itoa(i), "v"))
	}
	c.Close()
	awaitReply(t, dial(t, s), "DBSIZE", ":1000\r\n")
}

func TestTwoConnectionsAtOnce(t *testing.T) {
	s := start(t, Options{Empty: true})
	done := make(chan bool)
	for range 2 {
		c := dial(t, s)
		go func() {
			defer func() { done <- true }()
			for range 2000 {
				c.Write(resp.AppendCommand(nil, "INCR", "n"))
				if _, err := c.in.ReadValue(); err != nil {
					t.Error(err)
					return
				}
			}
		}()
	}
	<-done
	<-done
	dial(t, s).want("GET n", "$4\r\n4000\r\n")
}

func TestClientCommands(t *testing.T) {
	s := start(t, Options{Empty: true})
	c, other := dial(t, s), dial(t, s)
	c.want("CLIENT SETNAME one", "+OK\r\n", "CLIENT ID", ":1\r\n", "CLIENT NO-EVICT on", "+OK\r\n")
	other.want("CLIENT ID", ":2\r\n", "SELECT 2", "+OK\r\n")
	list := c.do("CLIENT LIST")
	for _, part := range []string{"id=1 addr=sandbox laddr=sandbox name=one ", "cmd=client|list", "id=2 ", " db=2 "} {
		if !strings.Contains(list, part) {
			t.Errorf("CLIENT LIST lacks %q: %q", part, list)
		}
	}
	c.Write([]byte("CLIENT REPLY OFF\r\nSET a 1\r\nCLIENT REPLY ON\r\nCLIENT REPLY SKIP\r\nSET b 2\r\nMGET a b\r\n"))
	if got, want := c.reply()+c.reply(), "+OK\r\n*2\r\n$1\r\n1\r\n$1\r\n2\r\n"; got != want {
		t.Errorf("after CLIENT REPLY: got %q, want %q", got, want)
	}
	c.want("CLIENT KILL ID 99", ":0\r\n", "CLIENT KILL ID 2", ":1\r\n")
	if _, err := other.in.Next(); err != io.EOF {
		t.Errorf("the killed one: got %v", err)
	}
}

func TestInfo(t *testing.T) {
	c := dial(t, start(t, Options{}))
	all := c.do("INFO")
	for _, part := range []string{"# Server\r\nredis_version:7.0.15\r\n", "connected_clients:1\r\n",
		"role:master\r\n", "cluster_enabled:0\r\n", "db0:keys=16,expires=2\r\n"} {
		if !strings.Contains(all, part) {
			t.Errorf("INFO lacks %q: %q", part, all)
		}
	}
	if got := c.do("INFO keyspace"); strings.Contains(got, "# Server") || !strings.Contains(got, "# Keyspace") {
		t.Errorf("INFO keyspace: got %q", got)
	}
}

// TestDemoHasEveryType is the promise of the package's documentation.
func TestDemoHasEveryType(t *testing.T) {
	c := dial(t, start(t, Options{}))
	c.want(
		"TYPE demo:hello", "+string\r\n", "TYPE demo:user:1", "+hash\r\n", "TYPE demo:todo", "+list\r\n",
		"TYPE demo:likes:ada", "+set\r\n", "TYPE demo:highscores", "+zset\r\n", "TYPE demo:orders", "+stream\r\n",
		"INCR demo:visits", ":42\r\n",
		"SINTER demo:likes:ada demo:likes:linus", "*1\r\n$5\r\nmusic\r\n",
		"PFCOUNT demo:visitors", ":5\r\n",
		"BITCOUNT demo:seats", ":2\r\n",
		"XPENDING demo:orders packers", "*4\r\n:1\r\n…",
		"TTL demo:countdown", ":…",
		"OBJECT ENCODING demo:visits", "$3\r\nint\r\n",
		"OBJECT ENCODING demo:user:1", "$8\r\nlistpack\r\n",
		"OBJECT ENCODING demo:todo", "$8\r\nlistpack\r\n",
		"OBJECT ENCODING demo:highscores", "$8\r\nlistpack\r\n",
		"OBJECT ENCODING demo:likes:ada", "$9\r\nhashtable\r\n",
		"OBJECT ENCODING demo:orders", "$6\r\nstream\r\n",
		"OBJECT ENCODING demo:settings", "$3\r\nraw\r\n",
		"OBJECT ENCODING demo:visitors", "$3\r\nraw\r\n",
		"OBJECT ENCODING none", "$-1\r\n",
		"TYPE demo:visitors", "+string\r\n",
		"TYPE none", "+none\r\n",
		"MULTI", "+OK\r\n", "TYPE demo:todo", "+QUEUED\r\n", "EXEC", "*1\r\n+list\r\n",
	)
}

func TestBadRequests(t *testing.T) {
	s := start(t, Options{Empty: true})
	for _, test := range []struct{ sent, want string }{
		{"*0\r\n*-1\r\n\r\nPING\r\n", "+PONG\r\n"},
		{"SET k \"a b\"\r\nGET k\r\n", "+OK\r\n$3\r\na b\r\n"},
		{"*1\r\n$99999999999\r\n", "-ERR Protocol error: invalid bulk length\r\n"},
		{"*1\r\n$-1\r\n", "-ERR Protocol error: invalid bulk length\r\n"},
		{"*2000000\r\n", "-ERR Protocol error: invalid multibulk length\r\n"},
		{"*1\r\n:1\r\n", "-ERR Protocol error: expected '$', got ':'\r\n"},
		{"SET k \"a\r\n", "-ERR Protocol error: unbalanced quotes in request\r\n"},
		{strings.Repeat("x", maxInline+1), "-ERR Protocol error: too big inline request\r\n"},
		{"QUIT\r\nSET late 1\r\n", "+OK\r\n"},
		{"EXISTS late\r\nQUIT\r\n", ":0\r\n+OK\r\n"},
	} {
		c := dial(t, s)
		go io.WriteString(c, test.sent)
		got := make([]byte, len(test.want))
		if _, err := io.ReadFull(c, got); err != nil || string(got) != test.want {
			t.Errorf("%.40q: got %q, %v, want %q", test.sent, got, err, test.want)
		}
	}
	big := strings.Repeat("v", 3<<20+7)
	c := dial(t, s)
	go c.Write(resp.AppendCommand(nil, "ECHO", big))
	if got := c.reply(); len(got) != len(big)+len("$3145735\r\n\r\n") {
		t.Errorf("a big ECHO: %d bytes", len(got))
	}
}

func TestDeadlines(t *testing.T) {
	s := start(t, Options{Empty: true})
	c := dial(t, s)
	c.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	c.SetDeadline(time.Now().Add(-time.Second))
	if _, err := c.Write([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	c.SetDeadline(time.Time{})
	c.want("PING", "+PONG\r\n")
	c.Write(resp.AppendCommand(nil, "DEBUG", "SLEEP", "100")) // nobody reads requests now
	c.SetWriteDeadline(time.Now().Add(20 * time.Millisecond))
	if _, err := c.Write(make([]byte, 4<<20)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("into a full pipe: got %v", err)
	}
	c.Close()
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Close: got %v", err)
	}
	if _, err := c.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Close: got %v", err)
	}
}

func TestShutdownAndClose(t *testing.T) {
	before := runtime.NumGoroutine()
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	blocked, subscribed, idle, last := dial(t, s), dial(t, s), dial(t, s), dial(t, s)
	blocked.Write(resp.AppendCommand(nil, "BLPOP", "q", "0"))
	subscribed.want("SUBSCRIBE c", "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n")
	last.Write(resp.AppendCommand(nil, "SHUTDOWN", "NOSAVE"))
	for _, c := range []*client{blocked, subscribed, idle, last} {
		if _, err := c.in.Next(); err != io.EOF {
			t.Errorf("got %v, want the end", err)
		}
	}
	if _, err := s.Dial(context.Background()); err == nil {
		t.Error("a sandbox that was shut down can be dialled")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for start := time.Now(); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Since(start) > 15*time.Second {
			stacks := make([]byte, 1<<16)
			t.Fatalf("goroutines are left\n%s", stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// BenchmarkPipeline is 100 000 SETs in batches, the way bulk input comes.
func BenchmarkPipeline(b *testing.B) {
	s, err := New(Options{Empty: true})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	conn, _ := s.Dial(context.Background())
	defer conn.Close()
	const n = 100_000
	var wire []byte
	for i := range n {
		wire = resp.AppendCommand(wire, "SET", "key:"+strconv.Itoa(i), "value")
	}
	for b.Loop() {
		go conn.Write(wire)
		if _, err := io.CopyN(io.Discard, bufio.NewReader(conn), n*int64(len("+OK\r\n"))); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "SET/s")
}

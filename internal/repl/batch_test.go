package repl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"easycli/internal/pipeclient"
	"easycli/internal/render"
	"easycli/internal/resptest"
)

// script runs lines against a server, raw, and returns what was printed and the report.
func script(t *testing.T, server pipeclient.Config, lines string, change ...func(*BatchConfig)) (string, *Report) {
	t.Helper()
	var out bytes.Buffer
	cfg := BatchConfig{Server: server, In: strings.NewReader(lines), Out: &out,
		Print: render.Options{Format: render.Raw}}
	for _, f := range change {
		f(&cfg)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err := Batch(ctx, cfg)
	if err == nil {
		return out.String(), &Report{}
	}
	var r *Report
	if !errors.As(err, &r) {
		t.Fatalf("%T: %v", err, err)
	}
	return out.String(), r
}

func at(addr string) pipeclient.Config { return pipeclient.Config{Addr: addr} }

func shared(t *testing.T) pipeclient.Config { return at(resptest.Shared(t).Addr) }

// check compares what a script printed and what was said of it.
func check(t *testing.T, server pipeclient.Config, lines, want, said string, change ...func(*BatchConfig)) *Report {
	t.Helper()
	got, report := script(t, server, lines, change...)
	if got != want {
		t.Errorf("%.200q printed\n%.500q, want\n%.500q", lines, got, want)
	}
	if text := report.Error(); text != said {
		t.Errorf("%.200q: said\n%q, want\n%q", lines, text, said)
	}
	return report
}

func TestBatchReports(t *testing.T) {
	server := shared(t)
	check(t, server, "set a 1\nget a", "OK\n1\n", "")
	check(t, server, "", "", "")
	check(t, server, "\n \n\r\nping\r\n", "PONG\n", "")
	check(t, server, "set n x\n\nincr n\nping\n3 incr n\n", "OK\n"+strings.Repeat("ERR value is not an integer or out of range\n\n", 1)+
		"PONG\n"+strings.Repeat("ERR value is not an integer or out of range\n\n", 3),
		"4 of 6 commands failed; first: line 3: ERR value is not an integer or out of range")
	r := check(t, server, "ping\nget 'x\nping\n", "PONG\nInvalid argument(s)\nPONG\n",
		"1 line not sent; first: line 2: Invalid argument(s) (unbalanced quote at byte 5)")
	if r.Failed != 0 || r.Refused != 1 {
		t.Errorf("%+v", r)
	}
	check(t, server, "ping\nquit\nping\n", "PONG\n", "")
}

func TestBatchKeepsBytes(t *testing.T) {
	server := shared(t)
	long := strings.Repeat("0123456789", 500_000) // is sent in pieces
	check(t, server, "set nul a\x00b\nget nul\nset long "+long+" \nstrlen long\nget long\n", "OK\na\x00b\nOK\n5000000\n"+long+"\n", "")
	check(t, server, "echo 'last line'", "last line\n", "")
}

func TestBatchTransactions(t *testing.T) {
	server := shared(t)
	check(t, server, "multi\nset a x\nlpush a 1\nincr a\nexec\nget a\n",
		"OK\nQUEUED\nQUEUED\nQUEUED\nOK\nWRONGTYPE Operation against a key holding the wrong kind of value\n\nERR value is not an integer or out of range\n\nx\n",
		"2 of 6 commands failed; first: line 5: WRONGTYPE Operation against a key holding the wrong kind of value")
	check(t, server, "multi\nset a y\n", "OK\nQUEUED\n",
		"the script ends inside MULTI, without EXEC: nothing of the transaction was executed")
	check(t, server, "multi\nsubscribe c\nclient reply skip\nget a\nexec\necho next\n", "OK\nQUEUED\nx\nnext\n",
		"2 lines not sent; first: line 2: SUBSCRIBE not sent: inside MULTI its confirmations would be taken for the replies of other commands")
}

// The reply stream changes, and every reply stays in its slot: T50, T51, T53 to T57.
func TestBatchReplyStream(t *testing.T) {
	server := shared(t)
	for _, tt := range []struct{ lines, want, said string }{
		{"hset h f v\nhello 3\nhgetall h\nhello 2\nhgetall h\n", "1\n" + greeting(3) + "f v\n" + greeting(2) + "f\nv\n", ""},
		{"multi\nhello 3\nhgetall h\nexec\necho x\n", "OK\nQUEUED\nQUEUED\n" + greeting(3) + "f v\nx\n", ""},
		{"set a 1\nclient reply off\nincr a\n\nincr a\nclient reply on\nget a\n", "OK\nOK\n3\n", ""},
		{"client reply skip\nincr a\nget a\n", "4\n", ""},
		{"client reply off\nincr a\nclient reply skip\nincr a\n", "", ""},
		{"get a\n", "6\n", ""},
		{"client reply off\nmulti\nincr a\nexec\nclient reply on\nget a", "OK\n7\n", ""},
		{"subscribe c d\nping\nget a\nping hi\nunsubscribe c d\nping\n",
			"subscribe\nc\n1\nsubscribe\nd\n2\npong\n\nERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context\n\n" +
				"pong\nhi\nunsubscribe\nc\n1\nunsubscribe\nd\n0\nPONG\n",
			"1 of 6 commands failed; first: line 3: ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"},
		{"unsubscribe\npunsubscribe x y\nping\n", "unsubscribe\n\n0\npunsubscribe\nx\n0\npunsubscribe\ny\n0\nPONG\n", ""},
		{"subscribe c\nreset\nget a\n", "subscribe\nc\n1\nRESET\n7\n", ""},
		{"2 subscribe c\nunsubscribe\n", "subscribe\nc\n1\nsubscribe\nc\n1\nunsubscribe\nc\n0\n", ""},
		{"3 quit\n", "OK\n", ""},
		{"3 quit\nget a\nget b\n", "OK\n", "1 line not sent; first: line 2: GET not sent: the server is closing the connection"},
		{"monitor\nping\n", "PONG\n", "1 line not sent; first: line 1: MONITOR not sent: it never ends, and no command can follow it"},
		{"psync ? -1\nping\n", "PONG\n", "1 line not sent; first: line 1: PSYNC not sent: it never ends, and no command can follow it"},
	} {
		out, report := script(t, server, tt.lines)
		if out = withoutID(out); out != tt.want {
			t.Errorf("%q printed\n%q, want\n%q", tt.lines, out, tt.want)
		}
		if got := report.Error(); got != tt.said {
			t.Errorf("%q: said %q, want %q", tt.lines, got, tt.said)
		}
	}
	server.Proto = 3
	check(t, server, "subscribe c d\nget a\nunsubscribe c\nunsubscribe\nunsubscribe\nget a\n",
		"subscribe\nc\n1\nsubscribe\nd\n2\n7\nunsubscribe\nc\n1\nunsubscribe\nd\n0\nunsubscribe\n\n0\n7\n", "")
	// The server's own message comes in the middle of EXEC's array (T52).
	check(t, server, "subscribe c\nmulti\nping\npublish c hi\nping\nexec\necho next\n",
		"subscribe\nc\n1\nOK\nQUEUED\nQUEUED\nQUEUED\nPONG\n1\nPONG\nmessage\nc\nhi\nnext\n", "")
}

// greeting is what HELLO answers, printed raw.
func greeting(proto int) string {
	if proto == 3 {
		return "server redis\nversion V\nproto 3\nid N\nmode standalone\nrole master\nmodules \n"
	}
	return "server\nredis\nversion\nV\nproto\n2\nid\nN\nmode\nstandalone\nrole\nmaster\nmodules\n\n"
}

// withoutID replaces what differs from server to server in a greeting.
func withoutID(out string) string {
	lines := strings.Split(out, "\n")
	for i, line := range lines {
		switch {
		case strings.HasPrefix(line, "version "):
			lines[i] = "version V"
		case strings.HasPrefix(line, "id "):
			lines[i] = "id N"
		case i > 0 && lines[i-1] == "version":
			lines[i] = "V"
		case i > 0 && lines[i-1] == "id":
			lines[i] = "N"
		}
	}
	return strings.Join(lines, "\n")
}

// What the server says unasked stands apart, and takes no reply's place (T58).
func TestBatchPushes(t *testing.T) {
	server := shared(t)
	server.Proto = 3
	lines := "set k 1\nclient tracking on\nget k\nset k 2\nget k\n"
	check(t, server, lines, "OK\nOK\n1\nOK\n2\n", "")
	got, _ := script(t, server, lines, func(c *BatchConfig) { c.Pushes, c.Print.Format = true, render.Human })
	want := "OK\nOK\n\"1\"\n-> invalidate: 'k'\nOK\n\"2\"\n"
	other := "OK\nOK\n\"1\"\nOK\n-> invalidate: 'k'\n\"2\"\n"
	if got != want && got != other {
		t.Errorf("got %q", got)
	}
}

func TestBatchOnTerminal(t *testing.T) {
	terminal := func(c *BatchConfig) { c.Print.Terminal = true; c.Print.Format = render.Human }
	got, _ := script(t, shared(t), ":\x1b]0;x\a\necho \"\\x1b[2J\"\neval \"return {err='E \\x1b[2J'}\" 0\n", terminal)
	if want := "unknown redis-cli internal command ':\\x1b]0;x\\a'\n\"\\x1b[2J\"\n(error) E \\x1b[2J\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBatchAllocatesNothingPerCommand(t *testing.T) {
	server := shared(t)
	const n = 50_000
	lines := strings.Repeat("set key:1 \"a value\"\nget key:1\nincr n\n2 exists a b\n", n/5)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := Batch(context.Background(), BatchConfig{Server: server, In: strings.NewReader(lines), Out: io.Discard,
		Print: render.Options{Format: render.Raw}})
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if per := float64(after.Mallocs-before.Mallocs) / n; per > 0.05 {
		t.Errorf("%.3f allocations a command", per)
	}
}

func TestBatchShutdown(t *testing.T) {
	check(t, at(resptest.Server(t).Addr), "ping\nshutdown nosave\n", "PONG\n", "")
	check(t, at(resptest.Server(t).Addr), "shutdown nosave\nping\n", "", "1 line not sent; first: line 2: PING not sent: the server is closing the connection")
	r := check(t, shared(t), "shutdown bogus\nping\n", "ERR syntax error\n\nPONG\n", "1 of 2 commands failed; first: line 1: ERR syntax error")
	if r.Lost != nil {
		t.Error(r.Lost)
	}
}

func TestBatchStopsAtError(t *testing.T) {
	var errs bytes.Buffer
	stop := func(c *BatchConfig) { c.StopAtError, c.Print.Errors = true, &errs }
	server := shared(t)
	r := check(t, server, "set a x\nincr a\nset a y\n", "OK\n",
		"1 of 2 commands failed; first: line 2: ERR value is not an integer or out of range; stopped at line 2", stop)
	if got := resptest.Shared(t); r.Stopped != 2 || errs.String() != "ERR value is not an integer or out of range\n" {
		t.Errorf("stopped at %d, stderr %q, %v", r.Stopped, errs.String(), got.Addr)
	}
	check(t, server, "ping\n'\nping\n", "PONG\n",
		"1 line not sent; first: line 2: Invalid argument(s) (unbalanced quote at byte 1); stopped at line 2", stop)
	check(t, server, "set a x\n3 incr a\n", "OK\n",
		"1 of 2 commands failed; first: line 2: ERR value is not an integer or out of range; stopped at line 2", stop)
}

func TestBatchConnect(t *testing.T) {
	one, other := resptest.Server(t), resptest.Server(t)
	other.Do("SET", "who", "other")
	host, port, _ := strings.Cut(other.Addr, ":")
	check(t, at(one.Addr), "set who one\nget who\nconnect "+host+" "+port+"\nget who\n", "OK\none\nother\n", "")
	check(t, at(one.Addr), "select 1\nconnect "+host+" "+port+"\nset who here\n", "OK\nOK\n", "")
	if got := other.Do("GET", "who"); got != "other" {
		t.Errorf("the database was not kept: %q", got)
	}
	_, r := script(t, at(one.Addr), "ping\nconnect 127.0.0.1 1\nping\n")
	var refused *pipeclient.ConnectError
	if !errors.As(r, &refused) || !strings.HasPrefix(r.Error(), "line 2: could not connect to 127.0.0.1:1") {
		t.Errorf("got %v", r)
	}
}

// slowly is an input whose lines come when they are asked for, each after the one before it has
// been answered.
type slowly struct {
	t     *testing.T
	lines []string
	sent  int
	out   *watched
}

func (s *slowly) Read(p []byte) (int, error) {
	s.out.await(s.t, s.sent)
	if s.sent == len(s.lines) {
		return 0, io.EOF
	}
	s.sent++
	return copy(p, s.lines[s.sent-1]), nil
}

// watched is an output that lets others wait for a number of lines.
type watched struct {
	mu   sync.Mutex
	cond *sync.Cond
	bytes.Buffer
}

func newWatched() *watched {
	w := &watched{}
	w.cond = sync.NewCond(&w.mu)
	return w
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cond.Broadcast()
	return w.Buffer.Write(p)
}

func (w *watched) await(t *testing.T, lines int) {
	timer := time.AfterFunc(30*time.Second, func() { panic("no output for 30 s") })
	defer timer.Stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	for bytes.Count(w.Bytes(), []byte("\n")) < lines {
		w.cond.Wait()
	}
}

// A script slower than the server is answered line by line.
func TestBatchHoldsNothingBack(t *testing.T) {
	out := newWatched()
	in := &slowly{t: t, out: out, lines: []string{"echo 1\n", "'\n", "echo 2\n", "clear x\nping", "\n", "echo 3\n"}}
	in.lines = []string{"echo 1\n", "'\n", "echo 2\n", ":foo\n", "echo 3\n"}
	_, r := script(t, shared(t), "", func(c *BatchConfig) { c.In, c.Out = in, out })
	want := "1\nInvalid argument(s)\n2\nunknown redis-cli internal command ':foo'\n3\n"
	if out.String() != want || r.Refused != 2 {
		t.Errorf("got %q, %v", out, r)
	}
}

// Messages are shown while the script waits.
func TestBatchShowsMessages(t *testing.T) {
	server := resptest.Shared(t)
	for _, proto := range []int{2, 3} {
		out := newWatched()
		pr, pw := io.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			script(t, pipeclient.Config{Addr: server.Addr, Proto: proto}, "", func(c *BatchConfig) { c.In, c.Out = pr, out })
		}()
		io.WriteString(pw, "subscribe c\n")
		out.await(t, 3)
		server.Do("PUBLISH", "c", "hello")
		out.await(t, 6)
		pw.Close()
		<-done
		if want := "subscribe\nc\n1\nmessage\nc\nhello\n"; out.String() != want {
			t.Errorf("RESP%d: got %q", proto, out)
		}
	}
}

func TestBatchConnectionLost(t *testing.T) {
	// The server answers three commands and hangs up with more of them read.
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		for i := range 5 {
			c.Expect("echo", fmt.Sprint(i))
			if i < 3 {
				c.Reply(resptest.Bulk(fmt.Sprint(i)))
			}
		}
	})
	lines := "echo 0\n\necho 1\necho 2\n\necho 3\necho 4\n"
	r := check(t, at(peer.Addr), lines, "0\n1\n2\n",
		"connection lost: server closed the connection; lines 6 to 7 in doubt: they were sent and not answered")
	if !errors.Is(r, pipeclient.ErrServerClosed) || r.UnsentFrom != 0 {
		t.Errorf("%+v", r)
	}
}

// What never left is told from what did.
func TestBatchNotSent(t *testing.T) {
	hung := make(chan struct{})
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Expect("echo", "0").Reply(resptest.Bulk("0"))
		c.Expect("echo", "1")
		close(hung)
	})
	pr, pw := io.Pipe()
	go func() {
		io.WriteString(pw, "echo 0\necho 1\n")
		<-hung
		for i := 2; ; i++ { // some of them may still be written before the end is seen
			if _, err := fmt.Fprintf(pw, "echo %d\n", i); err != nil {
				return
			}
		}
	}()
	out, r := script(t, at(peer.Addr), "", func(c *BatchConfig) { c.In = pr })
	pr.Close()
	if out != "0\n" || r.DoubtFrom != 2 || r.Lost == nil {
		t.Errorf("got %q, %v", out, r)
	}
	if r.UnsentFrom != 0 && r.UnsentFrom <= r.DoubtTo {
		t.Errorf("line %d is both: %v", r.UnsentFrom, r)
	}
}

// In the middle of a reply the output keeps what came.
func TestBatchLostInsideReply(t *testing.T) {
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Expect("keys", "*").Reply("*3\r\n$1\r\na\r\n$1\r\n")
	})
	_, r := script(t, at(peer.Addr), "keys *\nping\n")
	if r.DoubtFrom != 1 || r.DoubtTo != 2 && r.UnsentFrom != 2 {
		t.Errorf("%v", r)
	}
}

// A transaction that is lost with its connection ends the script (T36).
func TestBatchLostInMulti(t *testing.T) {
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Expect("multi").Reply("+OK\r\n")
		c.Expect("set", "a", "1").Reply("+QUEUED\r\n")
	})
	out := newWatched()
	in := &slowly{t: t, out: out, lines: []string{"multi\n", "set a 1\n", "set b 1\n", "exec\n"}}
	_, r := script(t, at(peer.Addr), "", func(c *BatchConfig) { c.In, c.Out = in, out })
	if r.Lost == nil || peer.Conns() != 1 {
		t.Errorf("%v, %d connections", r, peer.Conns())
	}
}

// A connection that ends when all is done is no loss; one that a later line needed is.
func TestBatchIdleConnectionEnds(t *testing.T) {
	for _, tt := range []struct {
		lines []string
		said  string
	}{
		{[]string{"ping\n"}, ""},
		{[]string{"ping\n", "ping\n"}, "connection lost: server closed the connection; not sent from line 2"},
	} {
		ended := make(chan struct{})
		peer := resptest.Peer(t, func(c *resptest.PeerConn) { c.Expect("ping").Reply("+PONG\r\n") })
		pr, pw := io.Pipe()
		out := newWatched()
		go func() {
			io.WriteString(pw, tt.lines[0])
			<-ended
			for _, line := range tt.lines[1:] {
				io.WriteString(pw, line)
			}
			pw.Close()
		}()
		_, r := script(t, at(peer.Addr), "", func(c *BatchConfig) {
			c.In, c.Out = pr, out
			c.Connect = func(ctx context.Context, cfg pipeclient.Config) (*pipeclient.Conn, error) {
				conn, err := pipeclient.Dial(ctx, cfg)
				go func() { <-conn.Over(); close(ended) }()
				return conn, err
			}
		})
		if r.Error() != tt.said || out.String() != "PONG\n" {
			t.Errorf("%q: got %q, %v, want %q", tt.lines, out, r, tt.said)
		}
	}
}

// A server that refuses a subscription answers once, however many channels were named.
func TestBatchSubscriptionRefused(t *testing.T) {
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Expect("subscribe", "a", "b").Reply("-NOPERM no\r\n")
		c.Expect("get", "a").Reply("+message\r\n")
		c.Expect("lrange", "l", "0", "1").Reply("*2\r\n$7\r\nmessage\r\n$1\r\nx\r\n")
	})
	check(t, at(peer.Addr), "subscribe a b\nget a\nlrange l 0 1\n", "NOPERM no\n\nmessage\nmessage\nx\n",
		"1 of 3 commands failed; first: line 1: NOPERM no")
}

func TestBatchRefusedAtStart(t *testing.T) {
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {})
	addr := peer.Addr
	err := Batch(context.Background(), BatchConfig{Server: pipeclient.Config{Addr: addr, DB: 3}, In: strings.NewReader("ping"), Out: io.Discard})
	var refused *pipeclient.ConnectError
	if !errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
}

type brokenPipe struct{ after int }

func (b *brokenPipe) Write(p []byte) (int, error) {
	if b.after -= len(p); b.after < 0 {
		return 0, os.ErrClosed
	}
	return len(p), nil
}

func TestBatchOutputBroken(t *testing.T) {
	for _, lines := range []string{strings.Repeat("echo 0123456789\n", 50_000), "ping\n", "'\n"} {
		_, r := script(t, shared(t), lines, func(c *BatchConfig) { c.Out = &brokenPipe{after: 3} })
		var broken *render.WriteError
		if !errors.As(r.Cause, &broken) || !errors.Is(r, os.ErrClosed) || r.Lost != nil {
			t.Errorf("%.20q: got %v", lines, r)
		}
	}
}

func TestBatchInputBroken(t *testing.T) {
	in := io.MultiReader(strings.NewReader("ping\nping"), &brokenReader{})
	out, r := script(t, shared(t), "", func(c *BatchConfig) { c.In = in })
	if out != "PONG\n" || !errors.Is(r, io.ErrClosedPipe) || r.Error() != "reading the script after line 1: io: read/write on closed pipe" {
		t.Errorf("got %q, %v", out, r)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestBatchInterrupted(t *testing.T) {
	interrupt := errors.New("interrupted")
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Expect("ping").Reply("+PONG\r\n")
		c.Expect("blpop", "k", "0").Hold()
	})
	ctx, cancel := context.WithCancelCause(context.Background())
	out := newWatched()
	pr, pw := io.Pipe()
	go func() {
		io.WriteString(pw, "ping\nblpop k 0\n")
		out.await(t, 1)
		cancel(interrupt)
	}()
	err := Batch(ctx, BatchConfig{Server: at(peer.Addr), In: pr, Out: out, Print: render.Options{Format: render.Raw}})
	pw.Close()
	var r *Report
	if !errors.As(err, &r) || !errors.Is(err, interrupt) || r.DoubtFrom != 2 || r.DoubtTo != 2 {
		t.Errorf("got %v", err)
	}
	if want := "interrupted; line 2 in doubt: it was sent and not answered"; err.Error() != want {
		t.Errorf("said %q, want %q", err, want)
	}
}

// A reader of the output that does not read stops the script, within the window.
func TestBatchWindow(t *testing.T) {
	release, sent := make(chan struct{}), 0
	out := writerFunc(func(p []byte) (int, error) { <-release; return len(p), nil })
	in := readerFunc(func(p []byte) (int, error) {
		if sent == 400_000 {
			return 0, io.EOF
		}
		n := 0
		for line := "echo 0123456789012345678901234567890123456789\n"; n+len(line) <= len(p) && sent < 400_000; sent++ {
			n += copy(p[n:], line)
		}
		if sent > 300_000 {
			select {
			case <-release:
			default:
				t.Error("300 000 commands were read while nobody took their replies")
				close(release)
			}
		}
		return n, nil
	})
	time.AfterFunc(300*time.Millisecond, func() {
		defer func() { recover() }()
		close(release)
	})
	_, r := script(t, shared(t), "", func(c *BatchConfig) { c.In, c.Out = in, out })
	if !r.Good() {
		t.Error(r)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestBatchInterval(t *testing.T) {
	start := time.Now()
	check(t, shared(t), "3 ping\n", "PONG\nPONG\nPONG\n", "", func(c *BatchConfig) { c.Interval = 10 * time.Millisecond })
	if took := time.Since(start); took < 30*time.Millisecond {
		t.Errorf("three pauses of 10 ms took %v", took)
	}
}

func TestBatchElapsed(t *testing.T) {
	human := func(c *BatchConfig) { c.Print.Format = render.Human }
	out, _ := script(t, shared(t), "2 debug sleep 0.3\nping\n", human)
	if got := elapsed.ReplaceAllString(out, "(time)\n"); got != "OK\nOK\n(time)\nPONG\n" {
		t.Errorf("got %q", out)
	}
	if out, _ := script(t, shared(t), "debug sleep 0.6\n"); out != "OK\n" {
		t.Errorf("raw: got %q", out)
	}
}

func BenchmarkBatch(b *testing.B) {
	server := resptest.Shared(b)
	line := "set key:1 value\nget key:1\nincr n\nlrange l 0 5\nexists a b\n"
	b.ReportAllocs()
	b.ResetTimer()
	err := Batch(context.Background(), BatchConfig{Server: at(server.Addr), Out: io.Discard,
		In: strings.NewReader(strings.Repeat(line, b.N)), Print: render.Options{Format: render.Raw}})
	if err != nil {
		b.Fatal(err)
	}
}

package bulk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

// endless is an input that never ends: commands, or zeros behind a beginning.
type endless struct{ piece string }

func (e endless) Read(p []byte) (int, error) {
	n := 0
	for n+len(e.piece) <= len(p) {
		n += copy(p[n:], e.piece)
	}
	return n, nil
}

func TestAnInterruptEndsTheDial(t *testing.T) {
	stop := make(chan struct{})
	o := loadInto("nowhere", strings.NewReader("PING\n"), func(c *Config) {
		c.Interrupt = stop
		c.Client.Dial = func(ctx context.Context) (net.Conn, error) {
			close(stop)
			<-ctx.Done()
			return nil, ctx.Err()
		}
	})
	if !errors.As(o.end, new(*pipeclient.ConnectError)) || o.Sent != 0 {
		t.Fatalf("%+v", o)
	}
}

// The server answers nothing, so the feeder waits for a place in the window.
func TestASecondInterruptEndsALoadThatWaits(t *testing.T) { // T133
	peer := resptest.Peer(t, func(c *resptest.PeerConn) { c.Next(); c.Swallow() })
	for _, soft := range []bool{true, false} {
		ctx, cancel := context.WithCancel(context.Background())
		stop := make(chan struct{})
		began := sync.OnceFunc(func() {
			time.AfterFunc(50*time.Millisecond, func() {
				if soft {
					close(stop)
				}
				cancel()
			})
		})
		in := readerFunc(func(p []byte) (int, error) { began(); return endless{"INCR x\n"}.Read(p) })
		report, err := Run(ctx, Config{Client: pipeclient.Config{Addr: peer.Addr}, Inputs: reading(in), Out: io.Discard, Err: io.Discard, Interrupt: stop})
		if !errors.Is(err, ErrInterrupted) || report.InDoubt.First() != 1 || report.Replies != 0 {
			t.Fatalf("%v %+v", err, report)
		}
		if n := report.NotSent; n.First() != 0 && n.First() != report.InDoubt.Last()+1 {
			t.Fatalf("%+v", report)
		}
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestAnInterruptInsideALargeCommandEndsItAtOnce(t *testing.T) {
	s := resptest.Shared(t)
	s.Do("DEL", "partly")
	in, producer := io.Pipe()
	stop := make(chan struct{})
	done := make(chan outcome)
	go func() { done <- loadInto(s.Addr, in, func(c *Config) { c.Interrupt = stop }) }()
	fmt.Fprint(producer, resptest.Command("SET", "before", "1"), "*3\r\n$3\r\nSET\r\n$6\r\npartly\r\n$3000000\r\n")
	io.CopyN(producer, zeros{}, 2<<20)
	begun := time.Now()
	close(stop)
	o := <-done
	producer.Close()
	if !errors.Is(o.end, ErrInterrupted) || o.Replies != 1 || o.InDoubt.First() != 0 || s.Do("EXISTS", "partly") != "0" {
		t.Fatalf("%+v", o)
	}
	if time.Since(begun) >= drainTime || !strings.Contains(o.err, "not sent from 2 ") {
		t.Fatalf("waited for a reply that could not come: %s", o.err)
	}
}

func TestAServerThatIsFullIsNoConnection(t *testing.T) {
	for _, words := range []string{
		"ERR max number of clients reached",
		"DENIED Redis is running in protected mode because protected mode is enabled",
	} {
		peer := resptest.Peer(t, func(c *resptest.PeerConn) { c.Reply("-" + words + "\r\n") })
		o := loadInto(peer.Addr, strings.NewReader(strings.Repeat("INCR x\n", 1000)))
		var refused *pipeclient.ConnectError
		if !errors.As(o.end, &refused) || refused.Refused != words || !reflect.DeepEqual(o.Report, Report{}) || o.err != "" {
			t.Errorf("%s: %+v", words, o)
		}
	}
}

func TestRepliesThatDoNotMatchEndTheLoad(t *testing.T) {
	for name, c := range map[string]struct {
		reply string
		want  error
	}{
		"one too many":         {"+OK\r\n+OK\r\n+OK\r\n", pipeclient.ErrUnsolicited},
		"none of RESP":         {"+OK\r\nhello\r\n", nil},
		"a bad length":         {"+OK\r\n$99999999999999999999\r\n", nil},
		"the end inside":       {"+OK\r\n$5\r\nab", pipeclient.ErrServerClosed},
		"one too few, and end": {"+OK\r\n", pipeclient.ErrServerClosed},
	} {
		peer := resptest.Peer(t, func(conn *resptest.PeerConn) {
			conn.Next()
			conn.Next()
			conn.Reply(c.reply)
			if !strings.Contains(name, "end") {
				conn.Swallow()
			}
		})
		in, producer := io.Pipe()
		go func() {
			io.WriteString(producer, "SET a 1\nSET b 2\n")
			if name != "one too many" {
				producer.Close()
			}
		}()
		o := loadInto(peer.Addr, in)
		producer.Close()
		if !errors.As(o.end, new(*pipeclient.LostError)) || c.want != nil && !errors.Is(o.end, c.want) {
			t.Errorf("%s: %v", name, o.end)
		}
		if want := strings.Count(c.reply, "OK"); o.Replies != int64(min(want, 2)) || o.Sent != 2 {
			t.Errorf("%s: %+v", name, o.Report)
		}
	}
}

// A reply too many that comes together with the last one must not be taken for success.
func TestAReplyTooManyAtTheEndIsSeen(t *testing.T) {
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Next()
		c.Reply("+OK\r\n+OK\r\n").Swallow()
	})
	if o := loadInto(peer.Addr, strings.NewReader("SET a 1\n")); !errors.Is(o.end, pipeclient.ErrUnsolicited) || o.Replies != 1 {
		t.Fatalf("%+v", o)
	}
}

func TestARequestStreamCutAroundABoundary(t *testing.T) { // T126
	s := resptest.Shared(t)
	size := int64(len(resptest.Command("INCR", "up:00")))
	for cut := range 2*size + 2 {
		key := fmt.Sprintf("up:%02d", cut)
		proxy := resptest.Proxy(t, s.Addr, func(int) resptest.Plan {
			return resptest.Plan{Up: resptest.Lane{Then: resptest.RST, At: 50*size - 1 + cut}}
		})
		o := loadInto(proxy.Addr, strings.NewReader(strings.Repeat("INCR "+key+"\n", 1000)))
		whole := (50*size - 1 + cut) / size
		await(t, func() bool { return s.Do("GET", key) == strconv.FormatInt(whole, 10) })
		if whole < o.Replies || whole > o.InDoubt.Last() || o.InDoubt.First() != o.Replies+1 || o.Sent != o.InDoubt.Last() {
			t.Fatalf("cut after %d: %d applied, %+v", cut, whole, o.Report)
		}
	}
}

func TestRepliesInSingleBytes(t *testing.T) {
	s := resptest.Shared(t)
	s.Do("FLUSHALL")
	proxy := resptest.Proxy(t, s.Addr, func(int) resptest.Plan {
		return resptest.Plan{Down: resptest.Lane{Split: 1}, Up: resptest.Lane{Split: 7}}
	})
	o := loadInto(proxy.Addr, strings.NewReader(strings.Repeat("SET k v\nLPUSH k x\nGET k\nMULTI\nLRANGE l 0 -1\nINCR k\nEXEC\n", 20)))
	if o.Replies != 140 || o.Errors != 40 || !errors.Is(o.end, ErrCommands) || strings.Count(o.err, "\n") != 40 {
		t.Fatalf("%+v", o)
	}
}

// Behind an XREAD that does not block stands one that does.
func TestTheKnownNameHidesNothing(t *testing.T) {
	s := resptest.Shared(t)
	o := loadText(t, s, "XREAD STREAMS s 0\nXREAD BLOCK 0 STREAMS s 0\n")
	if e := o.input(t); e.Line != 2 || o.Replies != 1 {
		t.Fatalf("%+v", o)
	}
	o = loadText(t, s, "SCRIPT DEBUG SYNC\n")
	if o.input(t); o.Sent != 0 {
		t.Fatalf("%+v", o)
	}
}

func TestAMillionWords(t *testing.T) {
	s := resptest.Shared(t)
	s.Do("DEL", "many")
	const n = 1_000_000
	wire := "*" + strconv.Itoa(n+2) + "\r\n$5\r\nRPUSH\r\n$4\r\nmany\r\n" + strings.Repeat("$1\r\nx\r\n", n)
	o := loadText(t, s, wire+resptest.Command("RPUSH", "many", "y")+"*1\r\n$4\r\nPI")
	if o.input(t).Number != 3 || o.Replies != 2 || s.Do("LLEN", "many") != strconv.Itoa(n+1) {
		t.Fatalf("%+v", o)
	}
	s.Do("DEL", "many")
	o = loadText(t, s, "RPUSH many"+strings.Repeat(" x", n)+"\nNOSUCH\n")
	if o.Replies != 2 || s.Do("LLEN", "many") != strconv.Itoa(n) || !strings.Contains(o.err, fmt.Sprintf("line 2, byte %d:", 10+2*n+1)) {
		t.Fatalf("%+v", o)
	}
}

func TestTransactionsThatDoNotEndAsTheyShould(t *testing.T) {
	s := resptest.Shared(t)
	s.Do("FLUSHALL")
	o := loadText(t, s, "MULTI\nMULTI\nSET tx 1\nLPUSH tx x\nEXEC\n")
	if o.Errors != 2 || !strings.Contains(o.err, "a command between 1 and 5: executed by command 5: WRONGTYPE") {
		t.Errorf("nested: %+v", o)
	}
	o = loadText(t, s, "MULTI\nSET tx 2\nEXEC too many\nSET tx 3\n")
	if o.Errors != 1 || o.Discarded != 1 || s.Do("GET", "tx") != "3" {
		t.Errorf("EXEC that is refused: %+v", o)
	}
	if o = loadText(t, s, "MULTI x\nSET tx 4\n"); o.Errors != 1 || o.Discarded != 0 || s.Do("GET", "tx") != "4" {
		t.Errorf("MULTI that is refused: %+v", o)
	}
	allow := func(c *Config) { c.AllowState = true }
	if o = loadText(t, s, "MULTI\nSET tx 5\nRESET\nSET tx 6\n", allow); o.end != nil || o.Discarded != 1 || s.Do("GET", "tx") != "6" {
		t.Errorf("RESET: %+v", o)
	}
	many := "MULTI\n" + strings.Repeat("INCR long\n", 30_000) + "LPUSH long x\nEXEC\n"
	if o = loadText(t, s, many); o.Errors != 1 || s.Do("GET", "long") != "30000" ||
		!strings.Contains(o.err, "command 30002: executed by command 30003: WRONGTYPE") {
		t.Errorf("over several blocks: %+v", o)
	}
	if o = loadText(t, s, "WATCH tx\nSET tx 7\nMULTI\nSET tx 8\nEXEC\n"); o.Errors != 1 || o.Discarded != 1 ||
		!strings.Contains(o.err, "line 5, byte 33: EXEC: not executed") || !errors.Is(o.end, ErrCommands) {
		t.Errorf("a watched key: %+v", o)
	}
}

func TestATransactionWhoseConnectionIsLost(t *testing.T) {
	for _, c := range []struct {
		script, queued       string
		undecided, discarded int64
	}{
		{"MULTI\nSET a 1\nEXEC\nSET b 2\n", "+OK\r\n+QUEUED\r\n", 1, 0},
		{"MULTI\nSET a 1\nSET b 2\nSET c 3\n", "+OK\r\n+QUEUED\r\n", 0, 1},
		{"MULTI\nSET a 1\nDISCARD\nMULTI\nEXEC\n", "+OK\r\n+QUEUED\r\n", 0, 1},
		{"SET a 1\nMULTI\nEXEC\n", "+OK\r\n", 0, 0},
	} {
		peer := resptest.Peer(t, func(conn *resptest.PeerConn) {
			for range strings.Count(c.script, "\n") {
				conn.Next()
			}
			conn.Reply(c.queued)
		})
		o := loadInto(peer.Addr, strings.NewReader(c.script))
		if o.Undecided != c.undecided || o.Discarded != c.discarded || !strings.Contains(o.err, "connection lost") {
			t.Errorf("%q: %+v", c.script, o.Report)
		}
		if (c.undecided > 0) != strings.Contains(o.err, "its EXEC is in doubt") {
			t.Errorf("%q: %s", c.script, o.err)
		}
	}
}

func TestRepliesOfExecOfAllShapes(t *testing.T) {
	for reply, want := range map[string]int64{
		"*2\r\n+OK\r\n*2\r\n-ERR deep\r\n*1\r\n-ERR deeper\r\n":         0,
		"*2\r\n-ERR " + strings.Repeat("x", 100<<10) + "\r\n-ERR y\r\n": 2,
		"*2\r\n!5\r\nERR a\r\n%1\r\n+k\r\n-ERR v\r\n":                   1,
		"*2\r\n|1\r\n+k\r\n-ERR attr\r\n:1\r\n$-1\r\n":                  0,
		"-EXECABORT no\r\n": 1,
		"_\r\n":             1,
		"*2\r\n>2\r\n$7\r\nmessage\r\n-ERR push\r\n+OK\r\n-ERR b\r\n": 1,
	} {
		peer := resptest.Peer(t, func(c *resptest.PeerConn) {
			for range 5 {
				c.Next()
			}
			c.Reply("+OK\r\n+QUEUED\r\n+QUEUED\r\n" + reply + "+LAST\r\n").Swallow()
		})
		o := loadInto(peer.Addr, strings.NewReader("MULTI\nGET a\nGET b\nEXEC\nPING\n"))
		if o.Errors != want || o.Replies != 5 || o.Undecided != 0 {
			t.Errorf("%.60q: %+v", reply, o.Report)
		}
	}
}

func TestAnErrorReplyOfAnyLength(t *testing.T) {
	long := strings.Repeat("e", 300<<10)
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		for range 3 {
			c.Next()
		}
		c.Reply("+OK\r\n-ERR " + long + "\r\n+OK\r\n").Swallow()
	})
	o := loadInto(peer.Addr, strings.NewReader("SET a 1\nSET b 1\nSET c 1\n"))
	if o.Errors != 1 || o.Replies != 3 || !strings.Contains(o.err, "line 2, byte 8: SET: ERR eee") {
		t.Fatalf("%+v", o.Report)
	}
}

func TestPushesAreNoReplies(t *testing.T) { // T58
	s := resptest.Shared(t)
	in, producer := io.Pipe()
	done := make(chan outcome)
	go func() { done <- loadInto(s.Addr, in, func(c *Config) { c.AllowState = true }) }()
	fmt.Fprint(producer, "HELLO 3\nCLIENT TRACKING ON\nSET push:done 0\nGET push:a\n")
	await(t, func() bool { return s.Do("EXISTS", "push:done") == "1" })
	for i := range 100 {
		fmt.Fprint(producer, "GET push:a\nGET push:b\n")
		s.Do("MSET", "push:a", strconv.Itoa(i), "push:b", "x")
	}
	producer.Close()
	if o := <-done; o.end != nil || o.Replies != 204 {
		t.Fatalf("%+v", o)
	}
	if o := loadText(t, s, "CLIENT TRACKING ON\nGET a\n", func(c *Config) { c.Client.Proto = 3 }); o.end != nil || o.Replies != 2 {
		t.Fatalf("%+v", o)
	}
}

func TestInputThatCannotBeRead(t *testing.T) {
	s := resptest.Shared(t)
	s.Do("DEL", "unread")
	broken := errors.New("input/output error")
	o := loadInto(s.Addr, io.MultiReader(strings.NewReader("INCR unread\nINCR unread\nINCR un"), failingReader{broken}))
	if !errors.Is(o.end, broken) || o.Replies != 2 || s.Do("GET", "unread") != "2" {
		t.Fatalf("%+v", o)
	}
	if !strings.Contains(o.err, "reading the input: input/output error") || !strings.Contains(o.err, "not sent from 3 (byte 24)") {
		t.Fatal(o.err)
	}
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

func TestALineWithoutEndIsRefusedBeforeItIsHeld(t *testing.T) {
	s := resptest.Shared(t)
	n := int64(0)
	in := readerFunc(func(p []byte) (int, error) { n += int64(len(p)); return zeros{}.Read(p) })
	o := loadInto(s.Addr, io.MultiReader(strings.NewReader("SET a 1\n{"), in))
	if e := o.input(t); e.Line != 2 || e.Offset != 8 || o.Replies != 1 || n > 4<<20 {
		t.Fatalf("read %d bytes: %+v", n, o)
	}
}

// The places of commands count everything in front of them: the mark, comments, blank lines.
func TestPlacesAfterAllThatIsNoCommand(t *testing.T) {
	s := resptest.Shared(t)
	comments := strings.Repeat("# "+strings.Repeat("c", 1000)+"\n\n", 3000) // several reads
	in := "\xef\xbb\xbf" + comments + "PING\r\n" + comments + "NOSUCH1\n# x\n\nNOSUCH2\n" + resptest.Command("NOSUCH3") + "*1\r\n$x\r\n"
	o := loadText(t, s, in)
	for _, want := range []string{
		fmt.Sprintf("line %d, byte %d: NOSUCH1: ", 12002, strings.Index(in, "NOSUCH1")),
		fmt.Sprintf("line %d, byte %d: NOSUCH2: ", 12005, strings.Index(in, "NOSUCH2")),
		fmt.Sprintf("command 4, byte %d: NOSUCH3: ", strings.Index(in, "*1")),
		fmt.Sprintf("command 5, byte %d: ", strings.LastIndex(in, "*1")),
	} {
		if !strings.Contains(o.err, want) {
			t.Errorf("no %q in\n%s", want, o.err)
		}
	}
}

func TestARefusalSaysWhatToDo(t *testing.T) {
	s := resptest.Shared(t)
	for in, want := range map[string]string{
		"\x1f\x8b\x08":                    "try: gunzip -c FILE | easycli --pipe",
		"REDIS0009\xfa":                   "redis-server --dir FOLDER --dbfilename FILE",
		"\xff\xfeS\x00E\x00T\x00":         "iconv -f UTF-16",
		"CREATE TABLE t (a int);\n":       "SELECT CONCAT",
		"[1,\n":                           "--template",
		"id,name\n":                       "--template",
		"*1\n$4\nPING\n":                  `sed 's/$/\r/'`,
		"SET a it's\n":                    `"it's"`,
		"SET a \"it's \"x\n":              "a blank must follow",
		"SET a say\"\n":                   `'say "hi"'`,
		"SUBSCRIBE a\n":                   "run it as a command of its own: easycli SUBSCRIBE",
		"CLIENT REPLY OFF\n":              "leave it out",
		"SYNC\n":                          "leave it out",
		"HELLO 3\n":                       "--allow-state",
		"BRPOP a 0\n":                     "--allow-blocking",
		"QUIT\n":                          "leave it out",
		"\x7fELF\x02\x01\x01\x00\x00\x00": "SET key value",
	} {
		if o := loadText(t, s, in); !strings.Contains(o.input(t).Advice, want) || !strings.Contains(o.err, "\neasycli: "+o.input(t).Advice+"\n") || o.Sent != 0 {
			t.Errorf("%q: %s", in, o.err)
		}
	}
}

// A large command that comes slowly is no silence of the server.
func TestALargeCommandMayComeSlowly(t *testing.T) { // T136
	s := resptest.Shared(t)
	const size = 3 << 20
	in, producer := io.Pipe()
	go func() {
		fmt.Fprintf(producer, "*3\r\n$3\r\nSET\r\n$7\r\nslowbig\r\n$%d\r\n", size)
		for range size / (128 << 10) {
			io.CopyN(producer, zeros{}, 128<<10)
			time.Sleep(100 * time.Millisecond)
		}
		io.WriteString(producer, "\r\n")
		producer.Close()
	}()
	o := loadInto(s.Addr, in, func(c *Config) { c.Client.Timeout = time.Second })
	if o.end != nil || s.Do("STRLEN", "slowbig") != strconv.Itoa(size) {
		t.Fatalf("%+v", o)
	}
}

// The question how long a word may be must not become a part of the user's transaction.
func TestNothingOfOursEntersATransaction(t *testing.T) {
	got := make(chan string, 10)
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		for {
			got <- strings.Join(c.Next(), " ")
			c.Reply("+OK\r\n")
		}
	})
	in := io.MultiReader(strings.NewReader("MULTI\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$999999999\r\n"), io.LimitReader(zeros{}, 2<<20))
	o := loadInto(peer.Addr, in)
	if e := o.input(t); e.Number != 2 || !strings.Contains(e.Msg, "999999999") {
		t.Fatalf("%+v", o)
	}
	if first, second := <-got, <-got; first != "MULTI" || second != "DISCARD" {
		t.Fatalf("sent %q, %q", first, second)
	}
}

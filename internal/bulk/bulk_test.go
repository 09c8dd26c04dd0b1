package bulk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

// soak picks the size of a test: the long one is for a run with EASYCLI_SOAK=1.
func soak(short, long int) int {
	if os.Getenv("EASYCLI_SOAK") == "1" {
		return long
	}
	return short
}

// outcome is what a load left behind.
type outcome struct {
	Report
	out, err string
	end      error
}

func (o outcome) input(t *testing.T) *InputError {
	t.Helper()
	var e *InputError
	if !errors.As(o.end, &e) {
		t.Fatalf("ended with %v, want an InputError\n%s", o.end, o.err)
	}
	return e
}

// reading is a reader as the one input of a load.
func reading(in io.Reader) []Input {
	return []Input{{Open: func() (io.ReadCloser, error) { return io.NopCloser(in), nil }}}
}

func loadInto(addr string, in io.Reader, change ...func(*Config)) outcome {
	var out, errOut strings.Builder
	cfg := Config{Client: pipeclient.Config{Addr: addr, Timeout: 20 * time.Second}, Inputs: reading(in), Out: &out, Err: &errOut}
	for _, c := range change {
		c(&cfg)
	}
	report, err := Run(context.Background(), cfg)
	return outcome{report, out.String(), errOut.String(), err}
}

func loadText(t *testing.T, s *resptest.Redis, in string, change ...func(*Config)) outcome {
	t.Helper()
	return loadInto(s.Addr, strings.NewReader(in), change...)
}

// pieces is a reader that gives its text in pieces of random lengths.
type pieces struct {
	text string
	r    *rand.Rand
	max  int
}

func (p *pieces) Read(b []byte) (int, error) {
	if p.text == "" {
		return 0, io.EOF
	}
	n := copy(b, p.text[:min(len(p.text), 1+p.r.IntN(p.max))])
	p.text = p.text[n:]
	return n, nil
}

func TestALoadSaysWhatRedisCLISays(t *testing.T) {
	s := resptest.Shared(t)
	o := loadText(t, s, "SET bulk:a 1\r\nINCR bulk:a\r\n")
	want := "All data transferred. Waiting for the last reply...\nLast reply received from server.\nerrors: 0, replies: 2\n"
	if o.end != nil || o.out != want || o.err != "" {
		t.Fatalf("%v\n%q\n%q", o.end, o.out, o.err)
	}
	if got := s.Do("GET", "bulk:a"); got != "2" {
		t.Fatal(got)
	}
	if o := loadText(t, s, ""); o.end != nil || !strings.HasSuffix(o.out, "errors: 0, replies: 0\n") {
		t.Fatal("empty input", o)
	}
}

func TestErrorsHaveThePlaceOfTheirCommand(t *testing.T) {
	s := resptest.Shared(t)
	s.Do("FLUSHALL")
	o := loadText(t, s, "SET k v\n\n# a comment\nLPUSH k x\nNONSENSE\nSET k w\n")
	if !errors.Is(o.end, ErrCommands) || o.Errors != 2 || o.Replies != 4 {
		t.Fatalf("%+v", o)
	}
	for _, want := range []string{
		"line 4, byte 21: LPUSH: WRONGTYPE", "line 5, byte 31: NONSENSE: ERR unknown command",
	} {
		if !strings.Contains(o.err, want) {
			t.Errorf("no %q in\n%s", want, o.err)
		}
	}
	wire := resptest.Command("SET", "k", "v") + resptest.Command("LPUSH", "k", "x")
	o = loadText(t, s, wire)
	if want := fmt.Sprintf("command 2, byte %d: LPUSH: WRONGTYPE", len(resptest.Command("SET", "k", "v"))); !strings.Contains(o.err, want) {
		t.Errorf("no %q in\n%s", want, o.err)
	}
}

func TestInputCutAnywhereInItsLastCommandAppliesNothingOfIt(t *testing.T) { // T122
	s := resptest.Shared(t)
	first := resptest.Command("SET", "cut:a", "1")
	last := resptest.Command("SET", "cut:b", "a value\r\n*1\r\n$4\r\nPING\r\n")
	for n := 1; n < len(last); n++ {
		s.Do("DEL", "cut:a", "cut:b")
		o := loadText(t, s, first+last[:n])
		e := o.input(t)
		if e.Number != 2 || e.Offset != int64(len(first)) || o.Replies != 1 || !strings.Contains(e.Msg, "ends inside") {
			t.Fatalf("cut at %d: %+v, %v", n, o, e)
		}
		if a, b := s.Do("GET", "cut:a"), s.Do("EXISTS", "cut:b"); a != "1" || b != "0" {
			t.Fatalf("cut at %d: a is %q, b exists: %q", n, a, b)
		}
	}
}

func TestTextIsReadAsPeopleWriteIt(t *testing.T) { // T123, T125
	s := resptest.Shared(t)
	long := strings.Repeat("x", 100<<10)
	for _, c := range []struct{ name, in, want string }{
		{"LF", "SET t a\nSET t b\n", "b"},
		{"CRLF", "SET t a\r\nSET t c\r\n", "c"},
		{"both", "SET t a\nSET t d\r\n", "d"},
		{"no end of line at the end", "SET t a\nSET t e", "e"},
		{"byte order mark", "\xef\xbb\xbfSET t f\n", "f"},
		{"blank lines and comments", "\n  \n# no\n  # no\nSET t g\n\n", "g"},
		{"quotes", `SET t "a \"b\"\x41"` + "\n", `a "b"A`},
		{"a NUL", "SET t a\x00b\n", "a\x00b"},
		{"a long line", "SET t " + long + "\n", long},
		{"byte order mark and RESP", "\xef\xbb\xbf" + resptest.Command("SET", "t", "h"), "h"},
		{"RESP behind text", "SELECT 0\n" + resptest.Command("SET", "t", "i"), "i"},
		{"empty commands", "*0\r\n*-1\r\n" + resptest.Command("SET", "t", "j"), "j"},
	} {
		s.Do("DEL", "t")
		o := loadText(t, s, c.in)
		if got := s.Do("GET", "t"); o.end != nil || got != c.want {
			t.Errorf("%s: %v, stored %.40q\n%s", c.name, o.end, got, o.err)
		}
		if mark := strings.HasPrefix(c.in, "\xef\xbb\xbf"); mark != strings.Contains(o.err, "byte order mark") {
			t.Errorf("%s: a note about it: %q", c.name, o.err)
		}
	}
}

func TestOtherThingsThanCommandsAreRefused(t *testing.T) { // T123, T124, T125
	s := resptest.Shared(t)
	s.Do("FLUSHALL")
	random := make([]byte, 200<<10)
	for i := range random {
		random[i] = byte(rand.Uint32())
	}
	random[0] = 0x80
	for _, c := range []struct {
		name, in, guess string
		line            int64
	}{
		{"random bytes", string(random), "binary", 1},
		{"gzip", "\x1f\x8b\x08\x00 and so on", "gzip", 1},
		{"zip", "PK\x03\x04 and so on", "zip", 1},
		{"JSON", "{\n  \"a\": 1\n}\n", "JSON", 1},
		{"HTML", "<!DOCTYPE html>\n", "HTML", 1},
		{"SQL", "CREATE TABLE t (a int);\nINSERT INTO t VALUES (1);\n", "SQL", 1},
		{"SQL comment", "-- dump\nINSERT INTO t VALUES (1);\n", "SQL", 1},
		{"RDB", "REDIS0010\xfa\tredis-ver", "RDB", 1},
		{"RESP with LF", "*1\n$4\nPING\n", "LF alone", 0},
		{"RESP with a wrong length", "*2\r\n$4\r\nECHO\r\n$2\r\nabc\r\n", "length is wrong", 0},
		{"RESP with a null word", "*1\r\n$-1\r\n", "null", 0},
		{"replies", "+OK\r\n", "whole command", 1},
		{"unbalanced quote", "SET refused:x \"abc\n", "unbalanced quote", 1},
		{"text behind a quote", "SET refused:x 'abc'd\n", "closing quote", 1},
		{"an empty name", "\"\" x\n", "no command", 1},
	} {
		o := loadText(t, s, c.in)
		e := o.input(t)
		if e.Number != 1 || e.Offset != 0 || e.Line != c.line || o.Sent != 0 || !strings.Contains(o.err, c.guess) {
			t.Errorf("%s: %+v\n%s", c.name, e, o.err)
		}
	}
	if n := s.Do("DBSIZE"); n != "0" {
		t.Error("keys were written:", n)
	}
	o := loadText(t, s, "SET ok 1\n\nSET ok 2\nSET ok \"3\n")
	if e := o.input(t); e.Line != 4 || e.Number != 3 || o.Replies != 2 {
		t.Errorf("%+v, %+v", e, o)
	}
}

func TestCommandsThatChangeTheReplyStreamAreRefusedWithTheirPlace(t *testing.T) { // T138, T139
	s := resptest.Shared(t)
	for _, line := range []string{
		"SUBSCRIBE a", "psubscribe a", "UNSUBSCRIBE", "MONITOR", "SYNC", "PSYNC ? -1", "CLIENT REPLY OFF",
		"client reply skip", "QUIT", "SHUTDOWN NOSAVE", "RESET", "HELLO 3", "BLPOP k 0", "XREAD BLOCK 0 STREAMS s $",
	} {
		o := loadText(t, s, "SET before 1\n"+line+"\nSET after 1\n")
		if e := o.input(t); e.Line != 2 || e.Offset != 13 || o.Replies != 1 || s.Do("EXISTS", "after") != "0" {
			t.Errorf("%s: %v %+v", line, e, o)
		}
	}
	allowed := func(c *Config) { c.AllowState, c.AllowBlocking = true, true }
	o := loadText(t, s, "HELLO 3\nSELECT 0\nRPUSH bl x\nBLPOP bl 0\nRESET\nDEL bl\n", allowed)
	if o.end != nil || o.Replies != 6 {
		t.Errorf("allowed: %+v", o)
	}
	if o := loadText(t, s, "MULTI\nBLPOP nothing 0\nEXEC\n"); o.end != nil {
		t.Errorf("what blocks does not inside MULTI: %+v", o)
	}
}

func TestTransactions(t *testing.T) { // T137
	s := resptest.Shared(t)
	s.Do("FLUSHALL")
	if o := loadText(t, s, "MULTI\nSET m 1\nSET m 2\n"); o.input(t).Line != 1 || o.Replies != 3 || o.Discarded != 2 {
		t.Errorf("left open: %+v", o)
	} else if s.Do("EXISTS", "m") != "0" || !strings.Contains(o.err, "transactions that were not executed: 2\n") {
		t.Errorf("left open: %s", o.err)
	}
	o := loadText(t, s, "MULTI\nSET m 1\nNOSUCH\nEXEC\nSET n 1\n")
	if o.Errors != 2 || o.Discarded != 1 || s.Do("EXISTS", "m") != "0" || s.Do("EXISTS", "n") != "1" {
		t.Errorf("aborted: %+v", o)
	}
	o = loadText(t, s, "MULTI\nSET m 1\nLPUSH m x\nGET m\nEXEC\n")
	if o.Errors != 1 || o.Replies != 5 || !strings.Contains(o.err, "command 3: executed by command 5: WRONGTYPE") {
		t.Errorf("an error when it is executed: %+v", o)
	}
	if o = loadText(t, s, "MULTI\nMULTI\nSET m 3\nEXEC\n"); o.Errors != 1 || s.Do("GET", "m") != "3" {
		t.Errorf("nested: %+v", o)
	}
	if o = loadText(t, s, "MULTI\nSET m 9\nDISCARD\n"); o.end != nil || o.Discarded != 1 {
		t.Errorf("discarded: %+v", o)
	}
}

func TestACommandTooLargeToHoldIsPassedOn(t *testing.T) { // T121
	s := resptest.Shared(t)
	value := strings.Repeat("0123456789abcdef", 5<<20/16)
	wire := resptest.Command("SET", "small", "1") + resptest.Command("SET", "large", value) + resptest.Command("APPEND", "large", "!")
	o := loadInto(s.Addr, &pieces{wire, rand.New(rand.NewPCG(1, 2)), 100_000})
	if o.end != nil || o.Replies != 3 || s.Do("STRLEN", "large") != strconv.Itoa(len(value)+1) {
		t.Fatalf("%+v", o)
	}
	s.Do("DEL", "large")
	cut := wire[:len(wire)-len(resptest.Command("APPEND", "large", "!"))-100]
	for _, size := range []int64{0, int64(len(cut))} {
		o = loadText(t, s, cut, func(c *Config) { c.Inputs[0].Size = size })
		if e := o.input(t); e.Number != 2 || o.Replies != 1 || o.InDoubt.First() != 0 || s.Do("EXISTS", "large") != "0" {
			t.Fatalf("cut, size %d: %+v", size, o)
		}
	}
	tooLong := io.MultiReader(strings.NewReader("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870913\r\n"), io.LimitReader(zeros{}, 2<<20))
	o = loadInto(s.Addr, tooLong)
	if e := o.input(t); !strings.Contains(e.Msg, "536870913") || e.Offset != 0 || o.Sent != 0 {
		t.Fatalf("too long: %+v", o)
	}
	s.Do("DEL", "large")
	if o := loadText(t, s, "SET large "+value+"\n"); o.end != nil || s.Do("STRLEN", "large") != strconv.Itoa(len(value)) {
		t.Fatalf("as text: %+v", o)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestInputSlowerThanTheServerIsNeverHeldBack(t *testing.T) { // T136
	s := resptest.Shared(t)
	s.Do("DEL", "slow")
	in, producer := io.Pipe()
	done := make(chan outcome)
	go func() { done <- loadInto(s.Addr, in) }()
	for i := range 5 {
		fmt.Fprintf(producer, "INCR slow\nINCR sl")
		await(t, func() bool { return s.Do("GET", "slow") == strconv.Itoa(2*i+1) })
		fmt.Fprintf(producer, "ow\n")
		await(t, func() bool { return s.Do("GET", "slow") == strconv.Itoa(2*i+2) })
	}
	producer.Close()
	if o := <-done; o.end != nil || o.Replies != 10 {
		t.Fatalf("%+v", o)
	}
}

func TestAKilledServerEndsTheLoadWithExactAccounts(t *testing.T) { // T132
	s := resptest.Server(t)
	in, producer := io.Pipe()
	done := make(chan outcome)
	go func() { done <- loadInto(s.Addr, in) }()
	fmt.Fprint(producer, strings.Repeat("INCR n\n", 500))
	await(t, func() bool { return s.Do("GET", "n") == "500" })
	s.Stop(syscall.SIGKILL)
	o := <-done
	if !errors.Is(o.end, pipeclient.ErrInDoubt) || o.Sent != 500 || o.NotSent.First() != 0 {
		t.Fatalf("%+v", o)
	}
	if answered := o.Replies == 500 && o.InDoubt.First() == 0; !answered && (o.InDoubt.First() != o.Replies+1 || o.InDoubt.Last() != 500) {
		t.Fatalf("%+v", o)
	}
	if !strings.HasSuffix(o.out, fmt.Sprintf("errors: 0, replies: %d\n", o.Replies)) || !strings.Contains(o.err, "connection lost") {
		t.Fatalf("%q %q", o.out, o.err)
	}
}

func TestASilentServerEndsTheLoadInTime(t *testing.T) { // T132
	s := resptest.Server(t)
	s.Signal(syscall.SIGSTOP)
	defer s.Signal(syscall.SIGCONT)
	o := loadText(t, s, strings.Repeat("INCR n\n", 50_000), func(c *Config) { c.Client.Timeout = 300 * time.Millisecond })
	if !errors.Is(o.end, pipeclient.ErrTimeout) || o.Replies != 0 || o.InDoubt.First() != 1 {
		t.Fatalf("%+v", o)
	}
	if o.InDoubt.Last() >= o.NotSent.First() && o.NotSent.First() != 0 {
		t.Fatalf("in doubt and not sent overlap: %+v", o)
	}
}

func TestACutConnectionLeavesExactAccounts(t *testing.T) {
	s := resptest.Shared(t)
	for cut := range 20 {
		// A server works on after a connection is cut, so each load has a key of its own.
		key := fmt.Sprint("acc:", cut)
		proxy := resptest.Proxy(t, s.Addr, func(int) resptest.Plan {
			return resptest.Plan{Down: resptest.Lane{Then: resptest.RST, At: int64(1 + cut*997)}}
		})
		o := loadInto(proxy.Addr, strings.NewReader(strings.Repeat("INCR "+key+"\n", 20_000)))
		n, _ := strconv.ParseInt(s.Do("GET", key), 10, 64)
		if n < o.Replies || n > o.InDoubt.Last() || o.InDoubt.First() != o.Replies+1 || !errors.Is(o.end, pipeclient.ErrInDoubt) {
			t.Fatalf("cut after %d: counter %d, %+v", 1+cut*997, n, o.Report)
		}
	}
}

func TestAnInterruptWaitsForWhatWasSent(t *testing.T) { // T133
	s := resptest.Shared(t)
	s.Do("DEL", "int")
	in, producer := io.Pipe()
	stop := make(chan struct{})
	done := make(chan outcome)
	go func() {
		done <- loadInto(s.Addr, in, func(c *Config) { c.Interrupt = stop })
	}()
	for range 200 {
		fmt.Fprint(producer, strings.Repeat("INCR int\n", 100))
	}
	close(stop)
	o := <-done
	producer.Close()
	if !errors.Is(o.end, ErrInterrupted) || o.InDoubt.First() != 0 || s.Do("GET", "int") != strconv.FormatInt(o.Replies, 10) {
		t.Fatalf("counter %s, %+v", s.Do("GET", "int"), o)
	}
	if !strings.Contains(o.err, "interrupted") || !strings.Contains(o.out, "errors: 0, replies: ") {
		t.Fatalf("%q %q", o.out, o.err)
	}
}

func TestAReportThatCannotBeWrittenDoesNotStopTheLoad(t *testing.T) { // T134
	s := resptest.Shared(t)
	s.Do("DEL", "lostreport")
	o := loadText(t, s, "SET lostreport 1\n", func(c *Config) { c.Out = failing{} })
	var lost *OutputError
	if !errors.As(o.end, &lost) || s.Do("GET", "lostreport") != "1" {
		t.Fatalf("%+v", o)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestRepliesAreNotHeld(t *testing.T) { // T140
	s := resptest.Shared(t)
	s.Do("SET", "mega", strings.Repeat("m", 1<<20))
	n := testing.AllocsPerRun(1, func() {
		if o := loadText(t, s, strings.Repeat("GET mega\n", 200)); o.end != nil || o.Replies != 200 {
			t.Errorf("%+v", o)
		}
	})
	if n > 2000 {
		t.Errorf("%v allocations for 200 replies of 1 MiB", n)
	}
}

func TestARefusedLoginEndsTheLoadBeforeItBegins(t *testing.T) {
	s := resptest.Shared(t)
	o := loadText(t, s, "SET auth 1\n", func(c *Config) { c.Client.Pass, c.Client.HasPass = "wrong", true })
	var e *pipeclient.ConnectError
	if !errors.As(o.end, &e) || e.Step != "AUTH" || s.Do("EXISTS", "auth") != "0" {
		t.Fatalf("%+v", o)
	}
}

// await polls until the condition holds.
func await(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !holds(); {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain")
		}
		time.Sleep(time.Millisecond)
	}
}

func TestNoByteOfTheServerReachesATerminalAsItIs(t *testing.T) { // T85
	const evil = "\x1b]0;title\x07 \u009b31m \u202e \xff"
	for _, reply := range []string{
		"-ERR " + evil + "\r\n",
		"-ERR max number of clients " + evil + "\r\n",
		"+OK\r\n-ERR " + evil + "\r\n",
	} {
		peer := resptest.Peer(t, func(c *resptest.PeerConn) {
			c.Expect("GET", "a").Reply(reply).Swallow()
		})
		o := loadInto(peer.Addr, strings.NewReader("GET a\n"), func(c *Config) { c.ErrTerminal, c.Inputs[0].Name = true, evil })
		for _, raw := range []string{"\x1b", "\x07", "\u009b", "\u202e", "\xff"} {
			if strings.Contains(o.err, raw) {
				t.Errorf("after %q: %q holds %q", reply, o.err, raw)
			}
		}
	}
}

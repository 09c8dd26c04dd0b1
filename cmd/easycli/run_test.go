package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

const unknownCommand = "ERR unknown command 'nosuch', with args beginning with: \n"

func TestOneCommand(t *testing.T) {
	server := resptest.Shared(t)
	for _, c := range []struct {
		line, stdin string
		want        result
	}{
		{"set k v", "", result{0, "OK\n", ""}},
		{"get k", "", result{0, "v\n", ""}},
		{"--no-raw get k", "", result{0, "\"v\"\n", ""}},
		{"nosuch", "", result{1, unknownCommand + "\n", ""}},
		{"-e nosuch", "", result{1, "", unknownCommand}},
		{"-e -r 3 nosuch", "", result{1, "", unknownCommand}},
		{"-r 2 nosuch", "", result{1, strings.Repeat(unknownCommand+"\n", 2), ""}},
		{"-r 3 -i 0.001 incr n", "", result{0, "1\n2\n3\n", ""}},
		{"-r 0 incr n", "", result{0, "", ""}},
		{"-x set k", "a\nb\n", result{0, "OK\n", ""}},
		{"--no-raw get k", "", result{0, "\"a\\nb\\n\"\n", ""}},
		{"-X @ set k @ NX", "x", result{0, "\n", ""}},
		{"-X @ echo @", "x\x00y", result{0, "x\x00y\n", ""}},
		{`--quoted-input echo "\x01"`, "", result{0, "\x01\n", ""}},
		{"--json hgetall h", "", result{0, "{}\n", ""}},
		{"--json -2 hgetall h", "", result{0, "[]\n", ""}},
		{"--json nosuch", "", result{1, `{"error":"ERR unknown command 'nosuch', with args beginning with: "}` + "\n", ""}},
		{"-3 --no-raw hgetall h", "", result{0, "(empty hash)\n", ""}},
		{"--name tester client getname", "", result{0, "tester\n", ""}},
		{"-n 3 client info", "", result{0, "", ""}},
		{"-n 99 set k v", "", result{3, "", "SELECT 99 failed: ERR DB index is out of range\n"}},
		{"--no-auth-warning --user bob --pass hunter2 set k v", "",
			result{3, "", "AUTH failed: WRONGPASS invalid username-password pair or user is disabled.\n"}},
		{"subscribe", "", result{1, "ERR wrong number of arguments for 'subscribe' command\n\n", ""}},
		{"quit", "", result{0, "OK\n", ""}},
		{"-r 2 unsubscribe a", "", result{0, "unsubscribe\na\n0\nunsubscribe\na\n0\n", ""}},
		{"-3 unsubscribe a b", "", result{0, "unsubscribe\na\n0\nunsubscribe\nb\n0\n", ""}},
		{"client reply off", "", result{2, "", "CLIENT REPLY: the server would answer nothing, and the connection ends with this command\n"}},
		{"--pipe", "set a 1\r\nget a\r\n", result{0, "All data transferred. Waiting for the last reply...\n" +
			"Last reply received from server.\nerrors: 0, replies: 2\n", ""}},
		{"--pipe", "nosuch\n", result{1, "All data transferred. Waiting for the last reply...\n" +
			"Last reply received from server.\nerrors: 1, replies: 1\n", "line 1, byte 0: nosuch: " + unknownCommand}},
		{"--pipe", "get \"a\n", result{5, "errors: 0, replies: 0\n", ""}},
	} {
		got := easycli(c.stdin, append(at(t, server.Addr), strings.Fields(c.line)...)...)
		switch {
		case strings.Contains(c.line, "client info"):
			if got.status != 0 || !strings.Contains(got.out, " db=3 ") {
				t.Errorf("%s: got %+v", c.line, got)
			}
			continue
		case c.want.status == exitInput:
			got.err = ""
		}
		if got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.line, got, c.want)
		}
	}
	if got := server.Do("GET", "k"); got != "a\nb\n" {
		t.Errorf("a refused handshake let its command through: k is %q", got)
	}
}

func TestEval(t *testing.T) {
	server := resptest.Shared(t)
	script := filepath.Join(t.TempDir(), "s.lua")
	if err := os.WriteFile(script, []byte("return {KEYS[1], KEYS[2], ARGV[1], ARGV[2], redis.call('incr', 'n')}"), 0o600); err != nil {
		t.Fatal(err)
	}
	failing := filepath.Join(t.TempDir(), "f.lua")
	if err := os.WriteFile(failing, []byte("return redis.error_reply('MY error')"), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]result{
		"--eval " + script + " k1 k2, , a ,":   {0, "k1\nk2,\na\n,\n1\n", ""},
		"--eval " + failing:                    {1, "MY error\n\n", ""},
		"-e --eval " + failing:                 {1, "", "MY error\n"},
		"--eval /nowhere/x.lua":                {5, "", "Can't open file '/nowhere/x.lua': No such file or directory\n"},
		"-r 2 --csv --eval " + failing + " , ": {1, strings.Repeat("ERROR,\"MY error\"\n", 2), ""},
	} {
		if got := easycli("", append(at(t, server.Addr), strings.Fields(line)...)...); got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", line, got, want)
		}
	}
}

func TestShutdownSucceedsByEndingTheStream(t *testing.T) {
	server := resptest.Server(t)
	if got, want := easycli("", append(at(t, server.Addr), "shutdown", "nosave")...), (result{}); got != want {
		t.Errorf("got %+v", got)
	}
}

func TestNoConnection(t *testing.T) {
	addr := nobody(t)
	want := result{3, "", "Could not connect to Redis at " + addr + ": Connection refused\n"}
	for _, line := range []string{"PING", "--pipe", "-r 0 PING", "--json PING", "subscribe a"} {
		if got := easycli("", append(at(t, addr), strings.Fields(line)...)...); got != want {
			t.Errorf("%s: got %+v", line, got)
		}
	}
	want.err = "Could not connect to Redis at /nowhere/s: No such file or directory\n"
	if got := easycli("", "-s", "/nowhere/s", "PING"); got != want {
		t.Errorf("socket: got %+v", got)
	}
}

// The default address is the one that somebody without a server has tried.
func TestTheSandboxIsAHintAndNeverAChoice(t *testing.T) {
	refused := func(addr string) error {
		return &pipeclient.ConnectError{Addr: addr, Step: "connect", Err: syscall.ECONNREFUSED}
	}
	if got := describe(refused("127.0.0.1:6379")); !strings.Contains(got, "\n") || !strings.Contains(got, "easycli --sandbox") {
		t.Errorf("default address: %q", got)
	}
	auth := &pipeclient.ConnectError{Addr: "h:1", Step: "AUTH", Refused: "WRONGPASS no"}
	if got := describe(fmt.Errorf("node h:1: %w", auth)); got != "AUTH failed: WRONGPASS no (node h:1)" {
		t.Errorf("got %q", got)
	}
	if got := describe(auth); got != "AUTH failed: WRONGPASS no" {
		t.Errorf("got %q", got)
	}
	if got := describe(refused("127.0.0.1:6380")); strings.Contains(got, "sandbox") {
		t.Errorf("other address: %q", got)
	}
}

func TestSandbox(t *testing.T) {
	got := easycli("", "--sandbox", "set", "k", "v")
	if got.status != 0 || got.out != "OK\n" || !strings.Contains(got.err, "nothing is kept") || strings.Count(got.err, "\n") != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestLostConnections(t *testing.T) {
	for name, c := range map[string]struct {
		script func(c *resptest.PeerConn)
		args   []string
		want   exitStatus
		out    string
		err    string
	}{
		"no reply": {func(c *resptest.PeerConn) { c.Next() }, []string{"INCR", "n"}, exitLost, "",
			"Error: Server closed the connection\nThe command was sent and no reply came back: the server may have carried it out.\n"},
		"half a reply": {func(c *resptest.PeerConn) { c.Next(); c.Reply("$5\r\nab") }, []string{"GET", "k"}, exitLost, "",
			"Error: Server closed the connection\nThe command was sent"},
		"http": {func(c *resptest.PeerConn) { c.Next(); c.Reply("HTTP/1.1 400 Bad Request\r\n\r\n") }, []string{"GET", "k"}, exitLost, "",
			"Error: Protocol error, got \"H\" as reply type byte (an HTTP server"},
		"tls port": {func(c *resptest.PeerConn) { c.Next(); c.Reply("\x15\x03\x03\x00\x02\x02\x28") }, []string{"GET", "k"}, exitLost, "",
			"use --tls"},
		"too many replies": {func(c *resptest.PeerConn) { c.Next(); c.Reply("+A\r\n+B\r\n"); c.Swallow() },
			[]string{"-r", "2", "-i", "0.2", "GET", "k"}, exitMismatch, "A\n", "replies do not match requests"},
		"silence": {func(c *resptest.PeerConn) { c.Next(); c.Hold() }, []string{"--timeout", "0.05", "GET", "k"}, exitLost, "",
			"Error: No reply from the server in time"},
		"two replies at once": {func(c *resptest.PeerConn) { c.Next(); c.Reply("+A\r\n+B\r\n"); c.Swallow() },
			[]string{"GET", "k"}, exitMismatch, "A\n", "replies do not match requests"},
		"silence instead of a stream": {func(c *resptest.PeerConn) { c.Next(); c.Hold() },
			[]string{"--timeout", "0.05", "subscribe", "c"}, exitLost, "", "Error: No reply from the server in time"},
		"a redirection off the machine": {func(c *resptest.PeerConn) {
			c.Expect("AUTH", "hunter2").Reply("+OK\r\n").Next()
			c.Reply("-MOVED 1 192.0.2.1:6379\r\n").Swallow()
		}, []string{"-c", "--no-auth-warning", "--require-tls", "-a", "hunter2", "GET", "k"}, exitConnect, "",
			"Could not connect to Redis at 192.0.2.1:6379: --require-tls: the password would"},
		"end of a stream": {func(c *resptest.PeerConn) { c.Next(); c.Reply("+OK\r\n+1 \"GET\"\r\n") }, []string{"monitor"}, exitLost,
			"OK\n1 \"GET\"\n", "Error: Server closed the connection\n"},
		"AUTH cut off": {func(c *resptest.PeerConn) { c.Next() }, []string{"--no-auth-warning", "-a", "hunter2", "GET", "k"}, exitConnect, "",
			"AUTH failed: Server closed the connection\n"},
		"no RESP3, asked for": {func(c *resptest.PeerConn) { c.Expect("HELLO", "3").Reply("-ERR unknown command 'HELLO'\r\n") },
			[]string{"-3", "GET", "k"}, exitConnect, "", "HELLO 3 failed: ERR unknown command 'HELLO'\n"},
	} {
		t.Run(name, func(t *testing.T) {
			peer := resptest.Peer(t, c.script)
			got := easycli("", append(at(t, peer.Addr), c.args...)...)
			if got.status != c.want || got.out != c.out || !strings.Contains(got.err, c.err) || strings.Contains(got.err, "hunter2") {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// --json would like RESP3; a server without it is served all the same, as redis-cli does.
func TestJSONWithoutRESP3(t *testing.T) {
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		if c.N == 0 {
			c.Expect("HELLO", "3").Reply("-ERR unknown command 'HELLO'\r\n")
			return
		}
		c.Expect("GET", "k").Reply("$1\r\nv\r\n").Swallow()
	})
	want := result{0, "\"v\"\n", "HELLO 3 failed: ERR unknown command 'HELLO'\n"}
	if got := easycli("", append(at(t, peer.Addr), "--json", "GET", "k")...); got != want {
		t.Errorf("got %+v", got)
	}
}

// broken is a stdout that takes nothing.
type broken struct{ err error }

func (b broken) Write([]byte) (int, error) { return 0, b.err }

func TestStdoutThatTakesNothing(t *testing.T) {
	server := resptest.Shared(t)
	for _, line := range []string{"PING", "--version", "--help", "completion bash", "--pipe", "monitor"} {
		for cause, want := range map[error]string{
			syscall.ENOSPC: "easycli: writing to stdout: No space left on device\n",
			syscall.EPIPE:  "",
		} {
			c, _, errs := testConsole("PING\n")
			c.Out = broken{cause}
			args := append(at(t, server.Addr), strings.Fields(line)...)
			if strings.HasPrefix(line, "completion") {
				args = strings.Fields(line)
			}
			if status := execute(args, c); status != exitOutput || errs.String() != want {
				t.Errorf("%s, %v: status %d, %q", line, cause, status, errs)
			}
		}
	}
}

// Nothing that a server says in an error reaches a terminal as it is.
func TestErrorsAreSafeOnATerminal(t *testing.T) {
	evil := &pipeclient.ConnectError{Addr: "h:1", Step: "AUTH", Refused: "ERR \x1b]0;title\a"}
	if got := explainFailure(evil, true); strings.ContainsAny(got, "\x1b\a") || !strings.HasSuffix(got, "\n") {
		t.Errorf("got %q", got)
	}
	if got := explainFailure(evil, false); got != "AUTH failed: ERR \x1b]0;title\a\n" {
		t.Errorf("got %q", got)
	}
}

func TestStatus(t *testing.T) {
	lost := func(cause error) error { return &pipeclient.LostError{State: pipeclient.ErrInDoubt, Cause: cause} }
	for _, c := range []struct {
		err  error
		want exitStatus
	}{
		{nil, 0},
		{errAnswer, 1},
		{usagef("x"), 2},
		{&pipeclient.ConnectError{Err: syscall.ECONNREFUSED}, 3},
		{lost(pipeclient.ErrServerClosed), 4},
		{lost(pipeclient.ErrTimeout), 4},
		{streamError{syscall.ECONNRESET}, 4},
		{inputError{os.ErrNotExist}, 5},
		{outputError{syscall.EPIPE}, 6},
		{lost(outputError{syscall.EPIPE}), 6},
		{fmt.Errorf("x: %w", lost(pipeclient.ErrUnsolicited)), 7},
		{interrupted{os.Interrupt}, 130},
		{interrupted{syscall.SIGTERM}, 143},
		{toldError{lost(pipeclient.ErrServerClosed)}, 4},
		{lost(interrupted{os.Interrupt}), 130},
		{errors.New("anything else"), 4},
	} {
		if got := statusOf(c.err); got != c.want {
			t.Errorf("%v: got %d, want %d", c.err, got, c.want)
		}
	}
}

func TestAnArgumentFromStdinHasALimit(t *testing.T) {
	if text, err := readArgument(strings.NewReader("12345"), 5); string(text) != "12345" || err != nil {
		t.Errorf("got %q, %v", text, err)
	}
	endless := io.MultiReader(strings.NewReader("12345"), neverEnding{})
	if text, err := readArgument(endless, 6); text != nil || err == nil {
		t.Errorf("got %q, %v", text, err)
	}
}

type neverEnding struct{}

func (neverEnding) Read(p []byte) (int, error) { return len(p), nil }

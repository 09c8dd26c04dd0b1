//go:build unix

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/creack/pty"

	"easycli/internal/resptest"
)

// hostile is what a server could use to take over a terminal: every control byte, sequences that
// set the title, fill the clipboard and make the terminal answer, C1 in both forms, and text that
// turns the direction of writing.
var hostile = func() string {
	var b strings.Builder
	for c := range 256 {
		b.WriteByte(byte(c))
	}
	b.WriteString("\x1b]0;title\a\x1b]52;c;aGk=\a\x1b[6n\x1bP$q\x1b\\\x1b[2J\x1b[31m\u009b31m\u0085\u202eabc\u2066\u200b\ufeff")
	return b.String()
}()

// onTerminal runs a program with a pseudo-terminal for its stdout, its stderr or both, and returns
// what reached the terminal.
func onTerminal(t *testing.T, stdin string, out, errs bool, program string, args ...string) string {
	t.Helper()
	screen, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	defer screen.Close()
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "NO_COLOR=1")
	cmd.Stdin = strings.NewReader(stdin)
	if out {
		cmd.Stdout = tty
	}
	if errs {
		cmd.Stderr = tty
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	tty.Close()
	var seen bytes.Buffer
	// Linux says EIO when nobody has the other end open any more.
	if _, err := io.Copy(&seen, screen); err != nil && !errors.Is(err, syscall.EIO) {
		t.Fatal(err)
	}
	cmd.Wait() // its status is not what this is about
	return seen.String()
}

// unsafeIn is the first thing in text that a terminal would act on. Line ends and tabs are ours.
func unsafeIn(text string) string {
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd") {
			return text[i : i+1]
		}
		switch {
		case r == '\n', r == '\t', r == '\r' && strings.HasPrefix(text[i:], "\r\n"):
		case r < ' ', r >= 0x7f && r <= 0x9f, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e,
			r >= 0x2066 && r <= 0x2069, r == 0xfeff:
			return string(r)
		}
	}
	return ""
}

// T80, T81, T82, T87: whatever the reply and the format, nothing of it moves the terminal.
func TestNothingFromTheServerReachesTheTerminalUnescaped(t *testing.T) {
	server, binary := resptest.Server(t), resptest.Build(t)
	server.Do("SET", "k", hostile)
	server.Do("RPUSH", "list", hostile, "x")
	server.Do("HSET", "hash", hostile, hostile)
	server.Do("SADD", "set", hostile)
	server.Do("ZADD", "zset", "1.5", hostile)
	server.Do("XADD", "stream", "*", hostile, hostile)
	server.Do("CONFIG", "SET", "slowlog-log-slower-than", "0")
	line := strings.NewReplacer("\r", "", "\n", "", "\x00", "").Replace(hostile)
	for _, format := range []string{"--no-raw", "--raw", "--csv", "--json", "--quoted-json", ""} {
		for _, command := range [][]string{
			{"GET", "k"}, {"LRANGE", "list", "0", "-1"}, {"HGETALL", "hash"}, {"SMEMBERS", "set"}, {"KEYS", "*"},
			{"ZRANGE", "zset", "0", "-1", "WITHSCORES"}, {"ZSCAN", "zset", "0"}, {"HSCAN", "hash", "0"}, {"XRANGE", "stream", "-", "+"},
			{"XREAD", "STREAMS", "stream", "0"}, {"SLOWLOG", "GET"}, {"INFO"}, {"CLIENT", "LIST"}, {"CONFIG", "GET", "*"},
			{"EVAL", "return redis.status_reply(ARGV[1])", "0", line},
			{"EVAL", "return redis.error_reply(ARGV[1])", "0", line},
			{"EVAL", "return {redis.error_reply(ARGV[1]), redis.status_reply(ARGV[1])}", "0", line},
			{"NOSUCH", line},
		} {
			args := append(at(t, server.Addr), "-3")
			if format != "" {
				args = append(args, format)
			}
			text := onTerminal(t, "", true, true, binary, append(args, command...)...)
			if bad := unsafeIn(text); bad != "" || len(text) < 20 {
				t.Errorf("%s %q: %q reaches the terminal in %q", format, command[0], bad, text)
			}
		}
	}
}

// What a person sees at a terminal, and how redis-cli's look comes back.
func TestAPersonSeesMore(t *testing.T) {
	server, binary := resptest.Server(t), resptest.Build(t)
	server.Do("HSET", "h", "a", "1", "field", "2")
	server.Do("SET", "k", "v", "EX", "86401")
	const plain, aligned = "1) \"a\"\r\n2) \"1\"\r\n", "1# \"a\"     => \"1\"\r\n"
	for _, c := range []struct{ args, stdin, want string }{
		{"HGETALL h", "", aligned}, {"-3 HGETALL h", "", aligned}, {"--plain HGETALL h", "", plain}, {"", "HGETALL h\n", aligned},
		{"--plain", "HGETALL h\n", plain}, {"--raw HGETALL h", "", "a\r\n1\r\nfield\r\n2\r\n"}, {"TTL k", "", "(integer) 8640"},
		{"INFO server", "", "redis_version  "}, {"--plain INFO server", "", "redis_version:"}, {"CLIENT INFO", "", "\r\nidle "},
	} {
		text := onTerminal(t, c.stdin, true, true, binary, append(at(t, server.Addr), strings.Fields(c.args)...)...)
		if !strings.Contains(text, c.want) {
			t.Errorf("%s %s: got %q, want %q in it", c.args, c.stdin, text, c.want)
		}
	}
	text := onTerminal(t, "", true, true, "env", append([]string{"FAKETTY=1", binary}, append(at(t, server.Addr), "HGETALL", "h")...)...)
	if !strings.HasPrefix(text, plain) {
		t.Errorf("with FAKETTY on a terminal: %q", text)
	}
}

// A script's replies, its report, and a load's report, on a terminal.
func TestNothingFromAScriptReachesTheTerminalUnescaped(t *testing.T) {
	server, binary := resptest.Server(t), resptest.Build(t)
	server.Do("SET", "k", hostile)
	fail := "EVAL \"return redis.error_reply('\\x1b[2J\\x9b\\x07 oops')\" 0\n"
	for _, args := range [][]string{{}, {"--raw"}, {"--pipe", "--no-progress"}, {"-e"}} {
		text := onTerminal(t, "GET k\n"+fail, true, true, binary, append(at(t, server.Addr), args...)...)
		if bad := unsafeIn(text); bad != "" || !strings.Contains(text, "oops") {
			t.Errorf("%v: %q reaches the terminal in %q", args, bad, text)
		}
	}
}

// The server's words in a message about a connection, which no printer has seen.
func TestNothingFromAHandshakeReachesTheTerminalUnescaped(t *testing.T) {
	binary := resptest.Build(t)
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Next()
		c.Reply("-ERR \x1b[2J\x9b31m\x07 no\r\n")
	})
	for _, args := range [][]string{{"-a", "x", "PING"}, {"-n", "3", "PING"}, {"-3", "PING"}, {"PING"}} {
		text := onTerminal(t, "", true, true, binary, append(at(t, peer.Addr), args...)...)
		if bad := unsafeIn(text); bad != "" || !strings.Contains(text, "no") {
			t.Errorf("%v: %q reaches the terminal in %q", args, bad, text)
		}
	}
}

// T86: a file gets the bytes, and T88: a terminal for stderr gets them escaped all the same.
func TestFilesGetTheBytesAndTheTerminalDoesNot(t *testing.T) {
	server, binary := resptest.Server(t), resptest.Build(t)
	server.Do("SET", "k", hostile)
	address := strings.Join(at(t, server.Addr), " ")
	file := filepath.Join(t.TempDir(), "out")
	text := onTerminal(t, "", false, true, "sh", "-c", binary+" "+address+" GET k > "+file)
	if got, _ := os.ReadFile(file); string(got) != hostile+"\n" || text != "" {
		t.Errorf("the file has %q, the terminal %q", got, text)
	}
	text = onTerminal(t, "", false, true, "sh", "-c", binary+" "+address+
		` -e EVAL "return redis.error_reply(ARGV[1])" 0 "$(printf '\033[2J oops')" > `+file)
	if bad := unsafeIn(text); bad != "" || !strings.Contains(text, "oops") {
		t.Errorf("%q reaches the terminal in %q", bad, text)
	}
}

// The one way to have the bytes on a terminal is to ask for them by name.
func TestForceTTYRaw(t *testing.T) {
	server, binary := resptest.Server(t), resptest.Build(t)
	server.Do("SET", "k", "\x1b[31mred\x1b[0m")
	args := append(at(t, server.Addr), "--raw", "--force-tty-raw", "GET", "k")
	if text := onTerminal(t, "", true, false, binary, args...); text != "\x1b[31mred\x1b[0m\r\n" {
		t.Errorf("got %q", text)
	}
}

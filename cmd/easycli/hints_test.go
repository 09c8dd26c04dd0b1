package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"easycli/internal/resptest"
)

func TestHint(t *testing.T) {
	redis := resptest.Shared(t)
	module := resptest.Peer(t, func(c *resptest.PeerConn) {
		b := resptest.Bulk
		c.Expect("COMMAND", "DOCS").Reply("*2\r\n" + b("own.word") + "*2\r\n" + b("arguments") + "*1\r\n*2\r\n" + b("name") + b("x\x1b"))
	})
	deaf := resptest.Peer(t, func(c *resptest.PeerConn) { c.Expect("COMMAND", "DOCS").Reply("-ERR unknown command\r\n") })
	for _, tt := range []struct{ addr, text, want string }{
		{redis.Addr, "get ", "key\n"},
		{redis.Addr, "get k ", "\n"},
		{redis.Addr, "nosuch ", "\n"},
		{redis.Addr, "zincrby z ", "increment member\n"},
		{module.Addr, "own.word ", "x\\x1b\n"},
		{deaf.Addr, "get ", "key\n"},
		{"127.0.0.1:1", "get ", "key\n"},
	} {
		if got := easycli("", append(at(t, tt.addr), "--test_hint", tt.text)...); got != (result{0, tt.want, ""}) {
			t.Errorf("%s: got %+v, want %q", tt.text, got, tt.want)
		}
	}
}

func TestHintFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hints")
	wrong := strings.Repeat("\"get \" \"what\"\n", 130)
	for _, tt := range []struct {
		text string
		want result
	}{
		{"# none\n\n", result{0, "SUCCESS: 0/0 passed\n", ""}},
		{"\"get \" \"key\"\n\"get k \" \"\"\n", result{0, "SUCCESS: 2/2 passed\n", ""}},
		{"\"get \" \"key\"\n\n\"get \" \"no\"\n", result{1, "line 3: \"get \" has the hint \"key\", not \"no\"\nFAILURE: 1/2 passed\n", ""}},
		{"\"get \"\n", result{5, "", file + ": line 1 is not an input and its hint: \"GET \" \"key\"\n"}},
		{"\"get\n", result{5, "", file + ": line 1 is not an input and its hint: \"GET \" \"key\"\n"}},
	} {
		os.WriteFile(file, []byte(tt.text), 0o600)
		if got := easycli("", "-p", "1", "--test_hint_file", file); got != tt.want {
			t.Errorf("%q: got %+v, want %+v", tt.text, got, tt.want)
		}
	}
	os.WriteFile(file, []byte(wrong), 0o600)
	if got := easycli("", "-p", "1", "--test_hint_file", file); got.status != 125 || !strings.HasSuffix(got.out, "FAILURE: 0/130 passed\n") {
		t.Errorf("got %+v", got)
	}
	if got := easycli("", "-p", "1", "--test_hint_file", file+"x"); got.status != 5 || !strings.HasPrefix(got.err, "reading open ") {
		t.Errorf("got %+v", got)
	}
	if got := easycli("", "--test_hint"); got.status != 2 {
		t.Errorf("got %+v", got)
	}
}

// Help needs no server; it says so where one was to be asked.
func TestHelpAlone(t *testing.T) {
	unreachable := "Could not connect to Redis at 127.0.0.1:1: Connection refused\n"
	if got := easycli("", "-p", "1", "help", "nosuch"); got != (result{0, "\r\n", unreachable}) {
		t.Errorf("got %+v", got)
	}
	got := easycli("", "-p", "1", "help", "get")
	if got.status != 0 || !strings.HasPrefix(got.out, "\r\n  \x1b[1mGET\x1b[0m \x1b[90mkey\x1b[0m\r\n") || got.err != unreachable {
		t.Errorf("got %+v", got)
	}
	if got := easycli("", append(at(t, resptest.Shared(t).Addr), "help", "hget")...); got.status != 0 ||
		!strings.HasPrefix(got.out, "\r\n  \x1b[1mHGET\x1b[0m") || got.err != "" {
		t.Errorf("got %+v", got)
	}
}

// A person at a terminal gets a page, and may search.
func TestHelpPage(t *testing.T) {
	for topic, want := range map[string]string{
		"getrange":    "GETRANGE key start end\n\n  Cuts a piece out of a string",
		"expire hash": "Commands that have to do with \"expire hash\":\n  HEXPIRE ",
		"nosuch":      "Nothing is known about \"nosuch\".\n",
	} {
		c, out, _ := testConsole("")
		c.Env.outTerminal = true
		args := append([]string{"-p", "1", "--color", "never", "help"}, strings.Fields(topic)...)
		if status := execute(args, c); status != 0 || !strings.HasPrefix(out.String(), want) {
			t.Errorf("%s: %d, %q", topic, status, out)
		}
	}
}

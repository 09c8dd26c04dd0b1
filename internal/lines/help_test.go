package lines

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

// What a server says of its commands is safe on a terminal.
func TestManual(t *testing.T) {
	hostile := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Expect("COMMAND", "DOCS", "x").Reply("*2\r\n" + resptest.Bulk("x\x1b]0;") + "*4\r\n" + resptest.Bulk("summary") +
			resptest.Bulk("\x1b[2J") + resptest.Bulk("group") + resptest.Bulk("\u009b"))
	})
	h := helpText{terminal: true}
	docs, trouble := askDocs(context.Background(), pipeclient.Dial, at(hostile.Addr), "x")
	h.write(docs, []string{"x\x1b]0;"})
	if text := h.String(); trouble != "" || strings.Contains(text, "\x1b]") || strings.Contains(text, "\x1b[2J") ||
		strings.Contains(text, "\u009b") || !strings.Contains(text, "summary") {
		t.Errorf("got %q, %s", text, trouble)
	}
	deaf := resptest.Peer(t, func(c *resptest.PeerConn) { c.Expect("COMMAND", "DOCS", "x").Reply("-ERR no\x1b[2J\r\n") })
	if got := Manual(context.Background(), pipeclient.Dial, at(deaf.Addr), true, []string{"x"}); got != "help: this server does not describe its commands: ERR no\\x1b[2J\n" {
		t.Errorf("got %q", got)
	}
	nothing := resptest.Peer(t, func(c *resptest.PeerConn) { c.Expect("COMMAND", "DOCS", "x\x1b").Reply("*0\r\n") })
	if got := Manual(context.Background(), pipeclient.Dial, at(nothing.Addr), true, []string{"x\x1b", "y"}); got != "help: this server knows nothing called x\\x1b y (help alone says what can be asked)\n" {
		t.Errorf("got %q", got)
	}
	if got := Manual(context.Background(), pipeclient.Dial, at("127.0.0.1:1"), true, nil); got != generalHelp {
		t.Errorf("got %q", got)
	}
	var out bytes.Buffer
	out.WriteString(Manual(context.Background(), pipeclient.Dial, at("127.0.0.1:1"), true, []string{"get"}))
	if out.String() != "help: could not connect to 127.0.0.1:1: connection refused\n" {
		t.Errorf("got %q", out.String())
	}
}

func at(addr string) pipeclient.Config { return pipeclient.Config{Addr: addr} }

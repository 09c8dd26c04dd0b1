package repl

import (
	"bytes"
	"context"
	"net"
	"strings"
	"testing"

	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

// TestHelpLikeRedisCLI asks for help on everything, and compares what is printed byte for byte.
func TestHelpLikeRedisCLI(t *testing.T) {
	cli, server := resptest.RedisCLI(t), resptest.Shared(t)
	_, port, _ := net.SplitHostPort(server.Addr)
	topics := []string{"nosuch", "@nosuch", "config nosuch", "client list x", "GEt", "? set", "3 help get"}
	for _, group := range strings.Fields("generic string list set sorted-set hash pubsub transactions connection " +
		"server scripting hyperloglog cluster geo stream bitmap") {
		topics = append(topics, "@"+group)
	}
	for _, name := range strings.Fields(server.Do("COMMAND", "LIST")) {
		topics = append(topics, strings.ReplaceAll(name, "|", " "))
	}
	lines := "help " + strings.Join(topics, "\nhelp ") + "\n"
	want := resptest.Exec(t, cli, []string{"-p", port}, lines).Stdout
	got, _ := script(t, at(server.Addr), lines)
	ours, theirs := strings.Split(got, "\r\n\r\n"), strings.Split(want, "\r\n\r\n")
	for i := range min(len(ours), len(theirs)) {
		if ours[i] != theirs[i] {
			t.Fatalf("entry %d: got\n%q, redis-cli prints\n%q", i, ours[i], theirs[i])
		}
	}
	if got != want {
		t.Errorf("%d bytes, redis-cli prints %d", len(got), len(want))
	}
}

// Help does not disturb what goes on, and is safe on a terminal.
func TestHelpApart(t *testing.T) {
	got, r := script(t, shared(t), "multi\nset a 1\nhelp ping\nexec\nget a\n")
	if !strings.HasPrefix(got, "OK\nQUEUED\n\r\n  \x1b[1mPING\x1b[0m") || !strings.HasSuffix(got, "\r\nOK\n1\n") || !r.Good() {
		t.Errorf("got %q, %v", got, r)
	}
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

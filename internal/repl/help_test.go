package repl

import (
	"net"
	"strings"
	"testing"

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

// Help does not disturb what goes on.
func TestHelpApart(t *testing.T) {
	got, r := script(t, shared(t), "multi\nset a 1\nhelp ping\nexec\nget a\n")
	if !strings.HasPrefix(got, "OK\nQUEUED\n\r\n  \x1b[1mPING\x1b[0m") || !strings.HasSuffix(got, "\r\nOK\n1\n") || !r.Good() {
		t.Errorf("got %q, %v", got, r)
	}
}

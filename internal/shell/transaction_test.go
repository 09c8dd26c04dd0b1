package shell

import (
	"strings"
	"testing"

	"easycli/internal/resptest"
)

// What a transaction would have set does not count when the server did not carry it out: the next
// connection is what this one is.
func TestSettingsOfATransactionThatFailed(t *testing.T) {
	server := resptest.Server(t)
	server.Do("ACL", "SETUSER", "ann", "on", ">pw", "~*", "+@all", "&*")
	touch := func(*person) { server.Do("INCR", "k") }
	for name, lines := range map[string][]any{
		"touched":             {"watch k", "multi", "auth ann pw", "client setname x", touch, "exec"},
		"aborted":             {"multi", "auth ann pw", "client setname x", "nosuch", "exec", "multi", "ping", "exec"},
		"refused, one by one": {"multi", "auth ann wrong", "client setname 'a b'", "client no-evict on", "exec"},
	} {
		screen, _, err := talk(t, at(server.Addr), nil, append(lines, killing(server), "acl whoami", "client getname")...)
		if err != nil || !strings.HasSuffix(screen, "\"default\"\n(nil)\n") && !strings.HasSuffix(screen, "\"default\"\n\"\"\n") {
			t.Errorf("%s: %v, %q", name, err, screen)
		}
	}
}

// An EXEC in doubt ends the transaction, whatever became of it: nobody may say that nothing was executed.
func TestAnEXECInDoubt(t *testing.T) {
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		if c.N == 0 {
			c.Expect("multi").Reply("+OK\r\n").Expect("incr", "n").Reply("+QUEUED\r\n").Expect("exec")
			return
		}
		c.Expect("exec").Reply("-ERR EXEC without MULTI\r\n")
	})
	screen, p, err := talk(t, at(peer.Addr), nil, "multi", "incr n", "exec", "exec")
	want := "OK\nQUEUED\n(in doubt) connection lost after EXEC was sent; it may have been applied: server closed the connection\n" +
		"(error) ERR EXEC without MULTI\n"
	if err != nil || screen != want || p.prompts[3] != "not connected> " {
		t.Errorf("%v, %q, prompts %q", err, screen, p.prompts)
	}
}

package shell

import (
	"strings"
	"syscall"
	"testing"

	"easycli/internal/lineeditor"
	"easycli/internal/pipeclient"
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

// Ctrl-C on an empty line does not put an UNSUBSCRIBE into an open transaction.
func TestCtrlCInATransactionWithSubscriptions(t *testing.T) {
	server := resptest.Server(t)
	screen, p, err := talk(t, pipeclient.Config{Addr: server.Addr, Proto: 3}, nil, "subscribe c", "multi", "incr n",
		lineeditor.ErrInterrupted, "exec", lineeditor.ErrInterrupted, "get n")
	want := "UNSUBSCRIBE not sent: inside MULTI its confirmations would be taken for the replies of other commands\n" +
		"1) (integer) 1\nunsubscribed from 1 channel\n\"1\"\n"
	if err != nil || !strings.HasSuffix(screen, want) || p.prompts[len(p.prompts)-1] != server.Addr+"> " {
		t.Errorf("%v, %q, %q", err, screen, p.prompts)
	}
}

// Nor does it make a transaction forgotten that was lost with the connection.
func TestCtrlCAfterATransactionWasLost(t *testing.T) {
	server := resptest.Server(t)
	screen, _, err := talk(t, pipeclient.Config{Addr: server.Addr, Proto: 3}, nil, "subscribe c", "multi", func(p *person) {
		server.Stop(syscall.SIGKILL)
		p.until(t, "connecting again")
	}, lineeditor.ErrInterrupted, func(*person) { server.Restart() }, "incr n")
	if err != nil || !strings.HasSuffix(screen, "not sent: the transaction was lost with its connection (DISCARD or MULTI to go on)\n") {
		t.Errorf("%v, %q", err, screen)
	}
}

// A MULTI that was not answered is one that the person believes in.
func TestAMultiThatIsNotAnswered(t *testing.T) {
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		if c.N == 0 {
			c.Expect("multi")
			return
		}
		c.Expect("get", "a").Reply("$1\r\n1\r\n")
	})
	screen, p, err := talk(t, at(peer.Addr), nil, "multi", "incr a", "exec", "get a")
	want := "(in doubt) connection lost after MULTI was sent; it may have been applied: server closed the connection\n" +
		"not sent: the transaction was lost with its connection (DISCARD or MULTI to go on)\n" +
		"the transaction was lost with its connection; nothing of it was executed\n\"1\"\n"
	if err != nil || screen != want || p.prompts[1] != "not connected(TX lost)> " {
		t.Errorf("%v, %q, %q", err, screen, p.prompts)
	}
}

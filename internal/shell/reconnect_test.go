package shell

import (
	"bufio"
	"context"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"easycli/internal/command"
	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
	"easycli/internal/session"
)

// T31: what only reads is sent once more when its reply is lost, and no more than that.
func TestAReadIsSentOnceMore(t *testing.T) {
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		switch c.N {
		case 0:
			c.Expect("get", "k")
		case 1:
			c.Expect("get", "k").Reply("$1\r\nv\r\n").Expect("get", "other")
		case 2:
			c.Expect("get", "other")
		}
	})
	screen, _, err := talk(t, at(peer.Addr), nil, "get k", "get other")
	want := "reconnected\n\"v\"\nreconnected\n! server closed the connection (in doubt)\n"
	if err != nil || screen != want || peer.Conns() != 3 {
		t.Errorf("%v, %d connections, on the screen\n%q, want\n%q", err, peer.Conns(), screen, want)
	}
}

// T32: what may have been carried out is never sent again.
func TestWhatOnlyReads(t *testing.T) {
	reads := "get k|mget a b|hgetall h|lrange l 0 -1|xread streams s 0|zrange z 0 1|eval_ro x 0|fcall_ro f 0|exists a|ttl a|scan 0|sort_ro l|keys *|dbsize|type k"
	writes := "set k v|incr k|del k|getdel k|getex k|spop s|lpop l|xadd s * a b|publish c m|eval x 0|evalsha x 0|fcall f 0|blpop k 0|bzpopmin z 0|" +
		"xread block 0 streams s $|xreadgroup group g c streams s >|script load x|config set a b|client kill x|flushall|wait 1 0|nosuch x|multi|select 1|auth x|" +
		"expire k 1|hincrby h f 1|setrange k 1 x|sort l store d|copy a b|move k 1|rename a b|debug sleep 1|cluster failover|json.set k $ 1"
	for line, want := range map[string]bool{reads: true, writes: false} {
		for command1 := range strings.SplitSeq(line, "|") {
			var words [][]byte
			for word := range strings.FieldsSeq(command1) {
				words = append(words, []byte(word))
			}
			if got := onlyReads(command.Of(words), session.State{}); got != want {
				t.Errorf("%s: only reads: %v", command1, got)
			}
		}
	}
}

// T33: a new connection is what the last one was.
func TestANewConnectionIsAsTheLast(t *testing.T) {
	server := resptest.Server(t)
	server.Do("ACL", "SETUSER", "ann", "on", ">pw", "~*", "+@all", "&*")
	info := ""
	screen, p, err := talk(t, at(server.Addr), nil, "auth ann pw", "select 5", "client setname bob", "hello 3", "client no-evict on",
		"client tracking on", killing(server), "set here 1", func(p *person) {
			v, err := p.conn.Do(context.Background(), "CLIENT", "INFO")
			if err != nil {
				t.Error(err)
			}
			info = v.Text
		}, "client tracking off", "client no-evict off", "reset", killing(server), "ping", "acl whoami")
	if err != nil || !strings.HasSuffix(screen, "OK\nOK\nOK\nRESET\nPONG\n\"default\"\n") {
		t.Errorf("%v, %q", err, screen)
	}
	for _, want := range []string{" name=bob ", " db=5 ", " user=ann ", " resp=3", " flags=et "} {
		if !strings.Contains(info, want) && !strings.Contains(info, strings.Replace(want, "et", "te", 1)) {
			t.Errorf("%s is not in %s", want, info)
		}
	}
	if last := p.prompts[len(p.prompts)-1]; last != server.Addr+"> " {
		t.Errorf("last prompt %q", last)
	}
}

// What was typed inside a transaction counts when that was carried out.
func TestSettingsInsideATransaction(t *testing.T) {
	server := resptest.Shared(t)
	screen, p, err := talk(t, at(server.Addr), nil, "multi", "select 3", "client setname x", "exec", killing(server), "client getname",
		"multi", "select 4", "discard", killing(server), "ping")
	if err != nil || !strings.Contains(screen, "\"x\"\n") || p.prompts[len(p.prompts)-1] != server.Addr+"[3]> " {
		t.Errorf("%v, %q, %q", err, screen, p.prompts)
	}
}

// T41, T45: a server that is away is waited for, until it is back or Ctrl-C ends the wait.
func TestAServerThatComesBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	serve := func(answers int) (stop func()) {
		l, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				in := bufio.NewReader(conn)
				for range answers {
					if _, err := in.ReadString('G'); err != nil {
						break
					}
					in.ReadString('\n')
					conn.Write([]byte("+PONG\r\n"))
				}
				conn.Close()
			}
		}()
		return func() { l.Close() }
	}
	stop := serve(1)
	back := make(chan func(), 1)
	dials, interrupts := 0, make(chan struct{}, 1)
	var last *pipeclient.Conn
	connect := func(ctx context.Context, cfg pipeclient.Config) (*pipeclient.Conn, error) {
		conn, err := pipeclient.Dial(ctx, cfg)
		if err == nil {
			last = conn
		}
		if dials++; err != nil && dials == 4 {
			back <- serve(1)
		}
		if err != nil && dials > 6 {
			interrupts <- struct{}{}
		}
		return conn, err
	}
	server := pipeclient.Config{Network: "unix", Addr: path, Timeout: time.Minute}
	p := &person{screen: newLocked(), lines: []any{"PING", func(*person) { stop(); <-last.Over() }, "PING",
		func(*person) { (<-back)(); <-last.Over() }, "PING", "PING"}}
	err := Run(context.Background(), Config{Server: server, Editor: p, Connect: connect, Interrupts: interrupts,
		Explain: func(err error) string { return "! " + err.Error() }})
	screen := p.screen.(*locked).String()
	if err != nil || strings.Count(screen, "PONG\n") != 2 || !strings.Contains(screen, "(interrupted) not sent\n") {
		t.Errorf("%v, %d dials, %q, %q", err, dials, screen, p.prompts)
	}
}

// T43: what is refused because the server is loading is sent again, for it was not carried out.
func TestALoadingServerIsWaitedFor(t *testing.T) {
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		for range 2 {
			c.Expect("incr", "n").Reply("-LOADING Redis is loading the dataset in memory\r\n")
		}
		c.Expect("incr", "n").Reply(":1\r\n")
	})
	screen, _, err := talk(t, at(peer.Addr), nil, "incr n")
	if want := "the server is loading its data; waiting for it (Ctrl-C gives up)\n(integer) 1\n"; err != nil || screen != want {
		t.Errorf("%v, %q", err, screen)
	}
}

// T46: QUIT and SHUTDOWN are no losses, and a refused SHUTDOWN is an error like any other.
func TestLeavingTheServer(t *testing.T) {
	server := resptest.Server(t)
	screen, p, err := talk(t, at(server.Addr), nil, "3 quit", "ping", "shutdown abort", "shutdown nosave", reply("y"))
	want := "OK\nPONG\n(error) ERR No shutdown in progress.\n"
	if err != nil || screen != want || p.prompts[len(p.prompts)-1] != "not connected> " {
		t.Errorf("%v, %q, %q", err, screen, p.prompts)
	}
}

// T42: a server that is another one than before says so.
func TestAnotherServer(t *testing.T) {
	server := resptest.Server(t)
	scout := NewScout()
	screen, p, err := talkWith(t, Config{Server: at(server.Addr), Scout: scout}, "ping", func(p *person) { <-p.changed }, "ping", func(p *person) {
		conn := p.conn
		server.Stop(syscall.SIGKILL)
		<-conn.Over()
		server.Restart()
	}, "ping", func(p *person) {
		server.Do("REPLICAOF", "127.0.0.1", "1")
		killing(server)(p)
	}, "set a 1")
	restarted := "the server has been restarted, or is another one, since the last connection\nPONG\n"
	if err != nil || !strings.Contains(screen, restarted) || !strings.HasSuffix(screen, "(error) READONLY You can't write against a read only replica.\n") {
		t.Errorf("%v, %q", err, screen)
	}
	told := strings.Contains(screen, "this server is a replica now, and was a master\n")
	if seen := len(p.changed) > 0; !told && !seen { // the scout may have found out before, for the prompt
		t.Errorf("%q, %q", screen, p.prompts)
	}
	if last := p.prompts[len(p.prompts)-1]; last != server.Addr+"(replica)> " {
		t.Errorf("prompts %q", p.prompts)
	}
}

// A connection that is lost while it is made what the last one was leaves nothing out: the next begins
// with all of it again.
func TestLostWhileSubscribingAgain(t *testing.T) {
	confirm := func(c *resptest.PeerConn) {
		c.Expect("SUBSCRIBE", "a").Reply("*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n")
	}
	again := make(chan struct{})
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		switch c.N {
		case 0:
			c.Expect("subscribe", "a").Reply("*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n")
		case 1:
			c.Expect("SUBSCRIBE", "a")
		case 2:
			confirm(c)
			close(again)
			c.Hold()
		}
	})
	screen, p, err := talk(t, at(peer.Addr), nil, "subscribe a", func(p *person) {
		p.until(t, "subscribed again to a;")
		<-again
	})
	if err != nil || peer.Conns() != 3 {
		t.Errorf("%v, %q, %d connections, prompts %q", err, screen, peer.Conns(), p.prompts)
	}
}

// The same where the person has finished a line meanwhile.
func TestALineWhileSubscribingAgain(t *testing.T) {
	asked := make(chan struct{})
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		switch c.N {
		case 0:
			c.Expect("subscribe", "a").Reply("*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n")
		case 1:
			c.Expect("SUBSCRIBE", "a")
			close(asked)
			c.ExpectEnd()
		case 2:
			c.Expect("SUBSCRIBE", "a").Reply("*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n")
			c.Expect("ping").Reply("*2\r\n$4\r\npong\r\n$0\r\n\r\n").ExpectEnd()
		}
	})
	screen, p, err := talk(t, at(peer.Addr), nil, "subscribe a", func(*person) { <-asked }, "ping")
	if err != nil || peer.Conns() != 3 || !strings.Contains(screen, "subscribed again to a;") {
		t.Errorf("%v, %q, %d connections, prompts %q", err, screen, peer.Conns(), p.prompts)
	}
}

// AUTH that mends a refused connection brings back the rest of it: database, protocol, subscriptions.
// Until then nothing is sent as somebody else.
func TestAUTHMendsAllOfAConnection(t *testing.T) {
	server := resptest.Server(t)
	server.Do("ACL", "SETUSER", "ann", "on", ">pw", "~*", "+@all", "&*")
	refused := "! AUTH failed: WRONGPASS invalid username-password pair or user is disabled.\nnot sent; AUTH or SELECT can be typed to mend it\n"
	screen, p, err := talk(t, at(server.Addr), nil, "auth ann pw", "hello 3", "select 2", "subscribe c", "client no-evict on", func(p *person) {
		conn := p.conn
		server.Do("ACL", "SETUSER", "ann", "<pw", ">new")
		server.Do("CLIENT", "KILL", "TYPE", "pubsub")
		<-conn.Over()
	}, "auth ann wrong", "set x 1", ":peek x", "auth ann new", func(p *person) {
		server.Do("PUBLISH", "c", "seen")
		p.until(t, `"seen"`)
	}, "exists x", "acl whoami")
	if err != nil || strings.Count(screen, refused) != 2 || !strings.HasSuffix(screen, "(integer) 0\n\"ann\"\n") {
		t.Errorf("%v, %q", err, screen)
	}
	got := strings.ReplaceAll(strings.Join(p.prompts[6:], ""), server.Addr, "A")
	if want := strings.Repeat("A(unauthenticated)> ", 3) + strings.Repeat("A[2](subscribed mode)> ", 3); got != want {
		t.Errorf("prompts %q, want %q", got, want)
	}
}

// What a server says when it hangs up reaches the terminal as text.
func TestLastWordsOnTheTerminal(t *testing.T) {
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Next()
		c.Reply("-ERR max number of clients \x1b]0;owned\x07\r\n")
	})
	screen, _, err := talk(t, at(peer.Addr), nil, "incr n", "subscribe a")
	if err != nil || !strings.Contains(screen, "max number of clients") || strings.ContainsAny(screen, "\x1b\x07") {
		t.Errorf("%v, %q", err, screen)
	}
}

package bulk

import (
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"easycli/internal/resptest"
)

func waitFor(c Confirmation) func(*Config) {
	return func(cfg *Config) { cfg.Confirm = []Confirmation{c} }
}

func TestALoadWaitsForReplicas(t *testing.T) { // T144
	master := resptest.Server(t, "--repl-diskless-sync-delay", "0")
	in := "SET a 1\nLPUSH a x\nSET b 2\n"

	o := loadText(t, master, in, waitFor(Confirmation{Replicas: 1, Within: 20 * time.Millisecond}))
	var e *NotConfirmedError
	if !errors.As(o.end, &e) || e.Got != 0 || o.Replies != 3 || o.Errors != 1 || master.Do("GET", "b") != "2" {
		t.Fatalf("no replica: %+v", o)
	}
	for _, want := range []string{
		"easycli: to be confirmed at the end; at the moment 0 of 1 replicas have it\n",
		"easycli: not confirmed within 20 ms: 0 of 1 replicas have it\n",
	} {
		if !strings.Contains(o.err, want) {
			t.Errorf("no %q in %s", want, o.err)
		}
	}
	if strings.Contains(o.err, "not sent") || !strings.HasSuffix(o.out, "Last reply received from server.\nerrors: 1, replies: 3\n") {
		t.Errorf("%s\n%s", o.out, o.err)
	}

	host, port, _ := net.SplitHostPort(master.Addr)
	replica := resptest.Server(t, "--replicaof", host+" "+port)
	await(t, func() bool { return strings.Contains(replica.Do("INFO", "replication"), "master_link_status:up") })
	for _, within := range []time.Duration{0, 20 * time.Second} {
		o = loadText(t, master, "SET c 3\n", waitFor(Confirmation{Replicas: 1, Within: within}))
		if o.end != nil || o.err != "" || replica.Do("GET", "c") != "3" {
			t.Fatalf("%+v", o)
		}
		replica.Do("PING")
	}
	if o = loadText(t, master, in, waitFor(Confirmation{Replicas: 1, Within: 20 * time.Second})); !errors.Is(o.end, ErrCommands) {
		t.Errorf("with failed commands: %v", o.end)
	}
	o = loadText(t, replica, "GET c\n", waitFor(Confirmation{Replicas: 1}))
	if !errors.As(o.end, &e) || e.Refused == "" || o.Sent != 0 || !strings.Contains(o.err, "WAIT cannot be used with replica") {
		t.Errorf("asked of a replica: %+v", o)
	}

	// A replica that hangs: what it had before does not count, an interrupt ends the waiting, and the
	// pieces in which it is asked do not add up to a silent server.
	replica.Signal(syscall.SIGSTOP)
	defer replica.Signal(syscall.SIGCONT)
	o = loadText(t, master, "SET d 4\n", waitFor(Confirmation{Replicas: 1, Within: 300 * time.Millisecond}),
		func(c *Config) { c.Client.Timeout = 100 * time.Millisecond })
	if !errors.As(o.end, &e) || e.Got != 0 || o.Replies != 1 {
		t.Errorf("a replica that hangs: %+v", o)
	}
	stop := make(chan struct{})
	go func() {
		for master.Do("GET", "e") != "5" {
			time.Sleep(time.Millisecond)
		}
		close(stop)
	}()
	o = loadText(t, master, "SET e 5\n", waitFor(Confirmation{Replicas: 1}), func(c *Config) { c.Interrupt = stop })
	if !errors.Is(o.end, ErrInterrupted) || o.Replies != 1 {
		t.Errorf("interrupted: %+v", o)
	}
}

func TestALoadWaitsForTheDisk(t *testing.T) { // T144
	both := Confirmation{Disk: true, Local: 1, Replicas: 2, Within: 20 * time.Second}
	old := resptest.Shared(t)
	old.Do("DEL", "unsaved")
	o := loadText(t, old, "SET unsaved 1\n", waitFor(both))
	var e *NotConfirmedError
	if !errors.As(o.end, &e) || !strings.Contains(e.Refused, "unknown command") || o.Sent != 0 || old.Do("EXISTS", "unsaved") != "0" ||
		!strings.Contains(o.err, "\neasycli: servers have WAITAOF since Redis 7.2") {
		t.Fatalf("a server without: %+v", o)
	}
	for name, c := range map[string]struct {
		answers []string // to WAITAOF, one after the other; the last is repeated
		within  time.Duration
		want    string // what is said, "" for success
	}{
		"confirmed":            {[]string{"*2\r\n:1\r\n:2\r\n"}, both.Within, ""},
		"by and by":            {[]string{"*2\r\n:1\r\n:2\r\n", "*2\r\n:0\r\n:0\r\n", "*2\r\n:1\r\n:0\r\n", "*2\r\n:1\r\n:3\r\n"}, both.Within, ""},
		"for ever, by and by":  {[]string{"*2\r\n:1\r\n:2\r\n", "*2\r\n:0\r\n:0\r\n", "*2\r\n:1\r\n:2\r\n"}, 0, ""},
		"not all":              {[]string{"*2\r\n:1\r\n:1\r\n"}, time.Millisecond, "not confirmed within 1 ms: on disk: 1 of 1 locally, 1 of 2 on replicas\n"},
		"without a file":       {[]string{"-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.\r\n"}, both.Within, "easycli: not confirmed: the server cannot do that: ERR WAITAOF cannot be used when"},
		"another kind":         {[]string{"+OK\r\n"}, both.Within, "easycli: not confirmed: WAITAOF is answered with another kind of reply: status\n"},
		"lost while it waited": {[]string{"*2\r\n:1\r\n:2\r\n", ""}, both.Within, "easycli: not confirmed: connection lost: server closed the connection\n"},
	} {
		peer := resptest.Peer(t, func(conn *resptest.PeerConn) {
			answers := c.answers
			for {
				if request := conn.Next(); request[0] != "WAITAOF" {
					conn.Reply("+OK\r\n")
					continue
				}
				if answers[0] == "" {
					return
				}
				conn.Reply(answers[0])
				answers = answers[min(1, len(answers)-1):]
			}
		})
		conf := both
		conf.Within = c.within
		o := loadInto(peer.Addr, strings.NewReader("SET a 1\n"), waitFor(conf))
		if c.want == "" && (o.end != nil || o.err != "") || c.want != "" && (!errors.As(o.end, &e) || !strings.Contains(o.err, c.want)) {
			t.Errorf("%s: %v\n%s", name, o.end, o.err)
		}
	}
}

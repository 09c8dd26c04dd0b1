package pipeclient

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"easycli/internal/resptest"
)

// refusal dials, runs PING where that works, and wants a ConnectError.
func refusal(t *testing.T, cfg Config) *ConnectError {
	t.Helper()
	c, err := Dial(limited(t), cfg)
	if err == nil {
		_, err = c.Do(limited(t), "PING")
		c.Close()
	}
	var refused *ConnectError
	if !errors.As(err, &refused) {
		t.Fatalf("got %v, want a ConnectError", err)
	}
	return refused
}

// T13: a server that is full is understood, whatever was being asked of it.
func TestServerIsFull(t *testing.T) {
	redis := resptest.Server(t, "--maxclients", "1")
	noLeaks(t)
	var holder *Conn
	until(t, "the only place is ours", func() bool {
		holder = dial(t, Config{Addr: redis.Addr})
		v, err := holder.Do(limited(t), "PING")
		return err == nil && v.Text == "PONG"
	})
	for name, cfg := range map[string]Config{
		"plain": {}, "RESP3": {Proto: 3}, "database": {DB: 3}, "password": {Pass: "x", HasPass: true},
		"all": {Proto: 3, DB: 3, Pass: "x", HasPass: true, Name: "bob"},
	} {
		cfg.Addr = redis.Addr
		for range 100 {
			got := refusal(t, cfg)
			if want := "ERR max number of clients reached"; got.Refused != want || got.Step != "connect" {
				t.Fatalf("%s: %+v", name, got)
			}
			if want := "could not connect to " + redis.Addr + ": ERR max number of clients reached"; got.Error() != want {
				t.Fatalf("%s: %v", name, got)
			}
		}
	}
}

// The same, on its way in pieces.
func TestServerIsFullInPieces(t *testing.T) {
	for _, text := range []string{
		"ERR max number of clients reached",
		"DENIED Redis is running in protected mode because ...",
	} {
		synctest.Test(t, func(t *testing.T) {
			peer := resptest.PipePeer(t, func(c *resptest.PeerConn) {
				c.Expect("PING").Pieces("-"+text+"\r\n", 1, 3, 1, 10)
			})
			if got := refusal(t, Config{Dial: peer.Dial}); got.Refused != text {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// An error with the same code, from a script, is a reply like any other.
func TestErrorThatLooksLikeRefusal(t *testing.T) {
	c := dial(t, Config{Addr: shared(t).Addr})
	if v := do(t, c, "EVAL", "return redis.error_reply('DENIED by a script')", "0"); v.Text != "DENIED by a script" {
		t.Errorf("got %v", v)
	}
	do(t, c, "PING")
}

func TestHandshakeRefusals(t *testing.T) {
	redis := resptest.Server(t, "--requirepass", "secret")
	noLeaks(t)
	for _, test := range []struct {
		cfg        Config
		step, text string
	}{
		{Config{Pass: "wrong", HasPass: true}, "AUTH", "WRONGPASS"},
		{Config{User: "nobody", Pass: "secret", HasPass: true}, "AUTH", "WRONGPASS"},
		{Config{Pass: "secret", HasPass: true, DB: 99}, "SELECT 99", "ERR DB index is out of range"},
		{Config{DB: 1}, "SELECT 1", "NOAUTH"},
		{Config{Proto: 3}, "HELLO 3", "NOAUTH"},
		{Config{Pass: "secret", HasPass: true, Name: "two words"}, "CLIENT SETNAME", "ERR Client names cannot"},
	} {
		test.cfg.Addr = redis.Addr
		got := refusal(t, test.cfg)
		if got.Step != test.step || !strings.HasPrefix(got.Refused, test.text) ||
			!strings.HasPrefix(got.Error(), test.step+" failed: "+test.text) {
			t.Errorf("%+v: %v", test, got)
		}
		if strings.Contains(got.Error(), "secret") {
			t.Errorf("a secret in %v", got)
		}
	}
	c := dial(t, Config{Addr: redis.Addr, User: "default", Pass: "secret", HasPass: true, DB: 2, Proto: 3})
	if info := do(t, c, "CLIENT", "INFO").Text; !strings.Contains(info, " db=2 ") {
		t.Errorf("got %q", info)
	}
}

// An old server does not know HELLO.
func TestHelloOnOldServer(t *testing.T) {
	noLeaks(t)
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Expect("HELLO", "3").Reply("-ERR unknown command `HELLO`, with args beginning with: `3`, \r\n").ExpectEnd()
	})
	got := refusal(t, Config{Addr: peer.Addr, Proto: 3})
	if got.Step != "HELLO 3" || !strings.HasPrefix(got.Refused, "ERR unknown command") {
		t.Errorf("got %+v", got)
	}
}

// T08: a step that takes too long costs the connection, and no command ever reaches it.
func TestHandshakeTimeouts(t *testing.T) {
	steps := []string{"AUTH", "SELECT 5", "HELLO 3", "CLIENT SETNAME"}
	for late := range steps {
		synctest.Test(t, func(t *testing.T) {
			peer := resptest.PipePeer(t, func(c *resptest.PeerConn) {
				c.Expect("AUTH", "pass").Expect("SELECT", "5").Expect("HELLO", "3").Expect("CLIENT", "SETNAME", "bob")
				for i := range steps {
					if i == late {
						time.Sleep(2 * time.Second)
						c.ExpectEnd() // nothing has come meanwhile
						return
					}
					c.Reply("+OK\r\n")
				}
			})
			start := time.Now()
			got := refusal(t, Config{
				Dial: peer.Dial, ConnectTimeout: time.Second,
				Pass: "pass", HasPass: true, DB: 5, Proto: 3, Name: "bob",
			})
			if got.Step != steps[late] || got.Err != ErrTimeout || time.Since(start) != time.Second {
				t.Errorf("%+v after %v", got, time.Since(start))
			}
		})
	}
}

// What a peer says unasked is not an answer to AUTH.
func TestPushIsNoAnswerToTheHandshake(t *testing.T) {
	noLeaks(t)
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Expect("AUTH", "x").Reply(">2\r\n+hello\r\n+there\r\n-WRONGPASS no\r\n").ExpectEnd()
	})
	if got := refusal(t, Config{Addr: peer.Addr, Pass: "x", HasPass: true}); got.Refused != "WRONGPASS no" {
		t.Errorf("got %+v", got)
	}
}

// A caller that stops waiting is let go in every phase, with his own reason.
func TestCancelledDial(t *testing.T) {
	reason := errors.New("the user has had enough")
	for _, phase := range []string{"dial", "TLS", "handshake"} {
		synctest.Test(t, func(t *testing.T) {
			peer := resptest.PipePeer(t, func(c *resptest.PeerConn) { c.Swallow() })
			cfg := Config{Dial: peer.Dial}
			switch phase {
			case "dial":
				cfg.Dial = func(ctx context.Context) (net.Conn, error) {
					<-ctx.Done()
					return nil, ctx.Err()
				}
			case "TLS":
				cfg.TLS = &tls.Config{ServerName: "x"}
			case "handshake":
				cfg.Proto = 3
			}
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { cancel(reason) })
			start := time.Now()
			_, err := Dial(ctx, cfg)
			var failed *ConnectError
			if !errors.As(err, &failed) || !errors.Is(err, reason) || time.Since(start) != time.Second {
				t.Errorf("%s: %v after %v", phase, err, time.Since(start))
			}
		})
	}
}

func TestDialErrors(t *testing.T) {
	noLeaks(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	for _, test := range []struct {
		cfg  Config
		want string
	}{
		{Config{Addr: l.Addr().String()}, "could not connect to " + l.Addr().String() + ": connection refused"},
		{Config{Network: "unix", Addr: "/nowhere/at/all"}, "could not connect to /nowhere/at/all: no such file or directory"},
	} {
		if _, err := Dial(limited(t), test.cfg); err == nil || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}

func TestUnixSocket(t *testing.T) {
	redis := resptest.Server(t)
	noLeaks(t)
	c := dial(t, Config{Network: "unix", Addr: redis.Socket})
	if answered, failed := echoes(t, c.Do, 8, 100, nil); answered != 800 || failed != 0 {
		t.Errorf("%d answered, %d failed", answered, failed)
	}
}

func TestTLS(t *testing.T) {
	redis := resptest.TLSServer(t, nil)
	wrong := resptest.TLSServer(t, []string{"elsewhere.example"})
	noLeaks(t)
	trust := func(r *resptest.Redis) *tls.Config { return &tls.Config{RootCAs: r.CA.Pool} }

	c := dial(t, Config{Addr: redis.TLSAddr, TLS: trust(redis), Proto: 3})
	if answered, failed := echoes(t, c.Do, 16, 100, nil); answered != 1600 || failed != 0 {
		t.Errorf("%d answered, %d failed", answered, failed)
	}
	big := strings.Repeat("x", 2<<20)
	if v := do(t, c, "ECHO", big); v.Text != big {
		t.Errorf("ECHO of %d bytes came back with %d", len(big), len(v.Text))
	}
	redis.Do("CLIENT", "KILL", "TYPE", "normal")
	await(t, "the end", c.Over())
	if err := c.Err(); !errors.Is(err, ErrServerClosed) && !strings.Contains(err.Error(), "reset") {
		t.Errorf("killed: %v", err)
	}

	for _, test := range []struct {
		what string
		cfg  Config
		want string
	}{
		{"wrong name", Config{Addr: wrong.TLSAddr, TLS: trust(wrong)}, "certificate"},
		{"nobody vouches", Config{Addr: redis.TLSAddr, TLS: &tls.Config{}}, "unknown authority"},
		{"plain port", Config{Addr: redis.Addr, TLS: trust(redis), ConnectTimeout: 300 * time.Millisecond}, "speak TLS"},
	} {
		got := refusal(t, test.cfg)
		if got.Step != "TLS" || !strings.Contains(got.Error(), test.want) ||
			!strings.HasPrefix(got.Error(), "could not connect to "+test.cfg.Addr+": ") {
			t.Errorf("%s: %+v", test.what, got)
		}
	}
	// Names can be told, and checks turned off.
	for _, tc := range []*tls.Config{
		{RootCAs: wrong.CA.Pool, ServerName: "elsewhere.example"}, {InsecureSkipVerify: true},
	} {
		do(t, dial(t, Config{Addr: wrong.TLSAddr, TLS: tc}), "PING")
	}
	// The other way round: a plain client on a TLS port.
	if _, err := dial(t, Config{Addr: redis.TLSAddr}).Do(limited(t), "PING"); !settled(err) {
		t.Errorf("plain on a TLS port: %v", err)
	}
}

// A cut TLS connection does not pretend that half a record was a request.
func TestTLSCut(t *testing.T) {
	redis := resptest.TLSServer(t, nil)
	noLeaks(t)
	for _, at := range []int64{700, 1500, 5000} {
		proxy := resptest.Proxy(t, redis.TLSAddr, func(int) resptest.Plan {
			return resptest.Plan{Up: resptest.Lane{Then: resptest.RST, At: at}}
		})
		c, err := Dial(limited(t), Config{Addr: proxy.Addr, TLS: &tls.Config{RootCAs: redis.CA.Pool}})
		if err != nil {
			continue // cut in the handshake
		}
		t.Cleanup(func() { c.Close() })
		answered := 0
		for i := range 1000 {
			key := fmt.Sprint(at, ":", i)
			_, err := c.Do(limited(t), "INCR", key)
			if err == nil {
				answered++
				continue
			}
			if got := redis.Do("GET", key); errors.Is(err, ErrNotSent) && got != "(nil)" || !settled(err) {
				t.Errorf("%v, but the server has %q", err, got)
			}
		}
		if answered == 1000 || redis.Do("EXISTS", fmt.Sprint(at, ":", answered+1)) != "0" {
			t.Errorf("%d answered", answered)
		}
	}
}

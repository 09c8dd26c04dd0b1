package pipeclient

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"easycli/internal/resptest"
)

// during runs fault again and again, at random moments of the load, until the load ends.
func during(least, most time.Duration, fault func(), load func(stop <-chan struct{})) {
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { load(stop) })
	for end := time.Now().Add(soak(1500*time.Millisecond, 30*time.Second)); time.Now().Before(end); {
		time.Sleep(least + time.Duration(rand.Int64N(int64(most-least)+1)))
		fault()
	}
	close(stop)
	wg.Wait()
}

const endless = 1 << 40

// T02: the network cuts the connection again and again.
func TestClientUnderCuts(t *testing.T) {
	redis := shared(t)
	proxy := resptest.Proxy(t, redis.Addr, func(n int) resptest.Plan {
		return resptest.Plan{Down: resptest.Lane{Split: 1460, Seed: uint64(n)}}
	})
	cl := client(t, ClientConfig{Config: Config{Addr: proxy.Addr}})
	during(20*time.Millisecond, 80*time.Millisecond, func() { proxy.CutAll(rand.IntN(2) == 0) },
		func(stop <-chan struct{}) {
			answered, failed := echoes(t, cl.Do, 16, endless, stop)
			if answered < 100 || proxy.Conns.Load() < 5 {
				t.Errorf("%d answered, %d failed, on %d connections", answered, failed, proxy.Conns.Load())
			}
		})
}

// T20: the server kills the connection again and again.
func TestClientKilledByTheServer(t *testing.T) {
	redis := resptest.Server(t)
	noLeaks(t)
	cl := client(t, ClientConfig{Config: Config{Addr: redis.Addr}})
	during(50*time.Millisecond, 50*time.Millisecond,
		func() { redis.Do("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes") },
		func(stop <-chan struct{}) {
			answered, failed := echoes(t, cl.Do, 16, endless, stop)
			if answered < 100 || failed == 0 {
				t.Errorf("%d answered, %d failed", answered, failed)
			}
		})
}

// T06: the connection is lost while a hundred callers wait for a place in its window.
func TestRequestsBelongToTheirConnection(t *testing.T) {
	noLeaks(t)
	var mu sync.Mutex
	var seen [][]string // words that reached each connection
	cut := make(chan struct{})
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Expect("PING").Reply("+PONG\r\n")
		mu.Lock()
		seen = append(seen, nil)
		mu.Unlock()
		for {
			words := c.Next()
			mu.Lock()
			seen[c.N] = append(seen[c.N], words[1])
			mu.Unlock()
			if c.N == 0 {
				c.Wait(cut)
				return
			}
			c.Reply(resptest.Bulk(words[1]))
		}
	})
	cl := client(t, ClientConfig{Config: Config{Addr: peer.Addr, Window: 1}})
	var wg sync.WaitGroup
	var doubtful []string
	for i := range 100 {
		wg.Go(func() {
			want := fmt.Sprint("caller:", i)
			v, err := cl.Do(limited(t), "ECHO", want)
			switch {
			case errors.Is(err, ErrInDoubt):
				mu.Lock()
				doubtful = append(doubtful, want)
				mu.Unlock()
			case err != nil || v.Text != want:
				t.Errorf("%s: %v, %v", want, v, err)
			}
		})
	}
	until(t, "all callers wait", func() bool {
		c := cl.conn.Load()
		if c == nil {
			return false
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		return len(c.waiting) == 99
	})
	close(cut)
	wg.Wait()
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(seen[0], doubtful) || len(doubtful) != 1 {
		t.Errorf("in doubt %q, but the first connection got %q", doubtful, seen[0])
	}
	if slices.Contains(seen[1], doubtful[0]) || len(seen[1]) != 99 {
		t.Errorf("the second connection got %d requests", len(seen[1]))
	}
}

// T09: after a reply too many the next command is right, on a new connection.
func TestClientAfterOneReplyTooMany(t *testing.T) {
	noLeaks(t)
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Expect("PING").Reply("+PONG\r\n")
		if c.N == 0 {
			c.Next()
			c.Reply("+first\r\n+too many\r\n").ExpectEnd()
			return
		}
		echoPeer(c)
	})
	cl := client(t, ClientConfig{Config: Config{Addr: peer.Addr}})
	if v, err := cl.Do(limited(t), "ECHO", "first"); err != nil || v.Text != "first" {
		t.Fatal(v, err)
	}
	c := cl.conn.Load()
	if c != nil {
		await(t, "the end of the connection", c.Over())
	}
	if v, err := cl.Do(limited(t), "ECHO", "second"); err != nil || v.Text != "second" {
		t.Error(v, err)
	}
}

// T19: the server's host has forgotten the connection.
func TestClientAfterReset(t *testing.T) {
	noLeaks(t)
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Expect("PING").Reply("+PONG\r\n")
		if c.N == 0 {
			c.Next()
			c.Reset()
		}
		echoPeer(c)
	})
	cl := client(t, ClientConfig{Config: Config{Addr: peer.Addr}})
	if _, err := cl.Do(limited(t), "ECHO", "x"); !errors.Is(err, ErrInDoubt) ||
		!strings.Contains(err.Error(), "connection reset") {
		t.Errorf("got %v", err)
	}
	if v, err := cl.Do(limited(t), "ECHO", "y"); err != nil || v.Text != "y" {
		t.Error(v, err)
	}
}

// T17: a stopped server is noticed, and what it says late is never shown.
func TestClientAfterStoppedServer(t *testing.T) {
	redis := resptest.Server(t)
	noLeaks(t)
	cl := client(t, ClientConfig{Config: Config{Addr: redis.Addr, Timeout: soak(300*time.Millisecond, 2*time.Second)}})
	cl.Do(limited(t), "ECHO", "before")
	redis.Signal(syscall.SIGSTOP)
	_, err := cl.Do(limited(t), "ECHO", "late")
	redis.Signal(syscall.SIGCONT)
	if !errors.Is(err, ErrInDoubt) || !errors.Is(err, ErrTimeout) {
		t.Errorf("while it was stopped: %v", err)
	}
	if v, err := cl.Do(limited(t), "ECHO", "after"); err != nil || v.Text != "after" {
		t.Error(v, err)
	}
}

// T18: so is a network that swallows everything.
func TestClientAfterBlackHole(t *testing.T) {
	redis := shared(t)
	proxy := resptest.Proxy(t, redis.Addr, nil)
	cl := client(t, ClientConfig{Config: Config{Addr: proxy.Addr, Timeout: 300 * time.Millisecond}})
	cl.Do(limited(t), "ECHO", "before")
	proxy.Stall()
	_, err := cl.Do(limited(t), "ECHO", "late")
	proxy.Resume()
	if !errors.Is(err, ErrInDoubt) || !errors.Is(err, ErrTimeout) {
		t.Errorf("in the black hole: %v", err)
	}
	if v, err := cl.Do(limited(t), "ECHO", "after"); err != nil || v.Text != "after" {
		t.Error(v, err)
	}
}

// A server that is away keeps its callers waiting, as long as they like.
func TestClientWaitsForItsServer(t *testing.T) {
	redis := resptest.Server(t)
	noLeaks(t)
	cl := client(t, ClientConfig{Config: Config{Addr: redis.Addr}})
	cl.Do(limited(t), "PING")
	conn := cl.conn.Load()
	redis.Stop(syscall.SIGTERM)
	<-conn.Over() // until it is noticed, a request could be written and be in doubt
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	_, err := cl.Do(ctx, "PING")
	if !errors.Is(err, ErrNotSent) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while it was away: %v", err)
	}
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if v, err := cl.Do(limited(t), "ECHO", "back"); err != nil || v.Text != "back" {
				t.Error(v, err)
			}
		})
	}
	redis.Restart()
	wg.Wait()
}

// A server that refuses the handshake is not asked in vain: everybody is told.
func TestClientIsRefused(t *testing.T) {
	redis := shared(t)
	cl := client(t, ClientConfig{Config: Config{Addr: redis.Addr, DB: 99}})
	for range 2 {
		var refused *ConnectError
		_, err := cl.Do(limited(t), "PING")
		if !errors.As(err, &refused) || refused.Step != "SELECT 99" || refused.Refused != "ERR DB index is out of range" {
			t.Errorf("got %v", err)
		}
	}
}

func TestClientClose(t *testing.T) {
	redis := shared(t)
	for _, when := range []string{"before use", "in use", "while connecting"} {
		for range soak(20, 2000) {
			cfg := Config{Addr: redis.Addr}
			if when == "while connecting" {
				cfg.Dial = func(ctx context.Context) (net.Conn, error) {
					<-ctx.Done()
					return nil, ctx.Err()
				}
			}
			cl := NewClient(ClientConfig{Config: cfg})
			var wg sync.WaitGroup
			if when != "before use" {
				for range 20 {
					wg.Go(func() {
						for {
							if _, err := cl.Do(limited(t), "PING"); err != nil {
								if !settled(err) || !errors.Is(err, ErrClosed) {
									t.Error(err)
								}
								return
							}
						}
					})
				}
				runtime.Gosched()
			}
			wg.Go(func() { cl.Close() })
			cl.Close()
			if _, err := cl.Do(limited(t), "PING"); !errors.Is(err, ErrNotSent) || !errors.Is(err, ErrClosed) {
				t.Errorf("after Close: %v", err)
			}
			wg.Wait()
		}
	}
}

// T27: a silent connection is asked whether it lives, at exact times.
func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		pings := make(chan time.Duration, 9)
		peer := resptest.PipePeer(t, func(c *resptest.PeerConn) {
			ping := func() *resptest.PeerConn {
				c.Expect("PING")
				pings <- time.Since(start)
				return c
			}
			ping().Reply("+PONG\r\n") // the client makes sure of its connection
			ping().Reply("+PONG\r\n")
			c.Expect("ECHO", "x").Reply("+x\r\n")
			ping().Reply("+PONG\r\n")
			ping().ExpectEnd()
		})
		cl := NewClient(ClientConfig{
			Config: Config{Dial: peer.Dial, Timeout: 7 * time.Second}, Heartbeat: 5 * time.Second,
		})
		defer cl.Close()
		c, err := cl.connection(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(6 * time.Second)
		if _, err := cl.Do(t.Context(), "ECHO", "x"); err != nil {
			t.Fatal(err)
		}
		<-c.Over()
		for _, want := range []time.Duration{0, 5, 11, 16} {
			if got := <-pings; got != want*time.Second {
				t.Errorf("PING after %v, want %ds", got, want)
			}
		}
		if got, want := time.Since(start), 23*time.Second; got != want || !errors.Is(c.Err(), ErrTimeout) {
			t.Errorf("ended after %v, want %v: %v", got, want, c.Err())
		}
	})
}

// T27, T41: a server that is away is asked less and less often, and only for somebody.
func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dials []time.Time
		cl := NewClient(ClientConfig{Config: Config{Dial: func(context.Context) (net.Conn, error) {
			dials = append(dials, time.Now())
			return nil, errors.New("nobody there")
		}}})
		defer cl.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		start := time.Now()
		_, err := cl.Do(ctx, "PING")
		if got := time.Since(start); got != time.Hour {
			t.Errorf("waited %v", got)
		}
		if !errors.Is(err, ErrNotSent) || !errors.Is(err, context.DeadlineExceeded) ||
			!strings.Contains(err.Error(), "nobody there") {
			t.Errorf("got %v", err)
		}
		ceiling, late, total := backoffFirst, 0, time.Duration(0)
		for i := 1; i < len(dials); i++ {
			gap := dials[i].Sub(dials[i-1])
			if gap >= ceiling {
				t.Errorf("dial %d came %v after the one before, want less than %v", i, gap, ceiling)
			}
			if ceiling == backoffLast {
				late, total = late+1, total+gap
			}
			ceiling = min(2*ceiling, backoffLast)
		}
		// 5 s of full jitter are 2.5 s on average: 1440 dials an hour, and not nearly the same gaps.
		if mean := total / time.Duration(late); mean < 2*time.Second || mean > 3*time.Second {
			t.Errorf("%v on average between dials", mean)
		}
		before := len(dials)
		time.Sleep(time.Hour)
		if len(dials) > before+1 {
			t.Errorf("%d dials for nobody", len(dials)-before)
		}
	})
}

// A server that accepts and hangs up is not asked in a tight loop either.
func TestBackoffWhenTheServerHangsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		peer := resptest.PipePeer(t, func(c *resptest.PeerConn) {
			c.Expect("PING").Reply("-ERR max number of clients reached\r\n")
		})
		cl := NewClient(ClientConfig{Config: Config{Dial: peer.Dial}})
		defer cl.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var refused *ConnectError
		if _, err := cl.Do(ctx, "PING"); !errors.Is(err, ErrNotSent) || !errors.As(err, &refused) ||
			!strings.Contains(refused.Refused, "max number of clients") {
			t.Errorf("got %v", err)
		}
		if got := peer.Conns(); got < 10 || got > 100 {
			t.Errorf("%d connections in a minute", got)
		}
	})
}

package pipeclient

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"easycli/internal/resp"
	"easycli/internal/resptest"
)

// T01: many callers, and a network that tears everything into small pieces.
func TestRepliesReachTheirRequests(t *testing.T) {
	redis := shared(t)
	proxy := resptest.Proxy(t, redis.Addr, func(int) resptest.Plan {
		return resptest.Plan{Up: resptest.Lane{Split: 1460, Seed: 1}, Down: resptest.Lane{Split: 1460, Seed: 2}}
	})
	c := dial(t, Config{Addr: proxy.Addr})
	n := soak(300, 20_000)
	if answered, failed := echoes(t, c.Do, 64, n, nil); answered != 64*n || failed != 0 {
		t.Errorf("%d own replies of %d, %d errors", answered, 64*n, failed)
	}
}

func TestDoReturnsWhatTheServerSays(t *testing.T) {
	redis := shared(t)
	c := dial(t, Config{Addr: redis.Addr, DB: 3, Proto: 3, Name: "bob"})
	if v := do(t, c, "SET", "k", "a\r\nb"); v.Kind != resp.Status || v.Text != "OK" {
		t.Errorf("SET: %v", v)
	}
	if v := do(t, c, "LPUSH", "k", "x"); !v.IsError() || !strings.HasPrefix(v.Text, "WRONGTYPE") {
		t.Errorf("LPUSH: %v", v)
	}
	info := do(t, c, "CLIENT", "INFO").Text
	for _, want := range []string{" db=3 ", " name=bob ", " resp=3"} {
		if !strings.Contains(info, want) {
			t.Errorf("no %q in %q", want, info)
		}
	}
	if got, want := c.RemoteAddr().String(), redis.Addr; got != want {
		t.Errorf("remote address %s, want %s", got, want)
	}
	big := strings.Repeat("x", 3<<20)
	if v := do(t, c, "ECHO", big); v.Text != big {
		t.Errorf("ECHO of %d bytes came back with %d", len(big), len(v.Text))
	}
}

func TestEmptyCommandIsRefused(t *testing.T) {
	c := dial(t, Config{Addr: shared(t).Addr})
	if _, err := c.Do(limited(t)); !errors.Is(err, ErrNotSent) {
		t.Errorf("got %v", err)
	}
	if got := c.InFlight(); got != 0 {
		t.Errorf("%d in flight", got)
	}
}

// T12: what the server says before it hangs up belongs to the request it is about.
func TestErrorBeforeTheEndBelongsToItsRequest(t *testing.T) {
	c := dial(t, Config{Addr: shared(t).Addr})
	sent := make(chan struct{})
	first := &outcome{want: 1, done: make(chan struct{}), each: func(*resp.Reader) { <-sent }}
	sendTo(t, c, resptest.Command("PING"), first)
	bad := send(t, c, 1, "*1\r\n:5\r\n")
	after := send(t, c, 1, resptest.Command("PING"))
	close(sent)
	for _, o := range []*outcome{first, bad, after} {
		await(t, "the request's end", o.done)
	}
	if first.text() != "+PONG\r\n" || !strings.HasPrefix(bad.text(), "-ERR Protocol error") {
		t.Errorf("got %q, %q", first.text(), bad.text())
	}
	if after.lost == nil || !settled(after.lost) {
		t.Errorf("after it: %q, %v", after.text(), after.lost)
	}
}

// T03: the stream of replies is cut after every byte there is.
func TestCutInTheReplies(t *testing.T) {
	noLeaks(t)
	replies := []string{"$3\r\nabc\r\n", "*2\r\n:1\r\n$-1\r\n", "+OK\r\n"}
	wire := strings.Join(replies, "")
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		for range replies {
			c.Next()
		}
		c.Reply(wire[:c.N])
	})
	for k := range len(wire) + 1 {
		c := dial(t, Config{Addr: peer.Addr})
		var outcomes []*outcome
		for range replies {
			outcomes = append(outcomes, send(t, c, 1, resptest.Command("GET", "k")))
		}
		await(t, "the connection's end", c.Over())
		end := 0
		for i, o := range outcomes {
			end += len(replies[i])
			whole := end <= k
			if whole && (o.lost != nil || o.text() != replies[i]) {
				t.Errorf("cut at %d: reply %d: %q, %v", k, i, o.text(), o.lost)
			}
			if !whole && (len(o.got) > 0 || !errors.Is(o.lost, ErrInDoubt) ||
				!errors.Is(o.lost, ErrServerClosed) || o.lost.Written != int64(len(resptest.Command("GET", "k")))) {
				t.Errorf("cut at %d: reply %d: %q, %+v", k, i, o.text(), o.lost)
			}
		}
	}
}

// T04: the stream of requests is cut around every boundary.
func TestCutInTheRequests(t *testing.T) {
	redis := shared(t)
	keys := soak(40, 200)
	key := func(k, i int) string { return fmt.Sprintf("%06d:%04d", k, i) }
	size := len(resptest.Command("INCR", key(0, 0)))
	check := dial(t, Config{Addr: redis.Addr})
	for i := range keys {
		for _, off := range []int{-1, 0, 1} {
			at := i*size + off
			if at <= 0 {
				continue
			}
			cutAt(t, redis, check, at, keys, key)
		}
	}
}

func cutAt(t *testing.T, redis *resptest.Redis, check *Conn, at, keys int, key func(k, i int) string) {
	t.Helper()
	proxy := resptest.Proxy(t, redis.Addr, func(int) resptest.Plan {
		return resptest.Plan{Up: resptest.Lane{Then: resptest.FIN, At: int64(at)}}
	})
	defer proxy.Close()
	c := dial(t, Config{Addr: proxy.Addr})
	outcomes := make([]error, keys)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			v, err := c.Do(limited(t), "INCR", key(at, i))
			if err == nil && v.Int != 1 {
				t.Errorf("cut at %d, request %d: %v", at, i, v)
			}
			outcomes[i] = err
		})
	}
	wg.Wait()
	// The server may still be busy with what it got: a command of ours comes after it.
	until(t, "the server has let go of the connection", func() bool {
		return !strings.Contains(do(t, check, "CLIENT", "LIST").Text, "cmd=incr")
	})
	for i := range keys {
		n := do(t, check, "GET", key(at, i)).Text
		err := outcomes[i]
		if n != "" && n != "1" || err == nil && n != "1" || errors.Is(err, ErrNotSent) && n != "" ||
			err != nil && !settled(err) {
			t.Errorf("cut at %d, request %d: %v, and the server has %q", at, i, err, n)
		}
	}
}

// T09: a reply that nobody asked for ends the connection.
func TestOneReplyTooMany(t *testing.T) {
	noLeaks(t)
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Expect("PING").Reply("+PONG\r\n")
		if c.N == 0 {
			c.Reply("-ERR upstream failure\r\n").ExpectEnd()
		}
		c.Swallow()
	})
	c := dial(t, Config{Addr: peer.Addr})
	do(t, c, "PING")
	await(t, "the connection's end", c.Over())
	if err := c.Err(); !errors.Is(err, ErrUnsolicited) || !strings.Contains(err.Error(), "upstream failure") {
		t.Errorf("got %v", err)
	}
	if _, err := c.Do(limited(t), "PING"); !errors.Is(err, ErrNotSent) || !errors.Is(err, ErrUnsolicited) {
		t.Errorf("after it: %v", err)
	}
	if v := do(t, dial(t, Config{Addr: peer.Addr}), "PING"); v.Text != "PONG" {
		t.Errorf("on a new connection: %v", v)
	}
}

// T21: a server that pauses is waited for, and nothing changes places.
func TestPausedServer(t *testing.T) {
	redis := resptest.Server(t)
	noLeaks(t)
	c := dial(t, Config{Addr: redis.Addr, Timeout: patience})
	redis.Do("CLIENT", "PAUSE", soak("300", "3000"), "ALL")
	var wire strings.Builder
	var want strings.Builder
	for i := range 1000 {
		wire.WriteString(resptest.Command("ECHO", fmt.Sprint(i)))
		want.WriteString(resptest.Bulk(fmt.Sprint(i)))
	}
	o := send(t, c, 1000, wire.String())
	await(t, "the replies", o.done)
	if o.text() != want.String() || o.lost != nil {
		t.Errorf("%d replies, %v", len(o.got), o.lost)
	}
}

// T23: Close at any moment, twice, from two sides.
func TestCloseWithRequestsOnTheirWay(t *testing.T) {
	redis := shared(t)
	for range soak(50, 10_000) {
		c := dial(t, Config{Addr: redis.Addr, Window: 500})
		var wg sync.WaitGroup
		for range 1000 {
			wg.Go(func() {
				if _, err := c.Do(limited(t), "PING"); err != nil && (!settled(err) || !errors.Is(err, ErrClosed)) {
					t.Error(err)
				}
			})
		}
		wg.Go(func() { c.Close() })
		c.Close()
		if err := c.Send(limited(t), []byte("x"), 1, &outcome{}); !errors.Is(err, ErrNotSent) || !errors.Is(err, ErrClosed) {
			t.Errorf("Send after Close: %v", err)
		}
		if err := c.Continue(limited(t), []byte("x")); !errors.Is(err, ErrClosed) {
			t.Errorf("Continue after Close: %v", err)
		}
		if _, _, err := c.Hijack(); !errors.Is(err, ErrClosed) {
			t.Errorf("Hijack after Close: %v", err)
		}
		if err := c.Drain(limited(t)); err != nil {
			t.Errorf("Drain after Close: %v", err)
		}
		wg.Wait()
	}
}

// T24: what waits costs memory for its bytes, not goroutines.
func TestManyInFlight(t *testing.T) {
	noLeaks(t)
	peer := resptest.Peer(t, func(c *resptest.PeerConn) { pongs(c).Swallow() })
	c := dial(t, Config{Addr: peer.Addr, Window: 100_000})
	warmUp(t, c)
	goroutines, heap := runtime.NumGoroutine(), heapInUse()
	wire := []byte(resptest.Command("GET", "some:key:of:usual:length"))
	k, ctx := new(counter), limited(t)
	for range 100_000 {
		if err := c.Send(ctx, wire, 1, k); err != nil {
			t.Fatal(err)
		}
	}
	if got := runtime.NumGoroutine(); got > goroutines+4 {
		t.Errorf("%d goroutines, before %d", got, goroutines)
	}
	if got := heapInUse() - heap; got > DefaultWindowBytes+16<<20 {
		t.Errorf("%d bytes of memory", got)
	}
	if got := c.InFlight(); got != 100_000 {
		t.Errorf("%d in flight", got)
	}
	c.Close()
	if k.lost != 100_000 {
		t.Errorf("%d lost", k.lost)
	}
}

// counter is a Consumer that only counts.
type counter struct{ got, lost int }

func (k *counter) Consume(src *resp.Reader) error {
	k.got++
	_, err := src.Skip(func(int, []byte) {})
	return err
}

func (k *counter) Lost(_ *LostError, replies int) { k.lost += replies }

func heapInUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func BenchmarkDo(b *testing.B) {
	addr := resptest.Shared(b).Addr
	for _, g := range []int{1, 16, 256, 2048} {
		b.Run(fmt.Sprint(g), func(b *testing.B) {
			c := dial(b, Config{Addr: addr})
			ctx := context.Background()
			b.ReportAllocs()
			var wg sync.WaitGroup
			for range g {
				wg.Go(func() {
					for range b.N / g {
						if _, err := c.Do(ctx, "GET", "k"); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

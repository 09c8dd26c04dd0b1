package pipeclient

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"easycli/internal/resp"
	"easycli/internal/resptest"
)

// T05: the reply, and the end of the connection, are there before the write that caused them has
// returned.
func TestReplyBeforeTheWriteReturns(t *testing.T) {
	noLeaks(t)
	peer := resptest.PipePeer(t, func(c *resptest.PeerConn) {
		for range c.N % 4 {
			c.Reply(resptest.Bulk(c.Next()[1]))
		}
		c.Next()
	})
	for i := range soak(500, 10_000) {
		c := dial(t, Config{Dial: func(ctx context.Context) (net.Conn, error) {
			nc, err := peer.Dial(ctx)
			return &hooked{Conn: nc, write: func(nc net.Conn, p []byte) (int, error) {
				n, err := nc.Write(p)
				time.Sleep(time.Duration(rand.IntN(20)) * time.Microsecond)
				return n, err
			}}, err
		}})
		answered, failed := echoes(t, c.Do, 3, 2, nil)
		if answered != i%4 || failed != 6-i%4 {
			t.Fatalf("round %d: %d answered, %d failed", i, answered, failed)
		}
		c.Close()
	}
}

// T07: of a hundred requests one is given up at some moment. Nobody else notices.
func TestGivenUpRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		peer := resptest.PipePeer(t, func(c *resptest.PeerConn) {
			for {
				words := c.Next()
				time.Sleep(time.Millisecond)
				c.Reply(resptest.Bulk(words[1]))
			}
		})
		c := dial(t, Config{Dial: peer.Dial})
		gaveUp := 0
		for round := range soak(100, 10_000) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Duration(rand.IntN(110_000))*time.Microsecond, cancel)
			var wg sync.WaitGroup
			for i := range 100 {
				wg.Go(func() {
					mine := t.Context()
					if i == 50 {
						mine = ctx
					}
					want := fmt.Sprint(round, ":", i)
					v, err := c.Do(mine, "ECHO", want)
					switch {
					case err == nil && v.Text == want:
					case i == 50 && errors.Is(err, ErrInDoubt) && errors.Is(err, context.Canceled):
						gaveUp++
					default:
						t.Errorf("%s: %v, %v", want, v, err)
					}
				})
			}
			wg.Wait()
			cancel()
		}
		if err := c.Drain(t.Context()); err != nil || gaveUp == 0 {
			t.Errorf("%v, %d given up", err, gaveUp)
		}
		c.Close()
	})
}

// T10: a reply that never comes is found out by its absence at the end.
func TestOneReplyTooFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		peer := resptest.PipePeer(t, func(c *resptest.PeerConn) {
			c.Next()
			for range 2 {
				c.Reply(resptest.Bulk(c.Next()[1]))
			}
			c.ExpectEnd()
		})
		c := dial(t, Config{Dial: peer.Dial, Timeout: 2 * time.Second})
		start := time.Now()
		o := send(t, c, 3, resptest.Command("ECHO", "1")+resptest.Command("ECHO", "2")+resptest.Command("ECHO", "3"))
		<-c.Over()
		if len(o.got) != 2 || o.missing != 1 || !errors.Is(o.lost, ErrTimeout) || !errors.Is(o.lost, ErrInDoubt) {
			t.Errorf("%d replies, %d lost: %v", len(o.got), o.missing, o.lost)
		}
		if got := time.Since(start); got != 2*time.Second {
			t.Errorf("ended after %v", got)
		}
	})
}

// T27: the timeout is of the silence, not of the request.
func TestTimeoutCountsSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		peer := resptest.PipePeer(t, func(c *resptest.PeerConn) {
			c.Next()
			for _, piece := range []string{"$1", "0\r\n", "01234", "56789", "\r\n", "$5\r\nabc"} {
				time.Sleep(1900 * time.Millisecond)
				c.Reply(piece)
			}
			c.ExpectEnd()
		})
		c := dial(t, Config{Dial: peer.Dial, Timeout: 2 * time.Second})
		time.Sleep(time.Hour) // nothing is due
		start := time.Now()
		o := send(t, c, 2, resptest.Command("ECHO", "x"))
		<-c.Over()
		if o.text() != resptest.Bulk("0123456789") || !errors.Is(o.lost, ErrTimeout) {
			t.Errorf("got %q, %v", o.text(), o.lost)
		}
		if got, want := time.Since(start), 6*1900*time.Millisecond+2*time.Second; got != want {
			t.Errorf("ended after %v, want %v", got, want)
		}
	})
}

// A request that takes long to send is no silence.
func TestTimeoutSparesLongRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		big := strings.Repeat("x", 1<<20)
		peer := resptest.PipePeer(t, func(c *resptest.PeerConn) {
			buf := make([]byte, writePiece)
			for left := len(resptest.Command("ECHO", big)); left > 0; {
				time.Sleep(time.Second)
				n, _ := c.Conn.Read(buf)
				left -= n
			}
			time.Sleep(time.Second)
			c.Reply("+OK\r\n").ExpectEnd()
		})
		c := dial(t, Config{Dial: peer.Dial, Timeout: 2 * time.Second})
		if _, err := c.Do(t.Context(), "ECHO", big); err != nil {
			t.Error(err)
		}
		c.Close()
	})
}

// T14: a server that does not read while it writes, on a network that buffers nothing or little.
func TestServerThatWritesSynchronously(t *testing.T) {
	n := soak(2000, 200_000)
	reply := resptest.Bulk(strings.Repeat("x", 10_000))
	script := func(c *resptest.PeerConn) {
		if tcp, ok := c.Conn.(*net.TCPConn); ok {
			tcp.SetReadBuffer(32 << 10) // with less, the kernel itself waits for timers
			tcp.SetWriteBuffer(32 << 10)
		}
		for {
			c.Next()
			c.Reply(reply)
		}
	}
	for name, peer := range map[string]*resptest.PeerServer{
		"pipe": resptest.PipePeer(t, script), "tcp": resptest.Peer(t, script),
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, Config{Dial: peer.Dial})
			wire, k := []byte(resptest.Command("GET", "k")), new(counter)
			for range n {
				if err := c.Send(limited(t), wire, 1, k); err != nil {
					t.Fatal(err)
				}
			}
			if err := c.Drain(limited(t)); err != nil || k.got != n {
				t.Errorf("%d replies, %v", k.got, err)
			}
		})
	}
}

// T15: a slow reader costs the server no more memory than the window has.
func TestSlowReader(t *testing.T) {
	redis := shared(t)
	redis.Do("SET", "k", strings.Repeat("x", 100_000))
	c := dial(t, Config{Addr: redis.Addr})
	id := fmt.Sprint(do(t, c, "CLIENT", "ID").Int)
	n, slow := soak(2000, 50_000), make(chan struct{})
	o := &outcome{want: n, done: make(chan struct{}), each: func(src *resp.Reader) { <-slow }}
	sent := make(chan error)
	go func() {
		wire := []byte(resptest.Command("GET", "k"))
		for range n {
			if err := c.Send(limited(t), wire, 1, slowly{o}); err != nil {
				sent <- err
				return
			}
		}
		close(sent)
	}()
	for _, steps := range []int{0, 1, 10, 200} { // how many replies the reader takes
		for range steps {
			slow <- struct{}{}
		}
		until(t, "the window is full and sent", func() bool {
			c.mu.Lock()
			defer c.mu.Unlock()
			return len(c.waiting) == 1 && c.written == c.appended
		})
		redis.Do("PING")
		_, omem, _ := strings.Cut(redis.Do("CLIENT", "LIST", "ID", id), " omem=")
		if bytes, err := strconv.Atoi(omem[:strings.Index(omem, " ")]); err != nil || bytes > DefaultWindowBytes {
			t.Errorf("after %d replies the server holds %d bytes, %v", steps, bytes, err)
		}
	}
	close(slow)
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	await(t, "the replies", o.done)
}

// slowly is an outcome that keeps no values.
type slowly struct{ *outcome }

func (k slowly) Consume(src *resp.Reader) error {
	k.each(src)
	if _, err := src.Skip(func(int, []byte) {}); err != nil {
		return err
	}
	if k.want--; k.want == 0 { // not before the reply is whole: the test closes the connection then
		close(k.done)
	}
	return nil
}

// T16: the server hangs up on a client that is too slow; what it had said before counts.
func TestServerGivesUpOnSlowReader(t *testing.T) {
	redis := resptest.Server(t, "--client-output-buffer-limit", "normal 0 1mb 1")
	noLeaks(t)
	redis.Do("SET", "k", strings.Repeat("x", 100_000))
	c := dial(t, Config{Addr: redis.Addr})
	id := do(t, c, "CLIENT", "ID").Int
	const total = 500
	release, calls := make(chan struct{}), 0
	o := &outcome{want: total, done: make(chan struct{}), each: func(*resp.Reader) {
		if calls++; calls == 3 {
			<-release
		}
	}}
	sendTo(t, c, strings.Repeat(resptest.Command("GET", "k"), total), o)
	until(t, "the server hangs up", func() bool {
		return redis.Do("CLIENT", "LIST", "ID", fmt.Sprint(id)) == ""
	})
	close(release)
	await(t, "the end", c.Over())
	if len(o.got) < 3 || o.missing == 0 || len(o.got)+o.missing != total || !errors.Is(o.lost, ErrInDoubt) {
		t.Errorf("%d complete replies, %d in doubt, %v", len(o.got), o.missing, o.lost)
	}
	for _, v := range o.got {
		if len(v.Text) != 100_000 {
			t.Fatalf("a reply of %d bytes", len(v.Text))
		}
	}
}

// T22: who stops waiting goes at once; the connection that is then ended leaves the late reply
// behind.
func TestStopWaitingForSleepingServer(t *testing.T) {
	redis := resptest.Server(t)
	noLeaks(t)
	c := dial(t, Config{Addr: redis.Addr})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	sleeper := make(chan error)
	go func() {
		_, err := c.Do(ctx, "DEBUG", "SLEEP", "1")
		sleeper <- err
	}()
	until(t, "it is sent", func() bool { return c.InFlight() == 1 })
	cancel()
	if err := <-sleeper; !errors.Is(err, ErrInDoubt) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if c.InFlight() != 1 {
		t.Error("the server was faster than the cancellation")
	}
	c.Abort(context.Canceled)
	await(t, "the end", c.Over())
	if v := do(t, dial(t, Config{Addr: redis.Addr}), "ECHO", "next"); v.Text != "next" {
		t.Errorf("got %v", v)
	}
}

// T25: a silent server holds nobody longer than he likes to wait.
func TestWindowHonoursDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		peer := resptest.PipePeer(t, func(c *resptest.PeerConn) { pongs(c).Swallow() })
		c := dial(t, Config{Dial: peer.Dial, Window: 1000, WindowBytes: 8 << 20})
		warmUp(t, c)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		var wg sync.WaitGroup
		var unsent, doubtful atomic.Int32
		for range 5000 {
			wg.Go(func() {
				_, err := c.Do(ctx, "GET", "k")
				switch {
				case errors.Is(err, ErrNotSent):
					unsent.Add(1)
				case errors.Is(err, ErrInDoubt):
					doubtful.Add(1)
				}
				if got := time.Since(start); got != time.Second {
					t.Errorf("returned after %v", got)
				}
			})
		}
		wg.Wait()
		if unsent.Load() != 4000 || doubtful.Load() != 1000 {
			t.Errorf("%d not sent, %d in doubt", unsent.Load(), doubtful.Load())
		}
		c.mu.Lock()
		if len(c.waiting) != 0 || c.inflight != 1000 {
			t.Errorf("%d wait, %d in flight", len(c.waiting), c.inflight)
		}
		c.mu.Unlock()
		c.Close()
	})
}

// T26: replies that are there to be read are read, though nothing can be written any more.
func TestRepliesAfterWriteError(t *testing.T) {
	noLeaks(t)
	started, gone := make(chan struct{}), make(chan struct{})
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		pongs(c)
		for range 499 {
			c.Next()
		}
		c.Reply("+0\r\n").Wait(started)
		var rest strings.Builder
		for i := 1; i < 500; i++ {
			rest.WriteString(resptest.Bulk(fmt.Sprint(i, ":", strings.Repeat("x", 50))))
		}
		c.Reply(rest.String()) // in one piece, so that it has arrived when the connection is closed
		c.Conn.Close()
		close(gone)
	})
	c := dial(t, Config{Addr: peer.Addr})
	warmUp(t, c)
	release := make(chan struct{})
	calls := 0
	o := &outcome{want: 500, done: make(chan struct{}), each: func(*resp.Reader) {
		if calls++; calls == 1 {
			close(started)
			<-release
		}
	}}
	sendTo(t, c, strings.Repeat(resptest.Command("GET", "k"), 500), o)
	await(t, "the end on the other side", gone)
	k := new(counter)
	until(t, "nothing can be written any more", func() bool {
		c.mu.Lock()
		dead := c.writeErr != nil
		c.mu.Unlock()
		if !dead {
			c.Send(limited(t), []byte(resptest.Command("GET", "k")), 1, k)
		}
		return dead
	})
	// Who comes now learns the reason, not that the pipe is broken.
	late := make(chan error)
	go func() {
		_, err := c.Do(limited(t), "PING")
		late <- err
	}()
	close(release)
	await(t, "the replies", o.done)
	await(t, "the end", c.Over())
	if o.lost != nil || len(o.got) != 500 {
		t.Errorf("%d replies, %v", len(o.got), o.lost)
	}
	if k.got != 0 || k.lost == 0 {
		t.Errorf("later requests: %d answered, %d lost", k.got, k.lost)
	}
	if err := <-late; !errors.Is(err, ErrNotSent) || errors.Is(err, ErrTimeout) {
		t.Errorf("late: %v", err)
	}
}

// A Consumer that fails ends the connection, and is told about what it will not see.
func TestConsumerEndsTheConnection(t *testing.T) {
	redis := shared(t)
	c := dial(t, Config{Addr: redis.Addr})
	full := errors.New("disk full")
	k := &failing{err: full, ready: make(chan struct{}), done: make(chan struct{})}
	if err := c.Send(limited(t), []byte(strings.Repeat(resptest.Command("PING"), 3)), 3, k); err != nil {
		t.Fatal(err)
	}
	after := send(t, c, 1, resptest.Command("PING"))
	close(k.ready)
	await(t, "the end", k.done)
	await(t, "the next one's end", after.done)
	if k.lost.Cause != full || k.missing != 2 || !errors.Is(after.lost, full) {
		t.Errorf("%v, %d missing; the next: %v", k.lost, k.missing, after.lost)
	}
	if err := c.Err(); err != full {
		t.Errorf("the connection ended with %v", err)
	}
}

type failing struct {
	err     error
	calls   int
	lost    *LostError
	missing int
	ready   chan struct{}
	done    chan struct{}
}

func (k *failing) Consume(src *resp.Reader) error {
	<-k.ready
	if k.calls++; k.calls == 2 {
		return k.err
	}
	_, err := src.ReadValue()
	return err
}

func (k *failing) Lost(err *LostError, replies int) {
	k.lost, k.missing = err, replies
	close(k.done)
}

// A sender that gives its place up as it gets it leaves no deadline on a connection that owes nothing.
func TestAPlaceGivenBackTakesItsDeadlineAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		peer := resptest.PipePeer(t, echoPeer)
		c := dial(t, Config{Dial: peer.Dial, Timeout: time.Second})
		synctest.Wait()
		c.mu.Lock()
		c.reserve(1, 10)
		c.mu.Unlock()
		c.leave(&waiter{replies: 1, bytes: 10, ready: make(chan struct{})})
		time.Sleep(time.Minute)
		synctest.Wait()
		if err := c.Err(); err != nil {
			t.Error(err)
		}
	})
}

package pipeclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"easycli/internal/resp"
	"easycli/internal/resptest"
)

// soak picks the size of a test: the long one is for a run with EASYCLI_SOAK=1.
func soak[T any](short, long T) T {
	if os.Getenv("EASYCLI_SOAK") == "1" {
		return long
	}
	return short
}

// patience bounds every wait of these tests; nothing that works comes near it.
var patience = soak(30*time.Second, 20*time.Minute)

// noLeaks fails a test after which there are more goroutines than before. It goes first, so that
// everything else has been cleaned up when it looks.
func noLeaks(t testing.TB) {
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		for start := time.Now(); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
			if time.Since(start) > 5*time.Second {
				buf := make([]byte, 1<<20)
				t.Errorf("%d goroutines, before %d:\n%s", runtime.NumGoroutine(), before,
					buf[:runtime.Stack(buf, true)])
				return
			}
		}
	})
}

// shared is the server for tests that leave it as it is.
func shared(t testing.TB) *resptest.Redis {
	t.Helper()
	r := resptest.Shared(t)
	noLeaks(t)
	return r
}

func dial(t testing.TB, cfg Config) *Conn {
	t.Helper()
	c, err := Dial(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func client(t testing.TB, cfg ClientConfig) *Client {
	t.Helper()
	cl := NewClient(cfg)
	t.Cleanup(func() { cl.Close() })
	return cl
}

// limited is a context that ends a test that hangs.
func limited(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeoutCause(context.Background(), patience, errors.New("the test hangs"))
	t.Cleanup(cancel)
	return ctx
}

// await waits for something that happens in the background.
func await(t testing.TB, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("waiting for %s", what)
	}
}

// until polls for what cannot be awaited.
func until(t testing.TB, what string, true func() bool) {
	t.Helper()
	for start := time.Now(); !true(); time.Sleep(time.Millisecond) {
		if time.Since(start) > patience {
			t.Fatalf("waiting until %s", what)
		}
	}
}

// do is a command that must be answered.
func do(t testing.TB, c *Conn, words ...string) resp.Value {
	t.Helper()
	v, err := c.Do(limited(t), words...)
	if err != nil {
		t.Fatalf("%q: %v", words, err)
	}
	return v
}

// outcome is a Consumer that remembers everything. Its fields are to be read after done.
type outcome struct {
	want    int
	got     []resp.Value
	lost    *LostError
	missing int
	done    chan struct{}
	confirm bool
	each    func(src *resp.Reader) // runs before every reply
}

func (o *outcome) Consume(src *resp.Reader) error {
	if o.each != nil {
		o.each(src)
	}
	v, err := src.ReadValue()
	if err != nil {
		return err
	}
	o.got = append(o.got, v)
	if len(o.got) == o.want || o.confirm && v.IsError() {
		close(o.done)
	}
	return nil
}

func (o *outcome) Lost(err *LostError, replies int) {
	o.lost, o.missing = err, replies
	close(o.done) // twice would be a panic: a request ends once
}

func (o *outcome) Confirms() bool { return o.confirm }

// text is the replies' text, for comparisons.
func (o *outcome) text() string {
	var b []byte
	for i := range o.got {
		b = o.got[i].Append(b)
	}
	return string(b)
}

// send sends wire, and returns what will come of it.
func send(t testing.TB, c *Conn, replies int, wire string) *outcome {
	t.Helper()
	o := &outcome{want: replies, done: make(chan struct{})}
	sendTo(t, c, wire, o)
	return o
}

func sendTo(t testing.TB, c *Conn, wire string, o *outcome) {
	t.Helper()
	if err := c.Send(limited(t), []byte(wire), o.want, o); err != nil {
		t.Fatalf("sending %.40q: %v", wire, err)
	}
}

// settled checks that an error of Do says what became of the request.
func settled(err error) bool {
	var lost *LostError
	return errors.As(err, &lost) && errors.Is(err, ErrNotSent) != errors.Is(err, ErrInDoubt)
}

// echoes runs ECHO with unique words from many goroutines until each has done n, or stop is closed.
// It fails the test for a reply that belongs to another request and for an untyped error, and counts
// own replies and errors.
func echoes(t *testing.T, do func(context.Context, ...string) (resp.Value, error), goroutines, n int,
	stop <-chan struct{}) (answered, failed int) {
	t.Helper()
	ctx := limited(t)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			ok, bad := 0, 0
			for i := range n {
				select {
				case <-stop:
					i = n
				default:
				}
				if i == n {
					break
				}
				want := fmt.Sprintf("%d:%d", g, i)
				v, err := do(ctx, "ECHO", want)
				switch {
				case err == nil && v.Text == want:
					ok++
				case err == nil:
					t.Errorf("foreign reply: want %q, got %v", want, v)
					return
				case settled(err) && ctx.Err() == nil:
					bad++
				default:
					t.Errorf("error %v", err)
					return
				}
			}
			mu.Lock()
			answered, failed = answered+ok, failed+bad
			mu.Unlock()
		})
	}
	wg.Wait()
	return answered, failed
}

// warmUp sends PINGs until the replies' weight is known and the window open; pongs answers them, up
// to the first other request.
func warmUp(t testing.TB, c *Conn) {
	t.Helper()
	until(t, "the window is open", func() bool {
		const n = 500
		send(t, c, n, strings.Repeat(resptest.Command("PING"), n))
		if err := c.Drain(limited(t)); err != nil {
			t.Fatal(err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.places == c.cfg.Window
	})
}

func pongs(c *resptest.PeerConn) *resptest.PeerConn {
	for len(c.Next()) == 1 {
		c.Reply("+PONG\r\n")
	}
	return c
}

// echoPeer answers every ECHO.
func echoPeer(c *resptest.PeerConn) {
	for {
		words := c.Next()
		if len(words) == 1 {
			c.Reply("+PONG\r\n")
			continue
		}
		c.Reply(resptest.Bulk(words[1]))
	}
}

// hooked is a connection whose writes can be watched.
type hooked struct {
	net.Conn
	write func(nc net.Conn, p []byte) (int, error)
}

func (h *hooked) Write(p []byte) (int, error) { return h.write(h.Conn, p) }

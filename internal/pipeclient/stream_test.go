package pipeclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"easycli/internal/resp"
	"easycli/internal/resptest"
)

// pushes collects what OnPush receives.
type pushes struct {
	mu  sync.Mutex
	got []string
}

func (p *pushes) add(v resp.Value) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var words []string
	for _, e := range v.Elems {
		if e.Kind == resp.Integer {
			e.Text = fmt.Sprint(e.Int)
		}
		words = append(words, e.Text)
	}
	p.got = append(p.got, strings.Join(words, " "))
}

func (p *pushes) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.got, ", ")
}

// T52: a message in the middle of EXEC's reply is not part of it, and comes after it.
func TestPushInsideExec(t *testing.T) {
	redis := shared(t)
	var mu sync.Mutex
	var order []string
	note := func(what string) {
		mu.Lock()
		order = append(order, what)
		mu.Unlock()
	}
	c := dial(t, Config{Addr: redis.Addr, Proto: 3, OnPush: func(v resp.Value) { note(v.Elems[2].Text) }})
	sub := &outcome{want: 1, confirm: true, done: make(chan struct{})}
	sendTo(t, c, resptest.Command("SUBSCRIBE", "foo"), sub)
	o := &outcome{want: 7, done: make(chan struct{}), each: func(*resp.Reader) { note("reply") }}
	sendTo(t, c, resptest.Command("MULTI")+resptest.Command("PING")+resptest.Command("PUBLISH", "foo", "one")+
		resptest.Command("PUBLISH", "foo", "two")+resptest.Command("PING")+resptest.Command("EXEC")+
		resptest.Command("ECHO", "next"), o)
	await(t, "the replies", o.done)
	want := "+OK\r\n" + strings.Repeat("+QUEUED\r\n", 4) + "*4\r\n+PONG\r\n:1\r\n:1\r\n+PONG\r\n" + resptest.Bulk("next")
	if o.text() != want {
		t.Errorf("got %q", o.text())
	}
	until(t, "the messages are here", func() bool { mu.Lock(); defer mu.Unlock(); return len(order) == 9 })
	if got := strings.Join(order[5:], " "); got != "reply one two reply" {
		t.Errorf("in the order %q", got)
	}
}

// One SUBSCRIBE of three channels has three replies, in both protocols.
func TestSubscribe(t *testing.T) {
	redis := shared(t)
	for _, proto := range []int{2, 3} {
		var heard pushes
		c := dial(t, Config{Addr: redis.Addr, Proto: proto, OnPush: heard.add})
		o := &outcome{want: 3, confirm: true, done: make(chan struct{}),
			each: func(src *resp.Reader) { src.Subscribed = true }}
		sendTo(t, c, resptest.Command("SUBSCRIBE", "a", "b", "c"), o)
		ping := send(t, c, 1, resptest.Command("PING"))
		await(t, "the confirmations", o.done)
		await(t, "the PING", ping.done)
		for i, v := range o.got {
			if len(v.Elems) != 3 || v.Elems[0].Text != "subscribe" || v.Elems[1].Text != "abc"[i:i+1] {
				t.Errorf("RESP%d: confirmation %d: %v", proto, i, v)
			}
		}
		if want := map[int]string{2: "*2\r\n$4\r\npong\r\n$0\r\n\r\n", 3: "+PONG\r\n"}[proto]; ping.text() != want {
			t.Errorf("RESP%d: PING: %q", proto, ping.text())
		}
		for _, channel := range []string{"a", "c"} {
			if got := redis.Do("PUBLISH", channel, "hello"); got != "1" {
				t.Errorf("RESP%d: %s subscribers", proto, got)
			}
		}
		until(t, "the messages are here", func() bool { return heard.String() == "message a hello, message c hello" })
		un := &outcome{want: 3, confirm: true, done: make(chan struct{})}
		sendTo(t, c, resptest.Command("UNSUBSCRIBE"), un)
		await(t, "the end of the subscriptions", un.done)
		if v := do(t, c, "PING"); v.Text != "PONG" {
			t.Errorf("RESP%d: %v", proto, v)
		}
		c.Close()
	}
}

// A SUBSCRIBE of three channels that is refused has one.
func TestRefusedSubscribe(t *testing.T) {
	redis := resptest.Server(t)
	noLeaks(t)
	redis.Do("ACL", "SETUSER", "bob", "on", ">x", "+@all", "~*", "resetchannels")
	for _, proto := range []int{2, 3} {
		c := dial(t, Config{Addr: redis.Addr, Proto: proto, User: "bob", Pass: "x", HasPass: true})
		o := &outcome{want: 3, confirm: true, done: make(chan struct{})}
		sendTo(t, c, resptest.Command("SUBSCRIBE", "a", "b", "c"), o)
		if v := do(t, c, "ECHO", "next"); v.Text != "next" {
			t.Errorf("the next command: %v", v)
		}
		await(t, "the refusal", o.done)
		if len(o.got) != 1 || !strings.HasPrefix(o.got[0].Text, "NOPERM") {
			t.Errorf("RESP%d: %q", proto, o.text())
		}
		if err := c.Drain(limited(t)); err != nil || c.InFlight() != 0 {
			t.Errorf("%v, %d in flight", err, c.InFlight())
		}
	}
}

// Pushes come in their place between the replies.
func TestPushesBetweenReplies(t *testing.T) {
	noLeaks(t)
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Expect("A").Expect("B")
		c.Pieces(">2\r\n+p\r\n+1\r\n+a\r\n>2\r\n+p\r\n+2\r\n>2\r\n+p\r\n+3\r\n+b\r\n>2\r\n+p\r\n+4\r\n", 1)
		c.Swallow()
	})
	var heard pushes
	c := dial(t, Config{Addr: peer.Addr, OnPush: heard.add})
	note := func(src *resp.Reader) { heard.add(resp.Value{Elems: []resp.Value{{Text: "reply"}}}) }
	o := &outcome{want: 2, done: make(chan struct{}), each: note}
	sendTo(t, c, resptest.Command("A")+resptest.Command("B"), o)
	await(t, "the replies", o.done)
	until(t, "the last push is here", func() bool { return heard.String() == "p 1, reply, p 2, p 3, reply, p 4" })
}

// A request in pieces, larger than the window, while others wait for a place.
func TestContinue(t *testing.T) {
	redis := shared(t)
	c := dial(t, Config{Addr: redis.Addr, WindowBytes: 1 << 10})
	const pieces, size = 64, 64 << 10
	piece := bytes.Repeat([]byte("x"), size)
	o := send(t, c, 1, fmt.Sprintf("*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$%d\r\n", pieces*size))
	var others sync.WaitGroup
	for i := range pieces {
		if i == 1 { // its bytes would land in the value if they did not wait
			others.Go(func() {
				if v, err := c.Do(limited(t), "ECHO", strings.Repeat("y", 2<<10)); err != nil || v.Text[0] != 'y' {
					t.Error(v, err)
				}
			})
			until(t, "somebody waits", func() bool { c.mu.Lock(); defer c.mu.Unlock(); return len(c.waiting) == 1 })
		}
		if err := c.Continue(limited(t), piece); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Continue(limited(t), []byte("\r\n")); err != nil {
		t.Fatal(err)
	}
	await(t, "the reply", o.done)
	others.Wait()
	if o.text() != "+OK\r\n" || do(t, c, "STRLEN", "big").Int != pieces*size {
		t.Errorf("got %q", o.text())
	}
}

// A request that was begun and cannot be completed costs the connection.
func TestContinueGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		peer := resptest.PipePeer(t, func(c *resptest.PeerConn) { c.Hold() })
		c := dial(t, Config{Dial: peer.Dial})
		o := send(t, c, 1, "*2\r\n$4\r\nECHO\r\n$100\r\n")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var err error
		for err == nil {
			err = c.Continue(ctx, []byte("abc"))
		}
		<-o.done
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(o.lost, context.DeadlineExceeded) {
			t.Errorf("%v; the request: %v", err, o.lost)
		}
		c.Close()
	})
}

// A request without a reply is not given the next one's.
func TestSendWithoutReplies(t *testing.T) {
	redis := shared(t)
	c := dial(t, Config{Addr: redis.Addr})
	for _, mode := range []string{"OFF", "SKIP"} {
		if err := c.Send(limited(t), []byte(resptest.Command("CLIENT", "REPLY", mode)), 0, nil); err != nil {
			t.Fatal(err)
		}
	}
	if v := do(t, c, "CLIENT", "REPLY", "ON"); v.Text != "OK" {
		t.Errorf("got %v", v)
	}
	if v := do(t, c, "ECHO", "next"); v.Text != "next" {
		t.Errorf("got %v", v)
	}
	if err := c.Drain(limited(t)); err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inflight != 0 || c.inBytes != 0 {
		t.Errorf("the window holds %d replies, %d bytes", c.inflight, c.inBytes)
	}
}

// Whoever leaves the queue, for whatever reason, leaves nothing of himself in the window.
func TestWindowAfterLeaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := make(chan struct{})
		peer := resptest.PipePeer(t, func(c *resptest.PeerConn) {
			for {
				c.Next()
				<-answer
				c.Reply("+OK\r\n")
			}
		})
		c := dial(t, Config{Dial: peer.Dial, Window: 3})
		ctx, cancel := context.WithCancel(t.Context())
		go c.Do(t.Context(), "A")
		synctest.Wait()
		big := make(chan error, 1)
		go func() { big <- c.Send(ctx, []byte(resptest.Command("B")), 3, new(counter)) }()
		synctest.Wait()
		small := make(chan error, 1)
		go func() {
			_, err := c.Do(t.Context(), "C")
			small <- err
		}()
		drained := make(chan error, 2)
		for _, ctx := range []context.Context{ctx, t.Context()} {
			synctest.Wait()
			go func() { drained <- c.Drain(ctx) }()
		}
		synctest.Wait()
		cancel() // the first in the queue leaves, and what is behind it fits
		synctest.Wait()
		if err := <-big; !errors.Is(err, ErrNotSent) || !errors.Is(err, context.Canceled) {
			t.Errorf("who left: %v", err)
		}
		if err := <-drained; !errors.Is(err, context.Canceled) {
			t.Errorf("Drain: %v", err)
		}
		if got := c.InFlight(); got != 2 {
			t.Errorf("%d in flight, want 2", got)
		}
		close(answer)
		if err := <-small; err != nil {
			t.Error(err)
		}
		if err := <-drained; err != nil || c.InFlight() != 0 {
			t.Errorf("Drain: %v, %d in flight", err, c.InFlight())
		}
		ended, end := context.WithCancel(t.Context())
		end()
		if _, err := c.Do(ended, "D"); !errors.Is(err, ErrNotSent) {
			t.Errorf("with a ctx that has ended: %v", err)
		}
		c.mu.Lock()
		if c.inflight != 0 || c.inBytes != 0 || len(c.waiting) != 0 {
			t.Errorf("left: %d replies, %d bytes, %d waiters", c.inflight, c.inBytes, len(c.waiting))
		}
		c.mu.Unlock()
		c.Close()
	})
}

// Callers that come and go at random moments leave a window that is empty in the end.
func TestWindowUnderCancellations(t *testing.T) {
	redis := shared(t)
	c := dial(t, Config{Addr: redis.Addr, Window: 4, WindowBytes: 400, Timeout: patience})
	var wg sync.WaitGroup
	for g := range 32 {
		wg.Go(func() {
			for i := range soak(100, 5000) {
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(rand.IntN(300))*time.Microsecond)
				want := strings.Repeat(fmt.Sprint(g, ":", i, ";"), 1+rand.IntN(20))
				switch v, err := c.Do(ctx, "ECHO", want); {
				case err == nil && v.Text != want:
					t.Errorf("foreign reply: want %q, got %v", want, v)
				case err != nil && (!settled(err) || !errors.Is(err, context.DeadlineExceeded)):
					t.Error(err)
				}
				if i%16 == 0 {
					c.Drain(ctx)
				}
				cancel()
			}
		})
	}
	wg.Wait()
	if err := c.Drain(limited(t)); err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	if c.inflight != 0 || c.inBytes != 0 || len(c.waiting) != 0 {
		t.Errorf("left: %d replies, %d bytes, %d waiters", c.inflight, c.inBytes, len(c.waiting))
	}
	c.mu.Unlock()
	do(t, c, "PING")
}

// BeforeBlock comes when everything that has arrived is consumed, and not only at the end.
func TestBeforeBlock(t *testing.T) {
	noLeaks(t)
	flushed := make(chan struct{})
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Expect("A").Reply("+a\r\n").Wait(flushed).Reply("+b\r\n").Swallow()
	})
	o := &outcome{want: 2, done: make(chan struct{})}
	var once sync.Once
	c := dial(t, Config{Addr: peer.Addr, BeforeBlock: func() {
		if len(o.got) == 1 {
			once.Do(func() { close(flushed) })
		}
	}})
	sendTo(t, c, resptest.Command("A"), o)
	await(t, "both replies", o.done)
}

// MONITOR and SYNC turn the stream into something else: it is handed over.
func TestHijack(t *testing.T) {
	redis := resptest.Server(t)
	noLeaks(t)
	redis.Do("SET", "k", "v")
	for _, cfg := range []Config{{}, {Proto: 3, Timeout: time.Minute}} {
		cfg.Addr = redis.Addr
		c := dial(t, cfg)
		do(t, c, "PING")
		if err := c.Drain(limited(t)); err != nil {
			t.Fatal(err)
		}
		nc, r, err := c.Hijack()
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(nc, resptest.Command("MONITOR"))
		if v, err := r.ReadValue(); err != nil || v.Text != "OK" {
			t.Fatal(v, err)
		}
		redis.Do("ECHO", "watched")
		for {
			v, err := r.ReadValue()
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(v.Text, `"ECHO" "watched"`) {
				break
			}
		}
		if _, err := c.Do(limited(t), "PING"); !errors.Is(err, ErrNotSent) || !errors.Is(err, ErrClosed) {
			t.Errorf("Do after Hijack: %v", err)
		}
		if _, _, err := c.Hijack(); err == nil {
			t.Error("a second Hijack got something")
		}
		nc.Close()
	}
	nc, r, err := dial(t, Config{Addr: redis.Addr}).Hijack()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	io.WriteString(nc, resptest.Command("SYNC"))
	nc.SetReadDeadline(time.Now().Add(patience))
	var head []byte
	for buf := make([]byte, 64); !bytes.Contains(head, []byte("REDIS")); {
		n, err := r.Read(buf)
		if err != nil {
			t.Fatalf("after %q: %v", head, err)
		}
		head = append(head, buf[:n]...)
	}
}

// With something on its way there is nothing to hand over, nor from a stream that has ended.
func TestHijackRefused(t *testing.T) {
	noLeaks(t)
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		if c.N == 0 {
			c.Swallow()
		}
	})
	c := dial(t, Config{Addr: peer.Addr})
	o := send(t, c, 1, resptest.Command("PING"))
	if _, _, err := c.Hijack(); err == nil {
		t.Error("hijacked with a request on its way")
	}
	c.Close()
	await(t, "the end", o.done)
	for range 50 { // the server hangs up at the same moment
		c := dial(t, Config{Addr: peer.Addr})
		if nc, r, err := c.Hijack(); err == nil {
			if _, err := r.ReadValue(); err != io.EOF {
				t.Errorf("handed out, but: %v", err)
			}
			nc.Close()
		} else if !errors.Is(err, ErrServerClosed) {
			t.Errorf("got %v", err)
		}
	}
}

// Half a push is nothing to hand over: the other half would be taken for a reply.
func TestHijackInsidePush(t *testing.T) {
	noLeaks(t)
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Expect("PING").Reply("+PONG\r\n>2\r\n+message\r\n").Swallow()
	})
	c := dial(t, Config{Addr: peer.Addr})
	do(t, c, "PING")
	until(t, "the receiver is inside the push", func() bool {
		_, _, err := c.Hijack()
		return err != nil && errors.Is(err, ErrUnsolicited)
	})
}

func TestPushesInTheMiddleOfAReplyKeepTheirOrder(t *testing.T) {
	const pushes = 3 * maxHeld
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Expect("GET", "x").Reply("*1\r\n")
		var wire strings.Builder
		for n := range pushes {
			fmt.Fprintf(&wire, ">3\r\n+message\r\n+c\r\n:%d\r\n", n)
		}
		c.Reply(wire.String() + "+OK\r\n").Swallow()
	})
	var got []int64
	conn, err := Dial(t.Context(), Config{Addr: peer.Addr,
		OnPush: func(v resp.Value) { got = append(got, v.Elems[2].Int) }})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := conn.Do(t.Context(), "GET", "x"); err != nil || v.Elems[0].Text != "OK" {
		t.Fatal(v, err)
	}
	conn.Close()
	if len(got) != pushes || !slices.IsSorted(got) {
		t.Fatalf("%d pushes, in order: %v", len(got), slices.IsSorted(got))
	}
}

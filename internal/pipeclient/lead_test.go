package pipeclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"easycli/internal/resptest"
)

// led is how many requests callers have carried out themselves.
func (c *Conn) ledSoFar() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.led
}

func mustEcho(t *testing.T, c *Conn, text string) {
	t.Helper()
	if v, err := c.Do(context.Background(), "ECHO", text); err != nil || v.Text != text {
		t.Fatalf("ECHO %s: %v, %v", text, v, err)
	}
}

func TestACallerThatIsAloneLeads(t *testing.T) {
	s := resptest.Shared(t)
	c, err := Dial(context.Background(), Config{Addr: s.Addr})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i := range 2000 {
		mustEcho(t, c, fmt.Sprint("alone ", i))
	}
	if led := c.ledSoFar(); led == 0 { // how many depends on how busy the machine is
		t.Error("not one of 2000 requests was led")
	}
}

// Callers come and go at random, so that each way of handing the connection over happens.
func TestLeadersAndFollowersTakeTurns(t *testing.T) {
	s := resptest.Shared(t)
	c, err := Dial(context.Background(), Config{Addr: s.Addr, Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for round := range 60 {
		for i := range 40 {
			mustEcho(t, c, fmt.Sprint(round, " alone ", i))
		}
		var wg sync.WaitGroup
		for g := range 1 + round%5 {
			wg.Go(func() {
				for i := range 20 {
					want := fmt.Sprint(round, " ", g, " ", i)
					asked := context.Background()
					if i%3 == 0 {
						asked = ctx // cannot lead
					}
					if v, err := c.Do(asked, "ECHO", want); err != nil || v.Text != want {
						t.Errorf("%s: %v, %v", want, v, err)
						return
					}
				}
			})
		}
		wg.Wait()
	}
	if c.ledSoFar() == 0 {
		t.Error("nobody led")
	}
}

func TestALeaderDoesNotHoldUpThoseBehindIt(t *testing.T) {
	s := resptest.Shared(t)
	s.Do("DEL", "lead:list")
	c, err := Dial(context.Background(), Config{Addr: s.Addr})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	makeLead(t, c)
	popped := make(chan error)
	go func() {
		v, err := c.Do(context.Background(), "BLPOP", "lead:list", "0")
		if err == nil && len(v.Elems) != 2 {
			err = fmt.Errorf("BLPOP: %v", v)
		}
		popped <- err
	}()
	awaitBlocked(t, s)
	behind := make(chan error)
	go func() {
		v, err := c.Do(context.Background(), "ECHO", "behind")
		if err == nil && v.Text != "behind" {
			err = fmt.Errorf("ECHO: %v", v)
		}
		behind <- err
	}()
	s.Do("RPUSH", "lead:list", "x")
	for _, ended := range []chan error{popped, behind} {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestALeaderLearnsOfTheEnd(t *testing.T) {
	s := resptest.Shared(t)
	for _, end := range []struct {
		name string
		how  func(c *Conn)
	}{
		{"closed from this side", func(c *Conn) { c.Close() }},
		{"killed by the server", func(*Conn) { s.Do("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes") }},
	} {
		c, err := Dial(context.Background(), Config{Addr: s.Addr})
		if err != nil {
			t.Fatal(err)
		}
		makeLead(t, c)
		lost := make(chan error)
		go func() {
			_, err := c.Do(context.Background(), "BLPOP", "lead:nothing", "0")
			lost <- err
		}()
		awaitBlocked(t, s)
		end.how(c)
		if err := <-lost; err == nil {
			t.Errorf("%s: no error", end.name)
		}
		<-c.Over()
	}
}

// A server that hangs up while the receiver rests is noticed without a request.
func TestARestingReceiverNoticesTheEnd(t *testing.T) {
	s := resptest.Shared(t)
	c, err := Dial(context.Background(), Config{Addr: s.Addr})
	if err != nil {
		t.Fatal(err)
	}
	makeLead(t, c)
	s.Do("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
	<-c.Over()
}

func TestAStreamIsHandedOutWhileTheReceiverRests(t *testing.T) {
	s := resptest.Shared(t)
	c, err := Dial(context.Background(), Config{Addr: s.Addr})
	if err != nil {
		t.Fatal(err)
	}
	makeLead(t, c)
	nc, r, err := c.Hijack()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	nc.Write([]byte("PING\r\n"))
	if v, err := r.ReadValue(); err != nil || v.Text != "PONG" {
		t.Fatal(v, err)
	}
}

// makeLead goes on until a caller has led.
func makeLead(t *testing.T, c *Conn) {
	t.Helper()
	for i := 0; c.ledSoFar() == 0; i++ {
		mustEcho(t, c, fmt.Sprint("lead ", i))
	}
}

// awaitBlocked waits until one client of the server is blocked.
func awaitBlocked(t *testing.T, s *resptest.Redis) {
	t.Helper()
	for s.Info("clients")["blocked_clients"] != "1" {
		time.Sleep(time.Millisecond)
	}
}

// aloneOn dials a peer that answers every request until a caller has led; then it answers as last does.
func aloneOn(t *testing.T, cfg Config, wrap func(net.Conn) net.Conn, last func(*resptest.PeerConn)) *Conn {
	t.Helper()
	peer := resptest.PipePeer(t, func(c *resptest.PeerConn) {
		for c.Next()[1] != "go" {
			c.Reply("+ok\r\n")
		}
		c.Reply("+ok\r\n")
		last(c)
	})
	cfg.Dial = func(ctx context.Context) (net.Conn, error) {
		nc, err := peer.Dial(ctx)
		if err == nil && wrap != nil {
			nc = wrap(nc)
		}
		return nc, err
	}
	c := dial(t, cfg)
	for c.ledSoFar() == 0 {
		if _, err := c.Do(context.Background(), "ECHO", "on"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
	}
	if _, err := c.Do(context.Background(), "ECHO", "go"); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return c
}

// A leader whose request nobody takes is bound by the Timeout, as the sender would be.
func TestALeaderThatCannotWriteTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := aloneOn(t, Config{Timeout: time.Second}, nil, func(*resptest.PeerConn) {
			time.Sleep(time.Hour)
		})
		led := c.ledSoFar()
		ended := make(chan error, 1)
		go func() {
			_, err := c.Do(context.Background(), "ECHO", "x")
			ended <- err
		}()
		synctest.Wait()
		c.mu.Lock()
		if !c.writing {
			t.Errorf("it does not lead; %d have", led)
		}
		c.mu.Unlock()
		select {
		case err := <-ended:
			if !errors.Is(err, ErrTimeout) || !settled(err) {
				t.Error(err)
			}
		case <-time.After(time.Minute):
			t.Error("no timeout")
			c.Abort(ErrClosed)
		}
		<-c.Over()
	})
}

// Nothing is written behind a leader's request that was cut off.
func TestNothingFollowsALeaderThatCouldNotWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		after := 0
		c := aloneOn(t, Config{}, func(nc net.Conn) net.Conn {
			return &hooked{Conn: nc, write: func(nc net.Conn, p []byte) (int, error) {
				if !broken.Load() {
					return nc.Write(p)
				}
				after++
				time.Sleep(time.Millisecond)
				return 0, errors.New("no buffer space")
			}}
		}, func(*resptest.PeerConn) { time.Sleep(time.Hour) })
		broken.Store(true)
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				_, err := c.Do(context.Background(), "ECHO", "x")
				if !errors.Is(err, ErrNotSent) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		<-c.Over()
		if after != 1 {
			t.Errorf("%d writes, want the one that failed", after)
		}
	})
}

// A reply too many ends the connection, and does not become the next caller's.
func TestALeaderFindsAReplyTooMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := aloneOn(t, Config{}, nil, func(c *resptest.PeerConn) {
			c.Next()
			c.Reply("+mine\r\n+stray\r\n")
			c.Next()
		})
		if v, err := c.Do(context.Background(), "ECHO", "x"); err != nil || v.Text != "mine" {
			t.Fatal(v, err)
		}
		if v, err := c.Do(context.Background(), "ECHO", "y"); !errors.Is(err, ErrUnsolicited) {
			t.Error(v, err)
		}
		<-c.Over()
	})
}

// A leader that waits for long does not keep the receiver's timer going, and wakes it at its end.
func TestTheReceiverSleepsWhileALeaderWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := aloneOn(t, Config{}, nil, func(c *resptest.PeerConn) {
			c.Next()
			time.Sleep(time.Minute)
			c.Reply("+late\r\n")
		})
		asleep := func() bool {
			synctest.Wait()
			c.mu.Lock()
			defer c.mu.Unlock()
			return c.leading && c.asleep
		}
		go func() {
			time.Sleep(3 * restFor)
			if !asleep() {
				t.Error("the receiver does not sleep")
			}
		}()
		if v, err := c.Do(context.Background(), "ECHO", "x"); err != nil || v.Text != "late" {
			t.Fatal(v, err)
		}
		<-c.Over() // the peer has hung up, which only the receiver can notice
	})
}

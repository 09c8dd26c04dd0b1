package bulk

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"easycli/internal/resptest"
)

// arrivals is a load at a rate, in a bubble with a time of its own: when each command came.
func arrivals(t *testing.T, in string, rate Rate) (at []time.Duration, o outcome) {
	begun := time.Now()
	peer := resptest.PipePeer(t, func(c *resptest.PeerConn) {
		for {
			c.Next()
			at = append(at, time.Since(begun))
			if _, err := io.WriteString(c.Conn, "+OK\r\n"); err != nil {
				return
			}
		}
	})
	o = loadInto("", strings.NewReader(in), func(c *Config) {
		c.Client.Dial, c.Rate = peer.Dial, rate
	})
	synctest.Wait()
	return at, o
}

func TestALoadKeepsToItsRate(t *testing.T) {
	for _, rate := range []float64{10, 100, 1000, 50_000} {
		synctest.Test(t, func(t *testing.T) {
			commands := int(rate * 3)
			at, o := arrivals(t, sets(commands), Rate{PerSecond: rate})
			if o.end != nil || len(at) != commands {
				t.Fatalf("%v/s: %d commands, %v", rate, len(at), o.end)
			}
			for i, when := range at {
				due := time.Duration(float64(i) / rate * float64(time.Second))
				if early := due - when; early > stride {
					t.Fatalf("%v/s: command %d comes %v too early", rate, i, early)
				} else if early < -stride {
					t.Fatalf("%v/s: command %d comes %v too late", rate, i, -early)
				}
			}
		})
	}
}

func TestALoadKeepsToItsRateInBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		value := strings.Repeat("v", 20_000)
		large := resptest.Command("SET", "k", strings.Repeat("v", 2_000_000)) // passed on in pieces
		in := strings.Repeat(resptest.Command("SET", "k", value), 50) + large + resptest.Command("SET", "k", "v")
		at, o := arrivals(t, in, Rate{PerSecond: 1_000_000, Bytes: true})
		if o.end != nil || len(at) != 52 {
			t.Fatalf("%d commands, %v", len(at), o.end)
		}
		for i, due := range map[int]time.Duration{0: 0, 25: 500 * time.Millisecond, 49: 980 * time.Millisecond, 50: 3 * time.Second, 51: 3 * time.Second} {
			if off := (at[i] - due).Abs(); off > 2*stride {
				t.Errorf("command %d comes at %v instead of %v", i, at[i], due)
			}
		}
	})
}

// What a stop of the input or of the server has cost is not made up for in a burst.
func TestARateHasNoBurstsBehindAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := newThrottle(Rate{PerSecond: 1000})
		wait := func(n int) { th.wait(t.Context(), n, 0) }
		wait(10)
		time.Sleep(time.Hour)
		begun := time.Now()
		for range 100 {
			wait(10)
		}
		if took := time.Since(begun); took != 990*time.Millisecond {
			t.Errorf("1000 commands behind a stop took %v", took)
		}
		time.Sleep(50 * time.Millisecond) // so little is made up for
		for range 100 {
			wait(10)
		}
		if took := time.Since(begun); took != 1990*time.Millisecond {
			t.Errorf("2000 commands took %v", took)
		}
	})
}

func TestALoadThatWaitsForItsTurnIsInterrupted(t *testing.T) { // T133
	s := resptest.Shared(t)
	s.Do("DEL", "slowly")
	stop := make(chan struct{})
	begun := time.Now()
	go func() {
		for s.Do("EXISTS", "slowly") != "1" {
			time.Sleep(time.Millisecond)
		}
		close(stop)
	}()
	o := loadText(t, s, strings.Repeat("INCR slowly\n", 1000), func(c *Config) {
		c.Rate, c.Interrupt = Rate{PerSecond: 0.01}, stop // the second would come after 100 s
	})
	if !errors.Is(o.end, ErrInterrupted) || o.Sent != 1 || o.Replies != 1 || len(o.InDoubt) != 0 ||
		len(o.NotSent) != 0 || o.Next.Number != 2 || time.Since(begun) > 50*time.Second {
		t.Fatalf("%+v", o)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := newThrottle(Rate{PerSecond: 1}).wait(ctx, 1, 1); err != nil {
		t.Error("nothing to wait for:", err)
	}
}

// What a server refuses for now is sent again at its time, not when all the rest has been sent at its
// rate: by then the rest would have overtaken it.
func TestARefusalIsHeardBetweenTwoCommandsOfASlowLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var carriedOut []string
		refusals := 3
		peer := resptest.PipePeer(t, func(c *resptest.PeerConn) {
			for {
				words := c.Next()
				reply := "+OK\r\n"
				if refusals > 0 {
					refusals--
					reply = "-BUSY a script is running\r\n"
				} else {
					carriedOut = append(carriedOut, words[2])
				}
				if _, err := io.WriteString(c.Conn, reply); err != nil {
					return
				}
			}
		})
		o := loadInto("", strings.NewReader(sets(20)), func(c *Config) {
			c.Client.Dial, c.Rate = peer.Dial, Rate{PerSecond: 10}
		})
		synctest.Wait()
		if o.end != nil || len(carriedOut) != 20 || !slices.IsSortedFunc(carriedOut, func(a, b string) int {
			return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
		}) {
			t.Errorf("carried out %q, ended with %v", carriedOut, o.end)
		}
	})
}

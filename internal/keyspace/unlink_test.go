package keyspace

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"easycli/internal/pipeclient"
	"easycli/internal/resp"
	"easycli/internal/resptest"
)

func TestUnlinkDeletesWhatMatchesAndNothingElse(t *testing.T) {
	s := resptest.Shared(t)
	noLeaks(t)
	for _, oneByOne := range []bool{false, true} {
		populate(s, "session", 30_000)
		populate(s, "other", 20_000)
		servers := []Server{at(s.Addr)}
		filter := Filter{Pattern: []byte("session:*")}
		tally, err := Count(context.Background(), servers, filter, 3, nil)
		if err != nil || tally.Keys != 30_000 || len(tally.Samples) != 3 ||
			!strings.HasPrefix(string(tally.Samples[0]), "session:") {
			t.Fatalf("got %+v, %v", tally, err)
		}
		gone, err := Unlink(context.Background(), UnlinkConfig{Servers: servers, Filter: filter, OneByOne: oneByOne})
		if err != nil || gone != (Unlinked{Deleted: 30_000}) || dbsize(t, s) != 20_000 {
			t.Errorf("one by one %v: got %+v, %v; %d keys are left", oneByOne, gone, err, dbsize(t, s))
		}
	}
}

func TestUnlinkTakesNamesAsBytes(t *testing.T) {
	s := resptest.Shared(t)
	names := []string{"it's", "a b", "a\nb", "\x00\xff\r\n", `"`, strings.Repeat("long", 50_000), "", "*", "[x]"}
	for _, name := range names {
		s.Do("SET", "x"+name, "v")
	}
	s.Do("SET", "y", "v")
	for i, pattern := range []string{"x\x00*", "x\\*", "x\\[*", "x*"} {
		gone, err := Unlink(context.Background(), UnlinkConfig{Servers: []Server{at(s.Addr)}, Filter: Filter{Pattern: []byte(pattern)}})
		if want := []int64{1, 1, 1, int64(len(names) - 3)}[i]; err != nil || gone.Deleted != want {
			t.Errorf("%q: got %+v, %v, want %d", pattern, gone, err, want)
		}
	}
	if got := s.DoList("KEYS", "*"); !slices.Equal(got, []string{"y"}) {
		t.Errorf("left: %q", got)
	}
}

func TestUnlinkOfOneType(t *testing.T) {
	s := resptest.Shared(t)
	s.Do("SET", "a", "1")
	s.Do("RPUSH", "b", "1")
	s.Do("HSET", "c", "f", "v")
	gone, err := Unlink(context.Background(), UnlinkConfig{Servers: []Server{at(s.Addr)}, Filter: Filter{Type: "list"}})
	if err != nil || gone.Deleted != 1 || s.Do("EXISTS", "a", "c") != "2" {
		t.Errorf("got %+v, %v", gone, err)
	}
}

// An old server has no UNLINK.
func TestUnlinkFallsBackToDel(t *testing.T) {
	s := resptest.Server(t, "--rename-command", "UNLINK", "")
	populate(s, "k", 3000)
	gone, err := Unlink(context.Background(), UnlinkConfig{Servers: []Server{at(s.Addr)}, Filter: Filter{Pattern: []byte("k*")}})
	if err != nil || gone.Deleted != 3000 || dbsize(t, s) != 0 {
		t.Errorf("got %+v, %v", gone, err)
	}
}

// What is refused ends it, and the count stays true.
func TestUnlinkStopsAtTheFirstRefusal(t *testing.T) {
	s := resptest.Shared(t)
	noLeaks(t)
	populate(s, "k", 5000)
	populate(s, "mine", 100)
	s.Do("ACL", "SETUSER", "half", "on", ">pw", "~mine:*", "+@all")
	t.Cleanup(func() { s.Do("ACL", "DELUSER", "half") })
	server := with(pipeclient.Config{Addr: s.Addr, User: "half", Pass: "pw", HasPass: true})
	for _, oneByOne := range []bool{false, true} {
		before := dbsize(t, s)
		gone, err := Unlink(context.Background(), UnlinkConfig{Servers: []Server{server}, OneByOne: oneByOne})
		refused := (*RefusedError)(nil)
		if !errors.As(err, &refused) || !strings.HasPrefix(refused.Reply, "NOPERM") || refused.Command != "UNLINK" {
			t.Errorf("got %v", err)
		}
		if left := dbsize(t, s); gone.InDoubt != 0 || before-left != gone.Deleted {
			t.Errorf("got %+v, %d were deleted", gone, before-left)
		}
	}
}

func TestUnlinkOnAConnectionThatBreaks(t *testing.T) {
	s := resptest.Shared(t)
	noLeaks(t)
	for _, at := range []int64{2_000, 100_000, 300_000} {
		for _, lane := range []string{"up", "down"} {
			populate(s, "k", 50_000)
			before := dbsize(t, s)
			proxy := resptest.Proxy(t, s.Addr, func(int) resptest.Plan {
				cut := resptest.Lane{Then: resptest.RST, At: at}
				if lane == "up" {
					return resptest.Plan{Up: cut}
				}
				return resptest.Plan{Down: cut}
			})
			gone, err := Unlink(context.Background(), UnlinkConfig{
				Servers: []Server{with(pipeclient.Config{Addr: proxy.Addr})}, OneByOne: at == 100_000})
			if !errors.As(err, new(*pipeclient.LostError)) {
				t.Fatalf("%s at %d: got %v", lane, at, err)
			}
			s.Do("PING") // behind everything that the server had been sent
			if n := before - dbsize(t, s); n < gone.Deleted || n > gone.Deleted+gone.InDoubt {
				t.Errorf("%s at %d: got %+v, %d were deleted", lane, at, gone, n)
			}
		}
	}
}

func TestUnlinkThatIsInterruptedCountsExactly(t *testing.T) {
	s := resptest.Shared(t)
	noLeaks(t)
	populate(s, "k", 50_000)
	why := errors.New("enough")
	for _, rate := range []int{0, 2000} {
		before := dbsize(t, s)
		ctx, cancel := context.WithCancelCause(context.Background())
		var deleted atomic.Int64
		ended := make(chan struct{})
		go func() {
			defer cancel(why)
			for deleted.Load() == 0 {
				select {
				case <-ended:
					return
				case <-time.After(100 * time.Microsecond):
				}
			}
		}()
		gone, err := Unlink(ctx, UnlinkConfig{Servers: []Server{at(s.Addr)}, Rate: rate, Deleted: &deleted})
		close(ended)
		if !errors.Is(err, why) && err != nil {
			t.Errorf("got %v", err)
		}
		if n := before - dbsize(t, s); n != gone.Deleted || gone.InDoubt != 0 || n == 0 {
			t.Errorf("rate %d: got %+v, %d were deleted", rate, gone, n)
		}
	}
}

// Keys whose slot has moved are deleted where they are now.
func TestUnlinkFollowsRedirections(t *testing.T) {
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Expect("UNLINK").Reply("-ERR wrong number of arguments for 'unlink' command\r\n")
		c.Expect("SCAN", "0", "COUNT", "1000").Reply("*2\r\n$1\r\n0\r\n*3\r\n" + resptest.Bulk("a") + resptest.Bulk("b") + resptest.Bulk("c"))
		c.Expect("UNLINK", "a").Reply(":1\r\n")
		c.Expect("UNLINK", "b").Reply("-MOVED 3300 127.0.0.1:7\r\n")
		c.Expect("UNLINK", "c").Reply("-TRYAGAIN later\r\n").ExpectEnd()
	})
	var elsewhere []string
	u := &unlinking{
		UnlinkConfig: UnlinkConfig{OneByOne: true, Deleted: new(atomic.Int64)},
		elsewhere: func(_ context.Context, words ...[]byte) (resp.Value, error) {
			elsewhere = append(elsewhere, fmt.Sprintf("%s", words))
			return resp.Value{Kind: resp.Integer, Int: 1}, nil
		},
	}
	err := u.sweep(context.Background(), at(peer.Addr), nil)
	if want := []string{"[UNLINK b]", "[UNLINK c]"}; err != nil || u.Deleted.Load() != 3 || !slices.Equal(elsewhere, want) {
		t.Errorf("got %d, %v, %q", u.Deleted.Load(), err, elsewhere)
	}
}

func TestAPacerKeepsItsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, begun := newPacer(100), time.Now()
		if p.portion(500) != 10 || newPacer(3).portion(500) != 1 || newPacer(0).portion(500) != 500 {
			t.Error("portions are not a tenth of a second's worth")
		}
		for range 30 {
			if err := p.wait(context.Background(), 10); err != nil {
				t.Fatal(err)
			}
		}
		if got := time.Since(begun); got != 2900*time.Millisecond {
			t.Errorf("300 at 100 a second: %v until the last 10", got)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		if p.wait(ctx, 1); time.Since(begun) != 2901*time.Millisecond {
			t.Errorf("an ended context waits until %v", time.Since(begun))
		}
	})
}

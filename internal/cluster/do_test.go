package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

// fooSlot is the slot of foo and of all keys with that tag.
const fooSlot = 12182

func TestDoFollowsMoved(t *testing.T) {
	r := resptest.SharedCluster(t)
	c := open(t, at(r.Addr()))
	do(t, c, "SET foo 1")
	r.MoveSlot(fooSlot, r.Nodes[2], r.Nodes[0])
	if got := do(t, c, "INCR foo"); got != "2" {
		t.Errorf("INCR: %s", got)
	}
	if got := c.Owner(fooSlot).Addr(); got != r.Nodes[0].Addr {
		t.Errorf("the slot is taken for %s's", got)
	}
}

func TestDoFollowsAsk(t *testing.T) {
	r := resptest.SharedCluster(t)
	c := open(t, at(r.Addr()))
	from, to := r.Nodes[2], r.Nodes[0]
	do(t, c, "SET {foo}old 1")
	do(t, c, "SET {foo}moved 1")
	r.StartMove(fooSlot, from, to)
	r.MoveKey(from, to, "{foo}moved")
	for key, want := range map[string]string{"old": "2", "moved": "2", "new": "1"} {
		if got := do(t, c, "INCR {foo}"+key); got != want {
			t.Errorf("INCR %s: %s, want %s", key, got, want)
		}
	}
	if got := c.Owner(fooSlot).Addr(); got != from.Addr {
		t.Errorf("an ASK is taken for a MOVED to %s", got)
	}
	// Others ask at the same time on the same connection: an ASKING is for the next command alone.
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				c.Do(t.Context(), words("INCR {foo}moved")...)
				c.Do(t.Context(), words("INCR {foo}old")...)
			}
		})
	}
	all.Wait()
	r.MoveSlot(fooSlot, from, to)
	for _, key := range []string{"old", "moved"} {
		if got := do(t, c, "GET {foo}"+key); got != "402" {
			t.Errorf("%s: %s, want 402", key, got)
		}
	}
}

// TestDoWaitsForTheLastKey: a command with keys on both sides of a migration is TRYAGAIN until they
// are together.
func TestDoWaitsForTheLastKey(t *testing.T) {
	r := resptest.SharedCluster(t)
	c := open(t, at(r.Addr()))
	from, to := r.Nodes[2], r.Nodes[0]
	do(t, c, "MSET {foo}1 a {foo}2 b")
	r.StartMove(fooSlot, from, to)
	r.MoveKey(from, to, "{foo}1")
	answer := make(chan string)
	go func() {
		v, err := c.Do(t.Context(), words("MGET {foo}1 {foo}2")...)
		answer <- fmt.Sprint(string(v.Append(nil)), err)
	}()
	for !strings.Contains(from.Do("INFO", "errorstats")+to.Do("INFO", "errorstats"), "TRYAGAIN") {
		time.Sleep(time.Millisecond)
	}
	select {
	case got := <-answer:
		t.Fatalf("an answer without both keys: %q", got)
	default:
	}
	r.MoveKey(from, to, "{foo}2")
	if got, want := <-answer, "*2\r\n$1\r\na\r\n$1\r\nb\r\n<nil>"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	r.FinishMove(fooSlot, to)
}

// impatient is a configuration whose commands wait for half a second only.
func impatient(addr string) Config {
	cfg := at(addr)
	cfg.Client.Timeout = 500 * time.Millisecond
	return cfg
}

func TestDoTellsWhatTheLastWaitMet(t *testing.T) {
	r := resptest.SharedCluster(t)
	c := open(t, impatient(r.Addr()))
	from, to := r.Nodes[2], r.Nodes[0]
	do(t, c, "MSET {foo}1 a {foo}2 b")
	r.StartMove(fooSlot, from, to)
	r.MoveKey(from, to, "{foo}1")
	if got := do(t, c, "MGET {foo}1 {foo}2"); !strings.HasPrefix(got, "(error) TRYAGAIN ") {
		t.Errorf("a key that stays behind: %s", got)
	}
	r.MoveSlot(fooSlot, from, to)
	for _, node := range r.Nodes {
		node.Do("CLUSTER", "DELSLOTS", "0")
		node.Do("CONFIG", "SET", "cluster-require-full-coverage", "no")
	}
	c.Refresh(t.Context())
	if n := c.Owner(0); n != nil {
		t.Errorf("nobody's slot is %s's", n.Addr())
	}
	if got := do(t, c, "GET "+keyIn(0)); !strings.HasPrefix(got, "(error) CLUSTERDOWN ") {
		t.Errorf("nobody's slot: %s", got)
	}
}

// keyIn is a key of the slot.
func keyIn(slot int) string {
	for i := 0; ; i++ {
		if key := fmt.Sprint("key", i); SlotOf([]byte(key)) == slot {
			return key
		}
	}
}

// TestNothingIsDoneTwiceWhileSlotsMove counts while slots go from node to node.
func TestNothingIsDoneTwiceWhileSlotsMove(t *testing.T) {
	r := resptest.SharedCluster(t)
	c := open(t, at(r.Addr()))
	rounds := soak(3, 100)
	const slots, workers = 6, 4
	var keys [slots]string
	for i := range keys {
		keys[i] = keyIn(fooSlot + i)
	}
	var stop atomic.Bool
	var done [slots]atomic.Int64
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for i := 0; !stop.Load(); i++ {
				at := i % slots
				v, err := c.Do(t.Context(), []byte("INCR"), []byte(keys[at]))
				if err != nil || v.IsError() {
					t.Errorf("INCR %s: %s, %v", keys[at], text(v), err)
					return
				}
				done[at].Add(1)
			}
		})
	}
	for round := range rounds {
		for i := range keys {
			r.MoveSlot(fooSlot+i, r.Nodes[(round+2)%3], r.Nodes[round%3])
		}
	}
	stop.Store(true)
	all.Wait()
	for i, key := range keys {
		if got, want := do(t, c, "GET "+key), fmt.Sprint(done[i].Load()); got != want || want == "0" {
			t.Errorf("%s is %s, want %s", key, got, want)
		}
	}
}

// soak chooses between a run for every day and a long one.
func soak[T any](short, long T) T {
	if os.Getenv("EASYCLI_SOAK") == "1" {
		return long
	}
	return short
}

// circlePeer is a node whose map says that it has all slots, and that sends everybody else on.
func circlePeer(t *testing.T, answer func(c *resptest.PeerConn, args []string) string) *resptest.PeerServer {
	return resptest.Peer(t, func(c *resptest.PeerConn) {
		for {
			args := c.Next()
			host, port := "127.0.0.1", c.Conn.LocalAddr().String()[len("127.0.0.1:"):]
			switch strings.ToUpper(strings.Join(args[:min(2, len(args))], " ")) {
			case "CLUSTER SHARDS":
				c.Reply("-ERR Unknown subcommand or wrong number of arguments for 'SHARDS'\r\n")
			case "CLUSTER SLOTS":
				c.Reply(bulks(fmt.Sprintf("*1 *3 :0 :16383 *3 %s :%s abc", host, port)))
			case "CLUSTER MYID":
				c.Reply(bulks("abc"))
			default:
				c.Reply(answer(c, args))
			}
		}
	})
}

func TestCirclesEnd(t *testing.T) {
	t.Parallel()
	var a, b *resptest.PeerServer
	a = circlePeer(t, func(*resptest.PeerConn, []string) string { return "-MOVED 15495 " + b.Addr + "\r\n" })
	b = circlePeer(t, func(*resptest.PeerConn, []string) string { return "-MOVED 15495 " + a.Addr + "\r\n" })
	for _, cfg := range []Config{at(a.Addr), impatient(a.Addr)} {
		c := open(t, cfg)
		_, err := c.Do(t.Context(), words("SET a 1")...)
		var circle *CircleError
		if !errors.As(err, &circle) || !strings.Contains(err.Error(), "MOVED 15495 127.0.0.1:") {
			t.Errorf("%v", err)
		}
	}
}

func TestMalformedRedirectionsAreTheAnswer(t *testing.T) {
	for _, reply := range []string{"MOVED 15495 a\x1b]0;x\a:1", "ASK 15495 nowhere", "MOVED 99999 127.0.0.1:1"} {
		p := circlePeer(t, func(*resptest.PeerConn, []string) string { return "-" + reply + "\r\n" })
		if got := do(t, open(t, at(p.Addr)), "SET a 1"); got != "(error) "+reply {
			t.Errorf("%q, want %q", got, reply)
		}
	}
}

// TestRedirectionToTheSameHost: a node that knows no name leaves the host out.
func TestRedirectionToTheSameHost(t *testing.T) {
	b := circlePeer(t, func(*resptest.PeerConn, []string) string { return "+OK\r\n" })
	a := circlePeer(t, func(*resptest.PeerConn, []string) string {
		return "-MOVED 15495 :" + strings.TrimPrefix(b.Addr, "127.0.0.1:") + "\r\n"
	})
	if got := do(t, open(t, at(a.Addr)), "SET a 1"); got != "OK" {
		t.Errorf("got %s", got)
	}
}

// TestInDoubtIsNotRepeated: what may have been carried out is never sent again.
func TestInDoubtIsNotRepeated(t *testing.T) {
	var seen atomic.Int32
	p := circlePeer(t, func(c *resptest.PeerConn, args []string) string {
		seen.Add(1)
		c.Reset()
		return ""
	})
	c := open(t, at(p.Addr))
	_, err := c.Do(t.Context(), words("INCR a")...)
	if !errors.Is(err, pipeclient.ErrInDoubt) || seen.Load() != 1 {
		t.Errorf("%v, sent %d times", err, seen.Load())
	}
}

func TestLoadingIsWaitedFor(t *testing.T) {
	var seen atomic.Int32
	p := circlePeer(t, func(*resptest.PeerConn, []string) string {
		return []string{"", "-LOADING Redis is loading the dataset in memory\r\n",
			"-CLUSTERDOWN The cluster is down\r\n", "+OK\r\n"}[seen.Add(1)]
	})
	if got := do(t, open(t, at(p.Addr)), "SET a 1"); got != "OK" || seen.Load() != 3 {
		t.Errorf("%s after %d attempts", got, seen.Load())
	}
}

// TestFailover kills a master while commands go to it, and promotes its replica.
func TestFailover(t *testing.T) {
	t.Parallel()
	r := resptest.Cluster(t, 3, 1)
	c := open(t, at(r.Addr()))
	master, replica := r.Nodes[2], r.Nodes[5]
	do(t, c, "SET foo 1")
	inStep(t, c.Owner(fooSlot))
	if got := c.Replicas(c.Owner(fooSlot)); len(got) != 1 || got[0].Addr() != replica.Addr {
		t.Errorf("replicas %v", addrs(got))
	}
	conn, _ := c.Owner(fooSlot).Conn(t.Context())
	master.Stop(syscall.SIGKILL)
	<-conn.Over() // or the command might be in doubt
	answer := make(chan string)
	go func() { answer <- do(t, c, "APPEND foo 2") }()
	r.Promote(replica)
	if got := <-answer; got != "2" {
		t.Errorf("APPEND: %s", got)
	}
	if got := do(t, c, "GET foo"); got != "12" {
		t.Errorf("foo is %s", got)
	}
	if got := c.Owner(fooSlot).Addr(); got != replica.Addr {
		t.Errorf("the slot is taken for %s's", got)
	}

	// The seed goes as well: keyless commands go elsewhere, the map comes from another node.
	r.Nodes[0].Stop(syscall.SIGKILL)
	r.Promote(r.Nodes[3])
	if got := do(t, c, "PING x"); got != "x" {
		t.Errorf("without the seed: %s", got)
	}
	if err := c.Refresh(t.Context()); err != nil || c.Owner(0).Addr() != r.Nodes[3].Addr {
		t.Errorf("refreshed without the seed: %s, %v", c.Owner(0).Addr(), err)
	}
}

// TestHandover counts while a master and its replica change places, several times.
func TestHandover(t *testing.T) {
	t.Parallel()
	r := resptest.Cluster(t, 3, 1)
	c := open(t, at(r.Addr()))
	var stop atomic.Bool
	var done atomic.Int64
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for !stop.Load() {
				if v, err := c.Do(t.Context(), words("INCR foo")...); err != nil || v.IsError() {
					t.Errorf("INCR: %s, %v", text(v), err)
					return
				}
				done.Add(1)
			}
		})
	}
	for round := range soak(2, 20) {
		replica := []*resptest.Redis{r.Nodes[5], r.Nodes[2]}[round%2]
		if got := replica.Do("CLUSTER", "FAILOVER"); got != "OK" {
			t.Errorf("FAILOVER: %s", got)
		}
		for r.Owner(fooSlot) != replica {
			time.Sleep(5 * time.Millisecond)
		}
		r.Settle()
	}
	stop.Store(true)
	all.Wait()
	if got, want := do(t, c, "GET foo"), fmt.Sprint(done.Load()); got != want {
		t.Errorf("counted %s, want %s", got, want)
	}
}

// TestAMasterDies waits until the cluster notices by itself, which takes it seconds.
func TestAMasterDies(t *testing.T) {
	if !soak(false, true) {
		t.Skip("seconds of waiting: EASYCLI_SOAK=1")
	}
	r := resptest.Cluster(t, 3, 1)
	for _, signal := range []os.Signal{syscall.SIGKILL, syscall.SIGSTOP} {
		cfg := at(r.Addr())
		if signal == syscall.SIGSTOP {
			cfg.Client.Timeout = 10 * time.Second
		}
		c := open(t, cfg)
		master := r.Owner(fooSlot)
		do(t, c, "SET foo 1")
		inStep(t, c.Owner(fooSlot))
		if signal == syscall.SIGSTOP { // it is not gone: what is sent to it is in doubt in the end
			master.Signal(signal)
			if _, err := c.Do(t.Context(), words("APPEND foo 2")...); !errors.Is(err, pipeclient.ErrInDoubt) {
				t.Errorf("a stopped master: %v", err)
			}
		} else {
			conn, _ := c.Owner(fooSlot).Conn(t.Context())
			master.Stop(signal)
			<-conn.Over()
		}
		if got := do(t, c, "SET foo 3"); got != "OK" {
			t.Errorf("%v: SET: %s", signal, got)
		}
		if got := c.Owner(fooSlot).Addr(); got == master.Addr {
			t.Errorf("%v: the slot is still %s's", signal, got)
		}
		if signal == syscall.SIGKILL {
			master.Restart()
			r.Settle()
		}
	}
}

// TestANodeThatIsGone: the error says which, and that nothing was sent.
func TestANodeThatIsGone(t *testing.T) {
	t.Parallel()
	r := resptest.Cluster(t, 3, 0)
	gone := r.Nodes[2]
	gone.Stop(syscall.SIGKILL)
	c := open(t, impatient(r.Addr())) // before anybody has noticed
	_, err := c.Do(t.Context(), words("SET foo 1")...)
	var connect *pipeclient.ConnectError
	if !errors.As(err, &connect) || !strings.Contains(err.Error(), gone.Addr) {
		t.Errorf("got %v", err)
	}
	if got := do(t, c, "SET hello 1"); got != "OK" { // slot 866
		t.Errorf("another slot: %s", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Do(ctx, words("SET hello 1")...); err == nil {
		t.Error("a command whose time is over was carried out")
	}
}

func TestReadsFromReplicas(t *testing.T) {
	t.Parallel()
	r := resptest.Cluster(t, 2, 1)
	for _, from := range []ReadFrom{Masters, Replicas, Any} {
		for _, node := range r.Nodes {
			node.Do("CONFIG", "RESETSTAT")
		}
		cfg := at(r.Addr())
		cfg.ReadFrom = from
		c := open(t, cfg)
		if got := do(t, c, "SET foo v"); got != "OK" {
			t.Fatal(got)
		}
		inStep(t, c.Owner(fooSlot))
		for range 10 {
			if got := do(t, c, "GET foo"); got != "v" {
				t.Errorf("GET: %s", got)
			}
		}
		calls := func(node *resptest.Redis) string {
			got, _, _ := strings.Cut(node.Info("commandstats")["cmdstat_get"], ",")
			return got
		}
		want := map[ReadFrom][2]string{Masters: {"calls=10", ""}, Replicas: {"", "calls=10"}, Any: {"calls=5", "calls=5"}}[from]
		if got := [2]string{calls(r.Nodes[1]), calls(r.Nodes[3])}; got != want {
			t.Errorf("%d: %q, want %q", from, got, want)
		}
		if from == Any {
			r.Nodes[3].Stop(syscall.SIGKILL)
			for range 4 {
				if got := do(t, c, "GET foo"); got != "v" {
					t.Errorf("without the replica: %s", got)
				}
			}
		}
	}
}

// TestPasswordOfOneNode: the node with another password is named, and others go on.
func TestPasswordOfOneNode(t *testing.T) {
	r := resptest.SharedCluster(t)
	odd := r.Nodes[2]
	odd.Do("CONFIG", "SET", "requirepass", "other")
	t.Cleanup(func() {
		conn, err := pipeclient.Dial(context.Background(), pipeclient.Config{Addr: odd.Addr, Pass: "other", HasPass: true})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.Do(context.Background(), "CONFIG", "SET", "requirepass", "")
	})
	c := open(t, at(r.Addr()))
	if got := do(t, c, "SET foo v"); !strings.HasPrefix(got, "(error) NOAUTH ") {
		t.Errorf("without a password: %s", got)
	}
	for _, node := range r.Nodes[:2] {
		node.Do("ACL", "SETUSER", "u", "on", ">secret", "~*", "+@all")
		t.Cleanup(func() { node.Do("ACL", "DELUSER", "u") })
	}
	cfg := at(r.Addr())
	cfg.Client.User, cfg.Client.Pass, cfg.Client.HasPass = "u", "secret", true
	c = open(t, cfg)
	_, err := c.Do(t.Context(), words("SET foo v")...)
	var connect *pipeclient.ConnectError
	if !errors.As(err, &connect) || connect.Step != "AUTH" || !strings.HasPrefix(err.Error(), "node "+odd.Addr+": AUTH failed: WRONGPASS") {
		t.Errorf("with one that is refused: %v", err)
	}
	if strings.Contains(fmt.Sprint(err), "secret") {
		t.Error("the password is in the error")
	}
	if got := do(t, c, "SET hello v"); got != "OK" {
		t.Errorf("another node: %s", got)
	}
}

func TestNothingIsLeftRunning(t *testing.T) {
	r := resptest.SharedCluster(t)
	before := runtime.NumGoroutine()
	c := open(t, at(r.Addr()))
	for _, key := range []string{"a", "b", "foo"} {
		do(t, c, "SET "+key+" v")
	}
	for range 10 {
		c.Learn(0, r.Addr())
		go c.Refresh(context.Background())
	}
	c.Close()
	c.Close()
	if _, err := c.Do(t.Context(), words("GET a")...); err == nil {
		t.Error("a closed cluster answers")
	}
	if err := c.Refresh(t.Context()); !errors.Is(err, pipeclient.ErrClosed) {
		t.Errorf("a closed cluster refreshes: %v", err)
	}
	for start := time.Now(); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Since(start) > 10*time.Second {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, before %d\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

package bulk

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

// A server that is killed and comes back with what it had saved. T132 with a checkpoint.
func TestACheckpointSurvivesAKilledServer(t *testing.T) {
	for _, fsync := range []string{"always", "everysec"} {
		n := soak(60_000, 2_000_000)
		s := resptest.Server(t, "--appendonly", "yes", "--appendfsync", fsync)
		in := newGated(strings.Repeat("INCR exact\r\n", n))
		ended := make(chan outcome, 1)
		go func() { ended <- loadInto(s.Addr, in, withCheckpoint("ck", 500)) }()
		rng := rand.New(rand.NewPCG(1, 2))
		for kill := range 4 {
			in.open(len(in.text) * (kill + 1) / 5)
			await(t, func() bool { return number(s, "GET", "exact") > n*kill/5+rng.IntN(n/20) })
			s.Stop(syscall.SIGKILL)
			s.Restart()
		}
		in.open(len(in.text))
		o := <-ended
		if got := number(s, "GET", "exact"); o.end != nil || got != n || o.Checkpoint.Reconnects < 3 || !o.Checkpoint.Complete {
			t.Fatalf("%s: counter %d, %+v\n%+v", fsync, got, o, o.Checkpoint)
		}
	}
}

// gated is an input that is read up to a gate, until the next one is opened.
type gated struct {
	text string
	at   int

	mu    sync.Mutex
	moved sync.Cond
	gate  int
}

func newGated(text string) *gated {
	g := &gated{text: text}
	g.moved.L = &g.mu
	return g
}

func (g *gated) open(gate int) {
	g.mu.Lock()
	g.gate = gate
	g.mu.Unlock()
	g.moved.Broadcast()
}

func (g *gated) Read(p []byte) (int, error) {
	if g.at == len(g.text) {
		return 0, io.EOF
	}
	g.mu.Lock()
	for g.gate <= g.at {
		g.moved.Wait()
	}
	n := copy(p, g.text[g.at:g.gate])
	g.mu.Unlock()
	g.at += n
	return n, nil
}

// number is an answer of the server as a number.
func number(s *resptest.Redis, words ...string) int {
	n := 0
	fmt.Sscan(s.Do(words...), &n)
	return n
}

// The server comes back with less than it had acknowledged: data and key have gone back together.
func TestACheckpointGoesBackWithTheServer(t *testing.T) {
	s := resptest.Server(t)
	const n = 5000
	for _, c := range []struct {
		name string
		back func()
		says string
	}{
		{"gone back", func() {
			s.Do("EVAL", "redis.call('SET', 'exact', 1000) redis.call('HSET', 'ck', 'commands', 1000, 'byte', 11000)", "0")
		},
			"the server has gone back to command 1000, though it had acknowledged"},
		{"gone", func() { s.Do("DEL", "exact", "ck") }, `"ck" is gone: somebody has deleted it, or the server has lost its data`},
		{"taken over", func() { s.Do("HSET", "ck", "load", "another") }, `another load has taken over "ck"`},
	} {
		s.Do("DEL", "exact", "ck")
		proxy := resptest.Proxy(t, s.Addr, nil)
		in := newGated(strings.Repeat("INCR exact\n", n))
		ended := make(chan outcome, 1)
		go func() { ended <- loadInto(proxy.Addr, in, withCheckpoint("ck", 100)) }()
		in.open(len(in.text) / 2)
		await(t, func() bool { return number(s, "GET", "exact") == n/2 })
		c.back()
		proxy.CutAll(true)
		in.open(len(in.text))
		o := <-ended
		var own *CheckpointError
		if !errors.As(o.end, &own) || !strings.Contains(o.err, c.says) {
			t.Fatalf("%s: %+v", c.name, o)
		}
		o = loadText(t, s, in.text, withCheckpoint("ck", 100))
		if got := number(s, "GET", "exact"); o.end != nil || got != n {
			t.Fatalf("%s, again: counter %d, %+v", c.name, got, o)
		}
	}
}

func TestOneLoadAtATimeUsesACheckpoint(t *testing.T) { // T145
	s := resptest.Shared(t)
	in := newGated(strings.Repeat("INCR exact\n", 3000))
	ended := make(chan outcome, 1)
	go func() { ended <- loadInto(s.Addr, in, withCheckpoint("ck", 100)) }()
	in.open(1100)
	await(t, func() bool { return number(s, "GET", "exact") == 100 })
	o := loadText(t, s, in.text, withCheckpoint("ck", 100))
	var own *CheckpointError
	if !errors.As(o.end, &own) || o.Replies != 0 || !strings.Contains(o.err, `"ck" is in use: client `) || !strings.Contains(o.err, "is loading") {
		t.Fatalf("%+v", o)
	}
	in.open(len(in.text))
	if o := <-ended; o.end != nil || number(s, "GET", "exact") != 3000 {
		t.Fatalf("the first: %+v", o)
	}
}

func TestWhatEndsACheckpointedLoadAndHowItGoesOn(t *testing.T) {
	s := resptest.Server(t)
	value := strings.Repeat("v", 10_000)
	var in strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&in, "SETRANGE k%d 0 %s\nINCR exact\n", i, value)
	}
	s.Do("CONFIG", "SET", "maxmemory", "4mb")
	o := loadText(t, s, in.String(), withCheckpoint("ck", 64))
	at := number(s, "HGET", "ck", "commands")
	var stop *StopError
	if !errors.As(o.end, &stop) || stop.Class != "OOM" || o.Checkpoint.Commands != int64(at) || at == 0 || at > 1000 ||
		!strings.Contains(o.err, "the server has reached its maxmemory") || !strings.Contains(o.err, fmt.Sprintf("loaded up to command %d", at)) {
		t.Fatalf("at %d: %+v", at, o)
	}
	s.Do("CONFIG", "SET", "maxmemory", "0")
	s.Do("CONFIG", "SET", "min-replicas-to-write", "1")
	o = loadText(t, s, in.String(), withCheckpoint("ck", 64))
	if !strings.Contains(o.err, `"ck" cannot be used as a checkpoint: NOREPLICAS`) || number(s, "HGET", "ck", "commands") != at {
		t.Fatalf("%+v", o)
	}
	s.Do("CONFIG", "SET", "min-replicas-to-write", "0")
	s.Do("CONFIG", "SET", "maxmemory", "1gb")
	s.Do("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
	if o = loadText(t, s, in.String(), withCheckpoint("ck", 64)); !strings.Contains(o.err, "the server may evict any key") {
		t.Fatalf("%+v", o)
	}
	s.Do("CONFIG", "SET", "maxmemory-policy", "volatile-lru")
	o = loadText(t, s, in.String(), withCheckpoint("ck", 64), func(c *Config) { c.StopAfter = 1 })
	if o.end != nil || number(s, "GET", "exact") != 1000 || number(s, "DBSIZE") != 1002 {
		t.Fatalf("%+v", o)
	}
	s.Do("FLUSHALL")
	o = loadText(t, s, strings.Repeat("INCR exact\nLPUSH exact x\n", 500), withCheckpoint("ck", 10), func(c *Config) { c.StopAfter = 3 })
	if !isLimit(o.end) || o.Errors < 3 || o.Errors > 20 || number(s, "GET", "exact")*2 != number(s, "HGET", "ck", "commands") {
		t.Fatalf("counter %s, %+v", s.Do("GET", "exact"), o)
	}
}

// A server that is busy is waited for.
func TestACheckpointWaitsForABusyServer(t *testing.T) {
	s := resptest.Server(t, "--busy-reply-threshold", "20")
	in := newGated(strings.Repeat("INCR exact\n", 2000))
	ended := make(chan outcome, 1)
	go func() { ended <- loadInto(s.Addr, in, withCheckpoint("ck", 50)) }()
	in.open(1100)
	await(t, func() bool { return number(s, "GET", "exact") == 100 })
	script := connected(t, s)
	defer script.Close()
	gone := make(chan error, 1)
	go func() { _, err := script.Do(t.Context(), "EVAL", "while true do end", "0"); gone <- err }()
	await(t, func() bool { return strings.HasPrefix(s.Do("PING"), "(error) BUSY") })
	in.open(len(in.text))
	time.Sleep(50 * time.Millisecond) // nothing that could be waited for: it is being refused
	s.Do("SCRIPT", "KILL")
	<-gone
	if o := <-ended; o.end != nil || number(s, "GET", "exact") != 2000 {
		t.Fatalf("counter %s, %+v", s.Do("GET", "exact"), o)
	}
}

func TestACheckpointThatGetsNowhereGivesUp(t *testing.T) {
	s := resptest.Shared(t)
	in := strings.Repeat("INCR exact\n", 1000)
	proxy := resptest.Proxy(t, s.Addr, func(int) resptest.Plan {
		return resptest.Plan{Up: resptest.Lane{Then: resptest.RST, At: 2000}}
	})
	o := loadInto(proxy.Addr, strings.NewReader(in), withCheckpoint("ck", 500))
	if !errors.As(o.end, new(*pipeclient.LostError)) || !strings.Contains(o.err, "loaded up to command 0") {
		t.Fatalf("%+v", o)
	}
	gone := resptest.Proxy(t, s.Addr, nil)
	in2 := newGated(in)
	ended := make(chan outcome, 1)
	go func() {
		ended <- loadInto(gone.Addr, in2, withCheckpoint("ck2", 100), func(c *Config) { c.Client.Timeout = 300 * time.Millisecond })
	}()
	in2.open(1100)
	await(t, func() bool { return number(s, "HGET", "ck2", "commands") == 100 })
	gone.Close()
	in2.open(len(in))
	o = <-ended
	if !errors.As(o.end, new(*pipeclient.LostError)) || !strings.Contains(o.err, "no way back in 300ms") || errors.As(o.end, new(*pipeclient.ConnectError)) ||
		!strings.Contains(o.err, "loaded up to command 100 (byte 1100)") && !strings.Contains(o.err, "1-100 are in doubt") {
		t.Fatalf("%+v", o)
	}
}

// What comes slowly is loaded as it comes, and an interrupt leaves a clean position.
func TestACheckpointedLoadOfASlowInput(t *testing.T) {
	s := resptest.Shared(t)
	in := newGated(strings.Repeat("INCR exact\n", 1000))
	stop := make(chan struct{})
	ended := make(chan outcome, 1)
	go func() {
		ended <- loadInto(s.Addr, in, withCheckpoint("ck", 500), func(c *Config) { c.Interrupt = stop })
	}()
	for i := range 5 {
		in.open(11 * (i + 1))
		await(t, func() bool { return number(s, "HGET", "ck", "commands") == i+1 })
	}
	close(stop)
	o := <-ended
	if o.end != ErrInterrupted || o.Checkpoint.Commands != 5 || o.InDoubt != nil {
		t.Fatalf("%+v", o)
	}
	if o := loadText(t, s, in.text, withCheckpoint("ck", 500)); o.end != nil || number(s, "GET", "exact") != 1000 {
		t.Fatalf("%+v", o)
	}
}

func TestACheckpointInACluster(t *testing.T) {
	c := resptest.SharedCluster(t)
	var in strings.Builder
	for range 3000 {
		in.WriteString("INCR {ck}exact\n")
	}
	at := c.Owner(cluster.SlotOf([]byte("ck")))
	for _, node := range c.Masters() {
		o := loadText(t, node, in.String(), withCheckpoint("ck", 100))
		switch {
		case node != at:
			if o.end == nil || !strings.Contains(o.err, `"ck" belongs on another node of the cluster, `+at.Addr) {
				t.Errorf("%+v", o)
			}
		case o.end != nil:
			t.Errorf("%+v", o)
		}
	}
	if got := c.Do("GET", "{ck}exact"); got != "3000" {
		t.Fatal(got)
	}
	for _, node := range c.Masters() {
		for bad, want := range map[string]string{
			"SET other 1": `the key "other" is in slot`, "MSET {ck}a 1 b 2": `the key "b" is in slot`, "NO.SUCH {ck}a": `"NO.SUCH" is not known`,
			"SCRIPT LOAD 'return 1'": "SCRIPT LOAD is for every node",
		} {
			c.Do("DEL", "ck", "{ck}exact")
			cl, err := cluster.Open(t.Context(), cluster.Config{Client: pipeclient.Config{Addr: node.Addr}})
			if err != nil {
				t.Fatal(err)
			}
			o := loadText(t, node, in.String()+bad+"\nINCR {ck}exact\n", withCheckpoint("ck", 100), func(c *Config) { c.Cluster = cl })
			if e := o.input(t); e.Number != 3001 || !strings.Contains(e.Msg, want) || c.Do("GET", "{ck}exact") != "3000" {
				t.Errorf("%s: %+v", bad, o)
			}
			cl.Close()
		}
	}
}

// The slot of the key moves to another node in the middle of the load.
func TestACheckpointFollowsItsSlot(t *testing.T) {
	c := resptest.SharedCluster(t)
	slot := cluster.SlotOf([]byte("ck"))
	from := c.Owner(slot)
	var to *resptest.Redis
	for _, node := range c.Masters() {
		if node != from {
			to = node
		}
	}
	cl, err := cluster.Open(t.Context(), cluster.Config{Client: pipeclient.Config{Addr: from.Addr}})
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	in := newGated(strings.Repeat("INCR {ck}exact\n", 6000))
	ended := make(chan outcome, 1)
	go func() {
		ended <- loadInto(from.Addr, in, withCheckpoint("ck", 100), func(c *Config) { c.Cluster = cl })
	}()
	in.open(15 * 3000)
	await(t, func() bool { return c.Do("GET", "{ck}exact") == "3000" })
	c.StartMove(slot, from, to)
	in.open(15 * 4000)
	c.MoveKeys(slot, from, to, 100)
	c.FinishMove(slot, to)
	in.open(len(in.text))
	if o := <-ended; o.end != nil || c.Do("GET", "{ck}exact") != "6000" {
		t.Fatalf("counter %s, %+v", c.Do("GET", "{ck}exact"), o)
	}
}

func TestACheckpointAndAServerThatIsFull(t *testing.T) {
	s := resptest.Server(t, "--maxclients", "3")
	for range 3 {
		conn := connected(t, s)
		defer conn.Close()
		if _, err := conn.Do(t.Context(), "PING"); err != nil {
			t.Fatal(err)
		}
	}
	o := loadText(t, s, "INCR exact\n", withCheckpoint("ck", 100))
	if refused := (*pipeclient.ConnectError)(nil); !errors.As(o.end, &refused) || !strings.Contains(refused.Refused, "max number of clients") {
		t.Fatalf("%+v", o)
	}
	if o = loadInto("127.0.0.1:1", strings.NewReader("INCR exact\n"), withCheckpoint("ck", 100)); !errors.As(o.end, new(*pipeclient.ConnectError)) {
		t.Fatalf("%+v", o)
	}
}

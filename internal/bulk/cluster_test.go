package bulk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

// loadCluster loads into the cluster that the server at addr belongs to.
func loadCluster(t *testing.T, addr string, in Input, change ...func(*Config)) outcome {
	t.Helper()
	nodes, err := cluster.Open(context.Background(), cluster.Config{Client: pipeclient.Config{Addr: addr, Timeout: 20 * time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	defer nodes.Close()
	var out, errOut strings.Builder
	cfg := Config{Client: pipeclient.Config{Timeout: 20 * time.Second}, Cluster: nodes, Inputs: []Input{in}, Out: &out, Err: &errOut}
	for _, c := range change {
		c(&cfg)
	}
	report, err := Run(context.Background(), cfg)
	return outcome{report, out.String(), errOut.String(), err}
}

// shared is an input that appends increasing numbers to lists: with it, the order of the commands on
// each key shows.
type shared struct {
	// mu guards what is made while it is read: a load that breaks off does not wait for its reader.
	mu    sync.Mutex
	text  strings.Builder
	keys  []string
	want  map[string]int // elements in each
	count int64
	order []int // key of each command
}

func newShared(commands, keys int) *shared {
	s := &shared{want: map[string]int{}}
	for i := range keys {
		s.keys = append(s.keys, fmt.Sprintf("seq:%d", i))
	}
	r := rand.New(rand.NewPCG(3, uint64(commands)))
	for range commands {
		key := s.keys[r.IntN(keys)]
		fmt.Fprintf(&s.text, "RPUSH %s %d\n", key, s.want[key])
		s.want[key]++
	}
	return s
}

func (s *shared) input() Input { return reading(strings.NewReader(s.text.String()))[0] }

// check fails the test unless every key has its numbers in order, each of them once.
func (s *shared) check(t *testing.T, c *resptest.RedisCluster) {
	t.Helper()
	for key, n := range s.want {
		got := strings.Fields(c.Do("LRANGE", key, "0", "-1"))
		if len(got) != n {
			t.Errorf("%s has %d elements, not %d", key, len(got), n)
		}
		for i, element := range got {
			if element != fmt.Sprint(i) {
				t.Fatalf("%s: element %d is %s", key, i, element)
			}
		}
	}
}

func TestAClusterIsLoadedAsOneDatabase(t *testing.T) {
	c := resptest.SharedCluster(t)
	s := newShared(soak(30_000, 1_000_000), 500)
	o := loadCluster(t, c.Addr(), s.input())
	if total := int64(soak(30_000, 1_000_000)); o.end != nil || o.Replies != total || o.Errors != 0 || o.err != "" {
		t.Fatalf("%v %+v\n%s", o.end, o.Report, o.err)
	}
	s.check(t, c)
}

// input gives the commands as long as something lasts.
func (s *shared) while(lasts func() bool) Input {
	r := rand.New(rand.NewPCG(5, 6))
	left := ""
	return Input{Open: func() (io.ReadCloser, error) {
		return io.NopCloser(readerFunc(func(p []byte) (int, error) {
			if left == "" && !lasts() {
				return 0, io.EOF
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			for len(left) < len(p) {
				at := r.IntN(len(s.keys))
				key := s.keys[at]
				s.order = append(s.order, at)
				left += fmt.Sprintf("RPUSH %s %d\n", key, s.want[key])
				s.want[key]++
				s.count++
				if len(left) > 8<<10 {
					break
				}
			}
			n := copy(p, left)
			left = left[n:]
			return n, nil
		})), nil
	}}
}

// moving moves slots of those keys to and fro, so many times.
func moving(c *resptest.RedisCluster, keys []string, times int) (done *atomic.Bool) {
	done = new(atomic.Bool)
	go func() {
		defer done.Store(true)
		masters := c.Masters()
		r := rand.New(rand.NewPCG(1, 2))
		for moves := 0; moves < times; {
			slot := cluster.SlotOf([]byte(keys[r.IntN(len(keys))]))
			from, to := c.Owner(slot), masters[r.IntN(len(masters))]
			if to.Addr != from.Addr {
				c.MoveSlot(slot, from, to)
				moves++
			}
		}
	}()
	return done
}

func TestTheOrderIsKeptWhileSlotsMove(t *testing.T) {
	for _, masters := range []int{3, soak(3, 6)} {
		c := resptest.Cluster(t, masters, 0)
		s := newShared(0, 100)
		done := moving(c, s.keys, soak(25, 400))
		o := loadCluster(t, c.Addr(), s.while(func() bool { return !done.Load() }))
		if o.end != nil || o.Errors != 0 || len(o.InDoubt)+len(o.NotSent) > 0 || o.Replies != s.count {
			t.Fatalf("%v %+v, not %d\n%s", o.end, o.Report, s.count, o.err)
		}
		t.Logf("%d commands", s.count)
		s.check(t, c)
	}
}

func TestCommandsForSeveralNodes(t *testing.T) {
	c := resptest.SharedCluster(t)
	o := loadCluster(t, c.Addr(), reading(strings.NewReader(strings.Join([]string{
		"SET old 1", "EXISTS old", "SET old 2",
		"FLUSHALL",
		"MSET a 1 b 2 c 3 d 4",
		"DEL a nosuch b",
		"SCRIPT LOAD 'return redis.call(\"INCR\", KEYS[1])'",
		"EVALSHA f793247de6e1e3c553cd42d39c812df499e679e4 1 c",
		"SELECT 0",
		"SELECT 1",
		"PING",
		"SINTERSTORE x y z",
		"INCR c",
		"MSETNX p 1 q 2",
		"MSET e 1 f",
	}, "\n")))[0])
	if !errors.Is(o.end, ErrCommands) || o.Replies != 15 {
		t.Fatalf("%v %+v\n%s", o.end, o.Report, o.err)
	}
	for _, part := range []string{
		"easycli: MSET was split over 4 slots of the cluster and is not atomic\n",
		"line 10, byte ", "SELECT: ERR SELECT is not allowed in cluster mode",
		"line 12, byte ", "SINTERSTORE: CROSSSLOT", "line 14, byte ", "MSETNX: CROSSSLOT",
		"line 15, byte ", "MSET: CROSSSLOT",
	} {
		if !strings.Contains(o.err, part) {
			t.Errorf("no %q in\n%s", part, o.err)
		}
	}
	if strings.Count(o.err, "split") != 1 || o.Errors != 4 {
		t.Errorf("%+v\n%s", o.Report, o.err)
	}
	for key, want := range map[string]string{"old": "(nil)", "a": "(nil)", "b": "(nil)", "c": "5", "d": "4"} {
		if got := c.Do("GET", key); got != want {
			t.Errorf("%s is %q, not %q", key, got, want)
		}
	}
}

// A transaction goes to the node of its keys, which must be one.
func TestTransactionsInACluster(t *testing.T) {
	c := resptest.SharedCluster(t)
	o := loadCluster(t, c.Addr(), reading(strings.NewReader(
		"MULTI\nSET {a}1 x\nAPPEND {a}2 y\nEXEC\nSET b 1\nMULTI\nSET {c}1 z\nDISCARD\nMULTI\nINCR {b}n\nEXEC\n"))[0])
	if o.end != nil || o.Replies != 11 || o.Discarded != 1 {
		t.Fatalf("%v %+v\n%s", o.end, o.Report, o.err)
	}
	if c.Do("GET", "{a}2") != "y" || c.Do("GET", "{b}n") != "1" || c.Do("EXISTS", "{c}1") != "0" {
		t.Error("not what was to be done")
	}
	for _, lines := range []string{"MULTI\nSET {a}1 no\nSET b 1\nEXEC\n", "MULTI\nMSET {a}1 no b 1\nEXEC\n"} {
		o = loadCluster(t, c.Addr(), reading(strings.NewReader("SET before 1\n" + lines))[0])
		e := o.input(t)
		if !strings.Contains(e.Msg, `"{a}1" (slot 15495) and "b" (slot 3300)`) || o.Replies != 1 || c.Do("GET", "{a}1") != "x" {
			t.Errorf("%v %+v", e, o.Report)
		}
	}
	for _, line := range []string{"WATCH a", "RESET", "AUTH x", "ASKING", "READONLY"} {
		if e := loadCluster(t, c.Addr(), reading(strings.NewReader(line + "\n"))[0]).input(t); e.Number != 1 {
			t.Errorf("%s: %v", line, e)
		}
	}
}

func TestALargeCommandInACluster(t *testing.T) {
	c := resptest.SharedCluster(t)
	value := strings.Repeat("v", maxWhole+1<<20)
	var wire strings.Builder
	for i := range 4 {
		wire.WriteString(resptest.Command("SET", fmt.Sprint("large:", i), value))
		wire.WriteString(resptest.Command("APPEND", fmt.Sprint("large:", i), "!"))
	}
	slot := cluster.SlotOf([]byte("large:3"))
	from := c.Owner(slot)
	to := c.Masters()[0]
	if to.Addr == from.Addr {
		to = c.Masters()[1]
	}
	nodes, err := cluster.Open(context.Background(), cluster.Config{Client: pipeclient.Config{Addr: c.Addr()}})
	if err != nil {
		t.Fatal(err)
	}
	defer nodes.Close()
	c.MoveSlot(slot, from, to) // behind the load's back
	var errOut strings.Builder
	report, err := Run(context.Background(), Config{Cluster: nodes, Inputs: reading(strings.NewReader(wire.String())), Out: io.Discard, Err: &errOut})
	if err != nil || report.Replies != 8 {
		t.Fatalf("%v %+v\n%s", err, report, errOut.String())
	}
	for i := range 4 {
		if got := c.Do("STRLEN", fmt.Sprint("large:", i)); got != fmt.Sprint(len(value)+1) {
			t.Errorf("%d: %s", i, got)
		}
	}
}

// TestASlotMovesUnderALargeCommand, while that is being read: it is sent again as any other.
func TestASlotMovesUnderALargeCommand(t *testing.T) {
	c := resptest.SharedCluster(t)
	slot := cluster.SlotOf([]byte("large"))
	from, to := c.Owner(slot), c.Masters()[0]
	if to.Addr == from.Addr {
		to = c.Masters()[1]
	}
	in, w := io.Pipe()
	go func() {
		wire := resptest.Command("SET", "large", strings.Repeat("v", 3<<20)) + resptest.Command("APPEND", "large", "!")
		io.WriteString(w, wire[:len(wire)/2])
		c.MoveSlot(slot, from, to)
		io.WriteString(w, wire[len(wire)/2:])
		w.Close()
	}()
	if o := loadInto("", in, into(t, c)); o.end != nil || o.Replies != 2 || c.Do("STRLEN", "large") != fmt.Sprint(3<<20+1) {
		t.Errorf("%v %+v, %s bytes", o.end, o.Report, c.Do("STRLEN", "large"))
	}
}

// checkBroken fails the test unless, for every key, what was carried out is what was acknowledged and
// perhaps what is in doubt, in its order, and nothing else.
func (s *shared) checkBroken(t *testing.T, c *resptest.RedisCluster, r Report) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	open := map[int64]*int{}
	var inDoubt, notSent int
	for _, ranges := range []struct {
		Ranges
		what *int
	}{{r.InDoubt, &inDoubt}, {r.NotSent, &notSent}} {
		for _, one := range ranges.Ranges {
			for n := one.From.Number; n <= one.Last; n++ {
				if open[n] != nil {
					t.Fatalf("command %d is in two ranges", n)
				}
				open[n] = ranges.what
			}
		}
	}
	acked, most, total := make([]int, len(s.keys)), make([]int, len(s.keys)), int64(0)
	for n := int64(1); n < r.Next.Number; n++ {
		key := s.order[n-1]
		switch open[n] {
		case nil:
			total++
			acked[key]++
			most[key]++
		case &inDoubt:
			most[key]++
		}
	}
	if total != r.Replies || r.Replies+r.InDoubt.Len() != r.Sent {
		t.Errorf("%d commands are in no range, %d were acknowledged, %d sent", total, r.Replies, r.Sent)
	}
	for i, key := range s.keys {
		got := strings.Fields(c.Do("LRANGE", key, "0", "-1"))
		if len(got) == 1 && got[0] == "(empty" {
			got = nil
		}
		if len(got) < acked[i] || len(got) > most[i] {
			t.Errorf("%s has %d elements: %d were acknowledged, and %d sent", key, len(got), acked[i], most[i])
		}
		for j, element := range got {
			if element != fmt.Sprint(j) {
				t.Fatalf("%s: element %d is %s", key, j, element)
			}
		}
	}
}

// A master that is killed ends the load, and the report says exactly what is known.
func TestAKilledMasterEndsTheLoadWithExactAccounts(t *testing.T) {
	c := resptest.Cluster(t, 3, 0, "--appendonly", "yes")
	s := newShared(0, 300)
	victim := c.Masters()[1]
	key := s.keys[slices.IndexFunc(s.keys, func(key string) bool { return c.Owner(cluster.SlotOf([]byte(key))).Addr == victim.Addr })]
	killed := make(chan bool)
	go func() {
		defer close(killed)
		await(t, func() bool { n, _ := strconv.Atoi(victim.Do("LLEN", key)); return n > 20 })
		victim.Stop(syscall.SIGKILL)
	}()
	o := loadCluster(t, c.Addr(), s.while(func() bool { return true }))
	if !errors.Is(o.end, pipeclient.ErrInDoubt) || !strings.Contains(o.err, "connection lost") || !strings.Contains(o.err, victim.Addr) {
		t.Fatalf("%v %+v\n%s", o.end, o.Report, o.err)
	}
	<-killed
	victim.Restart()
	c.Settle()
	s.checkBroken(t, c, o.Report)
}

// A master that hands over to its replica ends nothing.
func TestAHandOverIsFollowed(t *testing.T) {
	c := resptest.Cluster(t, 3, 1)
	s := newShared(0, 300)
	var done atomic.Bool
	go func() {
		defer done.Store(true)
		for _, master := range c.Masters() {
			replica := c.Replicas(master)[0]
			if got := replica.Do("CLUSTER", "FAILOVER"); got != "OK" {
				t.Error(got)
			}
			await(t, func() bool { return strings.Contains(replica.Do("ROLE"), "master") })
		}
		c.Settle()
	}()
	o := loadCluster(t, c.Addr(), s.while(func() bool { return !done.Load() }))
	if o.end != nil || o.Errors != 0 || o.Replies != s.count {
		t.Fatalf("%v %+v, not %d\n%s", o.end, o.Report, s.count, o.err)
	}
	s.check(t, c)
}

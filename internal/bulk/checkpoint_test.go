package bulk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"easycli/internal/pipeclient"
	"easycli/internal/resp"
	"easycli/internal/resptest"
)

// withCheckpoint makes a load exact.
func withCheckpoint(key string, batch int) func(*Config) {
	return func(c *Config) { c.Checkpoint = &Checkpoint{Key: key, Batch: batch} }
}

func TestACheckpointLoadsEveryCommandOnce(t *testing.T) {
	s := resptest.Shared(t)
	const n = 20_000
	in := strings.Repeat("INCR exact\r\n", n)
	for _, batch := range []int{1000, 1, 7, 4096, 100_000} {
		s.Do("FLUSHALL")
		part := in
		want := n
		if batch == 1 {
			part, want = in[:12*500], 500
		}
		o := loadText(t, s, part, withCheckpoint("ck", batch))
		if o.end != nil || o.Replies != int64(want) || o.Checkpoint.Commands != int64(want) || !o.Checkpoint.Complete || o.err != "" {
			t.Fatalf("batches of %d: %+v", batch, o)
		}
		if got := s.Do("GET", "exact"); got != fmt.Sprint(want) {
			t.Fatalf("batches of %d: %s", batch, got)
		}
		if got := s.Do("HMGET", "ck", "state", "commands", "byte", "errors"); got != fmt.Sprintf("complete\n%d\n%d\n0", want, len(part)) {
			t.Fatalf("batches of %d: the key says %q", batch, got)
		}
		o = loadText(t, s, part, withCheckpoint("ck", batch))
		if o.end != nil || o.Replies != 0 || !strings.Contains(o.err, fmt.Sprintf("already loaded: \"ck\" says that all %d commands", want)) {
			t.Fatalf("batches of %d, again: %+v", batch, o)
		}
		if got := s.Do("GET", "exact"); got != fmt.Sprint(want) {
			t.Fatalf("batches of %d, again: %s", batch, got)
		}
	}
}

// Every connection breaks somewhere, on the way there or back, at whatever byte. T127.
func TestACheckpointSurvivesBrokenConnections(t *testing.T) {
	s := resptest.Shared(t)
	n, cuts := soak(20_000, 2_000_000), soak(20, 100)
	in := strings.Repeat("INCR exact\r\n", n)
	for round := range 6 {
		s.Do("FLUSHALL")
		rng := rand.New(rand.NewPCG(uint64(round), 1))
		proxy := resptest.Proxy(t, s.Addr, func(conn int) resptest.Plan {
			if conn >= cuts {
				return resptest.Plan{}
			}
			lane := resptest.Lane{Then: resptest.RST, At: 1 + rng.Int64N(int64(2*30*n/cuts))}
			if rng.IntN(3) == 0 {
				lane.Then = resptest.FIN
			}
			if rng.IntN(2) == 0 {
				return resptest.Plan{Up: lane}
			}
			lane.At /= 3
			return resptest.Plan{Down: lane}
		})
		o := loadInto(proxy.Addr, strings.NewReader(in), withCheckpoint("ck", 100+100*round))
		got := s.Do("GET", "exact")
		if o.end != nil || got != fmt.Sprint(n) || o.Errors != 0 || o.Replies+o.Checkpoint.Unseen != int64(n) {
			t.Fatalf("round %d: counter %s, %+v", round, got, o)
		}
		if o.Checkpoint.Reconnects == 0 {
			t.Fatalf("round %d: nothing broke", round)
		}
	}
}

// step is a command of an actor, and what it makes of the reply: whether it goes on.
type step struct {
	words []string
	fits  func(reply resp.Value) bool
}

// interleaved runs all orders in which two actors can take their steps: visit gets a bit for each
// step, which says whose it is.
func interleaved(a, b int, visit func(order []bool)) {
	var order []bool
	var walk func(a, b int)
	walk = func(a, b int) {
		if a == 0 && b == 0 {
			visit(order)
			return
		}
		if a > 0 {
			order = append(order, true)
			walk(a-1, b)
			order = order[:len(order)-1]
		}
		if b > 0 {
			order = append(order, false)
			walk(a, b-1)
			order = order[:len(order)-1]
		}
	}
	walk(a, b)
}

// Every order in which a load and the one that takes over from it can reach the server. The commands
// are those that a load sends.
func TestATakeoverAtAnyMoment(t *testing.T) {
	s := resptest.Shared(t)
	for _, text := range []string{"claim", "claim and batch"} {
		orders := 0
		old := batchSteps("old", "0")
		claim := claimSteps("new")
		interleaved(len(old), len(claim), func(order []bool) {
			orders++
			s.Do("DEL", "exact", "ck")
			s.Do("HSET", "ck", "load", "old", "commands", "0")
			a, b := connected(t, s), connected(t, s)
			defer a.Close()
			defer b.Close()
			first, second := actor{conn: a, steps: old}, actor{conn: b, steps: claim}
			for _, isFirst := range order {
				if isFirst {
					first.step()
				} else {
					second.step()
				}
			}
			for again := 0; second.failed; again++ { // its EXEC was nil: it claims again
				second = actor{conn: b, steps: claim}
				for range claim {
					second.step()
				}
				if again > 2 {
					t.Fatal("the claim never succeeds")
				}
			}
			if text == "claim and batch" {
				at := s.Do("HGET", "ck", "commands")
				if at == "0" {
					third := actor{conn: b, steps: batchSteps("new", at)}
					for range third.steps {
						third.step()
					}
				}
				first.conn.Do(t.Context(), "EXEC") // what lingers
				if got := s.Do("GET", "exact"); got != "1" {
					t.Fatalf("order %v: executed %s times", order, got)
				}
			}
			if count, at := s.Do("GET", "exact"), s.Do("HGET", "ck", "commands"); count != at && (count != "(nil)" || at != "0") {
				t.Fatalf("order %v: executed %s times, the key says %s", order, count, at)
			}
		})
		if orders != 462 {
			t.Fatalf("%d orders", orders)
		}
	}
}

type actor struct {
	conn   *pipeclient.Conn
	steps  []step
	failed bool
}

// step takes the next step, unless the one before it went wrong.
func (a *actor) step() {
	one := a.steps[0]
	a.steps = a.steps[1:]
	if a.failed {
		return
	}
	v, err := a.conn.Do(context.Background(), one.words...)
	a.failed = err != nil || !one.fits(v)
}

func connected(t *testing.T, s *resptest.Redis) *pipeclient.Conn {
	t.Helper()
	conn, err := pipeclient.Dial(t.Context(), pipeclient.Config{Addr: s.Addr})
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func anything(resp.Value) bool       { return true }
func executed(reply resp.Value) bool { return !reply.IsNull() && !reply.IsError() }

// batchSteps are those of a load with one command, from a position.
func batchSteps(token, at string) []step {
	return []step{
		{[]string{"WATCH", "ck"}, anything},
		{[]string{"HMGET", "ck", fieldLoad, fieldCommands}, func(reply resp.Value) bool {
			return reply.Elems[0].Text == token && reply.Elems[1].Text == at
		}},
		{[]string{"MULTI"}, anything},
		{[]string{"INCR", "exact"}, anything},
		{[]string{"HSET", "ck", fieldCommands, "1"}, anything},
		{[]string{"EXEC"}, executed},
	}
}

func claimSteps(token string) []step {
	return []step{
		{[]string{"WATCH", "ck"}, anything},
		{[]string{"HGETALL", "ck"}, anything},
		{[]string{"MULTI"}, anything},
		{[]string{"HSET", "ck", fieldLoad, token}, anything},
		{[]string{"EXEC"}, executed},
	}
}

// A load stops at every byte of what it sends, another one takes over and completes the work, and
// then the rest of the first one's bytes arrives.
func TestLateBytesAreOfNoEffect(t *testing.T) {
	s := resptest.Server(t)
	s.Do("ACL", "SETUSER", "default", "+@all", "-client|list") // or it would be refused while the first is alive
	const n = 6
	in := strings.Repeat("INCR exact\n", n)
	whole := resptest.Proxy(t, s.Addr, nil)
	if o := loadInto(whole.Addr, strings.NewReader(in), withCheckpoint("ck", 2)); o.end != nil {
		t.Fatal(o.end)
	}
	length := whole.Up.Load()
	stride := int64(soak(9, 1))
	for at := int64(1); at < length; at += stride {
		s.Do("DEL", "exact", "ck")
		proxy := resptest.Proxy(t, s.Addr, func(conn int) resptest.Plan {
			if conn > 0 {
				return resptest.Plan{}
			}
			return resptest.Plan{Up: resptest.Lane{Then: resptest.Stall, At: at}}
		})
		ended := make(chan outcome, 1)
		go func() { ended <- loadInto(proxy.Addr, strings.NewReader(in), withCheckpoint("ck", 2)) }()
		for proxy.Up.Load() < at && len(ended) == 0 {
			continue
		}
		second := loadText(t, s, in, withCheckpoint("ck", 2))
		if got := s.Do("GET", "exact"); second.end != nil || got != fmt.Sprint(n) {
			t.Fatalf("stopped at byte %d: counter %s, the second load %+v", at, got, second)
		}
		proxy.Resume()
		first := <-ended
		if got := s.Do("GET", "exact"); got != fmt.Sprint(n) {
			t.Fatalf("stopped at byte %d: counter %s, the first load %+v", at, got, first)
		}
		var own *CheckpointError
		if first.end != nil && (!errors.As(first.end, &own) || !strings.Contains(own.Msg, "another load has taken over \"ck\"")) {
			t.Fatalf("stopped at byte %d: the first load %+v", at, first)
		}
	}
}

func TestACheckpointRefusesWhatItCannotGuarantee(t *testing.T) {
	s := resptest.Shared(t)
	for in, want := range map[string]string{
		"MULTI":                                 "MULTI cannot be loaded with --checkpoint, whose batches are transactions themselves",
		"WATCH a":                               "WATCH cannot be loaded with --checkpoint",
		"EXEC":                                  "EXEC cannot be loaded with --checkpoint",
		"FLUSHALL":                              "FLUSHALL cannot be loaded with --checkpoint: it would take the load's own key away",
		"flushdb async":                         "FLUSHDB cannot be loaded with --checkpoint",
		"SWAPDB 0 1":                            "SWAPDB cannot be loaded with --checkpoint",
		"BLPOP a 0":                             "BLPOP waits",
		"SUBSCRIBE a":                           "SUBSCRIBE cannot be loaded with --checkpoint: it changes the connection",
		"CLIENT REPLY OFF":                      "CLIENT REPLY cannot be loaded",
		"AUTH a":                                "AUTH cannot be loaded",
		"HELLO 3":                               "HELLO cannot be loaded",
		"CONFIG SET maxmemory 0":                "CONFIG SET cannot be loaded with --checkpoint: it is about the server, not about data",
		"DEBUG FLUSHALL":                        "DEBUG cannot be loaded",
		"DEL ck":                                `DEL uses "ck", which is the load's own key`,
		"RENAME a ck":                           `RENAME uses "ck"`,
		"SORT a STORE ck":                       `SORT uses "ck"`,
		"EVAL 'x' 1 ck":                         `EVAL uses "ck"`,
		"EVAL 'x' 0 ck":                         `"EVAL" may use "ck"`,
		"NO.SUCH ck":                            `"NO.SUCH" may use "ck"`,
		"SELECT 99":                             "SELECT 99: ERR DB index is out of range",
		"SELECT x":                              "SELECT wants the number of a database",
		"SET a " + strings.Repeat("x", maxHeld): "a command of more than 16 MiB",
	} {
		s.Do("FLUSHALL")
		o := loadText(t, s, "INCR exact\n"+in+"\nINCR exact\n", withCheckpoint("ck", 100))
		e := o.input(t)
		if e.Number != 2 || e.Line != 2 || !strings.Contains(e.Msg, want) || o.Replies != 1 || s.Do("GET", "exact") != "1" {
			t.Errorf("%.40s: %v, %d replies, counter %s", in, e, o.Replies, s.Do("GET", "exact"))
		}
		if got := s.Do("HMGET", "ck", "state", "commands"); got != "loading\n1" {
			t.Errorf("%.40s: the key says %q", in, got)
		}
	}
	s.Do("FLUSHALL")
	long := strings.Repeat("x", maxHeld+1)
	o := loadText(t, s, "INCR exact\n"+resptest.Command("SET", "a", long), withCheckpoint("ck", 100))
	if e := o.input(t); !strings.Contains(e.Msg, "16 MiB") || s.Do("GET", "exact") != "1" {
		t.Errorf("a long command in RESP: %v", e)
	}
	s.Do("FLUSHALL")
	in := resptest.Command("SET", "a", long[:3<<20]) + resptest.Command("SET", "b", long[:maxHeld-100]) + "SET c ck\n"
	if o := loadText(t, s, in[:len(in)-len("SET c ck\n")]+resptest.Command("SET", "ck2", "ck"), withCheckpoint("ck", 2)); o.end != nil ||
		s.Do("STRLEN", "a") != fmt.Sprint(3<<20) || s.Do("STRLEN", "b") != fmt.Sprint(maxHeld-100) || s.Do("GET", "ck2") != "ck" {
		t.Errorf("commands that fit: %+v", o)
	}
}

// Commands that fail do not keep the others from taking effect, once.
func TestErrorsInACheckpointedLoad(t *testing.T) {
	s := resptest.Shared(t)
	reject := filepath.Join(t.TempDir(), "rejects")
	var in strings.Builder
	good, bad := 0, 0
	for i := 1; i <= 3000; i++ {
		switch {
		case i%100 == 50:
			fmt.Fprintf(&in, "LPUSH exact x%d\n", i)
			bad++
		case i%700 == 0:
			fmt.Fprintf(&in, "NOSUCH x%d\n", i)
			bad++
		case i%900 == 0:
			in.WriteString("SET exact\n")
			bad++
		default:
			in.WriteString("INCR exact\n")
			good++
		}
	}
	o := loadText(t, s, in.String(), withCheckpoint("ck", 128), func(c *Config) { c.Reject = reject })
	if o.end != ErrCommands || o.Errors != int64(bad) || o.Replies != 3000 || s.Do("GET", "exact") != fmt.Sprint(good) {
		t.Fatalf("counter %s, want %d good and %d bad: %+v", s.Do("GET", "exact"), good, bad, o)
	}
	for _, want := range []string{"line 50, byte 539: LPUSH: WRONGTYPE", "line 700, byte ", ": NOSUCH: ERR unknown command",
		"line 900, byte ", ": SET: ERR wrong number of arguments"} {
		if !strings.Contains(o.err, want) {
			t.Errorf("no %q in\n%s", want, o.err)
		}
	}
	if got := s.Do("HMGET", "ck", "state", "commands", "errors"); got != fmt.Sprintf("complete\n3000\n%d", bad) {
		t.Errorf("the key says %q", got)
	}
	text, err := os.ReadFile(reject)
	if n := bytes.Count(text, []byte("*")); err != nil || n != bad {
		t.Errorf("%d rejects, %v\n%s", n, err, text)
	}
	o = loadText(t, s, in.String(), withCheckpoint("ck", 128))
	if o.end != nil || !strings.Contains(o.err, fmt.Sprintf("have been, %d of which failed", bad)) {
		t.Errorf("again: %+v", o)
	}
}

func TestACheckpointBelongsToItsInput(t *testing.T) {
	s := resptest.Shared(t)
	in := strings.Repeat("INCR exact\n", 300)
	part := strings.NewReader(in + "BAD \"\n")
	if o := loadInto(s.Addr, part, withCheckpoint("ck", 100)); o.Checkpoint.Commands != 300 || o.Checkpoint.Complete ||
		!strings.Contains(o.err, "loaded up to command 300 (byte 3300)\neasycli: the same command line goes on from there") {
		t.Fatalf("%+v", o)
	}
	for _, other := range []string{strings.Repeat("INCR other\n", 400), in[:1100], "", "INCR exact\nPING\n" + in} {
		o := loadText(t, s, other, withCheckpoint("ck", 100))
		var own *CheckpointError
		if !errors.As(o.end, &own) || !own.OtherInput || !strings.Contains(o.err, `"ck" belongs to another input, of which 300 commands`) {
			t.Errorf("%.20q...: %+v", other, o)
		}
	}
	if got := s.Do("GET", "exact"); got != "300" {
		t.Fatal(got)
	}
	o := loadText(t, s, in+"INCR exact\n", withCheckpoint("ck", 100))
	if o.end != nil || o.Replies != 1 || o.Checkpoint.Skipped != 300 || s.Do("GET", "exact") != "301" ||
		!strings.Contains(o.err, `"ck" says that 300 commands of this input have been loaded: going on with the next`) {
		t.Errorf("%+v", o)
	}
	for _, other := range []string{strings.Repeat("INCR other\n", 301), in, ""} {
		o := loadText(t, s, other, withCheckpoint("ck", 100))
		var own *CheckpointError
		if !errors.As(o.end, &own) || !own.OtherInput {
			t.Errorf("complete, %.20q...: %+v", other, o)
		}
	}
	s.Do("SET", "string", "v")
	s.Do("HSET", "hash", "a", "b")
	for key, want := range map[string]string{"string": "cannot be used as a checkpoint: WRONGTYPE", "hash": "holds something that is no checkpoint"} {
		if o := loadText(t, s, in, withCheckpoint(key, 100)); !strings.Contains(o.err, want) || o.end == nil || s.Do("GET", "exact") != "301" {
			t.Errorf("%s: %+v", key, o)
		}
	}
}

// A key that goes by itself would have the next load begin again.
func TestACheckpointDoesNotExpire(t *testing.T) {
	s := resptest.Shared(t)
	loadText(t, s, "INCR exact\nBAD \"\n", withCheckpoint("ck:ttl", 100))
	s.Do("EXPIRE", "ck:ttl", "1000")
	loadText(t, s, "INCR exact\nINCR exact\n", withCheckpoint("ck:ttl", 100))
	if ttl := s.Do("TTL", "ck:ttl"); ttl != "-1" {
		t.Errorf("TTL %s", ttl)
	}
}

func TestACheckpointKeepsTheDatabase(t *testing.T) {
	s := resptest.Shared(t)
	in := "INCR exact\nSELECT 3\nINCR exact\n" + strings.Repeat("INCR exact\n", 50) + "SELECT 5\nINCR exact\nSELECT 0\nINCR exact\nSELECT 3\n" +
		strings.Repeat("INCR exact\n", 20) + "BAD \"\n"
	for _, batch := range []int{1, 7, 1000} {
		s.Do("FLUSHALL")
		o := loadText(t, s, in, withCheckpoint("ck", batch))
		o.input(t)
		if got := s.Do("GET", "exact") + " " + s.Do("EXISTS", "ck"); got != "2 1" {
			t.Errorf("batches of %d: database 0 has %s, %+v", batch, got, o)
		}
		// What follows in database 3 goes there after a new beginning as well.
		o = loadText(t, s, strings.TrimSuffix(in, "BAD \"\n")+"INCR exact\n", withCheckpoint("ck", batch))
		if o.end != nil || o.Replies != 1 {
			t.Errorf("batches of %d: %+v", batch, o)
		}
		for db, want := range map[string]string{"3": "72", "5": "1"} {
			if got := s.Do("EVAL", "redis.call('SELECT', ARGV[1]) return redis.call('GET', 'exact')", "0", db); got != want {
				t.Errorf("batches of %d: database %s has %s, want %s", batch, db, got, want)
			}
		}
	}
}

func TestACheckpointWithRESP3AndVerification(t *testing.T) {
	s := resptest.Shared(t)
	in := strings.Repeat("INCR exact\nGET exact\nHGETALL h\nNOSUCH\n", 500)
	o := loadText(t, s, in, withCheckpoint("ck", 100), func(c *Config) { c.Client.Proto, c.Verify = 3, true })
	if o.end != ErrCommands || o.Errors != 500 || s.Do("GET", "exact") != "500" || s.Do("HGET", "ck", "commands") != "2000" {
		t.Fatalf("%+v", o)
	}
}

// The server has to hold the replies of a batch: where they are large, batches become small.
func TestLargeRepliesMakeSmallBatches(t *testing.T) {
	s := resptest.Shared(t)
	s.Do("SET", "big", strings.Repeat("x", 1<<20))
	count := func() int { // of transactions
		_, rest, _ := strings.Cut(s.Do("INFO", "commandstats"), "cmdstat_exec:calls=")
		n := 0
		fmt.Sscan(strings.SplitN(rest, ",", 2)[0], &n)
		return n
	}
	before := count()
	o := loadText(t, s, strings.Repeat("GET big\nINCR exact\n", 200), withCheckpoint("ck", 100))
	if n := count() - before; o.end != nil || s.Do("GET", "exact") != "200" || n < 10 || n > 30 {
		t.Fatalf("%d transactions, %+v", n, o)
	}
}

// A reply that does not fit its batch ends the load: the replies cannot be trusted.
func TestACheckpointDoesNotGoOnAfterAMismatch(t *testing.T) {
	s := resptest.Shared(t)
	proxy := resptest.Proxy(t, s.Addr, func(conn int) resptest.Plan {
		return resptest.Plan{Down: resptest.Lane{Edits: []resptest.Edit{{At: 6000, Insert: "+QUEUED\r\n"}}}}
	})
	o := loadInto(proxy.Addr, strings.NewReader(strings.Repeat("INCR exact\n", 5000)), withCheckpoint("ck", 100))
	if at := s.Do("HGET", "ck", "commands"); !isMismatch(o.end) || s.Do("GET", "exact") != at {
		t.Fatalf("%s, %+v", at, o)
	}
}

// A random load, with commands that fail in every way, over connections that break: the data set is
// that of a load without a checkpoint.
func TestACheckpointLeavesTheDataOfAPlainLoad(t *testing.T) {
	s := resptest.Shared(t)
	for round := range soak(8, 300) {
		rng := rand.New(rand.NewPCG(uint64(round), 3))
		var in strings.Builder
		for i := range 2000 {
			switch n, k := rng.IntN(100), rng.IntN(20); {
			case n < 3:
				fmt.Fprintf(&in, "SELECT %d\n", rng.IntN(4))
			case n < 5:
				fmt.Fprintf(&in, "NOSUCH %d\n", i)
			case n < 7:
				in.WriteString("SET alone\n")
			case n < 15:
				fmt.Fprintf(&in, "LPUSH s%d wrong\n", k)
			case n < 18:
				fmt.Fprintf(&in, "EVAL \"redis.call('INCR', KEYS[1]) return redis.call('LPUSH', KEYS[1], 'x')\" 1 n%d\n", k)
			case n < 20:
				in.WriteString("# a comment\n\n")
			case n < 50:
				fmt.Fprintf(&in, "INCR n%d\n", k)
			case n < 75:
				fmt.Fprintf(&in, "APPEND s%d %d,\n", k, i)
			case n < 77:
				fmt.Fprintf(&in, "APPEND s%d %s\n", k, strings.Repeat("y", 100_000))
			default:
				fmt.Fprintf(&in, "RPUSH l%d %d\n", k, i)
			}
		}
		s.Do("FLUSHALL")
		plain := loadText(t, s, in.String())
		want := s.Do("DEBUG", "DIGEST")
		s.Do("FLUSHALL")
		proxy := resptest.Proxy(t, s.Addr, func(conn int) resptest.Plan {
			if conn >= 12 {
				return resptest.Plan{}
			}
			rng := rand.New(rand.NewPCG(uint64(round), uint64(conn))) // of the proxy's goroutine
			return resptest.Plan{
				Up:   resptest.Lane{Then: resptest.RST, At: 1 + rng.Int64N(int64(in.Len())/4), Split: 1 + rng.IntN(20_000), Seed: uint64(conn)},
				Down: resptest.Lane{Then: resptest.FIN, At: 1 + rng.Int64N(40_000), Split: 1 + rng.IntN(5000), Seed: uint64(conn)},
			}
		})
		exact := loadInto(proxy.Addr, &pieces{in.String(), rng, 1 + rng.IntN(60_000)}, withCheckpoint("ck", 1+rng.IntN(400)))
		at := s.Do("HGET", "ck", "commands")
		s.Do("DEL", "ck")
		if got := s.Do("DEBUG", "DIGEST"); got != want || exact.end != ErrCommands && exact.end != nil || at != fmt.Sprint(plain.Replies) ||
			exact.Replies+exact.Checkpoint.Unseen != plain.Replies || exact.Errors > plain.Errors {
			t.Fatalf("round %d: %s, want %s, %d connections\nplain %d replies, %d errors\nexact %d replies, %d unseen, %d errors, %v\n%.2000s",
				round, got, want, proxy.Conns.Load(), plain.Replies, plain.Errors, exact.Replies, exact.Checkpoint.Unseen, exact.Errors, exact.end, exact.err)
		}
	}
}

package repl

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/resptest"
)

// soak is for tests that have a long version.
func soak[T any](short, long T) T {
	if os.Getenv("EASYCLI_SOAK") != "" {
		return long
	}
	return short
}

// everywhere makes a script one for a cluster.
func everywhere(cfg *BatchConfig) { cfg.Cluster = &cluster.Config{} }

// noting collects what stderr is told.
func noting(notes *[]string) func(*BatchConfig) {
	return func(cfg *BatchConfig) { cfg.Note = func(s string) { *notes = append(*notes, s) } }
}

// The keys a, b and c are at one node each: slots 15495, 3300 and 7365.
func TestClusterScripts(t *testing.T) {
	redis := resptest.SharedCluster(t)
	server := at(redis.Addr())
	const cross = "CROSSSLOT Keys in request don't hash to the same slot"
	for _, c := range []struct {
		name, lines, want, said string
		notes                   []string
	}{
		{"each to its node", "set a 1\nset b 2\nset c 3\n2 incr a\nget b\nget c\nget nokey\nping\n",
			"OK\nOK\nOK\n2\n3\n2\n3\n\nPONG\n", "", nil},
		{"all nodes, and parts", "dbsize\nmget a b nokey c\ndel a b c\nkeys *\nmset a 1 b 2\n2 exists a b\nflushall\ndbsize\n",
			"3\n3\n2\n\n3\n3\n\nOK\n2\n2\nOK\n0\n", "",
			[]string{"MGET was split over 4 slots of the cluster and is not atomic"}},
		{"in two slots", "set a 1\nrename a b\nget a\nsinter a c\n", "OK\n" + cross + "\n\n1\n" + cross + "\n\n",
			"2 of 4 commands failed; first: line 2: " + cross,
			[]string{`line 2: RENAME: the keys "a" (slot 15495) and "b" (slot 3300) are in different slots; keys with the same {tag} share one`}},
		{"a transaction", "set b 7\nmulti\nping\nincr a\nlpush {a}l x\nexec\nget a\nget b\n",
			"OK\nOK\nQUEUED\nQUEUED\nQUEUED\nPONG\n2\n1\n2\n7\n", "", nil},
		{"transactions one after the other", "multi\nincr a\nexec\nmulti\nincr b\nexec\nmulti\nincr c\nexec\n",
			"OK\nQUEUED\n3\nOK\nQUEUED\n8\nOK\nQUEUED\n1\n", "", nil},
		{"a transaction without keys", "multi\nping\nexec\nmulti\nincr a\ndiscard\nget a\nexec\n",
			"OK\nQUEUED\nPONG\nOK\nQUEUED\nOK\n3\nERR EXEC without MULTI\n\n",
			"1 of 8 commands failed; first: line 8: ERR EXEC without MULTI", nil},
		{"a transaction in two slots", "multi\nincr a\nincr b\nget a\nexec\nget a\nget b\n",
			"OK\nQUEUED\nCROSSSLOT not sent: the transaction is in slot 15495 with \"a\", and \"b\" is in slot 3300; " +
				"keys with the same {tag} share one\n\nQUEUED\nEXECABORT Transaction discarded because of previous errors.\n\n3\n8\n",
			"2 of 7 commands failed; first: line 3: CROSSSLOT not sent: the transaction is in slot 15495 with \"a\", and \"b\" " +
				"is in slot 3300; keys with the same {tag} share one", nil},
		{"a command in two slots within one", "multi\nmget a b\nexec\n",
			"OK\nCROSSSLOT not sent: the keys \"a\" (slot 15495) and \"b\" (slot 3300) are in different slots; keys with the same " +
				"{tag} share one\n\nEXECABORT Transaction discarded because of previous errors.\n\n",
			"2 of 3 commands failed; first: line 2: CROSSSLOT not sent: the keys \"a\" (slot 15495) and \"b\" (slot 3300) are in " +
				"different slots; keys with the same {tag} share one", nil},
		{"a transaction that fails", "multi\nnosuch\nincr a\nexec\nset s x\nmulti\nincr s\nget s\nexec\n",
			"OK\nERR unknown command 'nosuch', with args beginning with: \n\nQUEUED\nEXECABORT Transaction discarded because of " +
				"previous errors.\n\nOK\nOK\nQUEUED\nQUEUED\nERR value is not an integer or out of range\n\nx\n",
			"3 of 9 commands failed; first: line 2: ERR unknown command 'nosuch', with args beginning with:", nil},
		{"a transaction left open", "multi\nincr a\n", "OK\nQUEUED\n",
			"the script ends inside MULTI, without EXEC: nothing of the transaction was executed", nil},
		{"it was not executed", "get a\n", "3\n", "", nil},
		{"watched keys", "watch a\nset a 5\nmulti\nset a 6\nexec\nget a\nwatch a\nmulti\nincr a\nexec\nmulti\nincr b\nexec\n",
			"OK\nOK\nOK\nQUEUED\n\n5\nOK\nOK\nQUEUED\n6\nOK\nQUEUED\n9\n", "", nil},
		{"keys watched elsewhere", "watch a\nmulti\nincr b\nexec\nwatch a\nwatch b\nunwatch\nwatch b\nmulti\nexec\n",
			"OK\nOK\nCROSSSLOT not sent: the keys that are watched are at " + redis.Nodes[2].Addr + ", and \"b\" is not\n\n" +
				"EXECABORT Transaction discarded because of previous errors.\n\nOK\nCROSSSLOT not sent: " + redis.Nodes[2].Addr +
				" has keys that are watched already, and these are at " + redis.Nodes[0].Addr + "\n\nOK\nOK\nOK\n\n",
			"3 of 10 commands failed; first: line 3: CROSSSLOT not sent: the keys that are watched are at " + redis.Nodes[2].Addr +
				", and \"b\" is not", nil},
		{"one connection's commands", "client no-touch on\nreadonly\nclient reply off\nssubscribe x\nasking\nping\n", "PONG\n",
			"5 lines not sent; first: line 1: CLIENT NO-TOUCH not sent: with -c a script has a connection to each node, and " +
				"this would hold for one", nil},
		{"settings", "client setname me\nclient getname\nselect 1\nselect 0\nreset\nclient getname\nset a 1\n",
			"OK\nme\nERR SELECT is not allowed in cluster mode\n\nOK\nRESET\n\nOK\n",
			"1 of 7 commands failed; first: line 3: ERR SELECT is not allowed in cluster mode", nil},
		{"a setting while keys are watched", "watch a\nclient setname x\nunwatch\nclient setname \"\"\n", "OK\nOK\nOK\n",
			"1 line not sent; first: line 2: CLIENT SETNAME not sent: with -c the connections are made anew for it, and the keys " +
				"that are watched would no longer be", nil},
		{"another server", "set a 1\nconnect 127.0.0.1 {port}\nget a\n", "OK\n1\n", "", nil},
		{"a setting in a transaction", "multi\nclient setname x\nincr a\nexec\n", "OK\nQUEUED\nEXECABORT Transaction discarded " +
			"because of previous errors.\n\n", "1 of 3 commands failed; first: line 4: EXECABORT Transaction discarded because of " +
			"previous errors.; 1 line not sent; first: line 2: CLIENT SETNAME not sent: with -c it cannot be part of a transaction", nil},
		{"what each node has for itself", "config set maxmemory 0\n", "OK\n", "", []string{"CONFIG SET was for " + redis.Addr() +
			" alone; the other nodes of the cluster have their own"}},
		{"words of the line language", "set a 1\n:set hints\nget 'x\n\nhelp nosuchcommand\nquit\nset a 2\n", "OK\nInvalid argument(s)\n\r\n",
			"1 line not sent; first: line 3: Invalid argument(s) (unbalanced quote at byte 5)", nil},
		{"unknown commands", "nosuch a\nset a 1\n", "ERR unknown command 'nosuch', with args beginning with: 'a' \n\nOK\n",
			"1 of 2 commands failed; first: line 1: ERR unknown command 'nosuch', with args beginning with: 'a'", nil},
		{"blocking", "blpop q{a} 0.01\nrpush q{a} x\nblpop q{a} 0\nset b 1\n", "\n1\nq{a}\nx\nOK\n", "", nil},
		{"the server is told to go", "set a 1\n1 quit\nset b 1\n", "OK\nOK\n",
			"1 line not sent; first: line 3: SET not sent: the server is closing the connection", nil},
	} {
		var notes []string
		t.Run(c.name, func(t *testing.T) {
			_, port, _ := strings.Cut(redis.Nodes[1].Addr, ":")
			check(t, server, strings.ReplaceAll(c.lines, "{port}", port), c.want, c.said, everywhere, noting(&notes))
			if strings.Join(notes, "\n") != strings.Join(c.notes, "\n") {
				t.Errorf("noted %q, want %q", notes, c.notes)
			}
		})
	}
}

// TestAClusterAnswersAsOneServer runs the same script on a cluster and on one server.
func TestAClusterAnswersAsOneServer(t *testing.T) {
	redis := resptest.SharedCluster(t)
	for seed := range soak(3, 50) {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		var lines strings.Builder
		for i := range 3000 {
			key := fmt.Sprintf("%d", r.IntN(100))
			pick := func(from ...string) string { return from[r.IntN(len(from))] }
			fmt.Fprintf(&lines, "%s\n", pick(
				"SET s"+key+" "+strings.Repeat("x", r.IntN(50)), "GET s"+key, "INCR n"+key, "RPUSH l"+key+" v"+fmt.Sprint(i),
				"LRANGE l"+key+" 0 -1", "HSET h"+key+" f"+fmt.Sprint(i%7)+" v", "HGETALL h"+key, "GET l"+key, "LLEN s"+key,
				"DEL l"+key, "MGET s{"+key+"} t{"+key+"} s{"+key+"}", "MSET s1{"+key+"} 1 s2{"+key+"} 2", "RENAME s{"+key+"} t{"+key+"}",
				"MULTI\nINCR c"+key+"\nINCR c"+key+"\nEXEC", "2 APPEND a"+key+" y", "GETRANGE a"+key+" 0 -1", "PING", "ECHO "+key,
				"", "get 'x", "SETRANGE big"+key+" 9000 z", "GET big"+key, "NOSUCH", "DEL s1 s2 s3 "+key,
			))
		}
		want, said := script(t, shared(t), lines.String())
		resptest.SharedCluster(t)
		got, report := script(t, at(redis.Addr()), lines.String(), everywhere)
		if got != want || report.Error() != said.Error() {
			t.Fatalf("seed %d: %d bytes, want %d; said %q, want %q", seed, len(got), len(want), report, said)
		}
	}
}

// TestOrderIsKeptWhileSlotsMove: every key is pushed to, again and again, while its slot is being
// moved. The replies are the lengths, so that one that is out of order shows, and so does the list.
func TestOrderIsKeptWhileSlotsMove(t *testing.T) {
	redis := resptest.Cluster(t, 3, 0)
	const keys = 3
	tags := tagsAt(redis.Nodes[0], redis, 10)
	var lines strings.Builder
	want := map[string][]string{}
	length, n := map[string]int{}, soak(40_000, 400_000)
	r := rand.New(rand.NewPCG(1, 2))
	var expected strings.Builder
	push := func(key, v, reply string) {
		want[key] = append(want[key], v)
		length[key]++
		fmt.Fprintf(&lines, "RPUSH %s %s\n", key, v)
		if reply == "" {
			reply = fmt.Sprint(length[key])
		}
		fmt.Fprintln(&expected, reply)
	}
	for i := range n {
		tag := tags[r.IntN(len(tags))]
		key := fmt.Sprintf("{%s}%d", tag, r.IntN(keys))
		switch r.IntN(20) {
		case 0:
			fmt.Fprintf(&lines, "MULTI\n")
			fmt.Fprintln(&expected, "OK")
			push(key, fmt.Sprint(i), "QUEUED")
			push(key, fmt.Sprint(i), "QUEUED")
			fmt.Fprintf(&lines, "EXEC\n")
			fmt.Fprintf(&expected, "%d\n%d\n", length[key]-1, length[key])
		case 1:
			fmt.Fprintf(&lines, "EXISTS {%s}0 {%s}nokey\n", tag, tag)
			fmt.Fprintln(&expected, min(length["{"+tag+"}0"], 1))
		case 2:
			if length[key] == 0 {
				continue
			}
			fmt.Fprintf(&lines, "LRANGE %s -3 -1\n", key) // no short answer: its lane waits for its turn
			fmt.Fprintln(&expected, strings.Join(want[key][max(0, len(want[key])-3):], "\n"))
		default:
			push(key, fmt.Sprint(i), "")
		}
	}
	done, allMoved, moves := make(chan struct{}), make(chan struct{}), 0
	var moving sync.WaitGroup
	moving.Go(func() {
		// Always to the node with the higher epoch: the others believe it at once.
		for to := 1; to < 3; to++ {
			for _, tag := range tags {
				select {
				case <-done:
					return
				default:
				}
				redis.MoveSlot(cluster.SlotOf([]byte(tag)), redis.Nodes[to-1], redis.Nodes[to])
				moves++
			}
			if to == 1 {
				close(allMoved)
			}
		}
	})
	got, report := script(t, at(redis.Nodes[1].Addr), lines.String(), everywhere, func(cfg *BatchConfig) {
		cfg.In = &sipping{strings.NewReader(lines.String()), allMoved}
	})
	close(done)
	moving.Wait()
	t.Logf("%d commands, %d moves", n, moves)
	if !report.Good() {
		t.Errorf("said %q", report)
	}
	if got != expected.String() {
		t.Errorf("the replies are not in order: %s", firstDifference(got, expected.String()))
	}
	for key, values := range want {
		if got := redis.Do("LRANGE", key, "0", "-1"); got != strings.Join(values, "\n") {
			t.Errorf("%s is not in order: %s", key, firstDifference(got, strings.Join(values, "\n")))
		}
	}
	if moves < len(tags) {
		t.Errorf("only %d moves", moves)
	}
}

// tagsAt are n hash tags whose slots are at a node.
func tagsAt(node *resptest.Redis, redis *resptest.RedisCluster, n int) []string {
	var tags []string
	for i := 0; len(tags) < n; i++ {
		tag := fmt.Sprintf("t%d", i)
		if redis.Owner(cluster.SlotOf([]byte(tag))).Addr == node.Addr {
			tags = append(tags, tag)
		}
	}
	return tags
}

// sipping gives out less than a block at once, so that a script takes a while, and the end of it when
// the gate is open.
type sipping struct {
	in   *strings.Reader
	gate chan struct{}
}

func (s *sipping) Read(p []byte) (int, error) {
	if s.in.Len() < 100_000 {
		<-s.gate
	}
	return s.in.Read(p[:min(len(p), 1000)])
}

// firstDifference is where two texts part, with the lines around it.
func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d is %q, want %q (of %d and %d)", i+1, g[i], w[i], len(g), len(w))
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

func TestClusterScriptStopsAtAnError(t *testing.T) {
	server := at(resptest.SharedCluster(t).Addr())
	stop := func(cfg *BatchConfig) { cfg.StopAtError = true }
	check(t, server, "set a 1\nset b 2\nincr a\nlpush b x\nset c 3\n", "OK\nOK\n2\n"+
		"WRONGTYPE Operation against a key holding the wrong kind of value\n\n",
		"1 of 4 commands failed; first: line 4: WRONGTYPE Operation against a key holding the wrong kind of value; stopped at line 4",
		everywhere, stop)
	check(t, server, "multi\nincr a\nincr b\nexec\nset c 3\n", "OK\nQUEUED\nCROSSSLOT not sent: the transaction is in slot 15495 "+
		"with \"a\", and \"b\" is in slot 3300; keys with the same {tag} share one\n\nEXECABORT Transaction discarded because of "+
		"previous errors.\n\n", "2 of 4 commands failed; first: line 3: CROSSSLOT not sent: the transaction is in slot 15495 with "+
		"\"a\", and \"b\" is in slot 3300; keys with the same {tag} share one; stopped at line 4", everywhere, stop)
}

// TestAMasterThatDies: what it was sent and has not answered is in doubt, the other nodes answer what
// they were sent, and the script ends.
func TestAMasterThatDies(t *testing.T) {
	redis := resptest.Cluster(t, 3, 0)
	in, lines := io.Pipe()
	defer in.Close()
	go func() { // ends when in is closed
		for i := 0; ; i++ {
			if i == 3000 {
				redis.Nodes[1].Signal(syscall.SIGKILL)
			}
			if _, err := io.WriteString(lines, "INCR a\nINCR b\nINCR c\n"); err != nil {
				return
			}
		}
	}()
	server := at(redis.Addr())
	server.Timeout = 300 * time.Millisecond // which is also how long a new master is waited for
	got, report := script(t, server, "", everywhere, func(cfg *BatchConfig) { cfg.In = in })
	answered := report.Failed
	for line := range strings.Lines(got) {
		if line[0] >= '0' && line[0] <= '9' {
			answered++
		}
	}
	if report.Lost == nil || report.Node != redis.Nodes[1].Addr && report.Unsent == 0 {
		t.Errorf("said %q", report)
	}
	if sum := answered + report.Doubtful + report.Unsent; sum < report.Commands || sum > report.Commands+1 {
		t.Errorf("%d commands, %d answered, %d in doubt, %d not sent", report.Commands, answered, report.Doubtful, report.Unsent)
	}
	if !strings.Contains(report.Error(), "nothing after line") {
		t.Errorf("said %q", report)
	}
	t.Log(report)
}

// TestAFailoverBetweenLines: a script that waits while a master is replaced goes on with the new one.
func TestAFailoverBetweenLines(t *testing.T) {
	redis := resptest.Cluster(t, 3, 1)
	in, lines := io.Pipe()
	var out lockedBuffer
	go func() {
		defer lines.Close()
		io.WriteString(lines, "SET a 1\nSET b 2\nSET c 3\n")
		out.await("OK\nOK\nOK\n")
		redis.Do("WAIT", "1", "0")
		for _, master := range redis.Nodes[:3] {
			master.Do("WAIT", "1", "0")
		}
		redis.Nodes[2].Stop(syscall.SIGKILL) // has a
		redis.Promote(redis.Nodes[5])
		io.WriteString(lines, "INCR b\nINCR a\nINCR c\nMULTI\nINCR a\nEXEC\nINCR a\n")
	}()
	got, report := script(t, at(redis.Addr()), "", everywhere, func(cfg *BatchConfig) {
		cfg.In, cfg.Out = in, &out
	})
	if want := "OK\nOK\nOK\n3\n2\n4\nOK\nQUEUED\n3\n4\n"; out.String() != want || !report.Good() {
		t.Errorf("printed %q %q, said %q", out.String(), got, report)
	}
}

// lockedBuffer is an output that somebody may wait for.
type lockedBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// await waits until the text has been written.
func (b *lockedBuffer) await(text string) {
	for b.String() != text {
		time.Sleep(time.Millisecond)
	}
}

// TestASlotThatNobodyHas is waited for, and its commands stay in order.
func TestASlotThatNobodyHas(t *testing.T) {
	redis := resptest.Cluster(t, 3, 0)
	for _, node := range redis.Nodes {
		node.Do("CONFIG", "SET", "cluster-require-full-coverage", "no")
	}
	in, lines := io.Pipe()
	var out lockedBuffer
	go func() {
		defer lines.Close()
		io.WriteString(lines, "SET a 1\nSET b 2\n")
		out.await("OK\nOK\n")
		for _, node := range redis.Nodes {
			node.Do("CLUSTER", "DELSLOTS", "15495")
		}
		io.WriteString(lines, "INCR a\nINCR b\n2 INCR a\nMULTI\nINCR a\nEXEC\nINCR {a}b\n")
		for calls := "0"; calls == "0"; { // somebody has been refused
			calls = errorsOf(redis.Nodes[2], "CLUSTERDOWN")
		}
		redis.Nodes[2].Do("CLUSTER", "ADDSLOTS", "15495")
	}()
	_, report := script(t, at(redis.Addr()), "", everywhere, func(cfg *BatchConfig) { cfg.In, cfg.Out = in, &out })
	if want := "OK\nOK\n2\n3\n3\n4\nOK\nQUEUED\n5\n1\n"; out.String() != want || !report.Good() {
		t.Errorf("printed %q, said %q", out.String(), report)
	}

	redis.Nodes[2].Do("CLUSTER", "DELSLOTS", "15495")
	impatient := at(redis.Addr())
	impatient.Timeout = 100 * time.Millisecond
	down := "CLUSTERDOWN Hash slot not served\n\n"
	check(t, impatient, "INCR a\nINCR b\nINCR a\nMULTI\nINCR a\nEXEC\n", down+"4\n"+down+"OK\n"+down+
		"EXECABORT Transaction discarded because of previous errors.\n\n",
		"4 of 6 commands failed; first: line 1: CLUSTERDOWN Hash slot not served", everywhere)
}

// errorsOf is how many errors of a kind a node has answered.
func errorsOf(node *resptest.Redis, code string) string {
	_, count, found := strings.Cut(node.Info("errorstats")["errorstat_"+code], "=")
	if !found {
		return "0"
	}
	return count
}

func TestReplicasAnswerAScriptsReads(t *testing.T) {
	redis := resptest.Cluster(t, 1, 1)
	redis.Do("SET", "x", "1") // or else the replica has nothing to tell of for a while
	for start := time.Now(); strings.Contains(redis.Nodes[0].Do("CLUSTER", "SHARDS"), "loading"); {
		if time.Since(start) > time.Minute {
			t.Fatal("the master does not learn that its replica is ready")
		}
		time.Sleep(10 * time.Millisecond)
	}
	check(t, at(redis.Addr()), "SET a 1\nWAIT 1 0\n100 GET a\n", "OK\n1\n"+strings.Repeat("1\n", 100), "",
		func(cfg *BatchConfig) { cfg.Cluster = &cluster.Config{ReadFrom: cluster.Replicas} })
	calls := func(node *resptest.Redis) string { return node.Info("commandstats")["cmdstat_get"] }
	if calls(redis.Nodes[0]) != "" || !strings.HasPrefix(calls(redis.Nodes[1]), "calls=100,") {
		t.Errorf("the master %q, the replica %q", calls(redis.Nodes[0]), calls(redis.Nodes[1]))
	}
}

// TestMastersAndReplicasChangePlaces: a planned failover costs a script nothing, there and back.
func TestMastersAndReplicasChangePlaces(t *testing.T) {
	redis := resptest.Cluster(t, 3, 1)
	in, lines := io.Pipe()
	var expected strings.Builder
	over := make(chan struct{})
	go func() {
		defer close(over)
		for _, node := range []*resptest.Redis{redis.Nodes[3], redis.Nodes[0], redis.Nodes[3]}[:soak(1, 3)] {
			if got := node.Do("CLUSTER", "FAILOVER"); got != "OK" {
				t.Error(got)
				return
			}
			for node.Info("replication")["role"] != "master" {
				time.Sleep(time.Millisecond)
			}
			redis.Settle()
		}
	}()
	go func() {
		defer lines.Close()
		for i, rounds := 1, 0; rounds < 1000; i++ {
			fmt.Fprintf(lines, "INCR a\nINCR b\nINCR c\n")
			fmt.Fprintf(&expected, "%d\n%d\n%d\n", i, i, i)
			select {
			case <-over:
				rounds++
			default:
			}
		}
	}()
	got, report := script(t, at(redis.Nodes[1].Addr), "", everywhere, func(cfg *BatchConfig) { cfg.In = in })
	if !report.Good() || got != expected.String() {
		t.Errorf("said %q; %s", report, firstDifference(got, expected.String()))
	}
}

// TestACommandForAllNodesThatOneDoesNotAnswer is in doubt, and the script ends.
func TestACommandForAllNodesThatOneDoesNotAnswer(t *testing.T) {
	redis := resptest.Cluster(t, 3, 0)
	server := at(redis.Addr())
	server.Timeout = 200 * time.Millisecond
	in, lines := io.Pipe()
	var out lockedBuffer
	go func() {
		io.WriteString(lines, "SET a 1\nDBSIZE\n")
		out.await("OK\n1\n")
		redis.Nodes[2].Signal(syscall.SIGSTOP)
		io.WriteString(lines, "SET b 1\nFLUSHALL\nSET b 1\n")
		lines.Close()
	}()
	defer redis.Nodes[2].Signal(syscall.SIGCONT)
	_, report := script(t, server, "", everywhere, func(cfg *BatchConfig) { cfg.In, cfg.Out = in, &out })
	if want := "connection lost: node " + redis.Nodes[2].Addr + ": no reply from the server in time (in doubt); 1 command of " +
		"line 4 in doubt: sent and not answered; nothing after line 4 was sent"; report.Error() != want || out.String() != "OK\n1\nOK\n" {
		t.Errorf("printed %q, said\n%q, want\n%q", out.String(), report, want)
	}
}

// TestTheLastAnswerIsHeld: a refused command waits for what its node answers to those behind it, and
// the last of these answers does not come in its turn.
func TestTheLastAnswerIsHeld(t *testing.T) {
	var refused sync.Once
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		addr := c.Conn.LocalAddr().String()
		host, port, _ := strings.Cut(addr, ":")
		for {
			switch args := strings.Join(c.Next(), " "); args {
			case "CLUSTER SLOTS":
				c.Reply("*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n" + resptest.Bulk(host) + ":" + port + "\r\n" + resptest.Bulk("id"))
			case "GET a":
				reply := resptest.Bulk("1")
				refused.Do(func() { reply = "-MOVED 15495 " + addr + "\r\n" })
				c.Reply(reply)
			case "GET b":
				time.Sleep(20 * time.Millisecond) // so that it is known by then that the first was refused
				c.Reply(resptest.Bulk("2"))
			default:
				c.Reply("-ERR unknown\r\n")
			}
		}
	})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		check(t, at(peer.Addr), "GET a\nGET b\n", "1\n2\n", "", everywhere)
	}()
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Fatal("the script waits for ever")
	}
}

package bulk

import (
	"context"
	"fmt"
	"io"
	"net"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

// scripted is a cluster whose nodes judge commands as the real ones do, but whose slots and keys move
// at exactly the command that a test chooses. Each node has an opinion of its own about who has which
// slot, as real ones have until they have heard of a move. What a command does to a key is to be
// noted there: the order of the notes is what a load has to keep.
//
// It has no network, and is for tests in a bubble with a time of its own.
type scripted struct {
	t     *testing.T
	peers []*resptest.PeerServer

	// between is called before each command with keys, and each EXEC, is judged by a node: here slots
	// and keys move.
	between func(node int, words []string)
	// slow is how long a node thinks about each command.
	slow func(node int) time.Duration

	mu    sync.Mutex
	nodes []*scriptedNode
	notes map[string][]string  // what was carried out on each key, in its order
	said  map[string]int       // how often each kind of refusal was answered
	last  map[[2]int]time.Time // when a slot was refused last by a node
}

// scriptedNode is what a node believes and has.
type scriptedNode struct {
	owner                [cluster.Slots]int
	migrating, importing map[int]int // slots, and to or from which node
	has                  map[string]bool
	down                 bool
	judged               int // commands so far
}

// scriptedConn is what a node knows of a connection.
type scriptedConn struct {
	asking, multi, failed bool
	queue                 [][]string
}

func newScripted(t *testing.T, nodes int) *scripted {
	c := &scripted{t: t, notes: map[string][]string{}, said: map[string]int{}, last: map[[2]int]time.Time{}, between: func(int, []string) {},
		slow: func(int) time.Duration { return 0 }}
	for i := range nodes {
		n := &scriptedNode{migrating: map[int]int{}, importing: map[int]int{}, has: map[string]bool{}}
		for slot := range n.owner {
			n.owner[slot] = slot * nodes / cluster.Slots
		}
		c.nodes = append(c.nodes, n)
		c.peers = append(c.peers, resptest.PipePeer(t, func(pc *resptest.PeerConn) { c.serve(pc, i) }))
	}
	return c
}

func scriptedHost(node int) string { return fmt.Sprint("10.0.0.", node+1) }

func scriptedAddr(node int) string { return net.JoinHostPort(scriptedHost(node), "7000") }

func (c *scripted) connect(ctx context.Context, cfg pipeclient.Config) (*pipeclient.Conn, error) {
	for i, peer := range c.peers {
		if cfg.Addr == scriptedAddr(i) {
			cfg.Dial = peer.Dial
		}
	}
	return pipeclient.Dial(ctx, cfg)
}

func (c *scripted) serve(pc *resptest.PeerConn, node int) {
	state := &scriptedConn{}
	for {
		words := pc.Next()
		time.Sleep(c.slow(node))
		c.mu.Lock()
		reply := c.answer(state, node, words)
		c.mu.Unlock()
		if _, err := io.WriteString(pc.Conn, reply); err != nil {
			runtime.Goexit()
		}
	}
}

// answer carries out a command, and is what a node says to it.
func (c *scripted) answer(state *scriptedConn, node int, words []string) string {
	switch words[0] {
	case "CLUSTER":
		if words[1] == "MYID" {
			return bulkString(fmt.Sprint("id", node))
		}
		return c.shards(node)
	case "ASKING":
		state.asking = true
		return "+OK\r\n"
	case "MULTI":
		state.multi = true // and an ASKING in front of it goes for all of it
		return "+OK\r\n"
	}
	c.between(node, words)
	c.nodes[node].judged++
	if words[0] == "EXEC" {
		return c.exec(state, node)
	}
	refusal := c.judge(state.asking, node, words)
	switch {
	case refusal != "" && state.multi:
		state.failed = true
	case state.multi:
		state.queue = append(state.queue, words)
		return "+QUEUED\r\n"
	}
	if !state.multi {
		state.asking = false
	}
	if refusal != "" {
		return "-" + refusal + "\r\n"
	}
	return c.carryOut(node, words)
}

func (c *scripted) exec(state *scriptedConn, node int) string {
	was := *state
	*state = scriptedConn{}
	if refusal := c.judge(was.asking, node, was.queue...); refusal != "" {
		return "-" + refusal + "\r\n"
	}
	if was.failed {
		return "-EXECABORT Transaction discarded because of previous errors.\r\n"
	}
	reply := fmt.Sprintf("*%d\r\n", len(was.queue))
	for _, words := range was.queue {
		reply += c.carryOut(node, words)
	}
	return reply
}

// judge is why a node does not carry out commands, "" if it does.
func (c *scripted) judge(asking bool, node int, commands ...[]string) (refusal string) {
	n := c.nodes[node]
	var keys []string
	for _, words := range commands {
		keys = append(keys, scriptedKeys(words)...)
	}
	slices.Sort(keys)
	if keys = slices.Compact(keys); len(keys) == 0 {
		return ""
	}
	slot, there := cluster.SlotOf([]byte(keys[0])), 0
	defer func() {
		if kind, _, _ := strings.Cut(refusal, " "); kind != "" {
			c.said[kind]++
			c.last[[2]int{slot, node}] = time.Now()
		}
	}()
	for _, key := range keys {
		if n.has[key] {
			there++
		}
	}
	const tryAgain = "TRYAGAIN Multiple keys request during rehashing of slot"
	to, leaves := n.migrating[slot]
	_, comes := n.importing[slot]
	switch mine := n.owner[slot] == node; {
	case n.down:
		return "CLUSTERDOWN The cluster is down"
	case mine && leaves && there == 0:
		return fmt.Sprintf("ASK %d %s", slot, scriptedAddr(to))
	case mine && leaves && there < len(keys):
		return tryAgain
	case mine:
		return ""
	case comes && asking && len(keys) > 1 && there < len(keys):
		return tryAgain
	case comes && asking:
		return ""
	}
	return fmt.Sprintf("MOVED %d %s", slot, scriptedAddr(n.owner[slot]))
}

// carryOut does what a command does: it notes its last word at each of its keys.
func (c *scripted) carryOut(node int, words []string) string {
	for _, key := range scriptedKeys(words) {
		c.notes[key] = append(c.notes[key], words[len(words)-1])
		c.nodes[node].has[key] = words[0] != "SREM" // which here takes the whole key away
		for other, n := range c.nodes {
			if other != node && n.has[key] {
				c.t.Errorf("%q on node %d: node %d has %s as well", words, node, other, key)
			}
		}
	}
	return ":1\r\n"
}

// scriptedKeys are the keys of a command.
func scriptedKeys(words []string) []string {
	switch words[0] {
	case "RPUSH", "SREM":
		return words[1:2]
	case "SMOVE":
		return words[1:3]
	}
	return nil
}

func bulkString(text string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(text), text) }

// shards is the map as a node sees it.
func (c *scripted) shards(node int) string {
	ranges := make([][]int, len(c.nodes))
	view := &c.nodes[node].owner
	for slot := 0; slot < cluster.Slots; {
		first := slot
		for slot < cluster.Slots && view[slot] == view[first] {
			slot++
		}
		ranges[view[first]] = append(ranges[view[first]], first, slot-1)
	}
	reply := fmt.Sprintf("*%d\r\n", len(c.nodes))
	for i, r := range ranges {
		reply += fmt.Sprintf("*4\r\n%s*%d\r\n", bulkString("slots"), len(r))
		for _, bound := range r {
			reply += fmt.Sprintf(":%d\r\n", bound)
		}
		reply += bulkString("nodes") + "*1\r\n*12\r\n"
		for _, field := range []string{"id", fmt.Sprint("id", i), "port", "", "ip", scriptedHost(i), "endpoint", scriptedHost(i),
			"role", "master", "health", "online"} {
			if field == "" {
				reply += ":7000\r\n"
				continue
			}
			reply += bulkString(field)
		}
	}
	return reply
}

// The moves. All of them are for between, which holds the lock.

// start begins to move a slot.
func (c *scripted) start(slot, from, to int) {
	c.nodes[from].migrating[slot] = to
	c.nodes[to].importing[slot] = from
}

// carry moves a key, if it is there.
func (c *scripted) carry(from, to int, keys ...string) {
	for _, key := range keys {
		if c.nodes[from].has[key] {
			delete(c.nodes[from].has, key)
			c.nodes[to].has[key] = true
		}
	}
}

// carryAll moves all keys of a slot.
func (c *scripted) carryAll(slot, from, to int) {
	for key, there := range c.nodes[from].has {
		if there && cluster.SlotOf([]byte(key)) == slot {
			c.carry(from, to, key)
		}
	}
}

// learn tells a node that a slot is owner's, which ends what it knew of a move.
func (c *scripted) learn(node, slot, owner int) {
	c.nodes[node].owner[slot] = owner
	delete(c.nodes[node].migrating, slot)
	delete(c.nodes[node].importing, slot)
}

// finish ends a move: both nodes know it, the others do not.
func (c *scripted) finish(slot, from, to int) {
	c.carryAll(slot, from, to)
	c.learn(to, slot, to)
	c.learn(from, slot, to)
}

// owner is the node that has a slot.
func (c *scripted) owner(slot int) int {
	for i, n := range c.nodes {
		if n.owner[slot] == i {
			return i
		}
	}
	return 0
}

// refusals is how many commands were refused so.
func (c *scripted) refusals(kind string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.said[kind]
}

// load loads an input into the cluster.
func (c *scripted) load(in io.Reader, change ...func(*Config)) outcome {
	client := pipeclient.Config{Addr: scriptedAddr(0), Timeout: 20 * time.Second}
	nodes, err := cluster.Open(c.t.Context(), cluster.Config{Client: client, Connect: c.connect})
	if err != nil {
		c.t.Fatal(err)
	}
	o := loadInto("", in, func(cfg *Config) {
		cfg.Client, cfg.Cluster = client, nodes
		for _, one := range change {
			one(cfg)
		}
	})
	nodes.Close()
	time.Sleep(time.Minute) // an input that was left behind ends
	synctest.Wait()
	return o
}

// noted is the input that [scripted.check] compares with: commands with keys, each of which is to be
// noted at each of its keys.
type noted struct {
	lines []string
	want  map[string][]string
	count int // replies to come
}

// add appends a command; its last word, which says which one it is, is added.
func (in *noted) add(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	in.count++
	if words := strings.Fields(line); len(scriptedKeys(words)) > 0 {
		n := fmt.Sprint(in.count)
		line += " " + n
		if in.want == nil {
			in.want = map[string][]string{}
		}
		for _, key := range scriptedKeys(words) {
			in.want[key] = append(in.want[key], n)
		}
	}
	in.lines = append(in.lines, line)
}

func (in *noted) reader() io.Reader { return strings.NewReader(strings.Join(in.lines, "\n") + "\n") }

// check fails the test unless all was carried out, once, in the order of the input on each key, and
// the accounts say so.
func (c *scripted) check(in *noted, o outcome) {
	c.t.Helper()
	if o.end != nil || o.Replies != int64(in.count) || o.Sent != o.Replies || o.Errors+o.Discarded != 0 ||
		len(o.InDoubt)+len(o.NotSent) != 0 || o.Next.Number != int64(in.count)+1 {
		c.t.Errorf("%v %+v, want %d\n%s", o.end, o.Report, in.count, o.err)
	}
	for key, want := range in.want {
		if !slices.Equal(c.notes[key], want) {
			c.t.Errorf("%s: %v, want %v", key, c.notes[key], want)
		}
	}
}

// failedLine is how stderr begins the line of a command that failed.
var failedLine = regexp.MustCompile(`(?m)^line (\d+), byte `)

// inOrder fails the test unless what was carried out on each key is in the order of the input, nothing
// twice, and exactly what the accounts say: all but what failed and what was not sent.
func (c *scripted) inOrder(in *noted, o outcome) {
	c.t.Helper()
	left := map[string]bool{} // what was not carried out, by the accounts
	for _, r := range o.NotSent {
		for n := r.From.Number; n <= r.Last; n++ {
			left[fmt.Sprint(n)] = true
		}
	}
	failed := failedLine.FindAllStringSubmatch(o.err, -1)
	for _, match := range failed {
		n, _ := strconv.Atoi(match[1])
		for left[fmt.Sprint(n)] = true; strings.HasPrefix(in.lines[n-1], "MULTI") || in.inside(n); n++ {
			left[fmt.Sprint(n+1)] = true
		}
	}
	for key, all := range in.want {
		want := slices.DeleteFunc(slices.Clone(all), func(n string) bool {
			at, _ := strconv.Atoi(n)
			return left[n] || at >= int(o.Next.Number)
		})
		if !slices.Equal(c.notes[key], want) {
			c.t.Errorf("%s: %v, want %v", key, c.notes[key], want)
		}
	}
	if int(o.Errors) != len(failed) || len(o.InDoubt) > 0 || o.Sent != o.Replies || o.Sent+o.NotSent.Len() != o.Next.Number-1 {
		c.t.Errorf("%v %+v\n%s", o.end, o.Report, o.err)
	}
}

// inside reports whether a command belongs to a transaction and does not end it.
func (in *noted) inside(n int) bool {
	for n--; n >= 0 && in.lines[n] != "EXEC"; n-- {
		if in.lines[n] == "MULTI" {
			return true
		}
	}
	return false
}

package cluster

import (
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"

	"easycli/internal/command"
	"easycli/internal/pipeclient"
	"easycli/internal/resp"
	"easycli/internal/resptest"
)

// open opens the cluster and closes it when the test ends.
func open(t testing.TB, cfg Config) *Cluster {
	t.Helper()
	c, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// at is the configuration of a client of addr.
func at(addr string) Config { return Config{Client: pipeclient.Config{Addr: addr}} }

// do carries out a line and wants its reply as text: (error) in front of errors.
func do(t testing.TB, c *Cluster, line string) string {
	t.Helper()
	v, err := c.Do(t.Context(), words(line)...)
	if err != nil {
		t.Errorf("%s: %v", line, err)
	}
	return text(v)
}

func text(v resp.Value) string {
	switch {
	case v.IsError():
		return "(error) " + v.Text
	case v.Kind == resp.Integer:
		return strconv.FormatInt(v.Int, 10)
	}
	return v.Text
}

// addrs are the addresses of nodes.
func addrs(nodes []*Node) []string {
	var all []string
	for _, n := range nodes {
		all = append(all, n.Addr())
	}
	return all
}

func TestOpenLearnsTheMap(t *testing.T) {
	r := resptest.SharedCluster(t)
	var want []string
	for _, node := range r.Nodes {
		want = append(want, node.Addr)
	}
	for _, proto := range []int{2, 3} {
		for _, seed := range []string{r.Nodes[1].Addr, strings.Replace(r.Nodes[1].Addr, "127.0.0.1", "localhost", 1)} {
			cfg := at(seed)
			cfg.Client.Proto = proto
			c := open(t, cfg)
			if got := addrs(c.Masters()); !slices.Equal(got, want) {
				t.Errorf("%s, RESP%d: masters %v, want %v", seed, proto, got, want)
			}
			if got := c.Seed().Addr(); got != r.Nodes[1].Addr {
				t.Errorf("%s: the seed is %s", seed, got)
			}
			if c.Owner(0).Addr() != want[0] || c.Owner(16383).Addr() != want[2] || c.Reader(8000).Addr() != want[1] {
				t.Errorf("%s: owners %s, %s, %s", seed, c.Owner(0).Addr(), c.Owner(16383).Addr(), c.Reader(8000).Addr())
			}
		}
	}
}

// TestOldServersTellSlots: they have no CLUSTER SHARDS.
func TestOldServersTellSlots(t *testing.T) {
	r := resptest.SharedCluster(t)
	for _, node := range r.Nodes {
		node.Do("ACL", "SETUSER", "default", "-cluster|shards")
		t.Cleanup(func() { node.Do("ACL", "SETUSER", "default", "+cluster|shards") })
	}
	c := open(t, at(r.Addr()))
	if got := addrs(c.Masters()); len(got) != 3 || got[2] != r.Nodes[2].Addr {
		t.Errorf("masters %v", got)
	}
	if c.Owner(16383).Addr() != r.Nodes[2].Addr || c.Owner(0) != c.Seed() {
		t.Error("the slots are somebody else's")
	}
}

func TestOpenOfWhatIsNoCluster(t *testing.T) {
	r := resptest.Shared(t)
	for _, from := range []ReadFrom{Masters, Any} {
		cfg := at(r.Addr)
		cfg.ReadFrom = from
		if _, err := Open(t.Context(), cfg); !errors.Is(err, ErrNoCluster) {
			t.Errorf("a single server: %v", err)
		}
	}
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		for {
			c.Next()
			c.Reply("-NOPERM this user has no permissions\r\n")
		}
	})
	_, err := Open(t.Context(), at(peer.Addr))
	var refused *RefusedError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), peer.Addr+" answered: NOPERM") {
		t.Errorf("a server that says nothing: %v", err)
	}
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	l.Close()
	var connect *pipeclient.ConnectError
	if _, err := Open(t.Context(), at(l.Addr().String())); !errors.As(err, &connect) {
		t.Errorf("no server: %v", err)
	}
	cluster := resptest.SharedCluster(t)
	cfg := at(cluster.Addr())
	cfg.Client.DB = 1
	if _, err := Open(t.Context(), cfg); !errors.As(err, &connect) || connect.Step != "SELECT 1" {
		t.Errorf("a database: %v", err)
	}
}

func TestDoGoesToTheKeys(t *testing.T) {
	r := resptest.SharedCluster(t)
	c := open(t, at(r.Addr()))
	for _, key := range []string{"a", "b", "c", "d", "{a}x"} {
		if got := do(t, c, "SET "+key+" v"+key); got != "OK" {
			t.Errorf("SET %s: %s", key, got)
		}
		if got := do(t, c, "GET "+key); got != "v"+key {
			t.Errorf("GET %s: %s", key, got)
		}
	}
	if got := do(t, c, "LPUSH a x"); !strings.HasPrefix(got, "(error) WRONGTYPE") {
		t.Errorf("an error is the answer: %s", got)
	}
	if got := do(t, c, "PING hello"); got != "hello" {
		t.Errorf("without a key: %s", got)
	}
	var cross *CrossSlotError
	if _, err := c.Do(t.Context(), words("DEL a b")...); !errors.As(err, &cross) {
		t.Errorf("two slots: %v", err)
	}
	redirected := 0
	for _, node := range r.Nodes {
		if strings.Contains(node.Do("INFO", "errorstats"), "MOVED") {
			redirected++
		}
	}
	if redirected > 0 {
		t.Error("commands went to the wrong node")
	}
}

func TestKeysOfUnknownCommands(t *testing.T) {
	r := resptest.SharedCluster(t)
	c := open(t, at(r.Addr()))
	tests := []struct {
		line string
		want int
		err  bool
	}{
		{"get a", 15495, false},
		{"MGET a {a}1", 15495, false},
		{"MGET a b", 0, true},
		{"MSET a 1 {a}1 2", 15495, false},
		{"BLPOP a {a}1 0", 15495, false},
		{"EVAL x 1 b a", 3300, false},
		{"EVAL x 0", NoSlot, false},
		{"EVAL x y", NoSlot, false},
		{"PING x", NoSlot, false},
		{"NOSUCH a b", NoSlot, false},
		{"OBJECT ENCODING b", 3300, false},
		{"XREAD STREAMS b 0", 3300, false},
	}
	for range 2 { // from the server, and from memory
		for _, test := range tests {
			argv := words(test.line)
			got, err := c.Slot(t.Context(), command.Info{}, argv)
			if (err != nil) != test.err || err == nil && got != test.want {
				t.Errorf("%s: %d, %v, want %d", test.line, got, err, test.want)
			}
		}
	}
	asked := r.Nodes[0].Info("commandstats")
	if got, _, _ := strings.Cut(asked["cmdstat_command|info"], ","); got != "calls=9" { // one for each name
		t.Errorf("COMMAND INFO: %s", got)
	}
	if got := do(t, c, "NOSUCH a"); !strings.HasPrefix(got, "(error) ERR unknown command") {
		t.Errorf("what nobody knows: %s", got)
	}
}

func TestRefreshAndLearn(t *testing.T) {
	r := resptest.SharedCluster(t)
	c := open(t, at(r.Addr()))
	const slot = 12182
	before, to := c.Owner(slot), r.Nodes[0]
	r.MoveSlot(slot, r.Nodes[2], to)
	if c.Owner(slot) != before {
		t.Fatal("it knows without being told")
	}
	if err := c.Refresh(t.Context()); err != nil || c.Owner(slot).Addr() != to.Addr {
		t.Errorf("refreshed: %s, %v", c.Owner(slot).Addr(), err)
	}
	r.MoveSlot(slot, to, r.Nodes[1])
	if n := c.Learn(slot, r.Nodes[1].Addr); n != c.Owner(slot) || n != c.Owner(8000) {
		t.Errorf("learned: %s", c.Owner(slot).Addr())
	}
	if n := c.NodeAt("10.1.2.3:4"); n.Addr() != "10.1.2.3:4" || n != c.NodeAt("10.1.2.3:4") {
		t.Error("a node is known twice")
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Refresh(canceled); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody waits: %v", err)
	}
}

// TestMadeUpNodesAreForgotten: redirections to ever new nodes must not fill the memory, nor push out
// the nodes that are used.
func TestMadeUpNodesAreForgotten(t *testing.T) {
	r := resptest.SharedCluster(t)
	c := open(t, at(r.Addr()))
	seed := c.Seed()
	for i := range 3 * maxNodes {
		c.NodeAt(net.JoinHostPort("node"+strconv.Itoa(i), "6379"))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.nodes) > maxNodes || c.nodes[r.Addr()] != seed {
		t.Errorf("%d nodes are known", len(c.nodes))
	}
}

package cluster

import (
	"context"
	"crypto/tls"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

// dialled records where connections go.
type dialled struct {
	mu    sync.Mutex
	addrs []string
}

func (d *dialled) connect(ctx context.Context, cfg pipeclient.Config) (*pipeclient.Conn, error) {
	d.mu.Lock()
	d.addrs = append(d.addrs, cfg.Addr)
	d.mu.Unlock()
	return pipeclient.Dial(ctx, cfg)
}

func (d *dialled) take() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := d.addrs
	d.addrs = nil
	return all
}

// TestNodesBehindNAT: every node is reached at another address than the one it announces.
func TestNodesBehindNAT(t *testing.T) {
	r := resptest.SharedCluster(t)
	from := map[string]string{}
	var outside []string
	var proxies []*resptest.FaultProxy
	for _, node := range r.Nodes {
		p := resptest.Proxy(t, node.Addr, nil)
		proxies = append(proxies, p)
		from[node.Addr] = p.Addr
		outside = append(outside, p.Addr)
	}
	seen := &dialled{}
	cfg := at(outside[0])
	cfg.Connect = seen.connect
	cfg.Map = func(addr string) string { return from[addr] }
	c := open(t, cfg)
	if c.Seed().Addr() != r.Nodes[0].Addr {
		t.Errorf("the seed is %s", c.Seed().Addr())
	}
	for _, key := range []string{"hello", "a", "b", "foo"} {
		if got := do(t, c, "SET "+key+" v"); got != "OK" {
			t.Errorf("SET %s: %s", key, got)
		}
	}
	r.MoveSlot(fooSlot, r.Nodes[2], r.Nodes[1])
	if got := do(t, c, "GET foo"); got != "v" { // through a MOVED
		t.Errorf("GET: %s", got)
	}
	conn, _ := c.Owner(fooSlot).Conn(t.Context())
	proxies[1].CutAll(true)
	<-conn.Over()
	if got := do(t, c, "GET foo"); got != "v" { // on a new connection
		t.Errorf("GET: %s", got)
	}
	if own, err := c.Owner(fooSlot).Dial(t.Context(), nil); err != nil {
		t.Error(err)
	} else {
		own.Close()
	}
	for _, addr := range seen.take() {
		if !slices.Contains(outside, addr) {
			t.Errorf("%s was dialled, which cannot be reached", addr)
		}
	}
	proxies[2].Close()
	cfg = impatient(outside[0])
	cfg.Map = func(addr string) string { return from[addr] }
	_, err := open(t, cfg).Do(t.Context(), words("GET "+keyIn(16383))...)
	if err == nil || !strings.Contains(err.Error(), "node "+r.Nodes[2].Addr+" at "+outside[2]+": ") {
		t.Errorf("a node that cannot be reached: %v", err)
	}
}

// TestSeedBehindADoor: a seed that was reached at an address it does not announce is reached there
// again, unless somebody else answers.
func TestSeedBehindADoor(t *testing.T) {
	r := resptest.SharedCluster(t)
	p := resptest.Proxy(t, r.Nodes[0].Addr, nil)
	seen := &dialled{}
	cfg := at(p.Addr)
	cfg.Connect = seen.connect
	c := open(t, cfg)
	key := keyIn(0)
	if got := do(t, c, "SET "+key+" v"); got != "OK" {
		t.Error(got)
	}
	if got := seen.take(); !slices.Equal(got, []string{p.Addr}) {
		t.Errorf("dialled %v", got)
	}
	conn, _ := c.Seed().Conn(t.Context())
	p.CutAll(true)
	<-conn.Over()
	if got := do(t, c, "GET "+key); got != "v" {
		t.Error(got)
	}
	if got := seen.take(); !slices.Equal(got, []string{p.Addr}) {
		t.Errorf("dialled %v", got)
	}

	// A balancer: the first connection leads to one node, the others to another.
	cfg = at("balancer:6379")
	to := r.Nodes[0].Addr
	var asked []string
	cfg.Connect = func(ctx context.Context, cfg pipeclient.Config) (*pipeclient.Conn, error) {
		asked = append(asked, cfg.Addr)
		if cfg.Addr == "balancer:6379" {
			cfg.Addr, to = to, r.Nodes[1].Addr
		}
		return pipeclient.Dial(ctx, cfg)
	}
	c = open(t, cfg)
	own, err := c.Seed().Dial(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	if v, err := own.Do(t.Context(), "CLUSTER", "MYID"); err != nil || v.Text != r.ID(r.Nodes[0]) {
		t.Errorf("the seed is %s, %v", v.Text, err)
	}
	if want := []string{"balancer:6379", "balancer:6379", r.Nodes[0].Addr}; !slices.Equal(asked, want) {
		t.Errorf("dialled %v, want %v", asked, want)
	}
}

func TestSeedAtASocket(t *testing.T) {
	t.Parallel()
	r := resptest.Cluster(t, 2, 0)
	c := open(t, Config{Client: pipeclient.Config{Network: "unix", Addr: r.Nodes[0].Socket}})
	for _, key := range []string{"hello", "foo"} { // one for each
		if got := do(t, c, "SET "+key+" v"); got != "OK" {
			t.Errorf("SET %s: %s", key, got)
		}
	}
	if got := addrs(c.Masters()); !slices.Equal(got, []string{r.Nodes[0].Addr, r.Nodes[1].Addr}) {
		t.Errorf("masters %v", got)
	}
	own, err := c.Seed().Dial(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	if own.RemoteAddr().Network() != "unix" {
		t.Errorf("the seed is reached at %v", own.RemoteAddr())
	}
}

// TestWhatNodesAnnounce: host names, no names, other addresses.
func TestWhatNodesAnnounce(t *testing.T) {
	t.Parallel()
	args := []string{"--bind", "127.0.0.1"}
	l, err := net.Listen("tcp", "[::1]:0")
	if err == nil {
		l.Close()
		args = append(args, "::1")
	}
	r := resptest.Cluster(t, 2, 0, args...)
	configure := func(settings ...string) {
		for _, node := range r.Nodes {
			for i := 0; i < len(settings); i += 2 {
				if got := node.Do("CONFIG", "SET", settings[i], settings[i+1]); got != "OK" {
					t.Fatal(got)
				}
			}
		}
	}
	for _, test := range []struct {
		name, seed, want string
		settings         []string
	}{
		{"host names", "127.0.0.1", "localhost", []string{"cluster-announce-hostname", "localhost", "cluster-preferred-endpoint-type", "hostname"}},
		{"no names", "127.0.0.1", "127.0.0.1", []string{"cluster-preferred-endpoint-type", "unknown-endpoint"}},
		{"no names, asked by name", "localhost", "localhost", nil},
		{"host names that are not set", "127.0.0.1", "127.0.0.1", []string{"cluster-announce-hostname", "", "cluster-preferred-endpoint-type", "hostname"}},
		{"IPv6", "127.0.0.1", "::1", []string{"cluster-preferred-endpoint-type", "ip", "cluster-announce-ip", "::1"}},
	} {
		if test.want == "::1" && len(args) < 3 {
			continue
		}
		t.Run(test.name, func(t *testing.T) {
			configure(test.settings...)
			_, port, _ := net.SplitHostPort(r.Nodes[0].Addr)
			_, other, _ := net.SplitHostPort(r.Nodes[1].Addr)
			want := []string{net.JoinHostPort(test.want, port), net.JoinHostPort(test.want, other)}
			c := open(t, at(net.JoinHostPort(test.seed, port)))
			for start := time.Now(); !slices.Equal(addrs(c.Masters()), want); { // nodes tell each other
				if time.Since(start) > 10*time.Second {
					t.Fatalf("masters %v, want %v", addrs(c.Masters()), want)
				}
				c.Refresh(t.Context())
			}
			for _, key := range []string{"hello", "foo"} {
				if got := do(t, c, "SET "+key+" v"); got != "OK" {
					t.Errorf("SET %s: %s", key, got)
				}
			}
			c.Learn(fooSlot, want[0]) // which is wrong, so that a redirection follows
			if got := do(t, c, "GET foo"); got != "v" || c.Owner(fooSlot).Addr() != want[1] {
				t.Errorf("redirected to %s: %s", c.Owner(fooSlot).Addr(), got)
			}
		})
	}
}

func TestTLSOnEveryNode(t *testing.T) {
	t.Parallel()
	r := resptest.TLSCluster(t, 2, 1)
	cfg := at(r.Addr())
	cfg.Client.TLS = &tls.Config{RootCAs: r.CA.Pool}
	cfg.ReadFrom = Replicas
	c := open(t, cfg)
	if got, want := addrs(c.Masters()), []string{r.Nodes[0].TLSAddr, r.Nodes[1].TLSAddr}; !slices.Equal(got, want) {
		t.Fatalf("masters %v, want %v", got, want)
	}
	for _, key := range []string{"hello", "foo"} {
		if got := do(t, c, "SET "+key+" v"); got != "OK" {
			t.Errorf("SET %s: %s", key, got)
		}
		inStep(t, c.Owner(SlotOf([]byte(key))))
		if got := do(t, c, "GET "+key); got != "v" {
			t.Errorf("GET %s: %s", key, got)
		}
	}
	cfg = at(r.Nodes[0].Addr) // without TLS the plain ports are named
	if got, want := addrs(open(t, cfg).Masters()), []string{r.Nodes[0].Addr, r.Nodes[1].Addr}; !slices.Equal(got, want) {
		t.Errorf("without TLS: masters %v, want %v", got, want)
	}
	cfg = at(r.Addr())
	cfg.Client.TLS = &tls.Config{RootCAs: resptest.NewAuthority(t).Pool}
	if _, err := Open(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a wrong authority: %v", err)
	}
}

// inStep waits until a node's one replica has what came over the node's shared connection.
func inStep(t *testing.T, n *Node) {
	t.Helper()
	conn, err := n.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if v, err := conn.Do(t.Context(), "WAIT", "1", "5000"); err != nil || v.Int != 1 {
		t.Fatalf("the replica is behind: %v, %v", v, err)
	}
}

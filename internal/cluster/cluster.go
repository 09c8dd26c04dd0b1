// Package cluster makes one database of the nodes of a Redis Cluster: it knows which node has which
// slot, keeps a connection to each, and takes a command to where its keys are.
//
// It guarantees that a command which may have been carried out is never sent again, that a command
// goes only to nodes that the cluster itself has named, that what it waits for is bounded, and that
// a cluster which does not agree with itself ends in an error and not in a circle. It refuses to
// know what people are told: what a server answers is data.
//
//   - [Open] asks one node, the seed, for the map. [Cluster.Refresh] asks again, whichever node
//     answers, and [Cluster.Learn] takes what a MOVED says.
//   - [Cluster.Owner] and [Cluster.Slot] are for those who send themselves: reading the map takes no
//     lock. [Node] has the connections.
//   - [Cluster.Do] carries out one command, wherever that takes it.
//   - [Split] and [Merge] are for commands whose keys are in several slots.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"easycli/internal/pipeclient"
)

// ReadFrom says which nodes may answer a command that only reads.
type ReadFrom uint8

// The choices. A replica may be behind its master.
const (
	Masters  ReadFrom = iota // only masters
	Replicas                 // replicas, and the master where there is none at hand
	Any                      // replicas and masters, in turn
)

// Config is how to reach a cluster.
type Config struct {
	// Client is the configuration of the connections to every node: credentials, TLS, timeouts,
	// protocol. Its Addr is the seed; Network and Dial are for the seed alone. OnPush may be called
	// by several connections at once.
	Client pipeclient.Config
	// Connect makes connections; nil stands for [pipeclient.Dial].
	Connect func(ctx context.Context, cfg pipeclient.Config) (*pipeclient.Conn, error)
	// Map rewrites the host:port that a node announces to one where it can be reached from here; nil
	// keeps it.
	Map func(addr string) string
	// ReadFrom says where commands that only read may go. READONLY is sent on every connection
	// unless it is Masters.
	ReadFrom ReadFrom
}

// ErrNoCluster is a server that is not in cluster mode.
var ErrNoCluster = errors.New("the server is not part of a cluster")

// Cluster is a cluster as one database. Its methods may be called by many goroutines at once.
type Cluster struct {
	cfg    Config
	ctx    context.Context // ends with Close
	end    context.CancelFunc
	work   sync.WaitGroup // the goroutines that refresh
	shapes shapes
	turn   atomic.Uint32 // of the nodes that share the reads of a shard

	owners [Slots]atomic.Pointer[Node]
	seed   atomic.Pointer[Node]

	mu       sync.Mutex
	closed   bool
	nodes    map[string]*Node // by the address they announce
	learned  map[int]*Node    // slots that a MOVED told of since the last refresh began
	informed *Node            // the node that knew best: the one a MOVED named last
	next     *flight          // the refresh that has not begun yet
	pending  bool             // a refresh in the background is on its way
	last     time.Time        // the end of the last refresh
	flying   chan struct{}    // holds one: refreshes go one by one
}

// Open connects to the seed and learns who has which slot. The error is [ErrNoCluster] if the
// server is not in cluster mode, and otherwise what connecting or asking met. The other nodes are
// connected to when they are needed.
func Open(ctx context.Context, cfg Config) (*Cluster, error) {
	if cfg.Connect == nil {
		cfg.Connect = pipeclient.Dial
	}
	if cfg.Client.Addr == "" {
		cfg.Client.Addr = pipeclient.DefaultAddr
	}
	c := &Cluster{cfg: cfg, nodes: map[string]*Node{}, learned: map[int]*Node{}, flying: make(chan struct{}, 1)}
	c.ctx, c.end = context.WithCancel(context.Background())
	conn, err := c.connect(ctx, cfg.Client)
	if err != nil {
		c.end()
		return nil, err
	}
	if err := c.begin(ctx, conn); err != nil {
		conn.Close()
		c.end()
		return nil, err
	}
	return c, nil
}

// begin learns the map from the seed, and finds the seed in it.
func (c *Cluster) begin(ctx context.Context, conn *pipeclient.Conn) error {
	t, err := c.ask(ctx, conn, c.cfg.Client.Addr)
	if err != nil {
		return err
	}
	// A seed that may not say its name is looked for by its address.
	id := ""
	if v, err := conn.Do(ctx, "CLUSTER", "MYID"); err != nil {
		return fmt.Errorf("asking a node for its name: %w", err)
	} else if !v.IsError() {
		id = v.Text
	}
	c.take(t, c.cfg.Client.Addr, id)
	c.Seed().adopt(conn)
	return nil
}

// take makes the first map the cluster's. The seed is the node with that ID.
func (c *Cluster) take(t topology, addr, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	announced := addr
	for _, s := range t {
		for _, p := range append(slices.Clone(s.replicas), s.master) {
			if id != "" && p.id == id {
				announced = p.addr
			}
		}
	}
	seed := c.node(announced)
	if seed.dialAddr() != addr || c.cfg.Client.Network == "unix" || c.cfg.Client.Dial != nil {
		seed.door = id
	}
	c.seed.Store(seed)
	c.apply(t)
	c.last = time.Now()
}

// ask asks a node that was reached at addr for its map.
func (c *Cluster) ask(ctx context.Context, conn *pipeclient.Conn, addr string) (topology, error) {
	from := source{host: hostOf(addr), tls: c.cfg.Client.TLS != nil}
	v, err := conn.Do(ctx, "CLUSTER", "SHARDS")
	if err == nil && v.IsError() && !noCluster(v.Text) {
		if v, err = conn.Do(ctx, "CLUSTER", "SLOTS"); err == nil && !v.IsError() {
			return from.readSlots(v)
		}
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("asking for the map of the cluster: %w", err)
	case v.IsError() && noCluster(v.Text):
		return nil, ErrNoCluster
	case v.IsError():
		return nil, fmt.Errorf("asking for the map of the cluster: %w", &RefusedError{Addr: addr, Text: v.Text})
	}
	return from.readShards(v)
}

// noCluster reports whether an error says that the server is not in cluster mode.
func noCluster(text string) bool {
	return strings.Contains(text, "cluster support disabled") ||
		strings.HasPrefix(text, "ERR unknown command")
}

// RefusedError is a node that would not tell what has to be known of the cluster.
type RefusedError struct {
	Addr string
	Text string // what it answered
}

func (e *RefusedError) Error() string { return e.Addr + " answered: " + e.Text }

// Close ends the connections of all nodes; those of [Node.Dial] are their owners' to close.
// Commands end as not sent or in doubt. It may be called more than once.
func (c *Cluster) Close() error {
	c.mu.Lock()
	c.closed = true
	c.end()
	nodes := c.nodes
	c.mu.Unlock()
	for _, n := range nodes {
		n.close()
	}
	c.work.Wait()
	return nil
}

// Seed is the node that was asked first.
func (c *Cluster) Seed() *Node { return c.seed.Load() }

// Owner is the node that has a slot, nil if nobody has it as far as is known.
func (c *Cluster) Owner(slot int) *Node { return c.owners[slot].Load() }

// Masters are the nodes that have slots, in the order of their first ones.
func (c *Cluster) Masters() []*Node {
	var masters []*Node
	seen := map[*Node]bool{}
	for slot := range c.owners {
		if n := c.Owner(slot); n != nil && !seen[n] {
			seen[n] = true
			masters = append(masters, n)
		}
	}
	return masters
}

// Replicas are the replicas of a master that the cluster can reach.
func (c *Cluster) Replicas(master *Node) []*Node {
	if all := master.replicas.Load(); all != nil {
		return slices.Clone(*all)
	}
	return nil
}

// Reader is the node that a command which only reads the slot goes to, by [Config.ReadFrom]; the
// nodes of a shard take turns. It is nil where Owner is.
func (c *Cluster) Reader(slot int) *Node {
	owner := c.Owner(slot)
	if c.cfg.ReadFrom == Masters || owner == nil {
		return owner
	}
	all := owner.replicas.Load()
	if all == nil || len(*all) == 0 {
		return owner
	}
	readers := len(*all)
	if c.cfg.ReadFrom == Any {
		readers++
	}
	if at := int(c.turn.Add(1) % uint32(readers)); at < len(*all) {
		return (*all)[at]
	}
	return owner
}

// NodeAt is the node that announces addr, host:port. It becomes known if it is new: a redirection
// has named it.
func (c *Cluster) NodeAt(addr string) *Node {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.node(addr)
}

// maxNodes is how many nodes may be known that no map has; a cluster has no more than a thousand.
const maxNodes = 4096

// node is NodeAt for those who hold the lock.
func (c *Cluster) node(addr string) *Node {
	n := c.nodes[addr]
	if n == nil {
		if len(c.nodes) >= maxNodes {
			c.forget()
		}
		n = newNode(c, addr)
		c.nodes[addr] = n
	}
	return n
}

// forget drops the nodes that have no connection, once there are too many for a cluster: somebody
// makes them up. They come back when they are named again. The lock is held.
func (c *Cluster) forget() {
	for addr, n := range c.nodes {
		if n.conn.Load() == nil && n != c.seed.Load() {
			delete(c.nodes, addr)
		}
	}
}

// Learn takes from a MOVED that the node at addr has a slot, and returns that node. A refresh of the
// whole map follows in the background: where one slot has moved, others may have.
func (c *Cluster) Learn(slot int, addr string) *Node {
	c.mu.Lock()
	n := c.node(addr)
	c.owners[slot].Store(n)
	c.learned[slot] = n
	c.informed = n
	c.mu.Unlock()
	c.refreshSoon()
	return n
}

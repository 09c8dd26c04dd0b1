package resptest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// member is a line of CLUSTER NODES.
type member struct {
	id, addr, flags, master, epoch, link string
	slots                                []string // ranges
	open                                 []string // slots that are on their way
}

func (m member) is(flag string) bool { return slices.Contains(strings.Split(m.flags, ","), flag) }

// role is what all nodes have to agree on about a member.
func (m member) role() string {
	flags := strings.TrimPrefix(m.flags, "myself,")
	return m.id + " " + flags + " " + m.master + " " + strings.Join(m.slots, ",")
}

// first is the first slot of a member, and past the last one without any.
func (m member) first() int {
	if len(m.slots) == 0 {
		return clusterSlots
	}
	from, _, _ := strings.Cut(m.slots[0], "-")
	n, _ := strconv.Atoi(from)
	return n
}

// numbers are the slots of a member, one by one.
func (m member) numbers() []int {
	var all []int
	for _, text := range m.slots {
		from, to, found := strings.Cut(text, "-")
		if !found {
			to = from
		}
		first, _ := strconv.Atoi(from)
		last, _ := strconv.Atoi(to)
		for slot := first; slot <= last; slot++ {
			all = append(all, slot)
		}
	}
	return all
}

// members is how a node sees the cluster.
func (c *RedisCluster) members(node *Redis) []member {
	c.t.Helper()
	var all []member
	for line := range strings.Lines(node.Do("CLUSTER", "NODES")) {
		f := strings.Fields(line)
		if len(f) < 8 {
			c.t.Fatalf("CLUSTER NODES has a line %q", line)
		}
		addr, _, _ := strings.Cut(f[1], "@")
		m := member{id: f[0], addr: addr, flags: f[2], master: f[3], epoch: f[6], link: f[7]}
		for _, text := range f[8:] {
			if text[0] != '[' {
				m.slots = append(m.slots, text)
				continue
			}
			slot, _, _ := strings.Cut(text[1:], "-")
			m.open = append(m.open, slot)
		}
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b member) int { return cmp.Compare(a.id, b.id) })
	return all
}

// live are the nodes that run.
func (c *RedisCluster) live() []*Redis {
	return slices.DeleteFunc(slices.Clone(c.Nodes), (*Redis).gone)
}

// join introduces the nodes to each other, each to each, which is the quickest, and makes replicas
// of those behind the masters.
func (c *RedisCluster) join(masters, replicas int) {
	c.t.Helper()
	for i, node := range c.Nodes {
		for _, other := range c.Nodes[i+1:] {
			c.order(node, "CLUSTER", "MEET", "127.0.0.1", port(other.announced()), port(other.bus))
		}
	}
	c.await("acquaintance", func() bool {
		return !slices.ContainsFunc(c.Nodes, func(node *Redis) bool {
			all := c.members(node)
			return len(all) < len(c.Nodes) || slices.ContainsFunc(all, func(m member) bool {
				return m.is("handshake") || m.link != "connected"
			})
		})
	})
	for i, node := range c.Nodes[masters:] {
		c.order(node, "CLUSTER", "REPLICATE", c.ID(c.Nodes[i/replicas]))
	}
	c.Settle()
	for _, node := range c.Nodes {
		c.order(node, "CONFIG", "SET", "cluster-require-full-coverage", "yes")
	}
}

// order has a node do something that is answered with OK.
func (c *RedisCluster) order(node *Redis, args ...string) {
	c.t.Helper()
	if got := node.Do(args...); got != "OK" {
		c.t.Fatalf("%s: %v: %s", node.announced(), args, got)
	}
}

// Settle waits until all nodes that run agree on who has which slot, think the cluster is up, and
// the replicas are in step with their masters.
func (c *RedisCluster) Settle() {
	c.t.Helper()
	c.await("agreement", func() bool {
		live := c.live()
		return c.agree(live) && !slices.ContainsFunc(live, func(node *Redis) bool {
			repl := node.Info("replication")
			return !strings.Contains(node.Do("CLUSTER", "INFO"), "cluster_state:ok") ||
				repl["role"] == "slave" && repl["master_link_status"] != "up"
		})
	})
}

// agree reports whether nodes see the same cluster, and no doubt in it.
func (c *RedisCluster) agree(nodes []*Redis) bool {
	var want []string
	for _, node := range nodes {
		var got []string
		for _, m := range c.members(node) {
			if m.is("fail?") || m.is("handshake") || !m.is("fail") && m.link != "connected" {
				return false
			}
			got = append(got, m.role())
		}
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			return false
		}
	}
	return true
}

// at reports whether a node is reached at addr; those who ask without TLS are told of Addr even in
// a cluster with TLS.
func (r *Redis) at(addr string) bool { return addr == r.Addr || addr == r.TLSAddr }

// toldOfSlots reports whether all nodes that run agree on the slots of those that run, and on the
// epochs that decide between claims.
func (c *RedisCluster) toldOfSlots() bool {
	var want []string
	for _, node := range c.live() {
		var got []string
		for _, m := range c.members(node) {
			if !c.NodeAt(m.addr).gone() {
				got = append(got, m.id+" "+m.epoch+" "+strings.Join(m.slots, ","))
			}
		}
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			return false
		}
	}
	return true
}

// announced is the address under which the cluster names a node.
func (r *Redis) announced() string {
	if r.CA != nil {
		return r.TLSAddr
	}
	return r.Addr
}

// Addr is the address that the first node announces.
func (c *RedisCluster) Addr() string { return c.Nodes[0].announced() }

// ID is a node's name within the cluster.
func (c *RedisCluster) ID(node *Redis) string {
	c.t.Helper()
	return node.Do("CLUSTER", "MYID")
}

// NodeAt is the node that announces addr; it fails the test if there is none.
func (c *RedisCluster) NodeAt(addr string) *Redis {
	c.t.Helper()
	i := slices.IndexFunc(c.Nodes, func(node *Redis) bool { return node.at(addr) })
	if i < 0 {
		c.t.Fatalf("the cluster has no node at %q", addr)
	}
	return c.Nodes[i]
}

// Masters are the nodes that have slots, in the order of their first ones, as a node that runs
// sees it.
func (c *RedisCluster) Masters() []*Redis {
	c.t.Helper()
	all := c.members(c.live()[0])
	slices.SortFunc(all, func(a, b member) int { return cmp.Compare(a.first(), b.first()) })
	var masters []*Redis
	for _, m := range all {
		if len(m.slots) > 0 {
			masters = append(masters, c.NodeAt(m.addr))
		}
	}
	return masters
}

// Replicas are the replicas of a master, as a node that runs sees it.
func (c *RedisCluster) Replicas(master *Redis) []*Redis {
	c.t.Helper()
	all := c.members(c.live()[0])
	i := slices.IndexFunc(all, func(m member) bool { return master.at(m.addr) })
	var replicas []*Redis
	for _, m := range all {
		if i >= 0 && m.master == all[i].id {
			replicas = append(replicas, c.NodeAt(m.addr))
		}
	}
	return replicas
}

// Owner is the node that has a slot, as a node that runs sees it.
func (c *RedisCluster) Owner(slot int) *Redis {
	c.t.Helper()
	for _, m := range c.members(c.live()[0]) {
		if slices.Contains(m.numbers(), slot) {
			return c.NodeAt(m.addr)
		}
	}
	c.t.Fatalf("nobody has slot %d", slot)
	return nil
}

// Do runs one command at the node that has its key: it asks a node that runs, and follows MOVED.
func (c *RedisCluster) Do(args ...string) string {
	c.t.Helper()
	node := c.live()[0]
	for range 5 {
		got := node.Do(args...)
		moved, found := strings.CutPrefix(got, "(error) MOVED ")
		if !found {
			return got
		}
		_, addr, _ := strings.Cut(moved, " ")
		node = c.NodeAt(addr)
	}
	c.t.Fatalf("%q is moved for ever", args)
	return ""
}

package keyspace

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"easycli/internal/cluster"
	"easycli/internal/resp"
	"easycli/internal/session"
)

// Masters are the masters of a cluster as servers to work on. While that goes on slots may move from
// one to another, and keys with them that the one had not yet shown and the other no longer shows:
// Masters knows which, so that they are looked for again.
type Masters struct {
	cluster *cluster.Cluster
	owners  [cluster.Slots]*cluster.Node
	coming  map[int]bool // slots that were on their way when that was last looked at
}

// MastersOf is the masters of a cluster as they are now. Work with it once.
func MastersOf(c *cluster.Cluster) *Masters {
	m := &Masters{cluster: c}
	for slot := range m.owners {
		m.owners[slot] = c.Owner(slot)
	}
	return m
}

// Servers are the masters.
func (m *Masters) Servers() []Server {
	var servers []Server
	for _, n := range m.cluster.Masters() {
		servers = append(servers, serverOf(n))
	}
	return servers
}

// readers are the nodes that the cluster's configuration lets read, one for each master.
func (m *Masters) readers() []Server {
	var servers []Server
	seen := map[*cluster.Node]bool{}
	for slot, owner := range m.owners {
		if owner == nil || seen[owner] {
			continue
		}
		seen[owner] = true
		if reader := m.cluster.Reader(slot); reader != nil {
			owner = reader
		}
		servers = append(servers, serverOf(owner))
	}
	return servers
}

func serverOf(n *cluster.Node) Server { return Server{Addr: n.Addr(), Dial: n.Dial} }

// do carries out a command that a server has redirected.
func (m *Masters) do(ctx context.Context, words ...[]byte) (resp.Value, error) {
	return m.cluster.Do(ctx, words...)
}

// redirected is the server that a redirection names, and whether it wants ASKING.
func (m *Masters) redirected(from Server, reply string) (s Server, ask, ok bool) {
	to, ok := session.RedirectOf(reply)
	if !ok {
		return s, false, false
	}
	addr := to.Addr(from.Addr)
	if to.Ask {
		return serverOf(m.cluster.NodeAt(addr)), true, true
	}
	return serverOf(m.cluster.Learn(to.Slot, addr)), false, true
}

// moved is what has to be looked at again: the servers that slots have come to since the last call,
// or are coming to, and which keys these are. There are none if all is where it was.
func (m *Masters) moved(ctx context.Context) ([]Server, func(key []byte) bool, error) {
	if err := m.cluster.Refresh(ctx); err != nil {
		return nil, nil, err
	}
	slots := map[int]bool{}
	nodes := map[*cluster.Node]bool{}
	for slot, before := range m.owners {
		if now := m.cluster.Owner(slot); now != before {
			m.owners[slot] = now
			if slots[slot] = true; now != nil {
				nodes[now] = true
			}
		}
	}
	coming := map[int]bool{}
	for _, n := range m.cluster.Masters() {
		arriving, err := arriving(ctx, n)
		if err != nil {
			return nil, nil, err
		}
		for _, slot := range arriving {
			if coming[slot] = true; !m.coming[slot] {
				slots[slot], nodes[n] = true, true
			}
		}
	}
	m.coming = coming
	var servers []Server
	for n := range nodes {
		servers = append(servers, serverOf(n))
	}
	return servers, func(key []byte) bool { return slots[cluster.SlotOf(key)] }, nil
}

// arriving are the slots whose keys are on their way to a node.
func arriving(ctx context.Context, n *cluster.Node) (slots []int, err error) {
	conn, err := n.Conn(ctx)
	if err != nil {
		return nil, err
	}
	v, err := conn.Do(ctx, "CLUSTER", "NODES")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", n.Addr(), err)
	}
	if v.IsError() {
		return nil, &RefusedError{Addr: n.Addr(), Command: "CLUSTER NODES", Reply: v.Text}
	}
	for line := range strings.Lines(v.Text) {
		if words := strings.Fields(line); len(words) > 8 && strings.Contains(words[2], "myself") {
			for _, word := range words[8:] { // [93-<-the other node]
				number, _, found := strings.Cut(word, "-<-")
				if slot, err := strconv.Atoi(strings.TrimPrefix(number, "[")); found && err == nil {
					slots = append(slots, slot)
				}
			}
		}
	}
	return slots, nil
}

// maxPasses bounds how often slots are looked for again that have moved meanwhile.
const maxPasses = 20

// onAll runs work for the servers, and in a cluster again for those that slots have come to; only
// says which keys are meant then, and is nil at first.
func onAll(ctx context.Context, servers []Server, m *Masters, work func(ctx context.Context, s Server, only func([]byte) bool) error) error {
	var only func([]byte) bool
	for range maxPasses {
		err := onEach(ctx, servers, func(ctx context.Context, s Server) error { return work(ctx, s, only) })
		if err != nil || m == nil {
			return err
		}
		if servers, only, err = m.moved(ctx); err != nil || len(servers) == 0 {
			return err
		}
	}
	return errRestless
}

var errRestless = fmt.Errorf("slots have moved again and again, after %d passes keys may be missing", maxPasses)

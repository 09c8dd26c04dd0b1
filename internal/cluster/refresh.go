package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"easycli/internal/pipeclient"
)

// The pace of refreshes.
const (
	// betweenRefreshes is the least time from one to the next, however many ask.
	betweenRefreshes = 100 * time.Millisecond
	// betweenLessons is the same for those that only follow a MOVED, which has said already what
	// mattered most.
	betweenLessons = time.Second
	// refreshPatience is how long one node may take to answer, before another is asked.
	refreshPatience = 2 * time.Second
)

// flight is one refresh. When done is closed it is over, and err says how.
type flight struct {
	done chan struct{}
	err  error
}

// Refresh asks for the map again: the node that knew best lately, or any other that can be reached.
// Callers at the same time share one refresh, which begins after they asked, and not sooner than
// 100 ms after the last. The error is that of ctx, or what the nodes answered.
func (c *Cluster) Refresh(ctx context.Context) error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return pipeclient.ErrClosed
	}
	f := c.next
	if f == nil {
		f = &flight{done: make(chan struct{})}
		c.next = f
		c.work.Go(func() { c.fly(f) })
	}
	c.mu.Unlock()
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// refreshSoon has the map refreshed in the background.
func (c *Cluster) refreshSoon() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.pending {
		return
	}
	c.pending = true
	wait := betweenLessons - time.Since(c.last)
	c.work.Go(func() {
		c.sleep(c.ctx, wait)
		c.mu.Lock()
		c.pending = false // a lesson from here on is a reason for another one
		c.mu.Unlock()
		c.Refresh(c.ctx)
	})
}

// fly carries a refresh out, when those before it are over. It ends with the cluster.
func (c *Cluster) fly(f *flight) {
	c.flying <- struct{}{}
	c.mu.Lock()
	wait := betweenRefreshes - time.Since(c.last)
	c.mu.Unlock()
	c.sleep(c.ctx, wait)
	c.mu.Lock()
	c.next = nil // who asks from here on wants a newer map
	clear(c.learned)
	c.mu.Unlock()
	f.err = c.fetch(c.ctx)
	c.mu.Lock()
	c.last = time.Now()
	c.mu.Unlock()
	<-c.flying
	close(f.done)
}

// sleep waits, unless ctx ends first.
func (c *Cluster) sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// fetch takes the map from the first node that has one.
func (c *Cluster) fetch(ctx context.Context) error {
	var failed error
	for _, n := range c.informants() {
		t, err := n.topology(ctx)
		if err == nil && !t.served() {
			err = fmt.Errorf("%s knows no slots", n.addr)
		}
		n.silent.Store(err != nil)
		if err == nil {
			c.mu.Lock()
			c.apply(t)
			c.mu.Unlock()
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if failed == nil {
			failed = err
		}
	}
	if failed == nil {
		failed = errors.New("no node is known")
	}
	return fmt.Errorf("no node of the cluster tells its map: %w", failed)
}

// topology asks the node for the map.
func (n *Node) topology(ctx context.Context) (topology, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, refreshPatience, pipeclient.ErrTimeout)
	defer cancel()
	conn, err := n.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return n.c.ask(ctx, conn, n.addr)
}

// informants are the nodes in the order in which they are asked: the one that knew best, those with
// a connection, the seed, the others, and at last those that had no answer last time.
func (c *Cluster) informants() []*Node {
	c.mu.Lock()
	defer c.mu.Unlock()
	rank := func(n *Node) int {
		switch {
		case n.silent.Load():
			return 4
		case n == c.informed:
			return 0
		case n.usable() != nil:
			return 1
		case n == c.seed.Load():
			return 2
		}
		return 3
	}
	var ranks [5][]*Node
	for _, n := range c.nodes {
		at := rank(n)
		ranks[at] = append(ranks[at], n)
	}
	return slices.Concat(ranks[:]...)
}

// apply makes a topology the map, but for the slots that a MOVED told of meanwhile. The lock is
// held.
func (c *Cluster) apply(t topology) {
	var owners [Slots]*Node
	masters := map[*Node]bool{}
	for _, s := range t {
		master := c.node(s.master.addr)
		masters[master] = true
		var replicas []*Node
		for _, p := range s.replicas {
			if !p.lost {
				replicas = append(replicas, c.node(p.addr))
			}
		}
		master.replicas.Store(&replicas)
		for _, r := range s.slots {
			for slot := r.first; slot <= r.last; slot++ {
				owners[slot] = master
			}
		}
	}
	for _, n := range c.nodes {
		if !masters[n] {
			n.replicas.Store(nil)
		}
	}
	for slot, n := range owners {
		if c.learned[slot] == nil {
			c.owners[slot].Store(n)
		}
	}
}

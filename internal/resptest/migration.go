package resptest

import (
	"strconv"
	"strings"
)

// StartMove begins to move a slot, as CLUSTER SETSLOT does: from here on from answers ASK for the
// keys that it does not have (any more).
func (c *RedisCluster) StartMove(slot int, from, to *Redis) {
	c.t.Helper()
	number := strconv.Itoa(slot)
	c.order(to, "CLUSTER", "SETSLOT", number, "IMPORTING", c.ID(from))
	c.order(from, "CLUSTER", "SETSLOT", number, "MIGRATING", c.ID(to))
}

// MoveKeys moves up to max keys of a slot that is on its way, and returns how many there were.
func (c *RedisCluster) MoveKeys(slot int, from, to *Redis, max int) int {
	c.t.Helper()
	keys := from.DoList("CLUSTER", "GETKEYSINSLOT", strconv.Itoa(slot), strconv.Itoa(max))
	if len(keys) == 0 {
		return 0
	}
	c.MoveKey(from, to, keys...)
	return len(keys)
}

// MoveKey moves the named keys of a slot that is on its way. Keys that are not there are no error.
func (c *RedisCluster) MoveKey(from, to *Redis, keys ...string) {
	c.t.Helper()
	args := []string{"MIGRATE", "127.0.0.1", port(to.announced()), "", "0", "10000", "REPLACE"}
	if from.pass != "" {
		args = append(args, "AUTH", from.pass)
	}
	args = append(append(args, "KEYS"), keys...)
	if got := from.Do(args...); got != "OK" && got != "NOKEY" {
		c.t.Fatalf("moving %d keys: %s", len(keys), got)
	}
}

// FinishMove gives a slot to its new owner, tells every node that runs, and waits until they agree
// and have nothing more to tell each other: a message from before a move that arrives after the next
// one can take a slot away from its owner, with its keys.
func (c *RedisCluster) FinishMove(slot int, to *Redis) {
	c.t.Helper()
	id := c.ID(to)
	c.order(to, "CLUSTER", "SETSLOT", strconv.Itoa(slot), "NODE", id)
	for _, node := range c.live() {
		// A replica answers with an error: it learns such things from its master.
		node.Do("CLUSTER", "SETSLOT", strconv.Itoa(slot), "NODE", id)
	}
	before := ""
	c.await("agreement on slots", func() bool {
		heard := c.heard()
		silent := heard == before
		before = heard
		return silent && c.toldOfSlots()
	})
}

// heard is how many messages the nodes have got from each other.
func (c *RedisCluster) heard() string {
	c.t.Helper()
	var all strings.Builder
	for _, node := range c.live() {
		for line := range strings.Lines(node.Do("CLUSTER", "INFO")) {
			if strings.HasPrefix(line, "cluster_stats_messages_received:") {
				all.WriteString(line)
			}
		}
	}
	return all.String()
}

// MoveSlot moves a slot with its keys, while others go on using them.
func (c *RedisCluster) MoveSlot(slot int, from, to *Redis) {
	c.t.Helper()
	c.StartMove(slot, from, to)
	for c.MoveKeys(slot, from, to, 100) > 0 {
	}
	c.FinishMove(slot, to)
}

// Reshard moves slots to a node one after the other, each from whoever has it.
func (c *RedisCluster) Reshard(to *Redis, slots ...int) {
	c.t.Helper()
	for _, slot := range slots {
		if from := c.Owner(slot); from.Addr != to.Addr {
			c.MoveSlot(slot, from, to)
		}
	}
}

// Promote makes a master of a replica although its master may be gone, and waits until all nodes
// that run know it.
func (c *RedisCluster) Promote(replica *Redis) {
	c.t.Helper()
	c.order(replica, "CLUSTER", "FAILOVER", "TAKEOVER")
	c.await("new master", func() bool {
		for _, node := range c.live() {
			for _, m := range c.members(node) {
				if replica.at(m.addr) && (!m.is("master") || len(m.slots) == 0) {
					return false
				}
			}
		}
		return true
	})
}

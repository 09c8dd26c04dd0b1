package keyspace

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

func openCluster(t testing.TB, c *resptest.RedisCluster) *cluster.Cluster {
	t.Helper()
	nodes, err := cluster.Open(context.Background(), cluster.Config{Client: pipeclient.Config{Addr: c.Addr()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nodes.Close() })
	return nodes
}

// A tag for each of some slots, and keys in each.
const (
	movedSlots  = 12
	keysPerSlot = 300
)

// fillSlots makes keys in the last slots, and returns the hash tags that lead there, by slot.
func fillSlots(c *resptest.RedisCluster) map[int]string {
	tags := map[int]string{}
	for i := 0; len(tags) < movedSlots; i++ {
		tag := fmt.Sprint(i)
		if slot := cluster.SlotOf([]byte(tag)); slot >= cluster.Slots-movedSlots && tags[slot] == "" {
			tags[slot] = tag
			c.Do("EVAL", "for i=1,ARGV[1] do redis.call('SET','{'..KEYS[1]..'}:'..i,i) end", "1", tag, fmt.Sprint(keysPerSlot))
		}
	}
	return tags
}

// gate is a writer that calls begin once, when it is written to first.
type gate struct {
	bytes.Buffer
	begin func()
}

func (g *gate) Write(p []byte) (int, error) {
	if g.begin != nil {
		g.begin()
		g.begin = nil
	}
	return g.Buffer.Write(p)
}

// Slots move while an export walks, and every key is in it: the slots go from the last master to the
// first, where SCAN has passed by already, and some of them have not arrived when the walk is over.
func TestAnExportFollowsSlotsThatMove(t *testing.T) {
	c := resptest.Cluster(t, 2, 0)
	first, last := c.Nodes[0], c.Nodes[1]
	tags := fillSlots(c)
	c.Do("SET", "here", "1")
	out := &gate{begin: func() {
		for slot := range tags {
			switch {
			case slot%3 == 0:
				c.MoveSlot(slot, last, first)
			case slot%3 == 1:
				c.StartMove(slot, last, first)
				c.MoveKeys(slot, last, first, keysPerSlot/2)
			}
		}
	}}
	got, err := Export(context.Background(), ExportConfig{Cluster: MastersOf(openCluster(t, c)), Format: Text, Out: out, Filter: Filter{Count: 10}})
	if err != nil || got.Refused != 0 {
		t.Fatalf("got %+v, %v", got, err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(out.String()) {
		seen[strings.Fields(line)[1]] = true
	}
	for slot, tag := range tags {
		for i := 1; i <= keysPerSlot; i++ {
			if key := fmt.Sprintf("{%s}:%d", tag, i); !seen[`"`+key+`"`] {
				t.Fatalf("%s of slot %d is missing", key, slot)
			}
		}
	}
}

// An export may be read from the replicas, and spares the masters.
func TestAnExportFromReplicas(t *testing.T) {
	c := resptest.Cluster(t, 2, 1)
	fillSlots(c)
	c.Do("SET", "here", "1")
	for _, node := range c.Masters() {
		node.Do("WAIT", "1", "5000")
		node.Do("CONFIG", "RESETSTAT")
	}
	nodes, err := cluster.Open(context.Background(), cluster.Config{Client: pipeclient.Config{Addr: c.Addr()}, ReadFrom: cluster.Replicas})
	if err != nil {
		t.Fatal(err)
	}
	defer nodes.Close()
	got, err := Export(context.Background(), ExportConfig{Cluster: MastersOf(nodes), Out: io.Discard})
	if want := int64(movedSlots*keysPerSlot + 1); err != nil || got.Keys != want {
		t.Errorf("got %+v, %v, want %d keys", got, err, want)
	}
	for _, node := range c.Masters() {
		if stats := node.Info("commandstats"); stats["cmdstat_scan"] != "" || stats["cmdstat_getrange"] != "" {
			t.Errorf("a master was read: %v", stats)
		}
	}
}

func TestUnlinkFollowsSlotsThatMove(t *testing.T) {
	c := resptest.Cluster(t, 2, 0)
	first, last := c.Nodes[0], c.Nodes[1]
	tags := fillSlots(c)
	var deleted atomic.Int64
	stop, moved := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(moved)
		for deleted.Load() < 50 {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
		}
		for slot := range tags {
			if slot%3 == 0 {
				c.MoveSlot(slot, last, first)
			}
		}
	}()
	gone, err := Unlink(context.Background(), UnlinkConfig{
		Cluster: MastersOf(openCluster(t, c)), Filter: Filter{Pattern: []byte("{*}:*"), Count: 10}, Rate: 3000, Deleted: &deleted})
	close(stop)
	<-moved
	if left := c.Nodes[0].Do("DBSIZE") + " " + c.Nodes[1].Do("DBSIZE"); err != nil || gone.Deleted != movedSlots*keysPerSlot || left != "0 0" {
		t.Errorf("got %+v, %v; left %s", gone, err, left)
	}
}

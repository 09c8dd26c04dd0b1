package resptest

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// clusterSlots is how many slots a cluster has.
const clusterSlots = 16384

// nodeTimeout is a cluster's cluster-node-timeout: long enough for a busy machine, short enough for
// a test to wait until a dead master is noticed.
const nodeTimeout = 2 * time.Second

// RedisCluster is a cluster of real servers.
type RedisCluster struct {
	// Nodes are the masters it was made with, in the order of their slots, then the replicas: those
	// of the first master, those of the second …
	Nodes []*Redis
	CA    *Authority // [TLSCluster] only

	t testing.TB
}

// Cluster starts masters+masters*replicas servers, as [Server] does, and makes a cluster of them
// that shares the slots out evenly. It returns when every node knows all of it and all replicas are
// in step. args are added to every command line. The nodes are killed when the test ends.
func Cluster(t testing.TB, masters, replicas int, args ...string) *RedisCluster {
	t.Helper()
	c := &RedisCluster{t: t}
	c.launch(tempDir(t), masters, replicas, args)
	t.Cleanup(c.kill)
	return c
}

// TLSCluster is [Cluster] whose nodes announce their TLS ports (TLSAddr), with certificates for
// 127.0.0.1 and localhost from the authority in the field CA. Their plain ports are open as well.
func TLSCluster(t testing.TB, masters, replicas int, args ...string) *RedisCluster {
	t.Helper()
	findServer(t)
	c := &RedisCluster{t: t, CA: NewAuthority(t)}
	args = append(append(c.CA.serverArgs(nil), "--tls-cluster", "yes", "--tls-replication", "yes"), args...)
	c.launch(tempDir(t), masters, replicas, args)
	t.Cleanup(c.kill)
	return c
}

// sharedCluster is the one cluster of [SharedCluster] in this process.
var sharedCluster struct {
	sync.Mutex
	cluster *RedisCluster
}

// sharedClusterPrefix is of the directories of shared clusters, which a later run removes.
const sharedClusterPrefix = "easycli-cluster-"

// SharedCluster returns one cluster of three masters for the whole test process, emptied before it
// is handed out: for tests that do not run in parallel and leave its settings as they are. Slots that
// were moved are moved back. One that is found with a node or a slot missing is replaced. On systems
// where a child cannot be tied to its parent it is a cluster of the test's own.
func SharedCluster(t testing.TB) *RedisCluster {
	t.Helper()
	if !diesWithParent {
		return Cluster(t, 3, 0)
	}
	sharedCluster.Lock()
	defer sharedCluster.Unlock()
	if c := sharedCluster.cluster; c != nil {
		if c = c.handle(t); c.running() && c.empty() && c.putBack() {
			return c
		}
		sharedCluster.cluster.kill()
		sharedCluster.cluster = nil
	}
	findServer(t)
	removeOld(sharedClusterPrefix)
	dir, err := os.MkdirTemp("", sharedClusterPrefix)
	if err != nil {
		t.Fatal(err)
	}
	c := &RedisCluster{t: t}
	c.launch(dir, 3, 0, nil)
	sharedCluster.cluster = c
	return c.handle(t)
}

// handle is the cluster for another test.
func (c *RedisCluster) handle(t testing.TB) *RedisCluster {
	other := &RedisCluster{t: t, CA: c.CA}
	for _, node := range c.Nodes {
		copied := *node
		copied.t = t
		other.Nodes = append(other.Nodes, &copied)
	}
	return other
}

// running reports whether no node has ended.
func (c *RedisCluster) running() bool { return !slices.ContainsFunc(c.Nodes, (*Redis).gone) }

// empty removes what tests leave behind, and reports whether it could.
func (c *RedisCluster) empty() bool {
	for _, node := range c.Nodes {
		for _, reset := range [][]string{{"FLUSHALL"}, {"SCRIPT", "FLUSH"}, {"FUNCTION", "FLUSH"}, {"CONFIG", "RESETSTAT"}} {
			reply, err := node.ask(reset...)
			if err != nil || reply[0] != "OK" && reset[0] != "FUNCTION" { // which is of Redis 7
				return false
			}
		}
	}
	return true
}

// putBack moves slots to where they were at first, and reports whether all of them are there.
func (c *RedisCluster) putBack() bool {
	c.t.Helper()
	var owners [clusterSlots]*Redis
	for _, node := range c.Nodes {
		for _, m := range c.members(node) {
			if !m.is("myself") {
				continue
			}
			for _, slot := range m.open {
				node.Do("CLUSTER", "SETSLOT", slot, "STABLE")
			}
			for _, slot := range m.numbers() {
				owners[slot] = node
			}
		}
	}
	for i, node := range c.Nodes {
		for slot := i * clusterSlots / len(c.Nodes); slot < (i+1)*clusterSlots/len(c.Nodes); slot++ {
			switch owners[slot] {
			case nil:
				return false
			case node:
			default:
				c.MoveSlot(slot, owners[slot], node)
			}
		}
	}
	return true
}

// slotRange is the i-th of n even shares of the slots.
func slotRange(i, n int) string {
	return fmt.Sprintf("%d-%d", i*clusterSlots/n, (i+1)*clusterSlots/n-1)
}

func (c *RedisCluster) kill() {
	for _, node := range c.Nodes {
		node.kill()
	}
}

// launch starts the nodes and joins them. If it fails the nodes are killed.
func (c *RedisCluster) launch(dir string, masters, replicas int, args []string) {
	c.t.Helper()
	joined := false
	defer func() {
		if !joined {
			c.kill()
		}
	}()
	for i := range masters * (1 + replicas) {
		nodeDir := filepath.Join(dir, strconv.Itoa(i))
		c.Nodes = append(c.Nodes, c.launchNode(nodeDir, args))
	}
	for i, node := range c.Nodes {
		c.found(node, i, masters)
	}
	c.join(masters, replicas)
	joined = true
}

// launchNode starts one node, alone in a cluster of its own.
//
// A master keeps its cluster down for its first two seconds, a replica does not: the node begins as
// the replica of a master that does not exist, and a RESET makes a master of it later.
func (c *RedisCluster) launchNode(dir string, args []string) *Redis {
	c.t.Helper()
	id, ghost := nodeID(), nodeID()
	nodes := fmt.Sprintf("%s 127.0.0.1:1@2 master - 0 0 1 connected 0-16383\n"+
		"%s 127.0.0.1:3@4 myself,slave %s 0 0 0 connected\n"+
		"vars currentEpoch 1 lastVoteEpoch 0\n", ghost, id, ghost)
	if err := os.Mkdir(dir, 0o700); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "nodes.conf"), []byte(nodes), 0o600); err != nil {
		c.t.Fatal(err)
	}
	args = append([]string{
		"--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf",
		"--cluster-node-timeout", strconv.Itoa(int(nodeTimeout.Milliseconds())),
		"--cluster-require-full-coverage", "no", "--cluster-allow-replica-migration", "no",
		"--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0",
	}, args...)
	r := &Redis{t: c.t, binary: findServer(c.t), Socket: filepath.Join(dir, "s"), args: args,
		CA: c.CA, cluster: true}
	r.launch(dir)
	return r
}

// nodeID is a random name of a node.
func nodeID() string {
	var b [20]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// found makes the i-th node what it is to be, a master with its slots or an empty one.
func (c *RedisCluster) found(node *Redis, i, masters int) {
	c.t.Helper()
	c.await("a node that is up", func() bool {
		return strings.Contains(node.Do("CLUSTER", "INFO"), "cluster_state:ok")
	})
	commands := [][]string{{"CLUSTER", "RESET", "SOFT"}, {"CLUSTER", "SET-CONFIG-EPOCH", strconv.Itoa(i + 1)}}
	if i < masters {
		first, last, _ := strings.Cut(slotRange(i, masters), "-")
		commands = append(commands, []string{"CLUSTER", "ADDSLOTSRANGE", first, last})
	}
	replies, err := node.askAll(commands...)
	if err != nil {
		c.t.Fatal(err)
	}
	for j, reply := range replies {
		if reply[0] != "OK" {
			c.t.Fatalf("%v: %s", commands[j], reply[0])
		}
	}
}

// await polls until something holds.
func (c *RedisCluster) await(what string, holds func() bool) {
	c.t.Helper()
	for start := time.Now(); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Since(start) > startPatience {
			for _, node := range c.live() {
				c.t.Logf("%s says\n%s%s", node.announced(), node.Do("CLUSTER", "NODES"), node.Do("CLUSTER", "INFO"))
			}
			c.t.Fatalf("no %s in %v", what, startPatience)
		}
	}
}

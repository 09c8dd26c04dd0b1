package resptest

import (
	"bufio"
	"crypto/tls"
	"strings"
	"syscall"
	"testing"
)

func TestClusterSharesTheSlotsOut(t *testing.T) {
	c := Cluster(t, 3, 0)
	if len(c.Masters()) != 3 || c.Masters()[0] != c.Nodes[0] {
		t.Errorf("masters %v", c.Masters())
	}
	if c.Owner(0) != c.Nodes[0] || c.Owner(8000) != c.Nodes[1] || c.Owner(16383) != c.Nodes[2] {
		t.Error("the slots are not in the order of the nodes")
	}
	for _, key := range []string{"hello", "foo", "bar"} {
		if got := c.Do("SET", key, "v"); got != "OK" {
			t.Errorf("SET %s: %s", key, got)
		}
	}
	if got := c.Nodes[0].Do("SET", "foo", "v"); !strings.HasPrefix(got, "(error) MOVED 12182 ") {
		t.Errorf("the wrong node: %s", got)
	}
}

func TestClusterMovesASlot(t *testing.T) {
	c := SharedCluster(t)
	const slot = 12182 // of foo
	from, to := c.Owner(slot), c.Nodes[0]
	c.Do("SET", "foo", "v")
	c.StartMove(slot, from, to)
	if got := from.Do("GET", "foo"); got != "v" {
		t.Errorf("before it has moved: %s", got)
	}
	if n := c.MoveKeys(slot, from, to, 10); n != 1 {
		t.Errorf("moved %d keys", n)
	}
	if got := from.Do("GET", "foo"); !strings.HasPrefix(got, "(error) ASK 12182 ") {
		t.Errorf("after it has moved: %s", got)
	}
	c.FinishMove(slot, to)
	if c.Owner(slot) != to || to.Do("GET", "foo") != "v" {
		t.Error("the slot has not moved")
	}
	// The next test gets the slots as they were, and one that is half moved.
	c.StartMove(0, c.Nodes[0], c.Nodes[1])
	again := SharedCluster(t)
	if again.Owner(slot) != again.Nodes[2] || strings.Contains(again.Do("CLUSTER", "NODES"), "[") {
		t.Errorf("the shared cluster keeps a moved slot:\n%s", again.Do("CLUSTER", "NODES"))
	}
	if got := again.Do("GET", "foo"); got != "(nil)" {
		t.Errorf("the shared cluster keeps a key: %s", got)
	}
	if diesWithParent && again.Nodes[0].Pid != c.Nodes[0].Pid {
		t.Error("a shared cluster that is in good order is replaced")
	}
	again.Nodes[1].Stop(syscall.SIGKILL)
	if again := SharedCluster(t); again.Do("SET", "foo", "v") != "OK" {
		t.Error("the shared cluster keeps a dead node")
	}
}

func TestClusterReplicaTakesOver(t *testing.T) {
	c := Cluster(t, 3, 1, "--requirepass", "secret", "--masterauth", "secret")
	master := c.Nodes[1]
	replicas := c.Replicas(master)
	if len(replicas) != 1 || replicas[0] != c.Nodes[4] {
		t.Fatalf("replicas %v", replicas)
	}
	if got := c.Do("SET", "hello", "v"); got != "OK" { // slot 866, somebody else's
		t.Error(got)
	}
	master.Stop(syscall.SIGKILL)
	c.Promote(replicas[0])
	if c.Owner(8000) != replicas[0] || len(c.Masters()) != 3 {
		t.Error("the replica has no slots")
	}
}

func TestTLSCluster(t *testing.T) {
	c := TLSCluster(t, 2, 1)
	if got := c.Do("SET", "foo", "v"); got != "OK" {
		t.Error(got)
	}
	conn, err := tls.Dial("tcp", c.Addr(), &tls.Config{RootCAs: c.CA.Pool})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.Write([]byte(Command("GET", "foo")))
	want := "(error) MOVED 12182 " + c.Nodes[1].TLSAddr
	if got, err := readReply(bufio.NewReader(conn)); err != nil || got[0] != want {
		t.Errorf("the wrong node: %v, %v", got, err)
	}
}

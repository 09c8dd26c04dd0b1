package cluster

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"

	"easycli/internal/command"
	"easycli/internal/pipeclient"
	"easycli/internal/resp"
	"easycli/internal/resptest"
)

// spread carries out a line on several nodes.
func spread(t testing.TB, c *Cluster, line string) (resp.Value, int) {
	t.Helper()
	argv := words(line)
	info := command.Of(argv)
	if !IsSpread(info, argv) {
		t.Errorf("%s is for one node", line)
	}
	v, parts, err := c.Spread(t.Context(), info, argv, nil)
	if err != nil {
		t.Errorf("%s: %v", line, err)
	}
	return v, parts
}

// wire is a reply as the server would have sent it.
func wire(v resp.Value) string { return string(v.Append(nil)) }

func TestIsSpread(t *testing.T) {
	for line, want := range map[string]bool{
		"DBSIZE": true, "FLUSHALL ASYNC": true, "SCAN 0": true, "SCAN": false, "SCRIPT LOAD x": true,
		"MGET a b": true, "MGET a {a}b": false, "MGET a": false, "MGET": false, "DEL a": false,
		"RENAME a b": false, "GET a": false, "PING": false, "CONFIG SET a b": false, "NOSUCH a b": false,
	} {
		argv := words(line)
		if got := IsSpread(command.Of(argv), argv); got != want {
			t.Errorf("%s: %t", line, got)
		}
	}
}

func TestSpreadMeansTheWholeCluster(t *testing.T) {
	redis := resptest.SharedCluster(t)
	c := open(t, at(redis.Addr()))
	var keys []string
	for i := range 100 {
		key := fmt.Sprintf("key:%d", i)
		keys = append(keys, key)
		do(t, c, fmt.Sprintf("SET %s v%d", key, i))
	}
	if v, _ := spread(t, c, "DBSIZE"); v.Int != 100 {
		t.Errorf("DBSIZE is %d", v.Int)
	}
	v, _ := spread(t, c, "KEYS *")
	if got := textsOf(v); !slices.Equal(got, slices.Sorted(slices.Values(keys))) {
		t.Errorf("KEYS: %q", got)
	}
	if v, _ := spread(t, c, "RANDOMKEY"); !slices.Contains(keys, v.Text) {
		t.Errorf("RANDOMKEY: %q", v.Text)
	}
	sha, _ := spread(t, c, "SCRIPT LOAD return(1)")
	if v, _ := spread(t, c, "SCRIPT EXISTS "+sha.Text+" ffff"); wire(v) != "*2\r\n:1\r\n:0\r\n" {
		t.Errorf("SCRIPT EXISTS: %q", wire(v))
	}
	if v, _ := spread(t, c, "SCRIPT KILL"); !strings.HasPrefix(v.Text, "NOTBUSY") {
		t.Errorf("SCRIPT KILL: %q", v.Text)
	}
	if v, _ := spread(t, c, "WAIT 0 1"); wire(v) != ":0\r\n" {
		t.Errorf("WAIT: %q", wire(v))
	}
	v, parts := spread(t, c, "MGET key:1 nokey key:2 key:1")
	if got, want := wire(v), "*4\r\n$2\r\nv1\r\n$-1\r\n$2\r\nv2\r\n$2\r\nv1\r\n"; got != want || parts != 3 {
		t.Errorf("MGET in %d parts: %q", parts, got)
	}
	if v, _ := spread(t, c, "MSET x 1 y 2 z 3"); v.Text != "OK" || do(t, c, "GET z") != "3" {
		t.Errorf("MSET: %q", wire(v))
	}
	if v, _ := spread(t, c, "MSET x 1 y"); !strings.HasPrefix(v.Text, "CROSSSLOT ") {
		t.Errorf("MSET with a value missing: %q", wire(v))
	}
	if v, _ := spread(t, c, "DEL x y z nokey"); v.Int != 3 {
		t.Errorf("DEL: %q", wire(v))
	}
	if v, _ := spread(t, c, "FLUSHALL"); v.Text != "OK" {
		t.Errorf("FLUSHALL: %q", wire(v))
	}
	for _, node := range redis.Nodes {
		if got := node.Do("DBSIZE"); got != "0" {
			t.Errorf("%s keys are left at %s", got, node.Addr)
		}
	}
	if v, _ := spread(t, c, "RANDOMKEY"); !v.IsNull() {
		t.Errorf("RANDOMKEY of nothing: %q", wire(v))
	}
}

func textsOf(v resp.Value) []string {
	var all []string
	for _, e := range v.Elems {
		all = append(all, e.Text)
	}
	slices.Sort(all)
	return all
}

func TestScanGoesFromMasterToMaster(t *testing.T) {
	redis := resptest.SharedCluster(t)
	c := open(t, at(redis.Addr()))
	want := map[string]bool{}
	for i := range 1000 {
		key := fmt.Sprintf("key:%d", i)
		want[key] = true
		do(t, c, "SET "+key+" v")
	}
	seen, steps := map[string]bool{}, 0
	for cursor := "0"; ; steps++ {
		v, _ := spread(t, c, "SCAN "+cursor+" COUNT 50")
		if len(v.Elems) != 2 || steps > 1000 {
			t.Fatalf("step %d: %q", steps, wire(v))
		}
		for _, key := range v.Elems[1].Elems {
			seen[key.Text] = true
		}
		if cursor = v.Elems[0].Text; cursor == "0" {
			break
		}
		if steps%5 == 0 { // another process goes on with it
			c = open(t, at(redis.Nodes[1].Addr))
		}
	}
	if len(seen) != len(want) || steps < 10 {
		t.Errorf("%d keys of %d in %d steps", len(seen), len(want), steps)
	}
	if v, _ := spread(t, c, "SCAN abc"); v.Text != "ERR invalid cursor" {
		t.Errorf("%q", wire(v))
	}
	if v, _ := spread(t, c, "SCAN 0 COUNT x"); !v.IsError() {
		t.Errorf("%q", wire(v))
	}
}

func TestAPartThatFailsIsToldOf(t *testing.T) {
	redis := resptest.Cluster(t, 3, 0)
	c := open(t, at(redis.Addr()))
	redis.Nodes[1].Do("CONFIG", "SET", "maxmemory", "1")
	v, parts := spread(t, c, "MSET a 1 b 2 c 3") // slots 15495, 3300, 7365: one at each node
	if want := "(2 of 3 parts were carried out)"; parts != 3 || !strings.HasPrefix(v.Text, "OOM ") ||
		!strings.HasSuffix(v.Text, want) {
		t.Errorf("%q", wire(v))
	}
}

// TestNothingIsSentWhereANodeIsAway: a FLUSHALL that cannot reach all masters reaches none.
func TestNothingIsSentWhereANodeIsAway(t *testing.T) {
	redis := resptest.Cluster(t, 3, 0)
	cfg := at(redis.Addr())
	cfg.Client.Timeout = 300e6
	c := open(t, cfg)
	do(t, c, "SET b 1") // at the first node
	redis.Nodes[2].Stop(syscall.SIGKILL)
	argv := words("FLUSHALL")
	_, _, err := c.Spread(t.Context(), command.Of(argv), argv, nil)
	var refused *pipeclient.ConnectError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), redis.Nodes[2].Addr) {
		t.Errorf("%v", err)
	}
	if got := redis.Nodes[0].Do("DBSIZE"); got != "1" {
		t.Errorf("the first node has %s keys", got)
	}
}

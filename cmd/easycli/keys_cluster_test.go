package main

import (
	"fmt"
	"strings"
	"testing"

	"easycli/internal/resptest"
)

// sow makes n keys all over a cluster.
func sow(t *testing.T, c *resptest.RedisCluster, n int) {
	t.Helper()
	var in strings.Builder
	for i := range n {
		fmt.Fprintf(&in, "SET k:%d %d\n", i, i)
	}
	for _, node := range c.Masters() { // the others answer MOVED
		easycli(in.String(), append(at(t, node.Addr), "--pipe")...)
	}
	if got := easycli("", append(at(t, c.Addr()), "-c", "DBSIZE")...); strings.TrimSpace(got.out) != fmt.Sprint(n) {
		t.Fatalf("%+v, want %d keys", got, n)
	}
}

func TestUnlinkInACluster(t *testing.T) {
	c := resptest.SharedCluster(t)
	sow(t, c, 5000)
	got := easycli("", append(at(t, c.Addr()), "-c", "--unlink", "k:*", "--dry-run")...)
	if got.status != 0 || got.out != "5000\n" ||
		!strings.Contains(got.err, `5000 keys match "k:*" in the 3 masters of the cluster of `+c.Addr()) {
		t.Errorf("--dry-run: %+v", got)
	}
	one := easycli("", append(at(t, c.Addr()), "--unlink", "k:*", "--dry-run")...)
	if one.status != 0 || one.out == "5000\n" || !strings.Contains(one.err, "only its own keys are meant: -c means all") {
		t.Errorf("one node: %+v", one)
	}
	got = easycli("", append(at(t, c.Addr()), "-c", "--unlink", "k:*[13579]", "--yes")...)
	if got.status != 0 || got.out != "2500\n" {
		t.Errorf("the odd ones: %+v", got)
	}
	got = easycli("", append(at(t, c.Addr()), "-c", "--unlink", "*", "--yes", "--rate", "100000")...)
	if got.status != 0 || got.out != "2500\n" {
		t.Errorf("the rest: %+v", got)
	}
}

func TestExportOfACluster(t *testing.T) {
	c, single := resptest.SharedCluster(t), resptest.Server(t)
	sow(t, c, 5000)
	for _, args := range [][]string{
		{"RPUSH", "l", "a", "b"}, {"HSET", "h", "f", "v"}, {"XADD", "x", "1-1", "f", "v"}, {"PEXPIRE", "l", "100000"},
		{"EVAL", "for i=1,3000 do redis.call('ZADD',KEYS[1],i,'m'..i) end", "1", "z"},
		{"EVAL", "for i=1,3000 do redis.call('RPUSH',KEYS[1],i) end", "1", "big"},
	} {
		c.Do(args...)
	}
	got := easycli("", append(at(t, c.Addr()), "-c", "--export")...)
	if got.status != 0 || got.err != "" {
		t.Fatalf("status %d, %s", got.status, got.err)
	}
	if loaded := easycli(got.out, append(at(t, single.Addr), "--pipe")...); loaded.status != 0 {
		t.Fatalf("%+v", loaded)
	}
	if n := single.Do("DBSIZE"); n != "5005" {
		t.Errorf("%s keys, want 5005", n)
	}
	for _, key := range []string{"l", "h", "x", "z", "big", "k:17", "k:4999"} {
		if got, want := single.Do("DEBUG", "DIGEST-VALUE", key), digestIn(c, key); got != want {
			t.Errorf("%s: digest %s, want %s", key, got, want)
		}
	}
	if got, want := single.Do("PEXPIRETIME", "l"), c.Do("PEXPIRETIME", "l"); got != want {
		t.Errorf("l ends at %s, want %s", got, want)
	}
}

// digestIn is a key's digest at the node that has it.
func digestIn(c *resptest.RedisCluster, key string) string {
	for _, node := range c.Masters() {
		if node.Do("EXISTS", key) == "1" {
			return node.Do("DEBUG", "DIGEST-VALUE", key)
		}
	}
	return "nowhere"
}

// From one server into a cluster and out of it again, everything is the same.
func TestExportIntoAClusterAndBack(t *testing.T) {
	from, c, to := resptest.Server(t), resptest.SharedCluster(t), resptest.Server(t)
	fill(from)
	for _, form := range []string{"commands", "restore"} {
		c.Do("FLUSHALL")
		for _, node := range c.Masters() {
			node.Do("FLUSHALL")
		}
		to.Do("FLUSHALL")
		out := easycli("", append(at(t, from.Addr), "--export", "--as", form)...)
		if in := easycli(out.out, append(at(t, c.Addr()), "-c", "--pipe")...); out.status != 0 || in.status != 0 {
			t.Fatalf("into the cluster: %d %s, %+v", out.status, out.err, in)
		}
		back := easycli("", append(at(t, c.Addr()), "-c", "--export", "--as", form)...)
		if in := easycli(back.out, append(at(t, to.Addr), "--pipe")...); back.status != 0 || back.err != "" || in.status != 0 {
			t.Fatalf("and back: %d %s, %+v", back.status, back.err, in)
		}
		if got, want := to.Do("DEBUG", "DIGEST"), from.Do("DEBUG", "DIGEST"); got != want {
			t.Errorf("%s: digest %s, want %s", form, got, want)
		}
		if got, want := streams(to), streams(from); got != want {
			t.Errorf("%s: streams\n%s\nwant\n%s", form, got, want)
		}
		if got, want := fmt.Sprint(expiries(to)), fmt.Sprint(expiries(from)); got != want {
			t.Errorf("%s: keys end at %s, want %s", form, got, want)
		}
	}
}

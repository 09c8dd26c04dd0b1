package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
	"easycli/internal/shell"
)

const (
	crossSlot = "CROSSSLOT Keys in request don't hash to the same slot\n\n"
	// apart is what stderr says of a and b, whose slots are those.
	apart = ` the keys "a" (slot 15495) and "b" (slot 3300) are in different slots; keys with the same {tag} share one` + "\n"
)

// The keys a, b and c are at one node each.
func TestOneCommandInACluster(t *testing.T) {
	redis := resptest.SharedCluster(t)
	split := func(name string, slots int) string {
		return fmt.Sprintf("easycli: %s was split over %d slots of the cluster and is not atomic\n", name, slots)
	}
	for _, c := range []struct {
		line string
		want result
	}{
		{"set a 1", result{0, "OK\n", ""}},
		{"set b 2", result{0, "OK\n", ""}},
		{"-r 2 incr c", result{0, "1\n2\n", ""}},
		{"get a", result{0, "1\n", ""}},
		{"dbsize", result{0, "3\n", ""}},
		{"--no-raw dbsize", result{0, "(integer) 3\n", ""}},
		{"--json mget a b nokey {a}x", result{0, `["1","2",null,null]` + "\n", split("MGET", 3)}},
		{"mget a {a}x", result{0, "1\n\n", ""}},
		{"-r 2 exists a b c", result{0, "3\n3\n", split("EXISTS", 3)}},
		{"mset a 1 b 2", result{0, "OK\n", split("MSET", 2)}},
		{"rename a b", result{1, crossSlot, "easycli: RENAME:" + apart}},
		{"-r 2 msetnx a 1 b 2", result{1, crossSlot + crossSlot, "easycli: MSETNX:" + apart}},
		{"-e sunionstore a b", result{1, "", "CROSSSLOT Keys in request don't hash to the same slot\neasycli: SUNIONSTORE:" + apart}},
		{"config set maxmemory 0", result{0, "OK\n", "easycli: CONFIG SET was for " + redis.Addr() +
			" alone; the other nodes of the cluster have their own\n"}},
		{"config set nosuch 0", result{1, "ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'\n\n", ""}},
		{"unlink a b", result{0, "2\n", split("UNLINK", 2)}},
		{"keys *", result{0, "c\n", ""}},
		{"randomkey", result{0, "c\n", ""}},
		{"keys", result{1, "ERR wrong number of arguments for 'keys' command\n\n", ""}},
		{"flushall", result{0, "OK\n", ""}},
		{"dbsize", result{0, "0\n", ""}},
		{"scan 0 count 1", result{0, cluster.Cursor{Slot: 5461}.String() + "\n\n", ""}},
		{"scan " + cluster.Cursor{Slot: 10922}.String(), result{0, "0\n\n", ""}},
		{"script load return(1)", result{0, "930269f31393d0be681588b6ab08dccee7d6bb67\n", ""}},
		{"script exists 930269f31393d0be681588b6ab08dccee7d6bb67", result{0, "1\n", ""}},
		{"evalsha 930269f31393d0be681588b6ab08dccee7d6bb67 1 a", result{0, "1\n", ""}},
		{"multi", result{0, "OK\n", ""}},
		{"cluster keyslot a", result{0, "15495\n", ""}},
		{"nosuch a", result{1, "ERR unknown command 'nosuch', with args beginning with: 'a' \n\n", ""}},
	} {
		line := append(at(t, redis.Addr()), append([]string{"-c"}, strings.Fields(c.line)...)...)
		if got := easycli("", line...); got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.line, got, c.want)
		}
	}
}

// TestKeyedCommandsLikeRedisCLI gives the same lines to both programs, each of which finds an empty
// cluster.
func TestKeyedCommandsLikeRedisCLI(t *testing.T) {
	cli := resptest.RedisCLI(t)
	var lines [][]string
	for _, line := range []string{
		"SET {k} 1", "GET {k}", "INCR {k}", "LPUSH {k} x", "DEL {k}", "RPUSH l{k} a b c", "LRANGE l{k} 0 -1",
		"HSET h{k} f v", "HGETALL h{k}", "ZADD z{k} 1 m 2 n", "ZRANGE z{k} 0 -1 WITHSCORES", "SUNION {k} {k}x",
		"RENAME l{k} {k}y", "RENAME a b", "SINTERSTORE a b c", "EVAL return{KEYS[1],ARGV[1]} 1 {k} v",
		"OBJECT ENCODING h{k}", "XADD s{k} 1-1 f v", "XRANGE s{k} - +", "NOSUCH {k}", "GET", "TYPE z{k}",
		"DEL {k}y h{k} z{k} s{k}", "SELECT 1", "PING", "BLPOP q{k} 0.01",
	} {
		for _, key := range []string{"{a}", "{b}", "{c}"} {
			lines = append(lines, strings.Fields(strings.ReplaceAll(line, "{k}", key)))
		}
	}
	run := func(program func(args ...string) string) []string {
		redis := resptest.SharedCluster(t)
		var all []string
		for _, line := range lines {
			all = append(all, program(append(append(at(t, redis.Addr()), "-c"), line...)...))
		}
		return all
	}
	theirs := run(func(args ...string) string {
		out, _ := exec.Command(cli, args...).Output()
		return string(out)
	})
	ours := run(func(args ...string) string { return easycli("", args...).out })
	for i, line := range lines {
		if ours[i] != theirs[i] {
			t.Errorf("%s:\nredis-cli %q\n     ours %q", line, theirs[i], ours[i])
		}
	}
}

func TestEvalInACluster(t *testing.T) {
	redis := resptest.SharedCluster(t)
	script := filepath.Join(t.TempDir(), "s.lua")
	if err := os.WriteFile(script, []byte("return redis.call('incr', KEYS[1])"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, node := range redis.Nodes {
		for _, key := range []string{"a", "b", "c"} {
			got := easycli("", append(at(t, node.Addr), "-c", "--eval", script, key)...)
			if got.status != 0 || got.err != "" {
				t.Errorf("%s: %+v", key, got)
			}
		}
	}
	if got := redis.Do("GET", "a") + redis.Do("GET", "b") + redis.Do("GET", "c"); got != "333" {
		t.Errorf("the counters are %s", got)
	}
}

// TestWithoutAClusterNothingChanges: -c where there is none is as if it were not there.
func TestWithoutAClusterNothingChanges(t *testing.T) {
	server := resptest.Server(t)
	for _, line := range []string{"mset a 1 b 2", "mget a b", "dbsize", "keys a", "config set maxmemory 0",
		"scan 0 match nosuch count 1000", "--read-from replica get a", "rename a b", "flushall", "nosuch"} {
		words := append(at(t, server.Addr), strings.Fields(line)...)
		plain := easycli("", slices.DeleteFunc(slices.Clone(words), func(w string) bool {
			return w == "--read-from" || w == "replica"
		})...)
		server.Do("MSET", "a", "1", "b", "2")
		if got := easycli("", append([]string{"-c"}, words...)...); got.out != plain.out || got.status != plain.status || got.err != plain.err {
			t.Errorf("%s:\nwithout -c %+v\n   with -c %+v", line, plain, got)
		}
		server.Do("MSET", "a", "1", "b", "2")
	}
}

func TestANodeThatIsNotReadyIsWaitedFor(t *testing.T) {
	for name, c := range map[string]struct {
		refusal string
		info    string // what INFO says, where it is asked
		args    []string
		want    result
	}{
		"TRYAGAIN":          {"-TRYAGAIN Multiple keys request during rehashing of slot\r\n", "", nil, result{0, "v\n", ""}},
		"CLUSTERDOWN":       {"-CLUSTERDOWN The cluster is down\r\n", "", nil, result{0, "v\n", ""}},
		"LOADING":           {"-LOADING Redis is loading the dataset in memory\r\n", "cluster_enabled:1", nil, result{0, "v\n", ""}},
		"LOADING elsewhere": {"-LOADING x\r\n", "cluster_enabled:0", nil, result{1, "LOADING x\n\n", ""}},
		"for too long":      {"-TRYAGAIN x\r\n", "", []string{"--timeout", "0.05"}, result{1, "TRYAGAIN x\n\n", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			peer := resptest.Peer(t, func(p *resptest.PeerConn) {
				for n := 0; ; n++ {
					words := p.Next()
					switch {
					case len(words) == 0:
						return
					case words[0] == "INFO" && c.info == "":
						p.Reply("$17\r\ncluster_enabled:1\r\n")
					case words[0] == "INFO":
						p.Reply("$17\r\n" + c.info + "\r\n")
					case n < 5 || len(c.args) > 0:
						p.Reply(c.refusal)
					default:
						p.Reply("$1\r\nv\r\n")
					}
				}
			})
			args := append(append(at(t, peer.Addr), "-c"), c.args...)
			if got := easycli("", append(args, "GET", "k")...); got != c.want {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// TestANodeThatIsGoneIsAskedForAgain: the node that redirects to one that is not there may soon know
// of another.
func TestANodeThatIsGoneIsAskedForAgain(t *testing.T) {
	dead := nobody(t)
	peer := resptest.Peer(t, func(p *resptest.PeerConn) {
		p.Expect("GET", "k")
		if p.N < 3 {
			p.Reply("-MOVED 7 " + dead + "\r\n").Swallow()
			return
		}
		p.Reply("$1\r\nv\r\n").Swallow()
	})
	if got, want := easycli("", append(at(t, peer.Addr), "-c", "GET", "k")...), (result{0, "v\n", ""}); got != want {
		t.Errorf("got %+v", got)
	}
}

func TestRedirectionsAreMapped(t *testing.T) {
	there := resptest.Peer(t, func(p *resptest.PeerConn) {
		p.Expect("ASKING").Reply("+OK\r\n").Expect("GET", "k").Reply("$1\r\nv\r\n").Swallow()
	})
	here := resptest.Peer(t, func(p *resptest.PeerConn) { p.Expect("GET", "k").Reply("-ASK 7 192.0.2.9:7009\r\n").Swallow() })
	args := append(at(t, here.Addr), "-c", "--cluster-map", "192.0.2.9:7009="+there.Addr, "GET", "k")
	if got, want := easycli("", args...), (result{0, "v\n", ""}); got != want {
		t.Errorf("got %+v", got)
	}
}

// TestAShardChannelIsFollowed: SSUBSCRIBE is redirected as commands with keys are.
func TestAShardChannelIsFollowed(t *testing.T) {
	there := resptest.Peer(t, func(p *resptest.PeerConn) {
		p.Expect("SSUBSCRIBE", "ch").Reply("*3\r\n$10\r\nssubscribe\r\n$2\r\nch\r\n:1\r\n")
	})
	here := resptest.Peer(t, func(p *resptest.PeerConn) {
		p.Expect("SSUBSCRIBE", "ch").Reply("-MOVED 7 " + there.Addr + "\r\n").Swallow()
	})
	got := easycli("", append(at(t, here.Addr), "-c", "--no-raw", "SSUBSCRIBE", "ch")...)
	want := result{exitLost, "Reading messages... (press Ctrl-C to quit)\n1) \"ssubscribe\"\n2) \"ch\"\n3) (integer) 1\n",
		"Error: Server closed the connection\n"}
	if got != want {
		t.Errorf("got %+v", got)
	}
}

func TestReplicasAnswerReads(t *testing.T) {
	redis := resptest.Cluster(t, 1, 1)
	redis.Do("SET", "a", "1")
	for start := time.Now(); strings.Contains(redis.Nodes[0].Do("CLUSTER", "SHARDS"), "loading"); {
		if time.Since(start) > patience {
			t.Fatal("the master does not learn that its replica is ready")
		}
		time.Sleep(10 * time.Millisecond)
	}
	gets := func(n *resptest.Redis) string {
		calls, _, _ := strings.Cut(n.Info("commandstats")["cmdstat_get"], ",")
		return calls
	}
	for _, line := range []string{"--read-from replica get a", "--read-from replica get a", "--read-from master get a"} {
		got := easycli("", append(append(at(t, redis.Addr()), "-c"), strings.Fields(line)...)...)
		if want := (result{0, "1\n", ""}); got != want {
			t.Errorf("%s: %+v", line, got)
		}
	}
	if master, replica := gets(redis.Nodes[0]), gets(redis.Nodes[1]); master != "calls=1" || replica != "calls=2" {
		t.Errorf("%q at the master, %q at the replica", master, replica)
	}
	if got := easycli("", append(at(t, redis.Addr()), "-c", "--read-from", "replica", "set", "a", "2")...); got.out != "OK\n" {
		t.Errorf("%+v", got)
	}
}

func TestAddressMap(t *testing.T) {
	m := addressMap{{"10.0.0.5", "nat"}, {"10.0.0.5:7002", "nat:9002"}, {"10.0.0.6", "[::1]:9006"}, {"[fe80::1]:1", "h"}, {"fe80::1", "i"}}
	for announced, want := range map[string]string{
		"10.0.0.5:7001": "nat:7001", "10.0.0.5:7002": "nat:9002", "10.0.0.6:1": "[::1]:9006",
		"10.0.0.7:7001": "10.0.0.7:7001", "[fe80::1]:1": "h:1", "[fe80::1]:2": "i:2", "odd": "odd",
	} {
		if got := m.addr(announced); got != want {
			t.Errorf("%s: %s, want %s", announced, got, want)
		}
	}
}

func TestTheClusterIsRefusedAsAWhole(t *testing.T) {
	for err, want := range map[error]exitStatus{
		&cluster.RefusedError{Addr: "h:1", Text: "NOAUTH"}:            exitConnect,
		&cluster.CircleError{}:                                        exitConnect,
		fmt.Errorf("node: %w", &pipeclient.ConnectError{Addr: "h:1"}): exitConnect,
	} {
		if got := statusOf(err); got != want {
			t.Errorf("%v: %d", err, got)
		}
	}
}

// TestClusterScriptsLikeRedisCLI pipes the same lines into both programs. redis-cli tells of each
// redirection in between; a script that is pipelined has none.
func TestClusterScriptsLikeRedisCLI(t *testing.T) {
	cli := resptest.RedisCLI(t)
	r := rand.New(rand.NewPCG(7, 7))
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	var lines strings.Builder
	for i := range 400 {
		key := pick("a", "b", "c", "{a}x", "{b}x", "{c}x", "foo", "bar")
		lines.WriteString(pick(
			"SET "+key+" "+fmt.Sprint(i), "GET "+key, "INCR "+key, "RPUSH l"+key+" x", "LRANGE l"+key+" 0 -1", "HSET h"+key+" f v",
			"HGETALL h"+key, "GET l"+key, "RENAME a b", "MGET {a}x a", "3 APPEND "+key+" 0", "PING", "NOSUCH "+key, "GET", "",
			"get 'x", "DEL "+key, "SINTER "+key+" l{"+key+"}", "EVAL \"return KEYS[1]\" 1 "+key, "SELECT 3", "ZADD z"+key+" 1 a 2 b",
			"ZRANGE z"+key+" 0 -1 WITHSCORES", "TYPE z"+key, "OBJECT ENCODING "+key, "XADD x"+key+" 0-"+fmt.Sprint(i+1)+" f v",
		) + "\n")
	}
	for _, format := range []string{"--raw", "--no-raw", "--csv"} {
		redis := resptest.SharedCluster(t)
		theirs := exec.Command(cli, append(at(t, redis.Addr()), "-c", format)...)
		theirs.Stdin = strings.NewReader(lines.String())
		out, err := theirs.Output()
		if err != nil {
			t.Fatal(err)
		}
		redis = resptest.SharedCluster(t)
		got := easycli(lines.String(), append(at(t, redis.Addr()), "-c", format)...)
		want := regexp.MustCompile(`(?m)^-> Redirected to slot .*\n`).ReplaceAllString(string(out), "")
		if got.out != want {
			t.Errorf("%s:\n%q\nwant\n%q", format, got.out, want)
		}
		if got.status != exitInput || !strings.Contains(got.err, "commands failed") {
			t.Errorf("%s: status %d, %q", format, got.status, got.err)
		}
	}
}

func TestAScriptInACluster(t *testing.T) {
	redis := resptest.SharedCluster(t)
	got := easycli("SET a 1\nMGET a b\nEXISTS a b\nRENAME a b\nCONFIG SET maxmemory 0\n", append(at(t, redis.Addr()), "-c")...)
	want := result{exitAnswer, "OK\n1\n\n1\n" + crossSlot + "OK\n",
		"easycli: MGET was split over 2 slots of the cluster and is not atomic\n" +
			"easycli: line 4: RENAME:" + apart +
			"easycli: CONFIG SET was for " + redis.Addr() + " alone; the other nodes of the cluster have their own\n" +
			"easycli: 1 of 5 commands failed; first: line 4: CROSSSLOT Keys in request don't hash to the same slot\n"}
	if got != want {
		t.Errorf(" got %+v\nwant %+v", got, want)
	}
}

// TestAScriptThatAuthenticates: what a script says of itself holds for all nodes.
func TestAScriptThatAuthenticates(t *testing.T) {
	redis := resptest.Cluster(t, 3, 0)
	for _, node := range redis.Nodes {
		node.Do("ACL", "SETUSER", "bob", "on", ">pw", "~*", "+@all")
		node.Do("ACL", "SETUSER", "default", "nopass", "-@all", "+auth", "+hello")
	}
	got := easycli("SET a 1\nAUTH bob pw\nSET a 1\nSET b 2\nSET c 3\nACL WHOAMI\nHELLO 3\nHSET h f v\nHGETALL h\nGET a\n",
		append(at(t, redis.Addr()), "-c", "--no-raw")...)
	if !strings.HasPrefix(got.err, "easycli: the nodes of the cluster are not known, and commands go to one: "+redis.Addr()+" answered: NOPERM") {
		t.Errorf("said %q", got.err)
	}
	if lines := strings.Split(got.out, "\n"); got.status != 1 || !strings.HasPrefix(lines[0], "(error) NOPERM") ||
		!strings.HasPrefix(got.out[len(lines[0]):], "\nOK\nOK\nOK\nOK\n\"bob\"\n") ||
		!strings.HasSuffix(got.out, "(integer) 1\n1# \"f\" => \"v\"\n\"1\"\n") || strings.Contains(got.err, "pw") {
		t.Errorf("%+v", got)
	}
}

// --require-tls holds for every server that the prompt goes to, not only for the one that it began with.
func TestRequireTLSHoldsForWhereThePromptGoes(t *testing.T) {
	conn := connection{RequireTLS: true}
	for addr, may := range map[string]bool{"127.0.0.1:1": true, "localhost:1": true, "[::1]:1": true, "10.0.0.1:6379": false, "redis.example:6379": false} {
		if err := conn.mayGo(pipeclient.Config{Addr: addr, HasPass: true}); (err == nil) != may {
			t.Errorf("%s: %v", addr, err)
		}
		secured := pipeclient.Config{Addr: addr, HasPass: true, TLS: &tls.Config{}}
		if err := errors.Join(conn.mayGo(secured), conn.mayGo(pipeclient.Config{Addr: addr}), connection{}.mayGo(pipeclient.Config{Addr: addr, HasPass: true})); err != nil {
			t.Errorf("%s: %v", addr, err)
		}
	}
	target := prompt{}.target(nil, pipeclient.Config{}, conn, false, shell.Profile{})
	if _, err := target.Connect(context.Background(), pipeclient.Config{Addr: "192.0.2.1:1", HasPass: true}); err == nil || !strings.Contains(err.Error(), "--require-tls") {
		t.Errorf("got %v", err)
	}
}

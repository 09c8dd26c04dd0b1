package shell

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

// wander is talk with -c. Addresses are shown as N0, N1 ... by their place in nodes.
func wander(t *testing.T, server pipeclient.Config, nodes []*resptest.Redis, lines ...any) (screen, prompts string) {
	t.Helper()
	shown, p, err := talkWith(t, Config{Server: server, Cluster: &cluster.Config{}}, lines...)
	if err != nil {
		t.Errorf("%q: %v", lines, err)
	}
	var names []string
	for i, node := range nodes {
		names = append(names, node.Addr, "N"+string(rune('0'+i)))
	}
	short := strings.NewReplacer(names...)
	return short.Replace(shown), short.Replace(strings.Join(p.prompts, ""))
}

// The keys a, b and c are at N2, N0 and N1.
func TestThePromptGoesFromNodeToNode(t *testing.T) {
	redis := resptest.SharedCluster(t)
	const toA, toB = "-> Redirected to slot [15495] located at N2\n", "-> Redirected to slot [3300] located at N0\n"
	for _, c := range []struct {
		name          string
		lines         []any
		want, prompts string
	}{
		{"redirections", []any{"set b 1", "set a 2", "get a", "3 incr b"},
			"OK\n" + toA + "OK\n\"2\"\n" + toB + "(integer) 2\n(integer) 3\n(integer) 4\n", "N0> N0> N2> N2> N0> "},
		{"a transaction goes where its first key is", []any{"multi", "incr a", "incr {a}x", "exec"},
			"OK\n" + toA + "QUEUED\nQUEUED\n1) (integer) 3\n2) (integer) 1\n", "N0> N0(TX)> N2(TX 1)> N2(TX 2)> N2> "},
		{"and takes no other key", []any{"multi", "incr b", "incr a", "mget a b", "exec"},
			"OK\nQUEUED\nnot sent: the transaction is in slot 3300 with \"b\", and \"a\" is in slot 15495; keys with the same {tag} share one\n" +
				"not sent: the keys \"a\" (slot 15495) and \"b\" (slot 3300) are in different slots; keys with the same {tag} share one\n" +
				"1) (integer) 5\n", "N0> N0(TX)> N0(TX 1)> N0(TX 1)> N0(TX 1)> N0> "},
		{"it cannot go when it holds something", []any{"multi", "ping", "incr a", "exec"},
			"OK\nQUEUED\nthe transaction is at N0 with what it holds and watches, and these keys are not\n(error) MOVED 15495 N2\n" +
				"(error) EXECABORT Transaction discarded because of previous errors.\n", "N0> N0(TX)> N0(TX 1)> N0(TX!)> N0> "},
		{"all nodes, and parts", []any{"dbsize", "mget a b nokey", "exists a b", "rename a b", "config set maxmemory 0"},
			"(integer) 3\nMGET was split over 3 slots of the cluster and is not atomic\n1) \"3\"\n2) \"5\"\n3) (nil)\n(integer) 2\n" +
				"(error) CROSSSLOT Keys in request don't hash to the same slot\nRENAME: the keys \"a\" (slot 15495) and \"b\" (slot 3300) " +
				"are in different slots; keys with the same {tag} share one\nOK\nCONFIG SET was for N0 alone; the other nodes of the cluster " +
				"have their own\n", "N0> N0> N0> N0> N0> N0> "},
		{"what was said of the connection holds at the next node", []any{"client setname me", "get a", "client getname"},
			"OK\n" + toA + "\"3\"\n\"me\"\n", "N0> N0> N2> N2> "},
	} {
		screen, prompts := wander(t, at(redis.Addr()), redis.Nodes, c.lines...)
		if screen != c.want || prompts != c.prompts {
			t.Errorf("%s:\n%q\nwant\n%q\nprompts %q, want %q", c.name, screen, c.want, prompts, c.prompts)
		}
	}
}

// What is for all masters is asked about with what all of them have.
func TestWhatDestroysAClusterIsAskedAbout(t *testing.T) {
	redis := resptest.SharedCluster(t)
	screen, p, err := talkWith(t, Config{Server: at(redis.Addr()), Cluster: &cluster.Config{}}, "mset a 1 b 2 c 3", "flushall",
		reply("n"), "multi", "flushall", reply("n"), "discard", "get b")
	if err != nil || !strings.HasSuffix(screen, "not sent\nOK\nnot sent\nOK\n\"2\"\n") || len(p.asked) != 2 {
		t.Fatalf("%v, %q, %q", err, screen, p.asked)
	}
	asked := strings.NewReplacer(redis.Nodes[0].Addr, "N0").Replace(strings.Join(p.asked, "|"))
	if want := "FLUSHALL on all of the cluster of N0: 3 masters, which hold 3 keys; really? [y/N] |" +
		"FLUSHALL on N0; really? [y/N] "; asked != want {
		t.Errorf("asked\n%q, want\n%q", asked, want)
	}
}

func TestThePromptWithoutACluster(t *testing.T) {
	server := resptest.Shared(t)
	screen, prompts := wander(t, at(server.Addr), []*resptest.Redis{server}, "mset a 1 b 2", "mget a b", "dbsize",
		"config set maxmemory 0", "multi", "incr a", "exec", "select 3", "dbsize")
	if want := "OK\n1) \"1\"\n2) \"2\"\n(integer) 2\nOK\nOK\nQUEUED\n1) (integer) 2\nOK\n(integer) 0\n"; screen != want {
		t.Errorf("%q, want %q", screen, want)
	}
	if want := "N0> N0> N0> N0> N0> N0(TX)> N0(TX 1)> N0> N0[3]> N0[3]> "; prompts != want {
		t.Errorf("%q, want %q", prompts, want)
	}
}

// TestThePromptComesHome: where the node of the last command is gone, the command line's server knows
// another one.
func TestThePromptComesHome(t *testing.T) {
	redis := resptest.Cluster(t, 3, 1)
	server := at(redis.Addr())
	server.Timeout = 300 * time.Millisecond
	screen, prompts := wander(t, server, redis.Nodes, "set a 1", func(*person) {
		redis.Nodes[2].Do("WAIT", "1", "0")
		redis.Nodes[2].Stop(syscall.SIGKILL)
		redis.Promote(redis.Nodes[5])
	}, "get b", "get a")
	if !strings.HasSuffix(screen, "(nil)\n-> Redirected to slot [15495] located at N5\n\"1\"\n") ||
		!strings.HasSuffix(prompts, "N0> N5> ") {
		t.Errorf("%q, prompts %q", screen, prompts)
	}
}

// TestRedirectionsAreToldLikeRedisCLI holds the lines about redirections against redis-cli's, which
// prints them when it reads from a pipe as well.
func TestRedirectionsAreToldLikeRedisCLI(t *testing.T) {
	cli := resptest.RedisCLI(t)
	redis := resptest.SharedCluster(t)
	lines := []string{"set a 1", "set b 2", "get a", "set c x", "incr c", "get {b}", "ping", "get a"}
	typed := make([]any, len(lines))
	for i, line := range lines {
		typed[i] = line
	}
	screen, _ := wander(t, at(redis.Addr()), nil, typed...)
	redis = resptest.SharedCluster(t)
	host, port, _ := strings.Cut(redis.Addr(), ":")
	command := exec.Command(cli, "-h", host, "-p", port, "-c", "--no-raw")
	command.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	out, err := command.Output()
	if err != nil || screen != string(out) {
		t.Errorf("%q, redis-cli prints %q, %v", screen, out, err)
	}
}

// What the prompt asks for itself is no part of a transaction, and does not wait for replies that are off.
func TestNothingOfOursInATransaction(t *testing.T) {
	redis := resptest.SharedCluster(t)
	interrupts := make(chan struct{}, 1)
	defer time.AfterFunc(20*time.Second, func() { close(interrupts) }).Stop()
	screen, _, err := talkWith(t, Config{Server: at(redis.Addr()), Cluster: &cluster.Config{}, Interrupts: interrupts},
		"multi", "config set maxmemory 0", "exec", "client reply off", "config set maxmemory 0", "client reply on", "echo x")
	if want := "OK\nQUEUED\n1) OK\nOK\n\"x\"\n"; err != nil || screen != want {
		t.Errorf("%v, %q, want %q", err, screen, want)
	}
}

// A transaction whose node cannot be reached is lost, and the prompt says so.
func TestATransactionThatCannotFollow(t *testing.T) {
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		if c.N == 0 {
			c.Expect("multi").Reply("+OK\r\n").Expect("set", "a", "1").Reply("-MOVED 15495 127.0.0.1:1\r\n").ExpectEnd()
		}
	})
	screen, prompts := wander(t, at(peer.Addr), nil, "multi", "set a 1", "set {a}b 1")
	if !strings.HasSuffix(screen, "not sent: the transaction was lost with its connection (DISCARD or MULTI to go on)\n") {
		t.Errorf("%q, %q", screen, prompts)
	}
}

// A script that answers as a server in trouble would has been carried out.
func TestAScriptThatSaysTRYAGAIN(t *testing.T) {
	for _, word := range []string{"LOADING", "TRYAGAIN", "CLUSTERDOWN"} {
		redis := resptest.SharedCluster(t)
		server := at(redis.Addr())
		server.Timeout = 300 * time.Millisecond
		script := `eval "redis.call('incr', KEYS[1]) return redis.error_reply('` + word + ` later')" 1 b`
		screen, _ := wander(t, server, nil, script, "get b")
		if want := "(error) " + word + " later\n\"1\"\n"; screen != want {
			t.Errorf("%q, want %q", screen, want)
		}
		screen, _, _ = talk(t, at(resptest.Shared(t).Addr), nil, strings.ReplaceAll(script, "CLUSTERDOWN", "LOADING"), "get b")
		if !strings.HasSuffix(screen, "\"1\"\n") {
			t.Errorf("%q", screen)
		}
	}
}

package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"easycli/internal/resptest"
)

func TestSentinelsOnTheCommandLine(t *testing.T) {
	of := func(changes ...func(*connection)) connection {
		c := local()
		c.Sentinel = &sentinels{Addrs: []string{"127.0.0.1:1", "127.0.0.1:2"}, Master: "m"}
		for _, change := range changes {
			change(&c)
		}
		return c
	}
	const uri = "-u redis+sentinel://127.0.0.1:1,127.0.0.1:2/m"
	own := func(user string, p password) func(*connection) {
		return func(c *connection) { c.Sentinel.User, c.Sentinel.Password = user, p }
	}
	warned := func(c *connection) { c.Warnings = []string{viewWarning} }
	for line, want := range map[string]connection{
		uri:                        of(),
		uri + "/3":                 of(db(3)),
		"-n 2 " + uri:              of(db(2)),
		uri + " -u redis://h":      local(host("h")),
		"-u redis://h:7 " + uri:    of(host("h"), port(7)),
		uri + " --cluster-map a=b": of(func(c *connection) { c.Nodes = addressMap{{"a", "b"}} }),
		"-u redis+sentinel://u:pw@127.0.0.1:1,127.0.0.1:2/m": of(seen("u", "pw")),
		uri + "?sentinel_password=x":                         of(own("", password{From: givenPassword, Text: "x"}), warned),
		uri + "?sentinel_user=y --sentinel-user z":           of(own("z", password{From: givenPassword})),
		"--sentinel-pass-file f " + uri + "?sentinel_user=y": of(own("y", password{From: passwordFile, Path: "f"})),
	} {
		got, err := parse(append(strings.Fields(line), "PING"), nowhere())
		if err != nil || !reflect.DeepEqual(got, run(once(want, "PING"))) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", line, got, err, want)
		}
	}
	for line, want := range map[string]string{
		uri + " -c":                    "-c goes with no sentinels",
		uri + " -h h":                  "-h names a server",
		"-p 1 " + uri:                  "-p names a server",
		uri + " -s /a":                 "-s names a server",
		uri + " --sandbox":             "--sandbox is a server of its own",
		uri + " --read-from any":       "--read-from goes with -c",
		uri + " --sentinel-pass-file=": "--sentinel-pass-file wants a file",
		"--sentinel-user x":            "go with -u redis+sentinel://",
		"-u redis+sentinel://h":        "needs the name of a master",
		"-u redis+sentinel://h/m?x=":   "Unknown parameter",
		"--require-tls -a pw -u redis+sentinel://127.0.0.1,10.0.0.1/m":                   "--require-tls",
		"--require-tls -u redis+sentinel://10.0.0.1/m?sentinel_password=x -n 1 --name a": "--require-tls",
	} {
		_, err := parse(append(strings.Fields(line), "PING"), nowhere())
		var usage usageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", line, err)
		}
	}
}

// A profile may name sentinels; an address of the command line is meant instead of them.
func TestSentinelsOfAProfile(t *testing.T) {
	file := configured(t, `
[profiles.prod]
url = "redis+sentinel://127.0.0.1:1/m/2"
[profiles.host]
host = "h"
`)
	found := local(db(2), func(c *connection) { c.Sentinel = &sentinels{Addrs: []string{"127.0.0.1:1"}, Master: "m"} })
	for line, want := range map[string]connection{
		"@prod":       found,
		"@prod -h g":  local(host("g"), db(2)),
		"-s /a @prod": local(socket("/a"), db(2)),
		"@host -u redis+sentinel://127.0.0.1:1/m/2": func() connection { c := found; c.Host = "h"; return c }(),
		"@prod --sentinel-user z": func() connection {
			c := found
			c.Sentinel = &sentinels{Addrs: []string{"127.0.0.1:1"}, Master: "m", User: "z", Password: password{From: givenPassword}}
			return c
		}(),
	} {
		got, err := parse(append(strings.Fields(line), "GET", "k"), nowhere(file))
		if one, ok := got.(oneshot); err != nil || !ok || !reflect.DeepEqual(one.Conn, want) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", line, got, err, want)
		}
	}
}

// failover is a master, its replica and a sentinel that knows both, and the options that lead there.
type failover struct {
	master, replica, sentinel *resptest.Redis
	uri                       []string
}

func newFailover(t *testing.T, config ...string) failover {
	t.Helper()
	var f failover
	f.master = resptest.Server(t, "--repl-diskless-sync-delay", "0")
	f.replica = resptest.Server(t, "--replicaof", "127.0.0.1", portOf(f.master.Addr))
	await(t, "the replica is in step", func() bool { return f.replica.Info("replication")["master_link_status"] == "up" })
	f.sentinel = resptest.Sentinel(t, "m", f.master, config...)
	if len(config) == 0 {
		await(t, "the sentinel knows the replica", func() bool { return strings.Contains(f.sentinel.Do("SENTINEL", "REPLICAS", "m"), f.replica.Addr) })
	}
	f.uri = []string{"-u", "redis+sentinel://" + f.sentinel.Addr + "/m"}
	return f
}

// promote makes the replica the master, and returns when the sentinel says so.
func (f failover) promote(t *testing.T) {
	t.Helper()
	await(t, "the sentinel begins", func() bool { return f.sentinel.Do("SENTINEL", "FAILOVER", "m") == "OK" })
	f.promoted(t)
}

// promoted returns when the sentinel says that the replica is the master.
func (f failover) promoted(t *testing.T) {
	t.Helper()
	await(t, "the sentinel names the replica", func() bool {
		return strings.Contains(f.sentinel.Do("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "m"), portOf(f.replica.Addr))
	})
}

func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// Every way to run goes to the master, the old one and then the new one.
func TestSentinelsLeadToTheMaster(t *testing.T) {
	f := newFailover(t)
	for _, at := range []*resptest.Redis{f.master, f.replica} {
		if at == f.replica {
			f.promote(t)
		}
		for _, c := range []struct {
			stdin string
			words []string
		}{
			{"", []string{"INCR", "oneshot"}}, {"INCR script\n", nil}, {"INCR pipe\n", []string{"--pipe"}},
			{"", []string{"-3", "--json", "INCR", "json"}}, {"", []string{"-n", "0", "-r", "2", "INCR", "twice"}},
		} {
			if got := easycli(c.stdin, append(f.uri, c.words...)...); got.status != 0 || got.err != "" {
				t.Errorf("%q: %+v", c.words, got)
			}
		}
		if got, want := at.Do("MGET", "oneshot", "script", "pipe", "json", "twice"), "1\n1\n1\n1\n2"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		at.Do("FLUSHALL")
	}
	if got := easycli("", append(f.uri, "--export")...); got.status != 0 || got.err != "" {
		t.Errorf("export: %+v", got)
	}
}

// A sentinel's own password comes from a file, and none is in any message.
func TestSentinelsWithAPassword(t *testing.T) {
	f := newFailover(t, "user watcher on >s3cr3t ~* +@all", "user default on nopass -@all +info")
	file := filepath.Join(t.TempDir(), "pw")
	if err := os.WriteFile(file, []byte("s3cr3t\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, want := easycli("", append(f.uri, "--sentinel-user", "watcher", "--sentinel-pass-file", file, "PING")...), (result{0, "PONG\n", ""}); got != want {
		t.Errorf("got %+v", got)
	}
	for _, c := range []struct{ suffix, says string }{
		{"", " (--sentinel-user and --sentinel-pass-file are for the sentinels themselves)"},
		{"?sentinel_user=watcher&sentinel_password=wr0ng", "AUTH failed: WRONGPASS"},
	} {
		got := easycli("", "--no-auth-warning", "-u", f.uri[1]+c.suffix, "PING")
		if got.status != exitConnect || !strings.Contains(got.err, c.says) || strings.Contains(got.err, "wr0ng") {
			t.Errorf("%s: %+v", c.suffix, got)
		}
	}
}

// What is said when there is no master, and by whom.
func TestNoMaster(t *testing.T) {
	f := newFailover(t)
	gone := nobody(t)
	for uri, want := range map[string]string{
		"redis+sentinel://" + f.sentinel.Addr + "/x": "Could not connect to Redis at master x: The sentinel at " + f.sentinel.Addr + " knows no master called \"x\"\n",
		"redis+sentinel://" + gone + "/m":            "Could not connect to Redis at master m: Sentinel at " + gone + ": connection refused\n",
		"redis+sentinel://" + f.master.Addr + "/m":   "it is no sentinel: ERR unknown command",
	} {
		for _, words := range [][]string{{"PING"}, {"--pipe"}, {}} {
			got := easycli("PING\n", append([]string{"-u", uri}, words...)...)
			if got.status != exitConnect || !strings.Contains(got.err, want) {
				t.Errorf("%s %q: %+v", uri, words, got)
			}
		}
	}
	f.replica.Stop(os.Kill)
	f.master.Stop(os.Kill)
	got := easycli("", append(f.uri, "-t", "0.1", "PING")...)
	want := "Could not connect to Redis at " + f.master.Addr + ": The sentinel at " + f.sentinel.Addr + ` says that master "m" is at ` +
		f.master.Addr + ": connection refused\n"
	if got.status != exitConnect || got.err != want {
		t.Errorf("got %+v, want %s", got, want)
	}
}

// A sentinel that names another machine does not get the password there.
func TestSentinelsAndRequireTLS(t *testing.T) {
	s := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Next()
		c.Reply(resptest.Command("192.0.2.1", "6379")).Next()
	})
	got := easycli("", "--require-tls", "--no-auth-warning", "-a", "pw", "-u", "redis+sentinel://"+s.Addr+"/m", "PING")
	if got.status != exitConnect || !strings.Contains(got.err, "--require-tls: the sentinels would have the password sent to another machine") {
		t.Errorf("got %+v", got)
	}
}

// With the schemes that end in "s" sentinels and master are reached with TLS. Each certificate has to
// be for the host that leads there: the sentinel says 127.0.0.1, and the map has another name for it.
func TestSentinelsWithTLSAndAMap(t *testing.T) {
	server := resptest.TLSServer(t, nil, "--requirepass", "pw")
	s := resptest.TLSSentinel(t, "m", server)
	uri := "rediss+sentinel://:pw@localhost:" + portOf(s.TLSAddr) + "/m/2"
	base := []string{"--no-auth-warning", "--require-tls", "--cacert", server.CA.CAFile, "-u", uri}
	for _, c := range []struct {
		options []string
		want    result
	}{
		{nil, result{0, "PONG\n", ""}},
		{[]string{"-3", "--cluster-map", "127.0.0.1=localhost"}, result{0, "PONG\n", ""}},
	} {
		if got := easycli("", append(append(base[:len(base):len(base)], c.options...), "PING")...); got != c.want {
			t.Errorf("%q: %+v", c.options, got)
		}
	}
	got := easycli("", "--no-auth-warning", "-u", uri, "PING")
	if got.status != exitConnect || !strings.Contains(got.err, "Sentinel at localhost:"+portOf(s.TLSAddr)+": TLS: ") || !strings.Contains(got.err, "certificate") {
		t.Errorf("an unknown authority: %+v", got)
	}
}

// A load that may repeat itself goes on at the new master.
func TestALoadFollowsTheMaster(t *testing.T) {
	f := newFailover(t)
	c, out, errs := testConsole("")
	in, fill := io.Pipe()
	c.In = in
	go func() {
		defer fill.Close()
		io.WriteString(fill, "SET before 1\n")
		await(t, "the load has begun", func() bool { return f.replica.Do("GET", "before") == "1" })
		f.master.Stop(os.Kill)
		f.promoted(t)
		io.WriteString(fill, "SET after 2\n")
	}()
	args := append(f.uri, "-t", "30", "--pipe", "--on-disconnect", "resume", "--assume-idempotent")
	if status := execute(args, c); status != 0 || !strings.Contains(out.String(), "replies: 2") {
		t.Errorf("status %d\n%s%s", status, out, errs)
	}
	if got := f.replica.Do("MGET", "before", "after"); got != "1\n2" {
		t.Errorf("got %q", got)
	}
}

// A sentinel inside a container names addresses that mean nothing outside.
func TestSentinelsBehindAMap(t *testing.T) {
	server := resptest.Server(t)
	s := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Next()
		c.Reply(resptest.Command("10.9.8.7", "6379")).Next()
	})
	args := []string{"-u", "redis+sentinel://" + s.Addr + "/m", "--cluster-map", "10.9.8.7:6379=" + server.Addr, "INCR", "n"}
	if got, want := easycli("", args...), (result{0, "1\n", ""}); got != want {
		t.Errorf("got %+v", got)
	}
}

package command

import (
	"bytes"
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"easycli/internal/resp"
	"easycli/internal/resptest"
)

// server is a connection to a real server that asks one thing after the other.
type server struct {
	t    *testing.T
	conn net.Conn
	in   *resp.Reader
}

func liveServer(t *testing.T) *server {
	t.Helper()
	conn, err := net.Dial("tcp", resptest.Server(t).Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &server{t: t, conn: conn, in: resp.NewReader(conn)}
}

func (s *server) do(words ...string) resp.Value {
	s.t.Helper()
	if _, err := s.conn.Write(resp.AppendCommand(nil, words...)); err != nil {
		s.t.Fatal(err)
	}
	v, err := s.in.ReadValue()
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

// described is one command as COMMAND describes it.
type described struct {
	name              string
	arity             int64
	flags             []string
	first, last, step int64
	subcommands       []resp.Value
}

func describe(v resp.Value) described {
	d := described{
		name:  strings.ToUpper(strings.ReplaceAll(v.Elems[0].Text, "|", " ")),
		arity: v.Elems[1].Int,
		first: v.Elems[3].Int,
		last:  v.Elems[4].Int,
		step:  v.Elems[5].Int,
	}
	for _, flag := range v.Elems[2].Elems {
		d.flags = append(d.flags, flag.Text)
	}
	if len(v.Elems) > 9 {
		d.subcommands = v.Elems[9].Elems
	}
	return d
}

// rowText is the row that the server's description asks for, to be put into the table.
func (d described) rowText() string {
	var flags []string
	for _, f := range []struct{ server, ours string }{
		{"readonly", "read"}, {"write", "write"}, {"admin", "admin"}, {"blocking", "blocks"},
	} {
		if slices.Contains(d.flags, f.server) {
			flags = append(flags, f.ours)
		}
	}
	if len(d.subcommands) > 0 {
		flags = append(flags, "container")
	}
	where := fmt.Sprintf("/* %d %d %d %v */", d.first, d.last, d.step, d.flags)
	for k, r := range ranges {
		if r.first == int(d.first) && r.last == int(d.last) && r.step == int(d.step) {
			where = [...]string{"noKeys", "key1", "key2", "keys12", "keysAll", "keysFrom2",
				"keysButLast", "keysPairs", "keysTriples"}[k]
		}
	}
	text := strings.Join(flags, " | ")
	if text == "" {
		text = "0"
	}
	return fmt.Sprintf("{%q, %d, %s, %s, None, Data},", d.name, d.arity, where, text)
}

// TestTheServerAgrees compares each row with what Redis 7.0 says of the command.
func TestTheServerAgrees(t *testing.T) {
	s := liveServer(t)
	if !strings.Contains(s.do("INFO", "server").Text, "redis_version:7.0.") {
		t.Skip("the server at hand is not Redis 7.0, and other versions flag some commands otherwise")
	}
	seen := 0
	for _, v := range s.do("COMMAND").Elems {
		d := describe(v)
		compare(t, d)
		for _, sub := range d.subcommands {
			compare(t, describe(sub))
			seen++
		}
		seen++
	}
	if seen < 300 {
		t.Errorf("the server described only %d commands", seen)
	}
}

// compare reports where the row differs from the server's description.
func compare(t *testing.T, d described) {
	name, sub, _ := strings.Cut(d.name, " ")
	info := OfName([]byte(name), []byte(sub))
	if info.Name != d.name {
		t.Errorf("no row for %s; it would be\n\t%s", d.name, d.rowText())
		return
	}
	for _, flag := range []struct {
		name string
		ours bool
	}{{"readonly", info.ReadOnly}, {"write", info.Write}, {"admin", info.Admin}} {
		if server := slices.Contains(d.flags, flag.name); flag.ours != server {
			t.Errorf("%s: %s is %t at the server, %t here", d.name, flag.name, server, flag.ours)
		}
	}
	// WAIT has the flag since 7.2.
	if server := slices.Contains(d.flags, "blocking"); server != info.Blocking && d.name != "WAIT" {
		t.Errorf("%s: blocking is %t at the server, %t here", d.name, server, info.Blocking)
	}
	if int64(info.arity) != d.arity {
		t.Errorf("%s: %d words at the server, %d here", d.name, d.arity, info.arity)
	}
	if info.keys < movable {
		r := ranges[info.keys]
		if int64(r.first) != d.first || int64(r.last) != d.last || int64(r.step) != d.step {
			t.Errorf("%s: keys %d %d %d at the server, %v here", d.name, d.first, d.last, d.step, r)
		}
		// SORT_RO is called movable for the patterns, which nobody can tell.
		if slices.Contains(d.flags, "movablekeys") && d.name != "SORT_RO" {
			t.Errorf("%s: its keys are movable", d.name)
		}
	}
}

// samples are commands whose keys the server is asked for. A word with a K in it is a key.
var samples = []string{
	"GET K", "SET K v EX 10", "DEL K1 K2 K3", "MSET K1 v K2 v", "RENAME K1 K2", "BLPOP K1 K2 0",
	"BZPOPMIN K1 0", "BRPOPLPUSH K1 K2 0", "LMOVE K1 K2 LEFT RIGHT", "COPY K1 K2 DB 1",
	"BITOP AND K1 K2 K3", "PFMERGE K1 K2", "PFCOUNT K1 K2", "OBJECT ENCODING K", "OBJECT FREQ K",
	"MEMORY USAGE K SAMPLES 5", "XGROUP CREATE K g $", "XGROUP DELCONSUMER K g c",
	"XINFO STREAM K FULL", "XINFO CONSUMERS K g", "XADD K * a b", "XACK K g 1-1",
	"WATCH K1 K2", "LCS K1 K2", "ZRANGESTORE K1 K2 0 -1",
	"GEOSEARCHSTORE K1 K2 FROMLONLAT 0 0 BYRADIUS 1 m", "SINTERSTORE K1 K2 K3", "SMOVE K1 K2 m",
	"EVAL s 2 K1 K2 arg", "EVALSHA s 1 K1 a", "EVALSHA_RO s 1 K1 a", "EVAL_RO s 1 K",
	"FCALL f 1 K a", "FCALL_RO f 1 K a",
	"ZUNIONSTORE K1 2 K2 K3 WEIGHTS 1 2", "ZINTERSTORE K1 1 K2", "ZDIFFSTORE K1 2 K2 K3",
	"ZUNION 2 K1 K2 WITHSCORES", "ZINTER 1 K1", "ZDIFF 1 K1", "ZINTERCARD 2 K1 K2 LIMIT 1",
	"SINTERCARD 2 K1 K2 LIMIT 1", "LMPOP 2 K1 K2 LEFT COUNT 1", "ZMPOP 1 K1 MIN",
	"BLMPOP 0 2 K1 K2 LEFT", "BZMPOP 0 1 K1 MIN",
	"XREAD COUNT 2 BLOCK 0 STREAMS K1 K2 0 0", "XREAD STREAMS K1 0",
	"XREADGROUP GROUP g c COUNT 1 NOACK STREAMS K1 K2 > >", "XREADGROUP GROUP streams c STREAMS K >",
	"MIGRATE h 1 K 0 10", "MIGRATE h 1 K 0 10 COPY REPLACE AUTH pw",
	`MIGRATE h 1 "" 0 10 COPY KEYS K1 K2`, `MIGRATE h 1 "" 0 10 AUTH KEYS KEYS K1`,
	`MIGRATE h 1 "" 0 10 AUTH2 KEYS KEYS KEYS K1`,
	"SORT K1", "SORT K1 BY w* LIMIT 0 1 GET # STORE K2", "SORT K1 STORE c STORE K2",
	"SORT K1 GET store STORE K2", "SORT K1 BY store", "SORT_RO K1 BY nosort",
	"GEORADIUS K1 0 0 1 m STORE K2", "GEORADIUS K1 0 0 1 m STOREDIST K2",
	"GEORADIUS K1 0 0 1 m STORE c STOREDIST K2", "GEORADIUSBYMEMBER K1 m 1 m STORE K2",
	"GEORADIUSBYMEMBER K1 store 1 m", "GEORADIUS_RO K1 0 0 1 m", "RESTORE K 0 v",
	"EVAL s 3 a b", "EVAL s x a", "ZUNIONSTORE d 2 a", "LMPOP 0 a LEFT", "XREAD STREAMS a b 0",
	"DBSIZE", "PING", "CONFIG GET K",
}

// TestTheServerFindsTheSameKeys asks COMMAND GETKEYS about every sample.
func TestTheServerFindsTheSameKeys(t *testing.T) {
	s := liveServer(t)
	for _, line := range samples {
		argv := words(line)
		question := []string{"COMMAND", "GETKEYS"}
		for _, word := range argv {
			question = append(question, string(word))
		}
		// Commands without keys, and those whose count is wrong, are errors there.
		var want []string
		for _, key := range s.do(question...).Elems {
			want = append(want, key.Text)
		}
		var got []string
		for at := range Of(argv).Keys(argv) {
			got = append(got, string(argv[at]))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: keys %q, the server says %q", line, got, want)
		}
		for at := range argv {
			if key := bytes.HasPrefix(argv[at], []byte("K")) && len(argv[at]) < 3; at > 0 && key &&
				strings.HasPrefix(line, "CONFIG") == slices.Contains(got, string(argv[at])) {
				t.Errorf("%s: whether %s is a key is not as meant", line, argv[at])
			}
		}
	}
}

// TestEveryMovableCommandHasASample keeps the samples complete.
func TestEveryMovableCommandHasASample(t *testing.T) {
	has := map[string]bool{}
	for _, line := range samples {
		has[Of(words(line)).Name] = true
	}
	for _, v := range liveServer(t).do("COMMAND").Elems {
		if d := describe(v); slices.Contains(d.flags, "movablekeys") && !has[d.name] {
			t.Errorf("%s has movable keys and no sample", d.name)
		}
	}
}

// TestRedisCLIPrintsTheSameVerbatim lets the real redis-cli print an error to each command, as CSV:
// the server refuses everything to this user, and an error is printed bare only where redis-cli
// prints verbatim.
func TestRedisCLIPrintsTheSameVerbatim(t *testing.T) {
	cli := resptest.RedisCLI(t)
	redis := resptest.Server(t)
	if got := redis.Do("ACL", "SETUSER", "nobody", "on", ">pw", "-@all"); got != "OK" {
		t.Fatal(got)
	}
	host, port, _ := net.SplitHostPort(redis.Addr)
	for line := range documents {
		args := []string{"-h", host, "-p", port, "--user", "nobody", "--pass", "pw",
			"--no-auth-warning", "--csv"}
		out, err := exec.Command(cli, append(args, strings.Fields(line)...)...).Output()
		if err != nil || len(out) == 0 {
			t.Fatalf("redis-cli %s: %v, %q", line, err, out)
		}
		argv := words(line)
		if got, want := Of(argv).Verbatim, !bytes.HasPrefix(out, []byte("ERROR,")); got != want {
			t.Errorf("%s: verbatim is %t, redis-cli printed %q", line, got, out)
		}
	}
}

package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"easycli/internal/resptest"
)

// An AOF that a server wrote under a mixed load is loaded into an empty one: both have the same data.
func TestAnAOFLoadsAsItWasWritten(t *testing.T) {
	source, dir := serverWithAOF(t, "--aof-use-rdb-preamble", "no", "--aof-timestamp-enabled", "yes")
	mixedLoads(t, source, 1)
	rewritten(t, source) // a base of commands, and increments
	mixedLoads(t, source, 2)

	target := resptest.Server(t)
	got := easycli("", append(at(t, target.Addr), "--pipe", filepath.Join(dir, "appendonlydir"))...)
	if got.status != 0 || got.err != "" || !strings.Contains(got.out, "errors: 0, replies: ") {
		t.Fatalf("%+v", got)
	}
	same(t, source, target)
	if parts, _ := filepath.Glob(filepath.Join(dir, "appendonlydir", "*.aof")); len(parts) < 2 {
		t.Errorf("only %v: not what was meant to be tested", parts)
	}
}

// As servers are by default: the base is an RDB file, without keys until the first rewrite.
func TestAnAOFWithAnRDBBase(t *testing.T) {
	source, dir := serverWithAOF(t)
	mixedLoads(t, source, 3)
	target := resptest.Server(t)
	load := append(at(t, target.Addr), "--pipe", filepath.Join(dir, "appendonlydir"))
	if got := easycli("", load...); got.status != 0 {
		t.Fatalf("%+v", got)
	}
	same(t, source, target)

	rewritten(t, source)
	got := easycli("", load...)
	if got.status != exitInput || got.out != "" || !strings.Contains(got.err, "this base of an AOF is an RDB file") ||
		!strings.Contains(got.err, "BGREWRITEAOF") {
		t.Errorf("%+v", got)
	}
}

func serverWithAOF(t *testing.T, args ...string) (s *resptest.Redis, dir string) {
	t.Helper()
	dir = t.TempDir()
	s = resptest.Server(t, append([]string{"--dir", dir, "--appendonly", "yes", "--appendfsync", "no",
		"--auto-aof-rewrite-percentage", "0"}, args...)...)
	if _, err := os.Stat(filepath.Join(dir, "appendonlydir")); err != nil {
		t.Skip("this server's AOF is a single file")
	}
	return s, dir
}

// rewritten has a server write its AOF anew.
func rewritten(t *testing.T, s *resptest.Redis) {
	t.Helper()
	s.Do("BGREWRITEAOF")
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		info := s.Info("persistence")
		if info["aof_rewrite_in_progress"] == "0" && info["aof_rewrite_scheduled"] == "0" {
			if info["aof_last_bgrewrite_status"] != "ok" {
				t.Fatal("the rewrite failed")
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the rewrite takes for ever")
		}
	}
}

// same fails the test unless two servers have the same data.
func same(t *testing.T, a, b *resptest.Redis) {
	t.Helper()
	for _, q := range [][]string{
		{"DEBUG", "DIGEST"}, {"FUNCTION", "LIST", "WITHCODE"},
		// Groups are in no digest. How far one lags is not in an AOF either.
		{"EVAL", `local n = {} for i = 0, 7 do if redis.call('TYPE', 'x:'..i).ok == 'stream' then
			for _, g in ipairs(redis.call('XINFO', 'GROUPS', 'x:'..i)) do n[#n+1] = table.concat(g, ' ', 1, 8) end end end return n`, "0"},
		{"EVAL", `local n = {} for db = 0, 15 do redis.call('SELECT', db) n[db+1] = redis.call('DBSIZE') end return n`, "0"},
		{"EVAL", `local n = {} for _, k in ipairs(redis.call('KEYS', '*')) do
			local at = redis.call('PEXPIRETIME', k) if at > 0 then n[#n+1] = k .. at end end table.sort(n) return n`, "0"},
	} {
		if x, y := a.Do(q...), b.Do(q...); x != y {
			t.Errorf("%.40q:\n%.2000s\nand\n%.2000s", q, x, y)
		}
	}
}

// mixedLoads writes to a server from three connections at once, in several databases.
func mixedLoads(t *testing.T, s *resptest.Redis, seed uint64) {
	t.Helper()
	s.Do("FUNCTION", "LOAD", "REPLACE", "#!lua name=lib\nredis.register_function('put', function(keys, args) "+
		"redis.call('SET', keys[1], args[1]) return redis.call('INCR', keys[1] .. ':n') end)")
	var wait sync.WaitGroup
	for i := range 3 {
		wait.Go(func() {
			in := mixedCommands(rand.New(rand.NewPCG(seed, uint64(i))), scale(4000, 200_000))
			if got := easycli(in, append(at(t, s.Addr), "--pipe", "-n", fmt.Sprint(i*5))...); got.status > exitAnswer {
				t.Errorf("%+v", got)
			}
		})
	}
	wait.Wait()
}

// mixedCommands is a load of n random commands on a few keys, of which some fail.
func mixedCommands(r *rand.Rand, n int) string {
	templates := []string{
		"SET s:K V", "SET s:K V EX 9999", "SET s:K V PX 99999999", "APPEND s:K V", "INCRBY n:K N", "INCRBYFLOAT f:K 0.25", "SETRANGE s:K N V",
		"SETBIT b:K N 1", "BITFIELD b:K INCRBY u5 N 3", "GETDEL s:K", "GETEX s:K PERSIST", "MSET s:K V n:K N", "PFADD h:K V N",
		"HSET m:K V N N V", "HINCRBY m:K c N", "HDEL m:K N", "RPUSH l:K V N V", "LPUSH l:K N", "LTRIM l:K 0 50", "LINSERT l:K BEFORE N x",
		"LMOVE l:K l:0 LEFT RIGHT", "LMPOP 2 l:K l:1 LEFT", "SORT n:l BY nosort STORE l:K", "SADD t:K N V N", "SPOP t:K", "SPOP t:K 2",
		"SMOVE t:K t:0 N", "SUNIONSTORE t:K t:0 t:1", "ZADD z:K N V 1.5 N", "ZINCRBY z:K 0.1 V", "ZPOPMIN z:K", "ZRANGESTORE z:K z:0 0 9",
		"GEOADD g:K 13.4 52.5 V", "XADD x:K * f V", "XADD x:K MAXLEN ~ 100 * f N g V", "XGROUP CREATE x:K grp 0 MKSTREAM",
		"XREADGROUP GROUP grp con COUNT 2 STREAMS x:K >", "XAUTOCLAIM x:K grp other 0 0 COUNT 1", "XGROUP CREATECONSUMER x:K grp N", "XTRIM x:K MAXLEN 200",
		"EXPIRE m:K 9999", "PEXPIREAT l:K 33333333333333", "PERSIST m:K", "DEL s:K", "UNLINK l:K m:K", "RENAME s:K s:0", "COPY m:K m:1 REPLACE",
		"MOVE z:K 7", "SELECT 3", "SELECT 0", "SELECT 12", "SWAPDB 3 12", "FLUSHDB ASYNC", "RESTORE r:K 0 \"\\x00\\x05hello\\x0a\\x00\\x82\\x8c\\x9e\\x5e\\x1f\\x2d\\x0b\\x9b\" REPLACE",
		"MULTI\nSET s:K V\nSELECT 5\nINCR n:K\nLPUSH s:K wrong\nEXEC", "MULTI\nDEL z:K\nDISCARD", "FCALL put 1 p:K V",
		"EVAL \"for i=1,3 do redis.call('RPUSH', KEYS[1], ARGV[1]..i) end redis.call('EXPIRE', KEYS[1], 5000) return redis.call('SPOP', 't:0')\" 1 e:K V",
		"XACK x:K grp 1-1", "XSETID x:K 99999999999999-1", "BITOP XOR b:K b:0 b:1",
	}
	var b strings.Builder
	for range n {
		line := templates[r.IntN(len(templates))]
		value := fmt.Sprintf("%q", fmt.Sprint("v", r.IntN(20)))
		if r.IntN(50) == 0 {
			value = `"\x00\xff\r\n*1\r\n` + strings.Repeat("long ", r.IntN(5000)) + `"`
		}
		line = strings.ReplaceAll(line, ":K", fmt.Sprint(":", r.IntN(8)))
		line = strings.ReplaceAll(line, " N", fmt.Sprint(" ", r.IntN(100)))
		line = strings.ReplaceAll(line, " V", " "+value)
		if line == "FLUSHDB ASYNC" && r.IntN(10) > 0 {
			continue
		}
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return b.String()
}

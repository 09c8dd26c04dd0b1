package repl

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"regexp"
	"strings"
	"testing"

	"easycli/internal/lines"
	"easycli/internal/pipeclient"
	"easycli/internal/render"
	"easycli/internal/resptest"
)

// elapsed is what redis-cli says of a slow command: on a busy machine any may be slow.
var elapsed = regexp.MustCompile(`(?m)^\(\d+\.\d\ds\)\n`)

// TestLikeRedisCLI gives random scripts to the real redis-cli and to Batch, and compares what they
// print byte for byte.
func TestLikeRedisCLI(t *testing.T) {
	cli, server := resptest.RedisCLI(t), resptest.Shared(t)
	_, port, _ := net.SplitHostPort(server.Addr)
	for seed := range uint64(4) {
		script := randomScript(rand.New(rand.NewPCG(seed, 1)), port)
		for name, format := range formats {
			t.Run(fmt.Sprintf("%s seed %d", name, seed), func(t *testing.T) {
				resptest.Shared(t)
				theirs := resptest.Exec(t, cli, append([]string{"-p", port}, format.args...), script)
				resptest.Shared(t)
				var ours bytes.Buffer
				err := Batch(context.Background(), BatchConfig{
					Server: pipeclient.Config{Addr: server.Addr, Proto: format.proto},
					In:     strings.NewReader(script), Out: &ours, Print: render.Options{Format: format.format},
				})
				if err != nil {
					t.Log(err)
				}
				compareOutput(t, script, ours.String(), theirs.Stdout)
			})
		}
	}
}

var formats = map[string]struct {
	args   []string
	proto  int
	format render.Format
}{
	"raw":         {nil, 0, render.Raw},
	"human":       {[]string{"--no-raw"}, 0, render.Human},
	"human RESP3": {[]string{"--no-raw", "-3"}, 3, render.Human},
	"csv":         {[]string{"--csv"}, 0, render.CSV},
}

// comparable is output without what may differ: how long commands took, and where in the text
// around it redis-cli clears the screen, for it does that past its own buffer.
func comparable(output string) string {
	output = elapsed.ReplaceAllString(output, "")
	clears := strings.Count(output, lines.ClearScreen)
	return fmt.Sprintf("%s%d clears", strings.ReplaceAll(output, lines.ClearScreen, ""), clears)
}

func compareOutput(t *testing.T, script, got, want string) {
	t.Helper()
	got, want = comparable(got), comparable(want)
	if got == want {
		return
	}
	ours, theirs := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(ours), len(theirs)) {
		if ours[i] != theirs[i] {
			t.Fatalf("output line %d: got %q, redis-cli prints %q\nscript:\n%.3000s", i+1, ours[i], theirs[i], script)
		}
	}
	t.Fatalf("got %d lines of output, redis-cli prints %d\nscript:\n%.3000s", len(ours), len(theirs), script)
}

// randomScript mixes commands, counts, quotes, blanks, built-in words and mistakes.
func randomScript(r *rand.Rand, port string) string {
	var b strings.Builder
	for range 400 {
		line := randomLine(r, port)
		switch r.IntN(12) {
		case 0:
			line = "  " + line
		case 1:
			line += " \t"
		case 2:
			line += "\r"
		}
		b.WriteString(line + "\n")
	}
	return b.String() + "PING last" // without a newline
}

func randomLine(r *rand.Rand, port string) string {
	n := r.IntN(5)
	switch r.IntN(16) {
	case 0:
		return pick(r, "", " ", "\t", "\v", "\r")
	case 1:
		return pick(r, `"`, `'`, `get "a`, `get "a"b`, `set k 'x' "y"z`, `"\`, `quit "`)
	case 2:
		return pick(r, "0", "-1", "99999999999999999999", `""`, "3", "+2", "02", "2x", `" 2"`, "2", "1") + " " +
			pick(r, "incr n", "ping", "get a", "clear", "nosuch")
	case 3:
		return pick(r, ":set hints", ":set nohints", ":set x", ":foo", ":", ":set", "restart", "clear", "CLEAR",
			"clear x", "connect", "connect x", "discard\nconnect 127.0.0.1 "+port, "RESTART")
	case 4:
		return pick(r, "nosuch a b", "get", "lpush n 1", `""`, "# x", "get a b", "config get", "client nosuch")
	case 5:
		return pick(r, "multi", "exec", "discard", "multi", "exec")
	case 6:
		return pick(r, "select 1", "select 0", "select 99", "select 1 2")
	case 7:
		return fmt.Sprintf("lrange l %d %d", n-2, n)
	case 8:
		return fmt.Sprintf("hset h f%d %s", n, randomWord(r))
	case 9:
		return pick(r, "hgetall h", "hkeys h", "smembers s", "zrange z 0 -1 withscores", "debug object nosuch", "echo ''")
	case 10:
		return fmt.Sprintf("rpush l %s %s", randomWord(r), randomWord(r))
	case 11:
		return pick(r, "sadd s a", "zadd z 1.5 m 2 n", "incr n", "eval 'return {1,{2,{}},\"x\",false}' 0",
			"eval \"return redis.error_reply('OOPS x')\" 0", "client info x", "cluster info", "echo \"a\\nb\\x00c\"")
	default:
		return pick(r, "set", "SET", `"set"`) + fmt.Sprintf(" k%d %s", n, randomWord(r))
	}
}

func randomWord(r *rand.Rand) string {
	return pick(r, "v", `"two words"`, `'it\'s'`, `"\x00\xff\n"`, `""`, "caf\xc3\xa9", `a\b`, "12", `x"y z"`, `"q\"uote"`)
}

func pick(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }

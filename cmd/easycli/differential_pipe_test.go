package main

import (
	"strings"
	"testing"

	"easycli/internal/resptest"
)

// wire is commands as RESP, each of the words of one line.
func wire(lines ...string) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(resptest.Command(strings.Fields(line)...))
	}
	return b.String()
}

// TestPipeLikeRedisCLI loads input that both programs take: the same report, the same status, and
// the same data on the server.
func TestPipeLikeRedisCLI(t *testing.T) {
	b := newBench(t)
	for name, input := range map[string]string{
		"nothing":       "",
		"RESP":          wire("SET a 1", "INCR a", "RPUSH l x y z", "LRANGE l 0 -1"),
		"errors":        wire("SET a x", "INCR a", "NOSUCH", "LPUSH str x", "PING"),
		"text":          "SET a 1\r\nINCR a\r\nLRANGE list 0 -1\r\n",
		"text with LF":  "SET a 1\nINCR a\nSET b \"x y\"\n",
		"blank lines":   "SET a 1\r\n\r\n\r\nINCR a\r\n",
		"text errors":   "INCR str\r\nPING\r\nNOSUCH\r\n",
		"databases":     wire("SELECT 3", "SET a 1", "SELECT 0", "SET b 2"),
		"transaction":   wire("MULTI", "SET a 1", "INCR a", "EXEC"),
		"large value":   wire("SET a "+strings.Repeat("v", 3_000_000), "STRLEN a"),
		"large replies": strings.Repeat(wire("GET big"), 50),
		"many":          strings.Repeat(wire("INCR n"), 20_000),
	} {
		t.Run(name, func(t *testing.T) {
			l := sample{text: name, words: []string{"--pipe"}, stdin: input}
			theirs := b.run(t, b.theirs, l, format{})
			theirDigest := b.redis.Do("DEBUG", "DIGEST")
			ours := b.run(t, b.ours, l, format{})
			if got := b.redis.Do("DEBUG", "DIGEST"); got != theirDigest {
				t.Errorf("the data is not what redis-cli loads: digest %s, want %s", got, theirDigest)
			}
			// redis-cli says how it waits for the last reply; we say only how it ended.
			want := theirs.stdout[strings.LastIndex(strings.TrimSpace(theirs.stdout), "\n")+1:]
			got := ours.stdout[strings.LastIndex(strings.TrimSpace(ours.stdout), "\n")+1:]
			if got != want || ours.exit != theirs.exit {
				t.Errorf("redis-cli: %s\n  easycli: %s", show3(theirs), show3(ours))
			}
			// The same errors in the same order, each with its place before it.
			said, wanted := strings.Split(ours.stderr, "\n"), strings.Split(theirs.stderr, "\n")
			if len(said) != len(wanted) {
				t.Fatalf("redis-cli: %s\n  easycli: %s", show3(theirs), show3(ours))
			}
			for i := range said {
				if !strings.HasSuffix(said[i], wanted[i]) {
					t.Errorf("line %d of stderr: %q, redis-cli has %q", i+1, said[i], wanted[i])
				}
			}
		})
	}
}

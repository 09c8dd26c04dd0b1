package command

import (
	"strings"
	"testing"
)

func TestShape(t *testing.T) {
	for _, tt := range []struct {
		line string
		want Shape
	}{
		{"GET k", Shapeless}, {"hgetall h", Pairs}, {"CONFIG GET *", Facts}, {"config get", Facts}, {"CONFIG SET a b", Shapeless},
		{"ZRANGE z 0 -1", Shapeless}, {"ZRANGE z 0 -1 withscores", Scored}, {"ZRANGE z 0 -1 REV WITHSCORES", Scored},
		{"ZRANGE withscores 0 -1", Shapeless}, {"ZRANGESTORE a b 0 -1", Shapeless},
		{"ZINTER 2 withscores withscores", Shapeless}, {"ZINTER 1 withscores WITHSCORES", Scored}, {"ZUNION 9 a WITHSCORES", Scored},
		{"ZDIFF", Shapeless}, {"ZINTER 3 a b c WEIGHTS 1 2 3 WITHSCORES", Scored}, {"ZINTERCARD 1 a", Shapeless},
		{"ZRANDMEMBER z 3 WITHSCORES", Scored}, {"HRANDFIELD h 3 WITHVALUES", Pairs}, {"HRANDFIELD h 3", Shapeless},
		{"HRANDFIELD withvalues 3", Shapeless}, {"HSCAN h 0", Records}, {"HSCAN h 0 COUNT 5 NOVALUES", Shapeless},
		{"HSCAN novalues 0", Records}, {"ZSCAN z 0", ScoredRecords}, {"SCAN 0", Shapeless}, {"ZPOPMIN z", Scored},
		{"XRANGE s - +", Entries}, {"XREAD STREAMS s 0", Streams}, {"XINFO STREAM s", Facts}, {"XINFO GROUPS s", FactRecords}, {"MEMORY STATS", NestedFacts},
		{"TTL k", Seconds}, {"PTTL k", Milliseconds}, {"OBJECT IDLETIME k", Seconds}, {"OBJECT FREQ k", Shapeless},
		{"EXPIRETIME k", UnixSeconds}, {"PEXPIRETIME k", UnixMilliseconds}, {"TIME", Clock}, {"MEMORY USAGE k", Bytes},
		{"STRLEN k", Shapeless}, {"SLOWLOG GET", SlowCommands}, {"COMMANDLOG GET 10 slow", LoggedCommands}, {"LATENCY LATEST", LatencyEvents}, {"INFO", Shapeless},
		{"NOSUCH", Shapeless}, {"", Shapeless},
	} {
		if got := OfStrings(strings.Fields(tt.line)).Shape(); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.line, got, tt.want)
		}
	}
}

// TestEveryShapeIsReached is against shapes that only commands without a row would have.
func TestEveryShapeIsReached(t *testing.T) {
	seen := map[Shape]bool{Shapeless: true, OfStrings([]string{"HSCAN", "h", "0"}).Shape(): true}
	for i := range table {
		name, sub, _ := strings.Cut(table[i].name, " ")
		seen[OfName([]byte(name), []byte(sub)).Shape()] = true
	}
	for s := Shapeless; s <= LatencySamples; s++ {
		if !seen[s] {
			t.Errorf("no row has shape %d", s)
		}
	}
}

func BenchmarkShape(b *testing.B) {
	info := OfStrings([]string{"SET", "k", "v"})
	for b.Loop() {
		if info.Shape() != Shapeless {
			b.Fatal("a shape")
		}
	}
}

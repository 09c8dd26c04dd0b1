package command

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"easycli/internal/resp"
)

// tipped are the commands whose tips say otherwise than the table, with the reason.
var tipped = map[string]string{
	"CONFIG SET":          "each node has settings of its own",
	"INFO":                "the text of one node, as redis-cli shows it",
	"LATENCY DOCTOR":      "of one node",
	"LATENCY GRAPH":       "of one node",
	"LATENCY HISTOGRAM":   "of one node",
	"LATENCY HISTORY":     "of one node",
	"LATENCY LATEST":      "of one node",
	"LATENCY RESET":       "each node has its own",
	"MEMORY DOCTOR":       "of one node",
	"MEMORY MALLOC-STATS": "of one node",
	"MEMORY PURGE":        "each node has its own",
	"MEMORY STATS":        "of one node",
	"FUNCTION STATS":      "of one node",
	"SLOWLOG GET":         "of one node",
	"SLOWLOG LEN":         "of one node",
	"SLOWLOG RESET":       "each node has its own",
	"MSETNX":              "all or nothing",
	"PING":                "one answer is what is asked for",
}

// wantSpread and wantMerge are what the tips mean in the table's words.
var (
	wantSpread = map[string]Spread{
		"request_policy:all_shards":  AllMasters,
		"request_policy:all_nodes":   AllNodes,
		"request_policy:multi_shard": BySlot,
		"request_policy:special":     MasterWise,
	}
	wantMerge = map[string]Merge{
		"response_policy:all_succeeded":   Agree,
		"response_policy:one_succeeded":   AnySuccess,
		"response_policy:agg_sum":         Sum,
		"response_policy:agg_min":         Least,
		"response_policy:agg_logical_and": Least, // of ones and zeros
	}
)

// TestTheServersTipsAreFollowed compares the table with the tips of the server at hand.
func TestTheServersTipsAreFollowed(t *testing.T) {
	seen := 0
	look := func(name string, tips []string) {
		first, second, _ := strings.Cut(name, " ")
		spread, merge := OfName([]byte(first), []byte(second)).Spread()
		for _, tip := range tips {
			wantedSpread, isRequest := wantSpread[tip]
			wantedMerge, isResponse := wantMerge[tip]
			if !isRequest && !isResponse {
				continue
			}
			seen++
			agrees := isRequest && spread == wantedSpread || isResponse && merge == wantedMerge
			if _, otherwise := tipped[name]; agrees == otherwise {
				t.Errorf("%s: spread %d, merge %d, and the server's tip is %s", name, spread, merge, tip)
			}
		}
	}
	for _, v := range liveServer(t).do("COMMAND").Elems {
		look(describe(v).name, tips(v))
		for _, sub := range describe(v).subcommands {
			look(describe(sub).name, tips(sub))
		}
	}
	if seen < 50 {
		t.Errorf("only %d tips were found", seen)
	}
}

// tips are a command's tips as COMMAND tells them, from Redis 7.0 on.
func tips(v resp.Value) []string {
	var all []string
	if len(v.Elems) > 7 {
		for _, tip := range v.Elems[7].Elems {
			all = append(all, tip.Text)
		}
	}
	return all
}

func TestEverySpreadNamesARow(t *testing.T) {
	src, err := os.ReadFile("spread.go")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`"([A-Z. -]+)"`).FindAllStringSubmatch(string(src), -1)
	if len(names) < 40 {
		t.Fatalf("found %d names", len(names))
	}
	for _, name := range names {
		first, second, _ := strings.Cut(name[1], " ")
		info := OfName([]byte(first), []byte(second))
		if info.Name != name[1] {
			t.Errorf("%q is no row of the table", name[1])
		}
		spread, merge := info.Spread()
		if fansOut := spread == AllMasters || spread == AllNodes || spread == BySlot; fansOut != (merge != NoMerge) {
			t.Errorf("%s: spread %d with merge %d", name[1], spread, merge)
		}
	}
}

func TestLayout(t *testing.T) {
	tests := []struct {
		line       string
		step, tail int
		ok         bool
	}{
		{"MGET a b", 1, 0, true},
		{"MGET", 0, 0, false},
		{"del a", 1, 0, true},
		{"MSET a 1 b 2", 2, 0, true},
		{"MSET a 1 b", 0, 0, false},
		{"MSET", 0, 0, false},
		{"JSON.MGET a b $", 1, 1, true},
		{"JSON.MGET $", 0, 0, false},
		{"TS.MADD a 1 2 b 3 4", 3, 0, true},
		{"TS.MADD a 1 2 b 3", 0, 0, false},
		{"MSETNX a 1 b 2", 0, 0, false},
		{"GET a", 0, 0, false},
		{"NOSUCH a", 0, 0, false},
	}
	for _, test := range tests {
		argv := words(test.line)
		step, tail, ok := Of(argv).Layout(len(argv))
		if ok != test.ok || ok && (step != test.step || tail != test.tail) {
			t.Errorf("%s: %d, %d, %t", test.line, step, tail, ok)
		}
	}
}

func TestWhatATransactionOfOursMustNotHold(t *testing.T) {
	for line, want := range map[string][2]bool{
		"FLUSHALL": {true, false}, "flushdb ASYNC": {true, false}, "SWAPDB 0 1": {true, false},
		"SET a b": {false, false}, "EVAL x 1 a": {false, true}, "FCALL_RO f 0": {false, true}, "NO.SUCH a": {false, true},
		"BLMPOP 0 1 a LEFT": {false, false},
	} {
		info := OfStrings(strings.Fields(line))
		if got := [2]bool{info.Clears(), info.MayTouchAny()}; got != want {
			t.Errorf("%s: clears, may touch any: %v, want %v", line, got, want)
		}
	}
}

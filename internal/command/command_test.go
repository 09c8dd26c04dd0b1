package command

import (
	"strings"
	"testing"
)

// words splits a line at its blanks; "" stands for an empty word.
func words(line string) [][]byte {
	var argv [][]byte
	for _, word := range strings.Fields(line) {
		if word == `""` {
			word = ""
		}
		argv = append(argv, []byte(word))
	}
	return argv
}

func TestNames(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"get k", "GET"},
		{"GeT", "GET"},
		{"config set a b", "CONFIG SET"},
		{"CONFIG", "CONFIG"},
		{"CONFIG FOO", "CONFIG"},
		{`CONFIG ""`, "CONFIG"},
		{"config|set a b", ""},
		{"GET SET", "GET"},
		{"FOO", ""},
		{"", ""},
		{`""`, ""},
		{"G\x05T", ""},
		{"CLIENT " + strings.Repeat("x", 1000), "CLIENT"},
		{strings.Repeat("GET", 1000), ""},
		{"JSON.DEBUG memory k", "JSON.DEBUG MEMORY"},
	} {
		info := Of(words(tt.line))
		if info.Name != tt.want || info.Known != (tt.want != "") {
			t.Errorf("Of(%.40q) is %q, known %t, want %q", tt.line, info.Name, info.Known, tt.want)
		}
	}
}

func TestEffects(t *testing.T) {
	for _, tt := range []struct {
		line    string
		want    Effect
		replies int
	}{
		{"GET k", None, 1},
		{"select 3", Select, 1},
		{"HELLO 3", Hello, 1},
		{"SUBSCRIBE a b c", Subscribe, 3},
		{"subscribe", Subscribe, 1},
		{"UNSUBSCRIBE", Unsubscribe, 1},
		{"PUNSUBSCRIBE a* b*", PUnsubscribe, 2},
		{"client reply off", ReplyOff, 0},
		{"CLIENT REPLY SKIP", ReplySkip, 0},
		{"CLIENT REPLY ON", ReplyOn, 1},
		{"CLIENT REPLY maybe", ReplyMode, 1},
		{"CLIENT REPLY", ReplyMode, 1},
		{"CLIENT REPLY OFF now", ReplyMode, 1},
		{"SCRIPT DEBUG yes", ScriptDebug, 1},
		{"SCRIPT DEBUG sync", ScriptDebug, 1},
		{"SCRIPT DEBUG no", ScriptDebugOff, 1},
		{"PSYNC ? -1", Sync, 1},
		{"MONITOR", Monitor, 1},
	} {
		argv := words(tt.line)
		info := Of(argv)
		if info.Effect != tt.want {
			t.Errorf("%s: effect %d, want %d", tt.line, info.Effect, tt.want)
		}
		if got := info.Replies(argv); got != tt.replies {
			t.Errorf("%s: %d replies, want %d", tt.line, got, tt.replies)
		}
	}
	if got := OfName([]byte("client"), []byte("reply")).Effect; got != ReplyMode {
		t.Errorf("CLIENT REPLY by its name alone has effect %d, want ReplyMode", got)
	}
}

func TestBlocking(t *testing.T) {
	for line, want := range map[string]bool{
		"BLPOP k 0":                             true,
		"LPOP k":                                false,
		"XREAD BLOCK 0 STREAMS s $":             true,
		"xread count 1 block 0 streams s $":     true,
		"XREAD COUNT 1 STREAMS block $":         false,
		"XREAD COUNT 1 STREAMS s 0":             false,
		"XREADGROUP GROUP block c STREAMS s >":  false,
		"XREADGROUP GROUP g block STREAMS s >":  false,
		"XREADGROUP GROUP g c BLOCK 0 STREAMS":  true,
		"WAIT 1 0":                              true,
		"WAITAOF 1 0 0":                         true,
		"DEBUG SLEEP 1":                         true,
		"DEBUG OBJECT k":                        false,
		"BLMOVE a b LEFT RIGHT 0":               true,
		"BZMPOP 0 1 k MIN":                      true,
		"XREADGROUP GROUP g c NOACK BLOCK 1 ST": true,
	} {
		if got := Of(words(line)).Blocking; got != want {
			t.Errorf("%s: blocking is %t, want %t", line, got, want)
		}
	}
	if !OfName([]byte("XREAD"), nil).Blocking {
		t.Error("XREAD by its name alone may block")
	}
}

func TestFits(t *testing.T) {
	for line, want := range map[string]bool{
		"GET": false, "GET k": true, "GET k x": false, "DEL": false, "DEL a": true, "DEL a b c": true,
		"CONFIG SET a": false, "CONFIG SET a b": true, "PING": true, "FOO": true, "FOO a b": true,
	} {
		argv := words(line)
		if got := Of(argv).Fits(len(argv)); got != want {
			t.Errorf("%s: fits is %t, want %t", line, got, want)
		}
	}
}

var documents = map[string]Document{
	"INFO":                     InfoText,
	"info server clients":      InfoText,
	"LOLWUT VERSION 5":         PlainText,
	"DEBUG HTSTATS 0":          PlainText,
	"DEBUG HTSTATS-KEY k":      PlainText,
	"DEBUG CLIENT-EVICTION":    PlainText,
	"DEBUG OBJECT k":           Data,
	"MEMORY MALLOC-STATS":      PlainText,
	"MEMORY DOCTOR":            PlainText,
	"MEMORY STATS":             Data,
	"CLUSTER NODES":            ClusterNodes,
	"CLUSTER NODES x":          Data,
	"CLUSTER INFO":             ClusterInfo,
	"CLUSTER INFO x":           Data,
	"CLIENT LIST":              ClientList,
	"CLIENT LIST TYPE normal":  ClientList,
	"CLIENT INFO":              ClientInfo,
	"CLIENT ID":                Data,
	"LATENCY GRAPH command":    PlainText,
	"LATENCY GRAPH":            Data,
	"LATENCY GRAPH command x":  Data,
	"LATENCY DOCTOR":           PlainText,
	"LATENCY DOCTOR x":         Data,
	"LATENCY HISTORY command":  Data,
	"PROXY INFO":               InfoText,
	"PROXY INFO x":             InfoText,
	"PROXY":                    Data,
	"CLUSTER SHARDS":           Data,
	"GET INFO":                 Data,
	"CLIENT LIST ID 1 2 3 4 5": ClientList,
}

func TestDocuments(t *testing.T) {
	for line, want := range documents {
		info := Of(words(line))
		if info.Document != want || info.Verbatim != (want != Data) {
			t.Errorf("%s: document %d, verbatim %t, want %d", line, info.Document, info.Verbatim, want)
		}
	}
}

func TestAskingCostsNoMemory(t *testing.T) {
	lines := [][][]byte{
		words("SET k v"), words("config set maxmemory 1"), words("FOO bar"),
		words("XREAD BLOCK 0 STREAMS s $"), words("CLIENT REPLY OFF"),
		words("ZUNIONSTORE d 2 a b"), words("MSET a 1 b 2"),
	}
	keys := make([]int, 0, 16)
	if n := testing.AllocsPerRun(100, func() {
		for _, argv := range lines {
			info := Of(argv)
			_ = info.FirstKey(argv)
			keys = info.AppendKeys(keys[:0], argv)
			for at := range info.Keys(argv) {
				_ = at
			}
		}
	}); n != 0 {
		t.Errorf("asking about %d commands allocated %v times", len(lines), n)
	}
}

func BenchmarkOf(b *testing.B) {
	for _, line := range []string{"SET k v", "ZRANGEBYSCORE k 1 2", "config set a b", "NOSUCHNAME x"} {
		argv := words(line)
		b.Run(strings.Fields(line)[0], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Of(argv)
			}
		})
	}
}

package render

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write what a person sees anew, to be read before it is believed")

// personAt is a person in front of a terminal of that width, on a day that is long gone.
func personAt(width int, d Decode) Options {
	return Options{Terminal: true, Person: &Person{
		Width: func() int { return width }, Decode: d,
		Now: func() time.Time { return time.Unix(1700000000, 0) },
	}}
}

func double(s string) string { return "," + s + "\r\n" }

func integer(n int64) string { return fmt.Sprintf(":%d\r\n", n) }

func bulks(texts ...string) []string {
	var all []string
	for _, text := range texts {
		all = append(all, bulk(text))
	}
	return all
}

func array(elems ...string) string { return aggregate('*', elems...) }

// entry is a stream entry.
func entry(id string, fields ...string) string { return array(bulk(id), array(bulks(fields...)...)) }

// personCases are replies that a person sees in a form of their own.
func personCases() []struct {
	name string
	how  How
	wire string
} {
	long := strings.Repeat("long ", 30)
	person := bulks("name", "Bob", "surname", "Smith \u65e5\u672c", "e-mail", "bob@example.com")
	info := "# Server\r\nredis_version:7.0.15\r\nuptime_in_seconds:93784\r\nconfig_file:/etc/redis/redis.conf\r\n\r\n" +
		"# Memory\r\nused_memory:1048576\r\nused_memory_human:1.00M\r\nused_memory_rss:17825792\r\nmem_fragmentation_ratio:1.20\r\n" +
		"maxmemory:0\r\n\r\n# Persistence\r\nrdb_last_save_time:1699990000\r\nlatest_fork_usec:1234\r\n\r\n# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0\r\n"
	client := func(id, port, age int, name, cmd string) string {
		return fmt.Sprintf("id=%d addr=127.0.0.1:%d laddr=127.0.0.1:6379 fd=%d name=%s age=%d idle=%d flags=N db=0 sub=0 qbuf=26 "+
			"tot-mem=22298 events=r cmd=%s user=default resp=2\n", id, port, id+5, name, age, age/2, cmd)
	}
	nodes := "07c37dfeb235213a872192d90877d0cd55635b91 127.0.0.1:30004@31004,host slave e7d1eecce10fd6bb5eb35b9f99a514335d9ba9ca 0 1699999990317 4 connected\n" +
		"e7d1eecce10fd6bb5eb35b9f99a514335d9ba9ca 127.0.0.1:30001@31001 myself,master - 0 0 1 connected 0-5460 [93->-07c37dfeb235213a872192d90877d0cd55635b91]\n"
	slow := func(id, at, took int, words ...string) string {
		return array(integer(int64(id)), integer(int64(at)), integer(int64(took)), array(bulks(words...)...), bulk("127.0.0.1:58217"), bulk(""))
	}
	return []struct {
		name string
		how  How
		wire string
	}{
		{"pairs", Pairs, array(person...)},
		{"pairs-3", Pairs, aggregate('%', person...)},
		{"pairs-none", Pairs, "*0\r\n"},
		{"pairs-none-3", Pairs, "%0\r\n"},
		{"pairs-one", Pairs, array(bulks("field", "value")...)},
		{"pairs-odd", Pairs, array(bulks("a", "b", "c")...)},
		{"pairs-of-twos", Pairs, array(array(bulks("a", "1")...), array(bulks("bcd", "2")...))},
		{"pairs-of-twos-but-one", Pairs, array(array(bulks("a", "1")...), array(bulks("x", "y", "z")...), bulk("lone"), array(bulks("bcd", "2")...))},
		{"pairs-error", Pairs, "-ERR no\r\n"},
		{"pairs-error-inside", Pairs, array(bulk("a"), "-ERR no\r\n", "-ERR key\r\n", bulk("b"))},
		{"pairs-nil", Pairs, "*-1\r\n"},
		{"pairs-long-key", Pairs, array(bulks("a", "1", long, "2", "bcd", long)...)},
		{"pairs-nested-3", Pairs, aggregate('%', bulk("a"), array(bulks("x", "y")...), bulk("long"), aggregate('%', bulk("k"), ":1\r\n", bulk("key"), ":2\r\n"), "#t\r\n", bulk("t"))},
		{"facts", Facts, array(bulks("maxmemory", "104857600", "repl-backlog-size", "1048576", "maxmemory-policy", "noeviction", "list-max-listpack-size", "-2")...)},
		{"facts-3", Facts, aggregate('%', bulk("peak.allocated"), ":1343288\r\n", bulk("db.0"), aggregate('%', bulk("overhead.hashtable.main"), ":2048\r\n"), bulk("keys.count"), ":40000\r\n")},
		{"fact-records", FactRecords, array(array(bulk("name"), bulk("c"), bulk("idle"), ":93784000\r\n"))},
		{"not-facts", Pairs, array(bulks("maxmemory", "104857600")...)},
		{"nested", NestedFacts, array(bulk("peak"), ":1\r\n", bulk("db.0"), array(bulk("overhead"), ":72\r\n", bulk("x"), ":5\r\n"), bulk("keys"), ":4\r\n")},
		{"map-in-any-reply", AsReply, array(aggregate('%', bulk("k"), ":1\r\n", bulk("key"), ":2\r\n"), "~1\r\n+s\r\n")},
		{"streamed-map", AsReply, "%?\r\n" + bulk("k") + ":1\r\n" + bulk("key") + ":2\r\n.\r\n"},
		{"scores", Scored, array(bulks("alice", "100", "bob", "12.5", "eve", "-inf", "x", "odd")...)},
		{"scores-3", Scored, array(array(bulk("alice"), double("100")), array(bulk("bob"), double("12.5")), array(bulk("eve"), double("-inf")))},
		{"scores-one-3", Scored, array(bulk("alice"), double("100"))},
		{"scores-page", ScoredRecords, array(bulk("0"), array(bulks("alice", "100", "bob", "12.5")...))},
		{"page", Records, array(bulk("17"), array(bulks("field", "value", "f", "v")...))},
		{"page-empty", Records, array(bulk("0"), "*0\r\n")},
		{"entries", Entries, array(entry("1699999990317-0", "field", "value", "f", "v"), entry("5-1", "a", "1"), array(bulk("6-0"), "*-1\r\n"))},
		{"entries-one", Entries, array(entry("1699999990317-0", "field", "value"))},
		{"entries-none", Entries, "*0\r\n"},
		{"entries-ids", Entries, array(bulks("1699999990317-0", "1-0")...)},
		{"entries-odd", Entries, array(entry("1699999990317-0", "field", "value", "x"), array(bulk("7-0"), array(bulks("f", "v")...), ":1\r\n"))},
		{"streams", Streams, array(array(bulk("s"), array(entry("1699999990317-0", "f", "v"))), array(bulk("tt"), array(entry("1-0", "a", "1", "bc", "2"), entry("2-0", "a", "1"))))},
		{"streams-3", Streams, aggregate('%', bulk("s"), array(entry("1699999990317-0", "f", "v")), bulk("tt"), array(entry("1-0", "a", "1", "bc", "2")))},
		{"claimed", EntryRecords, array(bulk("0-0"), array(entry("1699999990317-0", "f", "v", "g", "w")), array(bulks("1-0", "2-0")...))},
		{"records", Records, array(array(bulk("name"), bulk("g"), bulk("consumers"), ":1\r\n"), array(bulk("name"), bulk("h"), bulk("pending"), ":2\r\n"))},
		{"seconds", Seconds, integer(93784)},
		{"seconds-short", Seconds, integer(42)},
		{"seconds-none", Seconds, integer(-1)},
		{"seconds-no-key", Seconds, integer(-2)},
		{"seconds-of-fields", Seconds, array(integer(93784), integer(-2), integer(60))},
		{"seconds-error", Seconds, "-ERR\r\n"},
		{"milliseconds", Milliseconds, integer(1540)},
		{"unix", UnixSeconds, integer(1700007384)},
		{"unix-past", UnixSeconds, integer(1690000000)},
		{"unix-far", UnixSeconds, integer(1 << 60)},
		{"unix-milliseconds", UnixMilliseconds, integer(1700000000999)},
		{"clock", Clock, array(bulks("1699999999", "123456")...)},
		{"bytes", Bytes, integer(17091788)},
		{"bytes-few", Bytes, integer(72)},
		{"info", InfoText, bulk(info)},
		{"info-3", InfoText, verbatim("txt", info)},
		{"info-odd", InfoText, bulk("no colon here\n:\n# \nname:\n" + long + ":1\n")},
		{"info-none", InfoText, bulk("")},
		{"info-error", InfoText, "-ERR no\r\n"},
		{"clients", ClientLines, bulk(client(3, 50001, 93784, "", "client|list") + client(14, 50002, 12, "worker", "get") + client(150, 50003, 0, "", "ping"))},
		{"clients-one", ClientLines, bulk(client(3, 50001, 93784, "", "client|list"))},
		{"client", ClientLine, verbatim("txt", client(3, 50001, 93784, "", "client|info"))},
		{"clients-odd", ClientLines, bulk("id=1 what x=1 x=2 =\nid=2\n\nno fields\n")},
		{"clients-none", ClientLines, bulk("")},
		{"nodes", ClusterNodes, bulk(nodes)},
		{"nodes-odd", ClusterNodes, bulk("a b c\n" + nodes)},
		{"slow", SlowCommands, array(slow(14, 1699999000, 15000, "KEYS", "*"), slow(3, 1690000000, 2345678, "SET", "a key", long))},
		{"slow-none", SlowCommands, "*0\r\n"},
		{"slow-odd", SlowCommands, array(":1\r\n", "*0\r\n", array(integer(1), "*0\r\n", array(bulk("x")), array(array(bulk("[")), ":2\r\n", "$-1\r\n", "-ERR\r\n"), bulk("c"), bulk("n"), bulk("more"), aggregate('%', "#t\r\n", "+OK\r\n")))},
		{"latency", LatencyEvents, array(array(bulk("command"), integer(1699999000), integer(200), integer(1001)), array(bulk("fork"), integer(1699990000), integer(2), integer(3)))},
		{"samples", LatencySamples, array(array(integer(1699999000), integer(200)), array(integer(1699999001), integer(2)))},
		{"report", Verbatim, bulk("Sam, I detected\na few issues\n")},
		{"strings", AsReply, array(bulks("a", "caf\u00e9", "\x1b[31m")...)},
	}
}

// TestPersonSees compares with what was seen, and read, before.
func TestPersonSees(t *testing.T) {
	var seen strings.Builder
	for _, c := range personCases() {
		widths := []int{100, 40}
		for i, width := range widths {
			printed := printWire(t, way{opts: personAt(width, DecodeNothing), how: c.how}, c.wire, len(c.wire), 0)
			if i > 0 && printed == printWire(t, way{opts: personAt(widths[0], DecodeNothing), how: c.how}, c.wire, len(c.wire), 0) {
				continue
			}
			fmt.Fprintf(&seen, "=== %s %d\n%s", c.name, width, printed)
			for _, piece := range []int{1, 3} {
				if got := printWire(t, way{opts: personAt(width, DecodeNothing), how: c.how}, c.wire, 1, piece); got != printed {
					t.Errorf("%s in pieces of %d:\n got %s\nwant %s", c.name, piece, got, printed)
				}
			}
		}
	}
	checkSeen(t, "person.golden", seen.String())
}

// checkSeen compares with a file of testdata.
func checkSeen(t *testing.T, name, seen string) {
	t.Helper()
	file := filepath.Join(goldenDir, name)
	if *update {
		if err := os.WriteFile(file, []byte(seen), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if seen == string(want) {
		return
	}
	got, wanted := strings.Split(seen, "=== "), strings.Split(string(want), "=== ")
	for i := range max(len(got), len(wanted)) {
		if i >= len(got) || i >= len(wanted) || got[i] != wanted[i] {
			t.Fatalf("got %q\nwant %q", got[min(i, len(got)-1)], wanted[min(i, len(wanted)-1)])
		}
	}
}

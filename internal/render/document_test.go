package render

import (
	"encoding/json"
	"strings"
	"testing"
)

const infoSample = "# Server\r\nredis_version:7.0\r\nredis_git_sha1:12345678\r\nuptime_in_seconds:17\r\nlru_clock:00012\r\n" +
	"executable:/usr/bin/a=b\r\n\r\n# Memory\r\nmem_fragmentation_ratio:1.25\r\nused_memory_human:1.5M\r\nbig:18446744073709551615\r\n" +
	"huge:184467440737095516150000\r\nempty:\r\n# Modules\r\nmodule:name=search,ver=20804,using=[a|b]\r\nmodule:name=7,ver=1\r\nafter:1\r\n" +
	"# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0\r\nodd line\r\nbytes:\xff\"\r\n"

func TestDocuments(t *testing.T) {
	const client = "id=3 addr=127.0.0.1:5 laddr=127.0.0.1:6 name=12 age=0 flags=N user=default lib-ver=1.0 cmd=client|list resp=3"
	const clientJSON = `{"id":3,"addr":"127.0.0.1:5","laddr":"127.0.0.1:6","name":"12","age":0,"flags":"N","user":"default",` +
		`"lib-ver":"1.0","cmd":"client|list","resp":3}`
	for _, c := range []struct {
		name string
		how  How
		text string
		want string
	}{
		{"info", InfoText, infoSample, `{"server":{"redis_version":"7.0","redis_git_sha1":"12345678","uptime_in_seconds":17,"lru_clock":"00012",` +
			`"executable":"/usr/bin/a=b"},"memory":{"mem_fragmentation_ratio":1.25,"used_memory_human":"1.5M","big":18446744073709551615,` +
			`"huge":"184467440737095516150000","empty":""},"modules":{"module":[{"name":"search","ver":20804,"using":"[a|b]"},{"name":"7","ver":1}],"after":1},` +
			`"keyspace":{"db0":{"keys":1,"expires":0,"avg_ttl":0},"odd line":"","bytes":"\u00ff\""}}`},
		{"cluster info", InfoText, "cluster_state:ok\r\ncluster_slots_assigned:16384\r\n", `{"cluster_state":"ok","cluster_slots_assigned":16384}`},
		{"no info", InfoText, "", `{}`},
		{"module last", InfoText, "# M\nmodule:name=a", `{"m":{"module":[{"name":"a"}]}}`},
		{"clients", ClientLines, client + "\n" + client + "\n", "[" + clientJSON + "," + clientJSON + "]"},
		{"no clients", ClientLines, "", "[]"},
		{"client", ClientLine, client + "\n", clientJSON},
		{"nodes", ClusterNodes, "07c3 127.0.0.1:30004@31004,host.name,shard-id=69bc slave,fail? e7d1 0 1426238317239 4 connected\n" +
			"e7d1 ::1:30001@31001 myself,master - 0 0 1 connected 0-5460 5462 [93-<-292f] [77->-e7d1]\nvir :0 noflags - 0 0 0 disconnected\nodd\n",
			`[{"id":"07c3","addr":"127.0.0.1:30004","bus_port":31004,"hostname":"host.name","shard-id":"69bc","flags":["slave","fail?"],"master":"e7d1",` +
				`"ping_sent":0,"pong_recv":1426238317239,"config_epoch":4,"link_state":"connected","slots":[]},` +
				`{"id":"e7d1","addr":"::1:30001","bus_port":31001,"flags":["myself","master"],"master":null,"ping_sent":0,"pong_recv":0,"config_epoch":1,` +
				`"link_state":"connected","slots":[[0,5460],[5462,5462]],"moves":[{"slot":93,"importing_from":"292f"},{"slot":77,"migrating_to":"e7d1"}]},` +
				`{"id":"vir","addr":":0","flags":[],"master":null,"ping_sent":0,"pong_recv":0,"config_epoch":0,"link_state":"disconnected","slots":[]},"odd"]`},
	} {
		if !json.Valid([]byte(c.want)) {
			t.Fatalf("%s: the test itself: %s", c.name, c.want)
		}
		for _, piece := range []int{0, 1, 7} {
			for _, wire := range []string{bulk(c.text), verbatim("txt", c.text)} {
				if got := printWire(t, way{opts: Options{Format: JSON}, how: c.how}, wire, 5, piece); got != c.want+"\n" {
					t.Errorf("%s in pieces of %d:\n got %s\nwant %s", c.name, piece, got, c.want)
				}
			}
		}
		if got := print(t, Options{}, c.how, bulk(c.text)); got != c.text {
			t.Errorf("%s for people: %q", c.name, got)
		}
		if got := print(t, Options{Format: CSV}, c.how, bulk(c.text)); got != c.text {
			t.Errorf("%s as CSV: %q", c.name, got)
		}
	}
}

func TestDocumentsThatAreNone(t *testing.T) {
	for how := Verbatim; how <= ClusterNodes; how++ {
		for wire, want := range map[string]string{
			"-NOPERM x\r\n":      `{"error":"NOPERM x"}`,
			"+QUEUED\r\n":        `"QUEUED"`,
			"$-1\r\n":            `null`,
			"*1\r\n+a:1\r\n":     `["a:1"]`,
			"%1\r\n+a\r\n:1\r\n": `{"a":1}`,
		} {
			if got := print(t, Options{Format: JSON}, how, wire); got != want+"\n" {
				t.Errorf("%q: %s, want %s", wire, got, want)
			}
		}
	}
}

// TestLinesTooLong gives a document lines that are not held in memory.
func TestLinesTooLong(t *testing.T) {
	if slow {
		t.Skip("too long under the race detector, which has nothing to find here")
	}
	long := "name=" + strings.Repeat("\x01", maxLine+5) + "\xc3\xa9\r\n"
	for how := InfoText; how <= ClusterNodes; how++ {
		text := "a=1 b\n" + long + "c=2 d\n"
		got := print(t, Options{Format: JSON}, how, bulk(text))
		if !json.Valid([]byte(got)) || !strings.Contains(got, `\u0001`+"\u00e9") || !strings.Contains(got, "c") {
			t.Errorf("as %d: %.60s … %s", how, got, got[len(got)-60:])
		}
		if got = print(t, Options{Format: JSON}, how, bulk(long[:len(long)-2])); !json.Valid([]byte(got)) {
			t.Errorf("as %d at the end: %.60s … %s", how, got, got[len(got)-60:])
		}
	}
}

package cluster

import (
	"fmt"
	"strings"
	"testing"
)

// line is a topology in a line a shard: slots master id | replicas.
func line(t topology) string {
	var all []string
	for _, s := range t {
		text := ""
		for _, r := range s.slots {
			text += fmt.Sprintf("%d-%d ", r.first, r.last)
		}
		text += s.master.addr + "=" + s.master.id
		for _, p := range s.replicas {
			text += " | " + p.addr + "=" + p.id
			if p.lost {
				text += " lost"
			}
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

// bulks is the wire form of strings, a number being an integer.
func bulks(text string) string {
	var wire strings.Builder
	for word := range strings.FieldsSeq(text) {
		switch {
		case strings.IndexByte("*%:", word[0]) >= 0 && !strings.HasPrefix(word, "::"):
			wire.WriteString(word + "\r\n")
		case word == `""`:
			wire.WriteString("$0\r\n\r\n")
		case word == "nil":
			wire.WriteString("$-1\r\n")
		default:
			fmt.Fprintf(&wire, "$%d\r\n%s\r\n", len(word), word)
		}
	}
	return wire.String()
}

func TestReadSlots(t *testing.T) {
	tests := []struct{ name, reply, want string }{
		{"as Redis 3 tells it", "*2 *4 :0 :99 *2 10.0.0.1 :7000 *2 10.0.0.2 :7001 *3 :100 :100 *2 10.0.0.3 :7002",
			"0-99 10.0.0.1:7000= | 10.0.0.2:7001=; 100-100 10.0.0.3:7002="},
		{"with names", "*1 *3 :0 :1 *3 h.example :7000 abc", "0-1 h.example:7000=abc"},
		{"an empty host", `*1 *3 :0 :1 *3 "" :7000 abc`, "0-1 asked:7000=abc"},
		{"no host", "*1 *3 :0 :1 *4 nil :7000 abc *0", "0-1 asked:7000=abc"},
		{"a name that is not known", "*1 *3 :0 :1 *4 ? :7000 abc *0", "0-1 asked:7000=abc"},
		{"and an address that is", "*1 *3 :0 :1 *4 ? :7000 abc *2 ip 10.0.0.9", "0-1 10.0.0.9:7000=abc"},
		{"the same in RESP3", "*1 *3 :0 :1 *4 ? :7000 abc %1 ip 10.0.0.9", "0-1 10.0.0.9:7000=abc"},
		{"IPv6", "*1 *3 :0 :1 *3 ::1 :7000 abc", "0-1 [::1]:7000=abc"},
		{"a host that is none", "*1 *4 :0 :1 *3 ok :7000 abc *3 a\x1b[2J :7000 abc", "0-1 ok:7000=abc"},
		{"a port that is none", "*1 *4 :0 :1 *3 ok :7000 abc *3 h :0 abc", "0-1 ok:7000=abc"},
		{"nobody has any", "*0", ""},
	}
	for _, test := range tests {
		got, err := source{host: "asked"}.readSlots(values(t, bulks(test.reply))[0])
		if err != nil || line(got) != test.want {
			t.Errorf("%s: %s, %v, want %s", test.name, line(got), err, test.want)
		}
	}
	for _, reply := range []string{"+OK", "*1 :1", "*1 *3 :0 :16384 *2 h :1", "*1 *3 :5 :4 *2 h :1", "*1 *3 :-1 :4 *2 h :1", "*1 *3 x :4 *2 h :1"} {
		if got, err := (source{}).readSlots(values(t, bulks(reply))[0]); err == nil {
			t.Errorf("%s is taken for %s", reply, line(got))
		}
	}
}

func TestReadShards(t *testing.T) {
	const nodes = "*2 %%7 id abc port :7000 ip 10.0.0.1 endpoint %s role master replication-offset :1 health %s " +
		"%%8 id def port :7001 tls-port :8001 ip 10.0.0.2 endpoint 10.0.0.2 role replica replication-offset :1 health %s"
	tests := []struct {
		name, reply string
		tls         bool
		want        string
	}{
		{"in RESP3", "*1 %2 slots *4 :0 :9 :20 :20 nodes " + fmt.Sprintf(nodes, "10.0.0.1", "online", "online"), false,
			"0-9 20-20 10.0.0.1:7000=abc | 10.0.0.2:7001=def"},
		{"in RESP2", "*1 *4 slots *2 :0 :9 nodes *1 *14 id abc port :7000 ip 10.0.0.1 endpoint 10.0.0.1 role master replication-offset :1 health online",
			false, "0-9 10.0.0.1:7000=abc"},
		{"with TLS", "*1 %2 slots *2 :0 :9 nodes " + fmt.Sprintf(nodes, "10.0.0.1", "online", "loading"), true,
			"0-9 10.0.0.1:7000=abc | 10.0.0.2:8001=def"},
		{"without an endpoint", "*1 %2 slots *2 :0 :9 nodes " + fmt.Sprintf(nodes, "nil", "online", "fail"), false,
			"0-9 asked:7000=abc | 10.0.0.2:7001=def lost"},
		{"with a host name that is not set", "*1 %2 slots *2 :0 :9 nodes " + fmt.Sprintf(nodes, "?", "online", "fail"), false,
			"0-9 10.0.0.1:7000=abc | 10.0.0.2:7001=def lost"},
		{"after a failover", "*1 %2 slots *2 :0 :9 nodes " +
			strings.Replace(fmt.Sprintf(nodes, "10.0.0.1", "fail", "online"), "role replica", "role master", 1), false,
			"0-9 10.0.0.2:7001=def"},
		{"while the only master is lost", "*1 %2 slots *2 :0 :9 nodes " + fmt.Sprintf(nodes, "10.0.0.1", "fail", "online"), false,
			"0-9 10.0.0.1:7000=abc | 10.0.0.2:7001=def"},
		{"a shard without slots", "*1 %2 slots *0 nodes " + fmt.Sprintf(nodes, "10.0.0.1", "online", "online"), false,
			"10.0.0.1:7000=abc | 10.0.0.2:7001=def"},
	}
	for _, test := range tests {
		got, err := source{host: "asked", tls: test.tls}.readShards(values(t, bulks(test.reply))[0])
		if err != nil || line(got) != test.want {
			t.Errorf("%s: %s, %v, want %s", test.name, line(got), err, test.want)
		}
	}
	for _, reply := range []string{"+OK", "*1 :1", "*1 %1 slots *2 :0 :1", "*1 %2 slots *2 :0 :99999 nodes *0"} {
		if got, err := (source{}).readShards(values(t, bulks(reply))[0]); err == nil {
			t.Errorf("%s is taken for %s", reply, line(got))
		}
	}
}

package manual

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// next is what can stand behind the last blank of a line, in a form for comparison: the candidates,
// and what is wanted.
func next(line string) string {
	words := strings.Fields(line)
	partial := ""
	if line != "" && !strings.HasSuffix(line, " ") {
		partial = words[len(words)-1]
		words = words[:len(words)-1]
	}
	n := Embedded().Next(words, partial)
	var texts []string
	for _, c := range n.Candidates {
		texts = append(texts, c.Text)
	}
	text := strings.Join(texts, " ")
	if n.Wants.What != Nothing {
		text += fmt.Sprintf("; %s %s %s", whatNames[n.Wants.What], n.Wants.Type, n.Wants.Key)
	}
	return strings.TrimSpace(text)
}

var whatNames = map[What]string{
	KeyName: "key", Field: "field", Member: "member", Group: "group", ConfigName: "config", InfoSection: "section",
	ACLCategory: "category", ACLRule: "rule", CommandName: "command", Channel: "channel", ClientID: "client",
	Number: "number", Value: "value",
}

func TestNext(t *testing.T) {
	for line, want := range map[string]string{
		// Names, in the case of what is typed.
		"GETR":       "GETRANGE",
		"getr":       "getrange",
		"gEtR":       "getrange",
		"config ":    "get help resetstat rewrite set",
		"CONFIG RE":  "RESETSTAT REWRITE",
		"CONFIG re":  "resetstat rewrite",
		"nosuch ":    "",
		"help geos":  "geosearch geosearchstore",
		"help @s":    "@scripting @search @sentinel @server @set @sorted-set @stream @string @suggestion",
		"? config r": "resetstat rewrite",

		// Keys, where internal/command has them, of the type of the group.
		"get ":                        "; key string",
		"LPUSH ":                      "; key list",
		"zadd ":                       "; key zset",
		"geoadd ":                     "; key zset",
		"del a ":                      "; key",
		"object encoding ":            "; key",
		"xadd ":                       "; key stream",
		"zunion 2 a ":                 "weights aggregate withscores; key zset",
		"zunion 1 a ":                 "weights aggregate withscores",
		"eval s 1 ":                   "; key",
		"eval s 0 ":                   "; value",
		"xread streams ":              "; key stream",
		"migrate h 1 ":                `""; key`,
		"sort k store ":               "; key",
		"bitop and ":                  "; key string",
		"get k ":                      "",
		"json.get ":                   "; key ReJSON-RL",
		"xnack ":                      "; key stream", // its syntax is not known
		"xnack s ":                    "",
		"georadius g 1 2 3 m store a": "; key zset",

		// Tokens, in any order and each once.
		"SET k v ":               "NX XX GET EX PX EXAT PXAT KEEPTTL",
		"set k v ":               "nx xx get ex px exat pxat keepttl",
		"set k v P":              "PX PXAT",
		"SET k v nx ":            "GET EX PX EXAT PXAT KEEPTTL",
		"SET k v EX ":            "; number",
		"SET k v EX 5 ":          "NX XX GET",
		"SET k v EX five ":       "",
		"SET k v FOO ":           "",
		"ZADD z ":                "NX XX GT LT CH INCR; number",
		"LMOVE a b ":             "LEFT RIGHT",
		"LMOVE a b left r":       "right",
		"BITFIELD_RO k GET u 0 ": "GET",
		"cluster setslot 5 ":     "importing migrating node stable",
		"client list type ":      "normal master replica pubsub",
		"HEXPIRE h 5 ":           "NX XX GT LT FIELDS",
		"sort k limit 0 1 d":     "desc",

		// What servers know.
		"hget h ":               "; field hash h",
		"hset h f v ":           "; field hash h",
		"hexpire h 5 fields 1 ": "; field hash h",
		"srem s a ":             "; member set s",
		"geodist g a ":          "; member zset g",
		"zscore z ":             "; member zset z",
		"smove a b ":            "; member set a",
		"xack s ":               "; group stream s",
		"xinfo consumers s ":    "; group stream s",
		"xreadgroup group ":     "; value",
		"config get ":           "; config",
		"config set a ":         "; value",
		"config set a 1 max":    "; config",
		"info key":              "keysizes keyspace; section",
		"info cpu mem":          "memory; section",
		"acl cat str":           "stream string; category",
		"acl setuser u +@str":   "+@stream +@string; rule",
		"acl setuser u -@al":    "-@all; rule",
		"acl setuser u on nop":  "nopass; rule",
		"subscribe ":            "; channel",
		"psubscribe ":           "; channel",
		"publish ":              "; channel",
		"client kill id ":       "; client",
		"client unblock ":       "; client",
		"client kill skipme ":   "yes no; value",
		"scan 0 type z":         "zset; value",
		"command docs zran":     "zrandmember zrange zrangebylex zrangebyscore zrangestore zrank; command",
		"expire k ":             "; number",
	} {
		if got := next(line); got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
	all := Embedded().Next(nil, "")
	if len(all.Candidates) < 300 || all.Candidates[0].Text != "ACL" || all.Candidates[0].Description == "" {
		t.Errorf("%d candidates, the first is %v", len(all.Candidates), all.Candidates[0])
	}
	described := Embedded().Next([]string{"SET", "k", "v"}, "EX").Candidates
	if !slices.Equal(described, []Candidate{{"EX", "seconds"}, {"EXAT", "unix-time-seconds"}}) {
		t.Errorf("got %v", described)
	}
}

func BenchmarkNext(b *testing.B) {
	Embedded()
	words := strings.Fields("SET key value EX 10")
	b.ReportAllocs()
	for b.Loop() {
		Embedded().Next(words, "")
	}
}

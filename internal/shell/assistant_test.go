package shell

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/lineeditor"
	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

// styles are the letters that stand for styles in tests.
const styles = ".csTk\"#!~*"

// painted is a text with a letter below each byte.
func painted(a *Assistant, text string) string {
	marks := []byte(strings.Repeat(".", len(text)))
	for _, s := range a.Paint(text) {
		for i := s.From; i < s.To; i++ {
			marks[i] = styles[s.Style]
		}
	}
	return string(marks)
}

func TestPaint(t *testing.T) {
	if lineeditor.Secret != lineeditor.Style(len(styles)-1) {
		t.Fatal("the letters are not those of the styles")
	}
	a := NewAssistant(NewScout())
	for text, want := range map[string]string{
		"":                         "",
		"get":                      "ccc",
		"ge":                       "..", // may become GET
		"gex":                      "!!!",
		"nosuch a":                 "!!!!!!..",
		"get a ":                   "ccc.k.",
		"get a b":                  "ccc.k.!", // one too many
		"set k v ex 10 nx":         "ccc.k...TT.##.TT",
		`set k "a b"`:              `ccc.k."""""`,
		"3 incr n":                 "#.cccc.k",
		"config set maxmemory 1":   "cccccc.sss...........#",
		"config nosuch ":           "cccccc.!!!!!!.",
		"config se":                "cccccc...",
		"expire k abc ":            "cccccc.k.!!!.", // should be a number
		"expire k ab":              "cccccc.k...",   // may become one? it is being typed
		"get a\nset b 1":           "ccc.k.ccc.k.#",
		"help get":                 "cccc....",
		":peek k":                  "ccccc..",
		":nosuch":                  "!!!!!!!",
		"auth hunter2":             "cccc.*******",
		"auth u hunter2":           "cccc...*******",
		"config set requirepass x": "cccccc.sss.............*",
		"mget a b":                 "cccc.k.k",
		"eval 'return 1' 2 a b c":  `cccc."""""""""".#.k.k..`,
		"zadd z 1.5 m":             "cccc.k.###..",
		`get "a"b`:                 "ccc.!!!!",
	} {
		if got := painted(a, text); got != want {
			t.Errorf("%q is painted\n%s, want\n%s", text, got, want)
		}
	}
}

func TestHint(t *testing.T) {
	a := NewAssistant(NewScout())
	for text, want := range map[string]string{
		"": "", "get": "", "get ": "key", "get k": " key", "get k ": "", "set k v ex ": "seconds [NX|XX] [GET]", "nosuch ": "did you mean TOUCH?", "xyzzyx ": "", "gett ": "did you mean GET?",
		`get "a`: `  " ends it; Enter begins another row`, "get a\nget ": "key", "abc\n": "", "get k |cat": "  with a blank behind the | the reply goes there", "get k > f": "", ":peek ": "", "3 get ": "key",
	} {
		if got := a.Hint(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	a.hints.Store(false)
	if got := a.Hint("get "); got != "" {
		t.Errorf("with hints off: %q", got)
	}
}

// completed is what could stand at the end of a text, and which part of it that replaces.
func completed(a *Assistant, text string) string {
	c := a.Complete(context.Background(), text, len(text))
	var all []string
	for _, candidate := range c.Candidates {
		all = append(all, candidate.Text)
	}
	return fmt.Sprintf("%s -> %s", text[c.From:c.To], strings.Join(all, " "))
}

func TestComplete(t *testing.T) {
	server := resptest.Server(t)
	server.Do("MSET", "user:1", "a", "user:2", "b", "with space", "c", "a*b", "d", "日本", "e")
	server.Do("HSET", "user:hash", "name", "x", "nick name", "y")
	server.Do("SADD", "set", "m1", "m2", "o")
	server.Do("ZADD", "zset", "1", "z1")
	server.Do("XADD", "stream", "*", "a", "b")
	server.Do("XGROUP", "CREATE", "stream", "grp", "0")
	scout := NewScout()
	scout.Follow(pipeclient.Config{Addr: server.Addr}, pipeclient.Dial)
	defer scout.Close()
	<-scout.News()
	a := NewAssistant(scout)
	a.testOnlyPatience = time.Minute
	for text, want := range map[string]string{
		"getd":                    "getd -> getdel",
		"GETD":                    "GETD -> GETDEL",
		"config g":                "g -> get",
		"get user:":               "user: -> user:1 user:2",
		"mget user:1 wi":          `wi -> "with space"`,
		`get "wi`:                 `"wi -> "with space"`,
		"get a*":                  "a* -> a*b",
		"get 日":                   "日 -> 日本",
		"hget us":                 "us -> user:hash",
		"hget user:hash n":        `n -> name "nick name"`,
		"srem set m":              "m -> m1 m2",
		"zscore zset ":            " -> z1",
		"xreadgroup group ":       " -> ",
		"xinfo consumers stream ": " -> grp",
		"config get maxmemory-p":  "maxmemory-p -> maxmemory-policy",
		"info mem":                "mem -> memory",
		":pee":                    ":pee -> :peek",
		"3 getd":                  "getd -> getdel",
		"get user:1\ngetd":        "getd -> getdel",
		"help getd":               "getd -> getdel",
	} {
		if got := strings.TrimPrefix(completed(a, text), " -> "); got != strings.TrimPrefix(want, " -> ") {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	a.quiet.Store(true)
	if got := completed(a, "get user:"); got != "user: -> " {
		t.Errorf("inside a transaction: %s", got)
	}
	a.quiet.Store(false)
	a.keys.Store(false)
	if got := completed(a, "get user:"); got != "user: -> " {
		t.Errorf("with keys off: %s", got)
	}
}

// What is typed while the server does not answer has to be possible: nobody waits for the network.
func TestCompletionGivesUpInTime(t *testing.T) {
	held := make(chan struct{})
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Next()
		close(held)
		c.Hold()
	})
	scout := NewScout()
	scout.Follow(pipeclient.Config{Addr: peer.Addr}, pipeclient.Dial)
	defer scout.Close()
	<-held
	if got := completed(NewAssistant(scout), "get user:"); got != "user: -> " {
		t.Errorf("got %s", got)
	}
}

// In a cluster the names of all keys are offered, and fields wherever their key is.
func TestCompleteInACluster(t *testing.T) {
	redis := resptest.SharedCluster(t)
	redis.Do("SET", "user:a", "1") // at three masters
	redis.Do("SET", "user:b", "1")
	redis.Do("SET", "user:c", "1")
	for _, key := range []string{"h1", "h2", "h3"} {
		redis.Do("HSET", key, "field", "1")
	}
	scout := NewScout()
	scout.Whole(&cluster.Config{})
	scout.Follow(pipeclient.Config{Addr: redis.Addr()}, pipeclient.Dial)
	defer scout.Close()
	<-scout.News()
	a := NewAssistant(scout)
	a.testOnlyPatience = time.Minute
	if _, err := scout.AboutKeys(context.Background(), "DBSIZE"); err != nil { // all nodes are known from here on
		t.Fatal(err)
	}
	for text, want := range map[string]string{"get user:": "user: -> user:a user:b user:c", "hget h1 f": "f -> field", "hget h2 f": "f -> field", "hget h3 f": "f -> field"} {
		if got := completed(a, text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

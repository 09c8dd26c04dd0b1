package bulk

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

// repliesTo is the file of a load whose replies are wanted.
func repliesTo(t *testing.T, path *string) func(*Config) {
	*path = filepath.Join(t.TempDir(), "replies")
	return func(c *Config) { c.Replies = *path }
}

// linesOf checks that a file holds lines of JSON, and returns what each says about its command.
func linesOf(t *testing.T, path string) (lines []replyLine) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	in := bufio.NewReader(file)
	for {
		text, err := in.ReadBytes('\n')
		if len(text) == 0 {
			return lines
		}
		var line replyLine
		if jsonErr := json.Unmarshal(text, &line); jsonErr != nil || err != nil {
			t.Fatalf("line %d: %v, %v: %.200q", len(lines)+1, jsonErr, err, text)
		}
		lines = append(lines, line)
	}
}

type replyLine struct {
	N, Line int64
	Reply   json.RawMessage
	Error   *string
	Part    bool
}

func TestRepliesAreWrittenAsLinesOfJSON(t *testing.T) {
	s := resptest.Shared(t)
	var path string
	in := `SET a "\x00\xff\"\\é"
GET a
# a comment
GET nothing
RPUSH l 1 two
LRANGE l 0 -1
LPUSH a x
INCR n
MULTI
SET b 1
LPUSH a x
EXEC
MULTI
NOSUCH
EXEC
`
	o := loadText(t, s, in, repliesTo(t, &path))
	got, _ := os.ReadFile(path)
	want := `{"n":1,"line":1,"reply":"OK"}
{"n":2,"line":2,"reply":"\u0000\u00ff\"\\é"}
{"n":3,"line":4,"reply":null}
{"n":4,"line":5,"reply":2}
{"n":5,"line":6,"reply":["1","two"]}
{"n":6,"line":7,"error":"WRONGTYPE Operation against a key holding the wrong kind of value"}
{"n":7,"line":8,"reply":1}
{"n":8,"line":9,"reply":"OK"}
{"n":9,"line":10,"reply":"QUEUED"}
{"n":10,"line":11,"reply":"QUEUED"}
{"n":11,"line":12,"reply":["OK",{"error":"WRONGTYPE Operation against a key holding the wrong kind of value"}]}
{"n":12,"line":13,"reply":"OK"}
{"n":13,"line":14,"error":"ERR unknown command 'NOSUCH', with args beginning with: "}
{"n":14,"line":15,"error":"EXECABORT Transaction discarded because of previous errors."}
`
	if string(got) != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if o.Replies != 14 || o.Errors != 4 || strings.Count(o.err, "\n") != 4 {
		t.Errorf("%+v", o)
	}
	plain := loadText(t, s, strings.Replace(in, "SET a", "FLUSHALL\nSET a", 1))
	if plain.Errors != 4 {
		t.Errorf("%+v", plain)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Error(info.Mode())
	}
	if o := loadText(t, s, "GET a\n", func(c *Config) { c.Replies = path }); !errors.As(o.end, new(*OutputError)) || o.Sent != 0 {
		t.Errorf("a file that is there: %+v", o)
	}
}

func TestRepliesOfRESP3AndOfRESPInput(t *testing.T) {
	s := resptest.Shared(t)
	s.Do("HSET", "h", "f", "v")
	var path string
	in := resptest.Command("HGETALL", "h") + resptest.Command("GET", "x") + resptest.Command("CLIENT", "TRACKING", "ON") +
		resptest.Command("GET", "h2") + resptest.Command("SET", "h2", "1") + resptest.Command("EVAL", "return {double=3.5}", "0")
	o := loadText(t, s, in, repliesTo(t, &path), verified, func(c *Config) { c.Client.Proto = 3 })
	got, _ := os.ReadFile(path)
	want := `{"n":1,"reply":{"f":"v"}}
{"n":2,"reply":null}
{"n":3,"reply":"OK"}
{"n":4,"reply":null}
{"n":5,"reply":"OK"}
{"n":6,"reply":3.5}
`
	if o.end != nil || string(got) != want {
		t.Errorf("%v\n%s\nwant\n%s", o.end, got, want)
	}
}

// The accounts are the same with replies and without, however the bytes come.
func TestRepliesInPiecesAndLongOnes(t *testing.T) {
	s := resptest.Shared(t)
	s.Do("SET", "long", strings.Repeat("long\n", 500_000))
	s.Do("SET", "word", "w")
	proxy := resptest.Proxy(t, s.Addr, func(int) resptest.Plan { return resptest.Plan{Down: resptest.Lane{Split: 4099}} })
	var path string
	in := strings.Repeat("GET word\nLPUSH word x\n", 5000) + "GET long\n" + strings.Repeat("GET word\n", 5000) + "GET long\nMULTI\nGET long\nLPUSH word x\nEXEC\n"
	o := loadInto(proxy.Addr, strings.NewReader(in), repliesTo(t, &path))
	lines := linesOf(t, path)
	if o.Replies != 15_006 || o.Errors != 5001 || len(lines) != 15_006 {
		t.Fatalf("%d lines, %+v", len(lines), o.Report)
	}
	for i, line := range lines {
		if line.N != int64(i+1) || line.Line != line.N || (line.Error != nil) != (i < 10_000 && i%2 == 1) {
			t.Fatalf("line %d: %+v", i+1, line)
		}
	}
	var text string
	if json.Unmarshal(lines[10_000].Reply, &text); len(text) != 2_500_000 {
		t.Errorf("%d bytes", len(text))
	}
}

func TestALineThatIsNotWholeIsNotLeftBehind(t *testing.T) {
	long := "$200000\r\n" + strings.Repeat("x", 150_000)
	for _, last := range []string{"", "$5\r\nab", long, "*3\r\n+a\r\n" + long} {
		peer := resptest.Peer(t, func(c *resptest.PeerConn) {
			for range 3 {
				c.Next()
			}
			c.Reply("+OK\r\n:2\r\n" + last)
		})
		var path string
		o := loadInto(peer.Addr, strings.NewReader("SET a 1\nINCR b\nGET c\n"), repliesTo(t, &path))
		if !errors.Is(o.end, pipeclient.ErrInDoubt) || o.Replies != 2 || len(linesOf(t, path)) != 2 {
			t.Errorf("%.20q: %v", last, o.end)
		}
	}
}

func TestAFullDiskEndsALoadWhoseRepliesAreWanted(t *testing.T) { // T135
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip(err)
	}
	s := resptest.Shared(t)
	s.Do("SET", "word", "w")
	s.Do("SET", "long", strings.Repeat("x", 300_000))
	for _, in := range []string{strings.Repeat("GET word\n", 100_000), "GET long\n", "GET word\n"} {
		o := loadText(t, s, in, func(c *Config) { c.Replies = "/dev/full" })
		var full *OutputError
		if !errors.As(o.end, &full) || full.File != "/dev/full" || len(o.InDoubt) != 0 || o.Replies != o.Sent ||
			!strings.Contains(o.err, "easycli: cannot write /dev/full: no space left on device\n") {
			t.Errorf("%v, %+v\n%s", o.end, o.Report, o.err)
		}
		if len(in) > 100_000 && o.Sent == 100_000 {
			t.Errorf("it went on: %+v", o.Report)
		}
	}
}

// What a server refuses for now has no reply yet: only what was answered at last has a line.
func TestWhatIsSentAgainHasOneReply(t *testing.T) {
	for _, verify := range []bool{false, true} {
		peer, _ := refusing(t, func(turn int, words []string) string {
			if turn < 3000 && turn%2 == 0 || turn < 20 {
				return "LOADING data"
			}
			return ""
		})
		if verify { // the markers are refused as well, but for the last
			peer = tampering(t, func(n int, _ []string, reply string) string {
				if n < 3020 {
					return "-BUSY with a script\r\n"
				}
				return reply
			})
		}
		var path string
		lines, _ := numbered(3000)
		o := loadInto(peer.Addr, strings.NewReader(lines), repliesTo(t, &path), func(c *Config) { c.Verify = verify })
		got := linesOf(t, path)
		if verify && (o.end != nil || o.Replies != 3000) {
			t.Fatalf("%+v", o)
		}
		seen := map[int64]bool{}
		for _, line := range got {
			if seen[line.N] {
				t.Fatalf("command %d has two replies", line.N)
			}
			seen[line.N] = true
		}
		if int64(len(got)) != o.Replies {
			t.Errorf("verify %v: %d lines, %+v", verify, len(got), o.Report)
		}
	}
}

func TestATransactionThatIsSentAgainHasItsRepliesOnce(t *testing.T) {
	for _, refusal := range []string{"-EXECABORT Transaction discarded because of previous errors.\r\n", "-LOADING data\r\n"} {
		execs := 0
		peer := tampering(t, func(_ int, request []string, reply string) string {
			switch {
			case request[0] == "EXEC" && execs < 2:
				execs++
				return refusal
			case request[0] == "EXEC":
				return "*2\r\n:1\r\n-ERR one\r\n"
			case execs < 2 && (request[0] == "INCR" || slices.Contains(request, "c")): // what stands behind it as well
				return "-LOADING data\r\n"
			}
			return reply
		})
		var path string
		o := loadInto(peer.Addr, strings.NewReader("SET a 1\nMULTI\nINCR a\nINCR b\nEXEC\nSET c 2\n"), repliesTo(t, &path))
		got, _ := os.ReadFile(path)
		want := `{"n":1,"line":1,"reply":"OK"}
{"n":2,"line":2,"reply":"OK"}
{"n":3,"line":3,"reply":"OK"}
{"n":4,"line":4,"reply":"OK"}
{"n":5,"line":5,"reply":[1,{"error":"ERR one"}]}
{"n":6,"line":6,"reply":"OK"}
`
		lines := linesOf(t, path)
		slices.SortFunc(lines, func(a, b replyLine) int { return int(a.N - b.N) })
		if o.Replies != 6 || o.Errors != 1 || len(lines) != 6 || len(got) != len(want) || !strings.Contains(string(got), want[strings.Index(want, `{"n":2`):strings.Index(want, `{"n":6`)]) {
			t.Errorf("%q: %+v\n%s", refusal, o.Report, got)
		}
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"easycli/internal/keyspace"
	"easycli/internal/resptest"
)

// fill makes keys of all types, small and large, with names and values that are bytes.
func fill(s *resptest.Redis) {
	odd := "\x00\xff \"'\r\n\\x41\u00e9"
	for _, args := range [][]string{
		{"SET", "s", "hello"}, {"SET", "empty", ""}, {"SET", "n", "12345"}, {"SET", "", "no name"}, {"SET", odd, odd},
		{"SET", "#comment", "# x"}, {"SET", "*1", "$2"}, {"SET", "16k", strings.Repeat("x", 16<<10)},
		{"SET", "16k+1", strings.Repeat("y", 16<<10+1)}, {"SET", "1.2M", strings.Repeat(odd, 5<<18/len(odd))},
		{"SETRANGE", "1M", "1048576", "z"}, {"PFADD", "hll", "a", "b"}, {"SETBIT", "bits", "1000", "1"},
		{"RPUSH", "l", "a", odd, "", "a", "12"}, {"RPUSH", "l huge", "a", strings.Repeat("h", 200_000), "b", strings.Repeat(odd, 50_000)},
		{"SADD", "set", "a", odd, ""}, {"SADD", "ints", "1", "2", "-3"}, {"SADD", "set huge", "a", strings.Repeat("h", 200_000), "b"},
		{"HSET", "h", "f", "v", odd, odd, "", ""},
		{"HSET", "h huge", "a", "1", strings.Repeat("f", 100_000), strings.Repeat("v", 100_000), "b", strings.Repeat("w", 300_000),
			strings.Repeat("g", 100_000), "", "c", "3"},
		{"ZADD", "z", "0.1", "a", "inf", "b", "-inf", "c", "3", "d", "-0", "e", "1e300", "f", "5e-324", "g", "1", odd, "9007199254740993", "h"},
		{"ZADD", "z huge", "1.5", strings.Repeat("m", 200_000), "2.5", "a"},
		{"ZADD", "z member", "1", strings.Repeat("m", 1<<20+1), "0.30000000000000004", "a"},
		{"GEOADD", "geo", "13.361389", "38.115556", "Palermo"},
		{"EVAL", "for i=1,5000 do redis.call('RPUSH','big l',i) redis.call('SADD','big s','m'..i) redis.call('SADD','big i',i)" +
			"redis.call('HSET','big h','f'..i,i) redis.call('ZADD','big z',i/7,'m'..i)" +
			"redis.call('XADD','big x',i..'-1','f',i,'g',string.rep('v',i%100)) end", "0"},
		{"XADD", "x", "1-1", "f", "v"}, {"XADD", "x", "1-2", "f", "v", odd, odd}, {"XADD", "x", "5-0", "f", strings.Repeat("e", 200_000)},
		{"XADD", "x", "18446744073709551614-18446744073709551615", "f", "v"}, {"XDEL", "x", "5-0"},
		{"XGROUP", "CREATE", "x", odd, "0"}, {"XREADGROUP", "GROUP", odd, odd, "COUNT", "2", "STREAMS", "x", ">"},
		{"XGROUP", "CREATE", "x", "g", "1-1", "ENTRIESREAD", "1"}, {"XGROUP", "CREATECONSUMER", "x", "g", "idle"},
		{"XGROUP", "CREATE", "none", "g", "$", "MKSTREAM"}, {"XADD", "trimmed", "MAXLEN", "0", "7-7", "a", "b"},
		{"XGROUP", "CREATE", "big x", "g", "0"}, {"XREADGROUP", "GROUP", "g", "c", "COUNT", "600", "STREAMS", "big x", ">"},
		{"SET", "short", "v", "PX", "100000"}, {"SET", "long", "v", "PXAT", "33333333333333"},
	} {
		s.Do(args...)
	}
	for _, key := range []string{"l", "big l", "h", "z", "set", "big h", "1.2M", "x", "big x", "z member"} {
		s.Do("PEXPIRE", key, "500000")
	}
	s.Do("EVAL", "for i=1,3000 do redis.call('SET','many:'..i,i) end", "0")
}

// expiries is when each key ends, of those that end.
func expiries(s *resptest.Redis) map[string]int64 {
	at := map[string]int64{}
	for _, key := range s.DoList("KEYS", "*") {
		if n, _ := strconv.ParseInt(s.Do("PEXPIRETIME", key), 10, 64); n > 0 {
			at[key] = n
		}
	}
	return at
}

// streams is what the digest of a server leaves out.
func streams(s *resptest.Redis) string {
	var b strings.Builder
	for _, key := range []string{"x", "none", "trimmed", "big x"} {
		info := s.DoList("XINFO", "STREAM", key)
		at := slices.Index(info, "last-generated-id")
		fmt.Fprintln(&b, key, info[at:at+6])
		for group := range strings.SplitSeq(s.Do("EVAL", "local r={} for _,g in ipairs(redis.call('XINFO','GROUPS',KEYS[1])) do r[#r+1]=g[2] end return r", "1", key), "\n") {
			if group != "" {
				fmt.Fprintf(&b, "%q: %q %q\n", group, s.DoList("XINFO", "GROUPS", key), s.DoList("EVAL",
					"local r={} for _,c in ipairs(redis.call('XINFO','CONSUMERS',KEYS[1],ARGV[1])) do r[#r+1]=c[2] end return r", "1", key, group))
				for _, row := range s.DoList("EVAL", "local r={} for _,p in ipairs(redis.call('XPENDING',KEYS[1],ARGV[1],'-','+',10000)) do "+
					"r[#r+1]=p[1]..' '..p[2]..' '..p[4] end return r", "1", key, group) {
					fmt.Fprintf(&b, "%q\n", row)
				}
			}
		}
	}
	return b.String()
}

// What is exported and loaded is the same: values by the server's own digest, streams by all that
// XINFO and XPENDING say, and every key ends when it would have.
func TestExportAndLoad(t *testing.T) {
	from, to := resptest.Server(t), resptest.Server(t)
	fill(from)
	want, wantStreams, wantEnds := from.Do("DEBUG", "DIGEST"), streams(from), expiries(from)
	for _, line := range []string{
		"--export", "--export --format text", "--export --as restore", "--export --as restore --format text", "--export --count 10",
		"-3 --export",
	} {
		to.Do("FLUSHALL")
		to.Do("RPUSH", "l", "was here") // and is replaced
		to.Do("SET", "big x", "was here", "EX", "1000")
		got := easycli("", append(at(t, from.Addr), strings.Fields(line)...)...)
		if got.status != 0 || got.err != "" {
			t.Fatalf("%s: status %d, %s", line, got.status, got.err)
		}
		for range 2 { // twice is once
			loaded := easycli(got.out, append(at(t, to.Addr), "--pipe")...)
			if loaded.status != 0 || !strings.HasPrefix(loaded.out[strings.LastIndex(loaded.out, "errors"):], "errors: 0, ") {
				t.Fatalf("%s: %+v", line, loaded)
			}
			if got := to.Do("DEBUG", "DIGEST"); got != want {
				t.Errorf("%s: digest %s, want %s", line, got, want)
			}
			if got := streams(to); got != wantStreams {
				t.Errorf("%s: streams\n%s\nwant\n%s", line, got, wantStreams)
			}
			ends := expiries(to)
			for key, at := range wantEnds {
				if ends[key] != at {
					t.Errorf("%s: %q ends at %d, want %d", line, key, ends[key], at)
				}
			}
			if len(ends) != len(wantEnds) {
				t.Errorf("%s: %d keys end, want %d", line, len(ends), len(wantEnds))
			}
		}
	}
}

func TestExportOfSomeKeys(t *testing.T) {
	s := resptest.Shared(t)
	for _, args := range [][]string{{"SET", "a:1", "1"}, {"SET", "a:2", "2"}, {"SET", "b", "3"}, {"SET", "\x00x", "y"}, {"RPUSH", "a:l", "x"}} {
		s.Do(args...)
	}
	for _, c := range []struct {
		args []string
		want string // lines, sorted
	}{
		{[]string{"--pattern", "a:*"}, "DEL a:l|RPUSH a:l x|SET a:1 1|SET a:2 2"},
		{[]string{"--pattern", "a:*", "--type", "string"}, "SET a:1 1|SET a:2 2"},
		{[]string{"--type", "LIST"}, "DEL a:l|RPUSH a:l x"},
		{[]string{"--type", "nosuch"}, ""},
		{[]string{"--quoted-pattern", `"\x00*"`}, `SET "\x00x" y`},
		{[]string{"--pattern", "nothing"}, ""},
		{[]string{"-n", "5"}, ""},
	} {
		got := easycli("", append(append(at(t, s.Addr), "--export", "--format", "text"), c.args...)...)
		lines := strings.Split(strings.TrimSuffix(got.out, "\n"), "\n")
		slices.Sort(lines)
		if have := strings.Join(lines, "|"); have != c.want || got.status != 0 || got.err != "" {
			t.Errorf("%q: got %q, status %d, %s", c.args, have, got.status, got.err)
		}
	}
}

// Every line is JSON, and says what the key is.
func TestExportAsJSON(t *testing.T) {
	s := resptest.Server(t)
	fill(s)
	got := easycli("", append(at(t, s.Addr), "--export", "--format", "jsonl")...)
	if got.status != 0 || got.err != "" {
		t.Fatalf("status %d, %s", got.status, got.err)
	}
	type line struct {
		Key, Type string
		Expires   *time.Time
		Value     any
	}
	keys := map[string]line{}
	for text := range strings.Lines(got.out) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("%v in %.200s", err, text)
		}
		keys[l.Key] = l
	}
	if n := s.Do("DBSIZE"); fmt.Sprint(len(keys)) != n {
		t.Errorf("%d keys, want %s", len(keys), n)
	}
	for key, want := range map[string]string{
		"s": `"hello"`, "n": `"12345"`, "l": `["a","\u0000ÿ \"'\r\n\\x41é","","a","12"]`,
		"big l": "", "h": `{"":"","\u0000ÿ \"'\r\n\\x41é":"\u0000ÿ \"'\r\n\\x41é","f":"v"}`,
		"trimmed": `{"entries":[],"entries_added":1,"groups":[],"last_id":"7-7","max_deleted_id":"0-0"}`,
	} {
		value, _ := json.Marshal(keys[key].Value)
		if want != "" && string(value) != want {
			t.Errorf("%s: got %s, want %s", key, value, want)
		}
	}
	if l, ok := keys["big l"].Value.([]any); !ok || len(l) != 5000 || l[4999] != "5000" || keys["big l"].Type != "list" {
		t.Errorf("big l: %d elements of %s", len(l), keys["big l"].Type)
	}
	if e := keys["long"].Expires; e == nil || e.UnixMilli() != 33333333333333 || keys["s"].Expires != nil {
		t.Errorf("long: expires %v", e)
	}
	z := keys["z"].Value.([]any)
	if first := z[0].(map[string]any); first["member"] != "c" || first["score"] != "-inf" || z[len(z)-1].(map[string]any)["score"] != "inf" {
		t.Errorf("z: got %v", z)
	}
}

func TestExportOptions(t *testing.T) {
	screen := func(o *environment) { o.outTerminal = true }
	for line, want := range map[string]export{
		"--export":                                     {Conn: local()},
		"--export --format text":                       {Conn: local(), Format: keyspace.Text},
		"--export --as restore --as commands":          {Conn: local()},
		"--export --as restore --type hash --count 50": {Conn: local(), Dump: true, Filter: keyspace.Filter{Type: "hash", Count: 50}},
		"--export --format jsonl -n 4":                 {Conn: local(db(4)), Format: keyspace.JSONL},
	} {
		got, err := parse(strings.Fields(line), nowhere())
		if r, ok := got.(export); err != nil || !ok || fmt.Sprintf("%+v", r) != fmt.Sprintf("%+v", want) {
			t.Errorf("%s: got %+v, %v", line, got, err)
		}
	}
	env := nowhere()
	screen(&env)
	if got, err := parse([]string{"--export"}, env); err != nil || got.(export).Format != keyspace.Text || !got.(export).Terminal {
		t.Errorf("on a terminal: got %+v, %v", got, err)
	}
	if _, err := parse(strings.Fields("--export --format resp"), env); statusOf(err) != exitUsage {
		t.Errorf("RESP on a terminal: %v", err)
	}
	for line, want := range map[string]string{
		"--export a":                           "--export takes no command",
		"--export --pipe":                      "goes with no other way to run",
		"--export --unlink a":                  "are two runs",
		"--export --dry-run":                   "--dry-run is for --unlink",
		"--unlink a --pattern b":               "--pattern is for --export",
		"--pattern b":                          "--pattern is for --export",
		"--type hash PING":                     "--type is for --export and --unlink",
		"--export --as rdb":                    "--as wants commands or restore",
		"--export --format csv":                "--format wants resp, text or jsonl",
		"--export --format jsonl --as restore": "--as restore is for commands",
		"--export --quoted-pattern \"a":        "Invalid quoted string",
	} {
		if _, err := parse(strings.Fields(line), nowhere()); statusOf(err) != exitUsage || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", line, err)
		}
	}
}

func TestExportTellsTheTruth(t *testing.T) {
	s := resptest.Server(t, "--user half on >pw ~mine:* +@all")
	s.Do("SET", "mine:1", "v")
	s.Do("SET", "other", "v")
	got := easycli("", append(at(t, s.Addr), "--user", "half", "--pass", "pw", "--no-auth-warning", "--export", "--format", "text")...)
	if got.status != exitAnswer || got.out != "SET mine:1 v\n" || !strings.Contains(got.err, `1 key could not be read: "other": NOPERM`) {
		t.Errorf("a key that is refused: %+v", got)
	}
	if got := easycli("", append(at(t, nobody(t)), "--export")...); got.status != exitConnect || got.out != "" {
		t.Errorf("nobody there: %+v", got)
	}
	s.Do("DEBUG", "POPULATE", "5000")
	cut := resptest.Proxy(t, s.Addr, func(conn int) resptest.Plan {
		if conn == 0 { // the question what it is
			return resptest.Plan{}
		}
		return resptest.Plan{Down: resptest.Lane{Then: resptest.FIN, At: 100_000}}
	})
	got = easycli("", append(at(t, cut.Addr), "--export", "--format", "text")...)
	said := fmt.Sprintf("the export is not complete, written so far: %d keys, %d bytes", strings.Count(got.out, "\n"), len(got.out))
	if got.status != exitLost || !strings.Contains(got.err, "connection lost: Server closed the connection") || !strings.Contains(got.err, said) {
		t.Errorf("cut off: status %d, %s, want %q", got.status, got.err, said)
	}
}

func TestExportNotesWhatIsOdd(t *testing.T) {
	s := resptest.Shared(t)
	s.Do("XADD", "x", "1-1", "f", "v")
	s.Do("XADD", "x", "2-1", "f", "v")
	s.Do("XGROUP", "CREATE", "x", "g", "0")
	s.Do("XREADGROUP", "GROUP", "g", "c", "STREAMS", "x", ">")
	s.Do("XDEL", "x", "1-1")
	got := easycli("", append(at(t, s.Addr), "--export", "--format", "text")...)
	if got.status != 0 || strings.Count(got.out, "XCLAIM") != 1 ||
		!strings.Contains(got.err, "what is pending of 1 deleted entry of streams") {
		t.Errorf("%+v", got)
	}
	restored := easycli("", append(at(t, s.Addr), "--export", "--as", "restore")...)
	s.Do("FLUSHALL")
	loaded := easycli(restored.out, append(at(t, s.Addr), "--pipe")...)
	if restored.err != "" || loaded.status != 0 || s.Do("XPENDING", "x", "g", "-", "+", "10") == "" || !strings.HasPrefix(s.Do("XPENDING", "x", "g"), "2\n") {
		t.Errorf("--as restore: %q %+v, pending %q", restored.err, loaded, s.Do("XPENDING", "x", "g"))
	}
}

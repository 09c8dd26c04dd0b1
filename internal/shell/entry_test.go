package shell

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"easycli/internal/config"
	"easycli/internal/pipeclient"
	"easycli/internal/render"
	"easycli/internal/resptest"
)

// Several rows are several commands, which are run when the person says so, and are one entry of the history.
func TestSeveralCommandsAtOnce(t *testing.T) {
	server := shared(t)
	screen, p, err := talk(t, server, nil, "set a 1\nset b \"2\n3\"\n\nget b", reply("y"), "del a\ndel b", reply("n"), "get a", "incr b\nnosuch\nget a", reply("yes"))
	want := "OK\nOK\n\"2\\n3\"\nnone of them was run (Up brings them back)\n\"1\"\n(error) ERR value is not an integer or out of range\n" +
		"(error) ERR unknown command 'nosuch', with args beginning with: \n\"1\"\n"
	if err != nil || screen != want {
		t.Errorf("%v\n%q, want\n%q", err, screen, want)
	}
	if asked := []string{"run 3 commands? [y/N] ", "run 2 commands? [y/N] ", "run 3 commands? [y/N] "}; !slices.Equal(p.asked, asked) {
		t.Errorf("asked %q", p.asked)
	}
	if len(p.remembered) != 4 || !strings.HasPrefix(p.remembered[0], "set a 1\n") {
		t.Errorf("remembered %q", p.remembered)
	}
}

// When one of them is not answered, those behind it are not run: they may need it.
func TestSeveralCommandsStopWhereOneIsLost(t *testing.T) {
	peer := resptest.Peer(t, func(c *resptest.PeerConn) { c.Expect("incr", "a") })
	screen, _, err := talk(t, at(peer.Addr), nil, "incr a\nincr b\nincr c", reply("y"))
	if err != nil || !strings.HasSuffix(screen, "2 commands not run\n") || peer.Conns() != 1 {
		t.Errorf("%v, %q", err, screen)
	}
}

// T101: nothing with a secret in it is remembered.
func TestSecretsAreNotRemembered(t *testing.T) {
	_, p, err := talk(t, shared(t), nil, "ping", "AUTH x", "get a\nauth x y", reply("n"), `config set requirepass "x`, "3 ping", "0 ping")
	if err != nil || !slices.Equal(p.remembered, []string{"ping", "3 ping"}) {
		t.Errorf("%v, %q", err, p.remembered)
	}
}

// starting is an Outside whose programs only note what they read.
type starting struct {
	commands []string
	read     []string
}

func (s *starting) start(commandLine string) (io.Writer, func() error, error) {
	if commandLine == "none" {
		return nil, nil, errors.New("no such program")
	}
	var b strings.Builder
	return &b, func() error {
		s.commands, s.read = append(s.commands, commandLine), append(s.read, b.String())
		return nil
	}, nil
}

// Replies go to files and programs as they are.
func TestRepliesGoElsewhere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a b")
	var s starting
	screen, _, err := talkWith(t, Config{Server: shared(t), Outside: Outside{Start: s.start}},
		"set k \"\\x1b[2J\\xff\"", "get k | cat -v", "get k > '"+file+"'", "2 get k >> '"+file+"'", "get k > /nowhere/x", "get k > a b",
		"set k '> x'", "get k", "echo |", "get k | none", "subscribe c | cat", "ping")
	text, _ := os.ReadFile(file)
	want := "OK\n/nowhere/x: no such file or directory\none file's name must stand behind >\nOK\n\"> x\"\n\"|\"\nno such program\n" +
		"not sent: messages of a subscription appear above the prompt, and go nowhere else\nPONG\n"
	if err != nil || screen != want || string(text) != strings.Repeat("\x1b[2J\xff\n", 3) {
		t.Errorf("%v, file %q, screen\n%q, want\n%q", err, text, screen, want)
	}
	if !slices.Equal(s.commands, []string{"cat -v"}) || !slices.Equal(s.read, []string{"\x1b[2J\xff\n"}) {
		t.Errorf("%q read %q", s.commands, s.read)
	}
	screen, _, _ = talkWith(t, Config{Server: shared(t), Plain: true, Outside: Outside{Start: s.start}}, "echo a | cat")
	if screen != "(error) ERR wrong number of arguments for 'echo' command\n" {
		t.Errorf("for a program: %q", screen)
	}
}

// What is taller than the screen goes through the pager, and what is not does not.
func TestThePager(t *testing.T) {
	var s starting
	server := shared(t)
	outside := Outside{Start: s.start, Pager: "less", Size: func() (int, int) { return 20, 8 }}
	screen, _, err := talkWith(t, Config{Server: server, Outside: outside}, "rpush l 1 2 3 4 5 6 7", "lrange l 0 5", "lrange l 0 6",
		"set long 12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789",
		"get long", "echo short")
	if err != nil || !strings.HasPrefix(screen, "(integer) 7\n1) \"1\"\n2) \"2\"\n3) \"3\"\n4) \"4\"\n5) \"5\"\n6) \"6\"\nOK\n\"short\"\n") {
		t.Errorf("%v, %q", err, screen)
	}
	if len(s.read) != 2 || strings.Count(s.read[0], "\n") != 7 || !strings.HasSuffix(s.read[1], "6789\"\n") {
		t.Errorf("%q", s.read)
	}
}

func TestSourceAndFormat(t *testing.T) {
	dir := t.TempDir()
	inner, outer := filepath.Join(dir, "inner"), filepath.Join(dir, "outer")
	os.WriteFile(inner, []byte("\ufeff# a comment\r\nset a \"1\r\n2\"\r\n:format json\r\nget a\r\n"), 0o600)
	os.WriteFile(outer, []byte(":source "+inner+"\nget a\n:format human\n:source "+outer+"\nquit\nset a never"), 0o600)
	screen, _, err := talk(t, shared(t), nil, ":source "+outer, ":format", "get a")
	if err != nil || !strings.HasPrefix(screen, "OK\nto a RESP2 connection a hash is an array; after HELLO 3 it is an object\n\"1\\n2\"\n\"1\\n2\"\nOK\n") || strings.Contains(screen, "never") ||
		!strings.Contains(screen, ":source within :source more than 8 deep\n") {
		t.Errorf("%v, %q", err, screen)
	}
	open := filepath.Join(dir, "open")
	os.WriteFile(open, []byte("# don't\nset a 1\n\nset b \"2\nset c 3\n"), 0o600)
	screen, _, err = talk(t, shared(t), nil, ":source "+open, "exists b c")
	if want := "OK\n" + open + ":4: a quote that begins here is never closed; the rest of the file was not run\n(integer) 0\n"; err != nil || screen != want {
		t.Errorf("%v, %q, want %q", err, screen, want)
	}
}

// What destroys is asked about, with what there is to lose.
func TestWhatDestroysIsAskedAbout(t *testing.T) {
	server := resptest.Server(t)
	server.Do("MSET", "a", "1", "b", "2")
	screen, p, err := talk(t, at(server.Addr), nil, "select 3", "set c 1", "flushall", "flushdb", reply("n"), "keys *", "swapdb 0 3", reply("y"), "get a",
		"multi", "flushdb", reply("y"), "discard")
	want := "OK\nOK\nnot sent\nnot sent\n1) \"c\"\nOK\n\"1\"\nOK\nQUEUED\nOK\n"
	if err != nil || screen != want {
		t.Errorf("%v, %q", err, screen)
	}
	asked := strings.ReplaceAll(strings.Join(p.asked, "|"), server.Addr, "A")
	if want := "FLUSHALL on A, database 3, which holds keys: db0 2, db3 1; really? [y/N] |FLUSHDB on A, database 3, which holds keys: db0 2, db3 1; really? [y/N] |" +
		"SWAPDB on A, database 3, which holds keys: db0 2, db3 1; really? [y/N] |FLUSHDB on A, database 3; really? [y/N] "; asked != want {
		t.Errorf("asked\n%q, want\n%q", asked, want)
	}
	prod := Profile{Name: "prod", Confirm: config.ConfirmAlways}
	screen, p, err = talkWith(t, Config{Server: at(server.Addr), Profile: prod}, "get b", "set b 3", reply("y"), "flushall", reply("y"), "flushall", reply("prod"), "dbsize")
	if err != nil || screen != "(nil)\nOK\nnot sent\nOK\n(integer) 0\n" || !strings.HasSuffix(p.asked[2], "Type prod to go on: ") || !strings.HasPrefix(p.prompts[0], "prod ") {
		t.Errorf("%v, %q, %q", err, screen, p.asked)
	}
	_, p, _ = talkWith(t, Config{Server: at(server.Addr), Profile: Profile{Confirm: config.ConfirmNever}}, "flushall")
	_, q, _ := talkWith(t, Config{Server: at(server.Addr), Plain: true}, "flushall")
	if len(p.asked)+len(q.asked) > 0 {
		t.Errorf("asked %q %q", p.asked, q.asked)
	}
}

// A session that only reads refuses by our table, and by the server's flags for what is not in it.
func TestReadOnly(t *testing.T) {
	server := resptest.Server(t, "--rename-command", "SET", "PUT", "--rename-command", "GET", "FETCH")
	server.Do("PUT", "a", "1")
	screen, p, err := talkWith(t, Config{Server: at(server.Addr), Profile: Profile{ReadOnly: true}},
		"fetch a", "put a 2", "incr a", "eval 'return 1' 0", "eval_ro 'return 1' 0", "config get port", "config set port 1", "nosuch", "multi", "incr a", "exec")
	want := "\"1\"\nPUT not sent: this is read-only, and to the server it is a write\nINCR not sent: this is read-only, and it may change something\n" +
		"EVAL not sent: this is read-only, and it may change something; EVAL_RO is the one that only reads\n(integer) 1\n" +
		"CONFIG SET not sent: this is read-only, and it may change something\nnot sent: this is read-only, and nobody can say what the command does\n" +
		"OK\nINCR not sent: this is read-only, and it may change something\n(empty array)\n"
	if err != nil || !strings.HasPrefix(screen, "\"1\"") {
		t.Errorf("%v, %q", err, screen)
	}
	if i := strings.Index(screen, "1) \"port\""); i < 0 || regexp.MustCompile(`1\) "port"\n2\) "\d+"\n`).ReplaceAllString(screen, "") != want {
		t.Errorf("on the screen\n%q, want\n%q", screen, want)
	}
	if p.prompts[0] != server.Addr+"(read-only)> " {
		t.Errorf("prompt %q", p.prompts[0])
	}
}

func TestPeek(t *testing.T) {
	server := resptest.Shared(t)
	server.Do("SET", "s", "value")
	server.Do("RPUSH", "l", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12")
	server.Do("HSET", "h", "f", "v")
	server.Do("ZADD", "z", "1.5", "m")
	server.Do("SADD", "set", "x")
	server.Do("XADD", "st", "1-1", "f", "v")
	server.Do("XGROUP", "CREATE", "st", "g", "0")
	server.Do("EXPIRE", "h", "100000")
	for _, proto := range []int{2, 3} {
		screen, _, err := talkWith(t, Config{Server: pipeclient.Config{Addr: server.Addr, Proto: proto}}, ":peek s l h z set st none", ":peek", "multi", ":peek s", "discard")
		for _, want := range []string{
			"\"s\": string, embstr, 5 bytes, ", " in memory, no expiry\n\"value\"\n", "\"l\": list, listpack, 12 elements,", "10) \"10\"\n... and 2 elements more\n",
			"\"h\": hash, listpack, 1 field, ", "expires in 27h46m", "1# \"f\" => \"v\"\n", "\"z\": zset, listpack, 1 member, ", "1) \"m\"\n2) ", "\"set\": set, ",
			"1~ \"x\"\n", "\"st\": stream, stream, 1 entry, ", "group \"g\": 0 consumers, 0 pending, last delivered 0-0\n", "\"none\" does not exist\nusage: :peek KEY...\n",
			"OK\n! no connection for questions\nOK\n",
		} {
			if err != nil || !strings.Contains(strings.ReplaceAll(screen, "quicklist", "listpack"), want) {
				t.Errorf("RESP%d, %v: %q is not in\n%s", proto, err, want, screen)
			}
		}
	}
}

// Our patterns match what those of KEYS match.
func TestGlobLikeTheServer(t *testing.T) {
	server := resptest.Shared(t)
	keys := []string{"a", "ab", "abc", "a*c", "a?c", "[a]", "a-c", "", "user:1", "user:12", "x\\y", "]"}
	for _, key := range keys {
		server.Do("SET", key, "1")
	}
	for _, pattern := range []string{"*", "a*", "*c", "a?c", "a\\*c", "[ab]*", "[^a]*", "a[a-c]*", "[c-a]", "user:[0-9]", "user:?*", "**c", "a**", "[", "[a", "\\[a\\]", "x\\\\y", "", "?", "*?*", "a[-]c", "[]]"} {
		var ours []string
		for _, key := range keys {
			if glob(pattern, key) {
				ours = append(ours, key)
			}
		}
		theirs := server.DoList("KEYS", pattern)
		slices.Sort(ours)
		slices.Sort(theirs)
		if !slices.Equal(ours, theirs) {
			t.Errorf("%s: ours %q, the server's %q", pattern, ours, theirs)
		}
	}
}

func TestMonitorFilter(t *testing.T) {
	lines := []string{
		`1.5 [0 127.0.0.1:50000] "get" "user:1"`, `1.5 [3 127.0.0.1:50000] "SET" "user:2" "x [0 y] z"`, `1.5 [0 10.0.0.1:7] "hset" "h" "user:1" "v"`, `1.5 [0 lua] "incr" "user:1"`, "OK",
	}
	for words, want := range map[string]string{
		"": "0 1 2 3", "command get,set": "0 1", "command h*": "2", "key user:*": "0 1 3", "db 3": "1", "client 10.0.0.1": "2", "client 127.0.0.1:50000 db 0": "0",
		"client lua": "3", "key h command hset": "2", "key nosuch": "",
	} {
		filter, err := newMonitorFilter(strings.Fields(words))
		if err != nil {
			t.Fatal(err)
		}
		var seen []string
		for i, line := range lines {
			if m, ok := parseMonitorLine(line); ok && filter(m) {
				seen = append(seen, string(rune('0'+i)))
			}
		}
		if got := strings.Join(seen, " "); got != want {
			t.Errorf("%s: sees %s, want %s", words, got, want)
		}
	}
	for _, words := range []string{"command", "size 3"} {
		if _, err := newMonitorFilter(strings.Fields(words)); err == nil {
			t.Errorf("%s is accepted", words)
		}
	}
}

// Where nobody can say how many keys there are, what goes through all of them is asked about.
func TestWhatOccupiesIsAskedAboutInDoubt(t *testing.T) {
	server := resptest.Server(t)
	server.Do("ACL", "SETUSER", "ann", "on", "nopass", "~*", "+@all", "-dbsize", "&*")
	_, p, err := talk(t, at(server.Addr), nil, "keys nothing*", "auth ann x", "keys nothing*", killing(server), "keys nothing*")
	if err != nil || len(p.asked) != 2 {
		t.Errorf("%v, asked %q", err, p.asked)
	}
}

// The > of XREADGROUP remains an argument behind a count as well.
func TestAnglesBehindACount(t *testing.T) {
	t.Chdir(t.TempDir())
	var s starting
	screen, _, err := talkWith(t, Config{Server: shared(t), Outside: Outside{Start: s.start}},
		"xgroup create a g $ mkstream", "xgroup create b g $ mkstream", "2 xreadgroup group g c streams a b > >")
	if _, missing := os.Stat(">"); err != nil || screen != "OK\nOK\n(nil)\n(nil)\n" || missing == nil {
		t.Errorf("%v, %q, %v", err, screen, missing)
	}
}

// An open transaction is not left behind without a word, and Ctrl-C leaves nothing.
func TestLeavingATransaction(t *testing.T) {
	screen, p, err := talk(t, shared(t), nil, "multi", "incr a", "quit", reply("n"), "connect 127.0.0.1 1", "quit", "exec", "get a", "quit", "get never")
	if err != nil || screen != "OK\nQUEUED\n1) (integer) 1\n\"1\"\n" || len(p.asked) != 3 {
		t.Errorf("%v, %q, asked %q", err, screen, p.asked)
	}
}

// What we have to say is not torn within a word at the edge.
func TestMessagesInRows(t *testing.T) {
	s := newStage(nil, render.Options{Terminal: true}, false)
	s.columns = func() int { return 24 }
	for text, want := range map[string]string{
		"":                                    "",
		"short":                               "short",
		"a message that is longer than a row": "a message that is longer\nthan a row",
		"aVeryLongWordThatFitsNowhereAtAll x": "aVeryLongWordThatFitsNowhereAtAll\nx",
		"日本語日本語 日本語 日本語":                      "日本語日本語 日本語\n日本語",
	} {
		if got := s.inRows(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

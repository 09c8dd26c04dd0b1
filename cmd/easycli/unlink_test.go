package main

import (
	"strings"
	"testing"

	"easycli/internal/keyspace"
	"easycli/internal/resptest"
)

func TestUnlink(t *testing.T) {
	s := resptest.Shared(t)
	s.Do("DEBUG", "POPULATE", "2500", "a", "3")
	s.Do("DEBUG", "POPULATE", "10", "b", "3")
	s.Do("SET", "\x00odd \"name", "v")
	s.Do("RPUSH", "list", "v")
	for _, c := range []struct {
		line string
		want result
		says string
	}{
		{"--unlink a*", result{status: 2}, "add --yes, or --dry-run"},
		{"--unlink a:* --dry-run", result{0, "2500\n", ""}, `2500 keys match "a:*" in database 0 of ` + s.Addr + ", such as\n  \"a:"},
		{"--unlink nothing* --yes", result{0, "0\n", ""}, `0 keys match "nothing*"`},
		{"--unlink a:1 --yes", result{0, "1\n", ""}, "1 key matches"},
		{"--unlink a:* --yes --rate 100000 --count 10", result{0, "2499\n", ""}, ""},
		{`--quoted-input --unlink "\x00*" --yes`, result{0, "1\n", ""}, `such as` + "\n" + `  "\x00odd \"name"`},
		{"--unlink * --type list --yes", result{0, "1\n", ""}, `1 key matches "*" of type list in`},
		{"--unlink * --type nosuch --yes", result{0, "0\n", ""}, ""},
		{"-n 3 --unlink * --yes", result{0, "0\n", ""}, "in database 3 of"},
		{"--unlink * --yes", result{0, "10\n", ""}, ""},
	} {
		got := easycli("", append(at(t, s.Addr), strings.Fields(c.line)...)...)
		if !strings.Contains(got.err, c.says) {
			t.Errorf("%s: stderr %q, want %q in it", c.line, got.err, c.says)
		}
		if got.err = ""; got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.line, got, c.want)
		}
	}
	if n := s.Do("DBSIZE"); n != "0" {
		t.Errorf("%s keys are left", n)
	}
}

func TestUnlinkOptions(t *testing.T) {
	want := unlink{Conn: local(), Rate: 5, Yes: true, Filter: keyspace.Filter{Pattern: []byte("a*"), Type: "set", Count: 7}}
	got, err := parse(strings.Fields("--unlink a* --rate 5 --yes --type set --count 7"), nowhere())
	if r, ok := got.(unlink); err != nil || !ok || string(r.Filter.Pattern) != "a*" || r.Rate != 5 || !r.Yes || r.DryRun ||
		r.Filter.Type != "set" || r.Filter.Count != 7 || r.Conn.Port != want.Conn.Port {
		t.Errorf("got %+v, %v", got, err)
	}
	for line, want := range map[string]string{
		"--unlink=":                     "--unlink wants a pattern",
		"--unlink a b":                  "quote it",
		"--unlink a --pipe":             "--unlink goes with no other way to run",
		"--unlink a --eval f":           "--unlink goes with no other way to run",
		"--unlink a -x":                 "--unlink goes with no other way to run",
		"--unlink a --rate 0":           "--rate wants commands a second",
		"--unlink a --count x":          "--count wants a whole number above 0",
		"--unlink a --type=":            "--type wants the name of a type",
		"-c --read-from any --unlink a": "--read-from is for what only reads",
		"--no-progress PING":            "--no-progress is for --pipe, --export and --unlink",
		"--yes PING":                    "--yes is for --unlink",
		"--dry-run":                     "--dry-run is for --unlink",
		"--quoted-input --unlink \"a":   "Invalid quoted string",
	} {
		if _, err := parse(strings.Fields(line), nowhere()); statusOf(err) != exitUsage || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", line, err)
		}
	}
}

func TestUnlinkTellsTheTruth(t *testing.T) {
	s := resptest.Server(t, "--user half on >pw ~mine:* +@all", "--maxclients", "100")
	s.Do("SET", "k", "v")
	got := easycli("", append(at(t, s.Addr), "--user", "half", "--pass", "pw", "--no-auth-warning", "--unlink", "*", "--yes")...)
	if got.status != exitAnswer || got.out != "0\n" || !strings.Contains(got.err, "UNLINK: NOPERM") ||
		!strings.Contains(got.err, "stopped: of about 1 key are deleted: 0; the same command again") {
		t.Errorf("refused: %+v", got)
	}
	if got := easycli("", append(at(t, nobody(t)), "--unlink", "*", "--yes")...); got.status != exitConnect {
		t.Errorf("nobody there: %+v", got)
	}
	cut := resptest.Proxy(t, s.Addr, func(conn int) resptest.Plan {
		if conn < 2 { // the question what it is, and the count
			return resptest.Plan{}
		}
		return resptest.Plan{Down: resptest.Lane{Then: resptest.RST, At: 100}}
	})
	s.Do("DEBUG", "POPULATE", "5000")
	got = easycli("", append(at(t, cut.Addr), "--unlink", "*", "--yes")...)
	if got.status != exitLost || got.out != "0\n" || !strings.Contains(got.err, "connection lost") ||
		!strings.Contains(got.err, "stopped: of about 5001 keys are deleted: 0") {
		t.Errorf("cut off: %+v", got)
	}
}

func TestUnlinkOnOneNodeOfACluster(t *testing.T) {
	s := resptest.Server(t, "--cluster-enabled", "yes")
	s.Do("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
	for s.Do("SET", "a", "1") != "OK" || s.Do("SET", "b", "1") != "OK" {
		continue
	}
	got := easycli("", append(at(t, s.Addr), "--unlink", "*", "--yes")...)
	if got.status != 0 || got.out != "2\n" || !strings.Contains(got.err, "is one node of a cluster, and only its own keys are meant: -c means all") {
		t.Errorf("got %+v", got)
	}
}

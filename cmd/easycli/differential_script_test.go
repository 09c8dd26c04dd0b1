package main

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// scripts are what people pipe into redis-cli. Stdout has to be redis-cli's; the status and what
// stderr says are ours, for redis-cli ends with 0 and without a word whatever happened.
var scripts = []struct {
	name, script string
	args         []string
	exit         exitStatus
	stderr       string
}{
	{name: "nothing", script: ""},
	{name: "blank lines", script: "\n\n  \n\t\n\r\n"},
	{name: "one line", script: "PING\n"},
	{name: "no final newline", script: "SET a 1\nGET a"},
	{name: "CRLF", script: "SET a 1\r\nGET a\r\n\r\nPING\r\n"},
	{name: "blanks around", script: "   SET   a\t1  \n\tGET a \n"},
	{name: "quotes", script: `SET a "x y"` + "\n" + `GET "a"` + "\n" + `SET b 'it\'s'` + "\nGET b\n" +
		`SET c "\x00\xff\n\t\"\\"` + "\nGET c\n" + `ECHO ""` + "\n" + `ECHO a"b"` + "\n"},
	{name: "quotes for people", args: []string{"--no-raw"}, script: `SET c "\x00\xff\n\t\"\\"` + "\nGET c\nECHO \"caf\xc3\xa9\"\nECHO ''\n"},
	{name: "unbalanced quotes", script: "SET a \"x\nPING\nGET 'a\nGET \"a\"b\nPING\n", exit: exitInput,
		stderr: "easycli: 3 lines not sent; first: line 1: Invalid argument(s) (unbalanced quote at byte 7)\n"},
	{name: "counts", script: "3 INCR n\n2 GET n\n+2 PING\n02 PING\n\"2\" PING\n5\n", exit: exitAnswer,
		stderr: "easycli: 1 of 12 commands failed; first: line 6: ERR unknown command '5', with args beginning with:\n"},
	{name: "bad counts", script: "0 PING\n-1 PING\n99999999999999999999 PING\n\"\" PING\nPING\n", exit: exitInput,
		stderr: "easycli: 4 lines not sent; first: line 1: Invalid redis-cli repeat command option value.\n"},
	{name: "errors", script: "LPUSH str x\nPING\nNOSUCH a b\n2 GET list\n", exit: exitAnswer,
		stderr: "easycli: 4 of 5 commands failed; first: line 1: WRONGTYPE Operation against a key holding the wrong kind of value\n"},
	{name: "errors for people", args: []string{"--no-raw"}, script: "LPUSH str x\nPING\n", exit: exitAnswer,
		stderr: "easycli: 1 of 2 commands failed; first: line 1: WRONGTYPE Operation against a key holding the wrong kind of value\n"},
	{name: "nested errors are data", args: []string{"--no-raw"},
		script: "EVAL \"return {redis.error_reply('MY error')}\" 0\n"},
	{name: "transaction", script: "MULTI\nSET a 1\nINCR a\nGET a\nEXEC\nGET a\n"},
	{name: "transaction for people", args: []string{"--no-raw"}, script: "MULTI\nSET a 1\nLRANGE list 0 -1\nHGETALL hash\nEXEC\nPING\n"},
	{name: "transaction with a failure", args: []string{"--no-raw"},
		script: "MULTI\nSET a x\nINCR a\nEXEC\n", exit: exitAnswer,
		stderr: "easycli: 1 of 4 commands failed; first: line 4: ERR value is not an integer or out of range\n"},
	{name: "transaction aborted", script: "MULTI\nNOSUCH\nEXEC\nPING\n", exit: exitAnswer,
		stderr: "easycli: 2 of 4 commands failed; first: line 2: ERR unknown command 'NOSUCH', with args beginning with:\n"},
	{name: "transaction discarded", script: "MULTI\nSET a 1\nDISCARD\nGET a\n"},
	{name: "transaction open at the end", script: "SET a 1\nMULTI\nSET a 2\n", exit: exitInput,
		stderr: "easycli: the script ends inside MULTI, without EXEC: nothing of the transaction was executed\n"},
	{name: "watch", script: "WATCH a\nSET a 1\nMULTI\nSET a 2\nEXEC\n"},
	{name: "select", script: "SELECT 3\nSET a 1\nDBSIZE\nSELECT 0\nGET a\nFLUSHALL\n"},
	{name: "select for people", args: []string{"--no-raw", "-n", "2"}, script: "DBSIZE\nSELECT 99\nSELECT 1\nDBSIZE\n", exit: exitAnswer,
		stderr: "easycli: 1 of 4 commands failed; first: line 2: ERR DB index is out of range\n"},
	{name: "quit", script: "PING\nquit\nPING\n"},
	{name: "exit with words", script: "PING\nEXIT now\nPING\n"},
	{name: "counted quit goes to the server", script: "1 quit\n"},
	{name: "preferences", script: ":set hints\n:set nohints\n:set nosuch\n:nosuch\nPING\n", exit: exitInput,
		stderr: "easycli: 2 lines not sent; first: line 3: unknown redis-cli preference 'nosuch'\n"},
	{name: "restart", script: "restart\nPING\n", exit: exitInput,
		stderr: "easycli: 1 line not sent; first: line 1: Use 'restart' only in Lua debugging mode.\n"},
	{name: "connect to itself", script: "SET a 1\nconnect 127.0.0.1 {port}\nGET a\n"},
	{name: "comment is a command", script: "# a comment\n", exit: exitAnswer,
		stderr: "easycli: 1 of 1 command failed; first: line 1: ERR unknown command '#', with args beginning with: 'a' 'comment'\n"},
	{name: "hello", script: "HELLO 3 SETNAME\nDBSIZE\n", exit: exitAnswer,
		stderr: "easycli: 1 of 2 commands failed; first: line 1: ERR Syntax error in HELLO option 'SETNAME'\n"},
	{name: "resp3", args: []string{"-3", "--no-raw"}, script: "HGETALL hash\nSMEMBERS set\nZSCORE zset b\nZSCORE zset nosuch\nCONFIG GET maxmemory\n"},
	{name: "json", args: []string{"--json"}, script: "HGETALL hash\nLRANGE list 0 -1\nPING\nGET nosuch\n"},
	{name: "csv", args: []string{"--csv"}, script: "HGETALL hash\nLRANGE list 0 -1\nPING\nGET nosuch\nGET list\n", exit: exitAnswer,
		stderr: "easycli: 1 of 5 commands failed; first: line 5: WRONGTYPE Operation against a key holding the wrong kind of value\n"},
	{name: "delimiters", args: []string{"-d", ",", "-D", ";"}, script: "LRANGE list 0 -1\nGET str\nGET nosuch\n"},
	{name: "reports", script: "INFO nosuch\nCLUSTER INFO x\nMEMORY DOCTOR\nLATENCY DOCTOR\n", exit: exitAnswer,
		stderr: "easycli: 1 of 4 commands failed; first: line 2: ERR wrong number of arguments for 'cluster|info' command\n"},
	{name: "unsubscribe without subscription", args: []string{"--no-raw"}, script: "UNSUBSCRIBE\nPUNSUBSCRIBE a\nPING\n"},
	{name: "blocking", script: "BLPOP list 1\nBLPOP nosuch 0.01\nPING\n"},
	{name: "long line", script: "ECHO " + strings.Repeat("x", 300_000) + "\nPING\n"},
	{name: "many words", script: "RPUSH many" + strings.Repeat(" x", 20_000) + "\nLLEN many\n"},
	{name: "interval", args: []string{"-i", "0.01"}, script: "PING\n2 PING\n"},
	{name: "words after the line", script: "GET str extra\nECHO a b\n", exit: exitAnswer,
		stderr: "easycli: 2 of 2 commands failed; first: line 1: ERR wrong number of arguments for 'get' command\n"},
	{name: "auth", script: "AUTH bob wonderland\nACL WHOAMI\nAUTH bob wrong\nACL WHOAMI\n", exit: exitAnswer,
		stderr: "easycli: 1 of 4 commands failed; first: line 3: WRONGPASS invalid username-password pair or user is disabled.\n"},
	{name: "reset", script: "SELECT 2\nRESET\nGET str\n"},
	{name: "debug protocol", args: []string{"--no-raw"},
		script: "DEBUG PROTOCOL double\nDEBUG PROTOCOL map\nDEBUG PROTOCOL set\nDEBUG PROTOCOL true\nDEBUG PROTOCOL null\n"},
}

func TestScriptsLikeRedisCLI(t *testing.T) {
	b := newBench(t)
	for _, s := range scripts {
		t.Run(s.name, func(t *testing.T) {
			l := sample{text: s.script, words: s.args, stdin: b.places.Replace(s.script)}
			theirs, ours := b.run(t, b.theirs, l, format{}), b.run(t, b.ours, l, format{})
			want := outcome{withoutElapsed(theirs.stdout), s.stderr, int(s.exit)}
			ours.stdout = withoutElapsed(ours.stdout)
			if ours != want || theirs.exit != 0 || theirs.stderr != "" {
				t.Errorf("redis-cli: %s\n want: %s\n  got: %s", show3(theirs), show3(want), show3(ours))
			}
		})
	}
}

// elapsed is what redis-cli says of a slow command; on a busy machine any may be slow.
var elapsed = regexp.MustCompile(`(?m)^\(\d+\.\d\ds\)\n`)

func withoutElapsed(stdout string) string { return elapsed.ReplaceAllString(stdout, "") }

// TestRandomScriptsLikeRedisCLI makes scripts of what a line can be. Where redis-cli shows an error,
// the status is 1 and stderr counts them.
func TestRandomScriptsLikeRedisCLI(t *testing.T) {
	b := newBench(t)
	ways := [][]string{{"--no-raw"}, {}, {"--no-raw", "-3"}, {"--csv"}, {"-3"}, {"-d", "|", "-D", "\n.\n"}}
	for seed := range 200 {
		r := randomLines{rand.New(rand.NewPCG(uint64(seed), 3))}
		l := sample{words: ways[seed%len(ways)], stdin: r.script(20)}
		theirs, ours := b.run(t, b.theirs, l, format{}), b.run(t, b.ours, l, format{})
		if got, want := withoutElapsed(ours.stdout), withoutElapsed(theirs.stdout); got != want {
			t.Fatalf("seed %d %v:\nredis-cli: %q\n  easycli: %q\nscript:\n%s", seed, l.words, want, got, l.stdin)
		}
		if err := consistent(ours, theirs, l.words); err != nil {
			t.Fatalf("seed %d %v: %v\nstdout %q\nstderr %q\nscript:\n%s", seed, l.words, err, ours.stdout, ours.stderr, l.stdin)
		}
	}
}

var (
	failedLine = regexp.MustCompile(`^easycli: (\d+) of \d+ commands? failed; first: line \d+: `)
	errorShown = regexp.MustCompile(`(?m)^((\d+\) )?\(error\) |ERR This instance has cluster)`)
	mistake    = regexp.MustCompile(`(?m)^(Invalid argument\(s\)|Invalid redis-cli repeat command option value\.|unknown redis-cli .*|Use 'restart' .*)$`)
)

// consistent holds the status and stderr against what redis-cli showed. A command that failed in
// EXEC's reply counts, too.
func consistent(ours, theirs outcome, args []string) error {
	told := 0
	if m := failedLine.FindStringSubmatch(ours.stderr); m != nil {
		told, _ = strconv.Atoi(m[1])
	}
	status := exitOK
	switch {
	case strings.Contains(ours.stderr, "ends inside MULTI") || mistake.MatchString(theirs.stdout):
		status = exitInput
	case told > 0:
		status = exitAnswer
	}
	if ours.exit != int(status) {
		return fmt.Errorf("status %d, want %d", ours.exit, status)
	}
	if shown := len(errorShown.FindAllString(theirs.stdout, -1)); len(args) > 0 && args[0] == "--no-raw" && shown != told {
		return fmt.Errorf("redis-cli shows %d errors, stderr tells of %d", shown, told)
	}
	if (ours.stderr == "") != (ours.exit == 0) {
		return fmt.Errorf("status %d with this on stderr", ours.exit)
	}
	return nil
}

type randomLines struct{ *rand.Rand }

func (r randomLines) script(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(r.of("", "", "", " ", "\t") + r.line() + r.of("", "", "", " ", "\t\v"))
		if i < n-1 || r.IntN(4) > 0 {
			b.WriteString(r.of("\n", "\n", "\n", "\r\n"))
		}
	}
	return b.String()
}

func (r randomLines) line() string {
	switch r.IntN(14) {
	case 0:
		return r.of("", " ", "\t", `SET k "x`, `GET 'k`, `GET "k"x`, "0 PING", "-3 PING", `"" PING`)
	case 1:
		return r.of("1", "2", "3", "+1", "01", `"2"`) + " " + r.of("INCR n", "PING", "LPOP list", "GET list", "EXEC")
	case 2:
		return r.of("MULTI", "EXEC", "DISCARD", "MULTI", "EXEC")
	case 3:
		return r.of("SELECT 1", "SELECT 0", "SELECT 99", "SELECT", "WATCH k1", "UNWATCH")
	case 4:
		return r.of("NOSUCH x y", "GET", "LPUSH str x", `""`, "# x", "HGET hash", "CONFIG NOSUCH", "EVAL x 0")
	case 5:
		return r.of(":set hints", ":set x", ":x", "restart", "connect x", "CLIENT GETNAME", "INFO nosuch", "CLUSTER INFO")
	case 6, 7:
		return r.of("LRANGE list 0 -1", "HGETALL hash", "SMEMBERS set", "ZRANGE zset 0 -1 WITHSCORES", "XRANGE stream - +",
			"GEOPOS geo Palermo x", "SCAN 0 MATCH str COUNT 1000", "COMMAND GETKEYS GET k", "CONFIG GET maxmemory", "GET binary", "GET utf8")
	case 8:
		return r.of(`EVAL "return {1,{2,{}},'x',false}" 0`, `EVAL "return redis.error_reply('OOPS x')" 0`,
			`EVAL "redis.setresp(3) return {map={a={double=1.5}}}" 0`,
			`EVAL "redis.setresp(3) return {true,{set={x=true}}}" 0`)
	default:
		return r.of("SET", "set", `"SET"`, "'SeT'") + " k" + strconv.Itoa(r.IntN(3)) + " " + r.word() + r.of("", "", " GET", " XX", " "+r.word())
	}
}

func (r randomLines) word() string {
	return r.of("v", `"two words"`, `'it\'s'`, `"\x00\xff\n"`, `""`, "caf\xc3\xa9", `a\b`, "12", `x"y z"`, `"q\"uote"`,
		`'single "quoted"'`, `"\q\x4"`, `"`+strings.Repeat("long ", 40)+`"`)
}

func (r randomLines) of(from ...string) string { return from[r.IntN(len(from))] }

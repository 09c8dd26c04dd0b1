package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"easycli/internal/quote"
	"easycli/internal/resptest"
)

// The differential tests give the same command lines to the real redis-cli and to easycli, against
// the same server in the same state, and want the same stdout, stderr and exit status. Where the
// two differ on purpose, the line says which rule of differential_rules_test.go applies.

// format is one way to ask for a reply.
type format struct {
	name string
	args []string
	env  []string
	json bool
	// quoted is --quoted-json.
	quoted bool
}

var replyFormats = []format{
	{name: "raw"},
	{name: "terminal", env: []string{"FAKETTY=1"}},
	{name: "human RESP3", args: []string{"-3", "--no-raw"}},
	{name: "csv", args: []string{"--csv"}},
	{name: "json", args: []string{"--json"}, json: true},
	{name: "quoted json", args: []string{"--quoted-json"}, json: true, quoted: true},
}

// typeFormats are the others, for the replies whose types depend on the protocol.
var typeFormats = []format{
	{name: "human RESP2", args: []string{"-2", "--no-raw"}},
	{name: "raw RESP3", args: []string{"-3"}},
	{name: "csv RESP3", args: []string{"-3", "--csv"}},
	{name: "json RESP2", args: []string{"--json", "-2"}, json: true},
	{name: "delimiters RESP3", args: []string{"-3", "--raw", "-d", ",\\n", "-D", ";\n"}},
	{name: "pushes", args: []string{"-3", "--csv", "--show-pushes", "y"}},
}

// TestRepliesLikeRedisCLI runs every line of replies.txt in every format.
func TestRepliesLikeRedisCLI(t *testing.T) {
	lines := readLines(t, "replies.txt")
	for i, f := range slices.Concat(replyFormats, typeFormats) {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel() // each on a server of its own
			b := newBench(t)
			for _, l := range lines {
				if i < len(replyFormats) || l.section == "RESP3 types" || l.section == "scripts" {
					b.compare(t, l, f)
				}
			}
		})
	}
}

// TestOptionsLikeRedisCLI runs every line of options.txt once.
func TestOptionsLikeRedisCLI(t *testing.T) {
	b := newBench(t)
	for _, l := range readLines(t, "options.txt") {
		b.compare(t, l, formatOf(l))
	}
}

// formatOf is the format that a line's own options end in.
func formatOf(l sample) format {
	var f format
	for _, word := range l.words {
		switch word {
		case "--raw", "--no-raw", "--csv":
			f.json = false
		case "--json", "--quoted-json":
			f.json, f.quoted = true, word == "--quoted-json"
		}
	}
	return f
}

// bench is what the two programs are compared on.
type bench struct {
	theirs, ours string
	redis        *resptest.Redis
	state        *state
	// places are what stands in braces in a line: addresses and files.
	places *strings.Replacer
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{theirs: resptest.RedisCLI(t), ours: resptest.Build(t), redis: resptest.Server(t)}
	b.state = newState(t, b.redis.Addr)
	locked := resptest.Server(t, "--requirepass", "wonderland")
	b.places = strings.NewReplacer(
		"{port}", portOf(b.redis.Addr),
		"{socket}", b.redis.Socket,
		"{locked}", portOf(locked.Addr),
		"{dead}", deadPort(t),
		"{dir}", "testdata/differential",
	)
	return b
}

func portOf(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}

// deadPort is a port that nobody listens on.
func deadPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return portOf(l.Addr().String())
}

// compare runs a line with both programs and judges.
func (b *bench) compare(t *testing.T, l sample, f format) {
	t.Helper()
	theirs := b.run(t, b.theirs, l, f)
	ours := b.run(t, b.ours, l, f)
	want, err := expect(l, f, theirs, ours)
	if err != nil {
		t.Errorf("%s: %s\n   redis-cli: %s\n     easycli: %s", l, err, show3(theirs), show3(ours))
		return
	}
	if got := normal(l, ours); got != normal(l, want) {
		t.Errorf("%s:\n   redis-cli: %s\n        want: %s\n         got: %s", l, show3(theirs), show3(want), show3(ours))
	}
	if f.json && (ours.exit == 0 || ours.exit == 1) && !validJSON(ours.stdout) {
		t.Errorf("%s: no JSON: %q", l, ours.stdout)
	}
}

func validJSON(text string) bool {
	for d := json.NewDecoder(strings.NewReader(text)); ; {
		var v any
		if err := d.Decode(&v); err != nil {
			return err == io.EOF
		}
	}
}

// patience is for one process, which needs a few milliseconds.
const patience = 10 * time.Second

// outcome is what a program left behind.
type outcome struct {
	stdout, stderr string
	exit           int
}

func show3(o outcome) string {
	return fmt.Sprintf("%d %.1500q stderr %.500q", o.exit, o.stdout, o.stderr)
}

// run carries out a line on fresh data. It is resptest.Exec without what that does for memory: a
// test of thousands of processes has no time for it.
func (b *bench) run(t *testing.T, program string, l sample, f format) outcome {
	t.Helper()
	b.state.reset(t)
	var args []string
	if !l.has("elsewhere") {
		args = append(args, "-p", portOf(b.redis.Addr))
	}
	args = append(args, f.args...)
	for _, word := range l.words {
		args = append(args, b.places.Replace(word))
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "HOME=/nonexistent", "TERM=dumb")
	cmd.Env = append(append(cmd.Env, f.env...), l.env...)
	cmd.Stdin = strings.NewReader(l.stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if ctx.Err() != nil {
		t.Errorf("%s: %s did not end", l, program)
	}
	return outcome{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// sample is a command line to compare: rules, variables, words and what stdin holds, as in
//
//	usage: FAKETTY=1 -x SET str << "text"
type sample struct {
	text, section string
	rules         []string
	env           []string
	words         []string
	stdin         string
}

func (l sample) String() string { return l.text }

func (l sample) has(rule string) bool {
	for _, r := range l.rules {
		if r == rule {
			return true
		}
	}
	return false
}

func readLines(t *testing.T, file string) []sample {
	t.Helper()
	var lines []sample
	section := ""
	for i, text := range readTable(t, file) {
		if after, ok := strings.CutPrefix(text, "# "); ok {
			section = after
		}
		if text == "" || text[0] == '#' {
			continue
		}
		l, err := parseLine(text)
		if err != nil {
			t.Fatalf("%s:%d: %v", file, i+1, err)
		}
		l.section = section
		lines = append(lines, l)
	}
	return lines
}

func parseLine(text string) (sample, error) {
	l := sample{text: text}
	args, err := quote.Split([]byte(text), nil)
	if err != nil {
		return l, err
	}
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = string(arg)
	}
	if n := len(words); n >= 2 && words[n-2] == "<<" {
		l.stdin, words = words[n-1], words[:n-2]
	}
	for len(words) > 0 && strings.HasSuffix(words[0], ":") {
		rule := strings.TrimSuffix(words[0], ":")
		if rules[rule] == nil {
			return l, fmt.Errorf("no rule is called %q", rule)
		}
		l.rules, words = append(l.rules, rule), words[1:]
	}
	for len(words) > 0 && strings.Contains(words[0], "=") && words[0][0] >= 'A' && words[0][0] <= 'Z' {
		l.env, words = append(l.env, words[0]), words[1:]
	}
	l.words = words
	return l, nil
}

func readTable(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/differential/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// state brings a server back to the data of state.txt.
type state struct {
	conn net.Conn
	in   *bufio.Reader
	wire []byte
}

// mark is what the server says when all is as it should be.
const mark = "$12\r\nstate is set\r\n"

func newState(t *testing.T, addr string) *state {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	s := &state{conn: conn, in: bufio.NewReader(conn)}
	for _, text := range readTable(t, "state.txt") {
		if text[0] == '#' {
			continue
		}
		args, err := quote.Split([]byte(text), nil)
		if err != nil {
			t.Fatalf("state.txt: %s: %v", text, err)
		}
		words := make([]string, len(args))
		for i, arg := range args {
			words[i] = string(arg)
		}
		s.wire = append(s.wire, resptest.Command(words...)...)
	}
	s.wire = append(s.wire, resptest.Command("ECHO", "state is set")...)
	return s
}

func (s *state) reset(t *testing.T) {
	t.Helper()
	if _, err := s.conn.Write(s.wire); err != nil {
		t.Fatal(err)
	}
	var seen []byte
	for !bytes.HasSuffix(seen, []byte(mark)) {
		text, err := s.in.ReadBytes('\n')
		if err != nil {
			t.Fatal(err)
		}
		if text[0] == '-' {
			t.Fatalf("state.txt: the server says %q", text)
		}
		seen = append(seen, text...)
	}
}

//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"easycli/internal/resptest"
)

// T127 and T128: connections are killed, easycli is killed, and the same command line is run again
// until it says that all is done.
func TestACheckpointSurvivesTheDeathOfEasycli(t *testing.T) {
	n, cuts, kills := 30_000, 20, 5
	if soaking {
		n, cuts, kills = 2_000_000, 20, 5
	}
	s := resptest.Shared(t)
	file := filepath.Join(t.TempDir(), "in.txt")
	if err := os.WriteFile(file, []byte(strings.Repeat("INCR exact\r\n", n)), 0o600); err != nil {
		t.Fatal(err)
	}
	for round := range 3 {
		s.Do("FLUSHALL")
		rng := rand.New(rand.NewPCG(uint64(round), 7))
		stdin, batch := round == 1, []string{"100", "1000", "2000"}[round]
		status, starts, cut := -1, 0, 0
		for status != 0 {
			if starts++; starts > 50 {
				t.Fatal("the load does not end")
			}
			cmd := exec.Command(resptest.Build(t), append(at(t, s.Addr), "--pipe", "--checkpoint", "ck", "--batch", batch)...)
			if stdin {
				in, err := os.Open(file)
				if err != nil {
					t.Fatal(err)
				}
				defer in.Close()
				cmd.Stdin = in
			} else {
				cmd.Args = append(cmd.Args, file)
			}
			var out, errs strings.Builder
			cmd.Stdout, cmd.Stderr = &out, &errs
			begun := countOf(s, "exact")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan int, 1)
			go func() { ended <- exitOf(t, cmd) }()
			kill := 2 * n
			if starts <= kills {
				kill = begun + 1 + rng.IntN(n/(kills+2))
			}
			nextCut := begun + rng.IntN(n/cuts)
			for running := true; running; {
				select {
				case status = <-ended:
					running = false
				case <-time.After(100 * time.Microsecond):
					at := countOf(s, "exact")
					if at >= nextCut && cut < cuts {
						cut++
						nextCut = at + rng.IntN(n/cuts)
						s.Do("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
					}
					if at >= kill {
						kill = 2 * n
						cmd.Process.Kill()
					}
				}
			}
			if status != 0 && status != 128+9 {
				t.Fatalf("round %d: status %d\n%s\n%s", round, status, &out, &errs)
			}
		}
		if got := countOf(s, "exact"); got != n || starts < 2 || cut < 3 {
			t.Fatalf("round %d: counter %d, want %d, after %d starts and %d cuts", round, got, n, starts, cut)
		}
		t.Logf("round %d: %d starts, %d connections killed", round, starts, cut)
	}
}

func TestACheckpointOnTheCommandLine(t *testing.T) {
	s := resptest.Shared(t)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	head := strings.Repeat("INCR exact\n", 150_000)
	one, two := write("one", head+"INCR a\n"), write("two", "INCR exact\nSELECT 4\nINCR exact\n")
	other := write("other", head+"INCR b\n")
	broken := write("broken", "INCR exact\nINCR \"\n")
	report := filepath.Join(dir, "report")
	load := func(words ...string) result { return easycli("", append(at(t, s.Addr), words...)...) }

	got := load("--pipe", "--checkpoint", "ck", one, two)
	if got.status != 0 || got.out != "All data transferred. Waiting for the last reply...\nLast reply received from server.\nerrors: 0, replies: 150004\n" || got.err != "" {
		t.Fatalf("%+v", got)
	}
	got = load("--pipe", "--checkpoint", "ck", one, two)
	if got.status != 0 || got.err != "easycli: already loaded: \"ck\" says that all 150004 commands of this input have been\n"+
		"easycli: to load it again: DEL ck\n" {
		t.Fatalf("again: %+v", got)
	}
	// Neither the length nor the beginning tells these apart.
	got = load("--pipe", "--checkpoint", "ck2", one)
	if got.status != 0 {
		t.Fatalf("%+v", got)
	}
	got = load("--pipe", "--checkpoint", "ck2", other)
	if got.status != exitInput || !strings.Contains(got.err, `"ck2" belongs to another input, of which 150001 commands have been loaded`) {
		t.Fatalf("another input: %+v", got)
	}
	got = load("--pipe", "--checkpoint", "ck3", "--report", report, broken)
	if got.status != exitInput || !strings.Contains(got.err, "easycli: loaded up to command 1 ("+broken+", byte 11)\neasycli: once the input is mended, HDEL \"ck3\" size tail, and the same command line goes on behind them\n"+
		"resume: easycli -h 127.0.0.1 ") || !strings.HasSuffix(got.err, " "+broken+"\n") {
		t.Fatalf("broken input: %+v", got)
	}
	var told struct {
		Outcome    string
		Checkpoint struct {
			Key      string
			Commands int
			Complete bool
		}
		Resume struct{ Command string }
	}
	text, _ := os.ReadFile(report)
	if err := json.Unmarshal(text, &told); err != nil || told.Outcome != "input" || told.Checkpoint.Key != "ck3" ||
		told.Checkpoint.Commands != 1 || told.Checkpoint.Complete || !strings.Contains(told.Resume.Command, "--checkpoint ck3") {
		t.Fatalf("%v, %+v\n%s", err, told, text)
	}
	s.Do("SET", "string", "x")
	if got = load("--pipe", "--checkpoint", "string", one); got.status != exitAnswer || !strings.Contains(got.err, "WRONGTYPE") {
		t.Fatalf("%+v", got)
	}
	template := write("rows.csv", "a,b\n1,2\n")
	if got = load("--pipe", "--checkpoint", "ck4", "--template", "SET k{a} {b}", template); got.status != 0 || s.Do("GET", "k1") != "2" {
		t.Fatalf("%+v", got)
	}
	if got = load("--pipe", "--checkpoint", "ck4", "--template", "SET k{b} {a}", template); got.status != exitInput {
		t.Fatalf("another template: %+v", got)
	}
	for _, words := range [][]string{{"ck5", "1,50"}, {"ck5", "1,50"}} { // loaded, and loaded already
		got = load("--pipe", "--checkpoint", words[0], "--wait", words[1], two)
		if got.status != exitNotConfirmed || !strings.Contains(got.err, "not confirmed within 50 ms: 0 of 1 replicas have it") ||
			s.Do("HGET", "ck5", "state") != "complete" {
			t.Fatalf("not confirmed: %+v", got)
		}
	}
	for line, want := range map[string]string{
		"--pipe --batch 10":               "--batch is for --checkpoint",
		"--pipe --checkpoint a --skip 4":  "--skip does not go with it",
		"--pipe --checkpoint=":            "--checkpoint wants the name of a key",
		"--pipe --checkpoint a --batch 0": "--batch wants a whole number above 0",
		"--checkpoint a PING":             "--checkpoint is for --pipe",
	} {
		if _, err := parse(strings.Fields(line), nowhere()); statusOf(err) != exitUsage || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// T135: a file of rejects that cannot be written ends the load, and KEY says where.
func TestACheckpointAndAFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full here")
	}
	s := resptest.Shared(t)
	in := strings.Repeat("INCR exact\nLPUSH exact x\n", 20_000)
	full := filepath.Join(t.TempDir(), "full")
	if err := os.Symlink("/dev/full", full); err != nil {
		t.Fatal(err)
	}
	got := easycli(in, append(at(t, s.Addr), "--pipe", "--checkpoint", "ck", "--reject", full)...)
	settled := 2 * countOf(s, "exact")
	if got.status != exitOutput || !strings.Contains(got.err, "cannot write "+full+": no space left on device") ||
		!strings.Contains(got.err, fmt.Sprintf("loaded up to command %d ", settled)) || settled == 40_000 {
		t.Fatalf("%d settled, status %d, %s", settled, got.status, got.err[max(0, len(got.err)-500):])
	}
	got = easycli(in, append(at(t, s.Addr), "--pipe", "--checkpoint", "other", "--reject", full)...)
	if got.status != exitOutput || !strings.Contains(got.err, full+".log: there is something in it already") || s.Do("HGET", "other", "commands") != "0" {
		t.Fatalf("%+v", got)
	}
	rejects := filepath.Join(t.TempDir(), "rejects")
	got = easycli(in, append(at(t, s.Addr), "--pipe", "--checkpoint", "ck", "--reject", rejects)...)
	if got.status != exitAnswer || countOf(s, "exact") != 20_000 {
		t.Fatalf("again: counter %d, status %d", countOf(s, "exact"), got.status)
	}
}

func TestACheckpointWithAWholeCluster(t *testing.T) {
	c := resptest.SharedCluster(t)
	in := strings.Repeat("INCR {ck}exact\n", 5000)
	for i, node := range c.Masters() { // whichever is named, the load goes to the one that has the key
		c.Do("DEL", "ck", "{ck}exact")
		got := easycli(in, append(at(t, node.Addr), "-c", "--pipe", "--checkpoint", "ck")...)
		if got.status != 0 || c.Do("GET", "{ck}exact") != "5000" {
			t.Fatalf("node %d: %+v", i, got)
		}
		got = easycli(in+"SET other 1\n", append(at(t, node.Addr), "-c", "--pipe", "--checkpoint", "{ck}2")...)
		if got.status != exitInput || !strings.Contains(got.err, `line 5001, byte 75000: the key "other" is in slot 11361 and "{ck}2" in slot`) {
			t.Fatalf("node %d: %+v", i, got)
		}
	}
}

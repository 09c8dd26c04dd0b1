//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"easycli/internal/resptest"
)

// A file that may not grow any further stops the load, with its counts.
func TestALoadWhoseRejectsFindNoRoom(t *testing.T) { // T135
	s := resptest.Shared(t)
	path := filepath.Join(t.TempDir(), "rejects")
	shell := fmt.Sprintf("ulimit -f 8; exec %s %s --pipe --reject %s", resptest.Build(t), strings.Join(at(t, s.Addr), " "), path)
	got := resptest.Exec(t, "/bin/sh", []string{"-c", shell}, strings.Repeat("NOSUCH\n", 100_000))
	if got.Exit != int(exitOutput) || !strings.Contains(got.Stderr, "cannot write "+path) || !strings.Contains(got.Stderr, "file too large") ||
		!strings.Contains(got.Stderr, "not sent from ") || !strings.Contains(got.Stdout, "errors: ") {
		t.Errorf("%+v", got)
	}
}

func TestAServerInTroubleIsAnErrorOfTheServer(t *testing.T) { // T131
	s := resptest.Server(t, "--requirepass", "secret")
	got := resptest.Exec(t, resptest.Build(t), append(at(t, s.Addr), "--pipe"), "SET a 1\nSET b 1\n")
	if got.Exit != int(exitAnswer) || !strings.Contains(got.Stderr, "stopped: the server answers NOAUTH, first to line 1, byte 0: SET: ") ||
		!strings.Contains(got.Stderr, "EASYCLI_AUTH") || !strings.HasSuffix(got.Stdout, "errors: 2, replies: 2\n") {
		t.Errorf("%+v", got)
	}
}

// resumes is the number that a load asks to be continued with.
var resumes = regexp.MustCompile(`(?m)^resume: easycli .* --skip (\d+) < FILE$`)

func TestALoadWhoseConnectionIsKilled(t *testing.T) { // T126
	s := resptest.Shared(t)
	n, moments := 300_000, 8
	if soaking {
		n, moments = 2_000_000, 50
	}
	for i := range moments {
		key, at := fmt.Sprint("killed:", i), 1+rand.IntN(n*9/10)
		l := startLoad(t, s.Addr, "--name", "victim")
		go func() {
			io.WriteString(l.in, strings.Repeat("INCR "+key+"\n", n))
			l.in.Close()
		}()
		atLeast(t, s, key, at)
		killNamed(s, "victim")
		status, acknowledged := l.end()
		applied := countOf(s, key)
		lost := regexp.MustCompile(`sent (\d+), acknowledged (\d+) \(0 errors\)(?:, in doubt (\d+)-(\d+) \(from byte \d+\))?, not sent from (\d+) `).
			FindStringSubmatch(l.err.String())
		if status != int(exitLost) || lost == nil {
			t.Fatalf("status %d\n%s", status, &l.err)
		}
		sent, _ := strconv.Atoi(lost[1])
		if lost[2] != strconv.Itoa(acknowledged) || applied < acknowledged || applied > sent ||
			sent > acknowledged && (lost[3] != strconv.Itoa(acknowledged+1) || lost[4] != lost[1]) || lost[5] != strconv.Itoa(sent+1) {
			t.Errorf("%d were carried out, %q", applied, lost)
		}
		if next := resumes.FindStringSubmatch(l.err.String()); next == nil || next[1] != strconv.Itoa(acknowledged) {
			t.Errorf("acknowledged %d, and %v in\n%s", acknowledged, next, &l.err)
		}
	}
}

// killNamed cuts the connection of that name.
func killNamed(s *resptest.Redis, name string) {
	for line := range strings.Lines(s.Do("CLIENT", "LIST")) {
		if strings.Contains(line, " name="+name+" ") {
			id, _, _ := strings.Cut(strings.TrimPrefix(line, "id="), " ")
			s.Do("CLIENT", "KILL", "ID", id)
		}
	}
}

func TestALoadIsContinuedAsItSays(t *testing.T) { // T129
	s, binary := resptest.Server(t), resptest.Build(t)
	n := 200_000
	if soaking {
		n = 2_000_000
	}
	path := generated(t, sets(n))
	line := []string{binary}
	line = append(line, at(t, s.Addr)...)
	line = append(line, "--pipe", "--name", "victim")
	command := shellLine(line) + " < " + path
	for kill := 0; ; kill++ {
		cmd := exec.Command("/bin/sh", "-c", command)
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if kill < 3 {
			for size := countKeys(s); countKeys(s) < min(size+n/10, n); {
				time.Sleep(time.Millisecond)
			}
			killNamed(s, "victim")
		}
		status := exitOf(t, cmd)
		if status == 0 {
			break
		}
		_, again, found := strings.Cut(errs.String(), "resume: easycli ")
		if status != int(exitLost) || !found || kill == 3 {
			t.Fatalf("status %d\n%s", status, &errs)
		}
		command = binary + " " + strings.Replace(strings.TrimSpace(again), "< FILE", "< "+path, 1)
	}
	if s.Do("DBSIZE") != strconv.Itoa(n) {
		t.Errorf("%s keys of %d", s.Do("DBSIZE"), n)
	}
	loaded := s.Do("DEBUG", "DIGEST")
	s.Do("FLUSHALL")
	if status := resptest.Exec(t, "/bin/sh", []string{"-c", shellLine(line) + " < " + path}, "").Exit; status != 0 || s.Do("DEBUG", "DIGEST") != loaded {
		t.Errorf("status %d: a clean load gives other data", status)
	}
}

func countKeys(s *resptest.Redis) int {
	n, _ := strconv.Atoi(s.Do("DBSIZE"))
	return n
}

func shellLine(words []string) string {
	line := ""
	for _, word := range words {
		line += shellWord(word) + " "
	}
	return line
}

// A load that is killed without a word goes on where its journal says, and repeats no more than what
// was acknowledged since the last record.
func TestAKilledLoadGoesOnByItsJournal(t *testing.T) {
	s := resptest.Server(t)
	const n = 200_000
	path, journal := generated(t, sets(n)), filepath.Join(t.TempDir(), "journal")
	args := append(at(t, s.Addr), "--pipe", "--rate", "80k", "--journal", journal, path)
	for kills := 0; ; kills++ {
		cmd := exec.Command(resptest.Build(t), args...)
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if kills < 3 {
			recorded := journalOf(journal)
			for deadline := time.Now().Add(20 * time.Second); journalOf(journal) == recorded && time.Now().Before(deadline); {
				time.Sleep(time.Millisecond)
			}
			cmd.Process.Kill()
			cmd.Wait()
			if at := journalOf(journal); at > countKeys(s) {
				t.Fatalf("the journal says %d, and there are %d keys", at, countKeys(s))
			}
			continue
		}
		if status := exitOf(t, cmd); status != 0 || countKeys(s) != n || journalOf(journal) != n {
			t.Fatalf("status %d, %d keys, the journal says %d\n%s", status, countKeys(s), journalOf(journal), &errs)
		}
		break
	}
	got := resptest.Exec(t, resptest.Build(t), args, "")
	if got.Exit != 0 || got.Stdout != "errors: 0, replies: 0\n" || !strings.Contains(got.Stderr, fmt.Sprintf("all of this has been loaded, %d commands", n)) {
		t.Errorf("%+v", got)
	}
}

// journalOf is how many commands a journal says were acknowledged, 0 if there is none.
func journalOf(path string) int {
	text, _ := os.ReadFile(path)
	var record struct{ Acknowledged int }
	json.Unmarshal(text, &record)
	return record.Acknowledged
}

// A file that cannot grow at all ends the load, or its report, with a status of its own.
func TestALoadWhoseFilesFindNoRoom(t *testing.T) { // T135
	s := resptest.Shared(t)
	for _, option := range []string{"--journal", "--report"} {
		path := filepath.Join(t.TempDir(), "file")
		shell := fmt.Sprintf("ulimit -f 0; exec %s %s --pipe %s %s", resptest.Build(t), strings.Join(at(t, s.Addr), " "), option, path)
		got := resptest.Exec(t, "/bin/sh", []string{"-c", shell}, "SET room 1\n")
		if got.Exit != int(exitOutput) || !strings.Contains(got.Stderr, "cannot write "+path+": file too large") ||
			!strings.HasSuffix(got.Stdout, "errors: 0, replies: 1\n") {
			t.Errorf("%s: %+v", option, got)
		}
		if left, _ := os.ReadDir(filepath.Dir(path)); len(left) > 0 {
			t.Errorf("%s left %v", option, left)
		}
	}
}

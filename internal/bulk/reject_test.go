package bulk

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"easycli/internal/resptest"
)

// rejecting is a load with a file for its rejects.
func rejecting(path string) func(*Config) { return func(c *Config) { c.Reject = path } }

func contents(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// logOf is the lines of the log of rejects.
func logOf(t *testing.T, path string) []rejectLine {
	t.Helper()
	var lines []rejectLine
	for text := range strings.Lines(contents(t, path+logSuffix)) {
		var line rejectLine
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatal(text, err)
		}
		lines = append(lines, line)
	}
	return lines
}

func TestRejectsCanBeLoadedAgain(t *testing.T) { // T130
	s := resptest.Shared(t)
	s.Do("FLUSHALL")
	s.Do("SET", "wrong", "x")
	n, every := soak(50_000, 1_000_000), 1000
	var in, want strings.Builder
	for i := 1; i <= n; i++ {
		words := []string{"SET", "k" + strconv.Itoa(i), "v"}
		if i%every == 0 {
			words = []string{"RPUSH", "wrong", "\r\n\x00" + strconv.Itoa(i)}
			want.WriteString(resptest.Command(words...))
		}
		in.WriteString(resptest.Command(words...))
	}
	path := filepath.Join(t.TempDir(), "rejects")
	o := loadText(t, s, in.String(), rejecting(path))
	if o.end != ErrCommands || o.Errors != int64(n/every) || contents(t, path) != want.String() {
		t.Fatalf("%+v", o.Report)
	}
	log := logOf(t, path)
	for i, line := range log {
		number := int64((i + 1) * every)
		if line.Number != number || line.Command != "RPUSH" || line.Key != "wrong" || !strings.HasPrefix(line.Error, "WRONGTYPE ") ||
			line.Rejected != "command" || !strings.HasPrefix(in.String()[line.Offset:], "*3\r\n$5\r\nRPUSH") {
			t.Fatalf("%+v", line)
		}
	}
	if len(log) != n/every {
		t.Fatalf("%d lines in the log", len(log))
	}
	s.Do("DEL", "wrong") // the cure
	if o := loadText(t, s, contents(t, path)); o.end != nil || s.Do("LLEN", "wrong") != strconv.Itoa(n/every) ||
		s.Do("LINDEX", "wrong", "0") != "\r\n\x00"+strconv.Itoa(every) {
		t.Fatalf("%+v", o)
	}
	for _, name := range []string{path, path + logSuffix} {
		if info, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
}

func TestRejectsOfTransactions(t *testing.T) {
	s := resptest.Shared(t)
	tx := func(commands ...string) string {
		return resptest.Command("MULTI") + strings.Join(commands, "") + resptest.Command("EXEC")
	}
	set := func(key string) string { return resptest.Command("SET", key, "1") }
	push, unknown := resptest.Command("LPUSH", "str", "x"), resptest.Command("NOSUCH", "x")
	for name, c := range map[string]struct {
		in, want string
		log      string // number/transaction/what of each line
	}{
		"executed, one failed":  {tx(set("a"), push, set("b")), push, "3/1/command"},
		"executed, two failed":  {set("a") + tx(push, set("a"), push), push + push, "3/2/command 5/2/command"},
		"not queued":            {tx(set("a"), unknown), tx(set("a"), unknown), "3/1/transaction 4/1/transaction"},
		"not queued, then well": {tx(unknown) + tx(set("a")) + push, tx(unknown) + push, "2/1/transaction 3/1/transaction 7/0/command"},
		"nested, executed": {resptest.Command("MULTI") + tx(set("a"), push), push,
			"2/1/transaction 4/1/command"},
		"given up by the input": {resptest.Command("MULTI") + unknown + resptest.Command("DISCARD"), "", "2/1/transaction"},
		"watched": {resptest.Command("WATCH", "w") + resptest.Command("SET", "w", "2") + tx(set("w")), tx(set("w")),
			"5/3/transaction"},
		"none open": {resptest.Command("EXEC"), resptest.Command("EXEC"), "1/0/command"},
		"too large": {tx(resptest.Command("SET", "big", strings.Repeat("x", 512<<10)), strings.Repeat(set("a"), 200_000), unknown), "",
			"200003/1/transaction 200004/1/nothing"},
		"executed, too large": {tx(strings.Repeat(set("a"), 200_000), push), "", "200003/1/nothing"},
	} {
		s.Do("FLUSHALL")
		s.Do("SET", "str", "x")
		path := filepath.Join(t.TempDir(), "rejects")
		o := loadText(t, s, c.in, rejecting(path))
		if o.end != ErrCommands || contents(t, path) != c.want {
			t.Errorf("%s: %v, rejected %.300q, want %.300q", name, o.end, contents(t, path), c.want)
		}
		var log []string
		for _, line := range logOf(t, path) {
			log = append(log, fmt.Sprintf("%d/%d/%s", line.Number, line.Transaction, line.Rejected))
		}
		if got := strings.Join(log, " "); got != c.log {
			t.Errorf("%s: log %s, want %s", name, got, c.log)
		}
		if too := strings.Contains(o.err, "too large to be kept: 1"); too != strings.Contains(c.log, "nothing") {
			t.Errorf("%s: %s", name, o.err)
		}
	}
}

// A command that was passed on in pieces is not at hand when it fails.
func TestALargeCommandIsOnlyNamedAmongTheRejects(t *testing.T) {
	s := resptest.Shared(t)
	s.Do("SET", "str", "x")
	path := filepath.Join(t.TempDir(), "rejects")
	o := loadText(t, s, resptest.Command("LPUSH", "str", strings.Repeat("x", 2<<20))+resptest.Command("LPUSH", "str", "y"), rejecting(path))
	if log := logOf(t, path); o.Errors != 2 || contents(t, path) != resptest.Command("LPUSH", "str", "y") ||
		len(log) != 2 || log[0].Rejected != "nothing" || log[0].Command != "LPUSH" || log[1].Number != 2 {
		t.Fatalf("%+v %+v", o.Report, log)
	}
}

// What stops the load is sent again by the one that continues it, so it is no reject.
func TestWhatStopsTheLoadIsNotRejected(t *testing.T) {
	s := resptest.Server(t, "--maxmemory-policy", "noeviction")
	s.Do("CONFIG", "SET", "maxmemory", "1")
	path := filepath.Join(t.TempDir(), "rejects")
	o := loadText(t, s, "NOSUCH1\nSET a 1\nNOSUCH2\nSET a 1\n", rejecting(path))
	if o.Resume != 2 || contents(t, path) != resptest.Command("NOSUCH1") || len(logOf(t, path)) != 1 {
		t.Fatalf("%+v %q", o, contents(t, path))
	}
}

func TestTheLogOfRejectsHoldsNoSecrets(t *testing.T) {
	s := resptest.Shared(t)
	path := filepath.Join(t.TempDir(), "rejects")
	loadText(t, s, "AUHT hunter2\nLPUSH \"\\x1b\\xff\xe6\x97\xa5\" \n", rejecting(path))
	log := contents(t, path+logSuffix)
	if strings.Contains(log, "hunter2") || strings.Contains(log, "\x1b") || strings.Contains(log, "\xff") || len(logOf(t, path)) != 2 {
		t.Fatal(log)
	}
}

func TestRejectsAreNotMixedWithOlderOnes(t *testing.T) {
	s := resptest.Shared(t)
	for _, suffix := range []string{"", logSuffix} {
		path := filepath.Join(t.TempDir(), "rejects")
		os.WriteFile(path+suffix, []byte("old"), 0o600)
		o := loadText(t, s, "SET rejected 1\n", rejecting(path))
		var output *OutputError
		if !errors.As(o.end, &output) || output.File != path+suffix || o.Sent != 0 || contents(t, path+suffix) != "old" ||
			!strings.Contains(o.err, "cannot write "+path+suffix+": there is something in it") {
			t.Errorf("%+v", o)
		}
	}
	if s.Do("EXISTS", "rejected") != "0" {
		t.Error("something was loaded")
	}
}

func TestAFullDiskStopsTheLoad(t *testing.T) { // T135
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full")
	}
	s := resptest.Shared(t)
	for _, full := range []string{"rejects", "rejects" + logSuffix} {
		dir := t.TempDir()
		os.Symlink("/dev/full", filepath.Join(dir, full))
		path := filepath.Join(dir, "rejects")
		o := loadText(t, s, strings.Repeat("NOSUCH\n", 3*window), rejecting(path))
		var output *OutputError
		if !errors.As(o.end, &output) || !errors.Is(o.end, syscall.ENOSPC) || output.File != filepath.Join(dir, full) || o.Replies > window ||
			!strings.Contains(o.err, "cannot write "+output.File+": no space left on device") || !strings.Contains(o.err, "not sent from ") {
			t.Errorf("%s: %v %+v", full, o.end, o.Report)
		}
	}
}

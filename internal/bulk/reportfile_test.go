package bulk

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

// reported is the report on a load, which says what it would with this exit status.
func reported(t *testing.T, addr, in string, change ...func(*Config)) (fileReport, outcome) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.json")
	change = append(change, func(c *Config) {
		c.Report, c.Status = path, func(err error) int { return len(outcomeOf(err)) }
		c.Resume = func(skip int64) (string, string) { return fmt.Sprint("again --skip ", skip), "luck" }
	})
	o := loadInto(addr, strings.NewReader(in), change...)
	var r fileReport
	if err := json.Unmarshal([]byte(contents(t, path)), &r); err != nil {
		t.Fatal(err)
	}
	if r.Version != 1 || r.ExitStatus != len(r.Outcome) || r.Finished.Before(r.Started) || time.Since(r.Started) > time.Hour ||
		r.Address != addr || r.Acknowledged != o.Replies || r.Sent != o.Sent || r.Errors != o.Errors {
		t.Errorf("%+v\n%+v", r, o)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	return r, o
}

func TestTheReportOfALoad(t *testing.T) {
	s := resptest.Shared(t)
	r, _ := reported(t, s.Addr, "SET a 1\n")
	if r.Outcome != "ok" || r.Resume != nil || r.Error != "" || len(r.Failures) != 0 || r.Next != (filePlace{Number: 2, Offset: 8}) {
		t.Errorf("%+v", r)
	}
	r, _ = reported(t, s.Addr, "SET a 1\nLPUSH a x\nMULTI\nAUHT pw\nEXEC\n")
	if r.Outcome != "errors" || r.Resume != nil || !reflect.DeepEqual(r.ByClass, map[string]int64{"WRONGTYPE": 1, "ERR": 1, "EXECABORT": 1}) {
		t.Errorf("%+v", r)
	}
	want := fileFailure{filePlace: filePlace{Number: 4, Line: 4, Offset: 24}, Command: "AUHT", Transaction: 3, Error: "ERR unknown command 'AUHT'"}
	if len(r.Failures) != 3 || r.Failures[1] != want || r.Failures[0].Key != "a" {
		t.Errorf("%+v", r.Failures)
	}
	r, _ = reported(t, s.Addr, strings.Repeat("NOSUCH\n", 30), func(c *Config) { c.Inputs[0].Name, c.Inputs[0].Size = "in", 210 })
	if len(r.Failures) != shownFailures || r.ByClass["ERR"] != 30 || r.Failures[19].File != "in" || r.Inputs[0] != (fileInput{"in", 210}) {
		t.Errorf("%+v", r)
	}
}

// Whatever ends a load, there is a report on it, and it says how to go on.
func TestTheReportOfALoadThatIsNotComplete(t *testing.T) {
	s := resptest.Shared(t)
	r, o := reported(t, s.Addr, "SET a 1\nMULTI\nSET b 1\nSET c \"\n")
	if r.Outcome != "input" || r.Resume == nil || *r.Resume != (fileResume{Skip: 1, Command: "again --skip 1"}) || r.Discarded != 1 {
		t.Errorf("%+v", r)
	}
	if !strings.HasSuffix(o.err, "easycli: to continue once the input is mended, with luck:\nresume: again --skip 1\n") {
		t.Error(o.err)
	}
	r, o = reported(t, s.Addr, strings.Repeat("SET a 1\nNOSUCH\n", 3*window), func(c *Config) { c.StopAfter = 2; c.Skip = 10 })
	if r.Outcome != "stopped" || r.StoppedBy != "errors" || r.Resume.Skip != 10+r.Sent || r.Skipped != 10 || o.Resume != 11+o.Sent {
		t.Errorf("%+v", r)
	}
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		for range 3 {
			c.Next()
		}
		c.Reply("+OK\r\n")
	})
	r, o = reported(t, peer.Addr, "SET a 1\nSET b 1\nSET c 1\n", func(c *Config) { c.Inputs[0].Name = "in" })
	if r.Outcome != "lost" || r.Resume.Skip != 1 || !reflect.DeepEqual(r.InDoubt, []fileRange{{First: 2, Last: 3, File: "in", Line: 2, Offset: 8}}) {
		t.Errorf("%+v", r)
	}
	if !strings.Contains(o.err, "in doubt 2-3 (from in, byte 8), not sent from 4 (in, byte 24)\n") ||
		!strings.Contains(o.err, "to continue (this repeats the commands in doubt), with luck:\nresume: again --skip 1\n") {
		t.Error(o.err)
	}
	oom := resptest.Peer(t, func(c *resptest.PeerConn) {
		for range 3 {
			c.Next()
		}
		c.Reply("+OK\r\n-OOM x\r\n+OK\r\n").Swallow()
	})
	r, o = reported(t, oom.Addr, "SET a 1\nSET b 1\nSET c 1\n")
	if r.Outcome != "stopped" || r.StoppedBy != "OOM" || *r.Resume != (fileResume{Skip: 1, Repeats: 1, Command: "again --skip 1"}) ||
		!strings.Contains(o.err, "once that is mended (this repeats 1 commands that were carried out)") {
		t.Errorf("%+v\n%s", r, o.err)
	}
	stop := make(chan struct{})
	close(stop)
	r, _ = reported(t, s.Addr, "", func(c *Config) { c.Interrupt = stop })
	if r.Outcome != "connect" && r.Outcome != "interrupted" {
		t.Errorf("%+v", r)
	}
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody.Close()
	r, o = reported(t, nobody.Addr().String(), "SET a 1\n")
	if r.Outcome != "connect" || r.Resume != nil || !strings.Contains(r.Error, "refused") || !errors.As(o.end, new(*pipeclient.ConnectError)) {
		t.Errorf("%+v", r)
	}
}

func TestTheFileOfTheReport(t *testing.T) {
	s := resptest.Shared(t)
	dir := t.TempDir()
	load := func(path string) outcome {
		return loadText(t, s, "INCR reported\n", func(c *Config) { c.Report = path })
	}
	path := filepath.Join(dir, "report")
	os.WriteFile(path, []byte("old"), 0o644)
	link := filepath.Join(dir, "link")
	os.Symlink(path, link)
	if o := load(link); o.end != nil {
		t.Fatal(o)
	}
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&os.ModeSymlink == 0 || !strings.HasPrefix(contents(t, path), "{\n  \"version\": 1,") {
		t.Errorf("%v %v", info, contents(t, path))
	}
	if info, err = os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	s.Do("DEL", "reported")
	for _, bad := range []string{dir, filepath.Join(dir, "none", "report"), filepath.Join(path, "report")} {
		o := load(bad)
		var output *OutputError
		if !errors.As(o.end, &output) || output.File != bad || !strings.Contains(o.err, "cannot write "+bad+": ") {
			t.Errorf("%s: %+v", bad, o)
		}
	}
	if s.Do("EXISTS", "reported") != "0" {
		t.Error("what cannot be reported was loaded")
	}
	if _, err := os.Stat("/dev/full"); err != nil {
		return
	}
	o := load("/dev/full")
	if !errors.As(o.end, new(*OutputError)) || o.Replies != 1 || !strings.HasSuffix(o.out, "errors: 0, replies: 1\n") ||
		!strings.Contains(o.err, "cannot write /dev/full: no space left on device") {
		t.Errorf("%+v", o)
	}
	if info, err := os.Stat("/dev/full"); err != nil || info.Mode().IsRegular() {
		t.Fatal("/dev/full has become a file")
	}
}

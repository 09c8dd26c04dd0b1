//go:build unix

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"easycli/internal/resptest"
)

func TestALoadWritesItsReplies(t *testing.T) { // T135
	server, binary := resptest.Server(t), resptest.Build(t)
	path := filepath.Join(t.TempDir(), "replies")
	load := append(at(t, server.Addr), "--pipe", "--replies", path)
	r := resptest.Exec(t, binary, load, "SET a 1\nLPUSH a x\n")
	got, _ := os.ReadFile(path)
	want := `{"n":1,"line":1,"reply":"OK"}` + "\n" +
		`{"n":2,"line":2,"error":"WRONGTYPE Operation against a key holding the wrong kind of value"}` + "\n"
	if r.Exit != int(exitAnswer) || string(got) != want || !strings.HasSuffix(r.Stdout, "errors: 1, replies: 2\n") {
		t.Errorf("%+v\n%s", r, got)
	}
	if r := resptest.Exec(t, binary, load, "SET a 2\n"); r.Exit != int(exitOutput) || !strings.Contains(r.Stderr, path) || server.Do("GET", "a") != "1" {
		t.Errorf("a second load into the same file: %+v", r)
	}

	// A file that must not grow beyond 64 KiB: what is in it are whole lines.
	os.Remove(path)
	cmd := exec.Command("sh", append([]string{"-c", `ulimit -f 128; exec "$0" "$@"`, binary}, load...)...)
	cmd.Stdin = strings.NewReader(strings.Repeat("GET a\n", 200_000))
	out, _ := cmd.CombinedOutput()
	got, _ = os.ReadFile(path)
	lines := strings.Split(string(got), "\n")
	if cmd.ProcessState.ExitCode() != int(exitOutput) || !strings.Contains(string(out), "cannot write "+path+": file too large\n") {
		t.Errorf("status %d: %s", cmd.ProcessState.ExitCode(), out)
	}
	if len(lines) < 1000 || lines[len(lines)-1] != "" || !json.Valid([]byte(lines[len(lines)-2])) {
		t.Errorf("%d lines, the last %q", len(lines), lines[max(0, len(lines)-2):])
	}
}

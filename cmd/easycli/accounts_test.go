//go:build unix

package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

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

//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"easycli/internal/resptest"
)

func TestALoadDoesNotWriteToWhatItReads(t *testing.T) {
	s := resptest.Shared(t)
	dir := t.TempDir()
	in, link := filepath.Join(dir, "in.log"), filepath.Join(dir, "link")
	const text = "SET loaded 1\nNOSUCH\n"
	if err := os.WriteFile(in, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(in, link); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"--report", in, in},
		{"--report", link, in},
		{"--report", in, link},
		{"--report", in},
		{"--reject", in, "--skip", "1", in},
		{"--reject", strings.TrimSuffix(in, ".log"), "--skip", "1", in},
		{"--replies", in, "--skip", "1", "-"},
		{"--journal", in, in},
	} {
		cmd := exec.Command(resptest.Build(t), append(append(at(t, s.Addr), "--pipe"), args...)...)
		stdin, err := os.Open(in)
		if err != nil {
			t.Fatal(err)
		}
		var errs strings.Builder
		cmd.Stdin, cmd.Stderr = stdin, &errs
		cmd.Run()
		stdin.Close()
		if got, _ := os.ReadFile(in); cmd.ProcessState.ExitCode() != int(exitUsage) || string(got) != text ||
			!strings.Contains(errs.String(), args[0]+" names a file that is loaded") {
			t.Errorf("%q: status %d, %s, the input is %q now", args, cmd.ProcessState.ExitCode(), errs.String(), got)
		}
		if got := s.Do("EXISTS", "loaded"); got != "0" {
			t.Errorf("%q: loaded", args)
		}
	}
}

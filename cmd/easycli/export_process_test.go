//go:build linux

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"easycli/internal/resptest"
)

// A value of any size, and a key with any number of elements, passes through.
func TestExportOfLargeKeysNeedsNoMemory(t *testing.T) {
	from, to, binary := resptest.Server(t), resptest.Server(t), resptest.Build(t)
	size := scale(80<<20, 512<<20)
	from.Do("SETRANGE", "value", strconv.Itoa(size-1), "x")
	for _, verb := range []string{"'RPUSH',KEYS[1]", "'SADD',KEYS[1]", "'HSET',KEYS[1],i", "'ZADD',KEYS[1],i"} {
		from.Do("EVAL", "for i=1,ARGV[1] do redis.call("+verb+",'element:'..i) end", "1", verb, strconv.Itoa(scale(50_000, 5_000_000)))
	}
	from.Do("EVAL", "for i=1,12 do redis.call('HSET',KEYS[1],i,string.rep('v',4000000)) end", "1", "huge fields")
	for _, format := range []string{"resp", "text", "jsonl"} {
		cmd := exec.Command(binary, append(at(t, from.Addr), "--export", "--format", format)...)
		var out counter
		cmd.Stdout = &out
		weigh(t, cmd)
		if out.bytes < int64(size) {
			t.Errorf("%s: %d bytes", format, out.bytes)
		}
	}
	export := exec.Command(binary, append(at(t, from.Addr), "--export")...)
	load := exec.Command(binary, append(at(t, to.Addr), "--pipe")...)
	var err error
	if load.Stdin, err = export.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	if err := export.Start(); err != nil {
		t.Fatal(err)
	}
	weigh(t, load)
	if status := exitOf(t, export); status != 0 {
		t.Errorf("status %d", status)
	}
	if got, want := to.Do("DEBUG", "DIGEST"), from.Do("DEBUG", "DIGEST"); got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
}

// What stdout does not take ends an export, and nobody is told what they know.
func TestExportWhoseOutputNobodyTakes(t *testing.T) {
	s, binary := resptest.Shared(t), resptest.Build(t)
	s.Do("DEBUG", "POPULATE", "50000")
	command := binary + " " + strings.Join(at(t, s.Addr), " ") + " --export"
	got := resptest.Exec(t, "/bin/bash", []string{"-c", command + " --format text | head -n 1; exit ${PIPESTATUS[0]}"}, "")
	if got.Exit != int(exitOutput) || got.Stderr != "easycli: the export is not complete\n" && strings.Contains(got.Stderr, "Broken pipe") {
		t.Errorf("a closed pipe: %+v", got)
	}
	if _, err := os.Stat("/dev/full"); err == nil {
		got := resptest.Exec(t, "/bin/sh", []string{"-c", command + " > /dev/full"}, "")
		if got.Exit != int(exitOutput) || !strings.Contains(got.Stderr, "easycli: writing to stdout: No space left on device") ||
			!strings.Contains(got.Stderr, "the export is not complete, written so far: 0 keys, 0 bytes") {
			t.Errorf("/dev/full: %+v", got)
		}
	}
}

func TestExportThatIsInterrupted(t *testing.T) {
	s, binary := resptest.Shared(t), resptest.Build(t)
	s.Do("DEBUG", "POPULATE", "200000")
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		cmd := exec.Command(binary, append(at(t, s.Addr), "--export", "--format", "text")...)
		var errs bytes.Buffer
		cmd.Stderr = &errs
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		first := make([]byte, 1)
		io.ReadFull(out, first)
		cmd.Process.Signal(sig)
		rest, _ := io.ReadAll(out)
		if status := exitOf(t, cmd); status != 128+int(sig) {
			t.Errorf("%v: status %d", sig, status)
		}
		said := "the export is not complete, written so far: " + strconv.Itoa(bytes.Count(rest, []byte("\n"))) + " keys"
		if !strings.Contains(errs.String(), said) || !bytes.HasSuffix(rest, []byte("\n")) {
			t.Errorf("%v: %s, want %q", sig, &errs, said)
		}
	}
}

//go:build unix

package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"easycli/internal/resptest"
)

// exitOf waits for a program and is its exit status as a shell sees it: 128 and the signal's number
// if one ended it.
func exitOf(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if state := cmd.ProcessState.Sys().(syscall.WaitStatus); state.Signaled() {
		return 128 + int(state.Signal())
	}
	return cmd.ProcessState.ExitCode()
}

func TestSignalsEndWhatWaits(t *testing.T) {
	server, binary := resptest.Server(t), resptest.Build(t)
	for sig, want := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		cmd := exec.Command(binary, append(at(t, server.Addr), "BLPOP", "q", "0")...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for server.Info("clients")["blocked_clients"] != "1" {
			time.Sleep(time.Millisecond)
		}
		cmd.Process.Signal(sig)
		if got := exitOf(t, cmd); got != want {
			t.Errorf("BLPOP, %v: exit %d", sig, got)
		}
		for server.Info("clients")["blocked_clients"] != "0" {
			time.Sleep(time.Millisecond)
		}
		cmd = exec.Command(binary, append(at(t, server.Addr), "SUBSCRIBE", "q")...)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(out).ReadString('\n'); line != "subscribe\n" {
			t.Errorf("SUBSCRIBE: %q, %v", line, err)
		}
		cmd.Process.Signal(sig)
		if got := exitOf(t, cmd); got != want {
			t.Errorf("SUBSCRIBE, %v: exit %d", sig, got)
		}
	}
}

// A reader that has gone is a status and not a death.
func TestAClosedPipeKillsNobody(t *testing.T) {
	server, binary := resptest.Shared(t), resptest.Build(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	defer w.Close()
	cmd := exec.Command(binary, append(at(t, server.Addr), "PING")...)
	cmd.Stdout = w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if got := exitOf(t, cmd); got != int(exitOutput) {
		t.Errorf("exit %d", got)
	}
}

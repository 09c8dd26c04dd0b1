package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// usage is what one run of a program took.
type usage struct {
	wall, cpu, peak float64 // seconds, seconds, bytes
}

// invocation is a command line with its streams.
type invocation struct {
	program string
	args    []string
	stdin   string    // a file; "" is /dev/null
	env     []string  // on top of ours
	stdout  io.Writer // nil is /dev/null
	// anyStatus accepts a run that ended with errors of the server.
	anyStatus bool
}

// run measures one run. The peak is the kernel's, which counts from this process on: it cannot be
// less than what bench itself takes, and bench keeps small for that reason. The program's streams
// are files, so that nothing here has to pass on what it writes while the clock runs.
func (i invocation) run(ctx context.Context) (usage, error) {
	cmd := exec.CommandContext(ctx, i.program, i.args...)
	cmd.Env = append(os.Environ(), i.env...)
	cmd.Stdout = i.stdout
	complaint, err := os.CreateTemp("", "easycli-bench-stderr-")
	if err != nil {
		return usage{}, err
	}
	defer os.Remove(complaint.Name())
	defer complaint.Close()
	cmd.Stderr = complaint
	if i.stdin != "" {
		file, err := os.Open(i.stdin)
		if err != nil {
			return usage{}, err
		}
		defer file.Close()
		cmd.Stdin = file
	}
	begin := time.Now()
	err = cmd.Run()
	wall := time.Since(begin)
	if err != nil && !(i.anyStatus && cmd.ProcessState != nil && cmd.ProcessState.ExitCode() == 1) {
		return usage{}, fmt.Errorf("%s %s: %w: %s", i.program, strings.Join(i.args, " "), err,
			startOf(complaint))
	}
	state := cmd.ProcessState
	return usage{
		wall: wall.Seconds(),
		cpu:  (state.UserTime() + state.SystemTime()).Seconds(),
		peak: float64(state.SysUsage().(*syscall.Rusage).Maxrss) * 1024,
	}, nil
}

// startOf is the first lines of a file.
func startOf(file *os.File) string {
	text := make([]byte, 400)
	n, _ := file.ReadAt(text, 0) // the error is that there is no more
	return strings.TrimSpace(string(text[:n]))
}

// digest runs it once and gives the hash of what it prints.
func (i invocation) digest(ctx context.Context) (string, error) {
	hash := sha256.New()
	i.stdout = hash
	_, err := i.run(ctx)
	return fmt.Sprintf("%x", hash.Sum(nil)), err
}

// sameOutput fails unless both print the same bytes. before prepares the server for each of them.
func sameOutput(ctx context.Context, a, b invocation, before func() error) error {
	var digests [2]string
	for i, one := range []invocation{a, b} {
		if err := before(); err != nil {
			return err
		}
		var err error
		if digests[i], err = one.digest(ctx); err != nil {
			return err
		}
	}
	if digests[0] != digests[1] {
		return fmt.Errorf("%s and %s %s print different bytes", a.program, b.program,
			strings.Join(b.args, " "))
	}
	return nil
}

// runs collects the usage of one contender.
type runs []usage

func (r runs) median(of func(usage) float64) float64 {
	values := make([]float64, len(r))
	for i, u := range r {
		values[i] = of(u)
	}
	return median(values)
}

func wall(u usage) float64 { return u.wall }
func cpu(u usage) float64  { return u.cpu }
func peak(u usage) float64 { return u.peak }

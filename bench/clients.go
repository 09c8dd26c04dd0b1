package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// do compares Do, called from many goroutines that share one client, with the other clients of the
// same shape: operations per second of GET of a small value.
func do(goroutines int, floor float64) func(context.Context, *lab) ([]result, error) {
	return func(ctx context.Context, l *lab) ([]result, error) {
		if err := l.server.admin.Set(ctx, doKey, doValue, 0).Err(); err != nil {
			return nil, err
		}
		rates := map[string][]float64{}
		var contenders []func() error
		for _, name := range clientNames {
			contenders = append(contenders, func() error {
				rate, err := l.measureClient(ctx, name, goroutines)
				rates[name] = append(rates[name], rate)
				return err
			})
		}
		// Short turns, and more of them: the rates vary with what the machine does otherwise.
		if err := takeTurns(3*l.reps, contenders...); err != nil {
			return nil, err
		}
		line := func(peer string, t target) result {
			return result{work: fmt.Sprintf("Do from %d", goroutines), measure: "GET",
				unit: opsPerSecond, ours: median(rates[ourClient]), peer: peer,
				theirs: median(rates[peer]), target: t}
		}
		return []result{line("rueidis", atLeast(floor)), line("go-redis", atLeast(1.0))}, nil
	}
}

// measureClient runs one client in a process of its own, so that none inherits the other's heap.
func (l *lab) measureClient(ctx context.Context, name string, goroutines int) (float64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	period := time.Duration(l.size(500, 100)) * time.Millisecond
	cmd := exec.CommandContext(ctx, self, workerWord, name, l.server.addr,
		strconv.Itoa(goroutines), period.String())
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		return 0, fmt.Errorf("%s with %d goroutines: %w", name, goroutines, err)
	}
	return strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
}

package main

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
)

// checkpointed loads the same file with and without --checkpoint.
func checkpointed(ctx context.Context, l *lab) ([]result, error) {
	const work = "--pipe --checkpoint, SETs as RESP"
	count := l.size(2_000_000, 50_000)
	file := filepath.Join(l.dir, "sets.checkpoint")
	err := writeFile(file, func(w *bufio.Writer) {
		for i := range count {
			respSet(w, i)
		}
	})
	if err != nil {
		return nil, err
	}
	defer os.Remove(file)
	contender := func(collected *runs, more int, args ...string) func() error {
		return func() error {
			if err := l.server.empty(ctx)(); err != nil {
				return err
			}
			u, err := invocation{program: l.easycli, args: l.server.at(args...), stdin: file}.run(ctx)
			if err != nil {
				return err
			}
			*collected = append(*collected, u)
			return l.server.expectKeys(ctx, count+more)
		}
	}
	var checked, plain runs
	err = takeTurns(l.reps, contender(&checked, 1, "--pipe", "--checkpoint", "the:checkpoint"),
		contender(&plain, 0, "--pipe"))
	if err != nil {
		return nil, err
	}
	return []result{
		{work: work, measure: "wall", unit: seconds, ours: checked.median(wall),
			peer: "without", theirs: plain.median(wall), target: atMost(1.20)},
		{work: work, measure: "peak RSS", unit: mebibytes, ours: checked.median(peak),
			peer: "without", theirs: plain.median(peak), target: peakAtMost(64)},
	}, nil
}

// pipeLong loads a file of ten million commands, and pipeHuge one value as large as a server takes:
// memory is bounded by the window and not by either.
func pipeLong(ctx context.Context, l *lab) ([]result, error) {
	count := l.size(10_000_000, 100_000)
	return peakOf(ctx, l, fmt.Sprintf("--pipe, %d SETs as text", count), func(w *bufio.Writer) {
		for i := range count {
			fmt.Fprintf(w, "SET key:%d value-%d\n", i%100_000, i)
		}
	})
}

func pipeHuge(ctx context.Context, l *lab) ([]result, error) {
	size := l.size(512<<20, 8<<20)
	return peakOf(ctx, l, fmt.Sprintf("--pipe, a value of %d MiB", size>>20), func(w *bufio.Writer) {
		fmt.Fprintf(w, "*3\r\n$3\r\nSET\r\n$4\r\nhuge\r\n$%d\r\n", size)
		for range size {
			w.WriteByte('x')
		}
		w.WriteString("\r\n")
	})
}

func peakOf(ctx context.Context, l *lab, work string, fill func(w *bufio.Writer)) ([]result, error) {
	file := filepath.Join(l.dir, "peak.data")
	if err := writeFile(file, fill); err != nil {
		return nil, err
	}
	defer os.Remove(file)
	if err := l.server.empty(ctx)(); err != nil {
		return nil, err
	}
	u, err := invocation{program: l.easycli, args: l.server.at("--pipe"), stdin: file}.run(ctx)
	if err != nil {
		return nil, err
	}
	return []result{{work: work, measure: "peak RSS", unit: mebibytes, ours: u.peak,
		peer: "-", theirs: math.NaN(), target: peakAtMost(64)}}, l.server.empty(ctx)()
}

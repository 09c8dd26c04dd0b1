package main

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
)

// pipeRESP loads SETs, encoded as RESP, with --pipe: the client's CPU, the time and the peak.
func pipeRESP(ctx context.Context, l *lab) ([]result, error) {
	const work = "--pipe, SETs as RESP"
	if l.redisCLI == "" {
		return []result{leftOut(work, "redis-cli is not installed")}, nil
	}
	ours, theirs, err := load(ctx, l, "resp", respSet)
	if err != nil {
		return nil, err
	}
	line := func(measure string, u unit, of func(usage) float64, t target) result {
		return result{work: work, measure: measure, unit: u, ours: ours.median(of),
			peer: "redis-cli", theirs: theirs.median(of), target: t}
	}
	return []result{
		line("client CPU", seconds, cpu, atMost(0.50)),
		line("wall", seconds, wall, atMost(1.02)),
		line("peak RSS", mebibytes, peak, peakAtMost(32)),
	}, nil
}

// pipeText loads the same SETs as lines of text. Both programs wait for the server here, so the
// ratio is between what RESP and inline commands cost it.
func pipeText(ctx context.Context, l *lab) ([]result, error) {
	return loadText(ctx, l, "--pipe, SETs as text", textSet)
}

// pipeLongText does it with values of 100 bytes: a server reads an inline command byte by byte.
func pipeLongText(ctx context.Context, l *lab) ([]result, error) {
	return loadText(ctx, l, "--pipe, 100-byte SETs as text", longTextSet)
}

func loadText(ctx context.Context, l *lab, work string, set func(w *bufio.Writer, i int)) ([]result, error) {
	if l.redisCLI == "" {
		return []result{leftOut(work, "redis-cli is not installed")}, nil
	}
	ours, theirs, err := load(ctx, l, "text", set)
	if err != nil {
		return nil, err
	}
	return []result{
		{work: work, measure: "wall", unit: seconds, ours: ours.median(wall),
			peer: "redis-cli", theirs: theirs.median(wall), target: atMost(0.60)},
		{work: work, measure: "peak RSS", unit: mebibytes, ours: ours.median(peak),
			peer: "redis-cli", theirs: math.NaN(), target: peakAtMost(32)},
	}, nil
}

// load feeds the same file to both programs, in turns, and checks that every key arrived.
func load(ctx context.Context, l *lab, name string, set func(w *bufio.Writer, i int)) (ours, theirs runs, err error) {
	count := l.size(2_000_000, 50_000)
	file := filepath.Join(l.dir, "sets."+name)
	err = writeFile(file, func(w *bufio.Writer) {
		for i := range count {
			set(w, i)
		}
	})
	if err != nil {
		return nil, nil, err
	}
	defer os.Remove(file)
	contender := func(program string, collected *runs) func() error {
		return func() error {
			if err := l.server.empty(ctx)(); err != nil {
				return err
			}
			one := invocation{program: program, args: l.server.at("--pipe"), stdin: file}
			u, err := one.run(ctx)
			if err != nil {
				return err
			}
			*collected = append(*collected, u)
			return l.server.expectKeys(ctx, count)
		}
	}
	err = takeTurns(l.reps, contender(l.easycli, &ours), contender(l.redisCLI, &theirs))
	return ours, theirs, err
}

func respSet(w *bufio.Writer, i int) {
	key, value := setOf(i)
	fmt.Fprintf(w, "*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n", len(key), key, len(value), value)
}

func textSet(w *bufio.Writer, i int) {
	key, value := setOf(i)
	fmt.Fprintf(w, "SET %s %s\n", key, value)
}

func longTextSet(w *bufio.Writer, i int) { fmt.Fprintf(w, "SET key:%d \"%0100d\"\n", i, i) }

func setOf(i int) (key, value string) {
	return fmt.Sprintf("key:%d", i), fmt.Sprintf("value-%d", i)
}

// writeFile writes a data file through a small buffer.
func writeFile(name string, fill func(w *bufio.Writer)) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(file)
	fill(w)
	if err := w.Flush(); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

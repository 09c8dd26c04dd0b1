package main

import (
	"context"
	"fmt"
	"strings"
)

// bigGet prints one value of 512 MiB in a format.
func bigGet(format string) func(context.Context, *lab) ([]result, error) {
	return func(ctx context.Context, l *lab) ([]result, error) {
		size := l.size(512, 16)
		work := fmt.Sprintf("GET of %d MiB, %s", size, format)
		fill := func() error { return l.server.fillString(ctx, "big", size) }
		return large(ctx, l, work, format, fill, "GET", "big")
	}
}

// bigList prints a list of a million elements as people see it.
func bigList(ctx context.Context, l *lab) ([]result, error) {
	count := l.size(1_000_000, 50_000)
	work := fmt.Sprintf("LRANGE of %d elements, human", count)
	fill := func() error { return l.server.fillList(ctx, "list", count) }
	return large(ctx, l, work, "human", fill, "LRANGE", "list", "0", "-1")
}

// large compares the time of one large reply and bounds our peak; the bytes must be the same.
func large(ctx context.Context, l *lab, work, format string, fill func() error, command ...string) ([]result, error) {
	if l.redisCLI == "" {
		return []result{leftOut(work, "redis-cli is not installed")}, nil
	}
	empty := l.server.empty(ctx)
	defer empty()
	if err := empty(); err != nil {
		return nil, err
	}
	if err := fill(); err != nil {
		return nil, fmt.Errorf("filling the server: %w", err)
	}
	print := func(program string) invocation {
		one := invocation{program: program, args: l.server.at(command...)}
		if format == "human" {
			one.env = []string{"FAKETTY=1"}
		}
		return one
	}
	nothing := func() error { return nil }
	if err := sameOutput(ctx, print(l.easycli), print(l.redisCLI), nothing); err != nil {
		return nil, err
	}
	var ours, theirs runs
	contender := func(program string, collected *runs) func() error {
		return func() error {
			u, err := print(program).run(ctx)
			*collected = append(*collected, u)
			return err
		}
	}
	if err := takeTurns(l.reps, contender(l.easycli, &ours), contender(l.redisCLI, &theirs)); err != nil {
		return nil, err
	}
	return []result{
		{work: work, measure: "wall, same bytes", unit: seconds, ours: ours.median(wall),
			peer: "redis-cli", theirs: theirs.median(wall), target: atMost(1.0)},
		{work: work, measure: "peak RSS", unit: mebibytes, ours: ours.median(peak),
			peer: "redis-cli", theirs: theirs.median(peak), target: peakAtMost(64)},
	}, nil
}

// fillString stores size MiB of text with a line end and a quote now and then, as values have them.
func (s *server) fillString(ctx context.Context, key string, size int) error {
	const line = "The quick brown fox jumps over the \"lazy\" dog, 0123456789 times or so.\n"
	piece := strings.Repeat(line, (1<<20)/len(line)+1)[:1<<20]
	for i := range size {
		if err := s.admin.SetRange(ctx, key, int64(i)<<20, piece).Err(); err != nil {
			return err
		}
	}
	return nil
}

// fillList stores elements of about 16 bytes.
func (s *server) fillList(ctx context.Context, key string, count int) error {
	const batch = 1000
	for from := 0; from < count; from += batch {
		var elements []any
		for i := from; i < min(from+batch, count); i++ {
			elements = append(elements, fmt.Sprintf("element %d", i))
		}
		if err := s.admin.RPush(ctx, key, elements...).Err(); err != nil {
			return err
		}
	}
	return nil
}

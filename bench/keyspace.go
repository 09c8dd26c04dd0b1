package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// shell is a pipeline of programs. Its usage is that of all of them.
func shell(line string) invocation {
	return invocation{program: "sh", args: []string{"-c", line}}
}

// quoted is a program with its arguments as a shell reads them. None has a quote in it.
func quoted(program string, args []string) string {
	return "'" + strings.Join(append([]string{program}, args...), "' '") + "'"
}

// unlink deletes half of the keys by a pattern, beside the pipeline that people use for it.
func unlink(ctx context.Context, l *lab) ([]result, error) {
	const work = "--unlink, half of the keys"
	if l.redisCLI == "" {
		return []result{leftOut(work, "redis-cli is not installed")}, nil
	}
	count := l.size(1_000_000, 20_000)
	contender := func(collected *runs, one invocation) func() error {
		return func() error {
			if err := l.server.empty(ctx)(); err != nil {
				return err
			}
			for _, prefix := range []string{"keep:", "drop:"} {
				if err := l.server.fill(ctx, prefix, count); err != nil {
					return err
				}
			}
			u, err := one.run(ctx)
			if err != nil {
				return err
			}
			*collected = append(*collected, u)
			return l.server.expectKeys(ctx, count)
		}
	}
	var ours, theirs runs
	cli := func(args ...string) string { return quoted(l.redisCLI, l.server.at(args...)) }
	err := takeTurns(l.reps,
		contender(&ours, invocation{program: l.easycli, args: l.server.at("--unlink", "drop:*", "--yes")}),
		contender(&theirs, shell(cli("--scan", "--pattern", "drop:*")+" | xargs "+cli("unlink"))))
	if err != nil {
		return nil, err
	}
	return []result{{work: work, measure: "wall", unit: seconds, ours: ours.median(wall),
		peer: "scan | xargs", theirs: theirs.median(wall), target: atMost(1.00)}}, nil
}

// copyKeys copies a database to another server, beside a loop of MIGRATE over the keys.
func copyKeys(ctx context.Context, l *lab) ([]result, error) {
	const work = "--export | --pipe"
	if l.redisCLI == "" {
		return []result{leftOut(work, "redis-cli is not installed")}, nil
	}
	home := filepath.Join(l.dir, "copy")
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, err
	}
	to, err := startServer(ctx, home)
	if err != nil {
		return nil, err
	}
	defer to.stop()
	count := l.size(1_000_000, 20_000)
	if err := l.server.empty(ctx)(); err != nil {
		return nil, err
	}
	if err := l.server.fill(ctx, "key:", count); err != nil {
		return nil, err
	}
	contender := func(collected *runs, line string) func() error {
		return func() error {
			if err := to.empty(ctx)(); err != nil {
				return err
			}
			u, err := shell(line).run(ctx)
			if err != nil {
				return err
			}
			*collected = append(*collected, u)
			return to.expectKeys(ctx, count)
		}
	}
	migrate := quoted(l.redisCLI, l.server.at("MIGRATE", to.host, to.port, "", "0", "60000", "COPY", "KEYS"))
	var ours, theirs runs
	err = takeTurns(l.reps,
		contender(&ours, quoted(l.easycli, l.server.at("--export"))+" | "+quoted(l.easycli, to.at("--pipe"))),
		contender(&theirs, quoted(l.redisCLI, l.server.at("--scan"))+" | xargs -n 1000 "+migrate))
	if err != nil {
		return nil, err
	}
	return []result{{work: fmt.Sprintf("%s of %d keys", work, count), measure: "wall", unit: seconds,
		ours: ours.median(wall), peer: "scan | MIGRATE", theirs: theirs.median(wall), target: atMost(1.00)}}, nil
}

// fill adds count short strings.
func (s *server) fill(ctx context.Context, prefix string, count int) error {
	const page = 10_000
	for first := 0; first < count; first += page {
		pairs := make([]any, 0, 2*page)
		for i := first; i < min(first+page, count); i++ {
			pairs = append(pairs, fmt.Sprintf("%s%d", prefix, i), fmt.Sprintf("value-%d", i))
		}
		if err := s.admin.MSet(ctx, pairs...).Err(); err != nil {
			return err
		}
	}
	return nil
}

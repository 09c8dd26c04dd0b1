package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// script runs a file of mixed commands on stdin: beside redis-cli, which must print the same bytes,
// and beside our own --pipe of the same file, which prints no replies.
func script(ctx context.Context, l *lab) ([]result, error) {
	work := "< commands.txt, mixed"
	if l.redisCLI == "" {
		return []result{leftOut(work, "redis-cli is not installed")}, nil
	}
	file := filepath.Join(l.dir, "commands.txt")
	if err := writeFile(file, mixedCommands(l.size(200_000, 10_000))); err != nil {
		return nil, err
	}
	defer os.Remove(file)
	plain := func(program string, args ...string) invocation {
		return invocation{program: program, args: l.server.at(args...), stdin: file, anyStatus: true}
	}
	empty := l.server.empty(ctx)
	ourScript, theirScript, ourPipe := plain(l.easycli), plain(l.redisCLI), plain(l.easycli, "--pipe")
	if err := sameOutput(ctx, ourScript, theirScript, empty); err != nil {
		return nil, err
	}
	var ours, theirs, pipe runs
	contender := func(one invocation, collected *runs) func() error {
		return func() error {
			if err := empty(); err != nil {
				return err
			}
			u, err := one.run(ctx)
			*collected = append(*collected, u)
			return err
		}
	}
	err := takeTurns(l.reps, contender(ourScript, &ours), contender(theirScript, &theirs),
		contender(ourPipe, &pipe))
	if err != nil {
		return nil, err
	}
	return []result{
		{work: work, measure: "wall, same bytes", unit: seconds, ours: ours.median(wall),
			peer: "redis-cli", theirs: theirs.median(wall), target: atMost(0.05)},
		{work: work, measure: "wall", unit: seconds, ours: ours.median(wall),
			peer: "easycli --pipe", theirs: pipe.median(wall), target: atMost(1.3)},
	}, nil
}

// mixedCommands writes commands of every common kind, some of which fail, over a few thousand keys.
// Replies depend on nothing but the commands before them.
func mixedCommands(count int) func(w *bufio.Writer) {
	kinds := []string{ // with the number of the key, of the command, and of a field
		"SET str:%[1]d \"value %[2]d\\n\"",
		"GET str:%[1]d",
		"INCR num:%[1]d",
		"RPUSH list:%[1]d a%[2]d b%[2]d",
		"LRANGE list:%[1]d 0 4",
		"HSET hash:%[1]d f%[3]d %[2]d",
		"HGETALL hash:%[1]d",
		"ZADD set:%[1]d %[3]d 'member %[3]d'",
		"ZRANGE set:%[1]d 0 -1 WITHSCORES",
		"EXISTS str:%[1]d num:%[1]d",
		"EXPIRE num:%[1]d 1000",
		"LPUSH str:%[1]d never",
		"GET nothing:%[1]d",
	}
	return func(w *bufio.Writer) {
		for i := range count {
			kind := kinds[i%len(kinds)]
			fmt.Fprintf(w, kind+"\n", i/len(kinds)%5000, i, i/len(kinds)%7)
		}
	}
}

package main

import "context"

// ping starts a process for one PING, again and again, the two programs in turns.
func ping(ctx context.Context, l *lab) ([]result, error) {
	const work = "PING, whole process"
	if l.redisCLI == "" {
		return []result{leftOut(work, "redis-cli is not installed")}, nil
	}
	var ours, theirs runs
	contender := func(program string, collected *runs) func() error {
		return func() error {
			u, err := invocation{program: program, args: l.server.at("PING")}.run(ctx)
			*collected = append(*collected, u)
			return err
		}
	}
	err := takeTurns(l.size(200, 20), contender(l.easycli, &ours), contender(l.redisCLI, &theirs))
	if err != nil {
		return nil, err
	}
	return []result{{work: work, measure: "wall", unit: seconds, ours: ours.median(wall),
		peer: "redis-cli", theirs: theirs.median(wall), target: atMost(0.80)}}, nil
}

package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// manyEntries is a history of somebody who has been at it for long.
const manyEntries = 10_000

// promptKey types lines, and takes the time from each key to the screen that shows it. A line begins
// as an entry of the history does, so that a suggestion stands behind it, and goes on otherwise, so
// that the whole history is searched in vain and a hint stands there.
func promptKey(ctx context.Context, l *lab) ([]result, error) {
	const work = "prompt, a key"
	const text = `HSET user:4242 name "somebody else" visits 7 seen now`
	turn := func(p *person, collected *[]float64) error {
		for i := range len(text) {
			time.Sleep(between)
			took, err := p.types(text[i:i+1], p.prompt+text[:i+1])
			if err != nil {
				return err
			}
			*collected = append(*collected, took)
		}
		_, err := p.types(ctrlU, p.prompt)
		return err
	}
	took, err := l.bothType(ctx, l.size(12, 2), turn)
	if err != nil {
		return nil, err
	}
	return []result{
		took.result(work, "to its screen", milliseconds, valueAtMost(0.001)),
		took.resultOf(percentile99, work, "to its screen, p99", milliseconds, valueAtMost(0.016)),
	}, nil
}

// promptEnter takes the time from Enter to the reply. Two commands alternate, since one that is
// repeated goes to no history.
func promptEnter(ctx context.Context, l *lab) ([]result, error) {
	const work = "prompt, GET k"
	if l.redisCLI == "" {
		return []result{leftOut(work, "redis-cli is not installed")}, nil
	}
	for _, key := range []string{"k", "l"} {
		if err := l.server.admin.Set(ctx, key, "the value of "+key, 0).Err(); err != nil {
			return nil, err
		}
	}
	defer l.server.empty(ctx)()
	turn := func(p *person, collected *[]float64) error {
		for _, key := range []string{"k", "l"} {
			if _, err := p.types("GET "+key, "GET "+key); err != nil {
				return err
			}
			time.Sleep(between)
			took, err := p.types("\r", "the value of "+key)
			if err != nil {
				return err
			}
			*collected = append(*collected, took)
			if err := p.untilPrompt(); err != nil {
				return err
			}
		}
		return nil
	}
	took, err := l.bothType(ctx, l.size(100, 5), turn)
	if err != nil {
		return nil, err
	}
	return []result{took.result(work, "Enter to reply", milliseconds, atMost(1.20))}, nil
}

// bothType lets people take turns at the programs, which have a long history.
func (l *lab) bothType(ctx context.Context, turns int, turn func(*person, *[]float64) error) (pair, error) {
	var took pair
	err := l.atBoth(ctx, 1, func(people []*person) error {
		time.Sleep(settling)
		var contenders []func() error
		for side, p := range people {
			contenders = append(contenders, func() error { return turn(p, &took[side]) })
		}
		return takeTurns(turns, contenders...)
	})
	return took, err
}

// promptPaste pastes 100 KB in one piece, which redis-cli has no room for. The bytes that are written
// are those until the screen is at rest.
func promptPaste(ctx context.Context, l *lab) ([]result, error) {
	const work, end = "prompt, 100 KB pasted", "the-end-of-it"
	var text bytes.Buffer
	for i := 0; text.Len() < 100_000; i++ {
		fmt.Fprintf(&text, "SET key:%d \"some value, which is number %d\"\n", i, i)
	}
	text.WriteString("SET last " + end)
	home, err := l.newHome(manyEntries)
	if err != nil {
		return nil, err
	}
	var walls, written []float64
	err = takeTurns(3*l.reps, func() error {
		p, _, err := l.sit(ctx, l.easycli, home)
		if err != nil {
			return err
		}
		defer p.leave()
		took, err := p.types("\x1b[200~"+text.String()+"\x1b[201~", end)
		if err != nil {
			return err
		}
		walls = append(walls, took)
		if err := p.quiet(200 * time.Millisecond); err != nil {
			return err
		}
		written = append(written, float64(len(p.out)))
		_, err = p.types(ctrlC, "^C\r\r\n"+p.prompt)
		return err
	})
	if err != nil {
		return nil, err
	}
	return []result{
		pair{walls}.result(work, "until shown", milliseconds, valueAtMost(0.2)),
		pair{written}.result(work, "bytes written", kibibytes, valueAtMost(8<<10)),
	}, nil
}

// untilPrompt waits for the prompt behind the reply that was just seen, which may be there already.
func (p *person) untilPrompt() error {
	if strings.Contains(typed(p.out), "\n"+p.prompt) {
		return nil
	}
	_, err := p.await("\n" + p.prompt)
	return err
}

// percentile99 is the smallest value that 99 percent of all do not exceed; NaN of nothing.
func percentile99(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)*99+99)/100-1]
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strconv"
	"strings"
	"time"
)

// settling is how long a prompt is left alone after its start, until it has done what it does behind it.
const settling = time.Second

// promptStart takes the time from exec to the prompt, without a history and with a long one, and then
// the time of the first key, before which our program has to know its history.
func promptStart(ctx context.Context, l *lab) ([]result, error) {
	const work = "prompt, start"
	if l.redisCLI == "" {
		return []result{leftOut(work, "redis-cli is not installed")}, nil
	}
	var contenders []func() error
	var starts, keys [2]pair
	for i, entries := range []int{0, manyEntries} {
		home, err := l.newHome(entries)
		if err != nil {
			return nil, err
		}
		for side, program := range l.programs() {
			contenders = append(contenders, func() error {
				p, took, err := l.sit(ctx, program, home)
				if err != nil {
					return err
				}
				starts[i][side] = append(starts[i][side], took)
				time.Sleep(between)
				took, err = p.types("H", p.prompt+"H")
				keys[i][side] = append(keys[i][side], took)
				if err == nil {
					_, err = p.types(ctrlU, p.prompt)
				}
				return errors.Join(err, p.leave())
			})
		}
	}
	if err := takeTurns(l.size(100, 5), contenders...); err != nil {
		return nil, err
	}
	return []result{
		starts[0].result(work, "exec to prompt", milliseconds, atMost(1.0)),
		starts[1].result(work, "the same, long history", milliseconds, atMost(1.0)),
		keys[1].result(work, "first key, long history", milliseconds, valueAtMost(0.016)),
	}, nil
}

// promptIdle counts the clock ticks of processor time that a prompt takes while nobody types.
func promptIdle(ctx context.Context, l *lab) ([]result, error) {
	const work = "prompt, nobody types"
	period := time.Duration(l.size(5, 1)) * time.Second
	measure := fmt.Sprintf("CPU in %v", period)
	var ticks pair
	err := l.atBoth(ctx, 1, func(people []*person) error {
		time.Sleep(settling)
		for range l.reps {
			var before [2]float64
			for side, p := range people {
				n, err := p.ticks()
				if err != nil {
					return err
				}
				before[side] = n
			}
			time.Sleep(period)
			for side, p := range people {
				n, err := p.ticks()
				if err != nil {
					return err
				}
				ticks[side] = append(ticks[side], n-before[side])
			}
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return []result{leftOut(work, "no /proc")}, nil
	}
	return []result{ticks.result(work, measure, clockTicks, valueAtMost(0))}, err
}

// promptPeak reads how much memory a prompt has taken at most, once it knows the server's commands: from
// the server the first time, and from what was kept of that later.
func promptPeak(ctx context.Context, l *lab) ([]result, error) {
	const work = "prompt, after its start"
	var peaks pair
	err := l.atBoth(ctx, l.size(7, 1), func(people []*person) error {
		time.Sleep(settling)
		for side, p := range people {
			n, err := p.peak()
			if err != nil {
				return err
			}
			peaks[side] = append(peaks[side], n)
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return []result{leftOut(work, "no /proc")}, nil
	}
	return []result{peaks.result(work, "peak RSS", mebibytes, peakAtMost(32))}, err
}

// atBoth starts both programs with a long history, so many times, and ends them when they were looked at.
func (l *lab) atBoth(ctx context.Context, times int, look func([]*person) error) error {
	home, err := l.newHome(manyEntries)
	if err != nil {
		return err
	}
	return takeTurns(times, func() error {
		var people []*person
		for _, program := range l.programs() {
			p, _, err := l.sit(ctx, program, home)
			if err != nil {
				return err
			}
			defer p.leave()
			people = append(people, p)
		}
		return look(people)
	})
}

// ticks is the processor time of the process so far.
func (p *person) ticks() (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.process.Process.Pid))
	if err != nil {
		return 0, err
	}
	// The name may hold anything; behind it come the state, ten numbers, utime and stime.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("%q is no process", text)
	}
	user, err := strconv.ParseFloat(fields[11], 64)
	system, err2 := strconv.ParseFloat(fields[12], 64)
	return user + system, errors.Join(err, err2)
}

// peak is the most memory that the process had, this program's before exec not counted.
func (p *person) peak() (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.process.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	number, _, _ := strings.Cut(strings.TrimSpace(rest), " kB")
	kibibytes, err := strconv.ParseFloat(number, 64)
	return kibibytes * 1024, err
}

// pair is what was measured of our program, and of redis-cli.
type pair [2][]float64

// programs are ours and, if it is installed, redis-cli.
func (l *lab) programs() []string {
	if l.redisCLI == "" {
		return []string{l.easycli}
	}
	return []string{l.easycli, l.redisCLI}
}

// result is the line that compares the medians.
func (p pair) result(work, measure string, u unit, t target) result {
	return p.resultOf(median, work, measure, u, t)
}

func (p pair) resultOf(of func([]float64) float64, work, measure string, u unit, t target) result {
	r := result{work: work, measure: measure, unit: u, ours: of(p[0]), peer: "redis-cli",
		theirs: of(p[1]), target: t}
	if math.IsNaN(r.theirs) {
		r.peer = "-"
	}
	return r
}

package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// result is one line of the table: a measure of ours, and the same of a peer.
type result struct {
	work, measure string
	unit          unit
	ours          float64
	peer          string
	theirs        float64
	target        target
	note          string // stands in place of the numbers where there are none
}

// target is what a result has to reach: a ratio of ours to theirs or, with absolute, a value.
type target struct {
	bound    float64
	atLeast  bool
	absolute bool
}

func atMost(ratio float64) target  { return target{bound: ratio} }
func atLeast(ratio float64) target { return target{bound: ratio, atLeast: true} }
func peakAtMost(mib int) target {
	return valueAtMost(float64(mib) * (1 << 20))
}
func valueAtMost(value float64) target   { return target{bound: value, absolute: true} }
func (r result) ratio() float64          { return r.ours / r.theirs }
func leftOut(work, reason string) result { return result{work: work, note: "left out: " + reason} }

// met reports whether the target was reached.
func (r result) met() bool {
	value := r.ratio()
	if r.target.absolute {
		value = r.ours
	}
	if r.target.atLeast {
		return value >= r.target.bound
	}
	return value <= r.target.bound
}

func (r result) targetText() string {
	sign := "<="
	if r.target.atLeast {
		sign = ">="
	}
	if r.target.absolute {
		return sign + " " + r.unit(r.target.bound)
	}
	return fmt.Sprintf("%s %.2f", sign, r.target.bound)
}

// unit writes a number for people.
type unit func(float64) string

func seconds(v float64) string {
	if v < 0.1 {
		return fmt.Sprintf("%.2f ms", v*1000)
	}
	return fmt.Sprintf("%.2f s", v)
}
func milliseconds(v float64) string { return fmt.Sprintf("%.2f ms", v*1000) }
func clockTicks(v float64) string   { return fmt.Sprintf("%.0f ticks", v) }
func kibibytes(v float64) string    { return fmt.Sprintf("%.1f KiB", v/(1<<10)) }
func mebibytes(v float64) string    { return fmt.Sprintf("%.1f MiB", v/(1<<20)) }
func opsPerSecond(v float64) string { return fmt.Sprintf("%.0f k/s", v/1000) }

func printTable(w io.Writer, results []result) {
	lines := [][]string{{"work", "measure", "easycli", "peer", "", "ratio", "target", "met"}}
	for _, r := range results {
		if r.note != "" {
			lines = append(lines, []string{r.work, r.note, "", "", "", "", "", ""})
			continue
		}
		theirs, ratio, met := "-", "-", "NO"
		if !math.IsNaN(r.theirs) {
			theirs = r.unit(r.theirs)
		}
		if r.theirs != 0 && !math.IsNaN(r.theirs) {
			ratio = fmt.Sprintf("%.3f", r.ratio())
		}
		if r.met() {
			met = "yes"
		}
		lines = append(lines, []string{r.work, r.measure, r.unit(r.ours), r.peer, theirs, ratio,
			r.targetText(), met})
	}
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	rule := make([]string, len(widths))
	for i, width := range widths {
		rule[i] = strings.Repeat("-", width)
	}
	for _, line := range slices.Insert(lines, 1, rule) {
		for i, cell := range line {
			line[i] = fmt.Sprintf("%-*s", widths[i], cell)
		}
		fmt.Fprintln(w, "| "+strings.Join(line, " | ")+" |")
	}
}

// median of what one contender did; NaN of nothing.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// takeTurns calls every contender once per repetition, each time beginning with another one.
func takeTurns(reps int, contenders ...func() error) error {
	for rep := range reps {
		for i := range contenders {
			if err := contenders[(rep+i)%len(contenders)](); err != nil {
				return err
			}
		}
	}
	return nil
}

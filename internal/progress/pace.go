package progress

import (
	"fmt"
	"time"
)

// window is how far back the pace looks: long enough not to jump, short enough to tell the truth.
const window = 5 * time.Second

// pace is how fast the work has been lately, and since when it stands still.
type pace struct {
	samples []sample // oldest first
	moved   time.Time
}

type sample struct {
	at    time.Time
	facts Facts
}

// see adds what is true at a moment.
func (p *pace) see(now time.Time, f Facts) {
	if n := len(p.samples); n == 0 || p.samples[n-1].facts.Items != f.Items || p.samples[n-1].facts.Bytes != f.Bytes || !f.Waiting {
		p.moved = now
	}
	old := 0
	for old+1 < len(p.samples) && now.Sub(p.samples[old].at) > window {
		old++
	}
	p.samples = append(p.samples[:0], p.samples[old:]...)
	p.samples = append(p.samples, sample{now, f})
}

// span is the oldest and the newest that is known, and the seconds between them.
func (p *pace) span() (from, to Facts, seconds float64) {
	first, last := p.samples[0], p.samples[len(p.samples)-1]
	return first.facts, last.facts, last.at.Sub(first.at).Seconds()
}

// rates are the items and the bytes of a second.
func (p *pace) rates() (items, bytes float64) {
	from, to, seconds := p.span()
	if seconds <= 0 {
		return 0, 0
	}
	return float64(to.Items-from.Items) / seconds, float64(to.Bytes-from.Bytes) / seconds
}

// partRate is the items of a second of the part at i.
func (p *pace) partRate(i int) float64 {
	from, to, seconds := p.span()
	if seconds <= 0 || i >= len(from.Parts) {
		return 0
	}
	return float64(to.Parts[i].Items-from.Parts[i].Items) / seconds
}

// quiet is how long nothing has moved that should.
func (p *pace) quiet(f Facts) time.Duration {
	if !f.Waiting {
		return 0
	}
	return p.samples[len(p.samples)-1].at.Sub(p.moved)
}

// left is how long the rest takes at this pace.
func (p *pace) left(f Facts) (string, bool) {
	items, bytes := p.rates()
	rest, rate := f.TotalBytes-f.Bytes, bytes
	if f.TotalBytes == 0 {
		rest, rate = f.TotalItems-f.Items, items
	}
	if rest < 0 || rate <= 0 {
		return "", false
	}
	seconds := float64(rest) / rate
	if seconds >= 100*3600 {
		return "", false
	}
	return clock(int(seconds + 0.5)), true
}

// clock is a time as people write it: 0:07, 12:34, 1:02:03.
func clock(seconds int) string {
	if seconds < 3600 {
		return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}

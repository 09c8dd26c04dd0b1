package keyspace

import (
	"context"
	"sync"
	"time"
)

// pacer spreads work over time; several may work at it at once. The nil pacer lets all pass.
type pacer struct {
	rate float64 // a second

	mu   sync.Mutex
	next time.Time // when there is room again
}

func newPacer(rate int) *pacer {
	if rate <= 0 {
		return nil
	}
	return &pacer{rate: float64(rate)}
}

// portion is how many of n may be done at once: a tenth of a second's worth.
func (p *pacer) portion(n int) int {
	if p == nil {
		return n
	}
	return min(n, max(1, int(p.rate/10)))
}

// wait returns when n more may be done, or with the reason for which ctx has ended.
func (p *pacer) wait(ctx context.Context, n int) error {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	now := time.Now()
	if p.next.Before(now) {
		p.next = now
	}
	pause := p.next.Sub(now)
	p.next = p.next.Add(time.Duration(float64(n) / p.rate * float64(time.Second)))
	p.mu.Unlock()
	if pause <= 0 {
		return nil
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

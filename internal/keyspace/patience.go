package keyspace

import (
	"context"
	"time"

	"easycli/internal/cluster"
)

// busyFor is how long a server may have no time for us.
const busyFor = 20 * time.Second

// passes reports whether an error reply is one for the moment.
func passes(reply []byte) bool {
	switch cluster.Classify(reply) {
	case cluster.TryAgain, cluster.Down, cluster.Loading, cluster.MasterDown, cluster.Busy:
		return true
	}
	return false
}

// patience waits for that moment to pass, longer each time.
type patience struct {
	begun time.Time
	step  time.Duration
}

func newPatience() *patience { return &patience{begun: time.Now(), step: 10 * time.Millisecond} }

func (p *patience) over() bool { return time.Since(p.begun) > busyFor }

func (p *patience) pause(ctx context.Context) error {
	timer := time.NewTimer(p.step)
	defer timer.Stop()
	p.step = min(2*p.step, time.Second)
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

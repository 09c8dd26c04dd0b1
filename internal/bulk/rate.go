package bulk

import (
	"context"
	"time"
)

// Rate is how fast a load may go: so many commands a second, or so many bytes of them as they are
// sent. The zero value is as fast as the server takes them.
type Rate struct {
	PerSecond float64
	Bytes     bool
}

const (
	// stride is how much time the commands are worth that are sent at once, so that a server sees a
	// steady stream and no bursts.
	stride = 15 * time.Millisecond
	// catchUp is how far behind its time a load may be and still make up for it. Time that was lost
	// beyond that, to a slow server or a slow input, is lost.
	catchUp = 100 * time.Millisecond
)

// throttle keeps a load to its rate. A nil throttle does not.
type throttle struct {
	rate Rate
	next time.Time // when the next commands may leave
}

func newThrottle(r Rate) *throttle {
	if r.PerSecond <= 0 {
		return nil
	}
	return &throttle{rate: r}
}

// limits are how many commands and how many bytes go into one block.
func (t *throttle) limits() (commands, bytes int) {
	commands, bytes = blockOfMany, blockBytes
	if t == nil {
		return commands, bytes
	}
	part := int(max(1, min(t.rate.PerSecond*stride.Seconds(), blockBytes)))
	if t.rate.Bytes {
		return commands, part
	}
	return min(commands, part), bytes
}

// piece is how much of a command that is passed on in pieces goes at once.
func (t *throttle) piece() int {
	if t == nil || !t.rate.Bytes {
		return passBytes
	}
	_, bytes := t.limits()
	return max(bytes, 4<<10)
}

// early is how long the next commands have to wait for those that have left.
func (t *throttle) early() time.Duration {
	if t == nil {
		return 0
	}
	return time.Until(t.next)
}

// leave books what leaves now.
func (t *throttle) leave(commands, bytes int) {
	if t == nil {
		return
	}
	if now := time.Now(); now.Sub(t.next) > catchUp {
		t.next = now
	}
	amount := commands
	if t.rate.Bytes {
		amount = bytes
	}
	t.next = t.next.Add(time.Duration(float64(amount) / t.rate.PerSecond * float64(time.Second)))
}

// wait waits until commands may leave, and books them. ErrInterrupted: ctx ended first.
func (t *throttle) wait(ctx context.Context, commands, bytes int) error {
	err := sleep(ctx, t.early())
	if err == nil {
		t.leave(commands, bytes)
	}
	return err
}

// sleep waits. ErrInterrupted: ctx ended first.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ErrInterrupted
	}
}

// keepPace waits until the next command may leave. The lock is let go meanwhile, as in read: what
// was refused is sent again in its time.
func (f *feeder) keepPace(ctx context.Context) error {
	early := f.throttle.early()
	if early <= 0 {
		return nil
	}
	f.sending.Unlock()
	err := sleep(ctx, early)
	f.sending.Lock()
	if f.stopped {
		return ErrInterrupted
	}
	return err
}

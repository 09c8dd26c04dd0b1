package pipeclient

import (
	"math/rand/v2"
	"time"
)

// The bounds of a Backoff.
const (
	backoffFirst = 50 * time.Millisecond
	backoffLast  = 5 * time.Second
)

// Backoff spaces out attempts to connect: 50 ms doubling to 5 s, and of that any part, so that
// clients that were cut off together do not come back together. The zero value begins.
type Backoff struct {
	tries int
}

// Next is how long to wait before the next attempt.
func (b *Backoff) Next() time.Duration { return time.Duration(rand.Int64N(int64(b.ceiling()))) }

// Reset begins again, after an attempt that went well.
func (b *Backoff) Reset() { b.tries = 0 }

// ceiling is the longest wait before the next attempt, and counts it.
func (b *Backoff) ceiling() time.Duration {
	d := backoffFirst << b.tries
	if d >= backoffLast {
		return backoffLast
	}
	b.tries++
	return d
}

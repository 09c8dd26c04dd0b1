package keyspace

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// Tally is what a filter matches.
type Tally struct {
	Keys int64
	// Samples are some of them.
	Samples [][]byte
}

// Count counts the keys that match, and keeps a few of their names. A key that SCAN names twice is
// counted twice: the number is exact for keys at rest. counted, which may be nil, counts along.
func Count(ctx context.Context, servers []Server, filter Filter, samples int, counted *atomic.Int64) (Tally, error) {
	var (
		mu    sync.Mutex
		total Tally
	)
	if counted == nil {
		counted = new(atomic.Int64)
	}
	err := onEach(ctx, servers, func(ctx context.Context, s Server) error {
		conn, err := s.Dial(ctx, nil)
		if err != nil {
			return err
		}
		defer conn.Close()
		p := newPage()
		for scan := (scan{server: s, conn: conn, filter: filter}); !scan.over; {
			if err := scan.next(ctx, p); err != nil {
				return err
			}
			counted.Add(int64(p.len()))
			mu.Lock()
			total.Keys += int64(p.len())
			for i := 0; i < p.len() && len(total.Samples) < samples; i++ {
				total.Samples = append(total.Samples, slices.Clone(p.key(i)))
			}
			mu.Unlock()
		}
		return nil
	})
	return total, err
}

// Size is how many keys there are, by what the servers say at once.
func Size(ctx context.Context, servers []Server) (int64, error) {
	var total atomic.Int64
	err := onEach(ctx, servers, func(ctx context.Context, s Server) error {
		conn, err := s.Dial(ctx, nil)
		if err != nil {
			return err
		}
		defer conn.Close()
		v, err := conn.Do(ctx, "DBSIZE")
		if err != nil {
			return fmt.Errorf("%s: %w", s.Addr, err)
		}
		if v.IsError() {
			return &RefusedError{Addr: s.Addr, Command: "DBSIZE", Reply: v.Text}
		}
		total.Add(v.Int)
		return nil
	})
	return total.Load(), err
}

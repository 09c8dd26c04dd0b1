package keyspace

import (
	"context"
	"slices"
	"sync"
)

// Tally is what a filter matches.
type Tally struct {
	Keys int64
	// Samples are some of them.
	Samples [][]byte
}

// Count counts the keys that match, and keeps a few of their names. A key that SCAN names twice is
// counted twice: the number is exact for keys at rest.
func Count(ctx context.Context, servers []Server, filter Filter, samples int) (Tally, error) {
	var (
		mu    sync.Mutex
		total Tally
	)
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

// Package keyspace is what is built on SCAN: work on all keys of a server, or of all masters of a
// cluster, that match a pattern.
//
// It guarantees that no server is asked for more than a small piece at a time, that key names are
// bytes, that nothing is deleted that does not match, and that what was done is counted by what the
// servers answered. It refuses to know how servers are found, and it asks nobody whether it may.
//
// SCAN promises every key that is there from its beginning to its end, and may name one twice.
// What comes or goes meanwhile may be seen or not.
//
//   - [Count] looks at what a [Filter] matches. [Unlink] deletes it, [Export] writes it down.
package keyspace

import (
	"context"
	"strconv"
	"sync"

	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// Server is one server whose keys are worked on.
type Server struct {
	// Addr is its name in messages.
	Addr string
	// Dial makes a connection of its own, in the database that is meant. The timeouts are those of
	// its configuration.
	Dial func(ctx context.Context, adapt func(*pipeclient.Config)) (*pipeclient.Conn, error)
}

// Filter says which keys are meant. The zero Filter means all.
type Filter struct {
	// Pattern is the glob-style pattern of SCAN's MATCH; empty matches all.
	Pattern []byte
	// Type is the type of SCAN's TYPE, in the server's words; empty is any.
	Type string
	// Count is how many keys the server looks at in one step (SCAN's COUNT), [DefaultCount] if 0.
	Count int
}

// DefaultCount is a step of SCAN that takes a server a fraction of a millisecond.
const DefaultCount = 1000

// appendScan appends the request for the next page.
func (f *Filter) appendScan(dst []byte, cursor []byte) []byte {
	count := f.Count
	if count <= 0 {
		count = DefaultCount
	}
	words := append(make([][]byte, 0, 8), []byte("SCAN"), cursor)
	if len(f.Pattern) > 0 {
		words = append(words, []byte("MATCH"), f.Pattern)
	}
	words = append(words, []byte("COUNT"), strconv.AppendInt(nil, int64(count), 10))
	if f.Type != "" {
		words = append(words, []byte("TYPE"), []byte(f.Type))
	}
	return resp.AppendCommand(dst, words...)
}

// RefusedError is a server that answered with an error to what the work as a whole depends on.
type RefusedError struct {
	Addr    string
	Command string
	Reply   string // what the server said
}

func (e *RefusedError) Error() string { return e.Addr + ": " + e.Command + ": " + e.Reply }

// onEach runs work for all servers at once, and returns when all have ended. The first error ends
// the others, and is the one that counts.
func onEach(ctx context.Context, servers []Server, work func(ctx context.Context, s Server) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var group sync.WaitGroup
	for _, s := range servers {
		group.Go(func() {
			if err := work(ctx, s); err != nil {
				cancel(err)
			}
		})
	}
	group.Wait()
	return context.Cause(ctx)
}

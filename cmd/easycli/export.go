package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"easycli/internal/keyspace"
	"easycli/internal/quote"
)

// run writes the keys that match to stdout.
func (r export) run(ctx context.Context, c *console) error {
	conf, done, err := r.Conn.open(ctx, c)
	if err != nil {
		return err
	}
	defer done()
	ctx, stop := interruptible(ctx)
	defer stop()
	k, err := r.Conn.findKeys(ctx, c, conf, r.Cluster)
	if err != nil {
		return err
	}
	defer k.close()
	begun := time.Now()
	got, err := keyspace.Export(ctx, keyspace.ExportConfig{
		Servers: k.servers, Cluster: k.masters, Filter: r.Filter, Format: r.Format, Dump: r.Dump, Terminal: r.Terminal, Out: c.Out,
	})
	if isAny[*keyspace.OutputError](err) && ctx.Err() == nil {
		r.summarize(c, got, begun, !errors.Is(err, syscall.EPIPE))
		return err
	}
	err = c.keysFailure(ctx, err)
	r.summarize(c, got, begun, err != nil)
	if err == nil && got.Refused > 0 {
		return toldError{errAnswer}
	}
	return err
}

// summarize says on stderr what was written: to a person always, to a log where something is amiss.
func (r export) summarize(c *console, got keyspace.Exported, begun time.Time, broken bool) {
	if broken {
		c.complain(fmt.Sprintf("the export is not complete: %d keys were written, %d bytes", got.Keys, got.Bytes))
	} else if c.ErrTerminal {
		gone := ""
		if got.Vanished > 0 {
			gone = fmt.Sprintf(" (%d more expired or were deleted meanwhile)", got.Vanished)
		}
		c.complain(fmt.Sprintf("%d keys%s, %s in %.1f s", got.Keys, gone, size(got.Bytes), time.Since(begun).Seconds()))
	}
	if got.Torn != nil {
		c.complain(fmt.Sprintf("the output ends inside the key %s", quote.Append(nil, got.Torn[:min(len(got.Torn), 200)])))
	}
	if got.Refused > 0 {
		c.complain(fmt.Sprintf("%d keys could not be read; the first: %s", got.Refused, got.Refusal))
	}
	if got.Shifted > 0 {
		c.complain(fmt.Sprintf("%d lists changed their length while they were read in pieces: elements may be missing or "+
			"there twice; --as restore reads each key in one", got.Shifted))
	}
	if got.Unclaimed > 0 {
		c.complain(fmt.Sprintf("%d pending entries of streams belong to entries that are deleted, which no command can say: "+
			"they are left out; --as restore has them", got.Unclaimed))
	}
}

// size is a number of bytes for people.
func size(n int64) string {
	const units = "KMGT"
	if n < 1<<10 {
		return fmt.Sprintf("%d bytes", n)
	}
	value, unit := float64(n)/(1<<10), 0
	for value >= 1<<10 && unit < len(units)-1 {
		value /= 1 << 10
		unit++
	}
	return fmt.Sprintf("%.1f %ciB", value, units[unit])
}

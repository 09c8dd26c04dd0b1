package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"easycli/internal/keyspace"
	"easycli/internal/progress"
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
	var read atomic.Int64
	line, err := r.startLine(ctx, c, k, &read)
	if err != nil {
		return err
	}
	defer line.Stop()
	begun := time.Now()
	got, err := keyspace.Export(ctx, keyspace.ExportConfig{
		Servers: k.servers, Cluster: k.masters, Filter: r.Filter, Format: r.Format, Dump: r.Dump, Terminal: r.Terminal, Out: c.Out,
		Done: &read,
	})
	line.Stop()
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

// startLine shows how far the export is, unless the keys themselves pass by on the same terminal.
func (r export) startLine(ctx context.Context, c *console, k *keys, read *atomic.Int64) (*progress.Line, error) {
	line := c.lineUnless(r.NoProgress || c.Env.outTerminal)
	if line == nil {
		return nil, nil
	}
	var total int64
	if len(r.Filter.Pattern) == 0 && r.Filter.Type == "" {
		var err error
		if total, err = keyspace.Size(ctx, k.servers); err != nil && !isAny[*keyspace.RefusedError](err) {
			return nil, c.keysFailure(ctx, err)
		}
	}
	line.Start(func() progress.Facts {
		return progress.Facts{Items: read.Load(), TotalItems: total, Noun: "keys"}
	})
	return line, nil
}

// summarize says on stderr what was written: to a person always, to a log where something is amiss.
func (r export) summarize(c *console, got keyspace.Exported, begun time.Time, broken bool) {
	if broken {
		c.complain(fmt.Sprintf("the export is not complete, written so far: %s, %d bytes", many(got.Keys, "key"), got.Bytes))
	} else if c.ErrTerminal {
		gone := ""
		if got.Vanished > 0 {
			gone = fmt.Sprintf(" (%d more expired or were deleted meanwhile)", got.Vanished)
		}
		c.complain(fmt.Sprintf("%s%s, %s in %.1f s", many(got.Keys, "key"), gone, size(got.Bytes), time.Since(begun).Seconds()))
	}
	if got.Torn != nil {
		c.complain(fmt.Sprintf("the output ends inside the key %s", quote.Append(nil, got.Torn[:min(len(got.Torn), 200)])))
	}
	switch {
	case got.Refused == 1:
		c.complain("1 key could not be read: " + got.Refusal)
	case got.Refused > 1:
		c.complain(fmt.Sprintf("%d keys could not be read; the first: %s", got.Refused, got.Refusal))
	}
	if got.Shifted > 0 {
		c.complain(fmt.Sprintf("the length of %s changed while reading in pieces: elements may be missing or "+
			"there twice; --as restore reads each key in one", many(got.Shifted, "list")))
	}
	if got.Unclaimed > 0 {
		c.complain(fmt.Sprintf("left out, because no command can say it: what is pending of %s of streams; "+
			"--as restore has it", many(got.Unclaimed, "deleted entry")))
	}
}

// many is a number of things: "1 key", "2 keys".
func many(n int64, thing string) string {
	switch {
	case n == 1:
		return "1 " + thing
	case strings.HasSuffix(thing, "y") && !strings.HasSuffix(thing, "ey"):
		thing = strings.TrimSuffix(thing, "y") + "ie"
	}
	return fmt.Sprintf("%d %ss", n, thing)
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

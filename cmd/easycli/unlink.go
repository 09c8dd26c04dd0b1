package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync/atomic"

	"easycli/internal/keyspace"
	"easycli/internal/progress"
	"easycli/internal/quote"
)

// unlinkSamples is how many of the keys are shown before they go.
const unlinkSamples = 5

// run counts, asks, deletes, and prints how many are gone. An interrupt stops it there.
func (r unlink) run(ctx context.Context, c *console) error {
	mayAsk := c.Env.inTerminal && c.ErrTerminal
	if !r.Yes && !r.DryRun && !mayAsk {
		return usagef("--unlink asks before it deletes, and there is no terminal to ask at: " +
			"add --yes, or --dry-run to see what it would delete")
	}
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
	line := c.lineUnless(r.NoProgress)
	var counted, deleted atomic.Int64
	line.Start(func() progress.Facts { return progress.Facts{Items: counted.Load(), Noun: "keys found"} })
	tally, err := keyspace.Count(ctx, k.servers, r.Filter, unlinkSamples, &counted)
	line.Stop()
	if err != nil {
		return c.keysFailure(ctx, err)
	}
	r.show(c, k, tally)
	if r.DryRun || tally.Keys == 0 {
		return c.print(strconv.FormatInt(tally.Keys, 10) + "\n")
	}
	if !r.Yes {
		if err := r.confirm(ctx, c, tally.Keys); err != nil {
			return err
		}
	}
	line = c.lineUnless(r.NoProgress) // a new one, which stands below the answer
	line.Start(func() progress.Facts {
		return progress.Facts{Items: deleted.Load(), TotalItems: tally.Keys, Noun: "keys deleted"}
	})
	gone, err := keyspace.Unlink(ctx, keyspace.UnlinkConfig{
		Servers: k.servers, Cluster: k.masters, Filter: r.Filter, Rate: r.Rate, OneByOne: k.oneByOne, Deleted: &deleted,
	})
	line.Stop()
	if err = c.keysFailure(ctx, err); err != nil {
		r.complain(c, gone, tally.Keys)
	}
	if err := c.print(strconv.FormatInt(gone.Deleted, 10) + "\n"); err != nil {
		return err
	}
	return err
}

// show says what is about to go.
func (r unlink) show(c *console, k *keys, tally keyspace.Tally) {
	what := "keys match"
	if tally.Keys == 1 {
		what = "key matches"
	}
	kind := ""
	if r.Filter.Type != "" {
		kind = " of type " + r.Filter.Type
	}
	end := ""
	if len(tally.Samples) > 0 {
		end = ", such as"
	}
	c.complain(fmt.Sprintf("%d %s %s%s in %s%s", tally.Keys, what, quote.Append(nil, r.Filter.Pattern), kind, k.where, end))
	for _, key := range tally.Samples {
		fmt.Fprintf(c.Err, "  %s\n", quote.Append(nil, key[:min(len(key), 200)]))
	}
}

// complain says how far a deletion got that did not get to its end.
func (r unlink) complain(c *console, gone keyspace.Unlinked, matched int64) {
	doubt := ""
	if gone.InDoubt > 0 {
		doubt = fmt.Sprintf(", in doubt: %d", gone.InDoubt)
	}
	c.complain(fmt.Sprintf("stopped: of about %s are deleted: %d%s; the same command again deletes the rest",
		many(matched, "key"), gone.Deleted, doubt))
}

// errDeclined is a person who said no.
var errDeclined = errors.New("not confirmed")

// confirm asks. Who deletes everything types how much that is: the answer that comes by itself is
// not enough.
func (r unlink) confirm(ctx context.Context, c *console, keys int64) error {
	want := "yes"
	if len(bytes.Trim(r.Filter.Pattern, "*")) == 0 {
		want = strconv.FormatInt(keys, 10)
		fmt.Fprintf(c.Err, "This pattern matches every key. Type their number (%s) to delete them: ", want)
	} else {
		fmt.Fprintf(c.Err, "Type yes to delete them: ")
	}
	answer, err := c.ask(ctx)
	if err != nil {
		return err
	}
	if strings.ToLower(strings.TrimSpace(answer)) != want {
		c.complain("not confirmed, so nothing was deleted")
		return toldError{errDeclined}
	}
	return nil
}

// ask reads a line that a person types. A signal ends the wait.
func (c *console) ask(ctx context.Context) (string, error) {
	type answer struct {
		line string
		err  error
	}
	answered := make(chan answer, 1)
	go func() { // it stays behind when a signal comes; the process is about to end
		line, err := readLine(c.In)
		answered <- answer{line, err}
	}()
	select {
	case a := <-answered:
		if a.err != nil && a.err != io.EOF {
			a.line = ""
		}
		return a.line, nil
	case <-ctx.Done():
		fmt.Fprintln(c.Err)
		return "", context.Cause(ctx)
	}
}

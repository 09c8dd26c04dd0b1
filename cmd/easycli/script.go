package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"easycli/internal/cluster"
	"easycli/internal/pipeclient"
	"easycli/internal/quote"
	"easycli/internal/render"
	"easycli/internal/repl"
)

// run sends the lines of stdin.
func (r script) run(ctx context.Context, c *console) error {
	conf, done, err := r.Conn.open(ctx, c)
	if err != nil {
		return err
	}
	defer done()
	ctx, stop := interruptible(ctx)
	defer stop()
	options := r.Out.options(c)
	if r.StopAtError {
		options.Errors, options.ErrorsTerminal = c.Err, c.ErrTerminal
	}
	var nodes *cluster.Config
	if r.Cluster {
		cfg := r.Conn.cluster(c, conf)
		nodes = &cfg
	}
	err = repl.Batch(ctx, repl.BatchConfig{
		Cluster: nodes,
		Note:    c.complain,
		Server:  conf,
		Connect: func(ctx context.Context, conf pipeclient.Config) (*pipeclient.Conn, error) {
			return r.Conn.dial(ctx, c, conf)
		},
		In:          c.In,
		Out:         c.Out,
		Print:       options,
		Pushes:      r.Out.Pushes,
		StopAtError: r.StopAtError,
		ReadOnly:    r.ReadOnly,
		Interval:    r.Interval,
	})
	var report *repl.Report
	if !errors.As(err, &report) {
		return err
	}
	if !errors.Is(report, syscall.EPIPE) {
		for _, sentence := range report.Sentences() {
			c.complain(sentence)
		}
	}
	return toldError{scriptFailure(report)}
}

// complain writes a sentence to stderr. What a server said in it is made safe for a terminal.
func (c *console) complain(sentence string) {
	if c.ErrTerminal {
		sentence = string(quote.AppendTerminal(nil, sentence))
	}
	fmt.Fprintf(c.Err, "easycli: %s\n", sentence)
}

// scriptFailure is the worst of what happened to a script.
func scriptFailure(r *repl.Report) error {
	switch {
	case isAny[interrupted](r.Cause), isAny[*render.WriteError](r.Cause), isAny[*pipeclient.ConnectError](r.Cause):
		return r.Cause
	case r.Lost != nil:
		return r.Lost
	case r.ReadOnly && r.Cause == nil:
		return usageError{r.Error()}
	case r.Cause != nil, r.Refused > 0, r.OpenMulti:
		return inputError{r}
	}
	return errAnswer
}

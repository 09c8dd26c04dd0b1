package main

import (
	"context"
	"errors"
	"fmt"

	"easycli/internal/bulk"
	"easycli/internal/cluster"
	"easycli/internal/pipeclient"
	"easycli/internal/progress"
)

// run loads the inputs. The first signal stops sending and waits for the replies that are due, the
// second ends the load at once; there is a report either way.
func (r pipe) run(ctx context.Context, c *console) error {
	if err := r.spares(c.In); err != nil {
		return err // and no report, which may be what would have harmed
	}
	list, err := r.inputs.open(c.In)
	if err != nil {
		return r.reportOnly(err)
	}
	conf, done, err := r.Conn.open(ctx, c)
	if err != nil {
		return err
	}
	defer done()
	if conf.Timeout == 0 {
		conf.Timeout = r.Timeout
	}
	typed := c.Env.inTerminal && r.fromStdin()
	if typed {
		fmt.Fprintln(c.Err, "easycli: loading what is typed here, one command a line; Ctrl-D ends it. "+
			"From a file: easycli --pipe FILE")
	}
	var line *progress.Line
	if !r.NoProgress && !typed {
		line = c.progressLine()
	}
	soft, hard, stop := interruptibleTwice(ctx)
	defer stop()
	nodes, err := r.nodes(soft, c, conf)
	if err != nil {
		return r.reportOnly(err)
	}
	if nodes != nil {
		defer nodes.Close()
	}
	_, err = bulk.Run(hard, bulk.Config{
		Client:        conf,
		Cluster:       nodes,
		Reconnect:     r.Reconnect,
		Inputs:        list,
		Template:      r.Template,
		NoHeader:      r.NoHeader,
		Out:           c.Out,
		Err:           c.Err,
		ErrTerminal:   c.ErrTerminal,
		AllowState:    r.AllowState,
		AllowBlocking: r.AllowBlocking,
		Verify:        r.Verify,
		Rate:          r.Rate,
		Confirm:       r.confirm(),
		Replies:       r.Replies,
		Progress:      line,
		StopAfter:     r.stopAfter(),
		PassNoPerm:    r.PassNoPerm,
		Reject:        r.Reject,
		Skip:          r.Skip,
		Journal:       r.Journal,
		Report:        r.Report,
		Resume:        r.resume(c.Args),
		Status:        func(err error) int { return int(statusOf(loadFailure(soft, err))) },
		Checkpoint:    r.checkpoint(),
		Interrupt:     soft.Done(),
	})
	return loadFailure(soft, err)
}

// reportOnly reports a load that has not begun, for that reason, which it returns.
func (r pipe) reportOnly(err error) error {
	bulk.ReportOnly(bulk.Config{Report: r.Report, Status: func(err error) int { return int(statusOf(err)) }}, err)
	return err
}

// checkpoint is how the load is made exact, nil if it is not.
func (l loading) checkpoint() *bulk.Checkpoint {
	if l.Checkpoint == "" {
		return nil
	}
	return &bulk.Checkpoint{Key: l.Checkpoint, Batch: l.Batch}
}

// nodes is the cluster to load into, nil if it is one server: with -c as well, if that is in no cluster.
func (r pipe) nodes(ctx context.Context, c *console, conf pipeclient.Config) (*cluster.Cluster, error) {
	if !r.Cluster {
		return nil, nil
	}
	nodes, err := cluster.Open(ctx, r.Conn.cluster(c, conf))
	switch {
	case errors.Is(err, cluster.ErrNoCluster):
		return nil, nil
	case err != nil && ctx.Err() != nil:
		return nil, context.Cause(ctx)
	}
	return nodes, err
}

// loadFailure is why a load is no success, in this package's terms. All but failures to
// connect and to write has been reported by the load.
func loadFailure(soft context.Context, err error) error {
	var output *bulk.OutputError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, bulk.ErrInterrupted):
		return context.Cause(soft)
	case isAny[*pipeclient.ConnectError](err):
		if soft.Err() != nil {
			return context.Cause(soft)
		}
		return err
	case errors.As(err, &output) && output.File == "":
		return err
	case output != nil, isAny[*bulk.InputError](err), isAny[*pipeclient.LostError](err), errors.Is(err, bulk.ErrCommands),
		isAny[*bulk.NotConfirmedError](err), isAny[*bulk.CheckpointError](err):
		return toldError{err}
	}
	return toldError{inputError{err}} // what is left is an input that could not be read
}

func isAny[E error](err error) bool {
	var target E
	return errors.As(err, &target)
}

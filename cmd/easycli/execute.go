package main

import (
	"context"
	"fmt"
)

// execute carries out a command line and says how it went.
func execute(args []string, c *console) exitStatus {
	c.Args = args
	r, err := parse(args, c.Env)
	if err == nil {
		err = r.run(context.Background(), c)
	}
	if text := explainFailure(err, c.ErrTerminal); text != "" {
		fmt.Fprint(c.Err, text)
	}
	return statusOf(err)
}

func (r show) run(_ context.Context, c *console) error { return c.print(r.Text) }

// print writes a whole text to stdout.
func (c *console) print(text string) error {
	if _, err := fmt.Fprint(c.Out, text); err != nil {
		return outputError{err}
	}
	return nil
}

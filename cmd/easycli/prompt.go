package main

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"easycli/internal/pipeclient"
	"easycli/internal/shell"
)

// run talks with a person. Ctrl-C is the prompt's own; what ends the program from outside leaves
// the terminal as it was found.
func (r prompt) run(ctx context.Context, c *console) error {
	conf, done, err := r.Conn.open(ctx, c)
	if err != nil {
		return err
	}
	defer done()
	defer c.RestoreTerminal()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer onSignals(ctx, []os.Signal{syscall.SIGTERM, syscall.SIGHUP}, cancel)()
	interrupts, stop := ctrlC(ctx)
	defer stop()
	t := c.newTerminal(ctx, r, interrupts)
	cfg := shell.Config{
		Server: conf,
		Connect: func(ctx context.Context, conf pipeclient.Config) (*pipeclient.Conn, error) {
			return r.Conn.dial(ctx, c, conf)
		},
		Editor:     t.editor,
		History:    t.history,
		Interrupts: interrupts,
		Explain:    func(err error) string { return explainFailure(err, c.Env.outTerminal) },
		Print:      r.Out.options(c),
		Pushes:     r.Out.Pushes,
		Interval:   r.Interval,
		Plain:      t.plain,
		Scout:      t.scout,
		Assistant:  t.helper,
		Outside:    t.outside(),
	}
	if r.Cluster {
		nodes := r.Conn.cluster(c, conf)
		cfg.Cluster = &nodes
	}
	return shell.Run(ctx, cfg)
}

// ctrlC has a value for each SIGINT that found somebody waiting, or the last one that did not.
func ctrlC(ctx context.Context) (<-chan struct{}, func()) {
	signals, interrupts := make(chan os.Signal, 1), make(chan struct{}, 1)
	signal.Notify(signals, os.Interrupt)
	go func() {
		for {
			select {
			case <-signals:
			case <-ctx.Done():
				return
			}
			select {
			case interrupts <- struct{}{}:
			default:
			}
		}
	}()
	return interrupts, func() { signal.Stop(signals) }
}

// historyFile is where the prompt keeps its history: our own variable has the first say, redis-cli's
// the last, and /dev/null means nowhere.
func (env environment) historyFile() string {
	for _, name := range []string{"EASYCLI_HISTFILE", "VALKEYCLI_HISTFILE", "REDISCLI_HISTFILE"} {
		switch path := env.get(name); path {
		case "":
		case os.DevNull:
			return ""
		default:
			return path
		}
	}
	if state := env.get("XDG_STATE_HOME"); filepath.IsAbs(state) {
		return filepath.Join(state, "easycli", "history")
	}
	if home := env.home(); home != "" {
		return filepath.Join(home, ".local", "state", "easycli", "history")
	}
	return ""
}

package main

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"golang.org/x/term"

	"easycli/internal/cluster"
	"easycli/internal/lineeditor"
	"easycli/internal/pipeclient"
	"easycli/internal/repl"
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
	var nodes *cluster.Config
	if r.Cluster {
		cfg := r.Conn.cluster(c, conf)
		nodes = &cfg
	}
	return repl.Interactive(ctx, repl.InteractiveConfig{
		Server:  conf,
		Cluster: nodes,
		Connect: func(ctx context.Context, conf pipeclient.Config) (*pipeclient.Conn, error) {
			return r.Conn.dial(ctx, c, conf)
		},
		Lines:      r.editor(ctx, c),
		Interrupts: interrupts,
		Out:        c.Out,
		Err:        c.Err,
		Explain:    func(err error) string { return explainFailure(err, c.ErrTerminal) },
		Print:      r.Out.options(),
		Pushes:     r.Out.Pushes,
		Interval:   r.Interval,
	})
}

// remembering is the editor with the history that it recalls.
type remembering struct {
	*lineeditor.Editor
	history *lineeditor.History
}

// Remember puts a line into the history.
func (r remembering) Remember(line string) { r.history.Add(line) }

// editor is the prompt at the terminal.
func (r prompt) editor(ctx context.Context, c *console) remembering {
	history := lineeditor.OpenHistory(c.Env.historyFile(), 10_000)
	conf := lineeditor.Config{
		In: lineeditor.Keys(c.In), Out: c.Out, History: history,
		Resized: lineeditor.Resizes(ctx), Suspend: lineeditor.Suspend,
	}
	if in, ok := c.In.(*os.File); ok {
		conf.MakeRaw = lineeditor.Raw(int(in.Fd()))
	}
	if out, ok := c.Out.(*os.File); ok {
		conf.Size = func() (columns, rows int) {
			columns, rows, _ = term.GetSize(int(out.Fd()))
			return columns, rows
		}
	}
	return remembering{lineeditor.New(conf), history}
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

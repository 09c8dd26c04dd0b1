package main

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"easycli/internal/config"
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
	preferences, problems, err := c.preferences()
	if err != nil {
		return err
	}
	for _, text := range problems {
		if err := c.print(text + "\n"); err != nil {
			return err
		}
	}
	defer c.RestoreTerminal()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer onSignals(ctx, []os.Signal{syscall.SIGTERM, syscall.SIGHUP}, cancel)()
	interrupts, stop := ctrlC(ctx)
	defer stop()
	t := c.newTerminal(ctx, r, preferences, interrupts)
	target := r.target(c, conf, r.Conn, r.Cluster, r.shellProfile(r.Profile, r.ReadOnly || r.Profile.ReadOnly, preferences))
	return shell.Run(ctx, shell.Config{
		Server: target.Server, Connect: target.Connect, Cluster: target.Cluster, Profile: target.Profile,
		Use: func(ctx context.Context, name string) (shell.Target, error) {
			conf, u, err := r.use(ctx, c, name)
			return r.target(c, conf, u.Conn, u.Cluster, r.shellProfile(u.Profile, u.ReadOnly, preferences)), err
		},
		Preferences: &preferences,
		Editor:      t.editor,
		History:     t.history,
		Interrupts:  interrupts,
		Explain:     func(err error) string { return explainFailure(err, c.Env.outTerminal) },
		Print:       t.print,
		Pushes:      r.Out.Pushes,
		Interval:    r.Interval,
		Plain:       t.plain,
		Scout:       t.scout,
		Assistant:   t.helper,
		Outside:     t.outside(),
	})
}

// target is a server to go to, over that connection.
func (r prompt) target(c *console, conf pipeclient.Config, conn connection, inCluster bool, profile shell.Profile) shell.Target {
	t := shell.Target{Server: conf, Profile: profile, Connect: func(ctx context.Context, conf pipeclient.Config) (*pipeclient.Conn, error) {
		if err := conn.mayGo(conf); err != nil { // it may be another one than was asked for: CONNECT, a redirection
			return nil, err
		}
		return conn.dial(ctx, c, conf)
	}}
	if inCluster {
		nodes := conn.cluster(c, conf)
		t.Cluster = &nodes
	}
	return t
}

// shellProfile is a profile in the shell's words.
func (r prompt) shellProfile(p profile, readOnly bool, preferences config.Preferences) shell.Profile {
	confirm := preferences.Confirm
	switch {
	case r.NoConfirm:
		confirm = config.ConfirmNever
	case p.HasConfirm:
		confirm = p.Confirm
	}
	return shell.Profile{Name: p.Name, Label: p.Label, Color: p.Color, ReadOnly: readOnly, Confirm: confirm}
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

// historyFile is where the prompt keeps its history, "" for nowhere.
func (env environment) historyFile() string {
	if path, said := env.fileOf("EASYCLI_HISTFILE", "VALKEYCLI_HISTFILE", "REDISCLI_HISTFILE"); said {
		return path
	}
	if state := env.get("XDG_STATE_HOME"); filepath.IsAbs(state) {
		return filepath.Join(state, "easycli", "history")
	}
	if home := env.home(); home != "" {
		return filepath.Join(home, ".local", "state", "easycli", "history")
	}
	return ""
}

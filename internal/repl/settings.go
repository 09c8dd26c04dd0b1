package repl

import (
	"context"
	"strconv"

	"easycli/internal/command"
	"easycli/internal/pipeclient"
	"easycli/internal/session"
)

// isSetting reports whether a command changes what every connection has to be: who is on it, in
// which database, in which protocol, by which name.
func isSetting(e command.Effect) bool {
	switch e {
	case command.Auth, command.Hello, command.Select, command.ClientName, command.Reset:
		return true
	}
	return false
}

// runAtHome carries out a command on the connection to the server that the command line names. What
// it changes there will be so at all nodes: the next command meets new connections.
func (b *batch) runAtHome(ctx context.Context, l Line, info command.Info) error {
	if err := b.settle(ctx); err != nil {
		return err
	}
	if b.conn.Err() != nil && !b.out.matters() && !b.closing {
		if err := b.connectTo(ctx, b.member); err != nil {
			return err
		}
	}
	if n := b.nodes.Load(); n != nil && n.watching != nil && isSetting(info.Effect) {
		return b.refuseCommand(&session.Refusal{Command: info.Name,
			Reason: "with -c the connections are made anew for it, and the keys that are watched would no longer be"})
	}
	failed := b.report.Failed
	if err := b.runSettled(ctx, l, info); err != nil {
		return err
	}
	if !isSetting(info.Effect) || b.report.Failed > failed {
		return nil
	}
	setting(&b.member, info, l.Words)
	b.unknown = false
	b.closeCluster()
	return nil
}

// setting changes a configuration as a command that succeeded has changed a connection.
func setting(cfg *pipeclient.Config, info command.Info, words [][]byte) {
	switch info.Effect {
	case command.Select:
		if db, err := strconv.Atoi(string(words[len(words)-1])); err == nil {
			cfg.DB = db
		}
	case command.ClientName:
		cfg.Name = string(words[len(words)-1])
	case command.Hello:
		hello := command.GreetingOf(words)
		if proto, err := strconv.Atoi(string(hello.Proto)); err == nil {
			cfg.Proto = proto
		}
		if hello.ChangeName {
			cfg.Name = string(hello.Name)
		}
	case command.Reset:
		cfg.User, cfg.Pass, cfg.HasPass, cfg.Proto, cfg.DB, cfg.Name = "", "", false, 0, 0, ""
	}
	if user, pass, ok := info.Credentials(words); ok {
		cfg.User, cfg.Pass, cfg.HasPass = string(user), string(pass), true
	}
}

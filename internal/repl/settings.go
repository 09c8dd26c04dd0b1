package repl

import (
	"context"

	"easycli/internal/command"
	"easycli/internal/lines"
	"easycli/internal/session"
)

// runAtHome carries out a command on the connection to the server that the command line names. What
// it changes there will be so at all nodes: the next command meets new connections.
func (b *batch) runAtHome(ctx context.Context, l lines.Line, info command.Info) error {
	if err := b.settle(ctx); err != nil {
		return err
	}
	if b.conn.Err() != nil && !b.out.matters() && !b.closing {
		if err := b.connectTo(ctx, b.member); err != nil {
			return err
		}
	}
	if n := b.nodes.Load(); n != nil && n.watching != nil && session.IsSetting(info.Effect) {
		return b.refuseCommand(&session.Refusal{Command: info.Name,
			Reason: "with -c the connections are made anew for it, and the keys that are watched would no longer be"})
	}
	failed := b.report.Failed
	if err := b.runSettled(ctx, l, info); err != nil {
		return err
	}
	if !session.IsSetting(info.Effect) || b.report.Failed > failed {
		return nil
	}
	session.Renew(&b.member, info, l.Words)
	b.unknown = false
	b.closeCluster()
	return nil
}

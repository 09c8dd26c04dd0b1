package main

import (
	"context"
	"errors"
	"strings"

	"easycli/internal/cluster"
	"easycli/internal/command"
	"easycli/internal/pipeclient"
)

// open connects for a command. With -c that is the one server, which will say where the command
// belongs, unless the whole cluster has to be known: because the command is for several nodes, or for
// a replica. A server that is no cluster is spoken to as without -c.
func (l *line) open(ctx context.Context, where connection, conf pipeclient.Config, argv [][]byte, info command.Info) error {
	reads := where.ReadFrom != cluster.Masters && info.ReadOnly
	if !l.cluster || !reads && !cluster.IsSpread(info, argv) {
		return l.dial(ctx, where, conf)
	}
	pushless := conf
	pushless.OnPush = nil // several connections would call it at once
	l.where, l.conf = where, conf
	nodes, err := cluster.Open(ctx, where.cluster(l.console, pushless))
	if errors.Is(err, cluster.ErrNoCluster) {
		return l.dial(ctx, where, conf)
	}
	if err != nil {
		return err
	}
	member := true
	l.nodes, l.member, l.home = nodes, &member, conf.Addr
	if cluster.IsSpread(info, argv) {
		return nil
	}
	return l.goToReader(ctx, argv, info)
}

// goToReader makes the connection one to a node that may answer the command. Where a replica cannot
// be reached, its master can answer as well.
func (l *line) goToReader(ctx context.Context, argv [][]byte, info command.Info) error {
	node := l.nodes.Seed()
	slot, err := l.nodes.Slot(ctx, info, argv)
	if err == nil && slot != cluster.NoSlot && l.nodes.Owner(slot) != nil {
		node = l.nodes.Reader(slot)
	}
	conn, err := node.Dial(ctx, nil)
	if err != nil && slot != cluster.NoSlot && l.nodes.Owner(slot) != nil {
		node = l.nodes.Owner(slot)
		conn, err = node.Dial(ctx, nil)
	}
	l.conn, l.conf.Addr = conn, l.where.Nodes.addr(node.Addr())
	return err
}

// everywhere carries out a command for several nodes.
func (l *line) everywhere(ctx context.Context, argv [][]byte, info command.Info) error {
	v, parts, err := l.nodes.Spread(ctx, info, argv, nil)
	if parts > 1 {
		l.note(cluster.SplitNote(info, parts))
	}
	if err != nil {
		return err
	}
	return l.print(v, info)
}

// note says something on stderr, once.
func (l *line) note(sentence string) {
	if l.noted {
		return
	}
	l.noted = true
	l.console.complain(sentence)
}

// explainCrossing says which keys the server means by its CROSSSLOT.
func (l *line) explainCrossing(argv [][]byte, info command.Info) {
	if l.cluster && strings.HasPrefix(l.failure, "CROSSSLOT") {
		if _, err := cluster.KnownSlot(info, argv); err != nil {
			l.note(info.Name + ": " + err.Error())
		}
	}
}

// tellWhose says which node has taken a command that every node has to be told.
func (l *line) tellWhose(ctx context.Context, info command.Info) {
	if spread, _ := info.Spread(); l.cluster && spread == command.OwnNode && l.conn.Err() == nil && l.inCluster(ctx) {
		l.note(cluster.OwnNote(info, l.conf.Addr))
	}
}

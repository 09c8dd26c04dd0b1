package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"easycli/internal/cluster"
	"easycli/internal/keyspace"
	"easycli/internal/pipeclient"
)

// keys is where a mode that works on keys finds them: on one server, or on all masters of a cluster.
type keys struct {
	servers []keyspace.Server
	// masters is nil for one server.
	masters *keyspace.Masters
	// where names the place for people.
	where string
	// oneByOne says that a server takes one key a command, as a node of a cluster does.
	oneByOne bool
	close    func() error
}

// findKeys finds out what the command line names. A server that is no cluster is worked on alone,
// with or without -c; of a node of a cluster that is said.
func (n connection) findKeys(ctx context.Context, c *console, conf pipeclient.Config, clustered bool) (*keys, error) {
	if clustered {
		nodes, err := cluster.Open(ctx, n.cluster(c, conf))
		if err == nil {
			masters := keyspace.MastersOf(nodes)
			servers := masters.Servers()
			return &keys{servers: servers, masters: masters, close: nodes.Close,
				where: fmt.Sprintf("the %d masters of the cluster of %s", len(servers), conf.Addr)}, nil
		}
		if !errors.Is(err, cluster.ErrNoCluster) {
			return nil, c.keysFailure(ctx, err)
		}
	}
	dial := func(ctx context.Context, adapt func(*pipeclient.Config)) (*pipeclient.Conn, error) {
		conf := conf
		if adapt != nil {
			adapt(&conf)
		}
		return n.dial(ctx, c, conf)
	}
	k := &keys{
		servers: []keyspace.Server{{Addr: conf.Addr, Dial: dial}},
		where:   fmt.Sprintf("database %d of %s", conf.DB, conf.Addr),
		close:   func() error { return nil },
	}
	if err := k.look(ctx, c); err != nil {
		return nil, err
	}
	return k, nil
}

// look finds out whether the one server is a node of a cluster.
func (k *keys) look(ctx context.Context, c *console) error {
	conn, err := k.servers[0].Dial(ctx, nil)
	if err != nil {
		return err
	}
	defer conn.Close()
	v, err := conn.Do(ctx, "INFO", "cluster")
	if err != nil {
		return c.keysFailure(ctx, err)
	}
	if strings.Contains(v.Text, "cluster_enabled:1") {
		k.oneByOne = true
		c.complain(k.servers[0].Addr + " is one node of a cluster, and only its own keys are meant: -c means all")
	}
	return nil
}

// keysFailure says why work on many keys broke off, and returns that in this package's terms.
func (c *console) keysFailure(ctx context.Context, err error) error {
	var (
		lost    *pipeclient.LostError
		refused *keyspace.RefusedError
		connect *pipeclient.ConnectError
	)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &connect):
		return err
	case errors.As(err, &lost):
		c.complain("connection lost: " + reason(lost.Cause))
	case errors.As(err, &refused):
		c.complain(refused.Error())
	default:
		return err
	}
	return toldError{err}
}

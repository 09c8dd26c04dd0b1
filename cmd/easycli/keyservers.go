package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"easycli/internal/keyspace"
	"easycli/internal/pipeclient"
)

// keys is where a mode that works on keys finds them.
type keys struct {
	servers []keyspace.Server
	addr    string
	db      int
	// clustered says that the servers are nodes of a cluster, which take one key a command.
	clustered bool
	console   *console
}

// keysAt is the one server that the command line names.
func keysAt(n connection, c *console, conf pipeclient.Config) *keys {
	dial := func(ctx context.Context, adapt func(*pipeclient.Config)) (*pipeclient.Conn, error) {
		conf := conf
		if adapt != nil {
			adapt(&conf)
		}
		return n.dial(ctx, c, conf)
	}
	return &keys{
		servers: []keyspace.Server{{Addr: conf.Addr, Dial: dial}},
		addr:    conf.Addr, db: conf.DB, console: c,
	}
}

// look finds out whether the server is a node of a cluster, and says what that means.
func (k *keys) look(ctx context.Context) error {
	conn, err := k.servers[0].Dial(ctx, nil)
	if err != nil {
		return err
	}
	defer conn.Close()
	v, err := conn.Do(ctx, "INFO", "cluster")
	if err != nil {
		return k.console.keysFailure(ctx, err)
	}
	if strings.Contains(v.Text, "cluster_enabled:1") {
		k.clustered = true
		k.console.complain(k.addr + " is one node of a cluster: only its own keys are meant")
	}
	return nil
}

// where names the place for people.
func (k *keys) where() string { return fmt.Sprintf("database %d of %s", k.db, k.addr) }

// keysFailure says why work on many keys broke off, and returns that in this package's terms.
func (c *console) keysFailure(ctx context.Context, err error) error {
	var (
		lost    *pipeclient.LostError
		refused *keyspace.RefusedError
	)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &lost):
		c.complain("connection lost: " + reason(lost.Cause))
	case errors.As(err, &refused):
		c.complain(refused.Error())
	default:
		return err
	}
	return toldError{err}
}

package main

import (
	"context"
	"errors"
	"net"
	"strings"

	"easycli/internal/cluster"
	"easycli/internal/pipeclient"
)

// addressMap is --cluster-map: where nodes are reached that announce themselves otherwise, as behind
// a NAT or in containers. nil leaves addresses as they are.
type addressMap []mapping

// mapping is an address as nodes announce it, host:port or a host for all its ports, and the one to
// go to instead.
type mapping struct{ From, To string }

// addr is where the node is reached that announces host:port. A mapping with a port goes before one
// of the host.
func (m addressMap) addr(announced string) string {
	host, port, err := net.SplitHostPort(announced)
	if err != nil {
		return announced
	}
	addr := announced
	for _, one := range m {
		switch one.From {
		case announced:
			return one.dial(port)
		case host:
			addr = one.dial(port)
		}
	}
	return addr
}

// dial is where the mapping leads; without a port of its own, the node's is kept.
func (one mapping) dial(port string) string {
	if _, _, err := net.SplitHostPort(one.To); err == nil {
		return one.To
	}
	return net.JoinHostPort(one.To, port)
}

func (d *draft) setClusterMap(v string) error {
	from, to, ok := strings.Cut(v, "=")
	from, fromOK := place(from)
	to, toOK := place(to)
	if !ok || !fromOK || !toOK {
		return wants("what nodes announce and where they are: 10.0.0.5:6379=localhost:7001, or two hosts")
	}
	d.conn.Nodes = append(d.conn.Nodes, mapping{from, to})
	return nil
}

// place is host:port, or a host without the brackets of an IPv6 address.
func place(text string) (string, bool) {
	if host, port, err := net.SplitHostPort(text); err == nil {
		return net.JoinHostPort(host, port), host != "" && port != ""
	}
	host := strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	return host, host != "" && !strings.ContainsAny(host, "/@ ")
}

func (d *draft) setReadFrom(v string) error {
	for choice, name := range [...]string{cluster.Masters: "master", cluster.Replicas: "replica", cluster.Any: "any"} {
		if v == name {
			d.conn.ReadFrom = cluster.ReadFrom(choice)
			d.needsCluster("--read-from")
			return nil
		}
	}
	return wants("master, replica or any")
}

// needsCluster notes the first option that means nothing without -c.
func (d *draft) needsCluster(option string) {
	if d.forCluster == "" {
		d.forCluster = option
	}
}

// cluster is how to reach the cluster that the server of conf belongs to.
func (n connection) cluster(c *console, conf pipeclient.Config) cluster.Config {
	cfg := cluster.Config{
		Client: conf,
		Connect: func(ctx context.Context, conf pipeclient.Config) (*pipeclient.Conn, error) {
			return n.dialNode(ctx, c, conf)
		},
		ReadFrom: n.ReadFrom,
	}
	if n.Nodes != nil {
		cfg.Map = n.Nodes.addr
	}
	return cfg
}

// dialNode connects to an address that the cluster may have named: what must hold for the one on the
// command line holds for it as well.
func (n connection) dialNode(ctx context.Context, c *console, conf pipeclient.Config) (*pipeclient.Conn, error) {
	if err := n.mayGo(conf); err != nil {
		return nil, err
	}
	conn, err := n.dial(ctx, c, conf)
	if err != nil && ctx.Err() != nil && !isAny[interrupted](err) {
		err = &pipeclient.ConnectError{Addr: conf.Addr, Step: "connect", Err: err}
	}
	return conn, err
}

// mayGo is why --require-tls does not let the password go to a server that the command line has not named.
func (n connection) mayGo(conf pipeclient.Config) error {
	host, _, err := net.SplitHostPort(conf.Addr)
	if err != nil || !n.RequireTLS || conf.Network == "unix" || conf.TLS != nil || !conf.HasPass || isLoopback(host) {
		return nil
	}
	return &pipeclient.ConnectError{Addr: conf.Addr, Step: "connect",
		Err: errors.New("--require-tls: the password would go to another machine without --tls")}
}

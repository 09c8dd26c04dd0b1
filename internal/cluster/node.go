package cluster

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"

	"easycli/internal/pipeclient"
)

// Node is one server of a cluster. There is one Node for an address, as long as the cluster is used.
type Node struct {
	c    *Cluster
	addr string
	// door is set for a seed that was not reached at the address it announces: its ID. It is dialled
	// as the user said, and if somebody else answers there (a balancer), at its own address.
	door string

	conn     atomic.Pointer[pipeclient.Conn] // the shared one
	dialling chan struct{}                   // holds one: the caller that dials
	replicas atomic.Pointer[[]*Node]         // those that can be reached
	silent   atomic.Bool                     // it had no map to tell when it was asked last
}

func newNode(c *Cluster, addr string) *Node {
	return &Node{c: c, addr: addr, dialling: make(chan struct{}, 1)}
}

// Addr is host:port as the node announces itself: what a user knows it by.
func (n *Node) Addr() string { return n.addr }

// Conn is a connection that all callers share. It is made when it is needed, and made anew when it
// is over. Commands that change a connection's state, or block, are not for it.
//
// The error is one of [pipeclient.ConnectError]'s, with the node's address in front where that does
// not say it, or that of ctx. No command has been sent then.
func (n *Node) Conn(ctx context.Context) (*pipeclient.Conn, error) {
	if conn := n.usable(); conn != nil {
		return conn, nil
	}
	select {
	case n.dialling <- struct{}{}:
	case <-ctx.Done():
		return nil, &pipeclient.ConnectError{Addr: n.addr, Step: "connect", Err: context.Cause(ctx)}
	}
	defer func() { <-n.dialling }()
	if conn := n.usable(); conn != nil {
		return conn, nil
	}
	conn, err := n.Dial(ctx, nil)
	if err != nil {
		return nil, err
	}
	if !n.adopt(conn) {
		conn.Close()
		return nil, &pipeclient.ConnectError{Addr: n.addr, Step: "connect", Err: pipeclient.ErrClosed}
	}
	return conn, nil
}

// usable is the shared connection if there is one.
func (n *Node) usable() *pipeclient.Conn {
	if conn := n.conn.Load(); conn != nil && conn.Err() == nil {
		return conn
	}
	return nil
}

// lost reports whether the shared connection is over and nobody has made a new one yet.
func (n *Node) lost() bool {
	conn := n.conn.Load()
	return conn != nil && conn.Err() != nil
}

// adopt makes a connection the shared one. It returns false if the cluster has been closed.
func (n *Node) adopt(conn *pipeclient.Conn) bool {
	n.c.mu.Lock()
	defer n.c.mu.Unlock()
	if n.c.closed {
		return false
	}
	n.conn.Store(conn)
	return true
}

func (n *Node) close() {
	if conn := n.conn.Load(); conn != nil {
		conn.Close()
	}
}

// Dial makes a connection for the caller alone, and the caller's to close. adapt may change its
// configuration; nil does not.
func (n *Node) Dial(ctx context.Context, adapt func(*pipeclient.Config)) (*pipeclient.Conn, error) {
	cfg := n.c.cfg.Client
	if adapt != nil {
		adapt(&cfg)
	}
	if n.door != "" {
		if conn, err := n.c.connect(ctx, cfg); err == nil {
			if v, err := conn.Do(ctx, "CLUSTER", "MYID"); err == nil && v.Text == n.door {
				return conn, nil
			}
			conn.Close()
		}
	}
	cfg.Network, cfg.Dial, cfg.Addr = "tcp", nil, n.dialAddr()
	conn, err := n.c.connect(ctx, cfg)
	if err != nil {
		return nil, n.explain(err)
	}
	return conn, nil
}

// dialAddr is where the node is reached.
func (n *Node) dialAddr() string {
	if n.c.cfg.Map != nil {
		return n.c.cfg.Map(n.addr)
	}
	return n.addr
}

// explain says of which node an error is, where it does not itself.
func (n *Node) explain(err error) error {
	refused, ok := err.(*pipeclient.ConnectError)
	switch {
	case ok && (refused.Step == "connect" || refused.Step == "TLS") && refused.Addr == n.addr:
		return err
	case ok && refused.Addr != n.addr:
		return fmt.Errorf("node %s at %s: %w", n.addr, refused.Addr, err)
	}
	return fmt.Errorf("node %s: %w", n.addr, err)
}

// connect makes a connection and has it answer reads as it is to.
func (c *Cluster) connect(ctx context.Context, cfg pipeclient.Config) (*pipeclient.Conn, error) {
	conn, err := c.cfg.Connect(ctx, cfg)
	if err != nil || c.cfg.ReadFrom == Masters {
		return conn, err
	}
	v, err := conn.Do(ctx, "READONLY")
	switch {
	case err == nil && !v.IsError():
		return conn, nil
	case err == nil && noCluster(v.Text):
		err = ErrNoCluster
	case err == nil:
		err = &pipeclient.ConnectError{Addr: cfg.Addr, Step: "READONLY", Refused: v.Text}
	default:
		err = &pipeclient.ConnectError{Addr: cfg.Addr, Step: "READONLY", Err: err}
	}
	conn.Close()
	return nil, err
}

// hostOf is the host in host:port; that of a socket is this machine.
func hostOf(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return "127.0.0.1"
	}
	return host
}

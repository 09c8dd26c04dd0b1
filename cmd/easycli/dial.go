package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"easycli/internal/pipeclient"
	"easycli/internal/sandbox"
)

// open prepares the connection: it shows the warnings, fetches certificates and the password, and
// starts the sandbox if that is what answers. The caller calls done when the connection is over.
func (n connection) open(ctx context.Context, c *console) (conf pipeclient.Config, done func(), err error) {
	done = func() {}
	if conf, err = n.config(ctx, c); err != nil || !n.Sandbox {
		return conf, done, err
	}
	server, err := sandbox.New(sandbox.Options{})
	if err != nil {
		return conf, done, err
	}
	fmt.Fprintln(c.Err, "sandbox: a server inside this process; nothing is kept when it ends")
	conf.Addr, conf.Dial = "sandbox", server.Dial
	return conf, func() { server.Close() }, nil
}

// config fetches what the connection needs, the address of a master included.
func (n connection) config(ctx context.Context, c *console) (pipeclient.Config, error) {
	for _, text := range n.Warnings {
		c.warn(text)
	}
	conf := pipeclient.Config{
		Network:        "tcp",
		Addr:           n.address(),
		User:           n.User,
		HasPass:        n.Password.From != noPassword,
		DB:             n.DB,
		Proto:          n.Proto,
		Name:           n.Name,
		ConnectTimeout: n.ConnectTimeout,
		Timeout:        n.Timeout,
	}
	switch {
	case n.Socket != "":
		conf.Network = "unix"
	case n.Family != 0:
		conf.Network += strconv.Itoa(n.Family)
	}
	if n.TLS != nil {
		var warnings []string
		var err error
		if conf.TLS, warnings, err = n.TLS.Config(); err != nil {
			return conf, usagef("%v", err)
		}
		for _, text := range warnings {
			c.warn(text)
		}
	}
	var err error
	conf.Pass, err = n.Password.read(ctx, c)
	if err == nil && n.Sentinel != nil {
		err = n.askSentinels(ctx, c, &conf)
	}
	return conf, err
}

// address is as redis-cli shows it, but with brackets around an IPv6 address.
func (n connection) address() string {
	if n.Socket != "" {
		return n.Socket
	}
	return net.JoinHostPort(n.Host, strconv.Itoa(n.Port))
}

// stepRESP3 is how the handshake's step that asks for RESP3 is called.
const stepRESP3 = "HELLO"

// dial connects. Where RESP3 is only an output format's wish, a server that refuses it is spoken
// to in RESP2, with redis-cli's message.
func (n connection) dial(ctx context.Context, c *console, conf pipeclient.Config) (*pipeclient.Conn, error) {
	conn, err := pipeclient.Dial(ctx, conf)
	var refused *pipeclient.ConnectError
	if n.ProtoOptional && errors.As(err, &refused) && strings.HasPrefix(refused.Step, stepRESP3) && refused.Refused != "" {
		fmt.Fprint(c.Err, explainFailure(err, c.ErrTerminal))
		conf.Proto = 2
		conn, err = pipeclient.Dial(ctx, conf)
	}
	if err != nil && ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return conn, err
}

func (c *console) warn(text string) { fmt.Fprintf(c.Err, "Warning: %s\n", text) }

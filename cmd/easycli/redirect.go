package main

import (
	"context"
	"errors"
	"fmt"
	"net"

	"easycli/internal/command"
	"easycli/internal/pipeclient"
	"easycli/internal/resp"
	"easycli/internal/session"
)

// maxRedirects is how many nodes one command is sent on to. A cluster in good order needs one, one
// that moves slots two; more is a circle.
const maxRedirects = 5

// redirection is the result of a call that another node is to carry out (-c). Nothing was printed.
type redirection struct{ to session.Redirect }

func (r redirection) Error() string { return "redirected to another node" }

// maxErrorText is how long an error may be that is looked at; a script's can have a megabyte.
const maxErrorText = 4 << 20

// callSomewhere calls, and with -c follows the redirections of a cluster. Like redis-cli's, the
// connection stays at the node that answered; unlike redis-cli it does not go round in circles.
func (l *line) callSomewhere(ctx context.Context, wire []byte, replies int, info command.Info) error {
	for range maxRedirects {
		err := l.call(ctx, wire, replies, info)
		var r redirection
		if !errors.As(err, &r) {
			return err
		}
		if err := l.move(ctx, r.to); err != nil {
			return err
		}
	}
	return &pipeclient.ConnectError{Addr: l.conf.Addr, Step: "connect",
		Err: fmt.Errorf("redirected %d times in a row, the cluster does not agree on its slots", maxRedirects)}
}

// move replaces the connection by one to the node that a redirection names.
func (l *line) move(ctx context.Context, to session.Redirect) error {
	l.conn.Close()
	l.conf.Addr = to.Addr(l.conf.Addr)
	if host, _, _ := net.SplitHostPort(l.conf.Addr); l.where.RequireTLS && l.where.exposes(host) {
		return &pipeclient.ConnectError{Addr: l.conf.Addr, Step: "connect",
			Err: errors.New("--require-tls: a redirection would take the password to another machine without --tls")}
	}
	conn, err := l.where.dial(ctx, l.console, l.conf)
	if err != nil {
		return err
	}
	l.conn = conn
	if to.Ask {
		v, err := conn.Do(ctx, "ASKING")
		if err != nil {
			return err
		}
		if v.IsError() {
			return &pipeclient.ConnectError{Addr: l.conf.Addr, Step: "ASKING", Refused: v.Text}
		}
	}
	return nil
}

// tokens is the reply ahead, or nil if that is a redirection, which is taken. To know, an error has
// to be read as a whole; other replies are left to be printed as they come.
func (a *answer) tokens(src *resp.Reader) (resp.Source, error) {
	if !a.cluster {
		return src, nil
	}
	if wire, err := src.Peek(); err != nil {
		return nil, err
	} else if wire != '-' {
		return src, nil
	}
	src.MaxText = maxErrorText
	v, err := src.ReadValue()
	src.MaxText = 0
	if err != nil {
		return nil, err
	}
	if to, ok := session.RedirectOf(v.Text); ok {
		a.done <- redirection{to}
		return nil, nil
	}
	return v.Tokens(), nil
}

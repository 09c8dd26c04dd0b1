package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/command"
	"easycli/internal/lines"
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

// delay is the result of a call that the cluster is not ready for. It was refused with that error,
// which was not printed.
type delay struct{ refusal resp.Value }

func (d delay) Error() string { return d.refusal.Text }

// maxErrorText is how long an error may be that is looked at; a script's can have a megabyte.
const maxErrorText = 4 << 20

// callSomewhere calls, and with -c follows the redirections of a cluster, for which nothing has to be
// known of it. Like redis-cli's, the connection stays at the node that answered; unlike redis-cli
// it does not go round in circles, and waits a while for a cluster that is not ready.
func (l *line) callSomewhere(ctx context.Context, argv [][]byte, wire []byte, info command.Info) error {
	replies, redirects, left := info.Replies(argv), 0, l.patience()
	for {
		err := l.call(ctx, wire, replies, info)
		var (
			r redirection
			d delay
		)
		switch {
		case errors.As(err, &r):
			if redirects++; redirects > maxRedirects {
				return l.inCircles()
			}
			if err := l.move(ctx, r.to); err == nil {
				continue
			} else if !mayComeBack(err) || !left.wait(ctx) {
				return err
			}
			if err := l.goTo(ctx, l.home); err != nil { // it hears who takes the slot over
				return err
			}
		case errors.As(err, &d):
			if !l.inCluster(ctx) || !left.wait(ctx) {
				return l.print(d.refusal, info)
			}
		case errors.Is(err, errAnswer):
			l.explainCrossing(argv, info)
			return err
		default:
			return err
		}
		redirects = 0
	}
}

// inCircles is the failure of a cluster whose nodes send a command to one another.
func (l *line) inCircles() error {
	return &pipeclient.ConnectError{Addr: l.conf.Addr, Step: "connect", Err: fmt.Errorf(
		"redirected %d times in a row, the cluster does not agree on its slots", maxRedirects)}
}

// waiting is the time to wait for a cluster.
type waiting struct {
	left, pause time.Duration
}

func (l *line) patience() waiting {
	if l.conf.Timeout > 0 {
		return waiting{left: l.conf.Timeout}
	}
	return waiting{left: cluster.DefaultPatience}
}

// wait waits, longer each time, and reports whether there was time left.
func (w *waiting) wait(ctx context.Context) bool {
	if w.left <= 0 {
		return false
	}
	w.pause = min(max(10*time.Millisecond, 2*w.pause), 500*time.Millisecond, w.left)
	w.left -= w.pause
	return pause(ctx, w.pause) == nil
}

// mayComeBack reports whether a node could not be reached, so that another may take its place.
func mayComeBack(err error) bool {
	var refused *pipeclient.ConnectError
	return errors.As(err, &refused) && refused.Step == "connect" && refused.Refused == "" &&
		(errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ETIMEDOUT) ||
			errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.ENETUNREACH))
}

// move replaces the connection by one to the node that a redirection names.
func (l *line) move(ctx context.Context, to session.Redirect) error {
	announced := to.Addr(l.conf.Addr)
	if err := l.goTo(ctx, l.where.Nodes.addr(announced)); err != nil || !to.Ask {
		return err
	}
	v, err := l.conn.Do(ctx, "ASKING")
	if err == nil && v.IsError() {
		err = &pipeclient.ConnectError{Addr: l.conf.Addr, Step: "ASKING", Refused: v.Text}
	}
	return err
}

// goTo replaces the connection by one to that address.
func (l *line) goTo(ctx context.Context, addr string) error {
	l.conn.Close()
	l.conf.Addr = addr
	dialling, cancel := context.WithTimeoutCause(ctx, l.patience().left, syscall.ETIMEDOUT)
	defer cancel()
	conn, err := l.where.dialNode(dialling, l.console, l.conf)
	if err == nil {
		l.conn = conn
	}
	return err
}

// inCluster reports whether the server is part of a cluster: others say LOADING and MASTERDOWN too,
// and are not waited for.
func (l *line) inCluster(ctx context.Context) bool {
	if l.member == nil {
		v, err := l.conn.Do(ctx, "INFO", "cluster")
		member := err == nil && strings.Contains(v.Text, "cluster_enabled:1")
		l.member = &member
	}
	return *l.member
}

// tokens is the reply ahead, or nil if that is for us: a redirection, or a refusal that time will
// mend. To know, an error has to be read as a whole; other replies are left to be printed as they
// come.
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
	if end := verdict(v); end != nil {
		a.done <- end
		return nil, nil
	}
	return v.Tokens(), nil
}

// verdict is what an error reply asks of us, nil if it is the person's.
func verdict(v resp.Value) error {
	switch cluster.Classify([]byte(v.Text)) {
	case cluster.Moved, cluster.Ask:
		if to, ok := session.RedirectOf(v.Text); ok {
			return redirection{to}
		}
	case cluster.TryAgain, cluster.Down, cluster.Loading, cluster.MasterDown:
		return delay{v}
	}
	return nil
}

// print prints a reply that is at hand.
func (l *line) print(v resp.Value, info command.Info) error {
	outcome, err := l.printer.Print(v.Tokens(), lines.HowOf(info))
	if err == nil {
		err = l.printer.Flush()
	}
	if err == nil && outcome.IsError() {
		err = errAnswer
	}
	return err
}

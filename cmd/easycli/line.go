package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/command"
	"easycli/internal/lines"
	"easycli/internal/pipeclient"
	"easycli/internal/render"
	"easycli/internal/resp"
	"easycli/internal/session"
)

// line is one connection and the printer its replies go to.
type line struct {
	conn    *pipeclient.Conn
	printer *render.Printer
	out     output
	// stopAtError ends a repetition with the first error reply (-e).
	stopAtError bool
	console     *console

	// where and conf are how the connection was made. With cluster, it is made again to the node
	// that a redirection names; home is the address it was made to first.
	where   connection
	conf    pipeclient.Config
	cluster bool
	home    string
	// nodes is the whole cluster, where the command needs to know it.
	nodes *cluster.Cluster
	// member is whether the server is part of a cluster, once that is known.
	member *bool
	// failure is how the last error reply began; noted says that stderr has been told something.
	failure string
	noted   bool
}

// newLine prepares the printer, and tells conf where pushes go.
func newLine(c *console, out output, errorsToStderr bool, conf *pipeclient.Config) *line {
	options := out.options(c)
	if errorsToStderr {
		options.Errors, options.ErrorsTerminal = c.Err, c.ErrTerminal
	}
	l := &line{printer: render.New(c.Out, options), out: out, stopAtError: errorsToStderr, console: c}
	if out.Pushes {
		conf.OnPush = func(v resp.Value) { l.printer.PrintPush(v) }
	}
	return l
}

func (l *line) dial(ctx context.Context, where connection, conf pipeclient.Config) (err error) {
	l.where, l.conf, l.home = where, conf, conf.Addr
	l.conn, err = where.dial(ctx, l.console, conf)
	return err
}

// hangUp ends the connection, the one that a redirection led to. It does not wait for the goroutines
// behind it: the process is about to end, and start-up and end are most of what a command costs.
func (l *line) hangUp() {
	if l.conn != nil {
		l.conn.Abort(pipeclient.ErrClosed)
	}
	if l.nodes != nil {
		l.nodes.Close()
	}
}

// repeat sends a command as often as asked, each time after the reply to the last. An error reply
// ends it only if -e says so; the status tells of it anyway.
func (l *line) repeat(ctx context.Context, r repeat, argv [][]byte, info command.Info) error {
	wire := resp.AppendCommand(nil, argv...)
	failed := false
	for n := int64(0); r.Times < 0 || n < r.Times; n++ {
		err := l.carryOut(ctx, argv, wire, info)
		answered := errors.Is(err, errAnswer)
		if failed = failed || answered; err != nil && (!answered || l.stopAtError) {
			return err
		}
		if err := pause(ctx, r.Interval); err != nil {
			return err
		}
	}
	if failed {
		return errAnswer
	}
	l.tellWhose(ctx, info)
	return nil
}

// carryOut sends a command to wherever it belongs.
func (l *line) carryOut(ctx context.Context, argv [][]byte, wire []byte, info command.Info) error {
	switch {
	case l.nodes != nil && cluster.IsSpread(info, argv):
		return l.everywhere(ctx, argv, info)
	case l.cluster:
		return l.callSomewhere(ctx, argv, wire, info)
	}
	return l.call(ctx, wire, info.Replies(argv), info)
}

// pause waits, unless ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// call sends one request and prints its replies.
func (l *line) call(ctx context.Context, wire []byte, replies int, info command.Info) error {
	a := &answer{line: l, cluster: l.cluster, how: lines.HowOf(info), effect: info.Effect, left: replies,
		done: make(chan error, 1)}
	if err := l.conn.Send(ctx, wire, replies, a); err != nil {
		return err
	}
	select {
	case err := <-a.done:
		if info.Effect == command.Shutdown && errors.Is(err, pipeclient.ErrServerClosed) {
			return nil // a server that shuts down answers with the end of the stream
		}
		return err
	case <-ctx.Done():
		l.conn.Abort(context.Cause(ctx))
		<-a.done
		return context.Cause(ctx)
	}
}

// answer prints the replies to one request, on the connection's receiver.
type answer struct {
	line *line
	// cluster makes a redirection the result of the call; it is not printed.
	cluster bool
	how     render.How
	effect  command.Effect
	left    int
	failed  bool
	done    chan error
}

// Consume prints one reply as it arrives.
func (a *answer) Consume(src *resp.Reader) error {
	tokens, err := a.tokens(src)
	if tokens == nil {
		return err
	}
	outcome, err := a.line.printer.Print(tokens, a.how)
	if err != nil {
		return err
	}
	if outcome.IsError() {
		a.line.failure = string(outcome.Text[:min(len(outcome.Text), len("CROSSSLOT"))])
	}
	a.failed = a.failed || outcome.IsError()
	if outcome.IsError() {
		a.left = 1 // a refused UNSUBSCRIBE has one reply, whatever it names
	}
	if a.left--; a.left > 0 {
		return nil
	}
	if err := a.line.printer.Flush(); err != nil {
		return err
	}
	switch extra := src.Ahead(); {
	case len(extra) > 0 && extra[0] != '>' && extra[0] != '|':
		a.done <- pipeclient.ErrUnsolicited // which of them was meant for us nobody knows
	case a.failed:
		a.done <- errAnswer
	default:
		a.done <- nil
	}
	return nil
}

// Confirms says that under RESP3 the replies of an UNSUBSCRIBE come as pushes.
func (a *answer) Confirms() bool {
	switch a.effect {
	case command.Unsubscribe, command.PUnsubscribe, command.SUnsubscribe:
		return true
	}
	return false
}

// Lost ends the request without a reply.
func (a *answer) Lost(err *pipeclient.LostError, _ int) {
	select {
	case a.done <- err:
	default: // it has its answer, only more was announced than came
	}
}

// follow sends a command whose replies never end, and prints them until the connection or the
// person ends it. An error in place of the first reply ends it too, but for a redirection (-c):
// shard channels are in slots.
func (l *line) follow(ctx context.Context, argv [][]byte, info command.Info) error {
	if info.Effect != command.Monitor && (l.out.Format == render.Human || l.out.Format == render.CSV) {
		fmt.Fprintln(l.printer, "Reading messages... (press Ctrl-C to quit)")
	}
	for redirects := 0; ; redirects++ {
		err := l.stream(ctx, argv, info)
		var r redirection
		if !errors.As(err, &r) {
			return err
		}
		if redirects == maxRedirects {
			return l.inCircles()
		}
		if err := l.move(ctx, r.to); err != nil {
			return err
		}
	}
}

// stream is one attempt of follow.
func (l *line) stream(ctx context.Context, argv [][]byte, info command.Info) error {
	raw, replies, err := l.conn.Hijack()
	if err != nil {
		return err
	}
	defer raw.Close()
	defer context.AfterFunc(ctx, func() { raw.Close() })()
	replies.BeforeBlock = func() {
		if l.printer.Flush() != nil {
			raw.Close() // there is no point in waiting for what nobody can read
		}
	}
	if l.conf.Timeout > 0 { // it is for the first reply: nobody knows when a message comes
		raw.SetReadDeadline(time.Now().Add(l.conf.Timeout))
	}
	if _, err := raw.Write(resp.AppendCommand(nil, argv...)); err != nil {
		return streamError{err}
	}
	if to, ok := l.redirected(replies); ok {
		return redirection{to}
	}
	for first := true; ; first = false {
		outcome, err := l.printer.Print(replies, lines.HowOf(info))
		if err == nil && !(first && outcome.IsError()) {
			if first {
				raw.SetReadDeadline(time.Time{})
			}
			continue
		}
		flushed := l.printer.Flush()
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case flushed != nil:
			return flushed
		case errors.Is(err, os.ErrDeadlineExceeded):
			return streamError{pipeclient.ErrTimeout}
		case err != nil:
			return streamError{err}
		}
		return errAnswer
	}
}

// redirected reports whether the first reply to a SSUBSCRIBE is that another node has the channel,
// and which.
func (l *line) redirected(replies *resp.Reader) (session.Redirect, bool) {
	if !l.cluster {
		return session.Redirect{}, false
	}
	if wire, err := replies.Peek(); err != nil || wire != '-' {
		return session.Redirect{}, false
	}
	line, _, _ := bytes.Cut(replies.Ahead(), []byte("\r\n")) // a short one comes in one piece
	return session.RedirectOf(string(line[1:]))
}

// streamError is the end of a stream that was to last.
type streamError struct{ err error }

func (e streamError) Error() string { return "reading the stream: " + e.err.Error() }
func (e streamError) Unwrap() error { return e.err }

package repl

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/lines"
	"easycli/internal/pipeclient"
	"easycli/internal/render"
	"easycli/internal/session"
)

// BatchConfig is a script and where it goes.
type BatchConfig struct {
	// Server is where the commands go. Its OnPush and BeforeBlock are the loop's own.
	Server pipeclient.Config
	// Connect makes the connection, [pipeclient.Dial] if nil.
	Connect lines.Connector
	// Cluster, if set, has commands go to the nodes of the cluster that the server belongs to, if it
	// does. Its Client is Server, and what the script makes of it.
	Cluster *cluster.Config
	// Note, if set, is told what stderr should know, such as that a command was split.
	Note func(sentence string)
	// In holds the lines, Out gets what redis-cli prints on stdout.
	In  io.Reader
	Out io.Writer
	// Print is how replies look. With StopAtError its Errors gets the first error's text.
	Print render.Options
	// Pushes shows what a RESP3 server sends unasked.
	Pushes bool
	// StopAtError sends one command at a time, and none after the first error.
	StopAtError bool
	// ReadOnly sends nothing that may change something.
	ReadOnly bool
	// Interval is waited after each command, the last one too.
	Interval time.Duration
}

// What ends a script before its end. None of it leaves the package.
var (
	errLeft    = errors.New("quit")
	errStopped = errors.New("stopped at an error")
	errOver    = errors.New("connection over")
)

// afterInterrupt is how long the replies to what was sent are awaited when the script is
// interrupted.
const afterInterrupt = 500 * time.Millisecond

// batch runs one script.
type batch struct {
	BatchConfig
	conn *pipeclient.Conn
	// current is conn, for the one who interrupts.
	current atomic.Pointer[pipeclient.Conn]
	in      *input
	parser  lines.Parser
	out     *replies
	report  *Report

	// For a cluster: its nodes, once they are known; what their connections have to be; the
	// transaction that is being read; and what Note was told.
	nodes atomic.Pointer[lanes]
	// alone says that the server is part of none, unknown that it does not say.
	alone, unknown bool
	member         pipeclient.Config
	tx             *transaction
	routes         routes
	noted          notes

	wire    []byte // commands that were read and not yet sent
	slots   []slot // their slots, and those between them
	pending int    // replies they will bring

	begun   int  // the line that is being carried out and has no slot yet
	closing bool // the server closes the connection, because it was asked to
	// silent says that the next command brings no reply (CLIENT REPLY). From silentFrom to silentTo
	// are the lines that were sent so, and that no later reply has confirmed.
	silent               bool
	silentFrom, silentTo int
}

// Batch runs the lines of a script. Commands are sent without waiting for one another, and are
// handed to the network before the loop has to wait for more lines, so that a slow script is
// answered line by line. The error is a [*pipeclient.ConnectError] if there was no connection to
// begin with, and otherwise a [*Report].
//
// When ctx ends, no more lines are read, and the replies to what was sent are awaited for a moment.
// A read of In that is under way then is left behind.
func Batch(ctx context.Context, cfg BatchConfig) error {
	if cfg.Connect == nil {
		cfg.Connect = pipeclient.Dial
	}
	b := &batch{BatchConfig: cfg, report: &Report{}, member: cfg.Server}
	b.out = &replies{
		out: render.New(cfg.Out, cfg.Print), how: cfg.Print, report: b.report, pushes: cfg.Pushes,
		human: cfg.Print.Format == render.Human,
	}
	b.out.turn = sync.NewCond(&b.out.mu)
	if err := b.connect(ctx); err != nil {
		return err
	}
	stop := make(chan struct{})
	defer close(stop)
	b.in = newInput(cfg.In, stop)
	unwatch := context.AfterFunc(ctx, func() {
		time.AfterFunc(afterInterrupt, func() {
			b.current.Load().Abort(context.Cause(ctx))
			if n := b.nodes.Load(); n != nil {
				n.abort(context.Cause(ctx))
			}
		})
	})
	defer unwatch()
	b.end(ctx, b.lines(ctx))
	b.closeCluster()
	b.conn.Close()
	if b.report.Good() {
		return nil
	}
	return b.report
}

// connect makes the connection, at the beginning and for each connect in the script.
func (b *batch) connect(ctx context.Context) error { return b.connectTo(ctx, b.Server) }

func (b *batch) connectTo(ctx context.Context, server pipeclient.Config) error {
	server.OnPush, server.BeforeBlock = b.out.push, b.out.beforeBlock
	conn, err := b.Connect(ctx, server)
	if err != nil {
		return err
	}
	b.conn, b.silent, b.closing = conn, false, false
	b.current.Store(conn)
	b.out.begin(session.State{DB: server.DB, Proto: server.Proto})
	return nil
}

// lines reads the script to its end, or to what ends it before.
func (b *batch) lines(ctx context.Context) error {
	for {
		line, ok := b.in.next()
		var err error
		switch {
		case ok:
			b.begun = b.in.number
			if err = b.line(ctx, b.parser.Parse(line)); err == nil {
				b.begun = 0
			}
		case b.in.err != nil:
			return nil
		default:
			err = b.wait(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// wait takes the next block of the script. If it is not there yet, all that was read is sent, and
// what is printed is shown, before it waits.
func (b *batch) wait(ctx context.Context) error {
	select {
	case read := <-b.in.blocks:
		b.in.take(read)
		return nil
	default:
	}
	if err := b.handOver(ctx); err != nil {
		return err
	}
	b.out.flushIdle()
	over := b.conn.Over()
	for {
		select {
		case read := <-b.in.blocks:
			b.in.take(read)
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-over:
			if b.out.matters() || b.silent {
				return errOver
			}
			over = nil // it is the next command's trouble, if there is one
		}
	}
}

// settle waits until all that was read has been answered and printed.
func (b *batch) settle(ctx context.Context) error {
	if n := b.nodes.Load(); n != nil {
		return b.settleNodes(ctx, n)
	}
	if err := b.handOver(ctx); err != nil {
		return err
	}
	if err := b.conn.Drain(ctx); err != nil {
		return err
	}
	if b.conn.Err() != nil && !b.out.session().Closing {
		return errOver
	}
	return nil
}

package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/command"
	"easycli/internal/lineeditor"
	"easycli/internal/pipeclient"
	"easycli/internal/quote"
	"easycli/internal/render"
	"easycli/internal/session"
)

// Editor is where the lines come from: a [lineeditor.Editor].
type Editor interface {
	ReadLine(ctx context.Context, prompt string) (string, error)
	Remember(line string)
}

// InteractiveConfig is a person at a terminal, and a server.
type InteractiveConfig struct {
	// Server is what to connect to. Its OnPush and BeforeBlock are the loop's own.
	Server pipeclient.Config
	// Connect makes the connection, [pipeclient.Dial] if nil.
	Connect Connector
	// Cluster, if set, follows the redirections of the cluster that the server belongs to, if it
	// does. Its Client is Server, and what the person makes of it.
	Cluster *cluster.Config
	Lines   Editor
	// Interrupts has a value for every Ctrl-C while a command runs.
	Interrupts <-chan struct{}
	// Out gets replies, Err what is to be said of connections. Explain is a failure in words.
	Out, Err io.Writer
	Explain  func(error) string
	// Print is how replies look.
	Print render.Options
	// Pushes shows what a RESP3 server sends unasked.
	Pushes bool
	// ReadOnly sends nothing that may change something.
	ReadOnly bool
	// Interval is waited after each command.
	Interval time.Duration
}

// errInterrupted ends a connection whose command was not waited for.
var errInterrupted = errors.New("interrupted")

// dialogue is a person's session with a server, over as many connections as it takes.
type dialogue struct {
	InteractiveConfig
	conn   *pipeclient.Conn // nil before the first
	out    *replies
	report *Report
	parser Parser
	// lostMulti says that a transaction was lost with its connection, and that nothing is sent until
	// the person has shown to know.
	lostMulti bool
	// For a cluster; guide consumes the reply to the command at hand.
	wanderer
	guide *guide
}

// Interactive carries out line after line until the person leaves. A connection that cannot be
// made, or that is lost, does not end it: the next command tries again. What the command line asked
// for does, where the server refuses it: a password, a database, a protocol. Beyond that the error
// is the output's, or the cause of ctx.
func Interactive(ctx context.Context, cfg InteractiveConfig) error {
	if cfg.Connect == nil {
		cfg.Connect = pipeclient.Dial
	}
	d := &dialogue{InteractiveConfig: cfg, report: &Report{}}
	d.wanderer = wanderer{home: cfg.Server.Addr, txKey: cluster.NoSlot}
	defer d.forgetNodes()
	d.out = &replies{out: render.New(cfg.Out, cfg.Print), report: d.report, pushes: cfg.Pushes}
	if err := d.connect(ctx); isRefusal(err) || ctx.Err() != nil {
		return err
	} else if err != nil {
		d.tell(d.Explain(err))
	}
	defer func() {
		if d.conn != nil {
			d.conn.Close()
		}
	}()
	for {
		text, err := d.Lines.ReadLine(ctx, d.prompt())
		switch {
		case errors.Is(err, lineeditor.ErrInterrupted):
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := d.line(ctx, text); err == errLeft {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// isRefusal reports whether a server was reached and said no to what the command line asked for.
func isRefusal(err error) bool {
	var refused *pipeclient.ConnectError
	return errors.As(err, &refused) && refused.Refused != "" && refused.Step != "connect"
}

// prompt is redis-cli's.
func (d *dialogue) prompt() string {
	place := ""
	if d.connected() {
		place = string(quote.AppendTerminal(nil, session.Place(d.Server.Network, d.Server.Addr)))
	}
	return d.out.session().Prompt(place)
}

func (d *dialogue) connected() bool { return d.conn != nil && d.conn.Err() == nil }

// tell says something that is no reply.
func (d *dialogue) tell(text string) {
	if text != "" {
		fmt.Fprintln(d.Err, strings.TrimSuffix(text, "\n"))
	}
}

// line carries out a line and, where it holds no secret, remembers it.
func (d *dialogue) line(ctx context.Context, text string) error {
	l := d.parser.Parse([]byte(text))
	if l.Verb != Blank && l.Text != badRepeat && !hasSecret([]byte(text)) {
		d.Lines.Remember(text)
	}
	switch l.Verb {
	case Leave:
		return errLeft
	case Refuse:
		return d.print(shown(l.Text, d.Print) + "\n")
	case Clear:
		return d.print(clearScreen)
	case Help:
		return d.help(ctx, l.Words)
	case Connect:
		d.goTo(ctx, string(l.Words[0]), string(l.Words[1]))
	case Run:
		return d.run(ctx, l)
	}
	return nil
}

// print prints a text of our own, at once.
func (d *dialogue) print(text string) error {
	d.out.mu.Lock()
	defer d.out.mu.Unlock()
	d.out.out.WriteString(text)
	return d.out.out.Flush()
}

func (d *dialogue) help(ctx context.Context, words [][]byte) error {
	asking, stop := d.interruptible(ctx)
	defer stop()
	return d.print(Manual(asking, d.Connect, d.Server, d.Print.Terminal, texts(words)))
}

// goTo goes to another server.
func (d *dialogue) goTo(ctx context.Context, host, port string) {
	if d.conn != nil {
		d.conn.Close()
	}
	d.Server.Network, d.Server.Addr, d.Server.Dial = "tcp", net.JoinHostPort(host, port), nil
	d.home = d.Server.Addr
	d.member = nil
	d.forgetNodes()
	if err := d.connect(ctx); err != nil {
		d.tell(d.Explain(err))
	}
}

// hasSecret reports whether a line, or one of the lines of an entry, holds something nobody should
// keep.
func hasSecret(text []byte) bool { return command.HoldsSecret(text) }

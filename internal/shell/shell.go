// Package shell is the conversation with a person at a terminal: lines typed at a prompt, replies
// shown, over as many connections as it takes.
//
// It guarantees that what is typed is carried out at most once, unless it only reads; that a
// connection that is lost is made again as it was (user, database, protocol, name, subscriptions) or
// that it is said what is missing; that nothing is sent which the person believes to be part of a
// transaction that is gone; that Ctrl-C gives the line or the command up and never the program; that
// the prompt tells the truth; and that asking for hints, completions and help never touches the
// connection that commands go over. It refuses to know keys and screens (package lineeditor), what a
// command means (command, manual), what it does to a connection (session), and how a reply looks
// (render).
//
//   - [Run] is the loop. What the process around it has to do for it is in [Outside].
package shell

import (
	"context"
	"errors"
	"io"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/command"
	"easycli/internal/config"
	"easycli/internal/lineeditor"
	"easycli/internal/lines"
	"easycli/internal/pipeclient"
	"easycli/internal/render"
)

// Editor is where the lines come from and what the person sees: a [lineeditor.Editor]. What is
// written to it stands above the line being typed, if there is one. ReadLine returns
// [lineeditor.ErrInterrupted] with the text that was given up, and io.EOF.
type Editor interface {
	io.Writer
	ReadLine(ctx context.Context, prompt string) (string, error)
	Ask(ctx context.Context, question string) (string, error)
	SetPrompt(prompt string)
}

// History is where lines are remembered: a [lineeditor.History]. Err is why they are not kept for the next
// time, if they are not.
type History interface {
	Add(entry string)
	Err() error
}

// Config is a person at a terminal, and a server.
type Config struct {
	// Server is what to connect to. Its OnPush and BeforeBlock are the loop's own.
	Server pipeclient.Config
	// Connect makes the connection, [pipeclient.Dial] if nil.
	Connect lines.Connector
	// Cluster, if set, follows the redirections of the cluster that the server belongs to, if it
	// does. Its Client is Server, and what the person makes of it.
	Cluster *cluster.Config
	Editor  Editor
	History History
	// Interrupts has a value for every Ctrl-C while a command runs.
	Interrupts <-chan struct{}
	// Explain is a failure in words.
	Explain func(error) string
	// Print is how replies look.
	Print render.Options
	// Pushes shows what a RESP3 server sends unasked.
	Pushes bool
	// Interval is waited after each command.
	Interval time.Duration
	// Plain is redis-cli's prompt and manners, for who reads this with a program: what redis-cli does
	// not say is not said, and nothing is asked.
	Plain   bool
	Profile Profile
	// Use prepares going to the server that a profile names.
	Use func(ctx context.Context, name string) (Target, error)
	// Preferences are what :set changes; the defaults if nil.
	Preferences *config.Preferences
	// Scout, if set, asks the server about itself over a connection of its own.
	Scout *Scout
	// Assistant is the editor's, if it has one.
	Assistant *Assistant
	// Outside is what the process around the conversation does for it.
	Outside Outside
}

// Target is a server to go to: the fields of [Config] that are about it.
type Target struct {
	Server  pipeclient.Config
	Connect lines.Connector
	Cluster *cluster.Config
	Profile Profile
}

// Outside is what only the process can do. What is nil cannot be had.
type Outside struct {
	// Start starts a command line of the system's shell with the terminal for its output. What is
	// written to stdin is its input; wait closes that and waits for its end.
	Start func(commandLine string) (stdin io.Writer, wait func() error, err error)
	// Edit lets the person edit a text in an editor.
	Edit func(text string) (string, error)
	// Pager is the command line that shows what is taller than the screen, "" for none.
	Pager string
	// Size is the terminal's, 0 if it does not say.
	Size func() (columns, rows int)
}

// size is the terminal's, 0 if nobody says.
func (o Outside) size() (columns, rows int) {
	if o.Size == nil {
		return 0, 0
	}
	return o.Size()
}

// errInterrupted ends a connection whose command was not waited for.
var errInterrupted = errors.New("interrupted")

// errLeft ends the conversation because the person has.
var errLeft = errors.New("left")

// dialogue is the conversation.
type dialogue struct {
	Config
	link
	*stage
	parser lines.Parser
	wanderer
	monitor *monitor

	// took is how long the last command took, cut says that what was pasted behind it is not to be run.
	took time.Duration
	cut  bool
	// pager is the command line that shows what is taller than the screen, "" for none, and format how
	// replies look where no preference says.
	pager  string
	format render.Format
	// failed says that the last command was answered with an error.
	failed bool
	// unkept says that the person knows that the history is not kept.
	unkept bool
	// sourcing is how many files are being run, one within the other.
	sourcing int
}

// Run carries out line after line until the person leaves. A connection that cannot be made, or that
// is lost, does not end it: the next command tries again. What the command line asked for does, where
// the server refuses it: a password, a database, a protocol. Beyond that the error is the output's, or
// the cause of ctx.
func Run(ctx context.Context, cfg Config) error {
	if cfg.Connect == nil {
		cfg.Connect = pipeclient.Dial
	}
	d := &dialogue{Config: cfg, stage: newStage(cfg.Editor, cfg.Print, cfg.Pushes)}
	if size := cfg.Outside.Size; size != nil {
		d.columns = func() int { columns, _ := size(); return columns }
	}
	d.wanderer = wanderer{home: cfg.Server.Addr, txKey: cluster.NoSlot}
	d.format = cfg.Print.Format
	if d.Preferences == nil {
		preferences := config.Defaults()
		d.Preferences = &preferences
	}
	d.prefer()
	if d.Scout != nil {
		d.Scout.Whole(d.Cluster)
	}
	defer d.hangUp()
	if err := d.connect(ctx); isRefusal(err) || ctx.Err() != nil {
		return err
	} else if err != nil {
		d.tell(d.Explain(err))
	}
	for {
		text, err := d.read(ctx)
		switch {
		case errors.Is(err, lineeditor.ErrInterrupted):
			d.giveUp(ctx, text == "")
		case errors.Is(err, io.EOF):
			if d.mayLeave(ctx) {
				return nil
			}
		case err != nil:
			return err
		default:
			if err := d.entry(ctx, text); err == errLeft {
				return nil
			} else if err != nil {
				return err
			}
		}
	}
}

// read reads what the person types next. Meanwhile the connection is minded.
func (d *dialogue) read(ctx context.Context) (string, error) {
	if d.Assistant != nil {
		d.Assistant.settle(d.session())
	}
	prompt := d.prompt()
	defer d.mind(ctx)()
	return d.Editor.ReadLine(ctx, prompt)
}

// giveUp is Ctrl-C at the prompt. On an empty line it ends what streams above it.
func (d *dialogue) giveUp(ctx context.Context, empty bool) {
	switch {
	case !empty:
	case d.monitor != nil:
		d.stopMonitor()
	case d.session().Subscribed():
		d.unsubscribe(ctx)
	}
}

// mayLeave is Ctrl-D. An open transaction would be lost.
func (d *dialogue) mayLeave(ctx context.Context) bool {
	if state := d.session(); d.Plain || !state.InMulti || !d.connected() {
		return true
	}
	answer, err := d.Editor.Ask(ctx, "a transaction is open and will be dropped; leave? [y/N] ")
	return isYes(answer) || err != nil && !errors.Is(err, lineeditor.ErrInterrupted)
}

// isYes reports whether an answer means yes.
func isYes(answer string) bool {
	switch answer {
	case "y", "Y", "yes", "Yes", "YES":
		return true
	}
	return false
}

// hangUp ends all connections.
func (d *dialogue) hangUp() {
	d.stopMonitor()
	d.forgetNodes()
	if d.conn != nil {
		d.conn.Close()
	}
	if d.Scout != nil {
		d.Scout.Close()
	}
}

// connected reports whether there is a connection, as far as is known.
func (d *dialogue) connected() bool { return d.conn != nil && d.conn.Err() == nil }

// isRefusal reports whether a server was reached and said no to what the command line asked for.
func isRefusal(err error) bool {
	var refused *pipeclient.ConnectError
	return errors.As(err, &refused) && refused.Refused != "" && refused.Step != "connect"
}

// onlyReads reports whether a command may be sent again although its reply was lost.
func onlyReads(info command.Info, state interface{ Blocks(command.Info) bool }) bool {
	return info.Known && info.ReadOnly && !info.Write && !info.Admin && !state.Blocks(info) && info.Effect == command.None
}

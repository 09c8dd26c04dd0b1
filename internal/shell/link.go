package shell

import (
	"context"
	"errors"
	"strings"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/command"
	"easycli/internal/pipeclient"
	"easycli/internal/resp"
	"easycli/internal/session"
)

// link is the connection that commands go over, and what the next one has to be like.
type link struct {
	conn *pipeclient.Conn // nil before the first
	// lostMulti says that a transaction was lost with its connection, and that nothing is sent until
	// the person has shown to know.
	lostMulti bool
	// unauthenticated says that the last server refused who we are.
	unauthenticated bool
	// bare is what the last connection was like, while this one is as it came and waits for AUTH to be
	// made so; nil otherwise.
	bare *session.State
	// marks are the commands behind what a connection remembers beside its configuration, to be sent
	// again on the next.
	marks []*sent
	// queued are the commands in the open transaction that will change the configuration.
	queued []*sent
	// who is what the server said of itself, as far as it was asked.
	who identity
}

// sent is a command that is kept for later.
type sent struct {
	info  command.Info
	words [][]byte
	at    int // its place in the transaction
}

func keep(info command.Info, words [][]byte) *sent {
	own := make([][]byte, len(words))
	for i, word := range words {
		own[i] = append([]byte(nil), word...)
	}
	return &sent{info: info, words: own}
}

// dropped is the state of a conversation in which nothing happened yet.
var dropped = command.OfName([]byte("DISCARD"), nil)

// outside is a state without its transaction.
func outside(state session.State) session.State {
	return state.After(dropped, nil, session.Outcome{Kind: resp.Status})
}

// connect makes a connection that is what the last one was, and says what is missing. One that cannot be
// made so is none: the next attempt begins with all of it again.
func (d *dialogue) connect(ctx context.Context) error {
	before := d.session()
	d.lostMulti = d.lostMulti || before.InMulti
	before, d.queued = outside(before), nil
	again := d.conn != nil
	dialing, stop := d.interruptible(ctx)
	defer stop()
	if err := d.dial(dialing); err != nil {
		return err
	}
	if !again {
		d.identify()
		return nil
	}
	err := d.restore(dialing, before)
	if err != nil {
		d.conn.Abort(err)
		<-d.conn.Over()
		d.begin(before)
	}
	return err
}

// dial makes a connection as the configuration says.
func (d *dialogue) dial(ctx context.Context) error {
	d.Server.OnPush, d.Server.BeforeBlock = d.push, d.beforeBlock
	conn, err := d.Connect(ctx, d.Server)
	if err != nil {
		var refused *pipeclient.ConnectError
		d.unauthenticated = errors.As(err, &refused) && refused.Refused != "" && isAboutWho(refused.Refused)
		return err
	}
	if d.Server.Reached != nil {
		d.Server.Addr = d.Server.Reached()
	}
	d.conn, d.unauthenticated = conn, false
	d.begin(session.State{DB: d.Server.DB, Proto: d.Server.Proto, Name: d.Server.Name, User: d.Server.User})
	if d.Scout != nil {
		d.Scout.Follow(d.Server, d.Connect)
	}
	return nil
}

// isAboutWho reports whether an error says that the server does not believe who we are.
func isAboutWho(text string) bool {
	code, _, _ := strings.Cut(text, " ")
	return code == "NOAUTH" || code == "WRONGPASS"
}

// patience is how long a server that was there is waited for.
func (d *dialogue) patience() time.Duration {
	if d.Server.Timeout > 0 {
		return d.Server.Timeout
	}
	return cluster.DefaultPatience
}

// tellAfter is how long a server may be away before something is said of it.
const tellAfter = 500 * time.Millisecond

// connectAgain makes a connection where one was lost. A server that is away may come back: it is
// waited for, until patience or the person ends that.
func (d *dialogue) connectAgain(ctx context.Context) error {
	lost := d.conn != nil && d.conn.Err() != nil && !errors.Is(d.conn.Err(), errLeft)
	begun, told := time.Now(), false
	var backoff pipeclient.Backoff
	for {
		err := d.connect(ctx)
		if d.cut {
			return errInterrupted
		}
		var refused *pipeclient.ConnectError
		away := errors.As(err, &refused) && refused.Step == "connect"
		waited := time.Since(begun)
		if err == nil || !lost || !away || ctx.Err() != nil || waited > d.patience() {
			return err
		}
		pause := backoff.Next()
		if waited+pause > tellAfter && !told {
			told = true
			d.tellf("%s; trying again for %s (Ctrl-C gives up)", strings.TrimSuffix(d.Explain(err), "\n"), d.patience())
		}
		if !d.sleep(ctx, pause) {
			return errInterrupted
		}
	}
}

// connectFor makes a connection for a command. Where the server refuses what comes before it, such
// as a SELECT without the AUTH that it wants, only what can mend that is let through: AUTH and HELLO
// over a connection as it comes, which is made anew when they have mended it, SELECT in database 0.
// Anything else would meet another user or database than the one that was meant.
func (d *dialogue) connectFor(ctx context.Context, e command.Effect) error {
	err := d.connectAgain(ctx)
	if err != nil && d.Cluster != nil && d.Server.Addr != d.home {
		d.tell(d.Explain(err))
		d.Server.Addr = d.home // which knows who has taken its place
		err = d.connect(ctx)
	}
	var refused *pipeclient.ConnectError
	if !isRefusal(err) || !errors.As(err, &refused) {
		return err
	}
	switch {
	case mends(e):
		return d.dialBare(ctx)
	case e == command.Select && strings.HasPrefix(refused.Step, "SELECT"):
		db := d.Server.DB
		d.Server.DB = 0
		if err = d.connect(ctx); err != nil {
			d.Server.DB = db
			return err
		}
		d.tellf("connected, in database 0 and without %s, which was refused", refused.Step)
		return nil
	}
	return err
}

// mends reports whether a command may change a server's mind about who we are.
func mends(e command.Effect) bool { return e == command.Auth || e == command.Hello }

// dialBare makes a connection as it comes, for a command that mends: nothing else goes over it.
func (d *dialogue) dialBare(ctx context.Context) error {
	asked, before := d.Server, d.session()
	d.Server.User, d.Server.Pass, d.Server.HasPass = "", "", false
	d.Server.Proto, d.Server.Name, d.Server.DB = 0, "", 0
	dialing, stop := d.interruptible(ctx)
	defer stop()
	err := d.dial(dialing)
	d.Server = asked
	if err == nil {
		d.bare, d.unauthenticated = &before, true
	}
	return err
}

// leaveBare ends a connection as it came. What the one before was like is to be had again.
func (d *dialogue) leaveBare() {
	d.conn.Abort(errLeft)
	<-d.conn.Over()
	d.begin(*d.bare)
	d.bare = nil
}

// ready reports whether there is a connection for a command; where there is none it makes one.
func (d *dialogue) ready(ctx context.Context, e command.Effect) bool {
	if d.bare != nil && (!mends(e) || !d.connected()) {
		d.leaveBare()
	}
	return d.connected() || d.reach(ctx, e)
}

// goTo goes to another server, which is not the one that the profile is about: what the profile forbids
// still holds, but not its name.
func (d *dialogue) goTo(ctx context.Context, network, addr string) {
	d.stopMonitor()
	d.Profile.Name, d.Profile.Label, d.Profile.Color = "", "", ""
	if d.conn != nil {
		d.conn.Abort(errLeft)
		<-d.conn.Over()
	}
	d.bare = nil
	d.Server.Network, d.Server.Addr, d.Server.Dial, d.Server.Reached = network, addr, nil, nil
	d.settleAt(ctx)
}

// settleAt connects to the server that the configuration names now.
func (d *dialogue) settleAt(ctx context.Context) {
	d.home, d.member, d.who = d.Server.Addr, nil, identity{}
	d.forgetNodes()
	if d.Scout != nil {
		d.Scout.Whole(d.Cluster)
	}
	if err := d.connect(ctx); err != nil {
		d.begin(session.State{DB: d.Server.DB})
		d.tell(d.Explain(err))
		if d.Scout != nil {
			d.Scout.Follow(d.Server, d.Connect)
		}
	}
}

// interruptible is a context that Ctrl-C ends. One that comes as late as what it should end is not lost:
// nothing else of the same line or paste is run.
func (d *dialogue) interruptible(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	over, taken := make(chan struct{}), false
	go func() { // it ends when stop is called
		defer close(over)
		select {
		case <-d.Interrupts:
			taken = true
			cancel(errInterrupted)
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		cancel(nil)
		<-over
		d.cut = d.cut || taken
	}
}

// interrupted reports whether there was a Ctrl-C that nothing has taken yet.
func (d *dialogue) interrupted() bool {
	select {
	case <-d.Interrupts:
		return true
	default:
		return false
	}
}

// sleep waits, unless Ctrl-C ends it.
func (d *dialogue) sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-d.Interrupts:
		d.cut = true
	case <-ctx.Done():
	}
	return false
}

package repl

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"easycli/internal/command"
	"easycli/internal/pipeclient"
	"easycli/internal/render"
	"easycli/internal/resp"
	"easycli/internal/session"
)

// connect makes a connection that is what the last one was, as far as that can be had: the password
// and the protocol of the command line, the database that was chosen. What is lost is told.
func (d *dialogue) connect(ctx context.Context) error {
	first, before := d.conn == nil, d.out.session()
	if !first {
		d.lostMulti = d.lostMulti || before.InMulti
		if before.InMulti {
			before = before.After(command.OfName([]byte("DISCARD"), nil), nil, session.Outcome{Kind: resp.Status})
		}
		d.Server.DB = before.DB
	}
	d.Server.OnPush, d.Server.BeforeBlock = d.out.push, d.out.beforeBlock
	dialing, stop := d.interruptible(ctx)
	conn, err := d.Connect(dialing, d.Server)
	stop()
	if err != nil {
		d.out.begin(session.State{DB: d.Server.DB})
		return err
	}
	d.conn = conn
	d.out.begin(session.State{DB: d.Server.DB, Proto: d.Server.Proto})
	if before.Watching && !d.lostMulti {
		d.tell("reconnected; the keys that were watched no longer are")
	}
	if before.User != "" && d.Cluster == nil {
		d.tell("reconnected, without the AUTH that was typed")
	}
	return nil
}

// connectFor makes a connection for a command. Where the server refuses what comes before it, such
// as a SELECT without the AUTH that was typed on the last connection, only what can mend that is let
// through: AUTH and HELLO over a connection as it comes, SELECT in database 0. Anything else would
// meet another user or database than the one that was meant.
func (d *dialogue) connectFor(ctx context.Context, e command.Effect) error {
	err := d.connect(ctx)
	if err != nil && d.Cluster != nil && d.Server.Addr != d.home {
		d.tell(d.Explain(err))
		d.Server.Addr = d.home // which knows who has taken its place
		err = d.connect(ctx)
	}
	var refused *pipeclient.ConnectError
	if !isRefusal(err) || !errors.As(err, &refused) {
		return err
	}
	asked := d.Server
	switch {
	case e == command.Auth, e == command.Hello:
		d.Server.User, d.Server.Pass, d.Server.HasPass = "", "", false
		d.Server.Proto, d.Server.Name = 0, ""
	case e != command.Select || !strings.HasPrefix(refused.Step, "SELECT"):
		return err
	}
	d.out.begin(session.State{})
	err = d.connect(ctx)
	d.Server = asked
	if err == nil {
		d.tell("connected, in database 0 and without " + refused.Step + ", which was refused")
	}
	return err
}

// interruptible is a context that Ctrl-C ends.
func (d *dialogue) interruptible(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() { // it ends when stop is called
		select {
		case <-d.Interrupts:
			cancel(errInterrupted)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// forgetInterrupts drops a Ctrl-C that came while nothing ran.
func (d *dialogue) forgetInterrupts() {
	select {
	case <-d.Interrupts:
	default:
	}
}

// run carries out the command of a line as often as it says.
func (d *dialogue) run(ctx context.Context, l Line) error {
	info := command.Of(l.Words)
	if d.ReadOnly {
		if err := session.RefuseWrite(info, l.Words); err != nil {
			return d.print(err.Error() + "\n")
		}
	}
	start := time.Now()
	d.forgetInterrupts()
	for range l.Times {
		if ok, err := d.once(ctx, info, l.Words); !ok || err != nil {
			return err
		}
	}
	if took := time.Since(start); took >= slowCommand && d.Print.Format == render.Human {
		return d.print(fmt.Sprintf("(%.2fs)\n", took.Seconds()))
	}
	return nil
}

// once sends a command and waits until it has ended, in whatever way. It reports whether it may be
// repeated.
func (d *dialogue) once(ctx context.Context, info command.Info, words [][]byte) (bool, error) {
	if !d.connected() {
		if err := d.connectFor(ctx, info.Effect); err != nil {
			d.tell(d.Explain(err))
			if isRefusal(err) {
				d.tell("not sent; AUTH or SELECT can be typed to mend it")
			}
			return false, nil
		}
	}
	if d.lostMulti && !d.acknowledged(info.Effect) {
		return false, nil
	}
	state := d.out.session()
	if err := state.Refuse(info); err != nil {
		return false, d.print(err.Error() + "\n")
	}
	if d.Cluster != nil {
		return d.onceInCluster(ctx, info, words)
	}
	return d.exchange(ctx, info, words, state)
}

// exchange sends a command in that state and waits until it has ended.
func (d *dialogue) exchange(ctx context.Context, info command.Info, words [][]byte, state session.State) (bool, error) {
	*d.report = Report{}
	if err := d.send(ctx, info, words, state); err != nil {
		return d.ended(info, err)
	}
	interrupted := d.await(ctx)
	if err := d.flush(); err != nil {
		return false, err
	}
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	if interrupted || d.unanswered() {
		return d.ended(info, d.conn.Err())
	}
	switch state := d.out.session(); {
	case state.Closing:
		d.conn.Close() // the server does so too, but when is its own affair
		return false, nil
	case state.Subscribed():
		return false, d.listen(ctx)
	}
	return true, d.pause(ctx)
}

// acknowledged looks whether a command shows that the person knows of the lost transaction, and may
// be sent. EXEC and DISCARD show it and have nothing to do.
func (d *dialogue) acknowledged(e command.Effect) bool {
	switch e {
	case command.Multi:
		d.lostMulti = false
		return true
	case command.Exec, command.Discard:
		d.lostMulti = false
		d.tell("the transaction was lost with its connection; nothing of it was executed")
		return false
	}
	d.tell("not sent: the transaction was lost with its connection (DISCARD or MULTI to go on)")
	return false
}

// send puts a command on its way.
func (d *dialogue) send(ctx context.Context, info command.Info, words [][]byte, state session.State) error {
	wire := resp.AppendCommand(nil, words...)
	n := state.Expect(info, words)
	if n == 0 {
		d.out.learnSilent(info, words)
		return d.conn.Continue(ctx, wire)
	}
	var consumer pipeclient.Consumer = d.out
	if d.guide != nil {
		consumer = d.guide
	}
	switch {
	case state.Confirms(info.Effect):
		consumer = confirmations{d.out, n}
	case info.Effect == command.Monitor && !state.InMulti:
		consumer = endless{d.out}
	}
	d.out.put([]slot{{line: 1, how: HowOf(info), sent: &sent{info, words}}}, 1)
	return d.conn.Send(ctx, wire, 1, consumer)
}

// await waits for the reply, and on Ctrl-C gives the connection up instead.
func (d *dialogue) await(ctx context.Context) (interrupted bool) {
	waiting, stop := d.interruptible(ctx)
	defer stop()
	err := d.conn.Drain(waiting)
	if err == nil {
		return false
	}
	d.conn.Abort(err)
	<-d.conn.Over()
	return true
}

// unanswered reports whether the connection ended before the reply to the last command.
func (d *dialogue) unanswered() bool {
	d.out.mu.Lock()
	defer d.out.mu.Unlock()
	return d.report.Lost != nil
}

// ended says what became of a command whose connection is over.
func (d *dialogue) ended(info command.Info, cause error) (bool, error) {
	<-d.conn.Over()
	d.out.mu.Lock()
	doubt, state := d.report.DoubtFrom > 0, d.out.state
	d.out.slots, d.out.head, d.out.owed = d.out.slots[:0], 0, 0
	d.out.mu.Unlock()
	switch {
	case info.Effect == command.Monitor && errors.Is(cause, errInterrupted), state.Closing:
		return false, nil
	case errors.Is(cause, errInterrupted):
		d.tell("(interrupted) the connection is closed; the server may still carry the command out")
		return false, nil
	}
	var lost *pipeclient.LostError
	if !errors.As(cause, &lost) {
		lost = &pipeclient.LostError{State: pipeclient.ErrNotSent, Cause: cause}
		if doubt {
			lost.State = pipeclient.ErrInDoubt
		}
	}
	d.tell(d.Explain(lost))
	return false, nil
}

// listen shows what a subscription brings until Ctrl-C, which ends it together with its connection.
func (d *dialogue) listen(ctx context.Context) error {
	if d.Print.Format == render.Human {
		if err := d.print("Reading messages... (press Ctrl-C to quit)\n"); err != nil {
			return err
		}
	}
	select {
	case <-d.Interrupts:
		d.conn.Close()
		if err := d.connect(ctx); err != nil {
			d.tell(d.Explain(err))
		}
	case <-d.conn.Over():
		d.tell(d.Explain(d.conn.Err()))
		d.out.begin(session.State{DB: d.out.session().DB})
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return d.flush()
}

func (d *dialogue) pause(ctx context.Context) error {
	if d.Interval <= 0 {
		return nil
	}
	select {
	case <-time.After(d.Interval):
	case <-d.Interrupts:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

func (d *dialogue) flush() error {
	d.out.mu.Lock()
	defer d.out.mu.Unlock()
	return d.out.out.Flush()
}

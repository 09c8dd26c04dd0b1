package shell

import (
	"context"
	"errors"
	"fmt"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/command"
	"easycli/internal/lines"
	"easycli/internal/pipeclient"
	"easycli/internal/render"
	"easycli/internal/resp"
	"easycli/internal/session"
)

// run carries out the command of a line as often as it says, with its replies going to out.
func (d *dialogue) run(ctx context.Context, l lines.Line, out *render.Printer) error {
	info := command.Of(l.Words)
	start := time.Now()
	d.took = 0
	for range l.Times {
		if d.cut = d.cut || d.interrupted(); d.cut {
			d.tell("(interrupted) not sent")
			return nil
		}
		if ok, err := d.once(ctx, info, l.Words, out); !ok || err != nil {
			return err
		}
	}
	d.took = time.Since(start)
	return nil
}

// tellTime says how long the last command took, if that was long or is always wanted.
func (d *dialogue) tellTime() error {
	took := d.took
	d.took = 0
	wanted := d.Preferences.Timing >= 0 && took >= d.Preferences.Timing
	switch {
	case took == 0 || d.Print.Format != render.Human:
		return nil
	case wanted && took < time.Second:
		return d.say(fmt.Sprintf("(%.3f ms)\n", float64(took.Microseconds())/1000))
	case wanted || took >= lines.Slow:
		return d.say(fmt.Sprintf("(%.2fs)\n", took.Seconds()))
	}
	return nil
}

// once sends a command and waits until it has ended, in whatever way. It reports whether it may be
// repeated.
func (d *dialogue) once(ctx context.Context, info command.Info, words [][]byte, out *render.Printer) (bool, error) {
	addr := d.Server.Addr
	if !d.ready(ctx, info.Effect) {
		return false, nil
	}
	if d.Cluster != nil && d.Server.Addr != addr && !isRouted(info, words) {
		d.cut = true
		d.tell("not sent: this is another node now, " + d.shown(d.Server.Addr))
		return false, nil
	}
	if d.lostMulti && d.bare == nil && !d.acknowledged(info.Effect) {
		return false, nil
	}
	state := d.session()
	if info.Effect == command.Monitor && !state.InMulti {
		return false, d.startMonitor(ctx, nil)
	}
	if err := state.Refuse(info); err != nil {
		return false, d.say(err.Error() + "\n")
	}
	if d.Cluster != nil {
		return d.onceInCluster(ctx, info, words, out)
	}
	for pause, deadline := 50*time.Millisecond, time.Now().Add(d.patience()); ; {
		a, err := d.exchange(ctx, info, words, out)
		if a == nil || err != nil {
			return false, err
		}
		if a.kind == cluster.Loading && refusedWhole(info) && !state.InMulti && time.Now().Before(deadline) && d.sleep(ctx, pause) {
			if pause == 50*time.Millisecond {
				d.tell("the server is loading its data; waiting for it (Ctrl-C gives up)")
			}
			pause = min(2*pause, time.Second)
			continue
		}
		return d.conclude(ctx, a)
	}
}

// reach makes a connection where there is none.
func (d *dialogue) reach(ctx context.Context, e command.Effect) bool {
	err := d.connectFor(ctx, e)
	d.cut = d.cut || err != nil
	switch {
	case err == nil:
		return true
	case errors.Is(err, errInterrupted):
		d.tell("(interrupted) not sent")
	default:
		d.tell(d.Explain(err))
		if isRefusal(err) {
			d.tell("not sent; AUTH or SELECT can be typed to mend it")
		}
	}
	return false
}

// conclude prints what was kept, and draws the conclusions from a command that was answered.
func (d *dialogue) conclude(ctx context.Context, a *answer) (bool, error) {
	d.failed = a.failed
	if a.kept.IsError() {
		if err := d.printKept(a); err != nil {
			return false, err
		}
	}
	switch state := d.session(); {
	case state.Closing:
		d.conn.Abort(errLeft) // the server does so too, but when is its own affair
		<-d.conn.Over()
		return false, nil
	case a.info.Effect.Subscribes():
		if !a.failed && state.Subscribed() {
			d.explainMode(state)
		}
	}
	return true, d.pause(ctx)
}

// printKept prints a refusal that nobody could do anything about.
func (d *dialogue) printKept(a *answer) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := a.out.Print(a.kept.Tokens(), lines.HowOf(a.info)); err != nil {
		return err
	}
	return a.out.Flush()
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

// newAnswer is the consumer of a command that brings n replies, to out.
func (d *dialogue) newAnswer(info command.Info, words [][]byte, n int, out *render.Printer) *answer {
	if out == nil {
		out = d.out
	}
	return &answer{stage: d.stage, info: info, words: words, out: out, left: n,
		confirms: d.session().Confirms(info.Effect), done: make(chan struct{})}
}

// exchange sends a command and waits until it has ended. What only reads is sent once more where its
// reply was lost. Without an answer what became of the command has been said.
func (d *dialogue) exchange(ctx context.Context, info command.Info, words [][]byte, out *render.Printer) (*answer, error) {
	before := d.session()
	a := d.attempt(ctx, info, words, out)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if a.lost != nil && !a.begun && onlyReads(info, before) && !before.InMulti && !errors.Is(a.lost, errInterrupted) {
		if d.connectAgain(ctx) == nil {
			d.tell("reconnected")
			a = d.attempt(ctx, info, words, out)
		}
	}
	if a.lost != nil {
		return nil, d.lose(a)
	}
	d.renew(a, before)
	if d.bare != nil && !a.failed {
		d.leaveBare()
		if err := d.connect(ctx); err != nil {
			d.tell(d.Explain(err))
		}
	}
	return a, nil
}

// attempt sends a command and waits for its end.
func (d *dialogue) attempt(ctx context.Context, info command.Info, words [][]byte, out *render.Printer) *answer {
	state, wire := d.session(), resp.AppendCommand(nil, words...)
	a := d.newAnswer(info, words, state.Expect(info, words), out)
	waiting, stop := d.interruptible(ctx)
	defer stop()
	if a.left == 0 {
		if err := d.conn.Continue(waiting, wire); err != nil {
			a.lost = lostBy(err)
			return a
		}
		d.learn(info, words, session.Outcome{})
		return a
	}
	if err := d.conn.Send(waiting, wire, a.left, a); err != nil {
		d.conn.Abort(err)
		a.lost = lostBy(err)
		return a
	}
	select {
	case <-a.done:
	case <-waiting.Done():
		d.conn.Abort(context.Cause(waiting))
		<-d.conn.Over()
	}
	return a
}

// lostBy is an error of sending as the end of a command.
func lostBy(err error) *pipeclient.LostError {
	var lost *pipeclient.LostError
	if errors.As(err, &lost) {
		return lost
	}
	return &pipeclient.LostError{State: pipeclient.ErrNotSent, Cause: err}
}

// lose says what became of a command that got no reply.
func (d *dialogue) lose(a *answer) error {
	<-d.conn.Over()
	var broken *render.WriteError
	d.cut = true
	if a.info.Effect == command.Exec && !errors.Is(a.lost, pipeclient.ErrNotSent) {
		d.begin(outside(d.session())) // whatever became of it, the transaction is over
	}
	if a.info.Effect == command.Multi { // what is typed next is meant for it
		d.lostMulti = true
	}
	switch {
	case errors.As(a.lost, &broken):
		return broken
	case errors.Is(a.lost, errInterrupted) && errors.Is(a.lost, pipeclient.ErrNotSent):
		d.tell("(interrupted) not sent")
	case errors.Is(a.lost, errInterrupted):
		d.tell("(interrupted) the connection is closed; the server may still carry the command out")
	case errors.Is(a.lost, pipeclient.ErrNotSent):
		d.tell(d.Explain(a.lost))
	case onlyReads(a.info, d.session()):
		d.tell(d.Explain(a.lost))
	default:
		d.tellf("(in doubt) connection lost after %s was sent; it may have been applied: %s", nameOf(a), d.shown(a.lost.Cause.Error()))
	}
	return nil
}

// nameOf is how a message names a command.
func nameOf(a *answer) string {
	if a.info.Known {
		return a.info.Name
	}
	return "the command"
}

// pause waits as long as was asked for between commands.
func (d *dialogue) pause(ctx context.Context) error {
	if d.Interval > 0 && !d.sleep(ctx, d.Interval) && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

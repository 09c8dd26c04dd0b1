package shell

import (
	"context"
	"errors"

	"easycli/internal/command"
	"easycli/internal/pipeclient"
	"easycli/internal/resp"
	"easycli/internal/session"
)

// mind looks after the connection while a line is typed, until stop is called. When it is lost the
// prompt says so, and where messages are awaited it is made again. Nothing else happens meanwhile: the
// loop waits for the line.
func (d *dialogue) mind(ctx context.Context) (stop func()) {
	var over <-chan struct{}
	if d.connected() || d.awaited() { // it may have been lost before anybody looked
		over = d.conn.Over()
	}
	var news <-chan struct{}
	if d.Scout != nil {
		news = d.Scout.News()
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-over:
				over = d.mourn(ctx)
			case <-news:
				d.identify()
			case <-ctx.Done():
				return
			}
			d.Editor.SetPrompt(d.prompt())
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// awaited reports whether a connection that was lost is needed for messages.
func (d *dialogue) awaited() bool {
	state := d.session()
	return d.conn != nil && state.Subscribed() && !state.Closing && !errors.Is(d.conn.Err(), errLeft)
}

// mourn is what happens when the connection ends behind the prompt. It returns the end of the next,
// if there is one.
func (d *dialogue) mourn(ctx context.Context) <-chan struct{} {
	if !d.awaited() {
		return nil
	}
	d.tellf("%s; connecting again for the subscriptions", d.shown(d.conn.Err().Error()))
	d.Editor.SetPrompt(d.prompt())
	var backoff pipeclient.Backoff
	for ctx.Err() == nil {
		switch err := d.connect(ctx); {
		case err == nil:
			return d.conn.Over()
		case isRefusal(err):
			d.tell(d.Explain(err))
			return nil
		}
		wait(ctx, backoff.Next())
	}
	return nil
}

// explainMode says how a subscription ends, once it has begun.
func (d *dialogue) explainMode(state session.State) {
	if d.Plain {
		return
	}
	d.tell("messages appear above the prompt, until Ctrl-C on an empty line")
	if !state.RESP3() {
		d.tell("(after HELLO 3, other commands work meanwhile)")
	}
}

// unsubscribe ends all subscriptions.
func (d *dialogue) unsubscribe(ctx context.Context) {
	state := d.session()
	for _, kind := range []struct {
		command string
		names   session.Names
	}{{"UNSUBSCRIBE", state.Channels}, {"PUNSUBSCRIBE", state.Patterns}, {"SUNSUBSCRIBE", state.Shards}} {
		if len(kind.names) == 0 || !d.connected() {
			continue
		}
		words := [][]byte{[]byte(kind.command)}
		info := command.Of(words)
		if err := d.session().Refuse(info); err != nil {
			d.tell(err.Error())
			return
		}
		a := d.newAnswer(info, words, d.session().Expect(info, words), silently())
		if d.conn.Send(ctx, resp.AppendCommand(nil, words...), a.left, a) != nil {
			continue
		}
		waiting, stop := d.interruptible(ctx)
		select {
		case <-a.done:
		case <-waiting.Done():
			d.conn.Abort(errLeft)
			<-d.conn.Over()
		}
		stop()
	}
	if !d.connected() { // the next one shall have none; all else that was lost with it is still to be told
		left := d.session()
		left.Channels, left.Patterns, left.Shards = nil, nil, nil
		d.begin(left)
	}
	names := len(state.Channels) + len(state.Patterns) + len(state.Shards)
	d.tellf("unsubscribed from %s", quantity(int64(names), "channel"))
}

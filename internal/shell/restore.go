package shell

import (
	"context"
	"io"
	"slices"
	"strings"

	"easycli/internal/command"
	"easycli/internal/lines"
	"easycli/internal/render"
	"easycli/internal/resp"
	"easycli/internal/session"
)

// restore makes a new connection what the last one was beyond its configuration.
func (d *dialogue) restore(ctx context.Context, before session.State) error {
	for _, mark := range d.marks {
		v, err := d.conn.Do(ctx, lines.Texts(mark.words)...)
		switch {
		case err != nil:
			return err
		case v.IsError():
			d.tellf("reconnected, without %s: %s", mark.info.Name, d.shown(v.Text))
		default:
			d.learn(mark.info, mark.words, session.OutcomeOf(v))
		}
	}
	if before.Watching && !d.lostMulti {
		d.tell("reconnected; the keys that were watched no longer are")
	}
	d.compare(ctx)
	return d.subscribeAgain(ctx, before)
}

// subscribeAgain brings the subscriptions back.
func (d *dialogue) subscribeAgain(ctx context.Context, before session.State) error {
	if !before.Subscribed() {
		return nil
	}
	var all []string
	for _, kind := range []struct {
		command string
		names   session.Names
	}{{"SUBSCRIBE", before.Channels}, {"PSUBSCRIBE", before.Patterns}, {"SSUBSCRIBE", before.Shards}} {
		if len(kind.names) == 0 {
			continue
		}
		words := [][]byte{[]byte(kind.command)}
		for _, name := range kind.names {
			words = append(words, []byte(name))
		}
		a := d.newAnswer(command.Of(words), words, len(kind.names), silently())
		if err := d.conn.Send(ctx, resp.AppendCommand(nil, words...), a.left, a); err != nil {
			return err
		}
		select {
		case <-a.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		switch {
		case a.lost != nil:
			return a.lost
		case a.failed:
			d.tellf("reconnected, but %s was refused: %s", kind.command, d.shown(a.kept.Text))
		default:
			all = append(all, kind.names...)
		}
	}
	if len(all) > 0 {
		d.tellf("reconnected and subscribed again to %s; messages of the meantime are lost", d.shown(strings.Join(all, ", ")))
	}
	return nil
}

// silently is a printer that nobody sees.
func silently() *render.Printer { return render.New(io.Discard, render.Options{}) }

// renew takes note of a command that was answered and changes what the next connection has to be. What a
// transaction sets counts when EXEC has carried it out, each command for itself.
func (d *dialogue) renew(a *answer, before session.State) {
	state := d.session()
	switch {
	case before.InMulti && state.InMulti:
		if !a.failed && (session.IsSetting(a.info.Effect) || isMark(a.info.Effect)) {
			s := keep(a.info, a.words)
			s.at = before.Queued
			d.queued = append(d.queued, s)
		}
		return
	case before.InMulti:
		queued := d.queued
		d.queued = nil
		if a.info.Effect != command.Exec || a.failed || a.outcome.Kind == resp.Null {
			break
		}
		for _, s := range queued {
			if !slices.Contains(a.outcome.Failed, s.at) {
				d.note(s, state)
			}
		}
	}
	if !a.failed {
		d.note(&sent{info: a.info, words: a.words}, state)
	}
}

// note puts a command that was carried out into the configuration, or among the marks.
func (d *dialogue) note(s *sent, state session.State) {
	switch {
	case s.info.Effect == command.Select:
		d.Server.DB = state.DB
	case session.IsSetting(s.info.Effect):
		session.Renew(&d.Server, s.info, s.words)
		if s.info.Effect == command.Reset {
			d.marks = nil
		}
		d.forgetNodes()
		if d.Scout != nil {
			d.Scout.Follow(d.Server, d.Connect)
		}
	case isMark(s.info.Effect):
		kind := kindOfMark(s.info.Effect)
		left := d.marks[:0]
		for _, mark := range d.marks {
			if kindOfMark(mark.info.Effect) != kind {
				left = append(left, mark)
			}
		}
		d.marks = append(left, keep(s.info, s.words))
	}
}

// isMark reports whether a connection remembers a command of that effect.
func isMark(e command.Effect) bool {
	switch e {
	case command.NoEvict, command.NoTouch, command.Tracking, command.ReadOnlyMode, command.ReadWriteMode:
		return true
	}
	return false
}

// kindOfMark makes one of those that replace each other.
func kindOfMark(e command.Effect) command.Effect {
	if e == command.ReadWriteMode {
		return command.ReadOnlyMode
	}
	return e
}

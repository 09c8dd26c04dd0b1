package repl

import (
	"context"
	"fmt"
	"net"

	"easycli/internal/lines"
	"easycli/internal/manual"
	"easycli/internal/quote"
	"easycli/internal/render"
)

// line carries out a line that has been read.
func (b *batch) line(ctx context.Context, l lines.Line) error {
	switch l.Verb {
	case lines.Run:
		return b.run(ctx, l)
	case lines.Refuse:
		return b.refuse(ctx, l)
	case lines.Leave:
		return errLeft
	case lines.Clear:
		return b.say(ctx, lines.ClearScreen)
	case lines.Help:
		return b.help(ctx, l)
	case lines.Connect:
		return b.reconnect(ctx, l)
	}
	return nil
}

// refuse puts redis-cli's text in the place of a line that means nothing.
func (b *batch) refuse(ctx context.Context, l lines.Line) error {
	reason := l.Text
	if l.Err != nil {
		reason = fmt.Sprintf("%s (%v)", l.Text, l.Err)
	}
	b.out.refuse(b.in.number, reason)
	if b.StopAtError {
		return errStopped
	}
	return b.say(ctx, shown(l.Text, b.Print)+"\n")
}

// shown is a text with words of the line in it, in a form that can be shown.
func shown(text string, o render.Options) string {
	if o.Terminal {
		return string(quote.AppendTerminal(nil, text))
	}
	return text
}

// say puts a text in the place of the line at hand.
func (b *batch) say(ctx context.Context, text string) error {
	b.slots = append(b.slots, slot{line: b.in.number, text: text})
	if len(b.slots) < maxPending {
		return nil
	}
	return b.handOver(ctx)
}

// help is in its place when all before it is printed.
func (b *batch) help(ctx context.Context, l lines.Line) error {
	if err := b.settle(ctx); err != nil {
		return err
	}
	words := lines.Texts(l.Words)
	if len(words) == 0 {
		b.out.say(lines.GeneralHelp)
		return nil
	}
	docs, _ := lines.Docs(ctx, b.Connect, b.Server, words) // without, our own table will do
	b.out.say(manual.Answer(docs, words))
	return nil
}

// reconnect goes to another server, with the same password and database.
func (b *batch) reconnect(ctx context.Context, l lines.Line) error {
	addr := net.JoinHostPort(string(l.Words[0]), string(l.Words[1]))
	if err := b.settle(ctx); err != nil {
		return err
	}
	b.conn.Close()
	b.Server.Network, b.Server.Addr, b.Server.Dial = "tcp", addr, nil
	b.Server.DB = b.out.session().DB
	b.closeCluster()
	b.member, b.alone, b.unknown = b.Server, false, false
	if err := b.connect(ctx); err != nil {
		return fmt.Errorf("line %d: %w", b.in.number, err)
	}
	return nil
}

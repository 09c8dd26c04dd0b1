package shell

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"

	"easycli/internal/command"
	"easycli/internal/lines"
	"easycli/internal/manual"
	"easycli/internal/render"
)

// entry carries out what was typed or pasted: a line, or several in rows of their own, about which the
// person is asked, for a paste ends with an Enter more often than is meant. It goes to the history, unless
// there is a secret in it.
func (d *dialogue) entry(ctx context.Context, text string) error {
	d.interrupted() // whatever came before is over
	all := lines.Commands(text)
	if len(all) == 0 {
		return nil
	}
	if !d.refusedCount(all[0]) && !command.HoldsSecret([]byte(text)) {
		d.remember(text)
	}
	if len(all) > 1 && !d.Plain {
		answer, err := d.Editor.Ask(ctx, fmt.Sprintf("run %d commands? [y/N] ", len(all)))
		if err != nil || !isYes(answer) {
			d.tell("none of them was run (Up brings them back)")
			return nil
		}
	}
	for i, line := range all {
		d.cut = false
		if err := d.line(ctx, line); err != nil {
			return err
		}
		if d.cut = d.cut || i+1 < len(all) && d.interrupted(); d.cut && i+1 < len(all) {
			d.tellf("%s not run", quantity(int64(len(all)-i-1), "command"))
			return nil
		}
	}
	return nil
}

// remember puts an entry into the history, and says once why that is not kept.
func (d *dialogue) remember(text string) {
	if d.History == nil {
		return
	}
	d.History.Add(text)
	if err := d.History.Err(); err != nil && !d.unkept {
		d.unkept = true
		d.tell(d.shown(err.Error()))
	}
}

// refusedCount reports whether a line has a count that redis-cli refuses, and does not remember.
func (d *dialogue) refusedCount(line string) bool {
	return d.parser.Parse([]byte(line)).Text == lines.BadRepeat
}

// line carries out one line.
func (d *dialogue) line(ctx context.Context, text string) error {
	if word := strings.TrimSpace(text); strings.HasPrefix(word, ":") {
		return d.colon(ctx, word)
	}
	text, to, err := d.cutDestination(text)
	if err != nil {
		d.tell(err.Error())
		return nil
	}
	l := d.parser.Parse([]byte(text))
	if !to.IsScreen() && l.Verb != lines.Run {
		l = d.parser.Parse([]byte(text + " ")) // what it means alone is what is carried out
	}
	switch l.Verb {
	case lines.Leave:
		if d.mayLeave(ctx) {
			return errLeft
		}
		return nil
	case lines.Refuse:
		return d.say(d.shown(l.Text) + "\n")
	case lines.Clear:
		return d.say(lines.ClearScreen)
	case lines.Help:
		return d.help(ctx, l.Words)
	case lines.Connect:
		if !d.mayLeave(ctx) {
			return nil
		}
		d.goTo(ctx, "tcp", net.JoinHostPort(string(l.Words[0]), string(l.Words[1])))
	case lines.Run:
		return d.command(ctx, l, to)
	}
	return nil
}

// cutDestination takes a destination off a line, where the system's shell may be used.
func (d *dialogue) cutDestination(text string) (string, lines.Destination, error) {
	if d.Plain || d.Outside.Start == nil {
		return text, lines.Destination{}, nil
	}
	return lines.CutDestination(text, func(words [][]byte) bool {
		if len(words) > 1 && isCount(words[0]) {
			words = words[1:]
		}
		return command.Of(words).TakesAngles()
	})
}

// command carries out a command, with its replies going where the line says.
func (d *dialogue) command(ctx context.Context, l lines.Line, to lines.Destination) error {
	info := command.Of(l.Words)
	if info.Effect == command.Auth && len(l.Words) == 1 {
		l.Words = d.askPassword(ctx, l.Words)
	}
	if l.Words == nil || !d.allowed(ctx, info, l.Words) {
		d.cut = true
		return nil
	}
	var err error
	switch {
	case !to.IsScreen():
		err = d.commandInto(ctx, l, info, to)
	case d.pages(info):
		err = d.commandPaged(ctx, l)
	default:
		err = d.run(ctx, l, nil)
	}
	if err != nil {
		return err
	}
	return d.tellTime()
}

// secretReader is an [Editor] that reads what nobody else should see.
type secretReader interface {
	ReadSecret(ctx context.Context, prompt string) (string, error)
}

// askPassword asks for what an AUTH without one is missing, nil if there will be none. It is in no history
// then, and on no screen.
func (d *dialogue) askPassword(ctx context.Context, words [][]byte) [][]byte {
	editor, ok := d.Editor.(secretReader)
	if !ok || d.Plain {
		return words
	}
	password, err := editor.ReadSecret(ctx, "password: ")
	if err != nil {
		d.tell("not sent")
		return nil
	}
	return append(slices.Clone(words), []byte(password))
}

// commandInto carries out a command whose replies go into a file or to another program, as bytes.
func (d *dialogue) commandInto(ctx context.Context, l lines.Line, info command.Info, to lines.Destination) error {
	if info.Effect.Subscribes() {
		d.tell("not sent: messages of a subscription appear above the prompt, and go nowhere else")
		return nil
	}
	w, done, err := d.openDestination(to)
	if err != nil {
		d.tell(err.Error())
		return nil
	}
	if info.Effect == command.Monitor && !d.session().InMulti {
		err = d.monitorInto(ctx, w)
	} else {
		options := render.Options{Format: render.Raw, Delim: d.Print.Delim, Terminator: d.Print.Terminator}
		if d.Print.Format != render.Human {
			options.Format = d.Print.Format
		}
		err = d.run(ctx, l, render.New(w, options))
	}
	if failed := done(); failed != nil {
		d.tell(failed.Error())
	}
	return err
}

// help shows what is known of commands.
func (d *dialogue) help(ctx context.Context, words [][]byte) error {
	switch {
	case len(words) == 0 && d.Plain:
		return d.say(lines.GeneralHelp)
	case len(words) == 0:
		return d.say(lines.GeneralHelp + "  :help              what the shell itself can do: :peek KEY, :watch, :set ...\n")
	}
	if d.Plain || d.Scout == nil {
		asking, stop := d.interruptible(ctx)
		defer stop()
		docs, _ := lines.Docs(asking, d.Connect, d.Server, lines.Texts(words))
		return d.say(manual.Answer(docs, lines.Texts(words)))
	}
	columns, _ := d.Outside.size()
	return d.sayPaged(d.Scout.Book().Page(lines.Texts(words), manual.Style{Columns: columns, Color: d.Print.Color}))
}

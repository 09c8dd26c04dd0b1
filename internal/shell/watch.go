package shell

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"easycli/internal/command"
	"easycli/internal/lines"
	"easycli/internal/render"
)

// watch runs a command again and again until Ctrl-C, each time on a cleared screen. The lines that are
// not what they were are marked.
func (d *dialogue) watch(ctx context.Context, words []string) error {
	every, text, _ := strings.Cut(words[0], " ")
	pause, ok := seconds(every)
	l := d.parser.Parse([]byte(strings.TrimSpace(text)))
	if !ok || l.Verb != lines.Run {
		d.tell("usage: :watch SECONDS COMMAND")
		return nil
	}
	own := keep(command.Of(l.Words), l.Words)
	if e := own.info.Effect; e.Subscribes() || e == command.Monitor {
		d.tell("not sent: it shows what is new by itself")
		return nil
	}
	if !d.allowed(ctx, own.info, own.words) {
		return nil
	}
	pause = max(pause, 0.1)
	var before []string
	for {
		var reply bytes.Buffer
		printer := render.New(&reply, d.Print)
		ok, err := d.once(ctx, own.info, own.words, printer)
		if err != nil || !ok || d.cut {
			return err
		}
		printer.Flush()
		now := strings.Split(strings.TrimRight(reply.String(), "\n"), "\n")
		if err := d.showWatched(text, every, now, before); err != nil {
			return err
		}
		before = now
		if !d.sleep(ctx, time.Duration(pause*float64(time.Second))) {
			return d.say("\n") // behind the ^C that the terminal shows
		}
	}
}

// showWatched shows a reply in place of the one before.
func (d *dialogue) showWatched(text, every string, now, before []string) error {
	_, rows := d.Outside.size()
	if rows <= 0 {
		rows = 24
	}
	var b strings.Builder
	b.WriteString(lines.ClearScreen)
	fmt.Fprintf(&b, "every %ss: %s    %s (Ctrl-C ends it)\n\n", every, d.shown(strings.TrimSpace(text)), time.Now().Format(time.TimeOnly))
	for i, line := range now {
		if i == rows-4 && len(now) > rows-3 {
			fmt.Fprintf(&b, "... %s\n", quantity(int64(len(now)-i), "more line"))
			break
		}
		if d.Print.Color && before != nil && (i >= len(before) || before[i] != line) {
			line = "\x1b[7m" + strings.ReplaceAll(line, "\x1b[0m", "\x1b[0;7m") + "\x1b[0m"
		}
		b.WriteString(line + "\n")
	}
	return d.say(b.String())
}

package shell

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"easycli/internal/lineeditor"
	"easycli/internal/lines"
	"easycli/internal/quote"
	"easycli/internal/session"
)

// colonCommand is one of the shell's own commands, which begin with a colon: no command of a server
// does.
type colonCommand struct {
	name, args, does string
	// fewest and most are how many words may stand behind the name; a most of -1 is any number.
	fewest, most int
	// raw says that the rest of the line is one word, as it was typed.
	raw bool
	run func(d *dialogue, ctx context.Context, words []string) error
}

// colonCommands in the order in which help lists them.
func colonCommands() []colonCommand {
	return []colonCommand{
		{"peek", "KEY...", "type, encoding, size and TTL of a key, and the beginning of what is in it", 1, -1, false, (*dialogue).peek},
		{"watch", "SECONDS COMMAND", "run a command again and again, until Ctrl-C", 2, -1, true, (*dialogue).watch},
		{"monitor", "[command NAME] [key PATTERN] [client ADDRESS] [db N]", "what the server carries out, as far as it is of interest", 0, -1, false, (*dialogue).monitorSome},
		{"source", "FILE", "run the lines of a file", 1, 1, false, (*dialogue).source},
		{"edit", "[TEXT]", "write the next commands in $EDITOR", 0, -1, true, (*dialogue).edit},
		{"format", "[NAME]", "how replies look: :set format", 0, 1, false, setter("format")},
		{"decode", "[NAME]", "how values are made readable: :set decode", 0, 1, false, setter("decode")},
		{"timing", "[on|off|TIME]", "how long commands take: :set timing", 0, 1, false, setter("timing")},
		{"use", "PROFILE", "go where a profile of the configuration leads", 1, 1, false, (*dialogue).use},
		{"set", "[NAME [VALUE]]", "what can be set, and setting it", 0, 2, false, (*dialogue).set},
		{"keys", "", "what the keys do", 0, 0, false, (*dialogue).tellKeys},
		{"help", "", "this list", 0, -1, false, (*dialogue).colonHelp},
	}
}

// colon carries out one of the shell's own commands.
func (d *dialogue) colon(ctx context.Context, text string) error {
	name, rest, _ := strings.Cut(text[1:], " ")
	all := colonCommands()
	at := slices.IndexFunc(all, func(c colonCommand) bool { return strings.EqualFold(c.name, name) })
	switch {
	case at < 0 && d.Plain:
		return d.say(fmt.Sprintf("unknown redis-cli internal command '%s'\n", d.shown(":"+name)))
	case at < 0:
		return d.say(fmt.Sprintf("there is no '%s'; :help lists what there is\n", d.shown(":"+name)))
	}
	c := all[at]
	words := []string{strings.TrimSpace(rest)}
	if words[0] == "" {
		words = nil
	} else if !c.raw {
		split, err := quote.Split([]byte(rest), nil)
		if err != nil {
			return d.say(lines.BadQuoting + "\n")
		}
		words = lines.Texts(split)
	}
	if enough := len(words) >= c.fewest || c.raw && len(words) > 0; !enough || c.most >= 0 && len(words) > c.most && !c.raw {
		d.tellf("usage: :%s %s", c.name, c.args)
		return nil
	}
	return c.run(d, ctx, words)
}

func (d *dialogue) tellKeys(context.Context, []string) error {
	var b strings.Builder
	for _, binding := range lineeditor.Bindings() {
		if binding.Does != "" {
			fmt.Fprintf(&b, "  %-30s %s\n", strings.Join(binding.Keys, ", "), binding.Does)
		}
	}
	return d.sayPaged(b.String())
}

func (d *dialogue) colonHelp(context.Context, []string) error {
	var b strings.Builder
	for _, c := range colonCommands() {
		fmt.Fprintf(&b, "  :%s %s\n      %s\n", c.name, c.args, c.does)
	}
	return d.say(b.String())
}

// source runs the lines of a file as if they were typed, until one fails to be carried out.
func (d *dialogue) source(ctx context.Context, words []string) error {
	if d.sourcing >= maxSourcing {
		d.tellf(":source within :source more than %d deep", maxSourcing)
		return nil
	}
	text, err := readBounded(words[0])
	if err != nil {
		d.tellf("%s: %v", d.shown(words[0]), bare(err))
		return nil
	}
	d.sourcing++
	defer func() { d.sourcing-- }()
	for row, line := range lines.Scripted(strings.ReplaceAll(text, "\r\n", "\n")) {
		if lines.Open(line) {
			d.tellf("%s:%d: a quote that begins here is never closed; the rest of the file was not run", d.shown(words[0]), row)
			return nil
		}
		d.cut = d.interrupted()
		if d.cut {
			return nil
		}
		d.failed = false
		if err := d.line(ctx, line); err != nil || d.cut {
			return err
		}
		if d.failed {
			d.tellf("(%s:%d)", d.shown(words[0]), row)
		}
	}
	return nil
}

const (
	// maxSourcing is how deep files may run others.
	maxSourcing = 8
	// maxSource is how large a file of commands may be.
	maxSource = 64 << 20
)

var errTooLarge = errors.New("larger than 64 MiB: easycli --pipe is for that")

func readBounded(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", err
	case info.Size() > maxSource:
		return "", errTooLarge
	}
	text, err := os.ReadFile(path)
	return strings.TrimPrefix(string(text), "\ufeff"), err
}

// edit lets the person write the next commands in an editor. What came of it stands in the line then, to
// be looked at and run.
func (d *dialogue) edit(_ context.Context, words []string) error {
	editor, ok := d.Editor.(lineSetter)
	if !ok || d.Outside.Edit == nil {
		d.tell("there is no editor here")
		return nil
	}
	text, err := d.Outside.Edit(strings.Join(words, " "))
	if err != nil {
		d.tell(d.shown(err.Error()))
		return nil
	}
	editor.SetLine(strings.TrimRight(text, "\n"))
	return nil
}

// lineSetter is an [Editor] whose next line can begin with a text.
type lineSetter interface{ SetLine(text string) }

// use goes where a profile leads.
func (d *dialogue) use(ctx context.Context, words []string) error {
	if d.Use == nil {
		d.tell("there are no profiles here")
		return nil
	}
	asking, stop := d.interruptible(ctx)
	target, err := d.Use(asking, words[0])
	stop()
	if err != nil {
		d.tell(d.Explain(err))
		return nil
	}
	if !d.mayLeave(ctx) {
		return nil
	}
	d.stopMonitor()
	if d.conn != nil {
		d.conn.Abort(errLeft)
		<-d.conn.Over()
	}
	d.link = link{}
	d.begin(session.State{})
	d.Server, d.Connect, d.Cluster, d.Profile = target.Server, target.Connect, target.Cluster, target.Profile
	d.settleAt(ctx)
	return nil
}

// monitorSome is MONITOR with a filter on this side.
func (d *dialogue) monitorSome(ctx context.Context, words []string) error {
	filter, err := newMonitorFilter(words)
	if err != nil {
		d.tell(err.Error())
		return nil
	}
	if !d.ready(ctx, 0) {
		return nil
	}
	return d.startMonitor(ctx, filter)
}

// seconds reads a number of seconds.
func seconds(word string) (float64, bool) {
	n, err := strconv.ParseFloat(word, 64)
	return n, err == nil && n >= 0 && n < 1e9
}

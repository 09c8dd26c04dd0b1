package main

import (
	"context"
	"os"
	"path/filepath"

	"golang.org/x/term"

	"easycli/internal/command"
	"easycli/internal/config"
	"easycli/internal/lineeditor"
	"easycli/internal/render"
	"easycli/internal/shell"
)

// terminal is what a person sits at: the editor, or plain lines where the terminal knows no escape
// sequences.
type terminal struct {
	console *console
	editor  shell.Editor
	history *lineeditor.History
	scout   *shell.Scout
	helper  *shell.Assistant
	print   render.Options
	// plain says that a program reads what the prompt says, and expects redis-cli's.
	plain bool
}

// newTerminal prepares it. FAKETTY_WITH_PROMPT, which redis-cli has for its tests, is the editor without
// a terminal.
func (c *console) newTerminal(ctx context.Context, r prompt, preferences config.Preferences, interrupts <-chan struct{}) *terminal {
	t := &terminal{console: c, plain: !c.Env.inTerminal || !c.Env.outTerminal, print: r.Out.options(c)}
	if !r.Out.ColorSaid && !c.Env.saysColor() && preferences.Colour != "auto" {
		t.print.Color = preferences.Colour == "always"
	}
	if c.Env.get("TERM") == "dumb" {
		t.history = lineeditor.OpenHistory("", 1)
		t.editor = &lineeditor.Lines{In: c.In, Out: c.Out, Secret: c.ReadPassword, Interrupts: interrupts}
		return t
	}
	t.history = lineeditor.OpenHistory(c.Env.historyFile(), preferences.History)
	t.history.Hide = func(entry string) bool { return command.HoldsSecret([]byte(entry)) }
	conf := lineeditor.Config{In: lineeditor.Keys(c.In), Out: c.Out, History: t.history, Color: t.print.Color}
	if !t.plain {
		conf.Resized, conf.Suspend, conf.EditText = lineeditor.Resizes(ctx), lineeditor.Suspend, c.edit
		conf.Size = t.size
		t.scout = shell.NewScout()
		t.scout.Cache = c.Env.cacheDir()
		t.helper = shell.NewAssistant(t.scout)
		if known, err := c.Env.config(); err == nil {
			t.helper.Profiles = known.Names()
		}
		conf.Assistant = t.helper
		if in, ok := c.In.(*os.File); ok {
			conf.MakeRaw = lineeditor.Raw(int(in.Fd()))
		}
	}
	t.editor = lineeditor.New(conf)
	return t
}

// size is the terminal's.
func (t *terminal) size() (columns, rows int) {
	if out, ok := t.console.Out.(*os.File); ok {
		columns, rows, _ = term.GetSize(int(out.Fd()))
	}
	return columns, rows
}

// outside is what the conversation may have the process do.
func (t *terminal) outside() shell.Outside {
	if t.plain {
		return shell.Outside{}
	}
	return shell.Outside{Start: t.console.start, Edit: t.console.edit, Pager: t.console.Env.pager(), Size: t.size}
}

// cacheDir is where things are kept that can be had again, "" for nowhere.
func (env environment) cacheDir() string {
	if dir := env.get("XDG_CACHE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "easycli")
	}
	if home := env.home(); home != "" {
		return filepath.Join(home, ".cache", "easycli")
	}
	return ""
}

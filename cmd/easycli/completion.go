package main

import (
	"bytes"
	"context"
	"io"

	"github.com/spf13/cobra"
)

// shells are those that completion scripts can be had for.
var shells = [...]string{"bash", "zsh", "fish", "powershell"}

// run prints the script. It is made here and not by cobra's own subcommand, which would shadow
// more words than its own.
func (r completion) run(_ context.Context, c *console) error {
	command := newCommand(newDraft(c.Env))
	var script bytes.Buffer
	generate := map[string]func() error{
		"bash":       func() error { return command.GenBashCompletionV2(&script, true) },
		"zsh":        func() error { return command.GenZshCompletion(&script) },
		"fish":       func() error { return command.GenFishCompletion(&script, true) },
		"powershell": func() error { return command.GenPowerShellCompletionWithDesc(&script) },
	}
	if err := generate[r.Shell](); err != nil {
		return err
	}
	return c.print(script.String())
}

// run has cobra work out the candidates.
func (r complete) run(_ context.Context, c *console) error {
	command := newCommand(newDraft(c.Env))
	command.ValidArgsFunction = func(_ *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	command.SetArgs(r.Words)
	command.SetOut(c.Out)
	command.SetErr(io.Discard)
	return command.Execute()
}

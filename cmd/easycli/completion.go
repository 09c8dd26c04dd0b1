package main

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// shells are those that completion scripts can be had for.
var shells = [...]string{"bash", "zsh", "fish", "powershell"}

// splitWords is where cobra's script says which characters are none of those that part words.
const splitWords = "-n =:"

// plainBash lets the script do without the package bash-completion, which cobra's asks for: without
// it each TAB would print an error over the line that is being typed. Both keep @ and the profile behind
// it in one word: bash would complete the name alone, and put it in the place of both.
const plainBash = `
__easycli_init_completion()
{
    COMPREPLY=()
    if declare -F _get_comp_words_by_ref >/dev/null; then
        _get_comp_words_by_ref "$@" cur prev words cword
        return
    fi
    local i
    words=()
    for i in "${!COMP_WORDS[@]}"; do
        if ((i > 0)) && [[ ${COMP_WORDS[i-1]} == @ ]]; then
            words[${#words[@]}-1]+=${COMP_WORDS[i]}
        else
            words+=("${COMP_WORDS[i]}")
        fi
        ((i == COMP_CWORD)) && cword=$((${#words[@]} - 1))
    done
    cur=${words[cword]}
    prev=${words[cword-1]}
}
declare -F __ltrim_colon_completions >/dev/null || __ltrim_colon_completions() { :; }
`

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
	text := script.String()
	if r.Shell == "bash" {
		text = strings.ReplaceAll(text, splitWords, splitWords+"@") + plainBash
	}
	return c.print(text)
}

// run has cobra work out the candidates.
func (r complete) run(_ context.Context, c *console) error {
	command := newCommand(newDraft(c.Env))
	const noFiles = cobra.ShellCompDirectiveNoFileComp
	command.ValidArgsFunction = func(command *cobra.Command, words []string, start string) ([]string, cobra.ShellCompDirective) {
		if name, ok := strings.CutPrefix(start, "@"); ok && len(words) == 0 {
			return c.Env.profileCandidates(name, "@"), noFiles
		}
		if command.Flags().Changed("pipe") { // whose words are files
			return nil, cobra.ShellCompDirectiveDefault
		}
		return nil, noFiles
	}
	command.RegisterFlagCompletionFunc("profile",
		func(_ *cobra.Command, _ []string, start string) ([]string, cobra.ShellCompDirective) {
			return c.Env.profileCandidates(start, ""), noFiles
		})
	command.SetArgs(withoutProfile(r.Words))
	command.SetOut(c.Out)
	command.SetErr(io.Discard)
	return command.Execute()
}

// withoutProfile drops the profile in front of what is completed, so that options are found behind it.
func withoutProfile(words []string) []string {
	at := slices.IndexFunc(words, func(word string) bool { return strings.HasPrefix(word, "@") })
	if at < 0 || at == len(words)-1 || slices.Contains(words[:at], "--") {
		return words
	}
	return slices.Concat(words[:at], words[at+1:])
}

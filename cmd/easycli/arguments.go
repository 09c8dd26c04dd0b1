package main

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// What ends the reading of options with something to print; what follows is not looked at, as in
// redis-cli.
var (
	errHelp    = errors.New("help wanted")
	errVersion = errors.New("version wanted")
)

// parse reads a command line. It does nothing else: no file is opened but the one with the profiles,
// and that only where a profile is named; no password is asked for.
//
// Options end at the first word that does not begin with a dash; that and all that follow are the
// command, so `get -1` and `set k --help` reach the server as they are. The one
// exception is a subcommand named exactly `completion <shell>`, which is no Redis command. A word
// that begins with @ is none either: it names a profile, and more options may follow it.
func parse(args []string, env environment) (run, error) {
	if r := subcommand(args); r != nil {
		return r, nil
	}
	d := newDraft(env)
	if err := env.address(d); err != nil {
		return nil, err
	}
	command := newCommand(d)
	words, err := d.words(command, args)
	if err == nil && d.profileName != nil { // options go before it: they are read again on top of it
		if d, err = d.ofProfile(*d.profileName); err != nil {
			return nil, err
		}
		command = newCommand(d)
		words, err = d.words(command, args)
	}
	switch {
	case err == nil:
		return d.run(words)
	case errors.Is(err, errHelp) || endsInBareH(err):
		return show{Text: helpText()}, nil
	case errors.Is(err, errVersion):
		return show{Text: versionText()}, nil
	}
	return nil, explain(err, command.Flags())
}

// words reads the options and returns the words behind them. Behind --pipe, whose words are files,
// options may follow.
func (d *draft) words(command *cobra.Command, args []string) (words []string, err error) {
	flags := command.Flags()
	for {
		if word := oneDashTooFew(flags, args); word != "" {
			return nil, usagef("Unrecognized option: '%s' (did you mean -%s?)", word, word)
		}
		if err := command.ParseFlags(args); err != nil {
			return nil, err
		}
		args = flags.Args()
		if len(words) == 0 && namesProfile(args) && flags.ArgsLenAtDash() < 0 {
			if err := d.setProfile(args[0][1:]); err != nil {
				return nil, err
			}
			args = args[1:]
			continue
		}
		at := slices.IndexFunc(args, isOption)
		switch {
		case !d.pipe && isBareDash(flags):
			return nil, usagef("Unrecognized option: '-'")
		case !d.pipe, at < 0, flags.ArgsLenAtDash() >= 0:
			if len(words) > 0 {
				args = append(words, args...)
			}
			return args, nil
		}
		words, args = append(words, args[:at]...), args[at:]
	}
}

func isOption(word string) bool { return len(word) > 1 && word[0] == '-' }

// subcommand is the run of a subcommand, nil for anything else.
func subcommand(args []string) run {
	switch {
	case len(args) == 2 && args[0] == "completion" && slices.Contains(shells[:], args[1]):
		return completion{Shell: args[1]}
	case len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd):
		return complete{Words: args}
	}
	return nil
}

// newCommand is the options as cobra knows them, every one of them writing to the draft.
func newCommand(d *draft) *cobra.Command {
	command := &cobra.Command{
		Use:               "easycli",
		Args:              cobra.ArbitraryArgs,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Run:               func(*cobra.Command, []string) {},
	}
	flags := command.Flags()
	flags.SetInterspersed(false)
	flags.SortFlags = false
	for _, g := range groups() {
		for _, o := range g.options {
			f := &pflag.Flag{Name: o.long, Shorthand: o.short, Usage: o.help, Value: setting{d, o}}
			if o.value == "" {
				f.NoOptDefVal = switchedOn
			}
			flags.AddFlag(f)
		}
	}
	return command
}

// setting is an option bound to the draft it writes to.
type setting struct {
	draft  *draft
	option option
}

// switchedOn is what pflag hands to a switch.
const switchedOn = "true"

func (s setting) String() string { return "" }
func (s setting) Type() string   { return s.option.value }

func (s setting) Set(value string) error {
	if s.option.value == "" && value != switchedOn {
		return usagef("%s takes no value", s.option.display())
	}
	err := s.option.set(s.draft, value)
	if w := wants(""); errors.As(err, &w) {
		return usagef("%s wants %s", s.option.display(), w)
	}
	return err
}

// isBareDash reports whether the command would be a lone dash. It looks like an option that went
// wrong, and redis-cli takes it for one; after -- it is what it is.
func isBareDash(flags *pflag.FlagSet) bool {
	return flags.NArg() > 0 && flags.Arg(0) == "-" && flags.ArgsLenAtDash() != 0
}

// endsInBareH is -h as the last word, which asks for help instead of naming a host.
func endsInBareH(err error) bool {
	var short *pflag.ValueRequiredError
	return errors.As(err, &short) && short.GetSpecifiedShortnames() == "h"
}

// oneDashTooFew finds a word such as -raw among the options. To pflag that is -r with the value
// "aw", and -askpass a password; it is never what was meant.
func oneDashTooFew(flags *pflag.FlagSet, args []string) string {
	for i := 0; i < len(args); i++ {
		word := args[i]
		if len(word) < 2 || word[0] != '-' || word == "--" {
			return ""
		}
		if word[1] == '-' {
			if f := flags.Lookup(word[2:]); f != nil && f.NoOptDefVal == "" {
				i++
			}
			continue
		}
		if len(word) > 2 && flags.Lookup(word[1:]) != nil {
			return word
		}
		if takesNextWord(flags, word[1:]) {
			i++
		}
	}
	return ""
}

// takesNextWord reports whether a group of one-letter options ends with one whose value is the
// next word.
func takesNextWord(flags *pflag.FlagSet, letters string) bool {
	for i := range len(letters) {
		f := flags.ShorthandLookup(letters[i : i+1])
		if f == nil {
			return false
		}
		if f.NoOptDefVal == "" {
			return i == len(letters)-1
		}
	}
	return false
}

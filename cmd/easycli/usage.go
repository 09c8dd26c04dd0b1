package main

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/pflag"

	"easycli/internal/spelling"
)

// usageError is a command line that means nothing. Its text names options and never repeats their
// values: one of them may be a password.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// explain turns what pflag makes of a bad command line into a usage error.
func explain(err error, flags *pflag.FlagSet) error {
	var (
		usage    usageError
		unknown  *pflag.NotExistError
		noValue  *pflag.ValueRequiredError
		badWords *pflag.InvalidSyntaxError
	)
	switch {
	case errors.As(err, &usage):
		return usage
	case errors.As(err, &noValue):
		return usagef("%s needs a value", displayFlag(noValue.GetFlag()))
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		letter, _ := utf8.DecodeRuneInString(unknown.GetSpecifiedShortnames())
		return usagef("Unrecognized option: '-%c'", letter)
	case errors.As(err, &unknown):
		return unknownOption(unknown.GetSpecifiedName(), flags)
	case errors.As(err, &badWords):
		return usagef("Unrecognized option: a word of dashes")
	}
	return usagef("the options cannot be understood")
}

func unknownOption(name string, flags *pflag.FlagSet) error {
	if slices.Contains(missing[:], name) || strings.HasPrefix(name, "cluster-") ||
		strings.HasPrefix(name, "vset-recall-") {
		return usagef("--%s is not in this version of easycli", name)
	}
	if near := spelling.Nearest(name, optionNames(flags)); near != "" {
		return usagef("Unrecognized option: '--%s' (did you mean --%s?)", name, near)
	}
	return usagef("Unrecognized option: '--%s' (easycli --help lists them all)", name)
}

// optionNames yields the long names of all options.
func optionNames(flags *pflag.FlagSet) iter.Seq[string] {
	return func(yield func(string) bool) {
		more := true
		flags.VisitAll(func(f *pflag.Flag) { more = more && yield(f.Name) })
	}
}

// display is how messages name an option: by its letter if it has one.
func (o option) display() string {
	if o.short != "" {
		return "-" + o.short
	}
	return "--" + o.long
}

func displayFlag(f *pflag.Flag) string {
	return option{long: f.Name, short: f.Shorthand}.display()
}

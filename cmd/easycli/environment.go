package main

import (
	"os"
	"runtime"
)

// environment is what a command line means depends on beside its words: the variables, and which
// streams are terminals.
type environment struct {
	lookup                  func(name string) (value string, set bool)
	inTerminal, outTerminal bool
}

func (env environment) get(name string) string {
	value, _ := env.lookup(name)
	return value
}

// home is the user's own directory, "" if nothing says where that is.
func (env environment) home() string {
	if home := env.get("HOME"); home != "" || runtime.GOOS != "windows" {
		return home
	}
	return env.get("USERPROFILE")
}

// fileOf is the file that the first of the variables names that is set, said being whether one is:
// our own has the first say, redis-cli's the last, and /dev/null means no file, "".
func (env environment) fileOf(names ...string) (path string, said bool) {
	for _, name := range names {
		switch path := env.get(name); path {
		case "":
		case os.DevNull:
			return "", true
		default:
			return path, true
		}
	}
	return "", false
}

// fakeTerminal is FAKETTY, redis-cli's way to ask for a terminal's output on any stream: set is
// enough, even to nothing.
func (env environment) fakeTerminal() bool {
	_, set := env.lookup("FAKETTY")
	return set
}

// fakePrompt is FAKETTY_WITH_PROMPT, redis-cli's way to have the line editor read keys from a pipe.
func (env environment) fakePrompt() bool {
	_, set := env.lookup("FAKETTY_WITH_PROMPT")
	return set
}

// passwordVariables in their order of precedence. An empty one counts as not set.
var passwordVariables = [...]string{"EASYCLI_AUTH", "VALKEYCLI_AUTH", "REDISCLI_AUTH"}

func (env environment) password() (string, bool) {
	for _, name := range passwordVariables {
		if value := env.get(name); value != "" {
			return value, true
		}
	}
	return "", false
}

// address applies VALKEYCLI_HOST and VALKEYCLI_PORT, which stand below every option.
func (env environment) address(d *draft) error {
	if host := env.get("VALKEYCLI_HOST"); host != "" {
		d.conn.Host = host
	}
	if port := env.get("VALKEYCLI_PORT"); port != "" {
		if d.setPort(port) != nil {
			return usagef("VALKEYCLI_PORT wants a port number from 0 to 65535")
		}
	}
	d.address, d.direct = "", ""
	return nil
}

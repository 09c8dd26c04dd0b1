package session

import (
	"strconv"

	"easycli/internal/command"
	"easycli/internal/pipeclient"
)

// IsSetting reports whether a command of that effect changes what every connection has to be: who is
// on it, in which database, in which protocol, by which name.
func IsSetting(e command.Effect) bool {
	switch e {
	case command.Auth, command.Hello, command.Select, command.ClientName, command.Reset:
		return true
	}
	return false
}

// Renew changes a configuration as a command that succeeded has changed a connection, so that the next
// connection is what this one is.
func Renew(cfg *pipeclient.Config, info command.Info, words [][]byte) {
	switch info.Effect {
	case command.Select:
		if db, err := strconv.Atoi(string(words[len(words)-1])); err == nil {
			cfg.DB = db
		}
	case command.ClientName:
		cfg.Name = string(words[len(words)-1])
	case command.Hello:
		hello := command.GreetingOf(words)
		if proto, err := strconv.Atoi(string(hello.Proto)); err == nil {
			cfg.Proto = proto
		}
		if hello.ChangeName {
			cfg.Name = string(hello.Name)
		}
	case command.Reset:
		cfg.User, cfg.Pass, cfg.HasPass, cfg.Proto, cfg.DB, cfg.Name = "", "", false, 0, 0, ""
	}
	if user, pass, ok := info.Credentials(words); ok {
		cfg.User, cfg.Pass, cfg.HasPass = string(user), string(pass), true
	}
}

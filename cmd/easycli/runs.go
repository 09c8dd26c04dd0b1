package main

import (
	"context"
	"time"

	"easycli/internal/keyspace"
)

// run is one thing to do, as a command line asked for it. Each kind holds the options that mean
// something to it and no others. Nothing has been read, asked for or dialled when it exists.
type run interface {
	run(ctx context.Context, c *console) error
}

// oneshot sends one command and prints its reply.
type oneshot struct {
	Conn connection
	Out  output
	Args []string
	// Stdin says that the argument at StdinAt is what stdin holds (-x, -X).
	Stdin   bool
	StdinAt int
	Repeat  repeat
	// ErrorsToStderr moves the text of an error reply to stderr (-e).
	ErrorsToStderr bool
	// Cluster follows the redirections of a cluster's nodes (-c).
	Cluster bool
	// ReadOnly sends nothing that may change something (--read-only).
	ReadOnly bool
}

// eval runs a Lua script from a file.
type eval struct {
	Conn           connection
	Out            output
	File           string
	Keys, Args     []string
	Repeat         repeat
	ErrorsToStderr bool
	Cluster        bool
	// ReadOnly has the server refuse a script that writes.
	ReadOnly bool
}

// script sends the lines of stdin as commands, pipelined.
type script struct {
	Conn connection
	Out  output
	// Interval is waited after each command.
	Interval time.Duration
	// StopAtError sends one command at a time and stops at the first error reply (-e).
	StopAtError bool
	// Cluster sends each command to the node that has its keys (-c).
	Cluster bool
	// ReadOnly sends nothing that may change something.
	ReadOnly bool
}

// prompt talks with a person at a terminal.
type prompt struct {
	Conn     connection
	Out      output
	Interval time.Duration
	// Cluster goes to the node that a command is redirected to (-c).
	Cluster bool
	// Profile is the server's, as far as it is for the prompt.
	Profile profile
	// ReadOnly sends nothing that may change something (--read-only). The profile may want it as well.
	ReadOnly bool
	// NoConfirm asks about no command, whatever the profile says (--no-confirm).
	NoConfirm bool
}

// pipe loads files or stdin in bulk.
type pipe struct {
	Conn connection
	// Cluster loads into all nodes of the cluster that the server belongs to.
	Cluster bool
	inputs
	loading
}

// export writes the keys that match a pattern.
type export struct {
	Conn   connection
	Filter keyspace.Filter
	Format keyspace.Format
	// Dump writes keys as the server keeps them, instead of as the commands that make them.
	Dump bool
	// Terminal says that stdout is one.
	Terminal bool
	// Cluster means all masters of a cluster (-c).
	Cluster bool
	// NoProgress keeps a terminal free of the line that says how far it is.
	NoProgress bool
}

// unlink deletes the keys that match a pattern.
type unlink struct {
	Conn   connection
	Filter keyspace.Filter
	// Rate is how many keys a second may go, 0 for no limit.
	Rate int
	// DryRun counts and deletes nothing; Yes does not ask.
	DryRun, Yes bool
	// Cluster means all masters of a cluster (-c).
	Cluster bool
	// NoProgress keeps a terminal free of the line that says how far it is.
	NoProgress bool
}

// show prints a text that needs no server.
type show struct {
	Text string
}

// completion prints the completion script for a shell.
type completion struct {
	Shell string
}

// complete answers a completion script: the candidates for the last of the words.
type complete struct {
	Words []string
}

// repeat is how often a command runs.
type repeat struct {
	// Times is negative for ever, and 0 for not at all.
	Times int64
	// Interval is waited after each run, the last one too.
	Interval time.Duration
}

package render

import (
	"io"

	"easycli/internal/resp"
)

// Format is how replies look.
type Format byte

// The formats, as redis-cli's options name them.
const (
	Human      Format = iota // --no-raw
	Raw                      // --raw
	CSV                      // --csv
	JSON                     // --json
	QuotedJSON               // --quoted-json: strings hold what Human shows between the quotes
)

// Options say how a Printer prints. The zero value is redis-cli's human format for a pipe.
type Options struct {
	Format Format
	// Delim stands between elements in the raw format (-d), a newline if nil.
	Delim *string
	// Terminator stands behind each reply in the raw format (-D), a newline if nil.
	Terminator *string
	// JSONEnd stands behind each reply in the JSON formats, a newline if nil.
	JSONEnd *string
	// Terminal says that output goes to a terminal: what the server sent is made safe for it, and
	// text that people can read is shown as text.
	Terminal bool
	// Color paints the human format by type.
	Color bool
	// Errors, if set, receives the replies that are errors, each a line of bare text, instead of the
	// output (-e).
	Errors io.Writer
	// ErrorsTerminal says that Errors is a terminal.
	ErrorsTerminal bool
	// Person adds to the human format on a terminal what a person likes to see. It means nothing to
	// other formats and other places.
	Person *Person
}

// How says what is special about the reply to one command.
type How byte

// The ways. All but AsReply are printed raw and without a terminator, errors too, as redis-cli does;
// by every format but the JSON ones. Those print a string for Verbatim and the rest as described
// here, and what is no string, such as an error, like any reply.
const (
	AsReply      How = iota
	Verbatim         // a report for people, such as MEMORY DOCTOR's
	InfoText         // `name:value` lines in sections: an object of objects
	ClientLines      // a line of `name=value` words for each client: an array of objects
	ClientLine       // one such line: an object
	ClusterNodes     // a line for each node: an array of objects
	// What the reply to a person is made of, if it is; to others it is AsReply.
	Pairs            // fields and values in turn, or arrays of two
	Facts            // the same, the fields being the server's own words
	NestedFacts      // the same, and so may its values be
	Scored           // pairs of members and scores
	Entries          // arrays of a stream entry's id and its fields and values
	Streams          // pairs of a stream's name and its Entries
	Records          // an array some elements of which are Pairs
	FactRecords      // an array some elements of which are Facts
	ScoredRecords    // an array some elements of which are Scored
	EntryRecords     // an array some elements of which are Entries
	Seconds          // a length of time, or several; none is -1 and -2
	Milliseconds     // the same
	UnixSeconds      // a time, or several; none is -1 and -2
	UnixMilliseconds // the same
	Clock            // an array whose first element is a time in seconds
	Bytes            // a size
	SlowCommands     // arrays of id, time, microseconds, words, client and its name
	LoggedCommands   // the same, with another amount than a time
	LatencyEvents    // arrays of an event, time, latest and greatest latency …
	LatencySamples   // arrays of time and latency

	lastHow = LatencySamples
)

// isReport reports whether the reply is a text for people.
func (h How) isReport() bool { return h >= Verbatim && h <= ClusterNodes }

// Outcome is what the server answered, as far as its reader has to know.
type Outcome struct {
	// Kind is what the reply is; resp.Error if the command failed.
	Kind resp.Kind
	// Text is the text of a status or an error, the first KiB of it. It is valid until the next
	// reply is printed.
	Text []byte
	// Errors counts the errors among its elements, at any depth.
	Errors int
}

// IsError reports whether the reply as a whole is an error.
func (o Outcome) IsError() bool { return o.Kind == resp.Error }

// or is the option, or what it stands for where it was not given.
func or(s *string, otherwise string) string {
	if s == nil {
		return otherwise
	}
	return *s
}

package bulk

import (
	"bytes"
	"errors"
	"fmt"

	"easycli/internal/pipeclient"
)

// StopError is a load that was ended because of what the server answered: nothing more was sent, and
// what had been sent was answered. It is an [ErrCommands].
type StopError struct {
	// Class is the first word of an answer after which the next commands would fare no better (OOM,
	// READONLY, ...), and Text what was answered first, to Command at Place. Class is "" if it was the
	// number of failed commands that was enough.
	Class         string
	Place         Place
	Command, Text string
	// Failed is how many commands had failed by then.
	Failed int64
}

func (e *StopError) Error() string {
	if e.Class == "" {
		return fmt.Sprintf("stopped by failed commands: %d, the last of them %v", e.Failed, e.Place)
	}
	return fmt.Sprintf("stopped: the server answers %s, first to %v: %s: %s", e.Class, e.Place, e.Command, e.Text)
}

// Unwrap makes it a load with failed commands.
func (e *StopError) Unwrap() error { return ErrCommands }

// isLimit reports whether a load was stopped by the number of failed commands.
func isLimit(err error) bool {
	var stop *StopError
	return errors.As(err, &stop) && stop.Class == ""
}

// stoppedOrLost decides how a load ended whose server was in trouble and then closed the connection:
// whichever was seen first, what is in doubt is the worse.
func (l *load) stoppedOrLost(err error, r Report) error {
	stop := l.haltedBy()
	if !errors.As(stop, new(*StopError)) || err != stop && !errors.As(err, new(*pipeclient.LostError)) {
		return err
	}
	if lost := l.lostError(); lost != nil && len(r.InDoubt) > 0 {
		return lost
	}
	return stop
}

// fatal are the first words of the answers that stop a load, and what to do about each: the state of
// the server or of the connection is wrong, not the command.
var fatal = []struct{ class, advice string }{
	{"NOAUTH", "the server wants a password: --askpass, --pass-file or EASYCLI_AUTH"},
	{noPerm, "this user may not do that; --on-error continue goes on past commands that are not permitted"},
	{"READONLY", "this server is a replica: load into its master"},
	{"OOM", "the server has reached its maxmemory: give it more, or remove something"},
	{"MISCONF", "the server cannot save its data to disk, and so takes no writes: its log says why"},
	{"CLUSTERDOWN", "the cluster serves no slots, or not all of them: easycli CLUSTER INFO says more"},
	{"MASTERDOWN", "this server is a replica that has lost its master"},
	{protocolError, "after that it closes the connection; where it speaks of unauthenticated requests, it wants a " +
		"password: --askpass, --pass-file or EASYCLI_AUTH"},
	{"NOREPLICAS", "the server has fewer replicas than its min-replicas-to-write"},
}

// noPerm is the class that may concern some commands only.
const noPerm = "NOPERM"

// protocolError begins the answer of a server that will not read on.
const protocolError = "ERR Protocol error"

// execAbort stands in front of the reason for which an EXEC as such was refused.
var execAbort = []byte("EXECABORT Transaction discarded because of: ")

// fatalClass is the class of an answer that stops the load, "" for any other.
func (l *load) fatalClass(text []byte) string {
	if bytes.HasPrefix(text, []byte(protocolError)) {
		return protocolError
	}
	word, _, _ := bytes.Cut(bytes.TrimPrefix(text, execAbort), []byte(" "))
	for i := range fatal {
		if string(word) == fatal[i].class && (!l.cfg.PassNoPerm || fatal[i].class != noPerm) {
			return fatal[i].class
		}
	}
	return ""
}

// adviceFor is what to do about a class.
func adviceFor(class string) string {
	for i := range fatal {
		if class == fatal[i].class {
			return fatal[i].advice
		}
	}
	return ""
}

// errorClass is the first word of an answer, where it is one that servers begin their errors with.
func errorClass(text []byte) string {
	word, _, _ := bytes.Cut(text, []byte(" "))
	if len(word) == 0 || len(word) > 32 {
		return otherClass
	}
	for _, c := range word {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' {
			return otherClass
		}
	}
	return string(word)
}

// otherClass counts the errors that begin with no such word, and those beyond maxClasses.
const (
	otherClass = "other"
	maxClasses = 100
)

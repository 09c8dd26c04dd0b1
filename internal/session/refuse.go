package session

import "easycli/internal/command"

// Refusal is the reason why a command is not sent: nobody could tell afterwards which reply belongs
// to which command.
type Refusal struct {
	Command string // its canonical name, "" if the table does not know it
	Reason  string
}

// Error is the reason with the command's name.
func (r *Refusal) Error() string {
	if r.Command == "" {
		return "not sent: " + r.Reason
	}
	return r.Command + " not sent: " + r.Reason
}

// Refuse is a [*Refusal] if a command with that effect must not be sent in this state, and nil
// otherwise. All of it is about replies that could not be matched any more; what the server itself
// refuses is left to the server.
func (s State) Refuse(info command.Info) error {
	if reason := s.reason(info.Effect); reason != "" {
		return &Refusal{Command: info.Name, Reason: reason}
	}
	return nil
}

func (s State) reason(e command.Effect) string {
	leaves := e == command.Reset || e == command.Quit
	switch {
	case s.Closing:
		return "the server is closing the connection"
	case s.Replicating, e == command.Sync:
		return "a replication stream is no sequence of replies"
	case s.Monitoring && !leaves:
		return "this connection is a monitor; RESET or QUIT ends that"
	case s.InMulti:
		return s.reasonInMulti(e)
	case s.Silent() && aboutSubscriptions(e):
		return "its confirmations come although replies are off; send CLIENT REPLY ON first"
	}
	return ""
}

// reasonInMulti is the reason inside a transaction, where EXEC sends one array with a place for
// each command. What brings more than one reply, or none, breaks it, and shifts all that follows.
func (s State) reasonInMulti(e command.Effect) string {
	switch {
	case aboutSubscriptions(e):
		return "inside MULTI its confirmations would be taken for the replies of other commands"
	case e == command.ReplyOff, e == command.ReplySkip, e == command.ReplyOn && s.Silent():
		return "inside MULTI it would leave EXEC's reply incomplete"
	}
	return ""
}

// RefuseWrite is a [*Refusal] if a command may change something, for one who is to change nothing: a
// script's, a person's or a single command's read-only run. What nobody knows counts as a change.
func RefuseWrite(info command.Info, argv [][]byte) error {
	if info.OnlyReads(argv) {
		return nil
	}
	reason := "this is read-only, and it may change something"
	switch twin := info.ReadTwin(); {
	case !info.Known:
		reason = "this is read-only, and nobody can say what the command does"
	case twin != "":
		reason += "; " + twin + " is the one that only reads"
	}
	return &Refusal{Command: info.Name, Reason: reason}
}

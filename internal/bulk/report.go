package bulk

import (
	"errors"
	"fmt"

	"easycli/internal/pipeclient"
	"easycli/internal/quote"
)

// InputError is input that is not acceptable. Everything before its place was sent, nothing from
// there on.
type InputError struct {
	// Place is where the command stands.
	Place
	// Msg says what is wrong, and Advice what to do about it, where that is known.
	Msg, Advice string
}

func (e *InputError) Error() string { return fmt.Sprintf("%v: %s", e.Place, e.Msg) }

// line writes one line about a failed command.
func (l *load) line(place, name string, text []byte) {
	l.write("%s: %s: %s", place, name, text)
}

// write writes a line on Err. What a server said may be in it, and names of files, which are anything.
func (l *load) write(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if l.cfg.ErrTerminal {
		text = string(quote.AppendTerminal(nil, text))
	}
	l.errOut.printf("%s\n", text)
}

// explain says on Err what the numbers mean, where something went wrong with the load as a whole.
func (l *load) explain(r Report, err error) {
	var input *InputError
	stop := l.failures.stop
	if settled := err == nil || err == ErrCommands; settled {
		stop = nil // everything had been sent by then
	} else if stop != nil {
		l.explainStop(stop)
	}
	refused, unconfirmed := (*RefusedError)(nil), (*NotConfirmedError)(nil)
	switch {
	case errors.As(err, &refused):
		l.say("%v", refused)
	case err == nil || errors.Is(err, ErrCommands):
	case errors.As(err, new(*OutputError)): // said below
	case errors.As(err, &unconfirmed):
		l.say("%v", err)
		if advice := unconfirmed.Advice(); advice != "" {
			l.say("%s", advice)
		}
	case errors.As(err, &input):
		l.say("%v; nothing from there on takes effect", err)
		if input.Advice != "" {
			l.say("%s", input.Advice)
		}
		if lost := l.lostError(); lost != nil && len(r.InDoubt) > 0 {
			l.say("%v", reason(lost))
		}
	case errors.Is(err, ErrInterrupted):
		l.say("interrupted")
	case errors.Is(err, pipeclient.ErrTimeout):
		l.say("%sno replies for %v (--pipe-timeout)", l.silent(), l.cfg.Client.Timeout)
	default:
		l.tell(reason(err))
	}
	if r.Resent > 0 {
		l.say("sent again after a lost connection, and perhaps carried out twice: %d commands", r.Resent)
	}
	if r.Discarded > 0 {
		l.say("commands queued in transactions that were not executed: %d", r.Discarded)
	}
	if r.Undecided > 0 {
		l.say("the transaction that began with command %d was executed as a whole or not at all: its EXEC is in doubt",
			r.Undecided)
	}
	if l.replies != nil && l.replies.err != nil {
		l.say("%v", l.replies.err)
	}
	l.explainRejects()
	settled := err == nil || input != nil || unconfirmed != nil ||
		errors.Is(err, ErrCommands) && stop == nil
	if !settled || len(r.InDoubt) > 0 || len(r.NotSent) > 0 {
		l.explainCounts(r)
	}
	if incomplete(err) {
		l.explainResume(r, err)
	}
}

// silent is the node of a cluster that has said nothing, in front of a sentence.
func (l *load) silent() string {
	for _, n := range l.all() {
		if errors.Is(n.conn.Err(), pipeclient.ErrTimeout) {
			return n.prefix()
		}
	}
	return ""
}

// explainCounts says what became of the commands.
func (l *load) explainCounts(r Report) {
	text := ""
	if r.Skipped > 0 {
		text = fmt.Sprintf("left out %d, ", r.Skipped)
	}
	text += fmt.Sprintf("sent %d, acknowledged %d (%d errors)", r.Sent, r.Replies, r.Errors)
	if len(r.InDoubt) > 0 {
		text += fmt.Sprintf(", in doubt %s", r.InDoubt)
	}
	from := r.Next
	if len(r.NotSent) > 0 {
		from = r.NotSent[0].From
	}
	l.write("%s, not sent from %d (%s)", text, from.Number, from.offset())
}

// explainRejects says what is wrong with the file of rejects.
func (l *load) explainRejects() {
	if r := l.failures.reject; r != nil && r.err != nil {
		l.say("%v", r.err)
		if lost := r.file.lost; lost > 0 {
			l.say("failed, and not in %s: %d; their own lines say which", l.cfg.Reject, lost)
		}
	} else if r != nil && r.missing > 0 {
		l.say("not in %s, because they were too large to be kept: %d", l.cfg.Reject, r.missing)
	}
}

// explainStop says why nothing more was sent, and what to do about it.
func (l *load) explainStop(stop *StopError) {
	l.say("%v", stop)
	if stop.Class == "" {
		return
	}
	l.say("%s", adviceFor(stop.Class))
	if n := l.failures.classes[stop.Class]; n > 1 {
		l.say("answered with %s: %d commands", stop.Class, n)
	}
}

// String is for people: "5-9 (from byte 100)".
func (r Ranges) String() string {
	var text []byte
	for i, one := range r {
		if i == shownRanges {
			text = fmt.Appendf(text, " and %d more", r[i:].Len())
			break
		}
		if i > 0 {
			text = append(text, ", "...)
		}
		text = fmt.Appendf(text, "%d-%d (from %s)", one.From.Number, one.Last, one.From.offset())
	}
	return string(text)
}

// shownRanges is how many ranges a message shows.
const shownRanges = 8

// say writes one line about the load as a whole.
func (l *load) say(format string, args ...any) { l.write("easycli: "+format, args...) }

// reason is why the connection ended, without the state of the one request that noticed.
func reason(err error) error {
	var lost *pipeclient.LostError
	if errors.As(err, &lost) && !errors.As(err, new(*MismatchError)) {
		return fmt.Errorf("connection lost: %w", lost.Cause)
	}
	if lost != nil {
		return lost.Cause
	}
	return err
}

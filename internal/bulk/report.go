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

// failed is called for each command that was answered with an error.
func (b *block) failed(i int, text []byte) {
	if b.entries[i].role != ours {
		b.lane.load.line(b.place(i).String(), b.name(i), text)
	}
}

// queuedFailed is called for a command that failed when its transaction was executed, of which only
// the number is known: the reply at hand is that of EXEC.
func (b *block) queuedFailed(index int64, text []byte) {
	exec := b.place(b.next).Number
	accounts := &b.lane.ledger
	accounts.Errors++
	place := fmt.Sprintf("command %d", accounts.multi+index)
	if accounts.refused > 0 || accounts.multi == 0 { // and so not queued: the numbers have gaps
		place = fmt.Sprintf("a command between %d and %d", accounts.multi, exec)
	}
	b.lane.load.line(place, fmt.Sprintf("executed by command %d", exec), text)
}

// line writes one line about a failed command.
func (l *load) line(place, name string, text []byte) {
	if l.cfg.ErrTerminal {
		text = quote.AppendTerminal(nil, text)
	}
	l.errOut.printf("%s: %s: %s\n", place, name, text)
}

// name is the name of a command, made harmless and cut to a length that fits a message.
func (b *block) name(i int) string {
	words := commandWords(nil, b.wire[b.entries[i].at:])
	if len(words) == 0 {
		return "?"
	}
	return string(quote.AppendTerminal(nil, words[0][:min(len(words[0]), 64)]))
}

// explain says on Err what the numbers mean, where something went wrong with the load as a whole.
func (l *load) explain(r Report, err error) {
	var input *InputError
	switch {
	case err == nil || errors.Is(err, ErrCommands):
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
		l.say("no replies for %v (--pipe-timeout)", l.cfg.Client.Timeout)
	default:
		l.say("%v", reason(err))
	}
	if r.Discarded > 0 {
		l.say("commands queued in transactions that were not executed: %d", r.Discarded)
	}
	if r.Undecided > 0 {
		l.say("the transaction that began with command %d was executed as a whole or not at all: its EXEC is in doubt",
			r.Undecided)
	}
	settled := err == nil || input != nil || errors.Is(err, ErrCommands)
	if settled && len(r.InDoubt) == 0 && len(r.NotSent) == 0 {
		return
	}
	l.errOut.printf("sent %d, acknowledged %d (%d errors)", r.Sent, r.Replies, r.Errors)
	if len(r.InDoubt) > 0 {
		l.errOut.printf(", in doubt %s", r.InDoubt)
	}
	from := r.Next
	if len(r.NotSent) > 0 {
		from = r.NotSent[0].From
	}
	l.errOut.printf(", not sent from %d (byte %d)\n", from.Number, from.Offset)
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
		text = fmt.Appendf(text, "%d-%d (from byte %d)", one.From.Number, one.Last, one.From.Offset)
	}
	return string(text)
}

// shownRanges is how many ranges a message shows.
const shownRanges = 8

// say writes one line about the load as a whole. What a server said may be in it.
func (l *load) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if l.cfg.ErrTerminal {
		text = string(quote.AppendTerminal(nil, text))
	}
	l.errOut.printf("easycli: %s\n", text)
}

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

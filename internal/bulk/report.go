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
	// Number is the command, from 1.
	Number int64
	// Line is its line, from 1, for text; 0 for RESP.
	Line int64
	// Offset is where it begins in the input, in bytes from 0.
	Offset int64
	// Msg says what is wrong, and Advice what to do about it, where that is known.
	Msg, Advice string
}

func (e *InputError) Error() string {
	return fmt.Sprintf("%s: %s", place(e.Number, e.Line, e.Offset), e.Msg)
}

// place is where a command stands, for people: a text editor shows lines, other tools offsets.
func place(number, line, offset int64) string {
	if line > 0 {
		return fmt.Sprintf("line %d, byte %d", line, offset)
	}
	return fmt.Sprintf("command %d, byte %d", number, offset)
}

// reportError writes one line about a command that was answered with an error.
func (l *load) reportError(b *block, i int, text []byte) {
	e := &b.entries[i]
	if e.role == ours {
		return
	}
	line := int64(0)
	if b.line > 0 {
		line = b.line + int64(e.line)
	}
	l.line(place(b.number+int64(i), line, b.offset+int64(e.offset)), b.name(i), text)
}

// reportQueued does it for a command that failed when its transaction was executed, of which only
// the number is known.
func (l *load) reportQueued(index, exec int64, text []byte) {
	l.ledger.Errors++
	place := fmt.Sprintf("command %d", l.ledger.multi+index)
	if l.ledger.refused > 0 || l.ledger.multi == 0 { // and so not queued: the numbers have gaps
		place = fmt.Sprintf("a command between %d and %d", l.ledger.multi, exec)
	}
	l.line(place, fmt.Sprintf("executed by command %d", exec), text)
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
		if r.InDoubt.First != 0 {
			l.say("%v", reason(l.lostError()))
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
	if settled && r.InDoubt.First == 0 && r.NotSent.First == 0 {
		return
	}
	l.errOut.printf("sent %d, acknowledged %d (%d errors)", r.Sent, r.Replies, r.Errors)
	if d := r.InDoubt; d.First != 0 {
		l.errOut.printf(", in doubt %d-%d (from byte %d)", d.First, d.Last, d.Offset)
	}
	from, offset := l.nextNumber, l.nextOffset
	if n := r.NotSent; n.First != 0 {
		from, offset = n.First, n.Offset
	}
	l.errOut.printf(", not sent from %d (byte %d)\n", from, offset)
}

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
	if errors.As(err, &lost) {
		return fmt.Errorf("connection lost: %w", lost.Cause)
	}
	return err
}

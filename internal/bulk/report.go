package bulk

import (
	"errors"
	"fmt"
	"strconv"

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
	// Msg says what is wrong.
	Msg string
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
	number := l.ledger.multi + index
	l.line("command "+strconv.FormatInt(number, 10), "executed by command "+strconv.FormatInt(exec, 10), text)
}

// reportAborted writes one line about an EXEC that answered nil: a watched key has changed.
func (l *load) reportAborted(b *block, i int) {
	e := &b.entries[i]
	l.errOut.printf("command %d, byte %d: EXEC: not executed, a watched key has changed\n",
		b.number+int64(i), b.offset+int64(e.offset))
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
		l.errOut.printf("easycli: %s; nothing was sent from there on\n", l.words(err))
	case errors.Is(err, ErrInterrupted):
		l.errOut.printf("easycli: interrupted\n")
	case errors.Is(err, pipeclient.ErrTimeout):
		l.errOut.printf("easycli: no replies for %v\n", l.cfg.Client.Timeout)
	default:
		l.errOut.printf("easycli: %s\n", l.words(reason(err)))
	}
	if r.Discarded > 0 {
		l.errOut.printf("easycli: %d commands were queued in transactions that were not executed\n", r.Discarded)
	}
	if r.InDoubt.First == 0 && r.NotSent.First == 0 && !errors.Is(err, ErrInterrupted) {
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

// words is an error's text. It may quote the server or the input, so a terminal gets it made safe.
func (l *load) words(err error) string {
	if l.cfg.ErrTerminal {
		return string(quote.AppendTerminal(nil, err.Error()))
	}
	return err.Error()
}

// reason is why the connection ended, without the state of the one request that noticed.
func reason(err error) error {
	var lost *pipeclient.LostError
	if errors.As(err, &lost) {
		return fmt.Errorf("connection lost: %w", lost.Cause)
	}
	return err
}

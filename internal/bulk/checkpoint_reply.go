package bulk

import (
	"bytes"
	"errors"
	"strconv"

	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// attempt is a batch on its way, on one connection. The receiver passes on what comes of it.
type attempt struct {
	*exact
	*batch
	lead, tail int // commands of ours in front of those of the input and behind them
	commands   int // of the input

	guarded  chan error // gets one answer: whether the guard lets the batch pass
	executed chan error // gets one answer: whether EXEC has executed it

	// The receiver's, until it has answered.
	at       int // reply of the guard
	refusals []unqueued
	seen     int   // commands whose replies have come
	weight   int64 // bytes of the reply to EXEC
}

// unqueued is a command that the server did not queue.
type unqueued struct {
	block *block
	i     int
	text  []byte
}

// replyError is an error reply to a command of ours.
type replyError struct{ text string }

func (e *replyError) Error() string { return e.text }

var (
	// errTouched: somebody has written to the key.
	errTouched = errors.New("the checkpoint's key has been written to")
	// errUnwritten: the batch has been executed and its position has not been written.
	errUnwritten = errors.New("the checkpoint's key could not be written")
)

// tell answers once.
func tell(to chan error, what error) {
	select {
	case to <- what:
	default:
	}
}

// guardReplies takes the replies to WATCH, HMGET and MULTI, and to the SELECT that may follow.
type guardReplies attempt

// Consume lets the batch pass when all is as it was left.
func (g *guardReplies) Consume(src *resp.Reader) error {
	v, err := src.ReadValue()
	if err != nil {
		return err
	}
	at := g.at
	g.at++
	switch {
	case v.IsError():
		tell(g.guarded, &replyError{v.Text})
	case at == 1 && (len(v.Elems) != 2 || v.Elems[0].Text != g.token ||
		v.Elems[1].Text != strconv.FormatInt(g.from.Number-1, 10)):
		tell(g.guarded, errTouched)
	case at == 2: // the first answer counts
		tell(g.guarded, nil)
	}
	return nil
}

// Lost lets nothing pass.
func (g *guardReplies) Lost(err *pipeclient.LostError, _ int) { tell(g.guarded, &lostError{err.Cause}) }

// queueReplies takes the QUEUED of commands.
type queueReplies struct {
	*attempt
	block *block
	i     int
}

// Consume takes note of what was not queued.
func (q *queueReplies) Consume(src *resp.Reader) error {
	_, err := src.Skip(func(depth int, text []byte) {
		q.refusals = append(q.refusals, unqueued{q.block, q.i, bytes.Clone(text)})
	})
	q.i++
	return err
}

// Lost has nothing to say: EXEC will have.
func (q *queueReplies) Lost(*pipeclient.LostError, int) {}

// tailReplies takes the QUEUED of the commands that end a batch. If one is refused, so is EXEC.
type tailReplies attempt

// Consume passes over it.
func (*tailReplies) Consume(src *resp.Reader) error {
	_, err := src.Skip(nil)
	return err
}

// Lost has nothing to say.
func (*tailReplies) Lost(*pipeclient.LostError, int) {}

// execReply takes the reply to EXEC.
type execReply attempt

// Consume counts the replies that it holds.
func (e *execReply) Consume(src *resp.Reader) error {
	begin := src.Offset()
	first, err := src.Next()
	if err != nil {
		return err
	}
	var text []byte
	if first.Kind == resp.Error {
		text = bytes.Clone(first.Text)
	}
	var broken error
	index, more := -e.lead, first.More
	for src.Depth() > 0 {
		element := src.Depth() == 1 && !more
		tok, err := src.Next()
		if err != nil {
			return err
		}
		more = tok.More
		if !element || tok.Kind == resp.Attribute || tok.Kind == resp.End {
			continue
		}
		switch ours := index < 0 || index >= e.commands; {
		case tok.Kind == resp.Error && ours && broken == nil:
			broken = &unwrittenError{string(tok.Text)}
		case tok.Kind == resp.Error && !ours:
			b, i := e.command(index)
			e.failed(b, i, tok.Text, "")
			e.answered()
		case !ours:
			e.answered()
		}
		index++
	}
	e.weight = src.Offset() - begin
	switch {
	case first.Kind == resp.Error:
		tell(e.executed, &replyError{string(text)})
	case first.Kind == resp.Null:
		tell(e.executed, errTouched)
	case index != e.commands+e.tail:
		return pipeclient.ErrUnsolicited
	default:
		tell(e.executed, broken)
	}
	return nil
}

// answered counts the reply to a command.
func (e *execReply) answered() {
	e.seen++
	e.replies.Add(1)
}

// Lost leaves it to the key to say whether the batch was executed.
func (e *execReply) Lost(err *pipeclient.LostError, _ int) {
	tell(e.executed, &lostError{err.Cause})
}

// unwrittenError is what the server said when a batch's position could not be written.
type unwrittenError struct{ text string }

func (e *unwrittenError) Error() string { return errUnwritten.Error() + ": " + e.text }
func (e *unwrittenError) Unwrap() error { return errUnwritten }

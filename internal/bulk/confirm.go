package bulk

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// Confirmation is what a load waits for at its end: that what it wrote has reached so many replicas
// of each server (WAIT), or the append-only files of so many servers (WAITAOF).
type Confirmation struct {
	// Disk asks for append-only files: that of the server itself if Local is 1, and Replicas others.
	Disk            bool
	Local, Replicas int
	// Within is how long that may take, 0 for ever.
	Within time.Duration
}

// NotConfirmedError is a load whose durability was not confirmed. If it is known before the load,
// nothing is sent.
type NotConfirmedError struct {
	Confirmation
	// Node is the server that did not confirm, "" if there is only one.
	Node string
	// GotLocal and Got are how many did.
	GotLocal, Got int
	// Refused is what the server says if it cannot confirm, and Err what broke while it was asked.
	Refused string
	Err     error
}

func (e *NotConfirmedError) Error() string {
	text := "not confirmed"
	if e.Node != "" {
		text += " by " + e.Node
	}
	switch {
	case e.Refused != "":
		return fmt.Sprintf("%s: the server cannot do that: %s", text, e.Refused)
	case e.Err != nil:
		return fmt.Sprintf("%s: %v", text, e.Err)
	}
	return fmt.Sprintf("%s within %d ms: %s", text, e.Within.Milliseconds(), e.got(e.GotLocal, e.Got))
}

// Unwrap is what broke.
func (e *NotConfirmedError) Unwrap() error { return e.Err }

// Advice is what to do about it, where that is known.
func (e *NotConfirmedError) Advice() string {
	if e.Disk && strings.HasPrefix(e.Refused, "ERR unknown command") {
		return "servers have WAITAOF since Redis 7.2; --wait N,MS asks for replicas without it"
	}
	return ""
}

// confirming is what progress says meanwhile.
var confirming = "waiting to be confirmed"

// got says in words how many of those wanted have confirmed.
func (c Confirmation) got(local, replicas int) string {
	text := fmt.Sprintf("%d of %d replicas have it", replicas, c.Replicas)
	if !c.Disk {
		return text
	}
	return fmt.Sprintf("on disk: %d of %d locally, %d of %d on replicas", local, c.Local, replicas, c.Replicas)
}

// words are the command that asks, with a time for its answer.
func (c Confirmation) words(within time.Duration) []string {
	ms := strconv.FormatInt(within.Milliseconds(), 10)
	if c.Disk {
		return []string{"WAITAOF", strconv.Itoa(c.Local), strconv.Itoa(c.Replicas), ms}
	}
	return []string{"WAIT", strconv.Itoa(c.Replicas), ms}
}

// read is how many have confirmed, as a server answers it, and whether it answers that at all.
func (c Confirmation) read(v resp.Value) (local, replicas int, ok bool) {
	switch {
	case c.Disk && v.Kind == resp.Array && len(v.Elems) == 2:
		return int(v.Elems[0].Int), int(v.Elems[1].Int), true
	case !c.Disk && v.Kind == resp.Integer:
		return 0, int(v.Int), true
	}
	return 0, 0, false
}

// askAbout asks each server, before anything is loaded, whether it can confirm, and says so where it
// could not do so at the moment.
func (l *load) askAbout(ctx context.Context) error {
	ctx, cancel := l.untilInterrupt(ctx)
	defer cancel()
	for _, c := range l.cfg.Confirm {
		for _, n := range l.all() {
			local, replicas, err := n.askOnce(ctx, c, time.Millisecond)
			if ctx.Err() != nil {
				return ErrInterrupted
			}
			if err != nil {
				return err
			}
			if local < c.Local || replicas < c.Replicas {
				l.say("%sto be confirmed at the end; at the moment %s", n.prefix(), c.got(local, replicas))
			}
		}
	}
	return nil
}

// askInterval is how long a server is asked to wait at once. It is less than any time after which a
// silent server would be given up.
func (l *load) askInterval() time.Duration {
	if patience := l.cfg.Client.Timeout; patience > 0 {
		return max(time.Millisecond, min(time.Second, patience/2))
	}
	return time.Second
}

// confirm waits for the confirmations on all lanes. An interrupt ends it.
func (l *load) confirm(ctx context.Context) error {
	ctx, cancel := l.untilInterrupt(ctx)
	defer cancel()
	for _, c := range l.cfg.Confirm {
		l.watch.note.Store(&confirming)
		lanes := l.all()
		got := make(chan error, len(lanes))
		for _, n := range lanes {
			go func() { got <- n.confirm(ctx, c) }()
		}
		var first error
		for range lanes {
			if err := <-got; first == nil {
				first = err
			}
		}
		if ctx.Err() != nil {
			return ErrInterrupted
		}
		if first != nil {
			return first
		}
	}
	return nil
}

// confirm waits for a confirmation, in pieces that leave room for an interrupt.
func (n *lane) confirm(ctx context.Context, c Confirmation) error {
	begun := time.Now()
	for {
		piece := n.load.askInterval()
		if c.Within > 0 {
			piece = max(time.Millisecond, min(piece, c.Within-time.Since(begun)))
		}
		local, replicas, err := n.askOnce(ctx, c, piece)
		switch {
		case err != nil:
			return err
		case local >= c.Local && replicas >= c.Replicas:
			return nil
		case c.Within > 0 && time.Since(begun) >= c.Within:
			return &NotConfirmedError{Confirmation: c, Node: n.name(), GotLocal: local, Got: replicas}
		}
	}
}

// askOnce asks how many have what was written on the lane.
func (n *lane) askOnce(ctx context.Context, c Confirmation, within time.Duration) (local, replicas int, err error) {
	answer, err := n.conn.Do(ctx, c.words(within)...)
	failed := &NotConfirmedError{Confirmation: c, Node: n.name()}
	if err != nil {
		if refused := (*pipeclient.ConnectError)(nil); errors.As(err, &refused) {
			return 0, 0, refused // the server is full: this was the first that it was asked
		}
		failed.Err = err
		if lost := (*pipeclient.LostError)(nil); errors.As(err, &lost) {
			failed.Err = fmt.Errorf("connection lost: %w", lost.Cause)
		}
		return 0, 0, failed
	}
	local, replicas, ok := c.read(answer)
	switch {
	case ok:
		return local, replicas, nil
	case answer.IsError():
		failed.Refused = answer.Text
	default:
		failed.Err = fmt.Errorf("%s is answered with another kind of reply: %v", c.words(0)[0], answer.Kind)
	}
	return 0, 0, failed
}

// name is what tells the lane's server from the others, "" if there are none.
func (n *lane) name() string {
	if n.node == nil {
		return ""
	}
	return n.node.Addr()
}

// prefix is the same in front of a sentence.
func (n *lane) prefix() string {
	if n.node == nil {
		return ""
	}
	return n.name() + ": "
}

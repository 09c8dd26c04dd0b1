package shell

import (
	"easycli/internal/cluster"
	"easycli/internal/command"
	"easycli/internal/lines"
	"easycli/internal/pipeclient"
	"easycli/internal/render"
	"easycli/internal/resp"
	"easycli/internal/session"
)

// answer is the consumer of one command: it prints the replies, or keeps the one that says that the
// command has to go elsewhere or has to wait.
type answer struct {
	*stage
	info  command.Info
	words [][]byte
	out   *render.Printer
	left  int // replies to come
	// confirms says that the replies are the confirmations of a subscription.
	confirms bool

	// What came of it, when done is closed. Outcome is the last reply; failed is an error reply; kept is
	// one that was not printed, and kind says what it asks for; lost says that none came, and begun that
	// part of one was printed.
	outcome session.Outcome
	failed  bool
	begun   bool
	kept    resp.Value
	kind    cluster.Kind
	to      session.Redirect
	lost    *pipeclient.LostError
	done    chan struct{}
}

// maxErrorText is how much of a refusal is kept.
const maxErrorText = 64 << 10

// Confirms says that RESP3 sends these replies as pushes.
func (a *answer) Confirms() bool { return a.confirms }

// Consume takes one reply.
func (a *answer) Consume(src *resp.Reader) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.inside = true
	defer func() { a.inside = false }()
	o, err := a.take(src)
	if err != nil {
		return err
	}
	if a.left--; o.Kind == resp.Error {
		a.left = 0
	}
	switch {
	case a.left == 0:
		if err = a.out.Flush(); err != nil {
			return err
		}
		a.outcome = o
		a.state = a.state.After(a.info, a.words, o)
		src.Subscribed = a.state.RESP2Subscribed()
		close(a.done)
	case a.confirms && o.Kind == resp.Array: // messages may begin before the last confirmation
		src.Subscribed = true
	}
	return err
}

// take prints a reply, or keeps it.
func (a *answer) take(src *resp.Reader) (session.Outcome, error) {
	var transaction *session.Executed
	var tokens resp.Source = src
	switch wire, err := src.Peek(); {
	case err != nil:
		return session.Outcome{}, err
	case wire == '-':
		if tokens, err = a.refusal(src); tokens == nil {
			return session.Outcome{Kind: resp.Error}, err
		}
	case a.info.Effect == command.Exec:
		transaction = &session.Executed{Source: src}
		tokens = transaction
	}
	a.begun = true
	o, err := a.out.Print(tokens, lines.HowOf(a.info))
	if err != nil {
		return session.Outcome{}, err
	}
	a.failed = a.failed || o.IsError()
	outcome := session.Outcome{Kind: o.Kind, Queued: session.IsQueued(o.Kind, o.Text)}
	if transaction != nil {
		outcome.Failed = transaction.Failed
	}
	if a.confirms && o.Kind == resp.Push {
		a.state.Proto = 3
	}
	return outcome, nil
}

// refusal looks at an error: nil says that it is kept, for the command may be sent again.
func (a *answer) refusal(src *resp.Reader) (resp.Source, error) {
	src.MaxText = maxErrorText
	v, err := src.ReadValue()
	src.MaxText = 0
	if err != nil {
		return nil, err
	}
	a.failed = true
	switch kind := cluster.Classify([]byte(v.Text)); kind {
	case cluster.Moved, cluster.Ask:
		if to, ok := session.RedirectOf(v.Text); ok {
			a.kept, a.kind, a.to = v, kind, to
			return nil, nil
		}
	case cluster.TryAgain, cluster.Down, cluster.Loading, cluster.MasterDown:
		a.kept, a.kind = v, kind
		return nil, nil
	}
	return v.Tokens(), nil
}

// Lost says that no reply will come.
func (a *answer) Lost(lost *pipeclient.LostError, _ int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.left = 0
	a.lost = lost
	if a.info.Effect == command.Shutdown && lost.State == pipeclient.ErrInDoubt && lost.Cause == pipeclient.ErrServerClosed {
		a.state = a.state.After(a.info, a.words, session.Outcome{})
		a.lost = nil // a server that shuts down answers with the end of the stream
	}
	close(a.done)
}

package repl

import (
	"easycli/internal/pipeclient"
	"easycli/internal/resp"
	"easycli/internal/session"
)

// confirmations is the consumer of a command about subscriptions: it takes all the replies of the
// command as if they were one, for they are fewer if the server refuses it.
type confirmations struct {
	*replies
	n int
}

// Confirms says that RESP3 sends these replies as pushes.
func (c confirmations) Confirms() bool { return true }

// Consume prints the confirmations.
func (c confirmations) Consume(src *resp.Reader) error { return c.consume(src, c.printAll) }

func (c confirmations) printAll(src *resp.Reader, s *slot) error {
	var first session.Outcome
	for i := range c.n {
		o, err := c.out.Print(src, s.how)
		if err != nil {
			return err
		}
		if i == 0 {
			first = outcomeOf(o, nil)
		}
		switch o.Kind {
		case resp.Error:
			c.report.fail(s.line, o.Text)
			c.learn(src, s, first)
			return nil
		case resp.Push:
			c.state.Proto = 3
		case resp.Array: // the messages may begin before the last confirmation
			c.state.Proto, src.Subscribed = 2, true
		}
	}
	c.learn(src, s, first)
	return nil
}

// unseen is the consumer of a command that is not in the script.
type unseen struct{}

// Consume drops the reply.
func (unseen) Consume(src *resp.Reader) error {
	_, err := src.Skip(func(int, []byte) {})
	return err
}

// Lost does nothing: the connection's end is seen elsewhere.
func (unseen) Lost(*pipeclient.LostError, int) {}

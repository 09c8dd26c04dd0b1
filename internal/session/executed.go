package session

import "easycli/internal/resp"

// maxErrorText is how much of an error's text is kept.
const maxErrorText = 1 << 10

// Executed is the source of EXEC's reply: it notes which of the transaction's commands failed, for
// their errors are elements of an array.
type Executed struct {
	Source resp.Source
	// Failed are the positions, from 0, of the commands that failed, and Text begins the first error.
	Failed []int
	Text   []byte

	depth  int
	at     int  // elements begun
	inside bool // the next token goes on with a scalar
}

// Next yields the next token.
func (e *Executed) Next() (resp.Token, error) {
	t, err := e.Source.Next()
	if err != nil {
		return t, err
	}
	switch {
	case t.Kind == resp.End:
		e.depth--
		return t, nil
	case t.Kind == resp.Attribute: // counts as no element
		e.depth++
		return t, nil
	}
	if e.depth == 1 && !e.inside {
		if t.Kind == resp.Error {
			if len(e.Failed) == 0 {
				e.Text = append(e.Text, t.Text[:min(len(t.Text), maxErrorText)]...)
			}
			e.Failed = append(e.Failed, e.at)
		}
		e.at++
	}
	e.inside = t.More
	if t.Kind.IsAggregate() {
		e.depth++
	}
	return t, nil
}

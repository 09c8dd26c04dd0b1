package repl

import (
	"easycli/internal/command"
	"easycli/internal/render"
	"easycli/internal/resp"
	"easycli/internal/session"
)

// slot is a place in the output: for a reply that is to come, or for a text that is known already.
type slot struct {
	line int
	text string // known already; without one a reply is awaited
	// offset is where the command begins in the bytes that it was sent with.
	offset int
	// last says that the line's command is not repeated after this.
	last bool
	how  render.How
	// sent is for the session; nil for a command that leaves the connection as it was.
	sent *sent

	// routed is for a command in a cluster, and nil elsewhere.
	*routed
}

// awaits reports whether a reply is to come, or to be shown, in the slot.
func (s *slot) awaits() bool {
	return s.text == "" && (s.routed == nil || !s.gone && (s.fault == "" || s.tx != nil))
}

// sent is a command that the session has to know about when its reply has come.
type sent struct {
	info command.Info
	argv [][]byte
}

// keep copies a command that the session has to know about.
func keep(info command.Info, argv [][]byte) *sent {
	if info.Effect == command.None {
		return nil
	}
	size := 0
	for _, word := range argv {
		size += len(word)
	}
	s := &sent{info: info, argv: make([][]byte, len(argv))}
	own := make([]byte, 0, size)
	for i, word := range argv {
		from := len(own)
		own = append(own, word...)
		s.argv[i] = own[from:len(own):len(own)]
	}
	return s
}

// HowOf is how the reply to a command is printed: what the command table says about its text, in the
// printer's words.
func HowOf(info command.Info) render.How {
	switch info.Document {
	case command.Data:
		return shapes[info.Shape()]
	case command.InfoText, command.ClusterInfo:
		return render.InfoText
	case command.ClientList:
		return render.ClientLines
	case command.ClientInfo:
		return render.ClientLine
	case command.ClusterNodes:
		return render.ClusterNodes
	}
	return render.Verbatim
}

// shapes are what a reply that is no text is made of, in the printer's words.
var shapes = [...]render.How{
	command.Shapeless:        render.AsReply,
	command.Pairs:            render.Pairs,
	command.Facts:            render.Facts,
	command.NestedFacts:      render.NestedFacts,
	command.Scored:           render.Scored,
	command.Entries:          render.Entries,
	command.Streams:          render.Streams,
	command.Records:          render.Records,
	command.FactRecords:      render.FactRecords,
	command.ScoredRecords:    render.ScoredRecords,
	command.EntryRecords:     render.EntryRecords,
	command.Seconds:          render.Seconds,
	command.Milliseconds:     render.Milliseconds,
	command.UnixSeconds:      render.UnixSeconds,
	command.UnixMilliseconds: render.UnixMilliseconds,
	command.Clock:            render.Clock,
	command.Bytes:            render.Bytes,
	command.SlowCommands:     render.SlowCommands,
	command.LoggedCommands:   render.LoggedCommands,
	command.LatencyEvents:    render.LatencyEvents,
	command.LatencySamples:   render.LatencySamples,
}

// executed is the source of EXEC's reply: it notes which of the transaction's commands failed, for
// their errors are elements of an array.
type executed struct {
	src    resp.Source
	depth  int
	at     int  // elements begun
	inside bool // the next token goes on with a scalar
	failed []int
	text   []byte // of the first error
}

// Next yields the next token.
func (e *executed) Next() (resp.Token, error) {
	t, err := e.src.Next()
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
			if len(e.failed) == 0 {
				e.text = append(e.text, t.Text[:min(len(t.Text), maxText)]...)
			}
			e.failed = append(e.failed, e.at)
		}
		e.at++
	}
	e.inside = t.More
	if t.Kind.IsAggregate() {
		e.depth++
	}
	return t, nil
}

// outcomeOf is what the session has to know of a reply that was printed.
func outcomeOf(o render.Outcome, failed []int) session.Outcome {
	return session.Outcome{Kind: o.Kind, Queued: session.IsQueued(o.Kind, o.Text), Failed: failed}
}

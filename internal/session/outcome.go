package session

import "easycli/internal/resp"

// Outcome is what a State has to know of a reply. Whoever prints replies as they arrive fills it
// from tokens, whoever holds a value uses [OutcomeOf].
type Outcome struct {
	// Kind is the reply's kind, 0 if no reply was due and none came, or if the stream ended in its
	// place (SHUTDOWN). Of several replies to one command it is the first.
	Kind resp.Kind
	// Queued says that the reply is the status QUEUED.
	Queued bool
	// Failed are the positions, from 0, of the elements of EXEC's array that are errors. Without
	// them every command of a transaction counts as done.
	Failed []int
}

// OutcomeOf is the outcome of a command that was answered with v.
func OutcomeOf(v resp.Value) Outcome {
	out := Outcome{Kind: v.Kind, Queued: IsQueued(v.Kind, v.Text)}
	if v.Kind == resp.Array {
		for at, elem := range v.Elems {
			if elem.Kind == resp.Error {
				out.Failed = append(out.Failed, at)
			}
		}
	}
	return out
}

// IsQueued reports whether a reply of that kind and text says that the command waits for EXEC.
func IsQueued[Text ~string | ~[]byte](kind resp.Kind, text Text) bool {
	return kind == resp.Status && string(text) == "QUEUED"
}

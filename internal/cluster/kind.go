package cluster

import "bytes"

// Kind is what an error reply means for the way a command takes through a cluster.
type Kind uint8

// The kinds of error replies.
const (
	Other      Kind = iota // nothing: it is the answer to the command
	Moved                  // another node has the slot
	Ask                    // another node has the keys already, for this once
	TryAgain               // the keys are on their way and on both sides
	Down                   // the cluster, or the slot, is not served
	Loading                // the node reads its data
	MasterDown             // the replica has lost its master
	Busy                   // the node runs a script
)

// Classify says what the text of an error reply means. It does not allocate. Where Moved and Ask
// lead, session.RedirectOf knows.
func Classify(text []byte) Kind {
	code, _, found := bytes.Cut(text, []byte(" "))
	if len(code) < 3 || !found {
		return Other
	}
	switch string(code) {
	case "MOVED":
		return Moved
	case "ASK":
		return Ask
	case "TRYAGAIN":
		return TryAgain
	case "CLUSTERDOWN":
		return Down
	case "LOADING":
		return Loading
	case "MASTERDOWN":
		return MasterDown
	case "BUSY":
		return Busy
	}
	return Other
}

package repl

import (
	"easycli/internal/cluster"
	"easycli/internal/resp"
)

// routed is what a slot has to know of a command in a cluster.
type routed struct {
	// key is the slot of its keys, or cluster.NoSlot, and many that it has more than one key; reads
	// that a replica may answer it.
	key         int
	many, reads bool
	// lane has the command on its way. parcel has its bytes, from and to.
	lane     *lane
	parcel   *parcel
	from, to int
	// words are those of a large command, which no parcel has.
	words [][]byte
	// tx is the transaction that it belongs to.
	tx *transaction
	// held is what will be printed, in an answer that came before its turn.
	held []byte
	// refusal is why it has to be sent again.
	refusal *rejection
	// fault is an error of our own, which is printed: in place of the reply to a part of tx, or
	// where nothing was sent.
	fault string
	// gone says that nothing will be printed: the report tells of it.
	gone bool
}

// shelfOfRouted is how many of them are allocated together.
const shelfOfRouted = 128

// routes makes the routed of commands.
type routes struct{ free []routed }

// next is one with that content.
func (r *routes) next(content routed) *routed {
	if len(r.free) == 0 {
		r.free = make([]routed, shelfOfRouted)
	}
	one := &r.free[0]
	r.free = r.free[1:]
	*one = content
	return one
}

// rejection is a node's answer that a command has not been carried out, and why not.
type rejection struct {
	kind cluster.Kind // Other: it was not sent
	// value is what the node said.
	value resp.Value
}

// parcel is the bytes of some commands that were sent together. They are kept until all have been
// answered, for a cluster may want them again.
type parcel struct {
	wire []byte
	left int
	free *[][]byte // where the bytes go then
}

func (p *parcel) answered() {
	if p == nil {
		return
	}
	if p.left--; p.left == 0 && len(*p.free) < 8 && cap(p.wire) <= 2*maxWire {
		*p.free = append(*p.free, p.wire[:0])
	}
}

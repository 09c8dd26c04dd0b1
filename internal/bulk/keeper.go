package bulk

// keepBytes is how much of a transaction is kept until it is known whether it was carried out.
const keepBytes = 4 << 20

// keeper keeps, for a lane whose rejects are wanted, the commands of the transaction that is open as
// of the last reply: what is to be rejected shows only with its EXEC. It is the receiver's.
type keeper struct {
	lane     *lane
	wire     []byte // from MULTI on, as it was sent
	commands []keptCommands
	// torn says that not all of the transaction is there: it is too large.
	torn bool
}

// keptCommands is a command that was queued, and where its bytes are.
type keptCommands struct {
	from, to int
	place    Place
}

// follow takes note of an answered command.
func (k *keeper) follow(b *block, i int, failed bool) {
	begins := b.entries[i].role == multi && !failed
	if begins {
		k.wire, k.commands, k.torn = k.wire[:0], k.commands[:0], false
	}
	if k.lane.ledger.multi == 0 || k.torn {
		return
	}
	wire := b.bytes(i)
	if b.inPieces || len(k.wire)+len(wire) > keepBytes {
		k.torn = true
		return
	}
	from := len(k.wire)
	k.wire = append(k.wire, wire...)
	if !begins && !failed {
		k.commands = append(k.commands, keptCommands{from, len(k.wire), b.place(i)})
	}
}

// queued is the command that the transaction at hand has queued at that place, from 1; nil if it is
// not at hand. It may be called on nil.
func (k *keeper) queued(index int64) ([]byte, Place) {
	if k == nil || k.lane.ledger.multi == 0 || index > int64(len(k.commands)) {
		return nil, Place{}
	}
	c := k.commands[index-1]
	return k.wire[c.from:c.to], c.place
}

// failed rejects a command that failed by itself, or with its EXEC the whole transaction.
func (k *keeper) failed(b *block, i int, f Failure) {
	out := k.lane.load.failures.reject
	open := k.lane.ledger.multi != 0
	switch {
	case open && b.entries[i].role == exec && k.torn:
		out.write(f, nil, keptTransaction)
	case open && b.entries[i].role == exec:
		out.write(f, append(k.wire, b.bytes(i)...), keptTransaction)
	case open:
		out.note(f, keptTransaction)
	case b.inPieces:
		out.write(f, nil, keptCommand)
	default:
		out.write(f, b.bytes(i), keptCommand)
	}
}

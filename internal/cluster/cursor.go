package cluster

import "strconv"

// Cursor is where a SCAN of a whole cluster stands: at a master, which is known by its first slot,
// and at that master's own cursor. The zero Cursor begins, and is what the end is told by.
//
// It travels in the one number that a SCAN has, so that a scan can be continued by another run and
// needs no memory: the slot in 14 bits above 48 of the node's own. Servers number the places of a
// table, which has fewer than 2^48 of them. A master that loses its slots, or gives them to a
// replica, while a scan goes on is scanned from some place other than its beginning.
type Cursor struct {
	Slot int
	Own  uint64
}

const ownBits = 48

// ParseCursor reads a cursor that [Cursor.String] has written. What is none is the server's to
// refuse.
func ParseCursor(word []byte) (Cursor, bool) {
	n, err := strconv.ParseUint(string(word), 10, 64)
	if err != nil || n>>ownBits >= Slots {
		return Cursor{}, false
	}
	return Cursor{Slot: int(n >> ownBits), Own: n & (1<<ownBits - 1)}, true
}

// Fits reports whether the node's cursor leaves room for the slot.
func (c Cursor) Fits() bool { return c.Own>>ownBits == 0 }

// String is the cursor as SCAN takes it.
func (c Cursor) String() string {
	return strconv.FormatUint(uint64(c.Slot)<<ownBits|c.Own, 10)
}

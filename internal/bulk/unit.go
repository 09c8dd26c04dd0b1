package bulk

import (
	"slices"

	"easycli/internal/command"
	"easycli/internal/quote"
)

// unit is what is held back, or sent again, as a whole: a command, or a transaction.
type unit struct {
	wire    []byte
	entries []entry
	base    Place // what the places of the entries count from
	lane    *lane // that answered it; nil if it was not sent yet
	verdict verdict
	// overtaken says that a later command on one of its keys was carried out before it could be sent
	// again. It is guarded by again.mu.
	overtaken bool
}

// unit copies commands out of a block.
func (b *block) unit(from, to int) *unit {
	u := &unit{base: b.base, entries: slices.Clone(b.entries[from:to])}
	at := u.entries[0].at
	u.wire = slices.Clone(b.wire[at:b.end(to-1)])
	for i := range u.entries {
		u.entries[i].at -= at
	}
	return u
}

// clone is a copy of a unit whose bytes belong to somebody else.
func (u *unit) clone() *unit {
	return &unit{wire: slices.Clone(u.wire), entries: slices.Clone(u.entries), base: u.base}
}

func (u *unit) slot() uint16 { return u.entries[0].slot }

// crowd reports whether it has several keys; see [feeder.crowding].
func (u *unit) crowd() bool { return u.entries[0].crowd }

// place is where one of its commands came from.
func (u *unit) place(i int) Place {
	b := block{entries: u.entries, base: u.base}
	return b.place(i)
}

// commands is how many commands of the input it has.
func (u *unit) commands() (n int64) {
	for i := range u.entries {
		if u.entries[i].role < ours {
			n++
		}
	}
	return n
}

// name is the name of its first command, for a message.
func (u *unit) name() string {
	words := commandWords(nil, u.wire)
	return string(quote.AppendTerminal(nil, words[0][:min(len(words[0]), 64)]))
}

// refuse takes a copy of a command, or of a transaction, that was not carried out, and passes it to
// the mender. It runs on the receiver.
//
// From here until nothing of its slot is on its way any more, the unit is a suspect: a later command
// that has a key in common with it must not be carried out, or sending the unit again would turn the
// two around. That cannot happen while nodes do what they should. Behind MOVED, a node that has let
// a slot go refuses all that follows. Behind ASK and TRYAGAIN, keys leave a slot's old node and
// never come back, so whatever has missed one of its keys there, all that follow on that key miss it
// too. It does happen where the reason of a refusal goes away in the middle of what is on its way: a
// script ends, data have been read, a migration is taken back.
func (n *lane) refuse(b *block, from, to int, v verdict) {
	u := b.unit(from, to)
	u.lane, u.verdict = n, v
	s := &n.load.again
	s.mu.Lock()
	s.refused = append(s.refused, u)
	if n.suspects == nil {
		n.suspects = map[string][]*unit{}
	}
	n.eachKey(u.wire, u.entries, func(key []byte) {
		n.suspects[string(key)] = append(n.suspects[string(key)], u)
	})
	n.suspected.Store(int32(len(n.suspects)))
	s.mu.Unlock()
	n.load.wakeMender()
}

// overtake is called with commands that were carried out while there are suspects.
func (n *lane) overtake(b *block, from, to int) {
	s := &n.load.again
	s.mu.Lock()
	defer s.mu.Unlock()
	n.eachKey(b.wire[:b.end(to-1)], b.entries[from:to], func(key []byte) {
		for _, u := range n.suspects[string(key)] {
			u.overtaken = true
		}
		delete(n.suspects, string(key))
	})
	n.suspected.Store(int32(len(n.suspects)))
}

// clear ends the suspicion against units, of whose slot nothing is on its way any more.
func (n *lane) clear(units []*unit) {
	s := &n.load.again
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range units {
		if len(n.suspects) == 0 {
			break
		}
		n.eachKey(u.wire, u.entries, func(key []byte) { delete(n.suspects, string(key)) })
	}
	n.suspected.Store(int32(len(n.suspects)))
}

// eachKey calls f with what orders commands among each other: their keys, and "" for all that have
// none. Of a command that the table does not know any word may be a key. Without a cluster the order
// is that of the input, whatever the keys.
func (n *lane) eachKey(wire []byte, entries []entry, f func(key []byte)) {
	if n.node == nil {
		f(nil)
		return
	}
	var words [][]byte
	var keys []int
	found := false
	for i, e := range entries {
		end := len(wire)
		if i+1 < len(entries) {
			end = int(entries[i+1].at)
		}
		words = commandWords(words[:0], wire[e.at:end])
		info := command.Of(words)
		if keys = info.AppendKeys(keys[:0], words); !info.Known {
			for at := 1; at < len(words); at++ {
				keys = append(keys, at)
			}
		}
		for _, at := range keys {
			f(words[at])
			found = true
		}
	}
	if !found {
		f(nil)
	}
}

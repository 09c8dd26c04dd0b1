package bulk

// firstOpen is the first command that is not settled as far as can be known while the load runs: all
// before it were answered. It is not ok when the load is about to end, for then what ends it decides.
// load.sending is held.
func (l *load) firstOpen() (first Place, ok bool) {
	low := lowest{l.next}
	for _, n := range l.all() {
		done, multi := n.done.Load(), n.multi.Load()
		n.flights = n.flights[min(int64(len(n.flights)), done-n.landed):]
		n.landed = max(n.landed, done)
		for _, p := range n.flights {
			low.add(p)
		}
		if n.open != nil {
			low.addBlock(n.open)
		}
		if multi > 0 && multi < low.Number {
			return Place{}, false // a moment later its transaction has ended
		}
		if n.conn.Err() != nil && !n.survives() { // what was lost counts as done as well
			return Place{}, false
		}
	}
	if l.haltedBy() != nil || l.stopped || len(l.unsent) > 0 {
		return Place{}, false
	}
	l.again.mu.Lock()
	defer l.again.mu.Unlock()
	for _, u := range l.again.refused {
		low.addUnit(u)
	}
	for _, h := range l.again.holds {
		for _, units := range [][]*unit{h.back, h.units, h.later} {
			for _, u := range units {
				low.addUnit(u)
			}
		}
	}
	l.splits.mu.Lock()
	defer l.splits.mu.Unlock()
	for _, one := range l.splits.open {
		low.add(one.place)
	}
	if f := l.feeder; f != nil && f.inMulti.Number != 0 {
		low.add(f.inMulti)
	}
	return low.Place, true
}

// lowest is the place with the lowest number.
type lowest struct{ Place }

func (l *lowest) add(p Place) {
	if p.Number < l.Number {
		l.Place = p
	}
}

func (l *lowest) addBlock(b *block) {
	if p, ok := b.first(); ok {
		l.add(p)
	}
}

func (l *lowest) addUnit(u *unit) {
	for i := range u.entries {
		if u.entries[i].role < ours {
			l.add(u.place(i))
			return
		}
	}
}

// first is the place of the block's first command in the input, if it has any.
func (b *block) first() (Place, bool) {
	at := -1
	for i := range b.entries {
		if b.entries[i].role < ours && (at < 0 || int32(b.entries[i].number) < int32(b.entries[at].number)) {
			at = i
		}
	}
	if at < 0 {
		return Place{}, false
	}
	return b.place(at), true
}

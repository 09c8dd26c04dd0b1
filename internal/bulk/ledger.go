package bulk

import "easycli/internal/resp"

// Report is how a load ended. Commands are numbered from 1 in the order of the input, offsets are
// bytes from its beginning.
type Report struct {
	// Sent is how many commands of the input were given to the connection, Replies how many of them
	// were answered, Errors how many of the answers were errors, those in the reply of an EXEC
	// included.
	Sent, Replies, Errors int64
	// Discarded is how many commands were queued in transactions that were not executed.
	Discarded int64
	// InDoubt are the commands that were written, at least in part, and not answered.
	InDoubt Range
	// NotSent are the commands that were read and never left.
	NotSent Range
}

// Range is a range of commands, both ends included, and where the first begins in the input. It is
// empty when First is 0.
type Range struct{ First, Last, Offset int64 }

func (r *Range) add(number, offset int64) {
	if r.First == 0 {
		r.First, r.Offset = number, offset
	}
	r.Last = number
}

// ledger keeps the accounts. It is the receiver's until the connection is over; only Sent is the
// feeder's.
type ledger struct {
	Report
	multi  int64 // the MULTI that is open as of the last reply, 0 for none
	queued int64 // commands queued since
}

// settle books an answered command.
func (l *ledger) settle(number int64, role role, failed bool) {
	l.Replies++
	if failed {
		l.Errors++
		return
	}
	switch {
	case role == multi:
		l.multi, l.queued = number, 0
	case role == discard:
		l.Discarded += l.queued
		l.multi, l.queued = 0, 0
	case l.multi != 0:
		l.queued++
	}
}

// exec books the end of a transaction: anything but a list of replies means it was not executed.
func (l *ledger) exec(kind resp.Kind) {
	l.Replies++
	if kind == resp.Error {
		l.Errors++
	}
	if kind == resp.Error || kind == resp.Null {
		l.Discarded += l.queued
	}
	l.multi, l.queued = 0, 0
}

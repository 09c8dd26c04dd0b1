package bulk

import "easycli/internal/resp"

// Report is how a load ended. Commands are numbered from 1 in the order of the input, offsets are
// bytes from its beginning.
type Report struct {
	// Sent is how many commands of the input left for the server, answered or in doubt, Replies how many
	// of them were answered, Errors how many of the answers were errors, those in the reply of an
	// EXEC included, and an EXEC that was not executed because of a watched key.
	Sent, Replies, Errors int64
	// Discarded is how many commands were queued in transactions that were not executed.
	Discarded int64
	// Undecided is the MULTI of a transaction whose commands were answered, but whose EXEC is in
	// doubt: they were executed with it, or not at all. It is 0 if there is none.
	Undecided int64
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

// length is how many commands the range has.
func (r Range) length() int64 {
	if r.First == 0 {
		return 0
	}
	return r.Last - r.First + 1
}

// ledger keeps the accounts. It is the receiver's until the connection is over.
type ledger struct {
	Report
	multi   int64 // the MULTI that is open as of the last reply, 0 for none
	queued  int64 // commands queued since
	refused int64 // commands since that were answered with an error, which may still not abort it
	ending  role  // the first in doubt that would end it: exec, discard or plain for none
}

// settle books an answered command.
func (l *ledger) settle(number int64, role role, failed bool) {
	if role != ours {
		l.Replies++
	}
	switch {
	case failed && role == ours:
	case failed:
		l.Errors++
		l.refused++
	case role == multi:
		l.multi, l.queued, l.refused = number, 0, 0
	case role == discard, role == ours:
		l.Discarded += l.queued
		l.multi, l.queued = 0, 0
	case l.multi != 0:
		l.queued++
	}
}

// exec books the end of a transaction: anything but a list of replies means it was not executed.
func (l *ledger) exec(kind resp.Kind) {
	l.Replies++
	if kind == resp.Error || kind == resp.Null {
		l.Errors++
		l.Discarded += l.queued
	}
	l.multi, l.queued = 0, 0
}

// doubt notes a command in doubt that would end the open transaction.
func (l *ledger) doubt(role role) {
	if l.ending == plain && (role == exec || role == discard) {
		l.ending = role
	}
}

// close settles what the end of the connection decides, and sums up.
func (l *ledger) close() Report {
	switch {
	case l.multi == 0:
	case l.ending == exec:
		l.Undecided = l.multi
	default: // a server drops a transaction with its connection
		l.Discarded += l.queued
	}
	l.multi, l.queued = 0, 0
	l.Sent = l.Replies + l.InDoubt.length()
	return l.Report
}

package bulk

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"

	"easycli/internal/resp"
)

// markEvery is how many commands of a lane stand between two markers at most, but for those of a
// transaction, which a marker would become a part of.
const markEvery = 10_000

// MismatchError is a stream of replies in which a marker of Config.Verify was not answered with
// itself: a reply is missing, or there is one too many, or one stands in another's place. It
// happened behind the last marker that was answered; nothing from there on counts as acknowledged.
type MismatchError struct {
	// From and To are the numbers of the first and the last command between the two markers.
	From, To int64
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("replies do not match requests near command %d (between %d and %d)", e.To, e.From, e.To)
}

// marks verifies that a lane gets as many replies as it sends commands, and that each marker among
// them comes in its place: now and then it sends one, which the server has to answer with itself. It
// cannot tell the replies between two markers apart: that those two have not changed places is what
// the protocol promises.
//
// A nil marks does nothing.
type marks struct {
	token string // random: nothing that is loaded can be taken for a marker
	way   atomic.Uint32

	// The feeder's: the commands since the last marker, how many markers there were, the number of the
	// last command, whether a transaction is open, and whether the closing markers have been sent.
	since   int
	made    int64
	last    int64
	inMulti bool
	closed  bool

	// The receiver's, until the connection is over or drained.
	good       Report // the accounts as of the last marker that was answered
	unverified Ranges // the commands that were answered since
	refusal    []byte // the last marker was refused with this
	pending    bool   // a marker will not be answered any more
}

// markWays are the commands that return their argument, in the order in which they are tried: a
// user may not be allowed all of them.
var markWays = [...]string{"ECHO", "PING"}

func newMarks() *marks {
	var random [8]byte
	rand.Read(random[:])
	return &marks{token: hex.EncodeToString(random[:])}
}

// off reports whether the server answers no marker, so that replies are only counted.
func (m *marks) off() bool { return int(m.way.Load()) >= len(markWays) }

// before is called with each block of commands before it is sent, and adds a marker when it is time.
func (m *marks) before(b *block) {
	if m == nil {
		return
	}
	m.count(b)
	if m.since > markEvery-blockOfMany && !m.inMulti && b.entries[len(b.entries)-1].role != prefix && !m.off() {
		m.add(b)
	}
}

// count notes the commands of a block.
func (m *marks) count(b *block) {
	if m == nil {
		return
	}
	for i := range b.entries {
		switch b.entries[i].role {
		case multi:
			m.inMulti = true
		case exec, discard:
			m.inMulti = false
		}
	}
	m.since += len(b.entries)
	m.last = b.place(len(b.entries) - 1).Number
	m.closed = false
}

// multiEnded notes that the transaction of the input was ended by us.
func (m *marks) multiEnded() {
	if m != nil {
		m.inMulti = false
	}
}

// add appends a marker to a block.
func (m *marks) add(b *block) {
	name := markWays[min(int(m.way.Load()), len(markWays)-1)]
	m.made++
	text := fmt.Appendf(nil, "%s:%d:%d", m.token, m.made, m.last)
	b.entries = append(b.entries, entry{at: uint32(len(b.wire)), role: marker})
	b.wire = resp.AppendCommand(b.wire, []byte(name), text)
	m.since = 0
}

// answered notes a command that was answered.
func (m *marks) answered(p Place) {
	if m != nil && !m.off() {
		m.unverified.add(p)
	}
}

// refuses takes note of a server that does not answer a marker sent in a way. It returns whether
// that was the last way there is.
func (m *marks) refuses(way string, text []byte) (last bool) {
	m.refusal = append(m.refusal[:0], text...)
	if bytes.HasPrefix(text, []byte("BUSY")) || bytes.HasPrefix(text, []byte("LOADING")) {
		return false // a moment later it may
	}
	i := uint32(slices.Index(markWays[:], way))
	return m.way.CompareAndSwap(i, i+1) && m.off()
}

// isRefusal reports whether an error is an answer to a marker. Any other is that of a command.
func isRefusal(text []byte) bool {
	for _, prefix := range []string{"NOPERM", "NOAUTH", "BUSY", "LOADING", "ERR unknown command"} {
		if bytes.HasPrefix(text, []byte(prefix)) {
			return true
		}
	}
	return false
}

// mismatch is the error for a marker in whose place something else has come.
func (m *marks) mismatch(text []byte) error {
	last, _ := strconv.ParseInt(string(text[bytes.LastIndexByte(text, ':')+1:]), 10, 64)
	e := &MismatchError{From: last, To: last}
	if len(m.unverified) > 0 {
		e.From = m.unverified.First()
	}
	return e
}

// consumeMarker takes the reply to a marker.
func (b *block) consumeMarker(src *resp.Reader) error {
	m := b.lane.marks
	words := commandWords(nil, b.wire[b.entries[b.next].at:])
	got, err := src.Next()
	for err == nil && src.Depth() > 0 && (got.Kind == resp.Attribute || got.Kind == resp.End) {
		got, err = src.Next()
	}
	switch {
	case err != nil:
		return err
	case got.Kind == resp.BulkString && !got.More && bytes.Equal(got.Text, words[1]):
		m.good, m.unverified, m.refusal = b.lane.ledger.Report, m.unverified[:0], m.refusal[:0]
	case got.Kind == resp.Error && !got.More && isRefusal(got.Text):
		if m.refuses(string(words[0]), got.Text) {
			m.unverified = nil
			b.lane.load.say("--verify: replies are only counted, since the server refuses ECHO and PING: %s", got.Text)
		}
	default:
		return m.mismatch(words[1])
	}
	return nil
}

// lost is called for a marker whose reply will not come.
func (m *marks) lost() { m.pending = true }

// verifyRest sends closing markers on all lanes and waits for everything to be answered. There are
// two of them for each: if a reply is missing, the first does not wait in vain, but gets the second's.
func (l *load) verifyRest(ctx context.Context) error {
	for range len(markWays) + 1 {
		l.closeMarks(ctx)
		for _, n := range l.all() {
			if err := n.conn.Drain(ctx); err != nil {
				return err
			}
		}
		again := false
		for _, n := range l.all() {
			again = n.marks.reopen() || again
		}
		if !again {
			break
		}
	}
	return nil
}

// reopen reports whether the closing markers were refused and another way is worth a try. Nothing
// may be on its way.
func (m *marks) reopen() bool {
	if m == nil || len(m.refusal) == 0 || len(m.unverified) == 0 || m.off() {
		return false
	}
	m.closed = false
	return true
}

// closeMarks sends the closing markers on all lanes.
func (l *load) closeMarks(ctx context.Context) {
	l.sending.Lock()
	defer l.sending.Unlock()
	for _, n := range l.all() {
		n.closeMarks(ctx)
	}
}

// closeMarks sends the closing markers. The feeder has ended, or been stopped, perhaps inside a
// transaction, which the server would drop a moment later.
func (n *lane) closeMarks(ctx context.Context) {
	m := n.marks
	if m == nil || m.closed || m.last == 0 || m.off() {
		return
	}
	b, err := n.block(ctx)
	if err != nil {
		return // the connection is over: that is told elsewhere
	}
	if m.inMulti {
		b.entries = append(b.entries, entry{role: ours})
		b.wire = resp.AppendCommand(b.wire, []byte("DISCARD"))
		m.inMulti = false
	}
	m.add(b)
	m.add(b)
	m.closed = true
	if n.conn.Send(ctx, b.wire, len(b.entries), b) == nil {
		n.gave(b)
	}
}

// settleMarks puts in doubt what no marker has confirmed. The connection is over.
func (n *lane) settleMarks() {
	m := n.marks
	if m == nil || len(m.unverified) == 0 || m.off() || len(m.refusal) > 0 && !m.pending {
		return
	}
	accounts := &n.ledger
	doubt, notSent := join(m.unverified, accounts.InDoubt), accounts.NotSent
	accounts.Report = m.good
	accounts.InDoubt, accounts.NotSent = doubt, notSent
	accounts.multi, accounts.queued = 0, 0
	m.unverified = nil
}

package bulk

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"

	"easycli/internal/cluster"
	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// With Config.Reconnect, what was on its way on a connection that is lost is sent again, from the
// first command on that was not answered. It is refused by nobody, but it is held like what is: its
// slots wait until there is a server again, and keep their order.

// lostKind is the reason for which a command is sent again that may have been carried out.
const lostKind = cluster.Kind(255)

// resent is what there is to know of a load that goes on after a loss.
type resent struct {
	count atomic.Int64 // commands sent again
	db    atomic.Int64 // that the input has selected; not in a cluster
}

// inDisorder reports whether a connection ended because replies do not match requests: then nobody
// knows what was carried out.
func inDisorder(cause error) bool {
	return errors.Is(cause, pipeclient.ErrUnsolicited) || errors.As(cause, new(*resp.ProtocolError)) ||
		errors.As(cause, new(*MismatchError))
}

// survives reports whether the load goes on without the lane, whose connection is over.
func (n *lane) survives() bool {
	cause := n.conn.Err()
	return n.load.cfg.Reconnect && cause != nil && cause != pipeclient.ErrClosed && !inDisorder(cause) && !n.torn.Load()
}

// mayRepeat reports whether the commands of a block that were not answered can be sent again: not if
// one was passed on in pieces, or if they are only a part of a transaction.
func (b *block) mayRepeat(cause error) bool {
	n := b.lane
	if !n.load.cfg.Reconnect || inDisorder(cause) || errors.Is(cause, pipeclient.ErrClosed) || n.torn.Load() {
		return false
	}
	open := n.ledger.multi != 0 && b.trans.begin == 0
	for i := b.next; i < len(b.entries); i++ {
		switch e := &b.entries[i]; {
		case e.role == multi && !e.whole && !open:
			open = true
		case e.role == ours && b.isDiscard(i):
			open = true
		}
	}
	if open || b.inPieces {
		n.torn.Store(true)
		return false
	}
	return true
}

// isDiscard reports whether a command of ours ends a transaction of the input.
func (b *block) isDiscard(i int) bool { return string(b.bytes(i)) != string(asking) }

// repeat passes what was not answered to the mender.
func (b *block) repeat(text string, written int64) {
	n := b.lane
	from := b.next
	if b.trans.begin > 0 {
		from = b.trans.begin - 1
		n.ledger.rewind(b.trans.before)
		b.trans.begin = 0
	}
	s := &n.load.again
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := from; i < len(b.entries); i++ {
		first := i
		switch e := &b.entries[i]; {
		case e.role == ours, e.role == marker:
			continue
		case e.role == multi:
			for i+1 < len(b.entries) && b.entries[i].role != exec && b.entries[i].role != discard {
				i++
			}
		}
		u := b.unit(first, i+1)
		u.lane, u.verdict = n, verdict{kind: lostKind, text: text}
		s.refused = append(s.refused, u)
		if int64(b.entries[first].at) < written {
			s.doubted(u)
		}
	}
}

// doubted notes that a unit may have been carried out, whatever becomes of it when it is sent again.
func (s *again) doubted(u *unit) {
	if s.doubts == nil {
		s.doubts = map[int64]bool{}
	}
	for i := range u.entries {
		if u.entries[i].role < ours {
			s.doubts[u.place(i).Number] = true
		}
	}
}

// isDoubted reports whether a command that is left may have been carried out.
func (s *again) isDoubted(number int64) bool { return s.doubts[number] }

// lose passes a unit to the mender that could not be given to a connection that is over.
func (l *load) lose(n *lane, u *unit) {
	u = u.clone()
	u.lane, u.verdict = n, verdict{kind: lostKind, text: n.conn.Err().Error()}
	l.again.mu.Lock()
	l.again.refused = append(l.again.refused, u)
	l.again.mu.Unlock()
	l.wakeMender()
}

// replace holds a slot whose lane is lost, so that its commands wait for another.
func (l *load) replace(ctx context.Context, slot uint16, n *lane) {
	l.hold(ctx, slot, n)
	l.wakeMender()
}

// dialAgain connects once more to the one server, in the database where the input was.
func (l *load) dialAgain(ctx context.Context) (*pipeclient.Conn, error) {
	cc := l.cfg.Client
	cc.DB = int(l.resent.db.Load())
	l.window(&cc)
	return pipeclient.Dial(ctx, cc)
}

// selected notes the database that the input has selected.
func (l *load) selected(wire []byte) {
	if words := commandWords(nil, wire); len(words) == 2 {
		if db, err := strconv.Atoi(string(words[1])); err == nil {
			l.resent.db.Store(int64(db))
		}
	}
}

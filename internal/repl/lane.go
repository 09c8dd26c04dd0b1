package repl

import (
	"bytes"
	"context"
	"errors"

	"easycli/internal/cluster"
	"easycli/internal/pipeclient"
	"easycli/internal/render"
	"easycli/internal/resp"
	"easycli/internal/session"
)

const (
	// maxHolding is how much one lane holds of answers that came before their turn.
	maxHolding = 256 << 10
	// maxHeld is how long a string may be to be held.
	maxHeld = 4 << 10
	// shelf is how much memory held answers are given at once.
	shelf = 16 << 10
)

// lane is the connection to one node of a cluster, and the consumer of the replies that come on it.
// What belongs to it is guarded by the mutex of out.
//
// Replies are printed in the order of the script. One that comes before its turn is held if it is
// short; otherwise its lane waits, and its node with it. That cannot last: the command whose turn
// it is was sent before those that wait for it, and is the first of its own lane.
type lane struct {
	out  *replies
	node *cluster.Node
	conn *pipeclient.Conn // nil where it could not be made

	wire []byte // being collected to be sent
	n    int

	queue []uint64 // the numbers of the slots to come, from head on
	head  int

	stuck   bool // the receiver waits for its turn, with an answer that was carried out
	idle    bool // it waits for the network
	inside  bool // it is within a reply, and holds the mutex
	holding int
	printer *render.Printer // of what is held
	store   []byte
}

// newLane prepares the lane of a node.
func newLane(out *replies, node *cluster.Node, how render.Options) *lane {
	n := &lane{out: out, node: node}
	n.printer = render.New((*storeWriter)(n), how)
	return n
}

// usable reports whether commands can be put on the lane.
func (n *lane) usable() bool { return n != nil && n.conn != nil && n.conn.Err() == nil }

// connect makes the connection.
func (n *lane) connect(ctx context.Context) error {
	conn, err := n.node.Dial(ctx, func(cfg *pipeclient.Config) {
		cfg.OnPush, cfg.BeforeBlock = n.push, n.beforeBlock
	})
	n.conn = conn
	if err != nil {
		n.conn = nil
	}
	return err
}

// storeWriter is the writer of a lane's printer.
type storeWriter lane

// Write keeps what is printed behind what has been kept before.
func (w *storeWriter) Write(b []byte) (int, error) {
	w.store = append(w.store, b...)
	return len(b), nil
}

// first is the slot whose reply comes next, and its number.
func (n *lane) first() (*slot, uint64) {
	at := n.queue[n.head]
	return n.out.numbered(at), at
}

// pop takes the first slot out of the queue.
func (n *lane) pop() {
	if n.head++; n.head == len(n.queue) {
		n.queue, n.head = n.queue[:0], 0
	} else if n.head > 4096 && n.head > len(n.queue)/2 {
		n.queue, n.head = n.queue[:copy(n.queue, n.queue[n.head:])], 0
	}
	n.out.owed--
}

// quiet reports whether the lane will not learn of more refusals before it has its turn.
func (n *lane) quiet() bool { return n.stuck || n.head == len(n.queue) }

// numbered is the slot with that number.
func (r *replies) numbered(at uint64) *slot { return &r.slots[at-r.base] }

// Consume takes the next reply: prints it, or holds it, or has it that the command must be sent again.
func (n *lane) Consume(src *resp.Reader) error {
	wire, err := src.Peek()
	if err != nil {
		return err
	}
	var failed *resp.Value
	if wire == '-' {
		src.MaxText = maxErrorText
		v, err := src.ReadValue()
		src.MaxText = 0
		if err != nil {
			return err
		}
		failed = &v
	}
	r := n.out
	r.mu.Lock()
	defer r.mu.Unlock()
	n.idle = false
	s, at := n.first()
	switch {
	case s.tx != nil && s.tx.refusal != nil:
		err = n.swallow(src, s, failed)
	case failed != nil && n.refused(s, *failed):
	case at == r.base+uint64(r.head):
		err = n.print(src, s, failed)
	case n.holds(src, wire, s):
		if err = n.hold(src, s, failed); err == nil && !n.quiet() {
			return nil // nobody waits for that
		}
	default:
		if err = n.await(at); err == nil {
			err = n.print(src, r.numbered(at), failed)
		}
	}
	r.signal()
	return err
}

// maxErrorText is how long an error may be that is looked at; a script's can have a megabyte.
const maxErrorText = 4 << 20

// await waits for the slot's turn.
func (n *lane) await(at uint64) error {
	r := n.out
	n.stuck = true
	r.signal()
	for at != r.base+uint64(r.head) && !r.ended {
		r.turn.Wait()
	}
	n.stuck = false
	if at != r.base+uint64(r.head) {
		return errOver
	}
	return nil
}

// holds reports whether the answer ahead is one to be held: it is short, and there is room.
func (n *lane) holds(src *resp.Reader, wire byte, s *slot) bool {
	if n.holding > maxHolding || s.fault != "" || n.out.ended {
		return false
	}
	switch wire {
	case '-': // has been read
		return true
	case '+', ':', '_', '#', ',':
		return bytes.IndexByte(src.Ahead(), '\n') >= 0
	case '$':
		return hasString(src.Ahead())
	}
	return false
}

// hasString reports whether a string of up to maxHeld bytes, or a null, is there as a whole.
func hasString(ahead []byte) bool {
	n := 0
	for i := 1; i < len(ahead) && n <= maxHeld; i++ {
		switch c := ahead[i]; {
		case c == '\r':
			return len(ahead) >= i+len("\r\n")+n+len("\r\n")
		case '0' <= c && c <= '9':
			n = n*10 + int(c-'0')
		default:
			return c == '-' && bytes.IndexByte(ahead, '\n') >= 0
		}
	}
	return false
}

// hold prints an answer into the lane's own memory.
func (n *lane) hold(src *resp.Reader, s *slot, failed *resp.Value) error {
	if cap(n.store)-len(n.store) < shelf/2 {
		n.store = make([]byte, 0, shelf)
	}
	from := len(n.store)
	n.inside = true
	_, err := n.out.show(n.printer, tokens(src, failed), s)
	n.inside = false
	if err == nil {
		err = n.printer.Flush()
	}
	if err != nil {
		return err
	}
	if s.held = n.store[from:len(n.store):len(n.store)]; s.held == nil {
		s.held = []byte{}
	}
	n.holding += len(s.held)
	n.pop()
	return nil
}

// tokens is the reply ahead, or the error that was read to look at it.
func tokens(src *resp.Reader, failed *resp.Value) resp.Source {
	if failed != nil {
		return failed.Tokens()
	}
	return src
}

// print prints an answer whose turn it is, and what is known behind it.
func (n *lane) print(src *resp.Reader, s *slot, failed *resp.Value) error {
	r := n.out
	n.inside = true
	defer func() { n.inside = false }()
	if s.fault != "" {
		if failed == nil {
			if _, err := r.out.Discard(src); err != nil {
				return err
			}
		}
		r.sayFault(s)
	} else if _, err := r.show(r.out, tokens(src, failed), s); err != nil {
		return err
	}
	r.finished(s)
	*s = slot{}
	n.pop()
	r.head++
	r.sayKnown()
	return nil
}

// sayFault prints an error of our own.
func (r *replies) sayFault(s *slot) {
	if s.fault == "" {
		return
	}
	v := resp.Value{Kind: resp.Error, Wire: '-', Text: s.fault}
	r.out.Print(v.Tokens(), render.AsReply)
	r.report.fail(s.line, []byte(s.fault))
}

// refused reports whether an error means that the command is to be sent again, and notes it then.
func (n *lane) refused(s *slot, v resp.Value) bool {
	kind := cluster.Classify([]byte(v.Text))
	switch kind {
	case cluster.Moved, cluster.Ask:
		to, ok := session.RedirectOf(v.Text)
		if !ok {
			return false
		}
		if kind == cluster.Moved {
			n.out.learned(to, n.node)
		}
	case cluster.TryAgain, cluster.Down, cluster.Loading, cluster.MasterDown:
	default:
		return false
	}
	if s.fault != "" || s.tx != nil && s.tx.final {
		return false
	}
	n.refuse(s, &rejection{kind, v})
	return true
}

// refuse notes that a command is to be sent again.
func (n *lane) refuse(s *slot, why *rejection) {
	s.refusal = why
	if s.tx != nil && s.tx.refusal == nil {
		s.tx.refusal = why
	}
	n.out.troubled = true
	n.pop()
}

// swallow keeps a reply within a transaction that is to be sent again; it is short.
func (n *lane) swallow(src *resp.Reader, s *slot, failed *resp.Value) error {
	if failed == nil {
		n.inside = true
		v, err := src.ReadValue()
		n.inside = false
		if err != nil {
			return err
		}
		failed = &v
	}
	n.refuse(s, &rejection{s.tx.refusal.kind, *failed})
	return nil
}

// Lost notes what became of the commands whose replies will not come. What was not sent is sent on
// another connection, unless something is in doubt that came before.
func (n *lane) Lost(lost *pipeclient.LostError, left int) {
	r := n.out
	r.mu.Lock()
	defer r.mu.Unlock()
	for ; left > 0 && n.head < len(n.queue); left-- {
		s, _ := n.first()
		n.lose(s, lost)
	}
	r.sayKnown()
	r.signal()
}

// lose ends a command without a reply.
func (n *lane) lose(s *slot, lost *pipeclient.LostError) {
	r := n.out
	switch {
	case errors.Is(lost, pipeclient.ErrInDoubt) && int64(s.offset) < lost.Written:
		if r.over == nil {
			r.over = lost.Cause
			r.report.Node = n.node.Addr()
		}
		r.report.Doubtful++
		r.report.doubt(s.line)
	case r.over == nil && !r.ended && !(s.tx != nil && s.tx.final):
		n.refuse(s, &rejection{})
		return
	default:
		r.report.unsentOne(s.line)
		if r.over == nil {
			r.over = lost.Cause
		}
	}
	s.gone = true
	s.parcel.answered()
	n.pop()
}

// beforeBlock flushes when the script's turn is at a lane that waits for the network.
func (n *lane) beforeBlock() {
	r := n.out
	if n.inside {
		r.out.Flush()
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	n.idle = true
	if r.head == len(r.slots) {
		r.out.Flush()
	} else if turn := r.slots[r.head].routed; turn != nil && turn.lane != nil && turn.lane.idle {
		r.out.Flush()
	}
}

// push prints what the node sent unasked.
func (n *lane) push(v resp.Value) {
	if !n.inside {
		n.out.mu.Lock()
		defer n.out.mu.Unlock()
	}
	if n.out.pushes {
		n.out.out.PrintPush(v)
	}
}

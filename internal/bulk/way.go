package bulk

import (
	"context"
	"fmt"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/pipeclient"
)

// way is how a node of the cluster is reached.
type way struct {
	lane      *lane // nil so far
	dialling  bool
	err       error // why it could not be dialled, which is not tried again before
	notBefore time.Time
	backoff   pipeclient.Backoff
}

// dialled is what came of dialling a node.
type dialled struct {
	node *cluster.Node
	conn *pipeclient.Conn
	err  error
}

// window is the configuration of a connection for a load.
func (l *load) window(cc *pipeclient.Config) {
	cc.Window, cc.WindowBytes, cc.Gather = windowCommands, windowBytes, gather
	if l.cfg.Cluster != nil { // all lanes together bound the memory, and the doubt
		lanes := max(1, len(l.cfg.Cluster.Masters()))
		cc.Window, cc.WindowBytes = max(windowCommands/lanes, blockOfMany), max(windowBytes/lanes, 1<<20)
		cc.Gather = gather * time.Duration(min(lanes, 3)) // replies come in as many pieces as from one node
	}
	cc.BeforeBlock = func() {
		l.errOut.flush()
		l.failures.reject.flush()
	}
}

// dialAll connects to the server, or to all masters of the cluster: credentials that one of them
// does not take are found out before anything is sent.
func (l *load) dialAll(ctx context.Context) error {
	if l.cfg.Cluster == nil {
		cc := l.cfg.Client
		l.window(&cc)
		conn, err := pipeclient.Dial(ctx, cc)
		if err == nil {
			l.routes = []*lane{l.attach(conn, nil)}
			l.resent.db.Store(int64(cc.DB))
		}
		return err
	}
	masters := l.cfg.Cluster.Masters()
	if len(masters) == 0 {
		return &pipeclient.ConnectError{Addr: l.cfg.Cluster.Seed().Addr(), Step: "connect", Err: errNoMasters}
	}
	made := make(chan dialled, len(masters))
	for _, node := range masters {
		go func() {
			conn, err := node.Dial(ctx, l.window)
			made <- dialled{node, conn, err}
		}()
	}
	var failed error
	for range masters {
		d := <-made
		if d.err != nil {
			failed = d.err
			continue
		}
		l.again.ways[d.node] = &way{lane: l.attach(d.conn, d.node)}
	}
	l.routes = make([]*lane, keyless+1)
	for slot := range cluster.Slots {
		if w := l.again.ways[l.cfg.Cluster.Owner(slot)]; w != nil {
			l.routes[slot] = w.lane
		}
	}
	if w := l.again.ways[masters[0]]; w != nil {
		l.routes[keyless] = w.lane
	}
	return failed
}

// wayOf is the lane on which a refused command is tried next. It is nil while there is none: it is
// being made, or the hold rests until it is worth another try.
func (l *load) wayOf(ctx context.Context, h *hold, v verdict, now time.Time) *lane {
	if l.cfg.Cluster == nil && (h.home.conn.Err() == nil || !l.cfg.Reconnect) {
		return h.home
	}
	node := l.nodeOf(h, v)
	if node == nil && l.cfg.Cluster != nil {
		l.refresh(ctx)
		h.rest(now)
		return nil
	}
	w := l.again.ways[node]
	if w == nil {
		w = &way{}
		l.again.ways[node] = w
	}
	switch {
	case w.lane != nil && (w.lane.conn.Err() == nil || !l.cfg.Reconnect):
		return w.lane
	case w.dialling:
		return nil
	case w.notBefore.After(now):
		// The node that was named is not there: the map may name another by and by.
		if v.kind != lostKind {
			h.units[0].verdict = verdict{kind: cluster.Down, text: w.err.Error()}
		}
		l.refresh(ctx)
		h.rest(now)
		return nil
	}
	w.dialling = true
	go func() {
		var conn *pipeclient.Conn
		var err error
		if node == nil {
			conn, err = l.dialAgain(ctx)
		} else {
			conn, err = node.Dial(ctx, l.window)
		}
		l.again.mu.Lock()
		defer l.again.mu.Unlock()
		if l.again.finished && conn != nil {
			conn.Abort(pipeclient.ErrClosed)
			return
		}
		l.again.dialled = append(l.again.dialled, dialled{node, conn, err})
		l.wakeMender()
	}()
	return nil
}

// nodeOf is the node that a refused command is tried at next, nil if nobody has its slot.
func (l *load) nodeOf(h *hold, v verdict) *cluster.Node {
	c := l.cfg.Cluster
	if c == nil {
		return nil
	}
	switch v.kind {
	case cluster.Moved:
		if h.slot != keyless {
			return c.Learn(int(h.slot), v.addr)
		}
		return c.NodeAt(v.addr)
	case cluster.Ask:
		return c.NodeAt(v.addr)
	}
	if h.slot != keyless {
		return c.Owner(int(h.slot))
	}
	if h.home != nil && h.home.conn.Err() == nil {
		return h.home.node
	}
	for _, node := range c.Masters() {
		if w := l.again.ways[node]; w == nil || w.err == nil {
			return node
		}
	}
	return nil
}

// arrived makes a lane of a connection that was dialled.
func (l *load) arrived(d dialled) {
	w := l.again.ways[d.node]
	w.dialling = false
	if d.err != nil {
		w.err, w.notBefore = d.err, time.Now().Add(firstPause+w.backoff.Next())
		return
	}
	w.backoff.Reset()
	w.err = nil
	w.lane = l.attach(d.conn, d.node)
}

// refresh asks for the cluster's map in the background.
func (l *load) refresh(ctx context.Context) {
	if l.cfg.Cluster == nil || !l.again.refreshing.CompareAndSwap(false, true) {
		return
	}
	go func() {
		l.cfg.Cluster.Refresh(ctx)
		l.again.refreshing.Store(false)
		l.wakeMender()
	}()
}

// RefusedError is a load that ended because servers would not carry out a command, for a reason
// that is not the command's and should have gone away. What had been sent behind it was answered.
// It is an [ErrCommands].
type RefusedError struct {
	Place Place
	// Command is its name, Text what was answered last, or why nobody could be asked.
	Command, Text string
	// Waited is how long that was waited out. The command counts as not sent.
	Waited time.Duration
	// Overtaken says that a later command on the same key was carried out, so that this one could
	// not be sent again without changing their order. It counts as an error.
	Overtaken bool
}

func (e *RefusedError) Error() string {
	if e.Overtaken {
		return fmt.Sprintf("stopped: %v: %s was refused, and commands behind it were carried out, "+
			"so that it cannot be sent again in its order: %s", e.Place, e.Command, e.Text)
	}
	return fmt.Sprintf("stopped: %v: %s is refused for %v (--pipe-timeout): %s",
		e.Place, e.Command, e.Waited.Round(time.Millisecond), e.Text)
}

// Unwrap makes it a load with failed commands.
func (e *RefusedError) Unwrap() error { return ErrCommands }

// giveUp ends the load for a command that is refused for too long.
func (l *load) giveUp(u *unit, waited time.Duration) {
	l.again.given = true
	if u.verdict.kind == lostKind {
		l.halt(&pipeclient.LostError{State: pipeclient.ErrInDoubt,
			Cause: fmt.Errorf("%s, and no connection for %v (--pipe-timeout)", u.verdict.text, waited.Round(time.Millisecond))})
		return
	}
	l.halt(&RefusedError{Place: u.place(0), Command: u.name(), Text: u.verdict.text, Waited: waited})
}

// overtaken books a refused unit that cannot be sent again, and ends the load.
func (l *load) overtaken(u *unit) {
	l.again.given = true
	l.halt(&RefusedError{Place: u.place(0), Command: u.name(), Text: u.verdict.text, Overtaken: true})
	if u.entries[0].role == part {
		l.splits.answered(u.place(0).Number, true)
	} else {
		l.own.Replies += int64(len(u.entries))
		l.own.Errors++
		l.own.Discarded += int64(max(len(u.entries)-2, 0)) // of a transaction: all but its first and last
	}
	if l.replies != nil {
		for i := 1; i < len(u.entries); i++ { // the first is told below
			l.replies.add(u.place(i), u.verdict.text)
		}
	}
	kind := keptCommand
	if len(u.entries) > 1 {
		kind = keptTransaction
	}
	l.fails(u.place(0), u.wire, u.verdict.text, kind)
}

// tellLost says, once for each connection, that it is replaced.
func (l *load) tellLost(h *hold, v verdict) {
	n := h.home
	if n == nil || n.told {
		return
	}
	n.told = true
	atMost := ""
	if l.patience() > 0 {
		atMost = fmt.Sprintf(", for %v at most", l.patience())
	}
	l.say("%sconnection lost: %s; connecting again%s, to send again what was not answered", n.prefix(), v.text, atMost)
	l.errOut.flush()
}

// tellWaiting says, once for each reason, that the load waits.
func (l *load) tellWaiting(h *hold, v verdict) {
	if l.again.told[v.kind] {
		return
	}
	l.again.told[v.kind] = true
	where := "the server"
	if h.home != nil && h.home.node != nil {
		where = h.home.node.Addr()
	}
	atMost := ""
	if l.patience() > 0 {
		atMost = fmt.Sprintf(", %v at most", l.patience())
	}
	l.say("waiting%s: %s answers %s", atMost, where, v.text)
	l.errOut.flush()
}

package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"easycli/internal/command"
	"easycli/internal/pipeclient"
	"easycli/internal/resp"
	"easycli/internal/session"
)

// What bounds a Do.
const (
	// DefaultPatience is how long a Do waits for the cluster where Config.Client.Timeout is 0.
	DefaultPatience = 10 * time.Second
	// quickRedirects is how many redirections are followed at once; nodes that are about to agree
	// are given time from then on, and maxRedirects ends it.
	quickRedirects, maxRedirects = 3, 12
	// firstPause and lastPause bound the time between two attempts, which doubles.
	firstPause, lastPause = 10 * time.Millisecond, 500 * time.Millisecond
)

// errDialTimeout is a node that does not answer at all.
var errDialTimeout = errors.New("connection timed out")

// CircleError is a cluster whose nodes send a command from one to the other. The command was not
// carried out.
type CircleError struct {
	Redirects int
	From      string // who sent it on last
	Text      string // in these words
}

func (e *CircleError) Error() string {
	return fmt.Sprintf("the nodes of the cluster do not agree who has the slot: redirected %d times, "+
		"at last by %s with %s", e.Redirects, e.From, KeyText(e.Text))
}

// Do carries out one command whose keys are in one slot, or that has none: that one goes to the
// seed, or if it cannot be reached to another master. It must be one that has one reply, does not
// block and leaves the connection as it is.
//
// Do follows MOVED and ASK. It waits, up to Config.Client.Timeout or [DefaultPatience], while a node
// answers TRYAGAIN, CLUSTERDOWN, LOADING or MASTERDOWN, or cannot be reached, and asks for the map
// meanwhile; what the last one answered is the reply then. It also asks before it uses a node whose
// connection was lost. A command is sent again only if nothing of it was sent, or a node has refused
// it. The error is a [*CrossSlotError], a [*CircleError], a [*pipeclient.LostError] or what kept a
// connection from being made (see [Node.Conn]).
func (c *Cluster) Do(ctx context.Context, argv ...[]byte) (resp.Value, error) {
	info := command.Of(argv)
	slot, err := c.Slot(ctx, info, argv)
	if err != nil {
		return resp.Value{}, err
	}
	j := &journey{c: c, slot: slot, reads: info.ReadOnly && !info.Write, patience: c.Patience()}
	return j.travel(ctx, argv)
}

// Patience is how long a Do waits.
func (c *Cluster) Patience() time.Duration {
	if c.cfg.Client.Timeout > 0 {
		return c.cfg.Client.Timeout
	}
	return DefaultPatience
}

// journey is the way of one command through the cluster.
type journey struct {
	c        *Cluster
	slot     int
	reads    bool // and may go to a replica
	patience time.Duration

	node      *Node // where it goes next
	asking    bool  // behind an ASKING
	redirects int   // in a row
	pause     time.Duration
	waiting   time.Time // since when it has been waiting
	down      *Node     // the node that could not be reached last
}

// travel sends the command from node to node until one has an answer.
func (j *journey) travel(ctx context.Context, argv [][]byte) (resp.Value, error) {
	j.begin()
	if j.node.lost() { // perhaps for good: somebody else may have its slots
		j.refresh(ctx, j.patience)
		j.begin()
	}
	for {
		v, err := j.call(ctx, argv)
		if err != nil {
			if !j.mayRetry(ctx, err) || !j.wait(ctx, true) {
				return resp.Value{}, err
			}
			j.down = j.node
			j.begin()
			continue
		}
		kind := Other
		if v.IsError() {
			kind = Classify([]byte(v.Text))
		}
		switch kind {
		case Moved, Ask:
			to, ok := session.RedirectOf(v.Text)
			if !ok {
				return v, nil
			}
			if err := j.redirect(ctx, to, v.Text); err != nil {
				return resp.Value{}, err
			}
		case TryAgain, Down, Loading, MasterDown:
			if kind == Loading || kind == MasterDown {
				j.reads = false // a replica that is not ready: the master has it as well
			}
			if !j.wait(ctx, kind != TryAgain) {
				return v, nil
			}
			j.begin()
		default:
			return v, nil
		}
	}
}

// redirect goes where a node has sent the command on.
func (j *journey) redirect(ctx context.Context, to session.Redirect, text string) error {
	j.redirects++
	if j.redirects > maxRedirects || j.redirects > quickRedirects && !j.wait(ctx, false) {
		return &CircleError{Redirects: j.redirects, From: j.node.addr, Text: text}
	}
	addr := to.Addr(j.node.addr)
	if j.asking = to.Ask; to.Ask {
		j.node = j.c.NodeAt(addr)
	} else {
		j.node = j.c.Learn(to.Slot, addr)
	}
	return nil
}

// begin chooses the node where the command is tried first, or again.
func (j *journey) begin() { j.node, j.asking, j.redirects = j.start(), false, 0 }

// start is the node that the map names.
func (j *journey) start() *Node {
	c := j.c
	var n *Node
	switch {
	case j.slot == NoSlot:
		n = c.Seed()
	case j.reads:
		n = c.Reader(j.slot)
		for tries := 0; n == j.down && n != nil && tries < 3; tries++ { // they take turns
			n = c.Reader(j.slot)
		}
	default:
		n = c.Owner(j.slot)
	}
	if n == nil || n == j.down && j.slot == NoSlot {
		n = c.anyMaster(j.down)
	}
	return n
}

// anyMaster is a master that is not the one that is down; the seed if there is none.
func (c *Cluster) anyMaster(down *Node) *Node {
	var other *Node
	for _, n := range c.Masters() {
		if n == down {
			continue
		}
		if n.usable() != nil {
			return n
		}
		other = n
	}
	if other == nil {
		return c.Seed()
	}
	return other
}

// mayRetry reports whether nothing of a command was sent, for a reason that may go away.
func (j *journey) mayRetry(ctx context.Context, err error) bool {
	if ctx.Err() != nil || j.c.ctx.Err() != nil || errors.Is(err, pipeclient.ErrInDoubt) {
		return false
	}
	var refused *pipeclient.ConnectError
	if errors.As(err, &refused) {
		return refused.Step == "connect"
	}
	return errors.Is(err, pipeclient.ErrNotSent)
}

// wait lets some time go by before the next attempt, in which the map is refreshed if asked for.
// It returns false when the time for all attempts is over.
func (j *journey) wait(ctx context.Context, refresh bool) bool {
	now := time.Now()
	if j.waiting.IsZero() {
		j.waiting = now
	}
	left := j.patience - now.Sub(j.waiting)
	if left <= 0 {
		return false
	}
	j.pause = min(max(firstPause, 2*j.pause), lastPause)
	j.c.sleep(ctx, min(j.pause, left))
	if refresh {
		j.refresh(ctx, left)
	}
	return ctx.Err() == nil && j.c.ctx.Err() == nil
}

// refresh has the map refreshed, within so much time. What it meets, the next attempt will meet as
// well.
func (j *journey) refresh(ctx context.Context, patience time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	j.c.Refresh(ctx)
}

// call sends the command to its node, behind an ASKING if need be, and waits for its reply.
func (j *journey) call(ctx context.Context, argv [][]byte) (resp.Value, error) {
	dialling, cancel := context.WithTimeoutCause(ctx, j.patience, errDialTimeout)
	defer cancel()
	conn, err := j.node.Conn(dialling)
	if err != nil {
		return resp.Value{}, err
	}
	var wire []byte
	replies := 1
	if j.asking {
		wire = resp.AppendCommand(wire, "ASKING")
		replies++
	}
	wire = resp.AppendCommand(wire, argv...)
	a := &answer{replies: replies, done: make(chan struct{})}
	if err := conn.Send(ctx, wire, replies, a); err != nil {
		return resp.Value{}, err
	}
	return a.wait(ctx)
}

// answer is the consumer behind Do: the reply that comes last is the command's.
type answer struct {
	replies int
	done    chan struct{}
	value   resp.Value
	lost    *pipeclient.LostError

	mu    sync.Mutex
	given bool // up: nobody waits for it any more
}

// Consume takes a reply, or drops it if nobody waits for it.
func (a *answer) Consume(src *resp.Reader) error {
	a.mu.Lock()
	given := a.given
	a.mu.Unlock()
	if given {
		_, err := src.Skip(func(int, []byte) {})
		return err
	}
	v, err := src.ReadValue()
	if err != nil {
		return err
	}
	if a.replies--; a.replies == 0 {
		a.value = v
		close(a.done)
	}
	return nil
}

// Lost tells that no reply will come.
func (a *answer) Lost(err *pipeclient.LostError, _ int) {
	a.lost = err
	close(a.done)
}

func (a *answer) wait(ctx context.Context) (resp.Value, error) {
	select {
	case <-a.done:
	case <-ctx.Done():
		a.mu.Lock()
		a.given = true
		a.mu.Unlock()
		return resp.Value{}, &pipeclient.LostError{State: pipeclient.ErrInDoubt, Cause: context.Cause(ctx)}
	}
	if a.lost != nil {
		return resp.Value{}, a.lost
	}
	return a.value, nil
}

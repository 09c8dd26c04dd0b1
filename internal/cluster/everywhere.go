package cluster

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"easycli/internal/command"
	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// Connector is a connection to a node: [Node.Conn] is one.
type Connector func(context.Context, *Node) (*pipeclient.Conn, error)

// IsSpread reports whether a command is for more than one node, or slot: [Cluster.Spread] carries it
// out, and [Cluster.Do] any other.
func IsSpread(info command.Info, argv [][]byte) bool {
	switch spread, _ := info.Spread(); spread {
	case command.AllMasters, command.AllNodes:
		return true
	case command.MasterWise:
		return len(argv) > 1
	case command.BySlot:
		_, err := KnownSlot(info, argv)
		return err != nil
	}
	return false
}

// Spread carries out a command that is for more than one node or slot ([IsSpread]), on all of them
// at once, and makes one reply of theirs. parts is how many there were of a command that was split,
// and 0 otherwise. Where one node of several cannot be reached, none is sent anything until the
// patience of [Cluster.Do] is over. The connections are those of connect; nil stands for [Node.Conn].
//
// Each part of a split command takes its own way, as Do does, and so may be refused where others were
// carried out: the merged reply is that error then, and says so. An error of this method leaves open
// what became of the other parts.
func (c *Cluster) Spread(ctx context.Context, info command.Info, argv [][]byte, connect Connector) (
	v resp.Value, parts int, err error) {
	if connect == nil {
		connect = func(ctx context.Context, n *Node) (*pipeclient.Conn, error) { return n.Conn(ctx) }
	}
	switch spread, merge := info.Spread(); spread {
	case command.AllMasters, command.AllNodes:
		v, err = c.everywhere(ctx, argv, spread == command.AllNodes, merge, connect)
	case command.MasterWise:
		v, err = c.scan(ctx, argv, connect)
	default:
		return c.inParts(ctx, info, argv, merge)
	}
	return v, 0, err
}

// maxAtOnce is how many parts of a command are on their way at once.
const maxAtOnce = 128

func (c *Cluster) inParts(ctx context.Context, info command.Info, argv [][]byte, merge command.Merge) (
	resp.Value, int, error) {
	parts := Split(info, argv)
	if parts == nil { // the words do not come out even: the server says what is wrong with them
		conn, err := c.Seed().Conn(ctx)
		if err != nil {
			return resp.Value{}, 0, err
		}
		v, err := exchange(ctx, conn, argv)
		return v, 0, err
	}
	replies, err := gather(len(parts), func(i int) (resp.Value, error) {
		return c.Do(ctx, parts[i].Argv...)
	})
	if err != nil {
		return resp.Value{}, len(parts), fmt.Errorf("%s in %d parts: %w", info.Name, len(parts), err)
	}
	return Merge(merge, parts, replies), len(parts), nil
}

// everywhere sends a command to all masters, and to the replicas if reads go there.
func (c *Cluster) everywhere(ctx context.Context, argv [][]byte, replicas bool, merge command.Merge,
	connect Connector) (resp.Value, error) {
	conns, nodes, err := c.reachAll(ctx, replicas && c.cfg.ReadFrom != Masters, connect)
	if err != nil {
		return resp.Value{}, err
	}
	replies, err := gather(len(conns), func(i int) (resp.Value, error) {
		v, err := exchange(ctx, conns[i], argv)
		if err != nil {
			err = fmt.Errorf("node %s: %w", nodes[i].addr, err)
		}
		return v, err
	})
	if err != nil {
		return resp.Value{}, err
	}
	return Merge(merge, nil, replies), nil
}

// reachAll connects to all masters. One that cannot be reached may be one that was.
func (c *Cluster) reachAll(ctx context.Context, replicas bool, connect Connector) ([]*pipeclient.Conn, []*Node, error) {
	j := &journey{c: c, slot: NoSlot, patience: c.Patience()}
	for {
		nodes := c.Masters()
		if replicas {
			for _, master := range c.Masters() {
				nodes = append(nodes, c.Replicas(master)...)
			}
		}
		conns := make([]*pipeclient.Conn, len(nodes))
		_, err := gather(len(nodes), func(i int) (v resp.Value, err error) {
			dialling, cancel := context.WithTimeoutCause(ctx, j.patience, errDialTimeout)
			defer cancel()
			conns[i], err = connect(dialling, nodes[i])
			return v, err
		})
		if err == nil {
			return conns, nodes, nil
		}
		if !j.mayRetry(ctx, err) || !j.wait(ctx, true) {
			return nil, nil, err
		}
	}
}

// gather does n things at once and returns their replies in order, or the first error in that order
// when all have ended; one that leaves something in doubt goes before the others.
func gather(n int, do func(i int) (resp.Value, error)) ([]resp.Value, error) {
	replies, errs := make([]resp.Value, n), make([]error, n)
	slots := make(chan struct{}, maxAtOnce)
	var all sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		all.Go(func() {
			replies[i], errs[i] = do(i)
			<-slots
		})
	}
	all.Wait()
	var first error
	for _, err := range errs {
		if err != nil && (first == nil || errors.Is(err, pipeclient.ErrInDoubt) && !errors.Is(first, pipeclient.ErrInDoubt)) {
			first = err
		}
	}
	return replies, first
}

// exchange sends a command on a connection and waits for its one reply.
func exchange(ctx context.Context, conn *pipeclient.Conn, argv [][]byte) (resp.Value, error) {
	a := &answer{replies: 1, done: make(chan struct{})}
	if err := conn.Send(ctx, resp.AppendCommand(nil, argv...), 1, a); err != nil {
		return resp.Value{}, err
	}
	return a.wait(ctx)
}

// scan carries out one step of a SCAN over all masters, one after the other.
func (c *Cluster) scan(ctx context.Context, argv [][]byte, connect Connector) (resp.Value, error) {
	at, ok := ParseCursor(argv[1])
	n := c.Seed() // which says what is wrong with a cursor that is none
	if ok {
		if c.Owner(at.Slot) == nil {
			at = Cursor{Slot: c.nextMaster(at.Slot)}
		}
		if owner := c.Owner(at.Slot); owner != nil {
			n = owner
		}
	}
	conn, err := connect(ctx, n)
	if err != nil {
		return resp.Value{}, err
	}
	own := append([][]byte(nil), argv...)
	if ok {
		own[1] = strconv.AppendUint(nil, at.Own, 10)
	}
	v, err := exchange(ctx, conn, own)
	if err != nil || v.IsError() || !ok {
		return v, err
	}
	if len(v.Elems) != 2 {
		return misfit(v), nil
	}
	if at.Own, err = strconv.ParseUint(v.Elems[0].Text, 10, 64); err != nil || !at.Fits() {
		return failure("ERR the cursor " + v.Elems[0].Text + " of " + n.addr + " leaves no room for the node"), nil
	}
	if at.Own == 0 {
		at.Slot = c.nextMaster(at.Slot)
	}
	v.Elems[0].Text = at.String()
	return v, nil
}

// nextMaster is the first slot of the master that is scanned after the one whose first slot is
// given, 0 if that was the last.
func (c *Cluster) nextMaster(after int) int {
	seen := map[*Node]bool{}
	for slot := range Slots {
		if n := c.Owner(slot); n != nil && !seen[n] {
			if slot > after {
				return slot
			}
			seen[n] = true
		}
	}
	return 0
}

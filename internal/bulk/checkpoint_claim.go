package bulk

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/pipeclient"
	"easycli/internal/resp"
	"easycli/internal/session"
)

const (
	// rivalTime is how long another load is given to prove dead: the server may not have noticed yet
	// that its connection is gone.
	rivalTime = 5 * time.Second
	rivalStep = 100 * time.Millisecond
)

// oldest is the first version of Redis with which a checkpoint works: before, a server that is busy
// with a script refuses MULTI, and might carry out what stands behind it.
const oldest = 6

// errMoved: the key is on another node of the cluster, which is known now.
var errMoved = errors.New("the key is on another node")

// connect makes a connection to go on with, in a cluster to the node that has the key.
func (x *exact) connect(ctx context.Context) error {
	adapt := func(cc *pipeclient.Config) {
		cc.Name = "" // see introduce
		cc.Window, cc.WindowBytes = 1<<20, 4<<20
		cc.BeforeBlock = func() { x.errOut.flush() }
	}
	var conn *pipeclient.Conn
	var node *cluster.Node
	var err error
	if x.cluster == nil {
		cc := x.cfg.Client
		adapt(&cc)
		conn, err = pipeclient.Dial(ctx, cc)
	} else {
		node = x.cluster.Owner(cluster.SlotOf([]byte(x.key)))
		if node == nil {
			node = x.cluster.Seed() // which will say what is the matter
		}
		x.addr = node.Addr()
		conn, err = node.Dial(ctx, adapt)
	}
	if err == nil {
		x.conn, x.sent = conn, 0
		x.routes[0].conn, x.routes[0].node = conn, node // for those who only ask for something
	}
	return err
}

// claim makes this load the one that may write to the key, and returns what the key said before. It
// waits where the server asks for that. A first claim is refused while another load is alive; a
// later one finds out whether another load has taken over.
func (x *exact) claim(ctx context.Context) (bookmark, error) {
	var backoff pipeclient.Backoff
	for until := x.clock(); ; {
		rec, err := x.claimOnce(ctx)
		switch {
		case errors.Is(err, errMoved) && until():
			x.conn.Close()
			if err := x.connect(ctx); err != nil {
				return bookmark{}, err
			}
		case !isTransient(err) || !until():
			var refused *replyError
			if errors.As(err, &refused) {
				err = &CheckpointError{Msg: fmt.Sprintf("%s cannot be used as a checkpoint: %s", x.shownKey(), refused.text)}
			}
			return rec, err
		}
		if sleep(ctx, backoff.Next()) != nil {
			return bookmark{}, ErrInterrupted
		}
	}
}

// clock returns a clock: whether there is time left to wait for a server that is away.
func (x *exact) clock() func() bool {
	limit := x.cfg.Client.Timeout
	begin := time.Now()
	return func() bool { return limit <= 0 || time.Since(begin) < limit }
}

// claimOnce tries, as long as it is only other writers that get in the way.
func (x *exact) claimOnce(ctx context.Context) (bookmark, error) {
	owner, err := x.introduce(ctx)
	if err != nil {
		return bookmark{}, err
	}
	for begin := time.Now(); ; {
		rec, err := x.look(ctx)
		if err != nil {
			return bookmark{}, err
		}
		if err := x.check(rec); err != nil || rec.complete() {
			return rec, err
		}
		rival := ""
		if !x.known && !rec.absent() {
			if rival, err = x.rival(ctx, rec.owner); err != nil {
				return bookmark{}, err
			}
		}
		if rival == "" {
			signed, err := x.sign(ctx, rec, owner)
			if signed || err != nil {
				x.known = x.known || signed
				return rec, err
			}
			rival = "another client writes to it"
		}
		if time.Since(begin) > rivalTime {
			return bookmark{}, &CheckpointError{Msg: fmt.Sprintf("%s is in use: %s", x.shownKey(), rival),
				Advice: "one load at a time may use a checkpoint; it can be taken over when that one has ended"}
		}
		if sleep(ctx, rivalStep) != nil {
			return bookmark{}, ErrInterrupted
		}
	}
}

// introduce gives the connection its name, and returns what other loads will know it by. A server
// that does not allow that gets no owner; the token still keeps two loads apart.
func (x *exact) introduce(ctx context.Context) (owner string, err error) {
	v, err := x.conn.Do(ctx, "CLIENT", "SETNAME", x.name)
	if err != nil {
		return "", lost(err)
	}
	id, err := x.conn.Do(ctx, "CLIENT", "ID")
	if err != nil {
		return "", lost(err)
	}
	if err := x.survey(ctx); err != nil {
		return "", err
	}
	if v.IsError() || id.Kind != resp.Integer {
		return "", nil
	}
	return strconv.FormatInt(id.Int, 10) + " " + x.name, nil
}

// survey asks what the server is like, where it lets itself be asked.
func (x *exact) survey(ctx context.Context) error {
	if x.known {
		return nil
	}
	server, err := x.conn.Do(ctx, "INFO", "server")
	if err != nil {
		return lost(err)
	}
	version := infoField(server.Text, "redis_version")
	if major, err := strconv.Atoi(strings.SplitN(version, ".", 2)[0]); err == nil && major < oldest {
		return &CheckpointError{Msg: fmt.Sprintf("the server is too old for a checkpoint: Redis %s, and %d.0 is the first that can", version, oldest)}
	}
	memory, err := x.conn.Do(ctx, "INFO", "memory")
	if err != nil {
		return lost(err)
	}
	if policy := infoField(memory.Text, "maxmemory_policy"); strings.HasPrefix(policy, "allkeys-") && infoField(memory.Text, "maxmemory") != "0" {
		return &CheckpointError{Msg: fmt.Sprintf("the server may evict any key, %s too (maxmemory-policy %s)", x.shownKey(), policy),
			Advice: "nothing that is loaded into it can be relied on; noeviction or a volatile policy leaves the key alone"}
	}
	mode, err := x.conn.Do(ctx, "INFO", "cluster")
	if err != nil {
		return lost(err)
	}
	x.clustered = x.cluster != nil || infoField(mode.Text, "cluster_enabled") == "1"
	return nil
}

// infoField is the value of a field in the reply to INFO, "" without one.
func infoField(text, name string) string {
	_, value, _ := strings.Cut("\n"+text, "\n"+name+":")
	value, _, _ = strings.Cut(value, "\r\n")
	return value
}

// look reads the key, and has the connection watch it.
func (x *exact) look(ctx context.Context) (bookmark, error) {
	var v resp.Value
	for _, words := range [][]string{{"UNWATCH"}, {"WATCH", x.key}, {"HGETALL", x.key}} {
		var err error
		if v, err = x.conn.Do(ctx, words...); err != nil {
			return bookmark{}, lost(err)
		}
		if v.IsError() {
			return bookmark{}, x.refused(v.Text)
		}
	}
	return bookmarkOf(v), nil
}

// refused is what an error reply to a claim means.
func (x *exact) refused(text string) error {
	r, ok := session.RedirectOf(text)
	if !ok || r.Ask {
		return &replyError{text}
	}
	addr := r.Addr(x.addr)
	if x.cluster == nil {
		return &CheckpointError{Msg: fmt.Sprintf("%s belongs on another node of the cluster, %s", x.shownKey(), addr),
			Advice: "-c goes there by itself"}
	}
	x.cluster.Learn(r.Slot, addr)
	return errMoved
}

// check refuses what the key says if this load cannot go on from it.
func (x *exact) check(rec bookmark) error {
	switch {
	case !rec.valid():
		return &CheckpointError{Msg: fmt.Sprintf("%s holds something that is no checkpoint of easycli's", x.shownKey()),
			Advice: "choose another key, unless a load has gone on in it before: then see what is loaded already"}
	case x.known && rec.absent():
		return &CheckpointError{LostData: true, Msg: fmt.Sprintf("%s is gone: somebody has deleted it, or the server has lost its data", x.shownKey()),
			Advice: fmt.Sprintf("if the data is gone as well, the same command line begins again; it was at command %d", x.done.Number)}
	case x.known && rec.load != x.token:
		return &CheckpointError{Msg: "another load has taken over " + x.shownKey()}
	case !rec.absent():
		return x.intake.compare(rec)
	}
	return nil
}

// rival says what is known of the load that owns the key, "" if it is not alive as far as can be told.
func (x *exact) rival(ctx context.Context, owner string) (string, error) {
	id, name, ok := strings.Cut(owner, " ")
	if !ok || name == x.name {
		return "", nil
	}
	v, err := x.conn.Do(ctx, "CLIENT", "LIST", "ID", id)
	if err != nil {
		return "", lost(err)
	}
	if v.IsError() || !strings.Contains(v.Text, " name="+name+" ") {
		return "", nil
	}
	_, addr, _ := strings.Cut(v.Text, " addr=")
	addr, _, _ = strings.Cut(addr, " ")
	return fmt.Sprintf("client %s, at %s, is loading", id, addr), nil
}

// sign writes the claim, if nobody has written to the key since it was looked at. A key that is about
// to expire is kept: without it the next load would begin again.
func (x *exact) sign(ctx context.Context, rec bookmark, owner string) (bool, error) {
	v, err := x.conn.Do(ctx, "PTTL", x.key)
	if err != nil {
		return false, lost(err)
	}
	transaction := [][]string{{"MULTI"}, x.claims(rec, owner)}
	if v.Kind == resp.Integer && v.Int > 0 {
		transaction = append(transaction, []string{"PERSIST", x.key})
	}
	transaction = append(transaction, []string{"EXEC"})
	for i, words := range transaction {
		if v, err = x.conn.Do(ctx, words...); err != nil {
			return false, lost(err)
		}
		if v.IsError() {
			if i > 0 && i < len(transaction)-1 { // behind it MULTI would stay open
				x.conn.Do(ctx, "DISCARD")
			}
			return false, &replyError{v.Text}
		}
	}
	return !v.IsNull(), nil
}

// recover replaces a connection, and finds out how far the one before had come.
func (x *exact) recover(ctx context.Context, cause error) error {
	rec, err := x.reclaim(ctx, cause)
	if err != nil {
		return err
	}
	return x.rejoin(rec)
}

// reclaim replaces a connection and claims the key again.
func (x *exact) reclaim(ctx context.Context, cause error) (bookmark, error) {
	gaveUp := &pipeclient.LostError{State: pipeclient.ErrInDoubt, Cause: cause}
	if x.losses++; x.losses > fruitless || isMismatch(cause) {
		return bookmark{}, gaveUp
	}
	x.report.Reconnects++
	x.conn.Close()
	x.say("%v; connecting again", x.lossText(cause))
	x.errOut.flush()
	var backoff pipeclient.Backoff
	for until := x.clock(); ; {
		err := x.connect(ctx)
		if err == nil {
			var rec bookmark
			if rec, err = x.claim(ctx); err == nil {
				return rec, nil
			}
			x.conn.Close()
		}
		if x.cluster != nil {
			x.cluster.Refresh(ctx)
		}
		var connect *pipeclient.ConnectError
		switch {
		case ctx.Err() != nil:
			return bookmark{}, ErrInterrupted
		case errors.As(err, &connect):
			if connect.Refused != "" && !isTransient(&replyError{connect.Refused}) {
				gaveUp.Cause = errors.New(err.Error())
				return bookmark{}, gaveUp
			}
		case !errors.As(err, new(*lostError)):
			return bookmark{}, err
		}
		if !until() {
			gaveUp.Cause = fmt.Errorf("no way back in %v (--pipe-timeout): %s", x.cfg.Client.Timeout, err)
			return bookmark{}, gaveUp
		}
		if sleep(ctx, backoff.Next()) != nil {
			return bookmark{}, ErrInterrupted
		}
	}
}

// isMismatch reports whether a connection ended because of replies that cannot be right.
func isMismatch(cause error) bool {
	return errors.Is(cause, pipeclient.ErrUnsolicited) || errors.As(cause, new(*resp.ProtocolError))
}

// lossText says what happened to the connection.
func (x *exact) lossText(cause error) string {
	var refused *replyError
	switch {
	case errors.Is(cause, errTouched):
		return cause.Error()
	case errors.As(cause, &refused):
		return "the server answers " + refused.text
	}
	return fmt.Sprintf("connection lost: %v", cause)
}

// rejoin settles what is pending by what the key says.
func (x *exact) rejoin(rec bookmark) error {
	seen := 0
	if x.flight != nil {
		seen = x.flight.seen
	}
	x.flight = nil
	for len(x.pending) > 0 {
		b := x.pending[0]
		if b.to.Number-1 > rec.commands || b.last && !rec.complete() {
			break
		}
		x.report.Unseen += int64(b.n - len(b.dropped) - seen)
		seen = 0
		x.committed()
	}
	if rec.commands == x.done.Number-1 {
		return nil
	}
	return &CheckpointError{LostData: true,
		Msg: fmt.Sprintf("the server has gone back to command %d, though it had acknowledged %d: it has lost what it had not yet saved",
			rec.commands, x.done.Number-1),
		Advice: "the same command line goes on from there",
	}
}

// transient are the first words of errors that go away.
var transient = []string{"LOADING", "BUSY", "TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN", "MOVED", "ASK", "UNKILLABLE"}

// isTransient reports whether an error reply is one to wait for the end of.
func isTransient(err error) bool {
	var refused *replyError
	if !errors.As(err, &refused) {
		return false
	}
	text := strings.TrimPrefix(refused.text, string(execAbort))
	if strings.HasPrefix(text, "ERR max number of clients") {
		return true
	}
	word, _, _ := strings.Cut(text, " ")
	for _, t := range transient {
		if word == t {
			return true
		}
	}
	return false
}

// judge is what an error of an attempt means: whether another attempt may fare better.
func (x *exact) judge(err error) error {
	var refused *replyError
	switch {
	case errors.Is(err, errTouched), isTransient(err):
		return &lostError{err}
	case errors.As(err, &refused):
		return x.stopped(refused.text)
	}
	return err
}

// stopped is a load that the server's state ended, as an answer to a command of ours says.
func (x *exact) stopped(text string) error {
	text = strings.TrimPrefix(text, string(execAbort))
	return &StopError{Class: errorClass([]byte(text)), Place: x.done.Place, Command: "EXEC", Text: shown([]byte(text))}
}

// judgeRefusal is what it means for the load that a command was not queued: nothing, if it is the
// command's own fault.
func (x *exact) judgeRefusal(r unqueued) error {
	err := &replyError{string(r.text)}
	if isTransient(err) {
		return &lostError{err}
	}
	class := x.fatalClass(r.text)
	if class == "" {
		return nil
	}
	x.failed(r.block, r.i, r.text, class)
	return x.haltedBy()
}

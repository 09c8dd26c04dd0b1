package bulk

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/pipeclient"
)

// Checkpoint makes every command of a load take effect exactly once, whatever happens to the
// connection, to this process or to the server in between.
//
// The commands travel in batches. Each is one transaction that also writes the position it reaches
// into Key, a hash; the server's data and Key can therefore never disagree. A batch is sent as
//
//	WATCH Key / HMGET Key load commands / MULTI / the commands / HSET Key commands n .../ EXEC
//
// and its EXEC leaves only when the batch before is known to be committed, and WATCH and HMGET are
// known to have been answered with what this load itself wrote last. So an EXEC compares and sets:
// it moves the position from where this batch begins to where it ends, or, if Key has been touched
// by anybody since it was looked at, does nothing. From this alone follows that a command is never
// executed twice and none is left out:
//
//   - An EXEC whose reply is lost has moved the position, or never will: who comes next, be it this
//     process on another connection or another process, begins by writing to Key in a transaction of the
//     same form (a claim), and goes on from the position that this transaction saw. An EXEC that
//     is still on its way then finds Key touched.
//   - What the server refuses for a while (OOM, READONLY, NOREPLICAS ...) opens no hole. Such a guard
//     could not be sent ahead of replies: one that is refused guards nothing, and the server may have
//     recovered when the commands behind it come. Here a refused guard means that no EXEC follows.
//   - A second load would have to touch Key as well. Its token takes the place of the first's, whose next
//     HMGET tells it that another one has taken over.
//   - Persistence and replication carry a transaction as a whole or not at all, so that after a crash
//     or a failover position and data have gone back together.
//
// What it costs in time is hidden: while an EXEC is on its way and its reply on the way back, the
// server already queues the next batch. A batch needs to be large enough to outlast a round trip.
//
// What it asks for: one node, or one slot of a cluster; commands that a transaction can hold, and
// that leave Key alone. The input is checked for that, but nobody can see what a script writes. The
// user's right to MULTI must not be taken away in the middle of the load.
type Checkpoint struct {
	// Key is the key. It must not exist before the first load, and stays when the load is complete: the
	// same load again then does nothing. Deleting it is how to load again from the beginning.
	Key string
	// Batch is how many commands a batch has at most; 0 is [DefaultBatch]. It has less where the
	// commands are large, or come slowly.
	Batch int
}

// DefaultBatch is how many commands a batch has.
const DefaultBatch = 2000

const (
	// batchBytes ends a batch, but for a single larger command.
	batchBytes = 1 << 20
	// replyBytes is how much a batch may be answered with, as far as the ones before it tell.
	replyBytes = 16 << 20
	// maxHeld is the longest command: one has to be held until it is known to be committed.
	maxHeld = 16 << 20
	// lateness is how long a batch waits to become full.
	lateness = 2 * time.Millisecond
	// fruitless is how many connections may be lost in a row without a single batch.
	fruitless = 20
)

// CheckpointError is a load that cannot begin, or not go on, because of what its key says.
type CheckpointError struct {
	Msg, Advice string
	// OtherInput says that the key belongs to another input, LostData that the server has lost what it had
	// acknowledged.
	OtherInput, LostData bool
}

func (e *CheckpointError) Error() string { return e.Msg }

// CheckpointReport is how far a load with a checkpoint has come.
type CheckpointReport struct {
	// Commands is how many commands of the input are known to be settled, those of earlier runs included.
	Commands int64
	// Skipped is how many of them earlier runs had settled. Unseen is how many took effect in this run
	// without their replies having been seen: whether there are errors among them is not known.
	Skipped, Unseen int64
	// Reconnects is how often the connection was lost and replaced.
	Reconnects int64
	// Complete says that all of the input has been loaded.
	Complete bool
}

// exact is a load with a checkpoint under way. Run's goroutine sends the batches and settles them;
// the feeder hands it blocks of commands; the replies are taken on the connection's receiver.
type exact struct {
	*load
	key   string
	batch int
	token string // of this load
	name  string // of its connections

	conn      *pipeclient.Conn
	cluster   *cluster.Cluster // nil without -c
	addr      string           // of the node that it leads to
	clustered bool             // the server is a node of a cluster
	known     bool             // a claim has succeeded, so Key is there
	selected  map[int]bool

	intake intake
	parcel *parcel  // being taken apart
	at     position // behind the commands that are in batches
	ended  bool     // the last batch has been made

	pending []*batch // made and not settled, in their order
	sent    int      // how many of them have left on this connection
	flight  *attempt // whose EXEC has left: of the first of them

	before  int64    // errors that the key knew of when the load began
	done    position // known to be committed
	report  CheckpointReport
	losses  int          // connections lost since the last batch
	replies atomic.Int64 // of commands
	idle    atomic.Bool  // waiting for more input
	settled atomic.Int64 // commands that are, for who shows the progress
	errors  atomic.Int64
}

// exactly is [Run] with a checkpoint.
func (l *load) exactly(ctx context.Context, out *lines) (Report, error) {
	x := newExact(l)
	defer func() {
		if x.conn != nil {
			x.conn.Close()
		}
	}()
	err := x.run(ctx)
	if err == nil {
		out.printf("All data transferred. Waiting for the last reply...\nLast reply received from server.\n")
		err = x.confirm(ctx)
	}
	if err == nil && x.errors.Load() > 0 {
		err = ErrCommands
	}
	r := Report{
		Sent: x.replies.Load() + x.report.Unseen, Replies: x.replies.Load(), Errors: x.errors.Load(),
		Next: x.done.Place, Resume: x.done.Number, Checkpoint: &x.report,
	}
	x.report.Commands = x.done.Number - 1
	if x.flight != nil {
		r.InDoubt = Ranges{{x.flight.from.Place, x.flight.to.Number - 1}}
		r.Sent += r.InDoubt.Len()
	}
	return r, err
}

func newExact(l *load) *exact {
	token := make([]byte, 8)
	rand.Read(token)
	cp := l.cfg.Checkpoint
	x := &exact{
		load: l, key: cp.Key, batch: cp.Batch, token: hex.EncodeToString(token),
		selected: map[int]bool{l.cfg.Client.DB: true},
	}
	if x.batch <= 0 {
		x.batch = DefaultBatch
	}
	x.name = "easycli-" + x.token
	if name := l.cfg.Client.Name; name != "" {
		x.name = name + "-" + x.token
	}
	l.exact = x
	x.intake.init(x)
	l.routes = []*lane{{load: l, free: make(chan *block, blocks)}} // it has no connection of its own
	l.lanes = l.routes
	x.cluster, l.cfg.Cluster = l.cfg.Cluster, nil // the feeder has one way to send
	return x
}

// run claims the key and loads what it does not know of.
func (x *exact) run(ctx context.Context) error {
	// soft ends with the first interrupt, hard some time after it: what was sent is waited for.
	soft, cancel := context.WithCancel(ctx)
	defer cancel()
	hard, cancelHard := context.WithCancel(ctx)
	defer cancelHard()
	go func() {
		select {
		case <-x.cfg.Interrupt:
		case <-x.halting:
		case <-soft.Done():
			return
		}
		cancel()
		select {
		case <-time.After(drainTime):
			cancelHard()
		case <-hard.Done():
		}
	}()
	if err := x.connect(soft); err != nil {
		return x.why(soft, err)
	}
	rec, err := x.claim(soft)
	if full := (*pipeclient.ConnectError)(nil); errors.As(err, &full) {
		return full // the server is full, or protected: it has read nothing
	}
	if lost := (*lostError)(nil); errors.As(err, &lost) {
		rec, err = x.reclaim(soft, lost.cause)
	}
	if err != nil {
		return x.why(soft, err)
	}
	if err := x.askAbout(ctx); err != nil {
		return err
	}
	if rec.complete() {
		return x.why(soft, x.already(soft, rec))
	}
	if rec.commands > 0 {
		x.say("%s says that %d commands of this input have been loaded: going on with the next", x.shownKey(), rec.commands)
	}
	x.begin(rec)
	if x.cfg.Reject != "" {
		if x.failures.reject, err = x.openRejects(x.cfg.Reject, rec.commands > 0); err != nil {
			x.say("%v", err)
			return err
		}
	}
	x.intake.start(soft)
	x.cfg.Progress.Start(x.facts)
	defer x.cfg.Progress.Stop()
	err = x.why(soft, x.pumpAll(soft, hard))
	x.stop(cancel)
	return err
}

// why is why the load ended: an error that comes of our own giving up is not.
func (x *exact) why(soft context.Context, err error) error {
	if halted := x.haltedBy(); halted != nil && (err != nil || !isLimit(halted)) {
		return halted
	}
	if err != nil && soft.Err() != nil && !errors.As(err, new(*InputError)) {
		return ErrInterrupted
	}
	if gone := (*lostError)(nil); errors.As(err, &gone) {
		return &pipeclient.LostError{State: pipeclient.ErrInDoubt, Cause: gone.cause}
	}
	return err
}

// begin sets the positions: loading goes on behind what the record counts.
func (x *exact) begin(rec bookmark) {
	x.report.Skipped = rec.commands
	x.done = position{Place: Place{Number: rec.commands + 1, Input: rec.input, Offset: rec.offset}}
	x.at = x.done
	x.before = rec.errors
	x.settled.Store(rec.commands)
	x.intake.skip, x.intake.told, x.intake.toldAt = rec.commands, rec.head, rec.behind()
}

// pumpAll loads over as many connections as it takes.
func (x *exact) pumpAll(soft, hard context.Context) error {
	for {
		err := x.pump(soft, hard)
		var lost *lostError
		if !errors.As(err, &lost) {
			return err
		}
		if err := x.recover(soft, lost.cause); err != nil {
			return err
		}
	}
}

// lostError is a connection that cannot be gone on with, while the load can.
type lostError struct{ cause error }

func (e *lostError) Error() string { return e.cause.Error() }
func (e *lostError) Unwrap() error { return e.cause }

// pump loads over one connection, to the end of the input. What is pending from a former one is sent
// first. While one batch is being executed the next is already being queued.
func (x *exact) pump(soft, hard context.Context) error {
	for {
		if x.sent == len(x.pending) {
			b, err := x.assemble(soft, hard)
			if b == nil { // idle, or at an end: settle what there is
				redo, settleErr := x.settle(hard)
				switch {
				case settleErr != nil:
					return settleErr
				case redo || errors.Is(err, errIdle):
					continue
				}
				return err
			}
			x.pending = append(x.pending, b)
		}
		a, err := x.send(hard, x.pending[x.sent])
		if err != nil {
			return err
		}
		x.sent++
		redo, err := x.settle(hard)
		if err != nil {
			return err
		}
		if redo {
			continue
		}
		if err := x.execute(hard, a); err != nil {
			return err
		}
	}
}

// explain says on Err what the numbers mean, where there is more to say than that all is well.
func (x *exact) explain(r Report, err error) {
	var input *InputError
	var own *CheckpointError
	var stop *StopError
	var unconfirmed *NotConfirmedError
	switch {
	case errors.As(err, &unconfirmed):
		x.say("%v", err)
		x.advise(unconfirmed.Advice())
	case err == nil || err == ErrCommands || errors.As(err, new(*OutputError)):
	case errors.As(err, &input):
		x.say("%v; nothing from there on takes effect", err)
		x.advise(input.Advice)
	case errors.As(err, &own):
		x.say("%v", err)
		x.advise(own.Advice)
	case errors.As(err, &stop):
		x.explainStop(stop)
	case errors.Is(err, ErrInterrupted):
		x.say("interrupted")
	default:
		x.say("%v", reason(err))
	}
	x.explainRejects()
	cp := x.report
	if cp.Unseen > 0 {
		x.say("carried out, as %s says, but their replies were lost, and any errors with them: %d commands", x.shownKey(), cp.Unseen)
	}
	if cp.Complete || !x.known || own != nil && own.OtherInput {
		return
	}
	doubt := ""
	if len(r.InDoubt) > 0 {
		doubt = fmt.Sprintf("; %d-%d are in doubt, until %s can be asked", r.InDoubt.First(), r.InDoubt.Last(), x.shownKey())
	}
	at := fmt.Sprintf("byte %d", r.Next.Offset)
	if r.Next.Input != "" {
		at = r.Next.Input + ", " + at
	}
	x.say("loaded up to command %d (%s)%s", cp.Commands, at, doubt)
	if own != nil && own.Advice != "" {
		return
	}
	if input != nil && input.Place.Number > 0 && x.intake.size() != "" {
		x.say("once the input is mended, %s", x.intake.mended(false))
	} else {
		x.say("the same command line goes on from there")
	}
	if line := x.resumeCommand(0); line != "" {
		x.write("resume: %s", line)
	}
}

func (x *exact) advise(advice string) {
	if advice != "" {
		x.say("%s", advice)
	}
}

// shownKey is the key as messages show it.
func (x *exact) shownKey() string { return fmt.Sprintf("%q", x.key) }

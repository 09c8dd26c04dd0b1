// Package bulk loads commands from a stream into a server as fast as the server takes them, and
// accounts for every one of them.
//
// It guarantees that only whole commands take effect (input that ends inside one, or turns into
// something else, is refused at that place and nothing of it is applied); that text is read as
// redis-cli's prompt reads it and sent as RESP; that an error is reported with the place of its
// command; that nothing is sent twice; and that at the end every command is counted as answered, in
// doubt or not sent. Memory is bounded by the window, whatever is loaded. It refuses to know what
// the commands are for, but for those that change or end the stream of replies, which it does not
// send.
//
//   - [Run] is a whole load of [Input]s. [Report] is how it ended.
//   - [InputError] is input that is not acceptable, with its place, [StopError] a server that is in
//     trouble, or more failed commands than the user wants, [OutputError] a file that cannot be written.
//
// Beside the data there are four files. Config.Report says how the load ended, Config.Reject has the
// commands that failed, as they were sent, and beside it their reasons, Config.Replies has the replies,
// and Config.Journal how far the load is. What they are about is settled: a load that continues begins
// with Report.Resume, before which every command was answered, and none of whose commands an earlier
// one has rejected, unless it said what it repeats.
package bulk

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/pipeclient"
	"easycli/internal/progress"
	"easycli/internal/rows"
)

// Config says what to load and where to.
type Config struct {
	// Client is the connection to load through. Its window, OnPush and BeforeBlock are ours.
	Client pipeclient.Config
	// Cluster, if it is not nil, is loaded into as one database: each command goes to the node that has
	// its keys, and the order of the commands on a key is that of the input. The load connects to each
	// master by itself.
	Cluster *cluster.Cluster
	// Reconnect goes on when a connection is lost: commands that were not answered are sent again, in
	// their order, so that some may be carried out twice.
	Reconnect bool
	// Inputs are loaded one after the other: RESP or text, which the first bytes of each decide.
	Inputs []Input
	// Template, if there is one, makes commands of the inputs, which are rows then. NoHeader says that
	// their first lines are rows too, and no names of columns.
	Template *rows.Template
	NoHeader bool
	// Out receives what redis-cli prints on stdout. Errors and everything else go to Err.
	Out, Err io.Writer
	// ErrTerminal says that Err is a terminal, so what the server says must be made harmless.
	ErrTerminal bool
	// AllowState lets HELLO and RESET pass, AllowBlocking lets BLPOP and its like.
	AllowState, AllowBlocking bool
	// Progress, if it is not nil, shows how far the load is. Err must write through it, and Out too
	// if it is the same terminal.
	Progress *progress.Line
	// Replies is a file for the replies, one line of JSON for each command: {"n":1,"line":1,"reply":…}
	// or {"n":1,"line":1,"error":"…"}, where n is the number of the command and line is only there for
	// text. A command that is cut into parts for several nodes has a line for each, with "part":true.
	// On several lanes lines are in the order of each of them. "" is for none.
	Replies string
	// Confirm is what is waited for at the end ([NotConfirmedError]).
	Confirm []Confirmation
	// Rate is how fast the load may go.
	Rate Rate
	// Verify sends markers between the commands, to find out where replies do not match requests
	// ([MismatchError]). What no marker confirms before the connection is lost then counts as in doubt.
	Verify bool
	// StopAfter ends the load, softly, when so many commands have failed; 0 is never. Whatever it
	// says, a few answers end it after which the next commands would fare no better, see [StopError].
	StopAfter int64
	// PassNoPerm takes NOPERM for an error of one command alone: it does not end the load.
	PassNoPerm bool
	// Reject is the file that gets the commands that failed, "" for none. They are as they were sent,
	// so it can be loaded; beside it, in a file with .log behind its name, stand the reasons.
	Reject string
	// Skip is how many commands, from the first on, are left out: they are read and checked, but not
	// sent, but for what the others rely on, such as the last SELECT among them.
	Skip int64
	// Journal is the file that records how far the load is, "" for none. If it is about a load of the
	// same inputs that was not completed, that is continued, and Skip is set by it.
	Journal string
	// Report is the file that gets a report on the load, as JSON, however it ends; "" for none.
	Report string
	// Resume makes the command line that continues a load of whose commands so many, from the first on,
	// need not be sent again, and says what its placeholders mean; nil if there is none.
	Resume func(skip int64) (command, means string)
	// Status is the exit status for an end of the load, for the report; nil for 0.
	Status func(error) int
	// Checkpoint makes the load exact, if it is not nil.
	Checkpoint *Checkpoint
	// Interrupt, when closed, ends the load softly: nothing more is sent, and what was sent is
	// waited for, five seconds at most. Cancelling the context ends it at once.
	Interrupt <-chan struct{}
}

// The window of a load, smaller than a connection's usual one: it bounds the memory and the doubt,
// and no larger one is faster.
const (
	windowCommands = 20_000
	windowBytes    = 4 << 20
	// gather is less than the time in which a server works through half of the window.
	gather = 3 * time.Millisecond
)

// drainTime is how long replies are waited for after an interrupt.
const drainTime = 5 * time.Second

// The reasons for which a load is not a success, beside [InputError], [pipeclient.ConnectError],
// [pipeclient.LostError] and the errors of reading the input.
var (
	// ErrCommands: the load is complete, and some commands were answered with an error.
	ErrCommands = errors.New("some commands failed")
	// ErrInterrupted: the load was stopped by Config.Interrupt or by its context.
	ErrInterrupted = errors.New("interrupted")
)

// OutputError is something that could not be written: Config.Out or Err, which does not keep the load
// itself from going on, or one of the files that were asked for, which ends it.
type OutputError struct {
	File string // "" for Out and Err
	Err  error
}

func (e *OutputError) Error() string {
	if e.File != "" {
		return fmt.Sprintf("cannot write %s: %v", e.File, e.Err)
	}
	return "writing the report: " + e.Err.Error()
}

func (e *OutputError) Unwrap() error { return e.Err }

// load is a load under way. Its parts are the feeder, which reads and sends, the lanes, whose blocks
// take the replies on their connection's receiver, and Run itself, which waits for any to end.
type load struct {
	cfg    Config
	errOut *errorLog
	over   chan *lane // gets a lane whose connection is over

	failures failures
	replies  *replies // nil unless they are wanted
	journal  *journal // nil without
	heads    *heads   // nil without a journal
	feeder   *feeder  // nil until it runs
	watch    watch
	throttle *throttle // of whoever holds sending

	lanesMu sync.Mutex
	lanes   []*lane

	// halting is closed when the replies say that the load must not go on, for the reason in halted.
	halting  chan struct{}
	haltOnce sync.Once
	halted   error

	// What the feeder would look at next, the commands that came too late to be sent, and the
	// command that is being passed on in pieces.
	next    Place
	exact   *exact // nil without a checkpoint
	unsent  Ranges
	passing *block

	routes []*lane // by slot; nil for one that is held
	crowds []int64 // by slot: the block of its lane that holds a command with several keys; see crowding
	again  again
	splits splits
	resent resent
	own    Report // of what no lane has booked

	// sending is held by the feeder but while it reads the input, where it may be left behind. It
	// guards all that the feeder writes.
	sending sync.Mutex
	stopped bool
	ended   bool  // the feeder has ended
	fed     error // and how
}

// errorLog is Err, buffered by whole lines, for the feeder and the receivers.
type errorLog struct {
	mu   sync.Mutex
	w    *bufio.Writer
	line []byte
}

func (e *errorLog) printf(format string, args ...any) {
	e.mu.Lock()
	e.line = fmt.Appendf(e.line[:0], format, args...)
	if e.w.Available() < len(e.line) {
		e.w.Flush() // what else goes to the same terminal comes between two lines
	}
	e.w.Write(e.line)
	e.mu.Unlock()
}

func (e *errorLog) flush() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.w.Flush()
}

// Run loads all of cfg.Inputs and reports on cfg.Out and cfg.Err, and in the files that cfg names. The
// error says why the load is no success; the report is filled in either way, unless there was no
// connection.
func Run(ctx context.Context, cfg Config) (Report, error) {
	l := &load{cfg: cfg, errOut: &errorLog{w: bufio.NewWriter(cfg.Err)},
		over: make(chan *lane, 1), halting: make(chan struct{}), next: Place{Number: 1},
		throttle: newThrottle(cfg.Rate)}
	l.again.wake, l.again.eased = make(chan struct{}, 1), make(chan struct{}, 1)
	l.again.holds, l.again.ways = map[uint16]*hold{}, map[*cluster.Node]*way{}
	file, err := l.openReport()
	if err != nil {
		l.say("%v", err)
		l.errOut.flush()
		return Report{}, err
	}
	began := time.Now()
	report, err := l.load(ctx)
	if file != nil {
		err = l.writeReport(file, report, err, began)
	}
	return report, err
}

// load opens what is to be written, runs, and says what came of it.
func (l *load) load(ctx context.Context) (Report, error) {
	defer l.errOut.flush()
	if err := l.openFiles(); err != nil {
		l.tell(err)
		return Report{}, err
	}
	if l.journal != nil && l.journal.complete() {
		return l.loadedAlready()
	}
	out := &lines{w: l.cfg.Out}
	report, err := l.run(ctx, out)
	if closeErr := l.closeFiles(report, err); err == nil || errors.Is(err, ErrCommands) {
		err = cmp.Or(closeErr, err)
	}
	if errors.As(err, new(*pipeclient.ConnectError)) && (l.cfg.Cluster == nil || report.Replies == 0) {
		return Report{}, err // nobody has read anything of what was sent
	}
	if l.exact != nil {
		l.exact.explain(report, err)
	} else {
		l.explain(report, err)
	}
	out.printf("errors: %d, replies: %d\n", report.Errors, report.Replies)
	if flushErr := l.errOut.flush(); out.err == nil {
		out.err = flushErr
	}
	if out.err != nil && (err == nil || errors.Is(err, ErrCommands)) {
		err = &OutputError{Err: out.err}
	}
	return report, err
}

// run connects, loads, and adds up what came of it.
func (l *load) run(ctx context.Context, out *lines) (Report, error) {
	if l.cfg.Checkpoint != nil {
		return l.exactly(ctx, out)
	}
	defer l.hangUp()
	if err := l.dial(ctx); err != nil {
		return Report{}, err
	}
	if err := l.askAbout(ctx); err != nil {
		return Report{Next: l.next}, err
	}
	feeding, cancel := context.WithCancel(ctx)
	defer cancel()
	fed := make(chan error, 1)
	go func() { fed <- l.feed(feeding) }()
	go l.mend(feeding)
	if l.journal != nil {
		l.journal.start()
	}

	l.cfg.Progress.Start(l.facts)
	err := l.wait(ctx, cancel, fed, out)
	l.hangUp()
	l.cfg.Progress.Stop()
	report := l.sum()
	if cause := l.haltedBy(); err == nil && !isLimit(cause) { // by the last replies of all
		err = cause
	}
	err = l.stoppedOrLost(err, report)
	if err == nil && report.Errors > 0 {
		err = ErrCommands
	}
	return report, err
}

// openFiles opens the files that the load writes.
func (l *load) openFiles() (err error) {
	if l.cfg.Journal != "" {
		if l.journal, err = l.openJournal(l.cfg.Journal); err != nil || l.journal.complete() {
			return err
		}
		l.heads, l.cfg.Skip = &heads{}, l.journal.last
	}
	if l.cfg.Reject != "" && l.cfg.Checkpoint == nil { // which knows later whether it continues
		l.failures.reject, err = l.openRejects(l.cfg.Reject, l.cfg.Skip > 0)
	}
	if l.cfg.Replies != "" && err == nil {
		l.replies, err = l.openReplies(l.cfg.Replies, l.cfg.Skip > 0)
	}
	return err
}

// closeFiles completes them. The connections are over.
func (l *load) closeFiles(r Report, end error) (err error) {
	if l.failures.reject != nil {
		err = l.failures.reject.close()
	}
	if l.replies != nil {
		err = cmp.Or(err, l.replies.close())
	}
	if l.journal != nil {
		journalErr := l.journal.finish(r, end)
		if err = cmp.Or(err, journalErr); journalErr != nil {
			l.say("%v", journalErr)
		}
	}
	return err
}

// tell says why a load has not begun, and what to do about it.
func (l *load) tell(err error) {
	l.say("%v", err)
	if journal := (*JournalError)(nil); errors.As(err, &journal) {
		l.say("%s", journal.Advice)
	}
}

// dial connects. An interrupt ends that at once: nothing has been sent that could be waited for.
func (l *load) dial(ctx context.Context) error {
	ctx, cancel := l.untilInterrupt(ctx)
	defer cancel()
	return l.dialAll(ctx)
}

// untilInterrupt is a context for what an interrupt ends at once.
func (l *load) untilInterrupt(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-l.cfg.Interrupt:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// hangUp ends all connections, and with them all that is due.
func (l *load) hangUp() {
	for _, n := range l.all() {
		n.conn.Close()
	}
}

// halt ends the load softly, for a reason that a reply gave: nothing more is sent.
func (l *load) halt(reason error) {
	l.haltOnce.Do(func() {
		l.halted = reason
		close(l.halting)
	})
}

// haltedBy is the reason that a reply gave to end the load, nil for none.
func (l *load) haltedBy() error {
	select {
	case <-l.halting:
		return l.halted
	default:
		return nil
	}
}

// wait sees the load through: until the input has been sent and answered, or something ends it.
func (l *load) wait(ctx context.Context, cancel func(), fed <-chan error, out *lines) error {
	var err error
	select {
	case err = <-fed:
	case n := <-l.over:
		err = l.lost(n, cancel)
	case <-l.halting:
		if ended, fed := l.stop(cancel); ended && fed == nil && isLimit(l.halted) {
			break // nothing was left out
		}
		err = l.halted
	case <-l.cfg.Interrupt:
		l.stop(cancel)
		err = ErrInterrupted
	case <-ctx.Done():
		l.stop(cancel)
		return ErrInterrupted
	}
	if errors.As(err, new(*pipeclient.LostError)) {
		l.stop(cancel)
		l.drainOthers(ctx)
		l.hangUp()
		if cause := l.lostError(); cause != nil {
			err = cause
		}
		return err
	}
	if err == nil {
		out.printf("All data transferred. Waiting for the last reply...\n")
	}
	if drainErr := l.drain(ctx, cancel); err == nil || errors.As(drainErr, new(*MismatchError)) {
		err = drainErr
	}
	if err == nil {
		out.printf("Last reply received from server.\n")
	}
	if err == nil || errors.As(err, new(*InputError)) {
		confirmErr := l.confirm(ctx)
		if err == nil {
			return confirmErr
		} else if confirmErr != nil {
			l.say("%v", confirmErr)
		}
	}
	return err
}

// settle waits until all that was fed has been answered, also what is sent again. What ends that
// sooner is the error.
func (l *load) settle(ctx context.Context, cancel func()) error {
	var halted error
	for {
		l.closeMarks(ctx)
		for _, n := range l.all() {
			if n.conn.Drain(ctx) != nil {
				return ErrInterrupted
			}
		}
		held, busy := l.left(ctx)
		switch {
		case !held && !busy:
			return halted
		case !held:
			continue
		}
		select {
		case <-l.again.eased:
		case n := <-l.over:
			l.stop(cancel)
			l.drainOthers(ctx)
			return n.lostError()
		case <-l.halting:
			l.stop(cancel) // what is on its way elsewhere is answered yet
			halted = l.halted
		case <-l.cfg.Interrupt:
			l.stop(cancel)
		case <-ctx.Done():
			return ErrInterrupted
		}
	}
}

// left reports whether something waits to be sent again, and whether something is on its way.
func (l *load) left(ctx context.Context) (held, busy bool) {
	l.sending.Lock()
	defer l.sending.Unlock()
	if l.takeIn(ctx) {
		l.wakeMender()
	}
	return len(l.again.holds) > 0 && !l.stopped, slices.ContainsFunc(l.all(), (*lane).busy) && !l.stopped
}

// drainOthers lets the servers whose connections are not lost answer what was sent to them, for a
// bounded time.
func (l *load) drainOthers(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, drainTime)
	defer cancel()
	for _, n := range l.all() {
		n.conn.Drain(ctx)
	}
}

// lost is how a load ended that has lost a connection. It may have been the feeder that gave up on
// it, and it may have had nothing more to send.
func (l *load) lost(n *lane, cancel func()) error {
	if ended, err := l.stop(cancel); ended && !errors.Is(err, ErrInterrupted) {
		return err
	}
	return n.lostError()
}

// stop ends the feeder, or leaves it behind in a read of the input, where it can do no harm. It
// returns whether and how the feeder has ended.
func (l *load) stop(cancel func()) (ended bool, err error) {
	cancel()
	l.sending.Lock()
	defer l.sending.Unlock()
	l.stopped = true
	if l.passing != nil { // nobody will complete that command
		l.passing.lane.conn.Abort(pipeclient.ErrClosed)
	}
	return l.ended, l.fed
}

// lostError is why a connection was lost, nil if we closed all of them ourselves.
func (l *load) lostError() error {
	for _, n := range l.all() {
		if cause := n.conn.Err(); cause != nil && cause != pipeclient.ErrClosed && !n.survives() {
			return n.lostError()
		}
	}
	return nil
}

// drain waits for the replies to what was sent, after an interrupt for a bounded time.
func (l *load) drain(ctx context.Context, cancelFeed func()) error {
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-l.cfg.Interrupt:
		case <-waiting.Done():
			return
		}
		select {
		case <-time.After(drainTime):
			cancel()
		case <-waiting.Done():
		}
	}()
	if err := l.settle(waiting, cancelFeed); err != nil {
		return err
	}
	if l.verifyRest(waiting) != nil {
		return ErrInterrupted
	}
	for _, n := range l.all() {
		if err := n.loss(); err != nil {
			return err
		}
	}
	select {
	case <-l.cfg.Interrupt:
		return ErrInterrupted
	default:
		return nil
	}
}

// lines writes a report line by line and remembers the first error.
type lines struct {
	w   io.Writer
	err error
}

func (l *lines) printf(format string, args ...any) {
	if _, err := fmt.Fprintf(l.w, format, args...); l.err == nil {
		l.err = err
	}
}

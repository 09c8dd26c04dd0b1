package bulk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"easycli/internal/cluster"
	"easycli/internal/command"
	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// The input buffer: what is read at once, and the longest RESP command that is held as a whole. A
// longer one is passed on as it comes.
const (
	readBytes = 256 << 10
	holdBytes = 1 << 20
	// maxWhole is the same for a cluster: what was passed on in pieces cannot be sent again, and so
	// fails if its slot moves in that moment.
	maxWhole = 8 << 20
)

// feeder reads the input, cuts whole commands off it and sends them in blocks.
type feeder struct {
	*load
	ctx    context.Context
	in     *Input
	reader io.Reader
	buf    []byte
	r, w   int   // unread bytes are buf[r:w]
	offset int64 // in the input, of buf[r]
	eof    bool
	scan   scanner

	block *block // that the command at hand goes into; nil if there is none
	aside *block // for what cannot be sent at once
	// nowhere is the block for the RESP of a command that is on its way already.
	nowhere *block

	over    *passedOver // nil once the commands that are left out have been passed over
	inMulti Place       // where the MULTI stands that is open; Number is 0 for none
	trans   collected
	strayed bool   // the database may be another than at the beginning
	known   []byte // name of the last command that needs no second look
	keyAt   int    // and where its one key stands, 0 if that does not matter
	words   [][]byte
	keys    []int
}

// scanner finds the commands in one kind of input.
type scanner interface {
	// next looks at the beginning of the input for one whole command and appends it to the
	// feeder's block as RESP. It returns how many bytes of the input that took, also for what is no
	// command (a comment, a blank line), and 0 if more input is needed.
	next(f *feeder, in []byte) (int, error)
	// line is the line that next would look at, from 1; 0 for RESP.
	line() int64
}

// feed is the feeder: it ends at the end of the input, or with the error that ends the load.
func (l *load) feed(ctx context.Context) (err error) {
	l.sending.Lock()
	defer func() {
		if errors.As(err, new(*pipeclient.LostError)) && ctx.Err() != nil {
			err = ErrInterrupted // it was us who gave up waiting
		}
		l.ended, l.fed = true, err
		l.sending.Unlock()
	}()
	if l.stopped { // before it began
		return ErrInterrupted
	}
	f := &feeder{load: l, ctx: ctx, buf: make([]byte, readBytes), aside: newAside(), nowhere: newAside()}
	f.trans.block = newAside()
	l.feeder = f
	if l.cfg.Skip > 0 {
		f.over = &passedOver{}
	}
	for i := range l.cfg.Inputs {
		if err := f.input(ctx, &l.cfg.Inputs[i]); err != nil {
			return err
		}
	}
	return f.allPassed()
}

// input feeds one input.
func (f *feeder) input(ctx context.Context, in *Input) error {
	reader, err := in.Open()
	if err != nil {
		return fmt.Errorf("opening the input: %w", err)
	}
	defer reader.Close()
	if err := f.home(ctx); err != nil {
		return err
	}
	f.in, f.reader = in, reader
	f.heads.begin(in)
	f.r, f.w, f.offset, f.eof = 0, 0, 0, false
	f.next.Input, f.next.Line, f.next.Offset = in.Name, 0, 0
	f.watch.input(in, reader)
	err = f.feed(ctx)
	if err == nil && f.over != nil {
		err = f.sameInput()
	}
	if sendErr := f.sendAll(ctx); err == nil {
		err = sendErr
	}
	if err == nil || errors.As(err, new(*InputError)) {
		if closeErr := f.closeMulti(ctx); err == nil {
			err = closeErr
		}
	}
	return err
}

// home goes back to the database in which the load began: each input begins there, whatever the one
// before it has selected.
func (f *feeder) home(ctx context.Context) error {
	if !f.strayed || f.cfg.Cluster != nil { // which has but one
		return nil
	}
	f.strayed = false
	defer f.resent.db.Store(int64(f.cfg.Client.DB))
	if err := f.settle(ctx); err != nil {
		return err
	}
	db := strconv.Itoa(f.cfg.Client.DB)
	reply, err := f.routes[0].conn.Do(ctx, "SELECT", db)
	if err != nil {
		return err
	}
	if reply.Kind == resp.Error {
		return fmt.Errorf("going back to database %s: %s", db, reply.Text)
	}
	return nil
}

func (f *feeder) feed(ctx context.Context) error {
	if err := f.sniff(ctx); err != nil {
		return err
	}
	for {
		if err := f.cut(ctx); err != nil {
			return err
		}
		if f.eof {
			return f.end()
		}
		if err := f.sendAll(ctx); err != nil {
			return err
		}
		if f.exact != nil && f.w-f.r > maxHeld {
			return f.errorf(0, tooLarge)
		}
		if s, ok := f.scan.(*respScanner); ok && f.exact == nil && f.w-f.r >= holdBytes && !f.mustHold() {
			pass := f.stream
			if f.skips() {
				pass = f.passOverPieces
			} else if f.over != nil {
				pass = f.arriveInPieces
			}
			if err := pass(ctx, s); err != nil {
				return err
			}
			continue
		}
		if err := f.read(ctx); err != nil {
			return err
		}
	}
}

// cut takes all whole commands off the buffer.
func (f *feeder) cut(ctx context.Context) error {
	for f.r < f.w {
		if t, ok := f.scan.(*textScanner); ok && t.atRESP(f.buf[f.r:f.w]) {
			if err := f.sendAll(ctx); err != nil { // a block has lines or it has none
				return err
			}
			f.scan = &respScanner{}
		}
		if err := f.keepPace(ctx); err != nil {
			return err
		}
		n, err := f.scan.next(f, f.buf[f.r:f.w])
		if err != nil || n == 0 {
			return err
		}
		f.r += n
		f.offset += int64(n)
		f.next.Offset = f.offset
		if err := f.placed(); err != nil {
			return err
		}
	}
	return nil
}

// here is where the command at the front of the input stands.
func (f *feeder) here() Place {
	return Place{f.next.Number, f.in.Name, f.scan.line(), f.offset}
}

// end is reached with the end of the input: nothing may be left.
func (f *feeder) end() error {
	if f.r == f.w {
		return nil
	}
	return f.errorf(f.w-f.r, "the input ends inside this command")
}

// begin notes that this command stands at the front of the input, and checks that it may be sent.
// Its RESP is about to be appended to the block.
func (f *feeder) begin(words [][]byte) error {
	info := command.Of(words)
	role, err := f.admit(info, info.Fits(len(words)))
	if err != nil {
		return err
	}
	to, err := f.aim(info, words)
	crosses := (*cluster.CrossSlotError)(nil)
	if err != nil && !errors.As(err, &crosses) {
		return err
	}
	if done, err := f.spread(info, words, crosses != nil); done || err != nil {
		f.block = f.nowhere
		return err
	}
	f.know(words[0])
	return f.push(role, to)
}

// take puts the words of the command at the front of the input into a block, as RESP.
func (f *feeder) take(words [][]byte) error {
	if f.over != nil {
		if over, err := f.leavesOut(words); over || err != nil {
			return err
		}
	}
	var err error
	if f.isKnown(words[0], len(words)) {
		err = f.pushKnown(words[f.keyAt])
	} else {
		err = f.begin(words)
	}
	if err != nil {
		return err
	}
	f.block.wire = resp.AppendCommand(f.block.wire, words...)
	return nil
}

// know remembers a command that needs no second look. In a cluster that is one whose key is to be
// found without.
func (f *feeder) know(name []byte) {
	// The name alone must say all: an XREAD without BLOCK tells nothing about the next one.
	info := command.OfName(name, nil)
	if info.Effect != command.None || info.Blocking || !info.Write && !info.ReadOnly {
		return
	}
	at := 0
	if f.cfg.Cluster != nil {
		if at = info.OnlyKey(); at == 0 {
			return
		}
	}
	f.known, f.keyAt = append(f.known[:0], name...), at
}

// isKnown reports whether a name, of a command of so many words, is that of the last command that
// needed no second look: in a load it mostly is.
func (f *feeder) isKnown(name []byte, words int) bool {
	return len(name) > 0 && string(name) == string(f.known) && f.keyAt < words
}

// pushKnown is push for a known command with that key.
func (f *feeder) pushKnown(key []byte) error {
	slot := 0
	if f.keyAt > 0 {
		slot = cluster.SlotOf(key)
	}
	// What mostly happens, without a detour: the slot has a lane, and that an open block.
	if n := f.routes[slot]; n != nil && n.open != nil && !n.open.joined && !f.trans.held && f.crowds == nil {
		f.enter(n.open, entry{slot: uint16(slot)})
		return nil
	}
	if f.keyAt == 0 {
		key = nil
	}
	return f.push(plain, aimed{slot: uint16(slot), key: key})
}

// enter adds an entry for the command at hand, whose RESP comes next, to a block.
func (f *feeder) enter(b *block, e entry) {
	e.at = uint32(len(b.wire))
	e.number = uint32(f.next.Number - b.base.Number)
	e.offset = uint32(f.offset - b.base.Offset)
	e.line = uint32(f.scan.line() - b.base.Line)
	b.entries = append(b.entries, e)
	f.block = b
	f.next.Number++
}

// admit decides whether a command may be sent in a load, and what it means to the accounts. One
// that does not fit has a wrong number of words, so the server will refuse it, which does not keep
// an EXEC from ending its transaction.
func (f *feeder) admit(info command.Info, fits bool) (role, error) {
	if f.exact != nil {
		return f.admitExact(info, fits)
	}
	if (f.cfg.Cluster != nil || f.cfg.Reconnect) && ofOneConnection(info.Effect) {
		return 0, f.refuse(info, "is for one connection, and this load may have several\n"+
			"-c and --on-disconnect resume do not go with it")
	}
	switch info.Effect {
	case command.Multi, command.Discard:
		if !fits {
			return plain, nil
		}
	}
	switch info.Effect {
	case command.Select:
		f.strayed = true
		switch {
		case !f.cfg.Reconnect || f.cfg.Cluster != nil || !fits:
		case f.inMulti.Number != 0:
			return 0, f.refuse(info, "inside a transaction is not for --on-disconnect resume")
		default:
			return selects, nil
		}
	case command.Multi:
		if f.inMulti.Number == 0 {
			f.inMulti = f.here()
			f.trans.held, f.trans.keyed, f.trans.crowd, f.trans.at = true, false, false, f.inMulti
		}
		return multi, nil
	case command.Exec:
		f.inMulti = Place{}
		return exec, nil
	case command.Discard:
		f.inMulti = Place{}
		return discard, nil
	case command.Asking, command.Caching:
		return prefix, nil
	case command.Hello, command.Reset:
		if f.cfg.AllowState && info.Effect == command.Reset {
			f.inMulti, f.strayed = Place{}, true
			return discard, nil
		} else if f.cfg.AllowState {
			return plain, nil
		}
		return 0, f.refuse(info, "changes the connection\n--allow-state lets it pass")
	case command.Subscribe, command.PSubscribe, command.SSubscribe, command.Monitor:
		return 0, f.refuse(info, uncountable+"run it as a command of its own: easycli "+info.Name+" ...")
	case command.Unsubscribe, command.PUnsubscribe, command.SUnsubscribe, command.Sync,
		command.ReplyMode, command.ReplyOn, command.ReplyOff, command.ReplySkip, command.ScriptDebug:
		return 0, f.refuse(info, uncountable+"leave it out: it does nothing to the data")
	case command.Quit, command.Shutdown:
		return 0, f.refuse(info, "ends the connection in the middle of the load\nleave it out: a load ends with its input")
	}
	if info.Blocking && f.inMulti.Number == 0 && !f.cfg.AllowBlocking {
		return 0, f.refuse(info, "may wait for ever\n--allow-blocking lets it pass")
	}
	return plain, nil
}

// ofOneConnection reports whether a command changes the connection for those behind it.
func ofOneConnection(e command.Effect) bool {
	switch e {
	case command.Auth, command.Hello, command.Reset, command.Watch, command.Unwatch, command.Asking, command.Caching,
		command.ReadOnlyMode, command.ReadWriteMode, command.Tracking:
		return true
	}
	return false
}

// uncountable is why a command is refused after which replies are not one for each command.
const uncountable = "changes what the server answers, so replies could no longer be counted\n"

func (f *feeder) refuse(info command.Info, why string) error {
	return f.errorf(0, "%s %s", info.Name, why)
}

// errorf is an InputError for the command at the front of the input, or that many bytes into it. Its
// text may have a second line, with advice.
func (f *feeder) errorf(at int, format string, args ...any) error {
	msg, advice, _ := strings.Cut(fmt.Sprintf(format, args...), "\n")
	if at > 0 {
		msg += fmt.Sprintf(" (at byte %d)", f.offset+int64(at))
	}
	return &InputError{Place: f.here(), Msg: msg, Advice: advice}
}

// read asks the input for more. The lock is let go meanwhile: the load may end without it.
func (f *feeder) read(ctx context.Context) error {
	if f.r > 0 {
		rest := f.buf[f.r:f.w]
		if len(f.buf) > 4*holdBytes && len(rest) < readBytes { // one huge line has swollen it
			f.buf = make([]byte, 2*readBytes)
		}
		f.w = copy(f.buf, rest)
		f.r = 0
	}
	if f.w == len(f.buf) {
		larger := make([]byte, max(len(f.buf)+readBytes, min(2*len(f.buf), maxLine+readBytes)))
		copy(larger, f.buf)
		f.buf = larger
	}
	f.sending.Unlock()
	n, err := f.reader.Read(f.buf[f.w:])
	f.sending.Lock()
	if f.stopped || ctx.Err() != nil {
		return ErrInterrupted
	}
	f.heads.read(f.buf[f.w : f.w+n])
	f.w += n
	if err == io.EOF {
		f.eof = true
	} else if err != nil {
		return fmt.Errorf("reading the input: %w", err)
	}
	return nil
}

// closeMulti ends a transaction that the input leaves open, so that nothing of it is ever executed.
func (f *feeder) closeMulti(ctx context.Context) error {
	if f.inMulti.Number == 0 {
		return nil
	}
	left := &InputError{Place: f.inMulti, Msg: "the input ends inside this MULTI, which is therefore not executed"}
	if f.inMulti.Number <= f.cfg.Skip { // it was left out
		return left
	}
	slot := f.trans.slot
	if f.trans.held {
		if f.cfg.Cluster != nil {
			f.leaveBlock(f.trans.block) // nothing of it has been sent
			return left
		}
		if err := f.passTransaction(false); err != nil {
			return err
		}
	}
	if err := f.settle(ctx); err != nil {
		return err
	}
	n := f.routes[slot]
	b, err := n.block(ctx)
	if err != nil {
		return err
	}
	b.base = f.next
	b.entries = append(b.entries, entry{role: ours})
	b.wire = append(b.wire, "*1\r\n$7\r\nDISCARD\r\n"...)
	n.marks.multiEnded()
	if err := n.give(ctx, b); err != nil {
		return err
	}
	return left
}

// mustHold reports whether a large command is not passed on in pieces: it belongs to a transaction
// that is collected, or its slot might move while it is on its way.
func (f *feeder) mustHold() bool {
	limit := maxWhole
	if f.trans.held {
		limit = maxTransaction
	}
	return f.cfg.Cluster != nil && f.w-f.r <= limit
}

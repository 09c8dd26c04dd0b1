package bulk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"strconv"
	"strings"
	"sync"

	"easycli/internal/cluster"
	"easycli/internal/command"
	"easycli/internal/resp"
)

// intake takes the feeder's blocks: it passes over what has been loaded, refuses what must not be in
// a batch, and knows the input by its beginning.
type intake struct {
	*exact
	parcels chan *parcel  // closed at the end of the input, or at what ends it
	err     error         // which that was
	huge    chan struct{} // a place for each block with a huge command

	skip   int64  // commands that have been loaded
	told   string // what the key says of the input's beginning
	toldAt int64  // and of where the command behind them begins; 0 where it does not say
	begins int64  // where the last of them begins
	passed bool   // they have been passed over, and were this input's
	db     int    // that the input has selected
	needle []byte // the key as a word of RESP

	base int64 // length of the inputs in front of the one at hand

	mu   sync.Mutex
	read int64  // bytes of all inputs
	head []byte // the first of them

	end string // see tail

	hashed int       // of head, by sum
	sum    hash.Hash // the sending side's
}

// headBytes is how much of an input is its beginning.
const headBytes = 1 << 20

func (in *intake) init(x *exact) {
	in.exact = x
	in.parcels = make(chan *parcel, blocks)
	in.huge = make(chan struct{}, 1)
	in.db = x.cfg.Client.DB
	in.needle = resp.AppendCommand(nil, x.key)[len("*1\r\n"):]
	in.sum = in.newSum()
	x.cfg.Inputs = append([]Input(nil), x.cfg.Inputs...)
	for i := range x.cfg.Inputs {
		one := &x.cfg.Inputs[i]
		open := one.Open
		one.Open = func() (io.ReadCloser, error) { return in.open(open) }
	}
}

// start lets the feeder run.
func (in *intake) start(ctx context.Context) {
	go func() {
		err := in.exact.feed(ctx)
		if err == nil {
			err = in.ended()
		}
		in.err = err
		close(in.parcels)
	}()
}

// ended is reached with the end of the input.
func (in *intake) ended() error {
	if in.passed {
		return nil
	}
	if in.next.Number-1 < in.skip {
		return in.otherInput(in.skip)
	}
	return in.pass(math.MaxInt64)
}

// parcel is a block on its way into batches.
type parcel struct {
	*block
	behind position // behind the last command
	base   int64
	from   int // the first command that is in no batch yet
	db     int // selected in front of it
	users  int // pieces that are not settled, and one for itself
	huge   bool
}

// at is the place in front of a command, or behind the last.
func (p *parcel) at(i int) position {
	if i == len(p.entries) {
		return p.behind
	}
	place := p.place(i)
	return position{place, p.base + place.Offset}
}

// release is called by each user; the last gives the block back.
func (p *parcel) release() {
	if p.users--; p.users > 0 {
		return
	}
	if p.huge {
		<-p.lane.load.exact.intake.huge
	}
	p.lane.finish(p.block)
}

// accept takes a block from the feeder. On an error, what stands in front of the command that is
// refused has been passed on.
func (in *intake) accept(ctx context.Context, b *block) error {
	p := &parcel{block: b, base: in.base, db: in.db, users: 1}
	p.behind = position{in.next, in.base + in.next.Offset}
	err := in.inspect(p)
	for p.from < len(b.entries) && p.place(p.from).Number <= in.skip {
		if b.entries[p.from].role == selects {
			p.db = databaseOf(b, p.from)
		}
		in.begins = p.at(p.from).total
		p.from++
	}
	if p.from == len(b.entries) {
		b.lane.finish(b)
		return err
	}
	if !in.passed {
		if err := in.pass(p.at(p.from).total); err != nil {
			return err
		}
	}
	if p.huge = cap(b.wire) > 2*blockBytes; p.huge {
		select {
		case in.huge <- struct{}{}:
		case <-ctx.Done():
			return ErrInterrupted
		}
	}
	if err := in.throttle.wait(ctx, len(b.entries)-p.from, len(b.wire)-int(b.entries[p.from].at)); err != nil {
		return err
	}
	select {
	case in.parcels <- p:
		return err
	case <-ctx.Done():
		return ErrInterrupted
	}
}

// inspect looks for commands that must not be in a batch, and for the databases that they select.
// From the first that is refused on, all are cut off.
func (in *intake) inspect(p *parcel) (err error) {
	suspicious := in.clustered || len(p.wire) > maxHeld || bytes.Contains(p.wire, in.needle)
	for i := range p.entries {
		var words [][]byte
		if suspicious || p.entries[i].role == selects {
			words = commandWords(nil, p.wire[p.entries[i].at:p.end(i)])
		}
		if suspicious {
			err = in.inspectKeys(p, i, words)
		}
		if err == nil && p.entries[i].role == selects {
			err = in.follow(p, i, words)
		}
		if err != nil {
			p.behind = p.at(i)
			p.wire, p.entries = p.wire[:p.entries[i].at], p.entries[:i]
			return err
		}
	}
	return nil
}

// follow keeps track of the database.
func (in *intake) follow(p *parcel, i int, words [][]byte) error {
	db, err := strconv.Atoi(string(words[1]))
	if err != nil || db < 0 {
		return &InputError{Place: p.place(i), Msg: "SELECT wants the number of a database"}
	}
	in.db = db
	return nil
}

// databaseOf is the database that a SELECT chooses, which follow has found to be a number.
func databaseOf(b *block, i int) int {
	db, _ := strconv.Atoi(string(commandWords(nil, b.wire[b.entries[i].at:b.end(i)])[1]))
	return db
}

// inspectKeys refuses a command that is too large, that may touch the load's key, or that belongs to
// another slot.
func (in *intake) inspectKeys(p *parcel, i int, words [][]byte) error {
	info := command.Of(words)
	refuse := func(format string, args ...any) error {
		msg, advice, _ := strings.Cut(fmt.Sprintf(format, args...), "\n")
		return &InputError{Place: p.place(i), Msg: msg, Advice: advice}
	}
	if size := p.end(i) - int(p.entries[i].at); size > maxHeld {
		return refuse(tooLarge)
	}
	keys := info.AppendKeys(nil, words)
	for _, at := range keys {
		if string(words[at]) == in.key {
			return refuse("%s uses %s, which is the load's own key\nchoose another one for --checkpoint", info.Name, in.shownKey())
		}
		if in.clustered && cluster.SlotOf(words[at]) != cluster.SlotOf([]byte(in.key)) {
			return refuse("the key %q is in slot %d and %s in slot %d: only one slot of a cluster can be loaded with a checkpoint\n"+
				"keys with the same text in {braces} share a slot", words[at], cluster.SlotOf(words[at]), in.shownKey(),
				cluster.SlotOf([]byte(in.key)))
		}
	}
	if in.clustered && !info.Known {
		return refuse("%s is not known, nor are its keys: in a cluster it cannot be loaded with a checkpoint", shownWord(words[0]))
	}
	if spread, _ := info.Spread(); in.clustered && spread != command.OneNode {
		return refuse("%s is for every node of a cluster: it cannot be loaded with a checkpoint", info.Name)
	}
	if info.Known && !info.MayTouchAny() {
		return nil
	}
	for _, word := range words[1:] {
		if string(word) == in.key {
			return refuse("%s may use %s, which is the load's own key\nchoose another one for --checkpoint",
				shownWord(words[0]), in.shownKey())
		}
	}
	return nil
}

const tooLarge = "a command of more than 16 MiB: with --checkpoint it would have to be held in memory\nload it by itself, without --checkpoint"

// shownWord is the name of a command that we do not know.
func shownWord(word []byte) string { return strconv.QuoteToASCII(string(word[:min(len(word), 64)])) }

// admitExact is admit for a load with a checkpoint.
func (f *feeder) admitExact(info command.Info, fits bool) (role, error) {
	switch info.Effect {
	case command.None:
	case command.Select:
		if !fits {
			return plain, nil // refused by the server
		}
		return selects, nil
	case command.Multi, command.Exec, command.Discard, command.Watch, command.Unwatch:
		return 0, f.refuse(info, "cannot be loaded with --checkpoint, whose batches are transactions themselves")
	default:
		return 0, f.refuse(info, "cannot be loaded with --checkpoint: it changes the connection, which may have to be replaced at any moment")
	}
	switch {
	case info.Clears():
		return 0, f.refuse(info, "cannot be loaded with --checkpoint: it would take the load's own key away\n"+
			"run it before the load: easycli "+info.Name)
	case info.Admin:
		return 0, f.refuse(info, "cannot be loaded with --checkpoint: it is about the server, not about data")
	case info.Blocking && !f.cfg.AllowBlocking:
		return 0, f.refuse(info, "waits, and with --checkpoint it cannot: in a transaction it answers at once\n--allow-blocking lets it pass")
	}
	return plain, nil
}

// open opens an input and listens to what is read from it.
func (in *intake) open(open func() (io.ReadCloser, error)) (io.ReadCloser, error) {
	r, err := open()
	in.mu.Lock()
	in.base, in.db = in.read, in.cfg.Client.DB // each input begins there
	in.mu.Unlock()
	one := &listener{r, in}
	if counter, ok := r.(consumed); ok {
		return countingListener{one, counter}, err
	}
	return one, err
}

// consumed is an input that counts what has been read of it where it lies, as of what is compressed.
type consumed interface{ Consumed() int64 }

// countingListener is a listener to such an input.
type countingListener struct {
	*listener
	consumed
}

// listener is an input whose beginning is kept.
type listener struct {
	io.ReadCloser
	in *intake
}

func (l *listener) Read(p []byte) (int, error) {
	n, err := l.ReadCloser.Read(p)
	in := l.in
	in.mu.Lock()
	in.read += int64(n)
	if rest := headBytes - len(in.head); rest > 0 {
		in.head = append(in.head, p[:min(n, rest)]...)
	}
	in.mu.Unlock()
	return n, err
}

// headAt says how the input begins, as far as it reaches in front of an offset: "length:hash". It is
// asked with growing offsets, and "" when there is nothing new to say.
func (in *intake) headAt(total int64) string {
	in.mu.Lock()
	defer in.mu.Unlock()
	end := int(min(total, int64(len(in.head))))
	if end <= in.hashed {
		return ""
	}
	in.sum.Write(in.head[in.hashed:end])
	in.hashed = end
	return headText(end, in.sum.Sum(nil))
}

// newSum begins a hash of the input's beginning. What makes commands of it belongs to it.
func (in *intake) newSum() hash.Hash {
	sum := sha256.New()
	if in.cfg.Template != nil {
		fmt.Fprintf(sum, "%q %v\n", in.cfg.Template.Text(), in.cfg.NoHeader)
	}
	return sum
}

func headText(n int, sum []byte) string { return fmt.Sprintf("%d:%s", n, hex.EncodeToString(sum[:16])) }

// pass is called when what has been loaded has been passed over, with where the command behind it
// begins: it must have been this input. Its beginning is compared, and the place that was reached,
// which is where it was only if all commands in front of it are as long as they were together.
func (in *intake) pass(next int64) error {
	in.passed = true
	if in.toldAt > 0 && (in.begins >= in.toldAt || in.toldAt > next) {
		return in.otherInput(in.skip)
	}
	length, _, _ := strings.Cut(in.told, ":")
	n, _ := strconv.Atoi(length)
	in.mu.Lock()
	defer in.mu.Unlock()
	if n <= 0 {
		return nil
	}
	if n > len(in.head) {
		return in.otherInput(in.skip)
	}
	sum := in.newSum()
	sum.Write(in.head[:n])
	if headText(n, sum.Sum(nil)) != in.told {
		return in.otherInput(in.skip)
	}
	return nil
}

// size is the length of all inputs together, "" where it is not known.
func (in *intake) size() string {
	total := int64(0)
	for _, one := range in.cfg.Inputs {
		if one.bytes() <= 0 {
			return ""
		}
		total += one.bytes()
	}
	return strconv.FormatInt(total, 10)
}

// tail is a hash of the end of the last input, "" where it cannot be read.
func (in *intake) tail() string {
	last := &in.cfg.Inputs[len(in.cfg.Inputs)-1]
	if in.end != "" || last.Tail == nil {
		return in.end
	}
	text, err := last.Tail(headBytes)
	if err != nil || len(text) == 0 {
		return "" // reading it will say why
	}
	sum := sha256.Sum256(text)
	in.end = headText(len(text), sum[:])
	return in.end
}

// length is how many bytes have been read of all inputs.
func (in *intake) length() int64 {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.read
}

// compare refuses an input of which is known, without reading it, that it is not the one the key
// belongs to.
func (in *intake) compare(rec bookmark) error {
	if rec.commands == 0 && !rec.complete() {
		return nil // nothing of it has been loaded
	}
	if size := in.size(); size != "" && rec.size != "" && size != rec.size {
		return in.changed(rec)
	}
	if tail := in.tail(); tail != "" && rec.tail != "" && tail != rec.tail {
		return in.changed(rec)
	}
	return nil
}

// changed refuses an input that is not the one the key belongs to, or has been changed since. Where
// that was behind what has been loaded, with another key all of that would be loaded a second time.
func (in *intake) changed(rec bookmark) error {
	e := in.otherInput(rec.commands)
	e.Advice += "; but if it is the same, changed only behind these commands, " + in.mended(rec.complete())
	return e
}

// mended says how an input goes on that has been changed behind what has been loaded.
func (in *intake) mended(complete bool) string {
	how := fmt.Sprintf("HDEL %s %s %s", in.shownKey(), fieldSize, fieldTail)
	if complete {
		how += fmt.Sprintf(" and HSET %s %s %s", in.shownKey(), fieldState, stateLoading)
	}
	return how + ", and the same command line goes on behind them"
}

// otherInput refuses an input that is not the one the key belongs to.
func (in *intake) otherInput(loaded int64) *CheckpointError {
	return &CheckpointError{OtherInput: true,
		Msg:    fmt.Sprintf("%s belongs to another input, of which %d commands have been loaded", in.shownKey(), loaded),
		Advice: "choose another key for this one"}
}

// already is a load that has been completed before: there is nothing to do, if it was this input.
func (x *exact) already(ctx context.Context, rec bookmark) error {
	in := &x.intake
	in.told, in.skip = rec.head, rec.commands
	// Of what has no size that is known beforehand, as a pipe, only reading all of it shows that it
	// is not more than was there before, as when what wrote into the pipe had died.
	whole := rec.size == "" || in.size() == ""
	if err := in.readAgain(ctx, rec, whole); err != nil {
		return err
	}
	if err := in.pass(math.MaxInt64); err != nil {
		return err
	}
	if whole && in.read != rec.length {
		return in.otherLength(rec)
	}
	if len(x.cfg.Confirm) > 0 { // there has to be something that can be confirmed
		if _, err := x.conn.Do(ctx, "HSET", x.key, fieldState, stateComplete); err != nil {
			return lost(err)
		}
	}
	x.done.Number = rec.commands + 1
	x.report.Skipped, x.report.Complete = rec.commands, true
	failed := ""
	if rec.errors > 0 {
		failed = fmt.Sprintf(", %d of which failed", rec.errors)
	}
	x.say("already loaded: %s says that all %d commands of this input have been%s", x.shownKey(), rec.commands, failed)
	x.say("to load it again: DEL %s", x.key)
	return nil
}

// otherLength refuses an input that begins as the one that has been loaded, and ends elsewhere.
func (in *intake) otherLength(rec bookmark) error {
	e := in.otherInput(rec.commands)
	if in.read > rec.length {
		e.Msg = fmt.Sprintf("%s says that all of an input has been loaded, %d commands, which ended at byte %d: this one goes on there",
			in.shownKey(), rec.commands, rec.length)
		e.Advice += "; but if it is the same, which was cut off between two commands, " + in.mended(true)
	}
	return e
}

// readAgain reads as much of the input as the key knows, and a byte more if whole is set.
func (in *intake) readAgain(ctx context.Context, rec bookmark, whole bool) error {
	length, _, _ := strings.Cut(in.told, ":")
	n, _ := strconv.ParseInt(length, 10, 64)
	if whole {
		n = rec.length + 1
	}
	buf := make([]byte, 64<<10)
	for i := range in.cfg.Inputs {
		r, err := in.cfg.Inputs[i].Open()
		if err != nil {
			return fmt.Errorf("opening the input: %w", err)
		}
		for err == nil && in.read < n && ctx.Err() == nil {
			_, err = r.Read(buf)
		}
		r.Close()
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading the input: %w", err)
		}
	}
	return ctx.Err()
}

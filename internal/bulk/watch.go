package bulk

import (
	"io"
	"sync"
	"sync/atomic"

	"easycli/internal/progress"
)

// watch is what a load lets others see of it while it runs.
type watch struct {
	name string       // of the input at hand, of whoever holds load.sending
	at   atomic.Int64 // offset in it up to which it has been sent

	note atomic.Pointer[string] // what the load waits for, if that is not the usual

	mu     sync.Mutex
	shown  []int64      // answers of each lane
	before int64        // bytes of the inputs before the one at hand
	here   int64        // and of that one
	count  func() int64 // how much of it has been read, where the offset does not say it
}

// input begins an input.
func (w *watch) input(in *Input, reader io.Reader) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.before += w.here
	w.here, w.count = in.bytes(), nil
	if counter, ok := reader.(interface{ Consumed() int64 }); ok && in.Size == 0 {
		w.count = counter.Consumed
	}
	w.name = in.Name
	w.at.Store(0)
}

// reached notes how far the input has been sent, but for commands that wait for more of
// their lane.
func (w *watch) reached(p Place) {
	if p.Input == w.name && p.Offset > w.at.Load() {
		w.at.Store(p.Offset)
	}
}

// done is how many bytes of the inputs have been sent, or read at least.
func (w *watch) done() int64 {
	if w.count != nil {
		return w.before + w.count()
	}
	return w.before + w.at.Load()
}

// bytes is how long the input is where it lies, 0 if that is not known.
func (in *Input) bytes() int64 {
	if in.Size == 0 {
		return in.Packed
	}
	return in.Size
}

// total is how many bytes there are to load, 0 if that is not known of all inputs.
func (l *load) total() int64 {
	sum := int64(0)
	for i := range l.cfg.Inputs {
		n := l.cfg.Inputs[i].bytes()
		if n == 0 {
			return 0
		}
		sum += n
	}
	return sum
}

// facts is how far the load is, for a line of progress.
func (l *load) facts() progress.Facts {
	w := &l.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	f := progress.Facts{Bytes: w.done(), TotalBytes: l.total(), Noun: "commands", Errors: l.failures.so()}
	if l.exact != nil {
		f.Items, f.Waiting = l.exact.settled.Load(), !l.exact.idle.Load()
		return f
	}
	lanes, note := l.all(), w.note.Load()
	for len(w.shown) < len(lanes) {
		w.shown = append(w.shown, 0)
	}
	for i, n := range lanes {
		coming := n.asked.Load() // before what may come in addition
		due := n.conn.InFlight()
		if note != nil {
			due = 0 // it is no command of the input
		}
		w.shown[i] = max(w.shown[i], coming-int64(due))
		f.Items += w.shown[i]
		f.Waiting = f.Waiting || due > 0
		if len(lanes) > 1 {
			f.Parts = append(f.Parts, progress.Part{Name: n.node.Addr(), Items: w.shown[i]})
		}
	}
	if note != nil { // all has been answered
		f.Note, f.Bytes = *note, f.TotalBytes
	}
	return f
}

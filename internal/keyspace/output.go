package keyspace

import (
	"errors"
	"io"
	"slices"
	"sync"
	"sync/atomic"
)

// OutputError is output that does not take what is written to it.
type OutputError struct{ Err error }

func (e *OutputError) Error() string { return "writing the export: " + e.Err.Error() }
func (e *OutputError) Unwrap() error { return e.Err }

// output is what all lanes write to. Its lock is held while a key is being written, so that nothing
// comes between the commands of one key.
type output struct {
	lock  sync.Mutex
	w     io.Writer
	err   error
	bytes atomic.Int64
	keys  atomic.Int64 // that have been written as a whole
	torn  []byte       // the key of which only the beginning has been
}

// errTorn: nothing may be written behind a key that breaks off, it would be taken for its rest.
var errTorn = errors.New("the output ends inside a key")

// write passes on what a lane has; the lock is held.
func (o *output) write(p []byte) error {
	if o.err == nil && len(p) > 0 {
		n, err := o.w.Write(p)
		o.bytes.Add(int64(n))
		if err != nil {
			o.err = &OutputError{err}
		}
	}
	return o.err
}

// How much a lane keeps: whole keys until they are worth a write, and one key until it is so large
// that it takes the output for itself.
const (
	laneBytes  = 64 << 10
	spillBytes = 1 << 20
)

// lane is what becomes of the keys that one connection reads: they are put together here, and
// passed on key by key. A lane is used by one goroutine at a time.
type lane struct {
	out   *output
	buf   []byte
	mark  int // where the key at hand begins in buf
	name  []byte
	holds bool // that key has begun to pass through: the output's lock is ours
	keys  int64
}

// room makes room within a key. The first time that is needed it waits for its turn at the output.
func (l *lane) room() error {
	switch {
	case l.holds && len(l.buf) >= laneBytes:
	case len(l.buf) >= spillBytes:
		if !l.holds {
			l.out.lock.Lock()
			l.holds = true
		}
	default:
		return nil
	}
	err := l.out.write(l.buf)
	l.buf, l.mark = l.buf[:0], 0
	return err
}

// endKey is called behind each key.
func (l *lane) endKey() error {
	l.mark = len(l.buf)
	l.keys++
	if l.holds || len(l.buf) >= laneBytes {
		return l.flush()
	}
	return nil
}

// drop forgets what has been written of the key at hand, and reports whether that was in time:
// otherwise the beginning of the key is out.
func (l *lane) drop() (inTime bool) {
	if l.holds {
		return false
	}
	l.buf = l.buf[:l.mark]
	return true
}

// flush writes all whole keys and lets others have their turn.
func (l *lane) flush() error {
	if !l.holds {
		l.out.lock.Lock()
	}
	err := l.out.write(l.buf[:l.mark])
	if err == nil {
		l.out.keys.Add(l.keys)
	}
	l.keys, l.holds = 0, false
	l.out.lock.Unlock()
	l.buf = append(l.buf[:0], l.buf[l.mark:]...)
	l.mark = 0
	if cap(l.buf) > 2*spillBytes {
		l.buf = nil
	}
	return err
}

// abandon ends a lane whose connection is over: what is whole is written, and if the key at hand was
// passing through, that is the end of the output.
func (l *lane) abandon() {
	if !l.holds {
		l.flush()
		return
	}
	if l.out.err == nil {
		l.out.err, l.out.torn = errTorn, slices.Clone(l.name)
	}
	l.holds, l.buf, l.mark = false, l.buf[:0], 0
	l.out.lock.Unlock()
}

package lineeditor

import (
	"context"
	"time"
)

// wait waits for what happens next. What was typed before the line began comes first.
func (r *reading) wait() {
	e := r.e
	if err := e.screen.failure(); err != nil {
		r.end(err, "")
		return
	}
	if r.typedAhead() {
		return
	}
	var lost <-chan time.Time
	if d := e.keys.patience(); d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		lost = timer.C
	}
	select {
	case p := <-e.input.request():
		r.fed(p)
	case <-r.ctx.Done():
		r.end(context.Cause(r.ctx), "")
	case <-lost:
		r.lost()
	case _, ok := <-e.cfg.Resized:
		r.resized(ok)
	case <-e.poke:
		r.last = nil
	case entries := <-r.suggest.awaited():
		r.suggest.arrived(entries)
	case done := <-r.asked.done():
		r.completed(done)
	}
}

// fed takes what was typed.
func (r *reading) fed(p piece) {
	r.dropCompletion()
	r.e.keys.feed(r.e.input.take(p))
}

// lost gives up what a rest was waited for, unless that is there by now: where the machine is slow the two
// happen at once, and the beginning of a paste must not become keys.
func (r *reading) lost() {
	select {
	case p := <-r.e.input.request():
		r.fed(p)
	default:
		if k, ok := r.e.keys.giveUp(); ok {
			r.key(k)
		}
	}
}

// typedAhead reports whether there are keys already, or never will be any more.
func (r *reading) typedAhead() bool {
	if k, ok := r.e.keys.next(); ok {
		r.key(k)
		return true
	}
	if r.e.input.err == nil {
		return false
	}
	if k, ok := r.e.keys.giveUp(); ok {
		r.key(k)
	} else {
		r.end(r.e.input.err, "")
	}
	return true
}

// keys does what the keys say that have been read.
func (r *reading) keys() {
	for !r.ended {
		k, ok := r.e.keys.next()
		if !ok {
			return
		}
		r.settleCompletion()
		r.key(k)
	}
}

// resized follows a terminal that has changed.
func (r *reading) resized(ok bool) {
	if !ok {
		r.e.cfg.Resized = nil
		return
	}
	if err := r.raw(); err != nil {
		r.end(err, "")
		return
	}
	columns, _ := r.e.size()
	r.e.screen.resized(columns)
}

package pipeclient

import (
	"context"
	"sync"
	"sync/atomic"

	"easycli/internal/resp"
)

// call is the Consumer behind Do: it wakes one waiting caller.
type call struct {
	state atomic.Uint32
	done  chan struct{}
	value resp.Value
	err   *LostError
	pool  *sync.Pool // of its connection
}

// The states of a call. It leaves callWaiting once, by whoever is first: the receiver, or the
// caller that stops waiting. In callAbandoned the receiver owns it.
const (
	callWaiting uint32 = iota
	callDone
	callAbandoned
)

// newCall takes a call out of the connection's pool.
func (c *Conn) newCall() *call {
	if k, ok := c.calls.Get().(*call); ok {
		return k
	}
	return &call{done: make(chan struct{}, 1), pool: &c.calls}
}

func (k *call) free() {
	k.value, k.err = resp.Value{}, nil
	k.state.Store(callWaiting)
	k.pool.Put(k)
}

// Consume reads the reply for the caller that waits, or drops it if none does any more.
func (k *call) Consume(src *resp.Reader) error {
	if k.state.Load() == callAbandoned {
		_, err := src.Skip(func(int, []byte) {})
		if err == nil {
			k.free()
		}
		return err
	}
	v, err := src.ReadValue()
	if err != nil {
		return err
	}
	k.value = v
	k.finish()
	return nil
}

// Lost tells the caller that no reply will come.
func (k *call) Lost(err *LostError, _ int) {
	k.err = err
	k.finish()
}

func (k *call) finish() {
	if k.state.CompareAndSwap(callWaiting, callDone) {
		k.done <- struct{}{}
		return
	}
	k.free()
}

// wait is the caller's side: it returns the reply, or gives the call up when ctx ends first.
func (k *call) wait(ctx context.Context) (resp.Value, error) {
	if ctx.Done() == nil {
		<-k.done
	} else {
		select {
		case <-k.done:
		case <-ctx.Done():
			if k.state.CompareAndSwap(callWaiting, callAbandoned) {
				return resp.Value{}, &LostError{State: ErrInDoubt, Cause: context.Cause(ctx)}
			}
			<-k.done
		}
	}
	v, lost := k.value, k.err
	k.free()
	if lost != nil {
		return resp.Value{}, lost
	}
	return v, nil
}

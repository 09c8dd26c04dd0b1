package repl

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/command"
	"easycli/internal/lines"
	"easycli/internal/pipeclient"
	"easycli/internal/render"
	"easycli/internal/resp"
	"easycli/internal/session"
)

// replies prints what comes back, on the connection's receiver, each reply in its slot. It is the
// one consumer of a script's commands.
type replies struct {
	// mu guards all of it. The receiver holds it while it prints a reply, the reader of the script
	// while it adds slots.
	mu     sync.Mutex
	out    *render.Printer
	how    render.Options
	slots  []slot // from head on; a reply is awaited by the first, if there is one
	head   int
	owed   int // slots that await a reply
	state  session.State
	report *Report

	// For a cluster: base is the number of slots[0], turn is signalled whenever something happens
	// that somebody may wait for, troubled says that a node has refused a command, and over and ended
	// that nothing more will be sent: because commands are in doubt, or because the script is over.
	base     uint64
	turn     *sync.Cond
	troubled bool
	over     error
	ended    bool
	// learned is told where a slot has moved to.
	learned func(to session.Redirect, from *cluster.Node)

	human  bool // the format that says how long a command took
	began  time.Time
	pushes bool // what the server sends unasked is shown
	inside bool // the receiver is within a reply, and holds mu
}

// put adds slots, of which n await a reply, before their commands are sent.
func (r *replies) put(slots []slot, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.head > len(r.slots)/2 || r.head == len(r.slots) {
		r.base += uint64(r.head)
		r.slots, r.head = r.slots[:copy(r.slots, r.slots[r.head:])], 0
	}
	r.slots = append(r.slots, slots...)
	r.owed += n
	if r.owed == n {
		r.sayKnown()
		if r.human {
			r.began = time.Now()
		}
	}
}

// sayKnown prints what is known already of the slots at the head.
func (r *replies) sayKnown() {
	for r.head < len(r.slots) {
		s := &r.slots[r.head]
		switch {
		case s.text != "":
			r.out.WriteString(s.text)
		case s.routed == nil:
			return
		case s.held != nil:
			r.out.Write(s.held)
			s.lane.holding -= len(s.held)
			r.finished(s)
		case !s.awaits():
			r.sayFault(s)
		default:
			return
		}
		*s = slot{}
		r.head++
	}
}

// say prints a text at once; nothing is on its way.
func (r *replies) say(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.out.WriteString(text)
}

// begin is the state of a connection just made.
func (r *replies) begin(state session.State) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state = state
}

// session is what the replies so far have led to.
func (r *replies) session() session.State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state
}

// learnSilent tells the session of a command that brings no reply.
func (r *replies) learnSilent(info command.Info, argv [][]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state = r.state.After(info, argv, session.Outcome{})
}

// refuse counts a line that is not sent.
func (r *replies) refuse(line int, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.refuse(line, reason)
}

// failed reports whether the server has answered with an error.
func (r *replies) failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.report.Failed > 0
}

// matters reports whether the end of the connection is a loss, although nothing was being sent.
func (r *replies) matters() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.report.DoubtFrom > 0 || r.state.Subscribed() || r.state.InMulti
}

// length is how many slots there are.
func (r *replies) length() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.slots) - r.head
}

// flushIdle flushes, unless the receiver will do so because it has a reply to wait for.
func (r *replies) flushIdle() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.owed == 0 {
		r.out.Flush()
	}
}

// beforeBlock flushes when the receiver is about to wait for the network.
func (r *replies) beforeBlock() {
	if r.inside {
		r.out.Flush()
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.out.Flush()
}

// push prints what the server sent unasked. The messages of a subscription were asked for.
func (r *replies) push(v resp.Value) {
	if !r.inside {
		r.mu.Lock()
		defer r.mu.Unlock()
	}
	if r.pushes || r.state.Subscribed() {
		r.out.PrintPush(v)
	}
	r.state = r.state.AfterPush(v)
}

// Consume prints the next reply.
func (r *replies) Consume(src *resp.Reader) error {
	return r.consume(src, r.printOne)
}

// consume prints what belongs into the first slot, and then what is already known behind it.
func (r *replies) consume(src *resp.Reader, print func(*resp.Reader, *slot) error) error {
	r.mu.Lock()
	r.inside = true
	s := &r.slots[r.head]
	err := print(src, s)
	if err == nil {
		r.finished(s)
		*s = slot{}
		r.head++
		r.owed--
		r.sayKnown()
	}
	r.inside = false
	r.signal()
	r.mu.Unlock()
	return err
}

// signal wakes those who wait for something to happen; the lock is held.
func (r *replies) signal() {
	if r.turn != nil {
		r.turn.Broadcast()
	}
}

// finished ends a slot whose reply has been printed.
func (r *replies) finished(s *slot) {
	if r.human && s.last {
		r.tellTime()
	}
	if s.routed != nil {
		s.parcel.answered()
	}
}

func (r *replies) printOne(src *resp.Reader, s *slot) error {
	o, err := r.show(r.out, src, s)
	if err == nil && (s.sent != nil || r.state.InMulti) {
		r.learn(src, s, o)
	}
	return err
}

// show prints a reply, and counts its errors.
func (r *replies) show(out *render.Printer, src resp.Source, s *slot) (session.Outcome, error) {
	var e *session.Executed
	if s.sent != nil && s.sent.info.Effect == command.Exec {
		e = &session.Executed{Source: src}
		src = e
	}
	o, err := out.Print(src, s.how)
	if err != nil {
		return session.Outcome{}, err
	}
	if o.Kind == resp.Error {
		r.report.fail(s.line, o.Text)
	}
	if e == nil {
		return outcomeOf(o, nil), nil
	}
	for range e.Failed {
		r.report.fail(s.line, e.Text)
	}
	return outcomeOf(o, e.Failed), nil
}

// learn tells the session what came of a command.
func (r *replies) learn(src *resp.Reader, s *slot, o session.Outcome) {
	if s.sent != nil {
		r.state = r.state.After(s.sent.info, s.sent.argv, o)
	} else {
		r.state = r.state.After(command.Info{}, nil, o)
	}
	src.Subscribed = r.state.RESP2Subscribed()
}

// tellTime says how long a line's command took, if that was long.
func (r *replies) tellTime() {
	now := time.Now()
	if took := now.Sub(r.began); took >= lines.Slow {
		r.out.WriteString(fmt.Sprintf("(%.2fs)\n", took.Seconds()))
	}
	r.began = now
}

// Lost notes what became of the commands whose replies will not come.
func (r *replies) Lost(lost *pipeclient.LostError, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for ; n > 0 && r.head < len(r.slots); r.head++ {
		s := &r.slots[r.head]
		if s.text != "" {
			continue
		}
		n--
		r.owed--
		if r.tookDown(s, lost) {
			r.state = r.state.After(s.sent.info, s.sent.argv, session.Outcome{})
			continue
		}
		r.report.lose(s, lost)
		r.over = lost.Cause
	}
	r.signal()
}

// tookDown reports whether the end of the connection is the success of the command in s.
func (r *replies) tookDown(s *slot, lost *pipeclient.LostError) bool {
	return s.sent != nil && s.sent.info.Effect == command.Shutdown &&
		errors.Is(lost, pipeclient.ErrInDoubt) && errors.Is(lost, pipeclient.ErrServerClosed)
}

// outcomeOf is what the session has to know of a reply that was printed.
func outcomeOf(o render.Outcome, failed []int) session.Outcome {
	return session.Outcome{Kind: o.Kind, Queued: session.IsQueued(o.Kind, o.Text), Failed: failed}
}

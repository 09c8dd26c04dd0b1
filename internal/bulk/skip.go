package bulk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"easycli/internal/command"
	"easycli/internal/resp"
)

// passedOver is what the feeder knows of the commands that Config.Skip leaves out: they are read and
// checked like all others, but not sent.
type passedOver struct {
	// state are the commands that have changed the connection, at most one of each kind, in their
	// order: what follows relies on them. Those of an open transaction count with its EXEC.
	state, pending []stateCommand
	inMulti        bool
	last           Place // the last command that was left out
}

// stateCommand is a command that has changed the connection.
type stateCommand struct {
	words []string
	kind  command.Effect
	place Place
	in    *Input
}

// skips reports whether the command at the front of the input is to be left out.
func (f *feeder) skips() bool { return f.next.Number <= f.cfg.Skip }

// leavesOut leaves out the command at the front of the input, unless it is the first that is sent.
func (f *feeder) leavesOut(words [][]byte) (bool, error) {
	if !f.skips() {
		return false, f.arrive()
	}
	if !f.isKnown(words[0], len(words)) {
		if err := f.lookAt(words, len(words)); err != nil {
			return true, err
		}
		f.know(words[0])
	}
	f.passed()
	return true, nil
}

// passed counts a command that is left out.
func (f *feeder) passed() {
	f.over.last = f.here()
	f.next.Number++
}

// lookAt checks a command of so many words that is left out, of which these are the first.
func (f *feeder) lookAt(words [][]byte, n int) error {
	info := command.Of(words)
	role, err := f.admit(info, info.Fits(n))
	if err == nil {
		f.over.note(role, info.Effect, words, f.here(), f.in)
	}
	f.trans.held = false // nothing of a transaction is collected
	return err
}

// arrive is called at the first command that is sent.
func (f *feeder) arrive() error {
	if at := f.inMulti; at.Number != 0 {
		f.inMulti = Place{} // none of it was sent
		return &InputError{Place: at, Msg: fmt.Sprintf("the first %d commands end inside this MULTI", f.cfg.Skip),
			Advice: fmt.Sprintf("to begin with it: --skip %d", at.Number-1)}
	}
	err := f.sameInput()
	if err == nil {
		err = f.samePlace()
	}
	if err == nil {
		err = f.restore(f.ctx)
	}
	f.over = nil
	return err
}

// arriveInPieces is arrive for a command that is too large to be held, and passes it on.
func (f *feeder) arriveInPieces(ctx context.Context, s *respScanner) error {
	if err := f.arrive(); err != nil {
		return err
	}
	return f.stream(ctx, s)
}

// sameInput checks that the input at hand begins as the journal says it does.
func (f *feeder) sameInput() error {
	j := f.journal
	if j == nil {
		return nil
	}
	i := len(f.heads.all) - 1
	if i >= len(j.was.Inputs) || !f.heads.differs(i, j.was.Inputs[i]) {
		return nil
	}
	return j.another("is about another input: %s does not begin as it did", inputName(f.in.Name))
}

// samePlace checks that the first command that is sent stands where the journal says.
func (f *feeder) samePlace() error {
	j := f.journal
	if j == nil || j.was.Next == nil {
		return nil
	}
	next, last, here := j.was.Next, f.over.last, f.here()
	if next.File == last.Input && next.Offset <= last.Offset || next.File == here.Input && next.Offset > here.Offset {
		return j.another("is about another input: command %d, %s, stands elsewhere", here.Number, here.offset())
	}
	return nil
}

// allPassed checks, at the end of the input, that there were as many commands as were to be left out.
func (f *feeder) allPassed() error {
	if !f.skips() {
		return nil
	}
	if f.journal != nil {
		return f.journal.another("is about another input: %d commands of it were loaded, and there are %d", f.cfg.Skip, f.next.Number-1)
	}
	return &InputError{Place: f.next, Msg: fmt.Sprintf("the input ends here, and so there are not as many as %d commands to skip",
		f.cfg.Skip), Advice: "nothing was sent: is this the same input?"}
}

// restore repeats the commands that have changed the connection. A cluster takes none of those.
func (f *feeder) restore(ctx context.Context) error {
	if f.cfg.Cluster != nil {
		return nil
	}
	for _, s := range f.over.state {
		if s.kind == command.Select && s.in != f.in {
			continue // each input begins in the same database
		}
		reply, err := f.routes[0].conn.Do(ctx, s.words...)
		if err != nil {
			return err
		}
		if reply.Kind == resp.Error {
			return fmt.Errorf("%v: %s, which the commands to be sent rely on, is refused: %s",
				s.place, shown([]byte(s.words[0])), shown([]byte(reply.Text)))
		}
	}
	return nil
}

// changesConnection are the effects that last. Those of WATCH do not: its keys may have changed since
// then, whoever watches them.
var changesConnection = []command.Effect{
	command.Select, command.Auth, command.Hello, command.ClientName, command.Tracking, command.NoEvict, command.NoTouch,
	command.ReadOnlyMode, command.ReadWriteMode,
}

// note takes note of a command that was left out.
func (p *passedOver) note(role role, kind command.Effect, words [][]byte, place Place, in *Input) {
	switch {
	case role == multi:
		p.inMulti = true
	case role == exec:
		for _, s := range p.pending {
			p.state = keep(p.state, s)
		}
		p.pending, p.inMulti = nil, false
	case role == discard:
		p.pending, p.inMulti = nil, false
		if kind == command.Reset {
			p.state = []stateCommand{newStateCommand(kind, words, place, in)}
		}
	case !slices.Contains(changesConnection, kind):
	case p.inMulti:
		p.pending = keep(p.pending, newStateCommand(kind, words, place, in))
	default:
		p.state = keep(p.state, newStateCommand(kind, words, place, in))
	}
}

func newStateCommand(kind command.Effect, words [][]byte, place Place, in *Input) stateCommand {
	s := stateCommand{kind: kind, place: place, in: in}
	for _, word := range words {
		s.words = append(s.words, string(word))
	}
	return s
}

// keep puts a command in the place of the last one of its kind.
func keep(list []stateCommand, s stateCommand) []stateCommand {
	list = slices.DeleteFunc(list, func(old stateCommand) bool { return old.kind == s.kind })
	return append(list, s)
}

// passOverPieces leaves out a command that is too large to be held.
func (f *feeder) passOverPieces(ctx context.Context, s *respScanner) error {
	if s.left == s.n {
		return f.errorf(0, "the name of this command is too long")
	}
	at := f.here()
	if err := f.lookAt(commandWords(nil, f.buf[f.r:f.r+s.pos]), s.n); err != nil {
		return err
	}
	p := passage{feeder: f, scan: s, block: &block{lane: f.all()[0]}, left: true}
	if err := p.run(ctx); err != nil {
		if input := (*InputError)(nil); errors.As(err, &input) {
			input.Place = at
		}
		return err
	}
	f.next.Offset = f.offset
	f.over.last = at
	return nil
}

package bulk

import (
	"context"
	"errors"
	"strconv"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/command"
	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// maxBulk is the longest string a server takes unless it is told otherwise (proto-max-bulk-len).
const maxBulk = 512 << 20

// stream passes on a command that is too large to be held. Everything before it is answered first.
// If the input then breaks off or goes wrong inside it, the connection is closed, and the server
// drops the part that it has.
func (f *feeder) stream(ctx context.Context, s *respScanner) error {
	if f.trans.held {
		if f.cfg.Cluster != nil {
			return f.errorf(0, "a transaction of more than %d bytes", maxTransaction)
		}
		if err := f.passTransaction(false); err != nil {
			return err
		}
	}
	if err := f.settle(ctx); err != nil {
		return err
	}
	if s.left == s.n {
		return f.errorf(0, "the name of this command is too long")
	}
	p := passage{feeder: f, scan: s}
	if err := p.open(ctx); err != nil {
		return err
	}
	f.passing = p.block
	err := p.run(ctx)
	if f.stopped {
		return ErrInterrupted // left behind: the load has ended without us
	}
	f.passing = nil
	b := p.block
	if err == nil {
		f.next.Offset = f.offset
		return nil
	}
	if input := (*InputError)(nil); errors.As(err, &input) {
		input.Place = b.base
	}
	if !p.begun {
		b.lane.free <- b
		return err
	}
	b.lane.conn.Abort(pipeclient.ErrClosed)
	<-b.lane.conn.Over()
	if b.partial.Load() && b.next > 0 { // answered before its end, as a server does that has had enough
		f.next.Number++
	}
	return err
}

// open finds the way for the command, and opens a block with what is there of it. Nothing else is on
// its way.
func (p *passage) open(ctx context.Context) error {
	words := commandWords(nil, p.buf[p.r:p.r+p.scan.pos]) // the first ones, which came before the large one
	info := command.Of(words)
	role, err := p.admit(info, info.Fits(p.scan.n))
	if err != nil {
		return err
	}
	n, to := p.routes[0], aimed{}
	if p.cfg.Cluster != nil {
		if n, to, err = p.ownerOf(ctx, info, words); err != nil {
			return err
		}
	}
	b, err := n.block(ctx)
	if err != nil {
		return err
	}
	b.base = p.here()
	b.entries = append(b.entries, entry{slot: to.slot, role: role})
	n.marks.count(b)
	b.wire = resp.AppendCommand(b.wire, words[0]) // a message may need the name
	b.partial.Store(true)
	b.inPieces = true
	p.block = b
	return nil
}

// passBytes is how much of a command is passed on at once: enough for the connection to see that it
// is alive, since no reply can come before its end.
const passBytes = 256 << 10

// passage is a command on its way through: what lies in front of scan.pos has been checked, and is
// sent when it is a good piece or when the buffer is needed.
type passage struct {
	*feeder
	scan  *respScanner
	block *block
	begun bool
	left  bool // nothing is sent: the command is left out
}

// run passes on the command at the front of the input, word by word, as it is read.
func (p *passage) run(ctx context.Context) error {
	for s := p.scan; s.left > 0; s.left-- {
		n, end, err := s.header(p.feeder, p.buf[p.r:p.w], s.pos, '$')
		for err == nil && end == 0 {
			if err = p.more(ctx); err == nil {
				n, end, err = s.header(p.feeder, p.buf[p.r:p.w], s.pos, '$')
			}
		}
		if err == nil {
			err = p.check(ctx, n, end)
		}
		if err == nil {
			s.pos = end
			err = p.word(ctx, n)
		}
		if err != nil {
			return err
		}
	}
	p.block.partial.Store(false)
	p.next.Number++
	return p.flush(ctx)
}

// word passes over the bytes of a word and the end of its line.
func (p *passage) word(ctx context.Context, n int) error {
	s := p.scan
	for left := n; left > 0; {
		if s.pos >= p.throttle.piece() {
			if err := p.flush(ctx); err != nil {
				return err
			}
		}
		if p.r+s.pos == p.w {
			if err := p.more(ctx); err != nil {
				return err
			}
		}
		part := min(p.w-p.r-s.pos, left, p.throttle.piece())
		s.pos += part
		left -= part
	}
	for p.w-p.r-s.pos < 2 {
		if err := p.more(ctx); err != nil {
			return err
		}
	}
	if end := p.r + s.pos; p.buf[end] != '\r' || p.buf[end+1] != '\n' {
		return p.errorf(0, "no CRLF behind a word of %d bytes: its length is wrong", n)
	}
	s.pos += 2
	return nil
}

// commands is how many commands the next piece is worth to a rate: the first is worth it all.
func (p *passage) commands() int {
	if p.begun {
		return 0
	}
	return 1
}

// more reads more of the command, behind what waits to be sent.
func (p *passage) more(ctx context.Context) error {
	if p.scan.pos >= p.throttle.piece() {
		if err := p.flush(ctx); err != nil {
			return err
		}
	}
	return p.feeder.more(ctx)
}

// flush sends what has been checked.
func (p *passage) flush(ctx context.Context) error {
	part := p.buf[p.r : p.r+p.scan.pos]
	p.r += len(part)
	p.offset += int64(len(part))
	p.scan.pos = 0
	p.watch.reached(Place{Input: p.in.Name, Offset: p.offset})
	if len(part) == 0 || p.left {
		return nil
	}
	if err := p.throttle.wait(ctx, p.commands(), len(part)); err != nil {
		return err
	}
	n := p.block.lane
	if p.begun {
		return n.conn.Continue(ctx, part)
	}
	p.begun = true
	err := n.conn.Send(ctx, part, 1, p.block)
	if err == nil {
		n.gave(p.block)
	}
	return err
}

// more reads more of a command that has begun.
func (f *feeder) more(ctx context.Context) error {
	if !f.eof {
		if err := f.read(ctx); err != nil {
			return err
		}
	}
	if f.eof {
		return f.errorf(0, "the input ends inside this command")
	}
	return nil
}

// check looks at the length of the next word before anything of it is sent.
func (p *passage) check(ctx context.Context, n, end int) error {
	if n < 0 {
		return p.errorf(0, "a word of a command cannot be null")
	}
	if p.in.Size > 0 && p.offset+int64(end)+int64(n)+2 > p.in.Size {
		return p.errorf(0, "the input ends inside this command")
	}
	if limit := p.maxBulk(ctx, n); n > limit {
		return p.errorf(0, "a word of %d bytes: the server takes %d at most", n, limit)
	}
	return nil
}

// maxBulk is the longest word that the server takes. It is asked only where it matters, and not
// inside a transaction, which the question would become a part of.
func (p *passage) maxBulk(ctx context.Context, n int) int {
	conn := p.block.lane.conn
	if n <= maxBulk || conn.InFlight() > 0 || p.inMulti.Number != 0 {
		return maxBulk
	}
	v, err := conn.Do(ctx, "CONFIG", "GET", "proto-max-bulk-len")
	if err != nil {
		return maxBulk
	}
	if limit, ok := v.Lookup("proto-max-bulk-len"); ok {
		if n, err := strconv.Atoi(limit.Text); err == nil {
			return n
		}
	}
	return maxBulk
}

// ownerOf asks the nodes who has the slot of the command's first key, right before the command is
// sent: it could not be sent again. If the slot moves all the same in that moment, the command is
// answered with a redirection, which counts as an error.
func (p *passage) ownerOf(ctx context.Context, info command.Info, words [][]byte) (*lane, aimed, error) {
	at := info.FirstKey(words)
	if !info.Known {
		at = 1
	}
	if at <= 0 || at >= len(words) {
		return p.routes[keyless], aimed{slot: keyless}, nil
	}
	to := aimed{slot: uint16(cluster.SlotOf(words[at])), key: words[at]}
	question := &unit{
		wire: resp.AppendCommand(nil, "EXISTS", string(to.key)), entries: []entry{{slot: to.slot, role: question}},
	}
	for since := time.Now(); ; {
		p.again.asked = nil
		if err := p.route(question); err != nil {
			return nil, to, err
		}
		if err := p.settle(ctx); err != nil {
			return nil, to, err
		}
		onItsWay := p.again.asked != nil && p.again.asked.slot == to.slot
		if !onItsWay || p.patience() > 0 && time.Since(since) > p.patience() {
			return p.routes[to.slot], to, nil
		}
		if err := p.pause(ctx, lastPause); err != nil {
			return nil, to, err
		}
	}
}

// pause lets the others work for a while.
func (f *feeder) pause(ctx context.Context, d time.Duration) error {
	over := time.Now().Add(d)
	timer := time.AfterFunc(d, func() {
		select {
		case f.again.eased <- struct{}{}:
		default:
		}
	})
	defer timer.Stop()
	return f.await(ctx, func() bool { return !time.Now().Before(over) })
}

package bulk

import (
	"context"
	"errors"
	"strconv"

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
	if f.lane.conn.Drain(ctx) != nil {
		return ErrInterrupted
	}
	if s.left == s.n {
		return f.errorf(0, "the name of this command is too long")
	}
	b, err := f.lane.block(ctx)
	if err != nil {
		return err
	}
	f.block = b
	b.base = f.here()
	name := f.buf[f.r+s.name[0] : f.r+s.name[1]]
	if err := f.begin(command.OfName(name, nil), name, s.n); err != nil {
		return err
	}
	f.lane.marks.count(b)
	f.next.Number-- // until the last of it is on its way
	b.wire = resp.AppendCommand(b.wire, name)
	b.partial.Store(true)
	b.inPieces = true
	p := passage{feeder: f, scan: s, block: b}
	f.passing = b
	err = p.run(ctx)
	if f.stopped {
		return ErrInterrupted // left behind: the load has ended without us
	}
	f.passing = nil
	if err == nil {
		f.next.Offset = f.offset
		return nil
	}
	if input := (*InputError)(nil); errors.As(err, &input) {
		input.Place = b.base
	}
	if !p.begun {
		f.lane.free <- b
		return err
	}
	f.lane.conn.Abort(pipeclient.ErrClosed)
	<-f.lane.conn.Over()
	if b.partial.Load() && b.next > 0 { // answered before its end, as a server does that has had enough
		f.next.Number++
	}
	return err
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
		if s.pos >= passBytes {
			if err := p.flush(ctx); err != nil {
				return err
			}
		}
		if p.r+s.pos == p.w {
			if err := p.more(ctx); err != nil {
				return err
			}
		}
		part := min(p.w-p.r-s.pos, left)
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

// more reads more of the command, behind what waits to be sent.
func (p *passage) more(ctx context.Context) error {
	if p.scan.pos >= passBytes {
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
	switch {
	case len(part) == 0:
		return nil
	case p.begun:
		return p.lane.conn.Continue(ctx, part)
	}
	p.begun = true
	return p.lane.conn.Send(ctx, part, 1, p.block)
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
func (f *feeder) check(ctx context.Context, n, end int) error {
	if n < 0 {
		return f.errorf(0, "a word of a command cannot be null")
	}
	if f.in.Size > 0 && f.offset+int64(end)+int64(n)+2 > f.in.Size {
		return f.errorf(0, "the input ends inside this command")
	}
	if limit := f.maxBulk(ctx, n); n > limit {
		return f.errorf(0, "a word of %d bytes: the server takes %d at most", n, limit)
	}
	return nil
}

// maxBulk is the longest word that the server takes. It is asked only where it matters, and not
// inside a transaction, which the question would become a part of.
func (f *feeder) maxBulk(ctx context.Context, n int) int {
	if n <= maxBulk || f.lane.conn.InFlight() > 0 || f.inMulti.Number != 0 {
		return maxBulk
	}
	v, err := f.lane.conn.Do(ctx, "CONFIG", "GET", "proto-max-bulk-len")
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

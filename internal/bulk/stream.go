package bulk

import (
	"context"
	"errors"
	"strconv"

	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// maxBulk is the longest string a server takes unless it is told otherwise (proto-max-bulk-len).
const maxBulk = 512 << 20

// stream passes on a command that is too large to be held. Everything before it is answered first.
// If the input then breaks off or goes wrong inside it, the connection is closed, and the server
// drops the part that it has.
func (f *feeder) stream(ctx context.Context, s *respScanner) error {
	if f.conn.Drain(ctx) != nil {
		return ErrInterrupted
	}
	if s.left == s.n {
		return f.errorf(0, "the name of this command is too long")
	}
	b, err := f.load.block(ctx)
	if err != nil {
		return err
	}
	f.block = b
	b.number, b.offset, b.line = f.nextNumber, f.offset, 0
	name := f.buf[f.r+s.name[0] : f.r+s.name[1]]
	if err := f.begin([][]byte{name}); err != nil {
		return err
	}
	f.block = nil
	f.nextNumber-- // until it has been passed on
	b.wire = resp.AppendCommand(b.wire, name)
	err = f.passOn(ctx, s, b)
	var input *InputError
	if errors.As(err, &input) {
		input.Number, input.Offset = b.number, b.offset
	}
	if err != nil {
		b.cut = input != nil
		f.conn.Abort(pipeclient.ErrClosed)
		<-f.conn.Over()
		return err
	}
	f.nextNumber++
	f.nextOffset = f.offset
	f.sent++
	return nil
}

// passOn sends the command at the front of the input word by word, as it is read.
func (f *feeder) passOn(ctx context.Context, s *respScanner, b *block) error {
	begun := false
	pass := func(n int) error {
		part := f.buf[f.r : f.r+n]
		f.r += n
		f.offset += int64(n)
		if begun {
			return f.conn.Continue(ctx, part)
		}
		begun = true
		return f.conn.Send(ctx, part, 1, b)
	}
	for ; s.left > 0; s.left-- {
		n, end, err := s.header(f, f.buf[f.r:f.w], s.pos, '$')
		for err == nil && end == 0 {
			if err = f.more(ctx); err == nil {
				n, end, err = s.header(f, f.buf[f.r:f.w], s.pos, '$')
			}
		}
		if err == nil {
			err = f.check(ctx, n, end)
		}
		if err == nil {
			err = pass(end)
		}
		s.pos = 0
		for left := n + 2; left > 0 && err == nil; {
			if f.r == f.w || left == 2 && f.w-f.r < 2 {
				err = f.more(ctx)
				continue
			}
			part := min(f.w-f.r, left)
			if left > 2 {
				part = min(part, left-2)
			} else if string(f.buf[f.r:f.r+2]) != "\r\n" {
				return f.errorf(0, "no CRLF behind a word of %d bytes: its length is wrong", n)
			}
			err = pass(part)
			left -= part
		}
		if err != nil {
			return err
		}
	}
	return nil
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
	if f.cfg.Size > 0 && f.offset+int64(end)+int64(n)+2 > f.cfg.Size {
		return f.errorf(0, "the input ends inside this command")
	}
	if limit := f.maxBulk(ctx, n); n > limit {
		return f.errorf(0, "a word of %d bytes: the server takes %d at most", n, limit)
	}
	return nil
}

// maxBulk is the longest word that the server takes. It is asked only where it matters.
func (f *feeder) maxBulk(ctx context.Context, n int) int {
	if n <= maxBulk || f.conn.InFlight() > 0 {
		return maxBulk
	}
	v, err := f.conn.Do(ctx, "CONFIG", "GET", "proto-max-bulk-len")
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

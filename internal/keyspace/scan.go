package keyspace

import (
	"context"
	"errors"
	"fmt"

	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// page is one reply to SCAN: the names of some keys, in one piece of memory that is used again.
type page struct {
	names  []byte
	ends   []int
	cursor []byte

	refused []byte // the server's error, if it is one
	lost    *pipeclient.LostError
	done    chan struct{}
}

func newPage() *page { return &page{done: make(chan struct{}, 1)} }

func (p *page) len() int { return len(p.ends) }

// key is the name of a key; it is valid until the page is used again.
func (p *page) key(i int) []byte {
	begin := 0
	if i > 0 {
		begin = p.ends[i-1]
	}
	return p.names[begin:p.ends[i]:p.ends[i]]
}

// keep drops the keys that do not fit.
func (p *page) keep(fits func(key []byte) bool) {
	names, ends, begin := p.names[:0], p.ends[:0], 0
	for _, end := range p.ends {
		if key := p.names[begin:end]; fits(key) {
			names = append(names, key...)
			ends = append(ends, len(names))
		}
		begin = end
	}
	p.names, p.ends = names, ends
}

// Consume takes the reply.
func (p *page) Consume(src *resp.Reader) error {
	if err := p.read(src); err != nil {
		return err
	}
	p.done <- struct{}{}
	return nil
}

// Lost says that there will be no reply.
func (p *page) Lost(err *pipeclient.LostError, _ int) {
	p.lost = err
	p.done <- struct{}{}
}

// errShape is a reply that is not what the command answers.
var errShape = errors.New("the reply is none that this command gives")

func (p *page) read(src *resp.Reader) error {
	p.names, p.ends, p.cursor, p.refused = p.names[:0], p.ends[:0], p.cursor[:0], nil
	t, err := src.Next()
	if err != nil {
		return err
	}
	if t.Kind == resp.Error {
		p.refused, err = appendText(nil, src, t)
		return err
	}
	if t.Kind != resp.Array || t.Int != 2 {
		return errShape
	}
	if t, err = src.Next(); err != nil {
		return err
	}
	if p.cursor, err = appendText(p.cursor, src, t); err != nil {
		return err
	}
	if t, err = src.Next(); err != nil {
		return err
	}
	if t.Kind != resp.Array && t.Kind != resp.Set {
		return errShape
	}
	for {
		if t, err = src.Next(); err != nil {
			return err
		}
		if t.Kind == resp.End {
			break
		}
		if p.names, err = appendText(p.names, src, t); err != nil {
			return err
		}
		p.ends = append(p.ends, len(p.names))
	}
	_, err = src.Next() // the end of the outer array
	return err
}

// appendText appends the text that begins with a token.
func appendText(dst []byte, src *resp.Reader, t resp.Token) ([]byte, error) {
	if t.Kind.IsAggregate() || t.Kind == resp.End {
		return dst, errShape
	}
	dst = append(dst, t.Text...)
	for t.More {
		var err error
		if t, err = src.Next(); err != nil {
			return dst, err
		}
		dst = append(dst, t.Text...)
	}
	return dst, nil
}

// scan walks through the keys of one server.
type scan struct {
	server Server
	conn   *pipeclient.Conn
	filter Filter
	cursor []byte // of the next page; nil at the beginning
	wire   []byte
	over   bool
}

// next fetches the next page into p. It must not be called after over is set. A server that has no
// time for it is asked again.
func (s *scan) next(ctx context.Context, p *page) error {
	if s.cursor == nil {
		s.cursor = []byte("0")
	}
	s.wire = s.filter.appendScan(s.wire[:0], s.cursor)
	for wait := newPatience(); ; {
		if err := s.ask(ctx, p); err != nil {
			return err
		}
		if p.refused == nil {
			s.cursor = append(s.cursor[:0], p.cursor...)
			s.over = string(s.cursor) == "0"
			return nil
		}
		if !passes(p.refused) || wait.over() {
			return &RefusedError{Addr: s.server.Addr, Command: "SCAN", Reply: string(p.refused)}
		}
		if err := wait.pause(ctx); err != nil {
			return err
		}
	}
}

func (s *scan) ask(ctx context.Context, p *page) error {
	if err := s.conn.Send(ctx, s.wire, 1, p); err != nil {
		return fmt.Errorf("%s: %w", s.server.Addr, err)
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if p.lost != nil {
		return fmt.Errorf("%s: %w", s.server.Addr, p.lost)
	}
	return nil
}

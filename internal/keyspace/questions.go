package keyspace

import (
	"context"
	"fmt"
	"slices"

	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// place is a connection, and how to ask there.
type place struct {
	server Server
	conn   *pipeclient.Conn
	asking bool
}

func (d *digger) closeAll() {
	for _, p := range d.places {
		p.conn.Close()
	}
}

// home is the place of the server whose keys are read.
func (d *digger) home(ctx context.Context) error {
	return d.goTo(ctx, d.server, false)
}

// goTo makes a server the place for the next questions.
func (d *digger) goTo(ctx context.Context, s Server, asking bool) error {
	p, ok := d.places[s.Addr]
	if !ok || p.conn.Err() != nil {
		conn, err := s.Dial(ctx, ahead)
		if err != nil {
			return err
		}
		if d.places == nil {
			d.places = map[string]place{}
		}
		p = place{server: s, conn: conn}
		d.places[s.Addr] = p
	}
	p.asking = asking
	d.at = p
	return nil
}

// ask adds a question to the next send; answer takes the reply.
func (d *digger) ask(answer func(*resp.Reader) error, verb string, words ...[]byte) {
	if d.at.asking {
		d.wire = resp.AppendCommand(d.wire, "ASKING")
		d.answers = append(d.answers, skipReply)
	}
	d.wire = resp.AppendCommand(d.wire, slices.Concat([][]byte{[]byte(verb)}, words)...)
	d.answers = append(d.answers, answer)
}

// send asks what has been added, and waits until all is answered.
func (d *digger) send(ctx context.Context) error {
	d.next, d.done = 0, make(chan struct{}, 1)
	d.sent++
	err := d.at.conn.Send(ctx, d.wire, len(d.answers), d)
	d.wire = d.wire[:0]
	if err != nil {
		return fmt.Errorf("%s: %w", d.at.server.Addr, err)
	}
	select {
	case <-d.done:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	d.answers = d.answers[:0]
	if d.lost != nil {
		return fmt.Errorf("%s: %w", d.at.server.Addr, d.lost)
	}
	return nil
}

// Consume hands the next reply to its question.
func (d *digger) Consume(src *resp.Reader) error {
	err := d.answers[d.next](src)
	if d.next++; err == nil && d.next == len(d.answers) {
		d.done <- struct{}{}
	}
	return err
}

// Lost says that the connection is over.
func (d *digger) Lost(err *pipeclient.LostError, _ int) {
	d.lost = err
	d.done <- struct{}{}
}

// begin begins the key when the first of its value has come.
func (d *digger) begin() {
	if !d.begun {
		d.begun = true
		d.w.begin(d.key)
	}
}

// head reads the first token of a reply, and notes an error.
func (d *digger) head(src *resp.Reader) (t resp.Token, ok bool, err error) {
	if t, err = src.Next(); err != nil {
		return t, false, err
	}
	if t.Kind == resp.Error {
		result, reply, err := answered(src, t)
		d.fail(result, reply)
		return t, false, err
	}
	return t, true, nil
}

// fail notes why the key cannot be read; the first reason is the one that counts.
func (d *digger) fail(result outcome, reply []byte) {
	if d.result == whole {
		d.result, d.reply = result, reply
	}
}

package shell

import (
	"bytes"
	"context"
	"io"

	"easycli/internal/cells"
	"easycli/internal/command"
	"easycli/internal/lines"
	"easycli/internal/render"
)

// pages reports whether the replies of a command may go through the pager.
func (d *dialogue) pages(info command.Info) bool {
	return !d.Plain && d.Print.Terminal && !info.Effect.Subscribes() && info.Effect != command.Monitor
}

// commandPaged carries out a command. What its replies need beyond the screen goes through the pager.
func (d *dialogue) commandPaged(ctx context.Context, l lines.Line) error {
	p := d.newPaged()
	if p == nil {
		return d.run(ctx, l, nil)
	}
	err := d.run(ctx, l, render.New(p, d.Print))
	if end := p.close(); err == nil {
		err = end
	}
	return err
}

// sayPaged prints a text of our own, through the pager if it is long.
func (d *dialogue) sayPaged(text string) error {
	p := d.newPaged()
	if p == nil {
		return d.say(text)
	}
	if _, err := p.Write([]byte(text)); err != nil {
		return err
	}
	return p.close()
}

// newPaged is nil where there is no pager, and where the terminal does not say how large it is.
func (d *dialogue) newPaged() *paged {
	columns, rows := d.Outside.size()
	if d.pager == "" || d.Outside.Start == nil || columns <= 0 || rows <= 2 {
		return nil
	}
	return &paged{dialogue: d, columns: columns, room: rows - 2}
}

// paged is a writer that holds a text back until it is known whether it fits on the screen. What does
// not is the pager's.
type paged struct {
	*dialogue
	columns, room int // rows that are left
	column        int
	styled        bool // within an escape sequence
	held          bytes.Buffer
	pager         io.Writer
	wait          func() error
}

// Write takes a piece of the text.
func (p *paged) Write(b []byte) (int, error) {
	if p.pager != nil {
		p.pager.Write(b)
		return len(b), nil
	}
	p.held.Write(b)
	p.measure(b)
	if p.room >= 0 {
		return len(b), nil
	}
	pager, wait, err := p.openPipe(p.dialogue.pager)
	if err != nil { // there is none: as if nobody had asked for one
		_, err = p.Editor.Write(p.held.Bytes())
		p.held.Reset()
		p.room = 1 << 62
		return len(b), err
	}
	p.pager, p.wait = pager, wait
	p.pager.Write(p.held.Bytes())
	p.held.Reset()
	return len(b), nil
}

// measure counts the rows that a piece takes.
func (p *paged) measure(b []byte) {
	for len(b) > 0 && p.room >= 0 {
		end := bytes.IndexAny(b, "\n\x1b")
		switch {
		case p.styled:
			end = bytes.IndexFunc(b, func(c rune) bool { return c >= '@' && c != '[' })
			if end < 0 {
				return
			}
			p.styled = false
			b = b[end+1:]
			continue
		case end < 0:
			end = len(b)
		}
		p.column += cells.Width(string(b[:end]))
		p.room -= p.column / p.columns
		p.column %= p.columns
		if end == len(b) {
			return
		}
		if b[end] == '\n' {
			p.room--
			p.column = 0
		} else {
			p.styled = true
		}
		b = b[end+1:]
	}
}

// close shows what fits on the screen, or waits until the person has left the pager. What the server
// says unasked waits meanwhile.
func (p *paged) close() error {
	if p.pager == nil {
		_, err := p.Editor.Write(p.held.Bytes())
		return err
	}
	p.mu.Lock()
	err := p.wait()
	p.mu.Unlock()
	if err != nil {
		p.tell(err.Error())
	}
	return nil
}

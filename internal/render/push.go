package render

import (
	"easycli/internal/quote"
	"easycli/internal/resp"
)

// maxLate bounds what is kept of pushes that arrive in the middle of a reply.
const maxLate = 1 << 20

// pushes is the part of a Printer that prints what the server sends unasked.
type pushes struct {
	printer *Printer // of the pushes alone: they may arrive while a reply is being printed
	late    []byte   // printed in the middle of a reply, to come behind it
}

// PrintPush prints a push in a line or lines of its own. One that arrives while a reply is being
// printed comes behind that reply; if the server never ends it, the pushes beyond a MiB are
// dropped. redis-cli shows the keys of an invalidation in a short form to people
// (cliFormatInvalidateTTY), and all else like an array.
func (p *Printer) PrintPush(v resp.Value) error {
	if p.printer == nil {
		o := p.opts
		o.Errors = nil
		p.printer = New((*lateWriter)(p), o)
	}
	if keys, ok := invalidated(v); ok && p.opts.Format == Human {
		p.printer.invalidation(keys)
	} else if _, err := p.printer.Print(v.Tokens(), AsReply); err != nil {
		return err
	}
	if err := p.printer.Flush(); err != nil {
		return err
	}
	return p.out.err
}

// invalidated is the keys of a push that says which keys the client must forget.
func invalidated(v resp.Value) ([]resp.Value, bool) {
	if len(v.Elems) != 2 || v.Elems[0].Kind != resp.BulkString || v.Elems[0].Text != "invalidate" ||
		v.Elems[1].Kind != resp.Array {
		return nil, false
	}
	for _, key := range v.Elems[1].Elems {
		if key.Kind != resp.BulkString {
			return nil, false
		}
	}
	return v.Elems[1].Elems, true
}

func (p *Printer) invalidation(keys []resp.Value) {
	p.out.string("-> invalidate: ")
	g := guard{on: p.opts.Terminal}
	for i, key := range keys {
		if i > 0 {
			p.out.string(", ")
		}
		p.out.byte('\'')
		g.print(&p.out, quote.Line, []byte(key.Text), false)
		p.out.byte('\'')
	}
	p.out.string("\n")
}

// lateWriter is where the printer of the pushes writes.
type lateWriter Printer

func (w *lateWriter) Write(b []byte) (int, error) {
	p := (*Printer)(w)
	if !p.busy {
		return p.Write(b)
	}
	if len(p.late)+len(b) <= maxLate {
		p.late = append(p.late, b...)
	}
	return len(b), nil
}

// printLate prints the pushes that arrived in the middle of a reply.
func (p *Printer) printLate() {
	if len(p.late) > 0 {
		p.out.bytes(p.late)
		p.late = nil
	}
}

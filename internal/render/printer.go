// Package render prints replies the way redis-cli prints them: for people, raw, as CSV, as JSON.
//
// It guarantees that a reply is printed as it arrives: what is held of it is a few bytes for each
// level of nesting and, in the human format behind `=>`, a bounded look ahead, so neither a string
// of 512 MiB nor an array of ten million elements is ever in memory. Nothing recurses. Where output
// is no terminal the bytes are redis-cli 7.0.15's, but for what redis-cli gets wrong: JSON is
// always valid, text is not cut at a NUL, and what redis-cli cannot read is printed like its
// neighbours. On a terminal nothing a server sent gets through unescaped, and a [Person] sees pairs
// in columns, tables, and what times and sizes mean: nothing a reply says is left out for that, a
// shape that turns out not to be there is printed as redis-cli prints it, and what is held to find
// columns is bounded too.
//
// It refuses to look at a command's name: [How] tells it what a command's reply is. It knows no
// exit codes either: [Outcome] says what the server answered, an error says what broke.
//
//   - [Printer] prints replies, and local lines between them in order, into one buffer.
//   - [Options] say how, [How] says what is special about one reply.
package render

import (
	"io"

	"easycli/internal/resp"
)

// outcomeText is how much of a status or an error is kept.
const outcomeText = 1 << 10

// Printer prints replies. It is for one goroutine. What it prints is buffered until [Printer.Flush].
type Printer struct {
	opts     Options
	out      output
	normal   form // of the format
	raw      rawForm
	verbatim rawForm
	document document
	report   report
	log      log
	failed   errorForm

	// The reply being printed.
	src   resp.Source
	form  form
	stack []frame
	ahead ahead
	piece bool // the next token continues a scalar
	text  [outcomeText]byte
	busy  bool // its first token has been read
	pushes
}

// New prints to w.
func New(w io.Writer, o Options) *Printer {
	if o.Format != Human || !o.Terminal {
		o.Person = nil
	}
	p := &Printer{opts: o}
	p.out.w, p.failed.out.w = w, o.Errors
	p.makeForms()
	return p
}

// makeForms makes forms that are at the beginning of a reply.
func (p *Printer) makeForms() {
	o := p.opts
	p.raw = rawForm{out: &p.out, guard: guard{on: o.Terminal}, delim: or(o.Delim, "\n"), end: or(o.Terminator, "\n")}
	p.verbatim = p.raw
	p.verbatim.bare = true
	p.failed.guard = guard{on: o.ErrorsTerminal}
	switch o.Format {
	case Raw:
		p.normal = &p.raw
	case CSV:
		p.normal = &csvForm{out: &p.out}
	case JSON, QuotedJSON:
		p.document.json = newJSON(&p.out, o)
		p.normal = p.document.json
	default:
		p.normal = newHuman(p)
	}
	if o.Person != nil {
		p.report, p.log = newReport(p), newLog(p)
	}
}

// Print takes exactly one reply from src and prints it. An error is a [WriteError] if output could
// not be written and otherwise the source's own; both leave the source inside the reply.
func (p *Printer) Print(src resp.Source, how How) (Outcome, error) {
	return p.take(src, how, false)
}

// Discard takes exactly one reply from src and prints nothing.
func (p *Printer) Discard(src resp.Source) (Outcome, error) {
	return p.take(src, AsReply, true)
}

func (p *Printer) take(src resp.Source, how How, silent bool) (Outcome, error) {
	p.src, p.stack, p.piece = src, p.stack[:0], false
	o := Outcome{Text: p.text[:0]}
	err := p.reply(how, silent, &o)
	p.src, p.busy = nil, false
	p.ahead.reset()
	if err != nil {
		p.abandon()
	}
	p.printLate()
	if err == nil {
		err = p.err()
	}
	return o, err
}

// abandon leaves a reply that broke off: the line it was in ends, and the forms forget it.
func (p *Printer) abandon() {
	if h, ok := p.normal.(*humanForm); ok {
		h.endLine()
	}
	p.makeForms()
}

// err is the first error of writing anywhere.
func (p *Printer) err() error {
	if p.out.err != nil {
		return p.out.err
	}
	return p.failed.out.err
}

// reply drives the tokens of one reply through a form.
func (p *Printer) reply(how How, silent bool, o *Outcome) error {
	t, err := p.next()
	if err != nil {
		return err
	}
	p.busy = true
	o.Kind = t.Kind
	if p.form, err = p.choose(t, how, silent); err != nil {
		return err
	}
	for {
		done, err := p.token(t, o)
		if done || err != nil {
			return err
		}
		if t, err = p.next(); err != nil {
			return err
		}
	}
}

// choose is the form for a reply that begins with t.
func (p *Printer) choose(t resp.Token, how How, silent bool) (form, error) {
	toJSON := p.opts.Format == JSON || p.opts.Format == QuotedJSON
	isText := t.Kind == resp.BulkString || t.Kind == resp.Verbatim
	switch {
	case silent:
		return silence{}, nil
	case t.Kind == resp.Error && p.opts.Errors != nil:
		return &p.failed, nil
	case p.opts.Person != nil:
		return p.forPerson(t, how, isText)
	case !how.isReport() || toJSON && (how == Verbatim || !isText):
		return p.normal, nil
	case toJSON:
		p.document.how = how
		return &p.document, nil
	}
	return &p.verbatim, nil
}

// token prints one token and reports whether it was the last of the reply.
func (p *Printer) token(t resp.Token, o *Outcome) (done bool, err error) {
	if t.Kind == resp.End {
		top := len(p.stack) - 1
		if p.stack[top].leavePair() {
			return false, nil
		}
		p.form.close(&p.stack[top])
		p.stack = p.stack[:top]
		return p.valueDone()
	}
	if !p.piece && len(p.stack) > 0 {
		f := &p.stack[len(p.stack)-1]
		if f.enterPair(t) {
			return false, nil
		}
		if err := p.form.before(f, t); err != nil {
			return false, err
		}
		f.at++
	}
	if t.Kind.IsAggregate() {
		return p.aggregate(t)
	}
	p.note(t, o)
	p.form.scalar(t, !p.piece)
	if p.piece = t.More; t.More {
		return false, p.out.err
	}
	return p.valueDone()
}

// aggregate begins an aggregate, or prints an empty one as a whole.
func (p *Printer) aggregate(t resp.Token) (done bool, err error) {
	if t.Int <= 0 {
		first, err := p.next()
		if err != nil {
			return false, err
		}
		if first.Kind == resp.End {
			p.form.empty(t.Kind)
			return p.valueDone()
		}
		p.ahead.unread(first)
	}
	opened := frame{kind: t.Kind, count: t.Int}
	if err := p.reshape(&opened); err != nil {
		return false, err
	}
	p.stack = append(p.stack, opened)
	f, parent := &p.stack[len(p.stack)-1], (*frame)(nil)
	if len(p.stack) > 1 {
		parent = &p.stack[len(p.stack)-2]
	}
	if err := p.form.open(f, parent); err != nil {
		return false, err
	}
	return false, p.out.err
}

// valueDone ends a value, and with it the reply if nothing is open around it.
func (p *Printer) valueDone() (bool, error) {
	if len(p.stack) > 0 {
		f := &p.stack[len(p.stack)-1]
		p.form.after(f)
		f.endLone()
		return false, p.out.err
	}
	p.form.finish()
	return true, p.out.err
}

// note keeps of a scalar what the outcome has to tell.
func (p *Printer) note(t resp.Token, o *Outcome) {
	if len(p.stack) == 0 && (t.Kind == resp.Error || t.Kind == resp.Status) {
		o.Text = append(o.Text, t.Text[:min(len(t.Text), outcomeText-len(o.Text))]...)
	}
	if len(p.stack) > 0 && t.Kind == resp.Error && !p.piece {
		o.Errors++
	}
}

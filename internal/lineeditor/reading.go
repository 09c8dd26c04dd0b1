package lineeditor

import (
	"context"
	"io"
)

// kind is what is read.
type kind byte

const (
	line kind = iota
	secret
	answer
)

// reading is one line while it is being typed. The goroutine that reads the line owns it.
type reading struct {
	e    *Editor
	ctx  context.Context
	kind kind
	buffer
	undo    undo
	recall  recall
	suggest suggest
	search  *search
	menu    *menu
	asked   *asked

	did, was did    // this key, and the one before
	prefix   string // Ctrl-X, until the key that belongs to it
	literal  bool   // the next key is text whatever it is
	typed    bool   // there was a key since the line was painted
	top      int    // the first row that is seen
	last     *painted
	restore  func() error

	ended bool
	err   error
	tail  string // what is shown behind the text for ever
}

// did is what a key did, for the next one to know.
type did struct {
	kill, yank, recall, undo bool
	yanked                   int // where what was put back begins
	column                   int // 1 + the column that moving by rows began in
}

// read reads a line of a kind.
func (e *Editor) read(ctx context.Context, kind kind, prompt, text string) (string, error) {
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	e.mu.Lock()
	e.prompt = prompt
	e.mu.Unlock()
	r := &reading{e: e, ctx: ctx, kind: kind, buffer: buffer{text, len(text)}}
	if err := r.raw(); err != nil {
		return "", err
	}
	e.screen.begin()
	defer r.leave()
	for !r.ended {
		r.paint()
		r.foresee()
		r.wait()
		r.keys()
	}
	return r.text, r.err
}

// raw makes the terminal raw, again if others may have changed it.
func (r *reading) raw() error {
	if r.e.cfg.MakeRaw == nil {
		return nil
	}
	restore, err := r.e.cfg.MakeRaw()
	if err == nil {
		r.restore = restore
	}
	return err
}

// cooked gives the terminal back.
func (r *reading) cooked() {
	if r.restore != nil {
		r.restore()
	}
}

// leave ends the line on the screen, and gives the terminal back whatever happened.
func (r *reading) leave() {
	defer r.cooked()
	r.dropCompletion()
	if !r.ended { // a panic
		r.e.screen.finish(nil, "")
		return
	}
	r.search, r.menu = nil, nil
	r.at = len(r.text)
	columns, rows := r.e.size()
	f := r.e.screen.blank(columns)
	r.paintLine(f, rows)
	f.end()
	f.clip(rows, r.top)
	r.e.screen.finish(f, r.tail)
}

// end ends the line.
func (r *reading) end(err error, tail string) { r.ended, r.err, r.tail = true, err, tail }

// key does what a key says.
func (r *reading) key(k key) {
	r.typed = true
	was := r.buffer
	r.was, r.did = r.did, did{}
	switch {
	case r.literal:
		r.literal = false
		r.insert(k.raw)
	case r.search != nil:
		r.searchKey(k)
	case r.menu != nil && r.menuKey(k):
	case k.name == "":
		r.prefix = ""
		r.insert(k.text)
	case k.name == namePaste:
		r.paste(k.text)
	default:
		r.act(k.name)
	}
	r.changed(was, k)
}

// act does what a named key is bound to. What no key is bound to does nothing, and gets nowhere near
// the text.
func (r *reading) act(name string) {
	name, r.prefix = r.prefix+name, ""
	if action := r.e.actions[name]; action != nil {
		action(r)
	}
}

// changed keeps what there is to go back to, and forgets what a change makes untrue.
func (r *reading) changed(was buffer, k key) {
	if r.text == was.text {
		r.undo.typing = false
		return
	}
	if !r.did.undo {
		typed := ""
		if k.name == "" && len(k.text) < burst {
			typed = k.text
		}
		r.undo.note(was, typed)
	}
	if !r.did.recall {
		r.recall.reset()
	}
}

// apart gives the terminal to somebody else for a while.
func (r *reading) apart(during func()) {
	r.e.screen.lend()
	r.cooked()
	defer r.resume()
	during()
}

func (r *reading) resume() {
	if err := r.raw(); err != nil {
		r.end(err, "")
	}
	r.e.screen.takeBack()
}

// accept ends the line, or begins another row of it while a quote is open.
func (r *reading) accept() {
	if r.kind == line && r.e.cfg.Assistant != nil && r.e.cfg.Assistant.Open(r.text) {
		r.insert("\n")
		return
	}
	r.end(nil, "")
}

// interrupt gives the line up.
func (r *reading) interrupt() { r.end(ErrInterrupted, "^C") }

// deleteOrEnd is Ctrl-D.
func (r *reading) deleteOrEnd() {
	if r.text == "" {
		r.end(io.EOF, "")
		return
	}
	r.delete()
}

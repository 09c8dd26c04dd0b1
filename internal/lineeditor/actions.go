package lineeditor

import "strings"

func (r *reading) backspace() {
	if r.at > 0 {
		r.cut(before(r.text, r.at), r.at)
	}
}

func (r *reading) delete() {
	if !r.atEnd() {
		r.cut(r.at, after(r.text, r.at))
	}
}

// kill cuts text[from:to] out for [reading.yank]. A secret is not kept.
func (r *reading) kill(from, to int) {
	inFront := from < r.at
	gone := r.cut(from, to)
	if r.kind != secret {
		r.e.kills.push(gone, r.was.kill, inFront)
	}
	r.did.kill = true
}

// killBefore cuts to the beginning of the row, or the newline before it.
func (r *reading) killBefore() {
	from := r.rowStart(r.at)
	if from == r.at && from > 0 {
		from--
	}
	r.kill(from, r.at)
}

// killAfter cuts to the end of the row, or the newline behind it.
func (r *reading) killAfter() {
	to := r.rowEnd(r.at)
	if to == r.at && to < len(r.text) {
		to++
	}
	r.kill(r.at, to)
}

func (r *reading) yank() {
	r.did.yank, r.did.yanked = true, r.at
	r.insert(r.e.kills.newest())
}

// yankOlder replaces what the key before has put back.
func (r *reading) yankOlder() {
	if r.was.yank {
		r.did.yank, r.did.yanked = true, r.was.yanked
		r.replace(r.was.yanked, r.at, r.e.kills.older())
	}
}

func (r *reading) goBack() {
	if was, ok := r.undo.back(); ok {
		r.buffer = was
		r.did.undo = true
	}
}

// suspend stops the program, and goes on with the line when it is continued.
func (r *reading) suspend() {
	if r.e.cfg.Suspend != nil {
		r.apart(r.e.cfg.Suspend)
	}
}

// editElsewhere replaces the line by what an editor makes of it.
func (r *reading) editElsewhere() {
	if r.e.cfg.EditText == nil || r.kind != line {
		return
	}
	var text string
	var err error
	r.apart(func() { text, err = r.e.cfg.EditText(r.text) })
	if err != nil {
		r.e.Write([]byte(err.Error() + "\n"))
		return
	}
	r.replace(0, len(r.text), strings.TrimSuffix(text, "\n"))
}

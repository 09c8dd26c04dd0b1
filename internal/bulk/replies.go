package bulk

import (
	"bytes"
	"os"
	"strconv"
	"sync"

	"easycli/internal/render"
	"easycli/internal/resp"
)

// replies is the file for the replies: a line of JSON for each. Where it cannot be written, the load
// ends, and the file with the last line that is whole.
type replies struct {
	load *load
	file *os.File

	mu      sync.Mutex
	size    int64 // of the whole lines that have been written
	begun   int64 // bytes behind them, of one that is not yet whole
	regular bool
	scribes []*scribe
	err     *OutputError
}

func (l *load) openReplies(path string, continues bool) (*replies, error) {
	file, err := openAppend(path, continues)
	if err != nil {
		return nil, err
	}
	r := &replies{load: l, file: file}
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		r.size, r.regular = info.Size(), true
	}
	return r, nil
}

// write writes bytes of which so many belong to whole lines. The lock is held.
func (r *replies) write(text []byte, whole int) {
	if r.err != nil || len(text) == 0 {
		return
	}
	n, err := r.file.Write(text)
	if err == nil {
		r.size += int64(whole)
		r.begun += int64(len(text) - whole)
		return
	}
	r.size += int64(bytes.LastIndexByte(text[:min(n, whole)], '\n') + 1)
	r.cut()
	r.err = &OutputError{File: r.file.Name(), Err: pathless(err)}
	r.load.halt(r.err)
}

// endLong ends a line that was written in pieces. The lock is held.
func (r *replies) endLong(drop bool) {
	if r.err == nil && drop {
		r.cut()
	} else {
		r.size += r.begun
	}
	r.begun = 0
}

// cut takes the line off that was not completed, where that can be done. The lock is held.
func (r *replies) cut() {
	if r.regular {
		r.file.Truncate(r.size)
	}
}

// add writes the line of a command whose reply was an error that nobody has made a line of.
func (r *replies) add(p Place, text string) {
	r.line(p, `,"error":`, resp.Value{Kind: resp.BulkString, Text: text})
}

// value writes the line of a command whose reply is at hand as a whole.
func (r *replies) value(p Place, v resp.Value) { r.line(p, `,"reply":`, v) }

func (r *replies) line(p Place, name string, v resp.Value) {
	var out bytes.Buffer
	printer := render.New(&out, render.Options{Format: render.JSON, JSONEnd: &lineEnd})
	printer.Write(append(appendPlace(nil, p), name...))
	printer.Print(v.Tokens(), render.AsReply)
	printer.Flush()
	r.mu.Lock()
	r.write(out.Bytes(), out.Len())
	r.mu.Unlock()
}

// close completes the file. The connections are over.
func (r *replies) close() error {
	for _, one := range r.scribes {
		one.publish()
	}
	err := r.file.Sync()
	if !r.regular {
		err = nil
	}
	if closeErr := r.file.Close(); err == nil {
		err = closeErr
	}
	if r.err == nil && err != nil {
		r.err = &OutputError{File: r.file.Name(), Err: pathless(err)}
	}
	if r.err != nil {
		return r.err
	}
	return nil
}

// The lines of a lane are collected until there are so many bytes of them, and a line that is longer
// goes to the file as it comes: nobody else may write to it meanwhile.
const (
	publishBytes  = 32 << 10
	longLineBytes = 64 << 10
)

// scribe makes lines of the replies of a lane. It is its receiver's.
type scribe struct {
	out     *replies
	printer *render.Printer
	tokens  tokens
	block   *block
	see     observer
	asText  bool // the reply is an error: its text stands for it
	kind    resp.Kind
	prefix  []byte

	buf  []byte
	line int  // where the last line begins, and
	end  int  // where it ends
	held int  // where the lines begin that may be taken back, from 1; 0 for none
	long bool // the line at hand is being written, and out.mu is held
}

// lineEnd completes what a reply has begun.
var lineEnd = "}\n"

func newScribe(out *replies) *scribe {
	r := &scribe{out: out}
	r.printer = render.New(r, render.Options{Format: render.JSON, JSONEnd: &lineEnd})
	out.mu.Lock()
	out.scribes = append(out.scribes, r)
	out.mu.Unlock()
	return r
}

// take consumes the reply to the next command of a block, shows it to who keeps the accounts, and
// makes a line of it, unless the command is to be sent again.
func (r *scribe) take(b *block, src *resp.Reader, see observer) (resp.Kind, error) {
	r.tokens = tokens{src: src, see: r}
	r.block, r.see, r.asText = b, see, false
	_, err := r.printer.Print(r, render.AsReply)
	r.printer.Flush()
	r.line, r.end = r.end, len(r.buf)
	drop := err != nil || b.verdict.refuses() && b.trans.begin == 0
	if drop {
		r.buf, r.end = r.buf[:r.line], r.line
	}
	if r.long {
		r.out.endLong(drop)
		r.long = false
		r.out.mu.Unlock()
	}
	return r.kind, err
}

// Next is the next token of the reply, for the printer.
func (r *scribe) Next() (resp.Token, error) {
	tok, err := r.tokens.Next()
	if r.asText {
		tok.Kind = resp.BulkString
	}
	return tok, err
}

// seeToken begins the line with the reply.
func (r *scribe) seeToken(tok resp.Token, depth int) {
	r.see.seeToken(tok, depth)
	if depth > 0 {
		return
	}
	r.kind, r.asText = tok.Kind, tok.Kind == resp.Error
	i := r.block.next
	text := appendPlace(r.prefix[:0], r.block.place(i))
	if r.block.entries[i].role == part {
		text = append(text, `,"part":true`...)
	}
	if r.asText {
		text = append(text, `,"error":`...)
	} else {
		text = append(text, `,"reply":`...)
	}
	r.prefix = text
	r.printer.Write(text)
}

// appendPlace begins a line.
func appendPlace(text []byte, p Place) []byte {
	text = strconv.AppendInt(append(text, `{"n":`...), p.Number, 10)
	if p.Line > 0 {
		text = strconv.AppendInt(append(text, `,"line":`...), p.Line, 10)
	}
	return text
}

// Write takes what the printer has made. Whether it reaches the file is told elsewhere.
func (r *scribe) Write(text []byte) (int, error) {
	if !r.long && len(r.buf)+len(text)-r.end > longLineBytes {
		r.out.mu.Lock()
		r.long = true
		r.out.write(r.buf, r.end)
		r.buf, r.line, r.end, r.held = r.buf[:0], 0, 0, 0
	}
	if r.long {
		r.out.write(text, 0)
	} else {
		r.buf = append(r.buf, text...)
	}
	return len(text), nil
}

// settle is called when the reply to the next command of a block has been booked.
func (r *scribe) settle(b *block) {
	if b.trans.begin > 0 {
		return
	}
	r.held = 0
	if r.end >= publishBytes || b.next+1 == len(b.entries) {
		r.publish()
	}
}

// publish writes what has been collected.
func (r *scribe) publish() {
	r.out.mu.Lock()
	r.out.write(r.buf, len(r.buf))
	r.out.mu.Unlock()
	r.buf, r.line, r.end = r.buf[:0], 0, 0
}

// hold keeps the lines from the last one on, until it is known whether the transaction that has begun
// with it is sent again. It may be called on nil, as takeBack may.
func (r *scribe) hold() {
	if r != nil {
		r.held = r.line + 1
	}
}

// takeBack drops them.
func (r *scribe) takeBack() {
	if r != nil && r.held > 0 {
		r.buf, r.end = r.buf[:r.held-1], r.held-1
		r.held = 0
	}
}

package resp

import (
	"cmp"
	"io"
)

// Limits of a Reader. They are settable, as fields, before the first read.
const (
	// DefaultMaxText is the longest string that ReadValue holds in memory: 1 GiB, twice what a
	// server accepts by default. Tokens have no such limit, for they hold nothing.
	DefaultMaxText = 1 << 30
	// DefaultMaxDepth is how deep aggregates may nest. A real server sent 7 990 levels.
	DefaultMaxDepth = 10_000
	// maxCount is the largest element count: more could not be indexed on every platform.
	maxCount = 1<<31 - 1
	// maxAttributes is how many attributes may stand in a row before the value they belong to.
	maxAttributes = 1024
	// maxHeader bounds the line of a length, a count or an integer. An int64 needs 20 bytes.
	maxHeader = 32
	// bufferSize is what is asked of the source at once.
	bufferSize = 64 << 10
	// wholeText is the longest string that is waited for, to be one token instead of several.
	wholeText = bufferSize / 2
)

// Reader pulls replies off a stream. Any error it returns is final: the stream is over, and every
// later call returns the same error. At the end of the stream that is io.EOF between two replies
// and io.ErrUnexpectedEOF inside one.
//
// A Reader is for one goroutine. Its memory is its buffer of 64 KiB and a few bytes for each level
// of nesting; only ReadValue holds more.
type Reader struct {
	// MaxText and MaxDepth override the defaults where they are not 0.
	MaxText  int64
	MaxDepth int
	// BeforeBlock, if set, is called when the buffer has been used up, before more is asked of the
	// source. This is the moment to flush what the other side may be waiting for.
	BeforeBlock func()
	// OnPush, if set, receives what the server sends unasked, and the Reader yields only replies:
	// pushes between replies, pushes of the kinds that a server is known to drop into the middle of
	// an array (Redis up to 7.0 does, in EXEC), and with Subscribed the messages of a RESP2
	// subscription. If it is nil, a push between replies is a value like any other, and one inside
	// an array is dropped.
	OnPush func(Value)
	// Confirmations makes a push that confirms a subscription count as a reply: set it while a
	// SUBSCRIBE or UNSUBSCRIBE waits for its own.
	Confirmations bool
	// Subscribed says that RESP2 subscriptions are open, so an array that starts with "message",
	// "pmessage" or "smessage" is a push.
	Subscribed bool

	src  io.Reader
	buf  []byte
	r, w int   // unread bytes are buf[r:w]
	base int64 // offset in the stream of buf[0]
	err  error

	stack      []frame
	text       text
	format     [3]byte
	attributes uint16   // attributes in a row before the value that is due
	attrs      *[]Value // their content, if ReadValue has read them
	tree       []Value  // what ReadValue has read of its value: see there
	taking     bool     // a push is being read to be delivered; pushes inside it are its elements
}

// frame is an aggregate whose elements are being read. There may be thousands, so it is small.
type frame struct {
	left int64  // elements to come; -1 if streamed
	row  uint16 // attributes: how many stand in a row, this one included
	kind Kind
	odd  bool // streamed maps: a key has been read, its value is due
}

// text is a string that is being handed out in pieces.
type text struct {
	kind Kind
	wire byte
	form textForm
	size int64 // as declared, for the tokens; -1 if it was not
	left int64 // bytes to come, for sized strings and for one chunk of a streamed one
}

type textForm byte

const (
	noText       textForm = iota
	lineText              // until CRLF
	sizedText             // left bytes, then CRLF
	streamedText          // chunks, each with its length, until one of length 0
)

// NewReader reads replies from src. The stream must be bounded by its user: a Reader waits as long
// as its source does.
func NewReader(src io.Reader) *Reader {
	return &Reader{src: src, buf: make([]byte, bufferSize)}
}

// Depth is how many aggregates are open, counting a string that is not yet complete and an
// attribute whose value is due: 0 between replies.
func (r *Reader) Depth() int {
	d := len(r.stack)
	if r.text.form != noText {
		d++
	}
	if r.attributes > 0 {
		d++
	}
	return d
}

// Buffered is how many bytes have been received and not yet read.
func (r *Reader) Buffered() int { return r.w - r.r }

// Offset is how many bytes of the stream have been read.
func (r *Reader) Offset() int64 { return r.base + int64(r.r) }

// Peek is the type byte of what comes next between two replies; it waits for it.
func (r *Reader) Peek() (byte, error) {
	if r.err != nil {
		return 0, r.err
	}
	if err := r.need(1); err != nil {
		return 0, err
	}
	return r.buf[r.r], nil
}

// Ahead is what has been received and not yet read. It is valid until the next call.
func (r *Reader) Ahead() []byte { return r.buf[r.r:r.w] }

// Resume forgets an error of the source that struck between two replies and lost nothing, such as
// a deadline that ran out. A protocol error is never forgotten.
func (r *Reader) Resume() {
	_, broken := r.err.(*ProtocolError)
	if !broken && !r.taking && r.Depth() == 0 && r.r == r.w {
		r.err = nil
	}
}

// Read hands out the stream's raw bytes, for a connection that has left RESP (SYNC).
func (r *Reader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	if r.r == r.w {
		if err := r.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.buf[r.r:r.w])
	r.r += n
	return n, nil
}

// Next yields the next token.
func (r *Reader) Next() (Token, error) {
	if r.err != nil {
		return Token{}, r.err
	}
	if r.text.form != noText {
		return r.piece()
	}
	if len(r.stack) > 0 {
		if top := &r.stack[len(r.stack)-1]; top.left == 0 {
			return r.end(), nil
		}
	}
	if err := r.need(1); err != nil {
		return Token{}, err
	}
	for r.isPush(r.buf[r.r]) {
		apart, err := r.takePush()
		if err != nil {
			return Token{}, err
		}
		if !apart {
			break
		}
		if err := r.need(1); err != nil {
			return Token{}, err
		}
	}
	return r.value(r.buf[r.r])
}

// value reads the start of a value whose type byte is ahead.
func (r *Reader) value(wire byte) (Token, error) {
	switch wire {
	case '+':
		return r.line(Status, wire)
	case '-':
		return r.line(Error, wire)
	case ',':
		return r.line(Double, wire)
	case '(':
		return r.line(BigNumber, wire)
	case '.':
		return r.streamEnd()
	}
	kind := headerKinds[wire]
	if kind == 0 {
		return Token{}, r.badType()
	}
	line, err := r.header()
	if err != nil {
		return Token{}, err
	}
	switch kind {
	case Integer:
		n, ok := parseInt(line)
		if !ok {
			return Token{}, r.failf("Bad integer value")
		}
		return r.scalar(Token{Kind: Integer, Wire: wire, Int: n}), nil
	case Boolean:
		return r.boolean(line)
	case Null:
		if len(line) != 0 {
			return Token{}, r.failf("Bad nil value")
		}
		return r.scalar(Token{Kind: Null, Wire: wire}), nil
	case BulkString, Verbatim, Error:
		return r.sized(kind, wire, line)
	}
	return r.aggregate(kind, wire, line)
}

// headerKinds are the types whose first line is short and is read as a whole.
var headerKinds = [256]Kind{
	':': Integer, '#': Boolean, '_': Null, '$': BulkString, '=': Verbatim, '!': Error,
	'*': Array, '~': Set, '%': Map, '>': Push, '|': Attribute,
}

func (r *Reader) boolean(line []byte) (Token, error) {
	if len(line) == 1 {
		switch line[0] {
		case 't', 'T':
			return r.scalar(Token{Kind: Boolean, Wire: '#', Int: 1}), nil
		case 'f', 'F':
			return r.scalar(Token{Kind: Boolean, Wire: '#'}), nil
		}
	}
	return Token{}, r.failf("Bad bool value")
}

// sized reads the start of a string with a length, or of a streamed one.
func (r *Reader) sized(kind Kind, wire byte, line []byte) (Token, error) {
	if kind == BulkString && string(line) == "-1" {
		return r.scalar(Token{Kind: Null, Wire: wire}), nil
	}
	if kind == BulkString && string(line) == "?" {
		r.started()
		r.text = text{kind: kind, wire: wire, form: streamedText, size: -1}
		return r.streamedPiece()
	}
	n, ok := parseLength(line)
	if !ok {
		return Token{}, r.failf("Bad bulk string length")
	}
	r.started()
	if kind != Verbatim && n <= int64(r.w-r.r-2) { // all of it is here
		return r.whole(Token{Kind: kind, Wire: wire, Int: n, Text: r.buf[r.r : r.r+int(n)]})
	}
	r.text = text{kind: kind, wire: wire, form: sizedText, size: n, left: n}
	if kind == Verbatim {
		if err := r.verbatim(); err != nil {
			return Token{}, err
		}
	}
	return r.sizedPiece()
}

// verbatim reads the format in front of a Verbatim's text, three letters and a colon.
func (r *Reader) verbatim() error {
	if r.text.size < 4 {
		return r.failf("Verbatim string without a format")
	}
	if err := r.need(4); err != nil {
		return err
	}
	if r.buf[r.r+3] != ':' {
		return r.failf("Verbatim string without a format")
	}
	r.format = [3]byte(r.buf[r.r:])
	r.r += 4
	r.text.size -= 4
	r.text.left -= 4
	return nil
}

func (r *Reader) aggregate(kind Kind, wire byte, line []byte) (Token, error) {
	if kind == Array && string(line) == "-1" {
		return r.scalar(Token{Kind: Null, Wire: wire}), nil
	}
	n, ok := parseLength(line)
	if string(line) == "?" && (kind == Array || kind == Set || kind == Map) {
		n, ok = -1, true
	}
	if !ok || n > maxCount {
		return Token{}, r.failf("Multi-bulk length out of range")
	}
	if len(r.stack) >= cmp.Or(r.MaxDepth, DefaultMaxDepth) {
		return Token{}, r.failf("replies nested too deep")
	}
	row := uint16(0)
	if kind == Attribute {
		if row = r.attributes + 1; row > maxAttributes {
			return Token{}, r.failf("too many attributes in a row")
		}
		r.attributes = 0
	} else {
		r.started()
	}
	left := n
	if (kind == Map || kind == Attribute) && n > 0 {
		left = 2 * n
	}
	r.stack = append(r.stack, frame{kind: kind, left: left, row: row})
	return Token{Kind: kind, Wire: wire, Int: n}, nil
}

// scalar counts a value that is one token.
func (r *Reader) scalar(t Token) Token {
	r.started()
	return t
}

// started counts the value that has just begun as an element of the aggregate around it.
func (r *Reader) started() {
	r.attributes = 0
	if len(r.stack) == 0 {
		return
	}
	if top := &r.stack[len(r.stack)-1]; top.left > 0 {
		top.left--
	} else {
		top.odd = !top.odd
	}
}

// end leaves the innermost aggregate.
func (r *Reader) end() Token {
	top := r.stack[len(r.stack)-1]
	r.stack = r.stack[:len(r.stack)-1]
	r.attributes = top.row // above 0 behind an attribute: its value is due
	return Token{Kind: End}
}

// streamEnd reads the line that closes a streamed aggregate.
func (r *Reader) streamEnd() (Token, error) {
	if len(r.stack) == 0 || r.attributes > 0 {
		return Token{}, r.badType()
	}
	if top := r.stack[len(r.stack)-1]; top.left >= 0 || top.kind == Map && top.odd {
		return Token{}, r.badType()
	}
	line, err := r.header()
	if err != nil {
		return Token{}, err
	}
	if len(line) != 0 {
		return Token{}, r.failf("Bad end of a streamed value")
	}
	return r.end(), nil
}

// header reads the rest of a short line, after its type byte. The bytes lie in the buffer.
func (r *Reader) header() ([]byte, error) {
	ahead := r.buf[r.r:r.w]
	for i := 1; i < maxHeader+3; i++ {
		if i == len(ahead) {
			if err := r.need(i + 1); err != nil {
				return nil, err
			}
			ahead = r.buf[r.r:r.w]
		}
		if ahead[i] != '\n' {
			continue
		}
		if ahead[i-1] != '\r' {
			return nil, r.failf("Bad line ending")
		}
		r.r += i + 1
		return ahead[1 : i-1], nil // a CR in it is refused by what reads it
	}
	return nil, r.failf("a length or a number of more than %d bytes", maxHeader)
}

// need waits until n unread bytes are in the buffer; n is small.
func (r *Reader) need(n int) error {
	for r.w-r.r < n {
		if err := r.fill(); err != nil {
			return err
		}
	}
	return nil
}

// fill asks the source once for more. What is unread may move in the buffer.
func (r *Reader) fill() error {
	if r.err != nil {
		return r.err
	}
	if r.r > 0 && (r.r == r.w || r.w == len(r.buf)) {
		r.base += int64(r.r)
		r.w = copy(r.buf, r.buf[r.r:r.w])
		r.r = 0
	}
	if r.BeforeBlock != nil {
		r.BeforeBlock()
	}
	for range 100 {
		n, err := r.src.Read(r.buf[r.w:])
		r.w += n
		if n > 0 {
			return nil
		}
		if err != nil {
			if err == io.EOF && (r.Depth() > 0 || r.w > r.r || r.taking) {
				err = io.ErrUnexpectedEOF
			}
			r.err = err
			return err
		}
	}
	r.err = io.ErrNoProgress
	return r.err
}

// parseLength reads a length or a count: digits only, no sign, no leading zero.
func parseLength(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 18 || b[0] == '0' && len(b) > 1 {
		return 0, false
	}
	var n int64
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// parseInt reads an integer reply: a sign, digits, within 64 bits.
func parseInt(b []byte) (int64, bool) {
	negative := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative = b[0] == '-'
		b = b[1:]
	}
	if len(b) == 0 {
		return 0, false
	}
	var n uint64
	for _, c := range b {
		d := uint64(c - '0')
		if d > 9 || n > (1<<63)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	if negative {
		return -int64(n), n <= 1<<63
	}
	return int64(n), n <= 1<<63-1
}

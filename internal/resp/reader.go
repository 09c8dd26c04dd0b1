package resp

import (
	"io"
)

// Limits of a Reader. They are settable, as fields, before the first read.
const (
	// DefaultMaxText is the longest string that ReadValue holds in memory: 1 GiB, twice what a
	// server accepts by default. Tokens have no such limit, for they hold nothing.
	DefaultMaxText = 1 << 30
	// DefaultMaxDepth is how deep aggregates may nest. A real server sent 7 990 levels.
	DefaultMaxDepth = 10_000
	// DefaultMaxTree is the most that ReadValue holds of one aggregate: its texts, and treeCost for
	// each element.
	DefaultMaxTree = 1 << 30
	// DefaultMaxPush is the same for what the server sends unasked.
	DefaultMaxPush = 64 << 20
	// treeCost is what an element takes in a tree, while it is being built, beside its text.
	treeCost = 128
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
	// These override the defaults where they are not 0.
	MaxText, MaxTree, MaxPush int64
	MaxDepth                  int
	// BeforeBlock, if set, is called when the buffer has been used up, before more is asked of the
	// source. This is the moment to flush what the other side may be waiting for.
	BeforeBlock func()
	// OnPush, if set, receives what the server sends unasked, and the Reader yields only replies:
	// pushes between replies, pushes of the kinds that a server is known to drop into the middle of
	// an array (Redis up to 7.0 does, in EXEC), and with Subscribed the messages of a RESP2
	// subscription. If it is nil, a push between replies is a value like any other, and one inside
	// an array is dropped.
	OnPush func(Value)
	// DropPushes passes over the pushes that OnPush would receive, whatever their size.
	DropPushes bool
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

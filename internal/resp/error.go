package resp

import (
	"bytes"
	"fmt"
	"strconv"
)

// ProtocolError is a reply that breaks the protocol. Nothing that follows it on the stream can be
// trusted.
type ProtocolError struct {
	// Offset is where in the stream the offending reply was being read, in bytes.
	Offset int64
	// Msg says what was wrong.
	Msg string
	// Hint says what may be at the other end instead of Redis, if the bytes look familiar.
	Hint string
}

func (e *ProtocolError) Error() string {
	if e.Hint == "" {
		return e.Msg
	}
	return e.Msg + " (" + e.Hint + ")"
}

func (r *Reader) fail(err error) error {
	if r.err == nil {
		r.err = err
	}
	return r.err
}

func (r *Reader) failf(format string, args ...any) error {
	return r.fail(&ProtocolError{Offset: r.Offset(), Msg: fmt.Sprintf("Protocol error: "+format, args...)})
}

// badType refuses the byte ahead, where a type byte is due, in redis-cli's words.
func (r *Reader) badType() error {
	e := &ProtocolError{Offset: r.Offset()}
	e.Msg = "Protocol error, got " + strconv.QuoteToASCII(string(r.buf[r.r:r.r+1])) + " as reply type byte"
	if e.Offset == 0 {
		e.Hint = hint(r.buf[r.r:r.w])
	}
	return r.fail(e)
}

// hint recognises the servers that are met by mistake, from the first bytes they send; there is at
// least one.
func hint(b []byte) string {
	switch {
	case b[0] == 'H' && bytes.HasPrefix(b, []byte("HTTP"[:min(4, len(b))])):
		return "an HTTP server answers on this port"
	case b[0] == 0x15 || b[0] == 0x16:
		return "this port speaks TLS, use --tls"
	case b[0] == 'S' && bytes.HasPrefix(b, []byte("SSH-"[:min(4, len(b))])):
		return "an SSH server answers on this port, not Redis"
	}
	return ""
}

package pipeclient

import (
	"errors"
	"fmt"
)

// What became of a request that got no reply. Every request ends once: with its own reply, or with
// an error that is one of these two.
var (
	// ErrNotSent: no byte of the request left the process.
	ErrNotSent = errors.New("not sent")
	// ErrInDoubt: at least one byte was written and no complete reply came back, so the server may
	// have carried it out.
	ErrInDoubt = errors.New("in doubt")
)

// What ends a connection, beside the errors of the network and of the protocol.
var (
	// ErrClosed: the connection was closed from this side.
	ErrClosed = errors.New("connection closed")
	// ErrServerClosed: the server closed the connection.
	ErrServerClosed = errors.New("server closed the connection")
	// ErrTimeout: the server sent nothing for as long as Config.Timeout allows.
	ErrTimeout = errors.New("no reply from the server in time")
	// ErrUnsolicited: the server sent a reply that nobody had asked for.
	ErrUnsolicited = errors.New("unsolicited reply: replies do not match requests")
)

// LostError is the end of a request whose connection ended, or whose caller stopped waiting.
type LostError struct {
	State error // ErrNotSent or ErrInDoubt
	Cause error // why
	// Written is how many bytes of the request were given to the network, if the connection ended.
	Written int64
}

func (e *LostError) Error() string   { return fmt.Sprintf("%v (%v)", e.Cause, e.State) }
func (e *LostError) Unwrap() []error { return []error{e.State, e.Cause} }

// ConnectError is a connection that never became usable. No command was sent on it.
type ConnectError struct {
	// Addr is host:port or the socket's path, as the user gave it.
	Addr string
	// Step is what was being done: "connect", "TLS", "AUTH", "SELECT 99", "HELLO 3", "CLIENT SETNAME".
	Step string
	// Refused is what the server answered, if it was the server that said no.
	Refused string
	// Err is what broke otherwise.
	Err error
}

func (e *ConnectError) Error() string {
	if e.Step == "connect" || e.Step == "TLS" {
		what := e.Refused
		if e.Err != nil {
			what = e.Err.Error()
		}
		return fmt.Sprintf("could not connect to %s: %s", e.Addr, what)
	}
	if e.Refused != "" {
		return e.Step + " failed: " + e.Refused
	}
	return fmt.Sprintf("%s failed: %v", e.Step, e.Err)
}

func (e *ConnectError) Unwrap() error { return e.Err }

package sandbox

import (
	"runtime"
	"strings"

	"github.com/alicebob/miniredis/v2/server"
)

// miniredis panics at some commands that a real server answers, and would take the whole program
// with it. Such a command is answered with an error here, and the server goes on.

// survive runs f. After a panic the connection gets an error, or its end where part of a reply, or of
// a transaction, has been lost.
func (c *conn) survive(name string, f func()) {
	before := c.written()
	defer func() {
		if cause := recover(); cause != nil {
			if holdsTheServer() {
				c.s.mini.Unlock()
			}
			if c.multi || c.written() != before {
				c.peer.Close()
				return
			}
			c.peer.WriteError("ERR '" + name + "' failed in the sandbox; it needs a real server")
		}
	}()
	f()
}

// written is how many bytes of replies there have been.
func (c *conn) written() int64 {
	var buffered int
	c.peer.Block(func(*server.Writer) { buffered = c.out.Buffered() })
	return c.sent.Load() + int64(buffered)
}

// holdsTheServer reports whether the panic came from below miniredis's withTx, which locks the server
// and does not unlock it on its way out. All its other locks are released by deferred calls. (Within
// a script nothing is locked again, and a panic ends as an error of Lua.)
func holdsTheServer() bool {
	pcs := make([]uintptr, 256)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs)])
	for {
		frame, more := frames.Next()
		if strings.HasSuffix(frame.Function, "miniredis/v2.withTx") {
			return true
		}
		if !more {
			return false
		}
	}
}

//go:build unix

package pipeclient

import (
	"net"
	"syscall"
)

// directWriter writes to a socket as much as it takes at once, and never waits. It may be used only
// while nobody else writes.
type directWriter struct {
	raw syscall.RawConn
	try func(fd uintptr) bool
	p   []byte
	n   int
}

// newDirectWriter returns nil if the connection is not a plain socket.
func newDirectWriter(nc net.Conn) *directWriter {
	switch nc.(type) {
	case *net.TCPConn, *net.UnixConn:
	default:
		return nil
	}
	raw, err := nc.(syscall.Conn).SyscallConn()
	if err != nil {
		return nil
	}
	w := &directWriter{raw: raw}
	w.try = func(fd uintptr) bool {
		w.n, _ = syscall.Write(int(fd), w.p) // the socket is non-blocking
		return true
	}
	return w
}

// write returns how many bytes have left. An error is left for the next ordinary write to find.
func (w *directWriter) write(p []byte) int {
	w.p, w.n = p, 0
	w.raw.Write(w.try)
	w.p = nil
	return max(w.n, 0)
}

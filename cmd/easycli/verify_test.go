//go:build unix

package main

import (
	"io"
	"strings"
	"testing"

	"easycli/internal/resptest"
)

func TestAVerifiedLoadWhoseRepliesDoNotMatchHasAStatusOfItsOwn(t *testing.T) { // T141
	binary := resptest.Build(t)
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		for n := 1; ; n++ {
			request, reply := c.Next(), "+OK\r\n"
			if request[0] == "ECHO" {
				reply = resptest.Bulk(request[1])
			}
			if n == 500 {
				reply = ""
			}
			if _, err := io.WriteString(c.Conn, reply); err != nil {
				return
			}
		}
	})
	r := resptest.Exec(t, binary, append(at(t, peer.Addr), "--pipe", "--verify"), strings.Repeat("SET a 1\n", 1000))
	if r.Exit != int(exitMismatch) || r.Stdout != "All data transferred. Waiting for the last reply...\nerrors: 0, replies: 0\n" ||
		!strings.HasPrefix(r.Stderr, "easycli: replies do not match requests near command 1000 (between 1 and 1000)\n"+
			"sent 1000, acknowledged 0 (0 errors), in doubt 1-1000 (from byte 0), not sent from 1001 (byte 8000)\n") {
		t.Errorf("%+v", r)
	}
	// The same without: the last reply is waited for in vain.
	r = resptest.Exec(t, binary, append(at(t, peer.Addr), "--pipe", "--timeout", "0.2"), strings.Repeat("SET a 1\n", 1000))
	if r.Exit != int(exitLost) || !strings.Contains(r.Stderr, "acknowledged 999 ") {
		t.Errorf("%+v", r)
	}
}

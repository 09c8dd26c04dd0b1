package shell

import (
	"strings"
	"testing"
	"time"

	"easycli/internal/resptest"
)

// Ctrl-C ends the wait between repetitions, and with it the repetitions.
func TestCtrlCBetweenRepetitions(t *testing.T) {
	interrupts := make(chan struct{}, 1)
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Expect("incr", "n")
		time.AfterFunc(50*time.Millisecond, func() { interrupts <- struct{}{} })
		c.Reply(":1\r\n").ExpectEnd()
	})
	screen, _, err := talkWith(t, Config{Server: at(peer.Addr), Interrupts: interrupts, Interval: 10 * time.Second}, "2 incr n")
	if want := "(integer) 1\n(interrupted) not sent\n"; err != nil || screen != want {
		t.Errorf("%v, %q", err, screen)
	}
}

// A Ctrl-C that comes with the reply to a command ends what was pasted behind it, or it is said that the
// command was given up; it is never lost.
func TestCtrlCWithTheReply(t *testing.T) {
	for range 50 {
		interrupts := make(chan struct{}, 1)
		peer := resptest.Peer(t, func(c *resptest.PeerConn) {
			for {
				line := c.Next()
				if line == nil || line[0] == "last" {
					return
				}
				if line[0] == "stop" {
					interrupts <- struct{}{}
				}
				c.Reply("+OK\r\n")
			}
		})
		screen, _, err := talk(t, at(peer.Addr), interrupts, "stop 1\nlast", reply("y"))
		if err != nil || !strings.Contains(screen, "1 command not run") {
			t.Fatalf("%v, %q", err, screen)
		}
	}
}

// A server that takes nothing any more does not keep Ctrl-C from ending the wait, with replies off as well.
func TestCtrlCWhileNothingIsTaken(t *testing.T) {
	interrupts := make(chan struct{}, 1)
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		if c.N == 0 {
			c.Expect("client", "reply", "off").Hold()
		}
		c.Expect("ping").Reply("+PONG\r\n")
	})
	large := "set k " + strings.Repeat("x", 16<<20)
	screen, _, err := talk(t, at(peer.Addr), interrupts, "client reply off", large, large, func(*person) {
		time.AfterFunc(100*time.Millisecond, func() { interrupts <- struct{}{} })
	}, "set k v", "ping")
	if err != nil || screen != "(interrupted) not sent\nPONG\n" {
		t.Errorf("%v, %q", err, screen)
	}
}

package pipeclient

import (
	"context"
	"errors"
	"net"
	"testing"

	"easycli/internal/resptest"
)

// Where Dial finds the server itself, errors name the one it found, if it found one.
func TestErrorsNameTheServerThatWasReached(t *testing.T) {
	peer := resptest.Peer(t, func(c *resptest.PeerConn) { c.Expect("AUTH", "x").Reply("-WRONGPASS no\r\n").Swallow() })
	reached := ""
	cfg := Config{Addr: "somewhere", Pass: "x", HasPass: true, Reached: func() string { return reached }}
	for addr, dial := range map[string]func(ctx context.Context) (net.Conn, error){
		"somewhere": func(context.Context) (net.Conn, error) { return nil, errors.New("nowhere") },
		peer.Addr: func(ctx context.Context) (net.Conn, error) {
			reached = peer.Addr
			return new(net.Dialer).DialContext(ctx, "tcp", peer.Addr)
		},
	} {
		reached, cfg.Dial = "", dial
		_, err := Dial(context.Background(), cfg)
		var refused *ConnectError
		if !errors.As(err, &refused) || refused.Addr != addr {
			t.Errorf("got %v, want one about %s", err, addr)
		}
	}
}

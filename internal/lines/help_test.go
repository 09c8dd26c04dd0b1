package lines

import (
	"context"
	"testing"

	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

// What is asked is as little as will do.
func TestDocs(t *testing.T) {
	for _, tt := range []struct{ words, ask []string }{
		{[]string{"config", "set"}, []string{"COMMAND", "DOCS", "config"}},
		{[]string{"@string"}, []string{"COMMAND", "DOCS"}},
		{nil, []string{"COMMAND", "DOCS"}},
	} {
		server := resptest.Peer(t, func(c *resptest.PeerConn) { c.Expect(tt.ask...).Reply("*0\r\n") })
		docs, err := Docs(context.Background(), pipeclient.Dial, pipeclient.Config{Addr: server.Addr}, tt.words)
		if err != nil || !docs.Kind.IsAggregate() {
			t.Errorf("%q: %v, %v", tt.words, docs, err)
		}
	}
	deaf := resptest.Peer(t, func(c *resptest.PeerConn) { c.Expect("COMMAND", "DOCS", "x").Reply("-ERR no\r\n") })
	docs, err := Docs(context.Background(), pipeclient.Dial, pipeclient.Config{Addr: deaf.Addr}, []string{"x"})
	if err != nil || !docs.IsError() {
		t.Errorf("got %v, %v", docs, err)
	}
	if _, err := Docs(context.Background(), pipeclient.Dial, pipeclient.Config{Addr: "127.0.0.1:1"}, nil); err == nil {
		t.Error("nobody is there, and no error")
	}
}

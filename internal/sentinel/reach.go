package sentinel

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"easycli/internal/pipeclient"
	"easycli/internal/resp"
)

// reach connects to a server and asks whether it is a master. One that does not let us ask is
// taken at the sentinel's word: the handshake that follows will say what it refuses.
func (m *Master) reach(ctx context.Context, addr string) (net.Conn, error) {
	server := m.cfg.Server
	cfg := pipeclient.Config{
		Network: server.Network, Addr: addr, TLS: server.TLS,
		User: server.User, Pass: server.Pass, HasPass: server.HasPass,
		ConnectTimeout: server.ConnectTimeout, Timeout: m.answer(),
	}
	conn, err := pipeclient.Dial(ctx, cfg)
	if isRefusedUser(err) {
		cfg.HasPass = false
		if conn, err = pipeclient.Dial(ctx, cfg); err == nil {
			return bare(conn)
		}
	}
	if err != nil {
		return nil, err
	}
	role, err := conn.Do(ctx, "ROLE")
	if err == nil {
		err = checkRole(role)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return bare(conn)
}

// isRefusedUser reports whether the server was reached, and said no to the user or password.
func isRefusedUser(err error) bool {
	var refused *pipeclient.ConnectError
	return errors.As(err, &refused) && refused.Step != "connect" && refused.Refused != ""
}

// bare is the stream of a connection that nothing is due on.
func bare(conn *pipeclient.Conn) (net.Conn, error) {
	nc, replies, err := conn.Hijack()
	if err != nil {
		conn.Close()
		return nil, err
	}
	if len(replies.Ahead()) > 0 {
		nc.Close()
		return nil, pipeclient.ErrUnsolicited
	}
	return nc, nc.SetDeadline(time.Time{})
}

// checkRole reads the answer to ROLE.
func checkRole(v resp.Value) error {
	switch {
	case v.IsError():
		return nil // it does not tell this user
	case len(v.Elems) == 0:
		return errors.New("its answer to ROLE makes no sense")
	case v.Elems[0].Text == "master":
		return nil
	}
	return notMasterError{v.Elems[0].Text}
}

// notMasterError is a server that a sentinel takes for a master, and that is something else.
type notMasterError struct{ role string }

func (e notMasterError) Error() string { return fmt.Sprintf("its role is %.20q", e.role) }

// isLasting reports whether a server is out of reach for a reason that time does not mend.
func isLasting(err error) bool {
	var refused *pipeclient.ConnectError
	return errors.As(err, &refused) && refused.Step == "TLS"
}

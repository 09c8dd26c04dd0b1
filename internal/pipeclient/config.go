package pipeclient

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"easycli/internal/resp"
)

// Config says where a connection goes and what must be true of it before the first command. The
// zero value is Redis on 127.0.0.1:6379, database 0, RESP2, no password.
type Config struct {
	// Network is "tcp" (the default) or "unix".
	Network string
	// Addr is host:port, or the path of the socket. Default 127.0.0.1:6379.
	Addr string
	// Dial replaces the dialling of Network and Addr. The handshake still follows, and so does the
	// TLS, unless Dial returns a *tls.Conn.
	Dial func(ctx context.Context) (net.Conn, error)
	// Reached, if set, is where Dial went last, in the place of Addr; "" for nowhere yet.
	Reached func() string

	// TLS turns TLS on. ServerName is filled in from Addr where it is empty.
	TLS *tls.Config

	// User and Pass are sent with AUTH when HasPass is set; an empty User sends the password alone.
	User, Pass string
	HasPass    bool
	// DB is selected when it is not 0.
	DB int
	// Proto is 2 (or 0, the default: nothing is sent) or 3 (HELLO 3 is sent).
	Proto int
	// Name is set with CLIENT SETNAME when it is not empty.
	Name string

	// ConnectTimeout bounds the dialling, and apart from it the TLS and the handshake; 0 leaves the
	// dialling to the system, and gives the rest [DefaultHandshakeTimeout].
	ConnectTimeout time.Duration
	// Timeout is how long a request may wait while nothing at all arrives from the server, nor can
	// be sent to it. When it runs out the connection is over. 0 waits for ever.
	Timeout time.Duration

	// Window bounds the requests on their way, WindowBytes their bytes together, and those of the
	// replies to be expected from what came before: a sender waits for a place. A request larger
	// than WindowBytes goes alone. Defaults [DefaultWindow] and [DefaultWindowBytes].
	Window      int
	WindowBytes int

	// Gather lets the receiver wait that long before it asks the network for more, while more than
	// half of the window is on its way: replies then come in fewer and larger pieces, which costs
	// less. It is for loads that nobody watches reply by reply. 0, the default, never waits.
	Gather time.Duration

	// OnPush receives what the server sends unasked, in its place between the replies. It is called
	// on the connection's receiver, or on a caller of Do that does the receiver's work, and holds it
	// up. Nil drops pushes.
	OnPush func(resp.Value)
	// BeforeBlock is called where OnPush is, when all that has arrived is consumed, before more is
	// waited for: the moment to flush what was printed.
	BeforeBlock func()

	// probe makes the server answer once before the connection counts as made.
	probe bool
}

// The defaults of a Config.
const (
	DefaultAddr             = "127.0.0.1:6379"
	DefaultHandshakeTimeout = 5 * time.Second
	DefaultWindow           = 10_000
	DefaultWindowBytes      = 16 << 20
	// keepAlive is the idle time before TCP probes a silent peer; redis-cli uses the same 15 s.
	keepAlive = 15 * time.Second
)

func (c Config) withDefaults() Config {
	if c.Network == "" {
		c.Network = "tcp"
	}
	if c.Addr == "" {
		c.Addr = DefaultAddr
	}
	if c.Window <= 0 {
		c.Window = DefaultWindow
	}
	if c.WindowBytes <= 0 {
		c.WindowBytes = DefaultWindowBytes
	}
	return c
}

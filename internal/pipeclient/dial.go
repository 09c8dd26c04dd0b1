package pipeclient

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strconv"
	"time"

	"easycli/internal/resp"
)

// Dial connects, shakes hands and returns a connection that is what the configuration asks for. The
// error is a [ConnectError]; no command has been sent then.
func Dial(ctx context.Context, cfg Config) (*Conn, error) {
	cfg = cfg.withDefaults()
	nc, err := dialNetwork(ctx, cfg)
	if cfg.Reached != nil {
		cfg.Addr = cmp.Or(cfg.Reached(), cfg.Addr)
	}
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, &ConnectError{Addr: cfg.Addr, Step: "connect", Err: err}
	}
	if _, secured := nc.(*tls.Conn); cfg.TLS != nil && !secured {
		if nc, err = startTLS(ctx, cfg, nc); err != nil {
			return nil, &ConnectError{Addr: cfg.Addr, Step: "TLS", Err: err}
		}
	}
	r := resp.NewReader(&source{nc: nc})
	steps := handshake(cfg)
	if len(steps) > 0 {
		if err := shake(ctx, cfg, nc, r, steps); err != nil {
			nc.Close()
			return nil, err
		}
	}
	return newConn(cfg, nc, r, len(steps) > 0), nil
}

// source is where a connection's reader reads. The first line, if it is an error, arrives whole: a
// server that refuses the connection is to be recognised even if its words come in pieces.
type source struct {
	nc    net.Conn
	begun bool
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.nc.Read(p)
	if s.begun || n == 0 {
		return n, err
	}
	s.begun = true
	for err == nil && p[0] == '-' && n < len(p) && bytes.IndexByte(p[:n], '\n') < 0 {
		var more int
		more, err = s.nc.Read(p[n:])
		n += more
	}
	return n, err
}

func dialNetwork(ctx context.Context, cfg Config) (net.Conn, error) {
	if cfg.Dial != nil {
		return cfg.Dial(ctx)
	}
	d := net.Dialer{
		Timeout:         cfg.ConnectTimeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: keepAlive, Interval: keepAlive / 3, Count: 3},
	}
	nc, err := d.DialContext(ctx, cfg.Network, cfg.Addr)
	return nc, dialError(err)
}

// dialError is what the system said, without Go's prefixes and addresses.
func dialError(err error) error {
	var op *net.OpError
	if !errors.As(err, &op) {
		return err
	}
	if op.Timeout() {
		return errors.New("connection timed out")
	}
	var dns *net.DNSError
	if errors.As(op.Err, &dns) {
		if dns.IsNotFound {
			return errors.New("name or service not known")
		}
		return errors.New(dns.Err)
	}
	var call interface{ Unwrap() error }
	if errors.As(op.Err, &call) { // os.SyscallError: "connect: connection refused"
		return call.Unwrap()
	}
	return op.Err
}

// timeout is how long TLS and the handshake may take, each.
func (c Config) timeout() time.Duration {
	if c.ConnectTimeout > 0 {
		return c.ConnectTimeout
	}
	return DefaultHandshakeTimeout
}

// startTLS makes the connection a TLS one, or closes it.
func startTLS(ctx context.Context, cfg Config, nc net.Conn) (net.Conn, error) {
	tc := cfg.TLS
	if tc.ServerName == "" && !tc.InsecureSkipVerify {
		tc = tc.Clone()
		tc.ServerName, _, _ = net.SplitHostPort(cfg.Addr)
	}
	limited, cancel := context.WithTimeout(ctx, cfg.timeout())
	defer cancel()
	secured := tls.Client(nc, tc)
	err := secured.HandshakeContext(limited)
	if err == nil {
		return secured, nil
	}
	nc.Close()
	var plain tls.RecordHeaderError
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.As(err, &plain):
		return nil, errors.New("the server does not speak TLS on this port")
	case errors.Is(err, context.DeadlineExceeded):
		return nil, errors.New("no TLS answer from the server; it may not speak TLS on this port")
	}
	return nil, err
}

// step is one command of the handshake.
type step struct {
	name  string // for messages; no secrets
	words []string
	probe bool // any answer will do, but for a refusal to serve the connection at all
}

// handshake lists what is asked of the server before the first command, in redis-cli's order.
func handshake(cfg Config) []step {
	var steps []step
	if cfg.HasPass {
		auth := []string{"AUTH", cfg.Pass}
		if cfg.User != "" {
			auth = []string{"AUTH", cfg.User, cfg.Pass}
		}
		steps = append(steps, step{name: "AUTH", words: auth})
	}
	if cfg.DB != 0 {
		db := strconv.Itoa(cfg.DB)
		steps = append(steps, step{name: "SELECT " + db, words: []string{"SELECT", db}})
	}
	if cfg.Proto == 3 {
		steps = append(steps, step{name: "HELLO 3", words: []string{"HELLO", "3"}})
	}
	if cfg.Name != "" {
		steps = append(steps, step{name: "CLIENT SETNAME", words: []string{"CLIENT", "SETNAME", cfg.Name}})
	}
	if cfg.probe && len(steps) == 0 {
		steps = append(steps, step{name: "PING", words: []string{"PING"}, probe: true})
	}
	return steps
}

// maxAnswer is how large an answer in the handshake may be; that to HELLO is a few hundred bytes.
const maxAnswer = 1 << 20

// shake sends the steps at once and checks their answers one by one. The connection is of no use
// unless all of them are granted in time, so that nothing runs with other rights, or in another
// database, than was asked for.
func shake(ctx context.Context, cfg Config, nc net.Conn, r *resp.Reader, steps []step) error {
	nc.SetDeadline(time.Now().Add(cfg.timeout()))
	stop := context.AfterFunc(ctx, func() { nc.SetDeadline(past) })
	defer stop()
	r.DropPushes = true // nothing unasked may pass for an answer
	r.MaxText, r.MaxTree = maxAnswer, maxAnswer
	defer func() { r.MaxText, r.MaxTree = 0, 0 }()
	var wire []byte
	for _, s := range steps {
		wire = resp.AppendCommand(wire, s.words...)
	}
	// A write error is no news yet: a server that hangs up says why before it does.
	_, writeErr := nc.Write(wire)
	for i, s := range steps {
		v, err := r.ReadValue()
		switch {
		case ctx.Err() != nil:
			return &ConnectError{Addr: cfg.Addr, Step: s.name, Err: context.Cause(ctx)}
		case err != nil && writeErr != nil:
			return &ConnectError{Addr: cfg.Addr, Step: s.name, Err: opError(writeErr)}
		case isTimeout(err):
			return &ConnectError{Addr: cfg.Addr, Step: s.name, Err: ErrTimeout}
		case err != nil:
			return &ConnectError{Addr: cfg.Addr, Step: s.name, Err: cause(opError(err))}
		case v.IsError() && i == 0 && parting([]byte("-"+v.Text)) != "":
			return &ConnectError{Addr: cfg.Addr, Step: "connect", Refused: v.Text}
		case v.IsError() && !s.probe:
			return &ConnectError{Addr: cfg.Addr, Step: s.name, Refused: v.Text}
		}
	}
	if !stop() {
		return &ConnectError{Addr: cfg.Addr, Step: "connect", Err: context.Cause(ctx)}
	}
	return nc.SetDeadline(time.Time{})
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// Package sentinel finds the master of a name, and finds it again after a failover.
//
// It guarantees that a connection it hands over goes to a server that calls itself a master, as far
// as the server lets it ask: a sentinel may be behind the times, so what it says is checked with
// ROLE, and asked for again while there is patience. A sentinel that does not answer costs a
// bounded time, and others that sentinels know of are asked as well. It refuses to know what is done
// with the connection, and it watches nothing: sentinels cut the clients off when a master is
// demoted, and who dials again is led to the new one.
//
//   - [Master] is a name and who knows its address; its Dial is for [pipeclient.Config].
//   - [Config] says how everybody is reached.
package sentinel

import (
	"context"
	"net"
	"slices"
	"sync"
	"time"

	"easycli/internal/pipeclient"
)

// Config says which master is meant and how everybody is reached.
type Config struct {
	// Master is the name under which the sentinels watch it.
	Master string
	// Sentinels are the addresses, host:port, of those to ask first.
	Sentinels []string
	// User and Pass are sent to the sentinels with AUTH when HasPass is set.
	User, Pass string
	HasPass    bool
	// Server is how the master is reached: its network, TLS, and the user that may ask for its ROLE.
	// Its network and TLS are those for the sentinels as well. Its ConnectTimeout bounds an answer of
	// a sentinel (default [DefaultAnswer]), and how long [Master.Dial] tries in all (default
	// [DefaultPatience]).
	Server pipeclient.Config
	// Map, if set, is where the servers and sentinels are reached that announce these addresses.
	Map func(announced string) string
	// Allow, if set, may refuse an address before anything is sent there.
	Allow func(addr string) error
}

// The defaults where no ConnectTimeout is set.
const (
	DefaultAnswer   = 2 * time.Second
	DefaultPatience = 10 * time.Second
)

// The waits between attempts while the sentinels make up their minds.
const (
	firstPause = 20 * time.Millisecond
	lastPause  = 500 * time.Millisecond
)

// maxSentinels bounds what is believed of how many sentinels there are.
const maxSentinels = 32

// Master is a master as its sentinels know it. It is for any number of goroutines.
type Master struct {
	cfg Config

	mu        sync.Mutex
	sentinels []string // in the order in which they are asked
	addr      string   // where it was last
	ahead     string   // an address that no Dial has used, and which sentinel gave it
	aheadFrom string
}

// New returns a master nobody has asked for yet.
func New(cfg Config) *Master {
	if cfg.Map == nil {
		cfg.Map = func(announced string) string { return announced }
	}
	return &Master{cfg: cfg, sentinels: slices.Clone(cfg.Sentinels)}
}

// Addr is where the master was when it was last asked for or dialled, "" before the first time.
func (m *Master) Addr() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.addr
}

// Find asks the sentinels once, and leaves the answer to the next Dial.
func (m *Master) Find(ctx context.Context) (addr string, err error) {
	addr, from, err := m.ask(ctx)
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ahead, m.aheadFrom = addr, from
	return addr, nil
}

// Dial connects to the master, with TLS where the configuration wants that. While the sentinels name
// a server that cannot be reached, or that is no master, it asks again: a failover takes its time.
func (m *Master) Dial(ctx context.Context) (net.Conn, error) {
	limited, cancel := context.WithTimeoutCause(ctx, m.patience(), pipeclient.ErrTimeout)
	defer cancel()
	var last error
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		nc, again, err := m.attempt(limited)
		switch {
		case err == nil:
			return nc, nil
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case limited.Err() != nil && last != nil:
			return nil, last // it says more than that there was no time left
		case !again:
			return nil, err
		}
		last = err
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-limited.Done():
			timer.Stop()
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			return nil, last
		}
	}
}

// attempt asks for the master and goes there. again says that another one may do better.
func (m *Master) attempt(ctx context.Context) (nc net.Conn, again bool, err error) {
	addr, from := m.takeAhead()
	if addr == "" {
		if addr, from, err = m.ask(ctx); err != nil {
			return nil, false, err
		}
	}
	if m.cfg.Allow != nil {
		if err := m.cfg.Allow(addr); err != nil {
			return nil, false, err
		}
	}
	nc, err = m.reach(ctx, addr)
	if err == nil {
		return nc, false, nil
	}
	m.askLast(from)
	return nil, !isLasting(err), &MisledError{Sentinel: from, Master: m.cfg.Master, Addr: addr, Err: err}
}

func (m *Master) takeAhead() (addr, from string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	addr, from, m.ahead = m.ahead, m.aheadFrom, ""
	return addr, from
}

// askFirst and askLast change the order: who answered well is asked first from then on.
func (m *Master) askFirst(addr string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.Index(m.sentinels, addr); i > 0 {
		m.sentinels = slices.Insert(slices.Delete(m.sentinels, i, i+1), 0, addr)
	}
}

func (m *Master) askLast(addr string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.Index(m.sentinels, addr); i >= 0 {
		m.sentinels = append(slices.Delete(m.sentinels, i, i+1), addr)
	}
}

// learn adds the sentinels that another one knows.
func (m *Master) learn(addrs []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, addr := range addrs {
		if len(m.sentinels) < maxSentinels && !slices.Contains(m.sentinels, addr) {
			m.sentinels = append(m.sentinels, addr)
		}
	}
}

func (m *Master) known() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.sentinels)
}

func (m *Master) patience() time.Duration {
	if m.cfg.Server.ConnectTimeout > 0 {
		return m.cfg.Server.ConnectTimeout
	}
	return DefaultPatience
}

// answer is how long a sentinel may take, for each step.
func (m *Master) answer() time.Duration {
	if m.cfg.Server.ConnectTimeout > 0 {
		return min(m.cfg.Server.ConnectTimeout, DefaultAnswer)
	}
	return DefaultAnswer
}

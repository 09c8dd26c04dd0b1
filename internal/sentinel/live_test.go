package sentinel

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

// pair is a master with a replica in step, and a sentinel that knows both.
func pair(t *testing.T) (master, replica, s *resptest.Redis) {
	t.Helper()
	master = resptest.Server(t, "--repl-diskless-sync-delay", "0")
	host, port, _ := net.SplitHostPort(master.Addr)
	replica = resptest.Server(t, "--replicaof", host, port)
	eventually(t, "the replica is in step", func() bool { return replica.Info("replication")["master_link_status"] == "up" })
	s = resptest.Sentinel(t, "m", master)
	eventually(t, "the sentinel knows the replica", func() bool { return strings.Contains(s.Do("SENTINEL", "REPLICAS", "m"), replica.Addr) })
	return master, replica, s
}

// set writes and wants to be where the master should be.
func set(t *testing.T, m *Master, conn *pipeclient.Conn, where *resptest.Redis) {
	t.Helper()
	if v, err := conn.Do(within(t), "SET", "k", "v"); err != nil || v.Text != "OK" {
		t.Errorf("%+v, %v", v, err)
	}
	if got := conn.RemoteAddr().String(); got != where.Addr || m.Addr() != where.Addr {
		t.Errorf("it is at %s, and said to be at %s, want %s", got, m.Addr(), where.Addr)
	}
}

// The sentinel makes the replica the master. (It tells the old one some seconds later, and that cuts
// its clients off.)
func TestAFailoverIsFollowed(t *testing.T) {
	t.Parallel()
	master, replica, s := pair(t)
	m := New(Config{Master: "m", Sentinels: []string{s.Addr}, Server: pipeclient.Config{ConnectTimeout: time.Minute}})
	set(t, m, connect(t, m), master)
	eventually(t, "the sentinel begins", func() bool { return s.Do("SENTINEL", "FAILOVER", "m") == "OK" })
	eventually(t, "the sentinel names the replica", func() bool { addr, _ := m.Find(within(t)); return addr == replica.Addr })
	set(t, m, connect(t, m), replica)
}

// The master dies, and who dials waits for the new one.
func TestADeadMasterIsWaitedFor(t *testing.T) {
	t.Parallel()
	master, replica, s := pair(t)
	m := New(Config{Master: "m", Sentinels: []string{s.Addr}, Server: pipeclient.Config{ConnectTimeout: time.Minute}})
	conn := connect(t, m)
	set(t, m, conn, master)
	master.Stop(syscall.SIGKILL)
	<-conn.Over()
	set(t, m, connect(t, m), replica)
}

func connect(t *testing.T, m *Master) *pipeclient.Conn {
	t.Helper()
	conn, err := pipeclient.Dial(within(t), pipeclient.Config{Dial: m.Dial})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// A sentinel with a password of its own, and a master with another.
func TestTwoPasswords(t *testing.T) {
	master := resptest.Server(t, "--requirepass", "data")
	s := resptest.Sentinel(t, "m", master, "sentinel auth-pass m data", "user watcher on >own ~* +@all")
	cfg := Config{Master: "m", Sentinels: []string{s.Addr}, User: "watcher", Pass: "own", HasPass: true,
		Server: pipeclient.Config{Pass: "data", HasPass: true}}
	dial(t, New(cfg), master.Addr)
	cfg.Pass = "other"
	if _, err := New(cfg).Dial(within(t)); err == nil || !strings.Contains(err.Error(), "AUTH failed: WRONGPASS") || strings.Contains(err.Error(), "other") {
		t.Errorf("got %v", err)
	}
}

// The certificate has to be for the host that the sentinel names.
func TestTLS(t *testing.T) {
	master := resptest.TLSServer(t, []string{"127.0.0.1"})
	pem, err := os.ReadFile(master.CA.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	certFile, keyFile := master.CA.Issue("localhost")
	own, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	for host, fails := range map[string]bool{"127.0.0.1": false, "localhost": true} {
		_, port, _ := net.SplitHostPort(master.TLSAddr)
		s := tlsSentinel(t, &tls.Config{Certificates: []tls.Certificate{own}}, net.JoinHostPort(host, port))
		_, ownPort, _ := net.SplitHostPort(s)
		m := New(Config{Master: "m", Sentinels: []string{"localhost:" + ownPort}, Server: pipeclient.Config{TLS: &tls.Config{RootCAs: pool}}})
		nc, err := m.Dial(within(t))
		if (err != nil) != fails || fails && !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s: %v", host, err)
		}
		if err == nil {
			if _, secured := nc.(*tls.Conn); !secured {
				t.Errorf("the connection is a %T", nc)
			}
			nc.Close()
		}
	}
}

// tlsSentinel is a sentinel behind TLS that names an address.
func tlsSentinel(t *testing.T, cfg *tls.Config, addr string) string {
	t.Helper()
	inner := knows(t, always(named(addr)))
	l, err := tls.Listen("tcp", "127.0.0.1:0", cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			outer, err := l.Accept()
			if err != nil {
				return
			}
			go forward(outer, inner.Addr)
		}
	}()
	return l.Addr().String()
}

func forward(outer net.Conn, addr string) {
	defer outer.Close()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer conn.Close()
	go io.Copy(conn, outer)
	io.Copy(outer, conn)
}

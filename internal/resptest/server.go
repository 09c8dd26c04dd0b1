package resptest

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// startPatience bounds every wait for a server; a healthy one needs about 10 ms.
const startPatience = 20 * time.Second

// Redis is a real server that runs as a child of the test.
type Redis struct {
	Addr    string // 127.0.0.1:port
	Socket  string // the unix socket's path; empty for [Shared]
	TLSAddr string // 127.0.0.1:port with TLS; [TLSServer] only
	CA      *Authority
	Pid     int

	t       testing.TB
	binary  string
	args    []string
	cluster bool   // it is a node of a cluster
	bus     string // its address on the cluster's bus
	pass    string
	cmd     *exec.Cmd
	exited  chan struct{} // closed when the child is gone
}

// Server starts a server with no persistence and DEBUG allowed, on a free port of 127.0.0.1 and on
// a unix socket, and waits until it answers. args are added to its command line. It is killed when
// the test ends, and on Linux also when the test process dies.
func Server(t testing.TB, args ...string) *Redis {
	t.Helper()
	dir := tempDir(t)
	r := &Redis{t: t, binary: findServer(t), Socket: filepath.Join(dir, "s"), args: args}
	r.launch(dir)
	t.Cleanup(r.kill)
	return r
}

// shared is the one server of [Shared] in this process.
var shared struct {
	sync.Mutex
	redis *Redis
}

// Shared returns one server for the whole test process, emptied before it is handed out: the cheap
// choice for tests that do not run in parallel and leave the server as it is. It has no socket. On
// systems where a child cannot be tied to its parent it is a server of the test's own.
func Shared(t testing.TB) *Redis {
	t.Helper()
	if !diesWithParent {
		return Server(t)
	}
	shared.Lock()
	defer shared.Unlock()
	if shared.redis == nil || shared.redis.gone() {
		r := &Redis{t: t, binary: findServer(t)}
		r.launch(os.TempDir())
		shared.redis = r
	}
	handle := *shared.redis
	handle.t = t
	for _, reset := range [][]string{{"FLUSHALL"}, {"SCRIPT", "FLUSH"}, {"CONFIG", "RESETSTAT"}} {
		if got := handle.Do(reset...); got != "OK" {
			t.Fatalf("emptying the shared server: %v: %s", reset, got)
		}
	}
	return &handle
}

func findServer(t testing.TB) string {
	t.Helper()
	return findTool(t, "redis-server", "valkey-server")
}

// tempDir is a directory with a short name: a unix socket's path may have 100 bytes, and a test's
// own directory carries the test's name.
func tempDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "rt")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// launch starts the child. A free port can be taken between its choice and its use, so it tries
// again with another one where the server ends at once.
func (r *Redis) launch(dir string) {
	r.t.Helper()
	extra := r.args
	var err error
	for range 5 {
		r.Addr = freeAddr(r.t)
		r.args = []string{"--port", port(r.Addr), "--bind", "127.0.0.1", "--dir", dir, "--save", "",
			"--appendonly", "no", "--enable-debug-command", "yes", "--daemonize", "no"}
		if r.Socket != "" {
			r.args = append(r.args, "--unixsocket", r.Socket)
		}
		if r.CA != nil {
			r.TLSAddr = freeAddr(r.t)
			r.args = append(r.args, "--tls-port", port(r.TLSAddr))
		}
		if r.cluster {
			r.bus = freeAddr(r.t)
			r.args = append(r.args, "--cluster-port", port(r.bus))
		}
		r.args = append(r.args, extra...)
		if err = r.start(); err == nil {
			return
		}
	}
	r.t.Fatalf("starting %s: %v", r.binary, err)
}

// Restart starts a stopped server again, with the same command line and addresses.
func (r *Redis) Restart() {
	r.t.Helper()
	if !r.gone() {
		r.t.Fatalf("restarting a server that runs (pid %d)", r.Pid)
	}
	if err := r.start(); err != nil {
		r.t.Fatalf("restarting %s: %v", r.binary, err)
	}
}

// start runs the child and returns when it answers.
func (r *Redis) start() error {
	if i := slices.Index(r.args, "--requirepass"); i >= 0 && i+1 < len(r.args) {
		r.pass = r.args[i+1]
	}
	out := new(lockedBuffer)
	r.cmd = exec.Command(r.binary, r.args...)
	r.cmd.Stdout, r.cmd.Stderr = out, out
	r.exited = make(chan struct{})
	if err := startTied(r.cmd, r.exited); err != nil {
		return err
	}
	r.Pid = r.cmd.Process.Pid
	deadline := time.Now().Add(startPatience)
	for {
		err := r.ready()
		if err == nil {
			return nil
		}
		select {
		case <-r.exited:
			return fmt.Errorf("it ended: %s\n%s", r.cmd.ProcessState, out)
		case <-time.After(2 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			r.kill()
			return fmt.Errorf("no answer in %v: %w\n%s", startPatience, err, out)
		}
	}
}

// ready reports whether this very child answers, and not another server on its port.
func (r *Redis) ready() error {
	reply, err := r.ask("INFO", "server")
	if err != nil {
		return err
	}
	if want := fmt.Sprintf("process_id:%d\r\n", r.Pid); !strings.Contains(reply[0]+"\r\n", want) {
		return fmt.Errorf("another server answers: %.60q", reply[0])
	}
	return nil
}

// ask sends one command on a connection of its own.
func (r *Redis) ask(args ...string) ([]string, error) {
	replies, err := r.askAll(args)
	if err != nil {
		return nil, err
	}
	return replies[0], nil
}

// askAll sends commands in one piece on a connection of their own, and returns their replies.
func (r *Redis) askAll(commands ...[]string) ([][]string, error) {
	conn, err := net.DialTimeout("tcp", r.Addr, time.Second)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(startPatience))
	in := bufio.NewReader(conn)
	if r.pass != "" {
		if err := exchangeAuth(conn, in, r.pass); err != nil {
			return nil, err
		}
	}
	var wire strings.Builder
	for _, args := range commands {
		wire.WriteString(Command(args...))
	}
	if _, err := conn.Write([]byte(wire.String())); err != nil {
		return nil, err
	}
	var replies [][]string
	for range commands {
		reply, err := readReply(in)
		if err != nil {
			return nil, err
		}
		replies = append(replies, reply)
	}
	return replies, nil
}

func exchangeAuth(conn net.Conn, in *bufio.Reader, pass string) error {
	if _, err := conn.Write([]byte(Command("AUTH", pass))); err != nil {
		return err
	}
	reply, err := readReply(in)
	if err == nil && reply[0] != "OK" {
		err = errors.New(reply[0])
	}
	return err
}

// DoList runs one command on a connection of its own, in database 0, and returns the leaves of its
// reply: an error is "(error) …", a null is "(nil)". A broken connection fails the test.
func (r *Redis) DoList(args ...string) []string {
	r.t.Helper()
	reply, err := r.ask(args...)
	if err != nil {
		r.t.Fatalf("asking the server %q: %v", args, err)
	}
	return reply
}

// Do is [Redis.DoList] with the leaves joined by newlines.
func (r *Redis) Do(args ...string) string {
	r.t.Helper()
	return strings.Join(r.DoList(args...), "\n")
}

// Info returns the fields of one section of INFO.
func (r *Redis) Info(section string) map[string]string {
	r.t.Helper()
	fields := make(map[string]string)
	for line := range strings.Lines(r.Do("INFO", section)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			fields[name] = value
		}
	}
	return fields
}

// Signal sends a signal to the child and does not wait.
func (r *Redis) Signal(sig os.Signal) {
	r.t.Helper()
	if err := r.cmd.Process.Signal(sig); err != nil {
		r.t.Fatalf("signalling the server: %v", err)
	}
}

// Stop sends a signal that ends the child, and waits until it has ended.
func (r *Redis) Stop(sig os.Signal) {
	r.t.Helper()
	r.Signal(sig)
	select {
	case <-r.exited:
	case <-time.After(startPatience):
		r.t.Fatalf("the server did not end on %v", sig)
	}
}

func (r *Redis) kill() {
	if !r.gone() {
		r.cmd.Process.Signal(syscall.SIGKILL)
		<-r.exited
	}
}

func (r *Redis) gone() bool {
	select {
	case <-r.exited:
		return true
	default:
		return false
	}
}

// freeAddr is an address of 127.0.0.1 that nobody listened on a moment ago.
func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func port(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}

// lockedBuffer collects a child's output while others look at it.
type lockedBuffer struct {
	mu  sync.Mutex
	buf strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

package resptest

import (
	"bufio"
	"crypto/tls"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestServerAnswersOnBothAddresses(t *testing.T) {
	r := Server(t)
	if got := r.Do("SET", "k", "a\r\nb"); got != "OK" {
		t.Errorf("SET: got %q", got)
	}
	if got := r.Do("GET", "k"); got != "a\r\nb" {
		t.Errorf("GET: got %q", got)
	}
	if got := r.Do("GET", "none"); got != "(nil)" {
		t.Errorf("GET of nothing: got %q", got)
	}
	if got := r.Do("LPUSH", "k", "x"); !strings.HasPrefix(got, "(error) WRONGTYPE") {
		t.Errorf("LPUSH: got %q", got)
	}
	if got := r.DoList("MGET", "k", "none"); len(got) != 2 || got[1] != "(nil)" {
		t.Errorf("MGET: got %q", got)
	}
	if got := r.Info("server")["process_id"]; got != strconv.Itoa(r.Pid) {
		t.Errorf("process_id: got %q, want %d", got, r.Pid)
	}
	if got := r.Do("DEBUG", "SLEEP", "0"); got != "OK" {
		t.Errorf("DEBUG: got %q", got)
	}
	conn, err := net.Dial("unix", r.Socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.Write([]byte(Command("GET", "k")))
	if got, err := readReply(bufio.NewReader(conn)); err != nil || got[0] != "a\r\nb" {
		t.Errorf("over the socket: got %q, %v", got, err)
	}
}

func TestServerStopsAndRestarts(t *testing.T) {
	r := Server(t, "--requirepass", "secret")
	before := r.Pid
	if got := r.Do("PING"); got != "PONG" {
		t.Errorf("with a password: got %q", got)
	}
	r.Stop(syscall.SIGTERM)
	if conn, err := net.Dial("tcp", r.Addr); err == nil {
		conn.Close()
		t.Error("a stopped server accepts connections")
	}
	r.Restart()
	if r.Pid == before || r.Do("PING") != "PONG" {
		t.Errorf("restarted as pid %d, before %d", r.Pid, before)
	}
}

func TestSharedIsOneServerAndEmpty(t *testing.T) {
	var first *Redis
	t.Run("first", func(t *testing.T) {
		first = Shared(t)
		first.Do("SET", "k", "v")
	})
	t.Run("second", func(t *testing.T) {
		r := Shared(t)
		if diesWithParent && r.Pid != first.Pid {
			t.Errorf("pid %d, before %d", r.Pid, first.Pid)
		}
		if got := r.Do("DBSIZE"); got != "0" {
			t.Errorf("DBSIZE: got %s", got)
		}
	})
}

func TestTLSServerNames(t *testing.T) {
	good, bad := TLSServer(t, nil), TLSServer(t, []string{"elsewhere.example"})
	conn, err := tls.Dial("tcp", good.TLSAddr, &tls.Config{RootCAs: good.CA.Pool})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.Write([]byte(Command("PING")))
	if got, err := readReply(bufio.NewReader(conn)); err != nil || got[0] != "PONG" {
		t.Errorf("got %q, %v", got, err)
	}
	_, err = tls.Dial("tcp", bad.TLSAddr, &tls.Config{RootCAs: bad.CA.Pool})
	if err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a wrong host name: got %v", err)
	}
	conn, err = tls.Dial("tcp", bad.TLSAddr, &tls.Config{RootCAs: bad.CA.Pool, ServerName: "elsewhere.example"})
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

// TestServerDiesWithTheTest kills a test process that has a server, and wants the server gone.
func TestServerDiesWithTheTest(t *testing.T) {
	const role = "RESPTEST_HOLD_A_SERVER"
	if os.Getenv(role) != "" {
		os.Stdout.WriteString("pid " + strconv.Itoa(Server(t).Pid) + "\n")
		select {}
	}
	if !diesWithParent {
		t.Skip("children are not tied to their parent on this system")
	}
	findServer(t)
	holder := exec.Command(os.Args[0], "-test.run=^TestServerDiesWithTheTest$")
	holder.Env = append(os.Environ(), role+"=1", "TMPDIR="+t.TempDir()) // it cannot clean up
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	holder.Process.Kill()
	holder.Wait()
	pid, err := strconv.Atoi(strings.TrimPrefix(strings.TrimSpace(line), "pid "))
	if err != nil {
		t.Fatalf("the holder said %q", line)
	}
	child, _ := os.FindProcess(pid)
	for start := time.Now(); child.Signal(syscall.Signal(0)) == nil && !zombie(pid); {
		if time.Since(start) > startPatience {
			t.Fatalf("server %d outlives its test", pid)
		}
		time.Sleep(time.Millisecond)
	}
}

// zombie: an orphan counts as gone even where nothing reaps it.
func zombie(pid int) bool {
	stat, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	_, after, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(after, "Z")
}

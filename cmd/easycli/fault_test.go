//go:build unix

package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"easycli/internal/resptest"
)

// T13: a server that is full says so, and so do we, whatever was being asked of it.
func TestAFullServerIsUnderstood(t *testing.T) {
	server, binary := resptest.Server(t, "--maxclients", "1"), resptest.Build(t)
	only := occupy(t, server.Addr)
	defer only.Close()
	for _, args := range [][]string{
		{"PING"}, {"-3", "PING"}, {"-n", "3", "PING"}, {"-a", "x", "--no-auth-warning", "PING"}, {"--json", "PING"}, {"--pipe"}, {},
	} {
		for range 20 {
			r := resptest.Exec(t, binary, append(at(t, server.Addr), args...), "SET k v\nGET k\n")
			if r.Exit != int(exitConnect) || !strings.Contains(r.Stderr, "max number of clients reached") ||
				strings.Count(r.Stderr, "\n") != 1 || strings.Contains(r.Stdout, "OK") {
				t.Errorf("%v: %+v", args, r)
				break
			}
		}
	}
}

// occupy takes the one connection that a server has to give. The connection that asked whether the
// server is ready may take a moment to be gone.
func occupy(t *testing.T, addr string) net.Conn {
	t.Helper()
	for {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, "PING\r\n")
		if line, _ := bufio.NewReader(conn).ReadString('\n'); line == "+PONG\r\n" {
			return conn
		}
		conn.Close()
	}
}

// T17: a server that is stopped is noticed after --timeout; what it says late is shown to nobody.
func TestAStoppedServerIsNoticed(t *testing.T) {
	server, binary := resptest.Server(t), resptest.Build(t)
	for _, args := range [][]string{{"GET", "k"}, {}, {"--pipe"}} {
		server.Signal(syscall.SIGSTOP)
		r := resptest.Exec(t, binary, append(append(at(t, server.Addr), "--timeout", "0.3"), args...), "SET k late\n")
		server.Signal(syscall.SIGCONT)
		// Connecting succeeds, for the system answers it; the first reply does not come.
		if r.Exit != int(exitLost) && r.Exit != int(exitConnect) || r.Stderr == "" {
			t.Errorf("%v: %+v", args, r)
		}
		if r := resptest.Exec(t, binary, append(at(t, server.Addr), "ECHO", "right"), ""); r.Stdout != "right\n" {
			t.Errorf("after %v: %+v", args, r)
		}
	}
}

// slowReader is a program whose stdout nobody reads yet.
type slowReader struct {
	cmd    *exec.Cmd
	out    io.ReadCloser
	stderr bytes.Buffer
}

func startSlow(t *testing.T, stdin string, program string, args ...string) *slowReader {
	t.Helper()
	s := &slowReader{cmd: exec.Command(program, args...)}
	s.cmd.Stdin, s.cmd.Stderr = strings.NewReader(stdin), &s.stderr
	var err error
	if s.out, err = s.cmd.StdoutPipe(); err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.cmd.Process.Kill() })
	return s
}

// settled waits until a number stops growing, and returns it.
func settled(read func() int) int {
	last := -1
	for {
		now := read()
		if now == last {
			return now
		}
		last = now
		time.Sleep(100 * time.Millisecond)
	}
}

// window is what a script may have on its way: a thousand commands, here with replies of 100 KB.
const window = 1050 * 100_000

// T15: a reader that is slow costs the server no more than the window, and us no more than ever.
func TestASlowReaderCostsNoMemory(t *testing.T) {
	server, binary := resptest.Server(t), resptest.Build(t)
	server.Do("SET", "k", strings.Repeat("v", 100_000))
	s := startSlow(t, strings.Repeat("GET k\n", 50_000), binary, append(at(t, server.Addr), "--name", "slow")...)
	piece := make([]byte, 1<<20)
	for range 3 {
		if _, err := io.ReadFull(s.out, piece); err != nil {
			t.Fatal(err)
		}
		held := settled(func() int { return clientField(server, "slow", "omem") })
		if rss := residentOf(s.cmd.Process.Pid); held > window || rss > 64<<20 {
			t.Errorf("the server holds %d bytes for us, we hold %d", held, rss)
		}
	}
}

// clientField is a number of CLIENT LIST about the client of a name, -1 if there is none.
func clientField(server *resptest.Redis, name, field string) int {
	for client := range strings.Lines(server.Do("CLIENT", "LIST")) {
		if !strings.Contains(client, " name="+name+" ") {
			continue
		}
		for _, word := range strings.Fields(client) {
			if value, ok := strings.CutPrefix(word, field+"="); ok {
				n, _ := strconv.Atoi(value)
				return n
			}
		}
	}
	return -1
}

// residentOf is the resident memory of a process, 0 where the system does not tell.
func residentOf(pid int) int64 {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if words := strings.Fields(string(text)); len(words) > 1 {
		pages, _ := strconv.ParseInt(words[1], 10, 64)
		return pages * int64(os.Getpagesize())
	}
	return 0
}

// T16: a server that hangs up on a slow reader has still said something: that is printed, and the
// rest is in doubt.
func TestAServerThatHangsUpOnASlowReader(t *testing.T) {
	server, binary := resptest.Server(t, "--client-output-buffer-limit", "normal 0 1mb 1"), resptest.Build(t)
	server.Do("SET", "k", strings.Repeat("v", 99_999))
	s := startSlow(t, strings.Repeat("GET k\n", 5000), binary, append(at(t, server.Addr), "--name", "slow")...)
	if _, err := io.ReadFull(s.out, make([]byte, 100_000)); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for clientField(server, "slow", "fd") >= 0 {
		if time.Now().After(deadline) {
			t.Skip("the server never had more than its limit to hold")
		}
		time.Sleep(10 * time.Millisecond)
	}
	rest, err := io.ReadAll(s.out)
	if err != nil {
		t.Fatal(err)
	}
	if exit := exitOf(t, s.cmd); exit != int(exitLost) || !strings.Contains(s.stderr.String(), "in doubt") {
		t.Errorf("exit status %d, stderr %q", exit, s.stderr.String())
	}
	if whole := bytes.Count(rest, []byte("v\n")); whole == 0 {
		t.Error("none of the replies that had come was printed")
	}
}

// T132: a server that dies in the middle of a load: the load ends, and says how far it came.
func TestAServerThatDiesInALoad(t *testing.T) {
	for name, sig := range map[string]syscall.Signal{"killed": syscall.SIGKILL, "shut down": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			server, binary := resptest.Server(t), resptest.Build(t)
			cmd := exec.Command(binary, append(at(t, server.Addr), "--pipe")...)
			in, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			var out, errs bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &errs
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			done := make(chan struct{})
			go func() { // it feeds the load until that has enough
				defer close(done)
				defer in.Close()
				for range 10_000_000 {
					if _, err := io.WriteString(in, "INCR n\r\n"); err != nil {
						return
					}
				}
			}()
			for server.Do("EXISTS", "n") != "1" {
				time.Sleep(time.Millisecond)
			}
			server.Stop(sig)
			if exit := exitOf(t, cmd); exit != int(exitLost) {
				t.Errorf("exit status %d, stderr %q", exit, errs.String())
			}
			<-done
			if !strings.Contains(errs.String(), "acknowledged") || !strings.Contains(out.String(), "errors: ") {
				t.Errorf("stdout %q, stderr %q", out.String(), errs.String())
			}
		})
	}
}

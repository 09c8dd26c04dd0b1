package render

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// recordGoldens runs the real redis-cli against a server that answers one reply to everything, once
// for each reply and each way of printing.
func recordGoldens(t *testing.T) {
	version, err := exec.Command("redis-cli", "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	old, _ := filepath.Glob(filepath.Join(goldenDir, "*.reply"))
	for _, file := range old {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range replies() {
		g := golden{wire: r.wire, printed: map[string]string{}}
		port := serve(t, r.wire)
		for _, w := range ways {
			g.printed[w.name] = ask(t, port, w)
		}
		file := filepath.Join(goldenDir, r.name+".reply")
		if err := os.WriteFile(file, g.format(strings.TrimSpace(string(version))), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func ask(t *testing.T, port string, w way) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	args := append([]string{"-p", port, "--show-pushes", "y"}, w.args...)
	cmd := exec.CommandContext(ctx, "redis-cli", append(args, w.command())...)
	cmd.Env = os.Environ()
	if w.tty {
		cmd.Env = append(cmd.Env, "FAKETTY=1")
	}
	out, err := cmd.Output()
	if ctx.Err() != nil {
		t.Fatalf("redis-cli %q did not end", args)
	}
	if err != nil {
		return died
	}
	return string(out)
}

// serve answers wire to every request. It ends with the test.
func serve(t *testing.T, wire string) (port string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go answer(conn, func(string) string { return wire })
		}
	}()
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port
}

// answer replies to each request by its first word, until the client hangs up.
func answer(conn net.Conn, reply func(first string) string) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		var words int
		if _, err := fmt.Fscanf(in, "*%d\r\n", &words); err != nil {
			return
		}
		first := ""
		for i := range words {
			var size int
			if _, err := fmt.Fscanf(in, "$%d\r\n", &size); err != nil {
				return
			}
			word := make([]byte, size+2)
			if _, err := io.ReadFull(in, word); err != nil {
				return
			}
			if i == 0 {
				first = string(word[:size])
			}
		}
		if first == "HELLO" { // redis-cli's own, for the JSON formats
			io.WriteString(conn, "%1\r\n+proto\r\n:3\r\n")
			continue
		}
		io.WriteString(conn, reply(first))
	}
}

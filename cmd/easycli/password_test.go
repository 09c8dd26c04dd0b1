package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"easycli/internal/resptest"
)

func TestPasswordFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	c, _, _ := testConsole("")
	read := func(path string) (string, error) {
		return password{From: passwordFile, Path: path}.read(context.Background(), c)
	}
	for _, text := range []string{"hunter2", "hunter2\n", "hunter2\r\n", "hunter2\nmore\n"} {
		if got, err := read(write("good", text, 0o600)); got != "hunter2" || err != nil {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none"):                               "--pass-file: No such file",
		write("empty", "", 0o600):                                "first line is empty",
		write("blank", "\nhunter2", 0o600):                       "first line is empty",
		write("long", strings.Repeat("x", maxPassword+1), 0o600): "too long",
		dir: "",
	} {
		if got, err := read(path); got != "" || statusOf(err) != exitUsage || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %q, %v", path, got, err)
		}
	}
	if runtime.GOOS == "windows" {
		return
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o644, 0o777} {
		got, err := read(write("open", "hunter2\n", mode))
		if got != "" || statusOf(err) != exitUsage || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("mode %o: got %q, %v", mode, got, err)
		}
	}
}

func TestPasswordDescriptors(t *testing.T) {
	c, _, _ := testConsole("")
	c.Descriptor = func(fd int) io.ReadCloser {
		if fd == 3 {
			return io.NopCloser(strings.NewReader("hunter2\n"))
		}
		return io.NopCloser(iotest.ErrReader(os.ErrClosed))
	}
	if got, err := (password{From: passwordDescriptor, FD: 3}).read(context.Background(), c); got != "hunter2" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := (password{From: passwordDescriptor, FD: 4}).read(context.Background(), c); got != "" || statusOf(err) != exitUsage {
		t.Errorf("got %q, %v", got, err)
	}
}

// Without a terminal the password is the first line of stdin, and the rest is the run's.
func TestAskedPasswords(t *testing.T) {
	asked := password{From: askedPassword}
	c, _, errs := testConsole("hunter2\r\nset k v\n")
	got, err := asked.read(context.Background(), c)
	rest, _ := io.ReadAll(c.In)
	if got != "hunter2" || err != nil || string(rest) != "set k v\n" || errs.Len() > 0 {
		t.Errorf("got %q, %v, then %q; stderr %q", got, err, rest, errs)
	}
	c, _, _ = testConsole("")
	if _, err := asked.read(context.Background(), c); statusOf(err) != exitInput {
		t.Errorf("no password: %v", err)
	}
	c, _, errs = testConsole("")
	c.Env.inTerminal = true
	c.ReadPassword = func() ([]byte, error) { return []byte("hunter2"), nil }
	if got, err := asked.read(context.Background(), c); got != "hunter2" || err != nil || errs.String() != "Please input password: \n" {
		t.Errorf("got %q, %v; stderr %q", got, err, errs)
	}
}

func TestAnInterruptedQuestionRestoresTheTerminal(t *testing.T) {
	c, _, _ := testConsole("")
	c.Env.inTerminal = true
	asked, restored := make(chan struct{}), false
	c.ReadPassword = func() ([]byte, error) { close(asked); select {} }
	c.RestoreTerminal = func() { restored = true }
	ctx, cancel := context.WithCancelCause(context.Background())
	go func() {
		<-asked
		cancel(interrupted{os.Interrupt})
	}()
	_, err := (password{From: askedPassword}).read(ctx, c)
	if statusOf(err) != exitInterrupted || !restored {
		t.Errorf("got %v, restored %v", err, restored)
	}
}

// Every way to give a password leads in, and none of them shows it.
func TestWaysToAuthenticate(t *testing.T) {
	server := resptest.Server(t, "--requirepass", "p@ss/wörd")
	file := filepath.Join(t.TempDir(), "pass")
	if err := os.WriteFile(file, []byte("p@ss/wörd\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args  []string
		stdin string
		env   string
		warns bool
	}{
		"-a":           {[]string{"-a", "p@ss/wörd"}, "", "", true},
		"-a, quiet":    {[]string{"-a", "p@ss/wörd", "--no-auth-warning"}, "", "", false},
		"URI":          {[]string{"-u", "redis://:p%40ss%2fw%C3%B6rd@" + server.Addr}, "", "", true},
		"URI, raw":     {[]string{"-u", "redis://default:p@ss/wörd@" + server.Addr}, "", "", true},
		"file":         {[]string{"--pass-file", file}, "", "", false},
		"stdin":        {[]string{"--askpass"}, "p@ss/wörd\n", "", false},
		"environment":  {nil, "", "REDISCLI_AUTH=p@ss/wörd", false},
		"ours":         {nil, "", "EASYCLI_AUTH=p@ss/wörd", false},
		"socket":       {[]string{"-s", server.Socket, "--pass-file", file}, "", "", false},
		"socket's URI": {[]string{"-u", "unix://:p%40ss%2fw%C3%B6rd@" + server.Socket + "?db=0"}, "", "", true},
	} {
		con, out, errs := testConsole(c.stdin, c.env)
		status := execute(append(append(at(t, server.Addr), c.args...), "PING"), con)
		warning := ""
		if c.warns {
			warning = "Warning: " + viewWarning + "\n"
		}
		if status != 0 || out.String() != "PONG\n" || errs.String() != warning {
			t.Errorf("%s: status %d, %q, %q", name, status, out, errs)
		}
	}
	got := easycli("", append(at(t, server.Addr), "PING")...)
	if got.status != exitAnswer || !strings.Contains(got.out, "NOAUTH") {
		t.Errorf("no password: got %+v", got)
	}
}

func TestTLS(t *testing.T) {
	server := resptest.TLSServer(t, []string{"localhost"})
	host, port, _ := strings.Cut(server.TLSAddr, ":")
	ca := []string{"-p", port, "--cacert", server.CA.CAFile}
	for name, c := range map[string]struct {
		args   []string
		status exitStatus
		err    string
	}{
		"name":       {append(ca, "-h", "localhost", "--tls"), 0, ""},
		"rediss":     {append(ca, "-u", "rediss://localhost:"+port), 0, ""},
		"sni":        {append(ca, "-h", host, "--tls", "--sni", "localhost"), 0, ""},
		"no IP SAN":  {append(ca, "-h", host, "--tls"), 3, "Could not connect to Redis at " + server.TLSAddr + ": Failed to verify certificate: x509: cannot validate certificate for 127.0.0.1"},
		"wrong name": {append(ca, "-h", host, "--tls", "--sni", "other.test"), 3, "not other.test"},
		"unknown CA": {[]string{"-h", "localhost", "-p", port, "--tls"}, 3, "unknown authority"},
		"insecure":   {[]string{"-h", "localhost", "-p", port, "--tls", "--insecure"}, 0, "Warning: the server's certificate is not verified (--insecure).\n"},
		"no such CA": {[]string{"--tls", "--cacert", "/nowhere"}, 2, "--cacert"},
		"plain port": {append(at(t, server.Addr), "--tls", "-t", "2"), 3, "TLS"},
		"TLS port":   {append(at(t, server.TLSAddr), "--timeout", "2"), 4, "Error: "},
	} {
		got := easycli("", append(c.args, "PING")...)
		if got.status != c.status || (c.err == "") != (got.err == "") || !strings.Contains(got.err, c.err) ||
			(got.out == "PONG\n") != (c.status == 0) {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

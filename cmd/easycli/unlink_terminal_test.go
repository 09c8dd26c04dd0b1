//go:build unix

package main

import (
	"bytes"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"

	"easycli/internal/resptest"
)

// talk runs easycli with all its streams on a pseudo-terminal, waits for a question and types an
// answer. It returns what the terminal shows, and the exit status.
func talk(t *testing.T, question, answer string, args ...string) (screen string, status int) {
	t.Helper()
	cmd := exec.Command(resptest.Build(t), args...)
	terminal, err := pty.Start(cmd)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	defer terminal.Close()
	var seen bytes.Buffer
	piece := make([]byte, 4096)
	for asked := false; ; {
		n, err := terminal.Read(piece)
		seen.Write(piece[:n])
		if err != nil { // EIO on Linux: nobody has the other end open any more
			break
		}
		if !asked && strings.Contains(seen.String(), question) {
			asked = true
			io.WriteString(terminal, answer)
		}
	}
	return seen.String(), exitOf(t, cmd)
}

func TestUnlinkAsksOnATerminal(t *testing.T) {
	s := resptest.Server(t)
	populate := func() { s.Do("FLUSHALL"); s.Do("DEBUG", "POPULATE", "12", "k\x1b[31m", "3") }
	const ctrlC, ctrlD = "\x03", "\x04"
	for _, c := range []struct {
		pattern, answer string
		status          int
		left, says      string
	}{
		{"k*", "yes\n", 0, "0", "\n12\r\n"},
		{"k*", " YES \n", 0, "0", "\n12\r\n"},
		{"k*", "y\n", 130, "12", "not confirmed, so nothing was deleted"},
		{"k*", "\n", 130, "12", "not confirmed"},
		{"k*", ctrlD, 130, "12", "not confirmed"},
		{"k*", ctrlC, 130, "12", ""},
		{"*", "yes\n", 130, "12", "Type their number (12)"},
		{"**", "12\n", 0, "0", "\n12\r\n"},
	} {
		populate()
		screen, status := talk(t, "to delete them: ", c.answer, append(at(t, s.Addr), "--unlink", c.pattern)...)
		if left := s.Do("DBSIZE"); status != c.status || left != c.left || !strings.Contains(screen, c.says) {
			t.Errorf("%s, answer %q: status %d, %s keys left, on the screen %q", c.pattern, c.answer, status, left, screen)
		}
		if strings.Contains(strings.ReplaceAll(screen, "^C", ""), "\x1b") {
			t.Errorf("a key's escape sequence reaches the terminal: %q", screen)
		}
	}
	populate()
	if _, status := talk(t, "", "", append(at(t, s.Addr), "--unlink", "k*", "--yes")...); status != 0 || s.Do("DBSIZE") != "0" {
		t.Errorf("--yes: status %d, %s keys left", status, s.Do("DBSIZE"))
	}
	populate()
	if screen, status := talk(t, "", "", append(at(t, s.Addr), "--unlink", "k*", "--dry-run")...); status != 0 || s.Do("DBSIZE") != "12" {
		t.Errorf("--dry-run: status %d, %s keys left, %q", status, s.Do("DBSIZE"), screen)
	}
	if _, status := talk(t, "to delete them: ", "yes\n", append(at(t, s.Addr), "--unlink", "nothing*")...); status != 0 {
		t.Errorf("nothing to delete: status %d", status)
	}
}

// Ctrl-C while keys are going: what is gone is told exactly.
func TestUnlinkInterrupted(t *testing.T) {
	s := resptest.Server(t)
	s.Do("DEBUG", "POPULATE", "5000")
	cmd := exec.Command(resptest.Build(t), append(at(t, s.Addr), "--unlink", "*", "--yes", "--rate", "500")...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for s.Do("DBSIZE") == "5000" {
		continue
	}
	cmd.Process.Signal(syscall.SIGINT)
	status := exitOf(t, cmd)
	left := strings.TrimSpace(s.Do("EVAL", "return 5000 - redis.call('DBSIZE')", "0"))
	if status != 130 || out.String() != left+"\n" || !strings.Contains(errs.String(), "stopped: of about 5000 keys are deleted: "+left) {
		t.Errorf("status %d, stdout %q, %s are gone\n%s", status, &out, left, &errs)
	}
}

// A person at stderr is told what was written, in words that are safe there.
func TestExportSumsUpOnATerminal(t *testing.T) {
	s := resptest.Server(t, "--user half on >pw ~k* +@all")
	s.Do("DEBUG", "POPULATE", "12", "k", "3")
	text := onTerminal(t, "", false, true, resptest.Build(t), append(at(t, s.Addr), "--export")...)
	if !strings.HasPrefix(text, "easycli: 12 keys, ") || !strings.Contains(text, " bytes in 0.") {
		t.Errorf("got %q", text)
	}
	s.Do("SET", "\x1b[31m", "v")
	text = onTerminal(t, "", false, true, resptest.Build(t), append(at(t, s.Addr), "--user", "half", "--pass", "pw", "--no-auth-warning", "--export")...)
	if strings.Contains(text, "\x1b") || !strings.Contains(text, `1 key could not be read: "\x1b[31m": NOPERM`) {
		t.Errorf("got %q", text)
	}
	screen := onTerminal(t, "", true, true, resptest.Build(t), append(at(t, s.Addr), "--export")...)
	if strings.Contains(screen, "\x1b") || strings.Count(screen, "SET k:") != 12 {
		t.Errorf("got %q", screen)
	}
}

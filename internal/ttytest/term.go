//go:build unix

package ttytest

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// Term is a program on a pseudo-terminal. It ends with the test.
type Term struct {
	*Screen
	t      testing.TB
	master *os.File
	cmd    *exec.Cmd     // nil for a function
	status int           // valid when over is closed
	over   chan struct{} // closed when the program has ended and everything is on the screen
	asked  int           // the row of the last Enter that was typed
}

// Start runs a program with all its streams on a new pseudo-terminal, which is its controlling one.
// It has an empty home, TERM=xterm-256color and no NO_COLOR; env is added to that.
func Start(t testing.TB, cols, rows int, cmd *exec.Cmd, env ...string) *Term {
	t.Helper()
	term, tty := open(t, cols, rows)
	defer tty.Close()
	base := cmd.Env
	if base == nil {
		base = os.Environ()
	}
	cmd.Env = append(withoutOwn(base), "TERM=xterm-256color", "HOME="+t.TempDir())
	cmd.Env = append(cmd.Env, env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	term.cmd = cmd
	go term.watch(func() int {
		cmd.Wait()
		return exitStatus(cmd.ProcessState)
	})
	t.Cleanup(term.end)
	return term
}

// Run is [Start] for a function of the test process, which gets the terminal and returns a status.
// It has to return when the terminal is hung up.
func Run(t testing.TB, cols, rows int, program func(tty *os.File) int) *Term {
	t.Helper()
	term, tty := open(t, cols, rows)
	status := make(chan int, 1)
	go func() {
		defer tty.Close()
		status <- program(tty)
	}()
	go term.watch(func() int { return <-status })
	t.Cleanup(term.end)
	return term
}

func open(t testing.TB, cols, rows int) (*Term, *os.File) {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	term := &Term{Screen: NewScreen(cols, rows), t: t, master: master, over: make(chan struct{}), asked: -1}
	term.setSize(cols, rows)
	return term, tty
}

// JobStopped is what the shell of [Job] says when its job is stopped.
const JobStopped = "(stopped: Enter goes on)"

// Job is cmd as the job of a shell, so that it can be stopped with Ctrl-Z: a session's first process
// cannot. The shell says [JobStopped], and brings the job back to the front after an Enter.
func Job(cmd *exec.Cmd) *exec.Cmd {
	const script = `"$@"; status=$?
	while case $status in 14[5-8]) ;; *) false;; esac; do # 128 and what SIGSTOP and SIGTSTP are, here and there
		printf '\033[H\033[2J` + JobStopped + ` '; read -r line; printf '\033[H\033[2J'
		fg >/dev/null; status=$?
	done; exit $status`
	job := exec.Command("/bin/sh", append([]string{"-mc", script, "sh"}, cmd.Args...)...)
	job.Env, job.Dir = cmd.Env, cmd.Dir
	return job
}

// withoutOwn leaves out the variables that would make a person's settings part of a test.
func withoutOwn(env []string) []string {
	var kept []string
	for _, variable := range env {
		name, _, _ := strings.Cut(variable, "=")
		switch {
		case name == "HOME", name == "TERM", name == "NO_COLOR", name == "PAGER", name == "EDITOR", name == "VISUAL",
			name == "COLORTERM", name == "TMUX", strings.HasPrefix(name, "XDG_"), strings.HasPrefix(name, "REDIS"),
			strings.HasPrefix(name, "VALKEY"), strings.HasPrefix(name, "FAKETTY"):
		default:
			kept = append(kept, variable)
		}
	}
	return kept
}

// watch brings what the program prints to the screen until it has ended.
func (m *Term) watch(wait func() int) {
	done := make(chan struct{})
	go func() {
		// Linux says EIO when nobody has the other end open any more.
		io.Copy(m.Screen, m.master)
		close(done)
	}()
	m.status = wait()
	<-done
	close(m.over)
}

// end stops a program that still runs, and complains of what it should not have sent.
func (m *Term) end() {
	select {
	case <-m.over:
	default:
		if m.cmd != nil {
			syscall.Kill(-m.cmd.Process.Pid, syscall.SIGKILL) // its session's own group
		}
	}
	m.master.Close()
	<-m.over
	if strange := m.Strange(); len(strange) > 0 {
		m.t.Errorf("the program sent what no terminal should get: %q", strange)
	}
}

func exitStatus(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}

// Type sends keys, by their names in [Keys].
func (m *Term) Type(keys string) {
	m.t.Helper()
	m.Send(Keys(keys))
}

// Send sends bytes as they are.
func (m *Term) Send(bytes string) {
	m.t.Helper()
	if strings.ContainsAny(bytes, "\r\n\x03\x04") {
		_, m.asked = m.before()
	}
	if _, err := io.WriteString(m.master, bytes); err != nil {
		m.t.Fatalf("typing %q: %v\n%s", bytes, err, m.Dump())
	}
}

// Paste sends text as a terminal does: in brackets if the program wants them.
func (m *Term) Paste(text string) {
	m.t.Helper()
	if m.State().Paste {
		m.Send(Pasted(text))
		return
	}
	m.Send(strings.ReplaceAll(text, "\n", "\r"))
}

// Await waits until text is on the screen, and fails the test with the screen if it never is.
func (m *Term) Await(text string) {
	m.t.Helper()
	m.AwaitThat("the text "+quoted(text), func() bool { return m.shows(text) })
}

// AwaitGone waits until text is no longer on the screen.
func (m *Term) AwaitGone(text string) {
	m.t.Helper()
	m.AwaitThat("the end of "+quoted(text), func() bool { return !m.shows(text) })
}

// AwaitThat waits until something holds that depends on the screen.
func (m *Term) AwaitThat(what string, holds func() bool) {
	m.t.Helper()
	m.await(m.t, what, m.over, holds)
}

// AwaitPrompt waits until the cursor stands right behind a prompt ("> "), in another row than it did
// when Enter, Ctrl-C or Ctrl-D was typed last.
func (m *Term) AwaitPrompt() {
	m.t.Helper()
	m.AwaitThat("a prompt", func() bool {
		text, row := m.before()
		return strings.HasSuffix(text, "> ") && row != m.asked
	})
}

// Line types a line and Enter, and waits for the next prompt.
func (m *Term) Line(line string) {
	m.t.Helper()
	m.AwaitPrompt()
	m.Send(line + "\r")
	m.AwaitPrompt()
}

// Bytes is everything that the program has printed.
func (m *Term) Bytes() string { return m.Raw() }

// Resize changes the size of the terminal; the program gets SIGWINCH. 0 columns is what some
// terminals say.
func (m *Term) Resize(cols, rows int) {
	m.t.Helper()
	m.Screen.Resize(cols, rows)
	m.setSize(cols, rows)
}

func (m *Term) setSize(cols, rows int) {
	m.t.Helper()
	if err := pty.Setsize(m.master, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)}); err != nil {
		m.t.Fatal(err)
	}
}

// Signal sends a signal to the program.
func (m *Term) Signal(signal syscall.Signal) {
	m.t.Helper()
	if err := m.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		m.t.Fatal(err)
	}
}

// Exit waits for the program's end and tells its status, 128 and the number of a signal that ended
// it.
func (m *Term) Exit() int {
	m.t.Helper()
	m.await(m.t, "the program's end", m.over, func() bool {
		select {
		case <-m.over:
			return true
		default:
			return false
		}
	})
	return m.status
}

// Home is the directory that the program takes for the person's, or something in it.
func (m *Term) Home(path ...string) string {
	home := ""
	for _, variable := range m.cmd.Env { // the last one counts
		if value, ok := strings.CutPrefix(variable, "HOME="); ok {
			home = value
		}
	}
	return filepath.Join(append([]string{home}, path...)...)
}

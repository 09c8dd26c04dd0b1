//go:build unix

package ttytest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"easycli/internal/cells"
)

// Tmux is a program in a real tmux, which has a server and a socket of its own. It ends with the
// test.
type Tmux struct {
	t    testing.TB
	path string
	dir  string
	env  []string
}

// tmuxConf makes the pane as large as the terminal, and keeps it when the program has ended.
const tmuxConf = `set -g status off
set -g remain-on-exit on
set -g remain-on-exit-format ""
set -g default-terminal tmux-256color
set -s escape-time 0
`

// StartTmux runs a program in a tmux of its own, and skips the test where there is none.
func StartTmux(t testing.TB, cols, rows int, command []string, env ...string) *Tmux {
	t.Helper()
	path, err := exec.LookPath("tmux")
	if err != nil {
		t.Skip("no tmux here")
	}
	dir, err := os.MkdirTemp("", "tm") // the socket's path may have 100 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	x := &Tmux{t: t, path: path, dir: dir}
	x.env = append(withoutOwn(os.Environ()), "TERM=xterm-256color", "HOME="+t.TempDir())
	x.env = append(x.env, env...)
	if err := os.WriteFile(filepath.Join(dir, "conf"), []byte(tmuxConf), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.command("kill-server").Run() })
	x.do(append([]string{"new-session", "-d", "-x", strconv.Itoa(cols), "-y", strconv.Itoa(rows), "--"}, command...)...)
	return x
}

func (x *Tmux) command(args ...string) *exec.Cmd {
	cmd := exec.Command(x.path, append([]string{"-u", "-f", filepath.Join(x.dir, "conf"), "-S", filepath.Join(x.dir, "s")}, args...)...)
	cmd.Env = x.env
	return cmd
}

func (x *Tmux) do(args ...string) string {
	x.t.Helper()
	out, err := x.command(args...).CombinedOutput()
	if err != nil {
		x.t.Fatalf("tmux %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// Send sends bytes as they are.
func (x *Tmux) Send(bytes string) {
	x.t.Helper()
	args := []string{"send-keys", "-H"}
	for _, c := range []byte(bytes) {
		args = append(args, fmt.Sprintf("%02x", c))
	}
	x.do(args...)
}

// Paste pastes text, in brackets if the program wants them.
func (x *Tmux) Paste(text string) {
	x.t.Helper()
	x.do("set-buffer", "--", text)
	x.do("paste-buffer", "-p")
}

// Resize changes the size of the terminal.
func (x *Tmux) Resize(cols, rows int) {
	x.t.Helper()
	x.do("resize-window", "-x", strconv.Itoa(cols), "-y", strconv.Itoa(rows))
}

// Rows is what the screen shows.
func (x *Tmux) Rows() []string {
	x.t.Helper()
	return strings.Split(strings.TrimSuffix(x.do("capture-pane", "-p"), "\n"), "\n")
}

// AwaitThat looks again and again: tmux tells nobody that its screen has changed.
func (x *Tmux) AwaitThat(what string, holds func() bool) {
	x.t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			x.t.Fatalf("waited %v for %s\nin tmux:\n%s", patience, what, strings.Join(x.Rows(), "\n"))
		}
	}
}

// Exit waits for the program's end and tells its status, 128 and the number of a signal that ended
// it.
func (x *Tmux) Exit() int {
	x.t.Helper()
	var fields []string
	x.AwaitThat("the program's end", func() bool {
		fields = strings.Split(strings.TrimSpace(x.ask("#{pane_dead},#{pane_dead_status},#{pane_dead_signal}")), ",")
		return fields[0] == "1"
	})
	if signal, err := strconv.Atoi(fields[2]); err == nil {
		return 128 + signal
	}
	status, _ := strconv.Atoi(fields[1])
	return status
}

func (x *Tmux) ask(format string) string {
	x.t.Helper()
	return x.do("display-message", "-p", format)
}

func (x *Tmux) before() (text string, row int) {
	x.t.Helper()
	var col, line, history int
	fmt.Sscanf(x.ask("#{cursor_x} #{cursor_y} #{history_size}"), "%d %d %d", &col, &line, &history)
	rows := x.Rows()
	if line >= len(rows) {
		return "", history + line
	}
	text, _ = cells.Cut(rows[line]+strings.Repeat(" ", col), col)
	return text, history + line
}

//go:build unix

package ttytest

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

func TestKeys(t *testing.T) {
	for text, want := range map[string]string{
		"get a<Enter>": "get a\r", "<Up><C-r><Home><M-b>": "\x1b[A\x12\x1b[H\x1bb", "<lt>k>": "<k>",
		"<C-Left><M-Right><S-Up>": "\x1b[1;5D\x1b[1;3C\x1b[1;2A", "<C-Space><BS><C-BS><S-Tab>": "\x00\x7f\x08\x1b[Z",
		"<C-c><C-d><C-_><C-]>": "\x03\x04\x1f\x1d", "<M-<lt>": "",
	} {
		func() {
			defer func() {
				if failed := recover() != nil; failed != (want == "") {
					t.Errorf("%q: panics %v", text, failed)
				}
			}()
			if got := Keys(text); got != want {
				t.Errorf("%q is %q, want %q", text, got, want)
			}
		}()
	}
}

func TestAProgramOnATerminal(t *testing.T) {
	term := Start(t, 40, 6, exec.Command("sh", "-c",
		`stty size; echo "$TERM $NO_COLOR$XDG_STATE_HOME$MORE"; ls -A "$HOME"; printf '> '; read line; echo "got $line"; exit 7`), "MORE=more")
	term.AwaitPrompt()
	before := term.Stty()
	if !before.Cooked() || !before.Echo() || !before.Signals() {
		t.Errorf("not cooked: %+v", before)
	}
	term.Type("a b<Enter>")
	if status := term.Exit(); status != 7 {
		t.Errorf("status %d", status)
	}
	if got, want := term.Text(), "6 40\nxterm-256color more\n> a b\ngot a b"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if !strings.HasSuffix(term.Bytes(), "got a b\r\n") || term.Stty() != before || term.Home("x") == "/x" {
		t.Errorf("%q, %+v, %q", term.Bytes(), term.Stty(), term.Home("x"))
	}
}

func TestModesSizeAndSignals(t *testing.T) {
	term := Start(t, 40, 6, exec.Command("sh", "-c",
		`trap 'stty size' WINCH; trap 'echo bye; exit 3' TERM; stty raw -echo; printf 'raw'; while :; do read -t 1 x 2>/dev/null || sleep 0.01; done`))
	term.Await("raw")
	if term.Stty().Cooked() || term.Stty().Echo() {
		t.Errorf("still cooked: %+v", term.Stty())
	}
	term.Resize(20, 3)
	term.Await("3 20")
	term.Signal(syscall.SIGTERM)
	if status := term.Exit(); status != 3 {
		t.Errorf("status %d", status)
	}
}

func TestCtrlCReachesTheProgram(t *testing.T) {
	term := Start(t, 40, 6, exec.Command("sh", "-c", `printf '> '; read x`))
	term.AwaitPrompt()
	term.Type("<C-c>")
	if status := term.Exit(); status != 130 {
		t.Errorf("status %d", status)
	}
}

func TestAFunctionOnATerminal(t *testing.T) {
	term := Run(t, 20, 4, func(tty *os.File) int {
		in := bufio.NewReader(tty)
		for n := 1; ; n++ {
			fmt.Fprintf(tty, "%d> ", n)
			line, err := in.ReadString('\n')
			if err != nil {
				return 1
			}
			if line == "quit\n" {
				io.WriteString(tty, "\x1b[1mbye\x1b[0m\n")
				return 5
			}
		}
	})
	term.Await("1> ")
	term.Line("one")
	term.Line("two")
	term.Paste("a\nquit\n")
	term.Await("bye")
	if status := term.Exit(); status != 5 || term.Styled() != "3> a\n4> quit\n{bold:bye}" && !strings.HasSuffix(term.Styled(), "{bold:bye}") {
		t.Errorf("status %d\n%s", status, term.Styled())
	}
}

// An unfinished program does not outlive the test, and its questions are complaints.
func TestTheEnd(t *testing.T) {
	inner := &complaints{TB: t}
	term := Start(inner, 20, 4, exec.Command("sh", "-c", `printf '\033[6nasked'; exec sleep 1000`))
	term.Await("asked")
	term.end()
	if len(inner.all) != 1 || !strings.Contains(inner.all[0], "CSI 6n") {
		t.Errorf("complaints %q", inner.all)
	}
	if err := syscall.Kill(term.cmd.Process.Pid, 0); err != syscall.ESRCH {
		t.Errorf("the program still runs: %v", err)
	}
}

type complaints struct {
	testing.TB
	all []string
}

func (c *complaints) Errorf(format string, args ...any) {
	c.all = append(c.all, fmt.Sprintf(format, args...))
}
func (c *complaints) Cleanup(func()) {}

func TestGolden(t *testing.T) {
	s := NewScreen(10, 3)
	fmt.Fprint(s, "a\r\n\x1b[1mb")
	Golden(t, "golden", s.Styled())
}

func TestAJobIsStoppedAndGoesOn(t *testing.T) {
	term := Start(t, 60, 10, Job(exec.Command("sh", "-c", `printf '> '; read x; echo "got $x"; exit 4`)))
	term.AwaitPrompt()
	before := term.Stty()
	term.Type("<C-z>")
	term.Await(JobStopped)
	if term.Stty() != before {
		t.Errorf("the terminal is %+v, was %+v", term.Stty(), before)
	}
	term.Type("<Enter>")
	term.AwaitGone(JobStopped)
	term.Type("line<Enter>")
	term.Await("got line")
	if status := term.Exit(); status != 4 {
		t.Errorf("status %d", status)
	}
}

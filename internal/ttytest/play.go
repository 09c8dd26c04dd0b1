package ttytest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Scene is what a tour is played with.
type Scene struct {
	// Binary is the program that the tour runs, whatever it calls it.
	Binary string
	// Addrs are the servers' addresses; none for a sandbox.
	Addrs []string
	// Do sends a command to a server from the side.
	Do func(words ...string) string
}

// Stage is a terminal in which a tour is played: a [Term], or a tmux.
type Stage interface {
	Send(bytes string)
	Paste(text string)
	Resize(cols, rows int)
	// AwaitThat waits until something holds that depends on the screen, or fails the test.
	AwaitThat(what string, holds func() bool)
	Rows() []string
	Exit() int
	// before is the text of the cursor's row up to the cursor, and which row of all this is.
	before() (text string, row int)
}

// firstPort is the port of the first server in the text of a tour.
const firstPort = 6379

// Play acts the tour out: open gets the program's command line, and gives the stage it runs on.
func (u *Tour) Play(t testing.TB, scene Scene, open func(cols, rows int, command []string) Stage) {
	t.Helper()
	p := &player{t: t, scene: scene}
	command := []string{scene.Binary}
	for _, word := range u.Program[1:] {
		command = append(command, p.port(p.here(word)))
	}
	p.stage = open(u.Cols, u.Rows, command)
	asked, entered := -1, true // the first prompt is waited for as well
	for _, s := range u.steps {
		what := fmt.Sprintf("%s.tour:%d: %s", u.Name, s.line, s.text)
		if keys := s.mark == ">" || s.mark == "paste"; keys || s.mark == "+" {
			if keys && entered {
				p.stage.AwaitThat("a prompt before "+what, func() bool {
					text, row := p.stage.before()
					return strings.HasSuffix(text, "> ") && row != asked
				})
			}
			_, asked = p.stage.before()
		}
		switch s.mark {
		case ">", "+", "paste":
			entered = strings.HasSuffix(s.text, "<Enter>") || strings.HasSuffix(s.text, "<C-c>")
		case "=":
			entered = false // it has said what to wait for
		}
		p.step(s, what)
	}
}

type player struct {
	t     testing.TB
	scene Scene
	stage Stage
}

func (p *player) step(s tourStep, what string) {
	switch s.mark {
	case ">", "+":
		p.stage.Send(Keys(p.here(s.text)))
	case "paste":
		text, _ := strconv.Unquote(s.text)
		p.stage.Paste(p.here(text))
	case "~", "!":
		text := strings.TrimRight(p.here(s.text), " ")
		p.stage.AwaitThat(what, func() bool {
			return strings.Contains(strings.Join(p.stage.Rows(), "\n"), text) == (s.mark == "~")
		})
	case "=":
		want := rowsPattern(p.here(s.text))
		p.stage.AwaitThat("these rows at its end:\n"+what, func() bool {
			return want.MatchString("\n" + text(p.stage.Rows()))
		})
	case "$", "?":
		p.ask(s, what)
	case "resize":
		cols, rows, _ := size(s.text)
		p.stage.Resize(cols, rows)
	case "exit":
		want, _ := strconv.Atoi(s.text)
		if got := p.stage.Exit(); got != want {
			p.t.Errorf("%s: the status is %d", what, got)
		}
	}
}

// ask sends a command from the side, once or until the reply has what is wanted.
func (p *player) ask(s tourStep, what string) {
	if p.scene.Do == nil {
		p.t.Fatalf("%s: nobody can ask a sandbox from the side", what)
	}
	command, want, _ := strings.Cut(p.here(s.text), " -> ")
	asked, _ := words(command)
	if s.mark == "$" {
		p.scene.Do(asked...)
		return
	}
	for deadline := time.Now().Add(patience); !strings.Contains(p.scene.Do(asked...), want); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("waited %v for %s\n%s", patience, what, strings.Join(p.stage.Rows(), "\n"))
		}
	}
}

// here is text with the addresses of people replaced by those of the servers.
func (p *player) here(text string) string {
	for i := len(p.scene.Addrs) - 1; i >= 0; i-- {
		text = strings.ReplaceAll(text, fmt.Sprintf("127.0.0.1:%d", firstPort+i), p.scene.Addrs[i])
	}
	return text
}

// port is a word of the command line, which may be a port alone.
func (p *player) port(word string) string {
	if n, err := strconv.Atoi(word); err == nil && n >= firstPort && n < firstPort+len(p.scene.Addrs) {
		return p.scene.Addrs[n-firstPort][strings.LastIndexByte(p.scene.Addrs[n-firstPort], ':')+1:]
	}
	return word
}

// rowsPattern matches a screen that ends with these rows.
func rowsPattern(block string) *regexp.Regexp {
	lines := strings.Split(block, "\n")
	for i, line := range lines {
		parts := strings.Split(strings.TrimRight(line, " "), "<*>")
		for j, part := range parts {
			parts[j] = regexp.QuoteMeta(part)
		}
		lines[i] = strings.Join(parts, ".*")
	}
	return regexp.MustCompile(`\n` + strings.TrimRight(strings.Join(lines, "\n"), "\n") + `$`)
}

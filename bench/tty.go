package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/creack/pty"
)

const (
	// patience bounds every wait for something to appear.
	patience = 10 * time.Second
	// between is the time between two keys. Nobody types faster, and without it the caches and the
	// clocks of the processor would be those of a loop.
	between = 10 * time.Millisecond

	ctrlC, ctrlD, ctrlU = "\x03", "\x04", "\x15"
)

// person sits at a terminal of 80 columns and 24 rows in which one of the programs runs.
type person struct {
	prompt  string
	process *exec.Cmd
	tty     *os.File
	out     []byte // what the program wrote since the last keys
	piece   []byte
}

// sit starts a program and waits for its prompt. What it finds in home is all it knows of anything.
// The second value is how long that took; the pseudo-terminal is there before.
func (l *lab) sit(ctx context.Context, program, home string) (*person, float64, error) {
	tty, inner, err := pty.Open()
	if err != nil {
		return nil, 0, err
	}
	defer inner.Close()
	p := &person{prompt: l.server.addr + "> ", tty: tty, piece: make([]byte, 64<<10)}
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		tty.Close()
		return nil, 0, err
	}
	// Package pty leaves it blocking, and deadlines without effect.
	if err := syscall.SetNonblock(int(tty.Fd()), true); err != nil {
		tty.Close()
		return nil, 0, err
	}
	p.process = exec.CommandContext(ctx, program, l.server.at()...)
	p.process.Env = []string{"HOME=" + home, "TERM=xterm-256color", "PATH=" + os.Getenv("PATH")}
	p.process.Stdin, p.process.Stdout, p.process.Stderr = inner, inner, inner
	p.process.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	begin := time.Now()
	if err := p.process.Start(); err != nil {
		tty.Close()
		return nil, 0, err
	}
	seen, err := p.await(p.prompt)
	if err != nil {
		p.leave()
		return nil, 0, fmt.Errorf("starting %s: %w", program, err)
	}
	return p, seen.Sub(begin).Seconds(), nil
}

// types writes keys, and waits until a text appears. It returns the seconds in between. What may be
// more than a terminal holds is written while the program's output is read.
func (p *person) types(keys, appears string) (float64, error) {
	p.out = p.out[:0]
	begin := time.Now()
	if len(keys) > 1<<10 {
		go p.tty.WriteString(keys) // ends at the latest when the terminal is closed
	} else if _, err := p.tty.WriteString(keys); err != nil {
		return 0, err
	}
	seen, err := p.await(appears)
	return seen.Sub(begin).Seconds(), err
}

// await reads until a text was written, and returns when the last of it was there.
func (p *person) await(text string) (time.Time, error) {
	deadline := time.Now().Add(patience)
	for {
		err := p.read(deadline)
		seen := time.Now()
		if strings.Contains(typed(p.out), text) {
			return seen, nil
		}
		if err != nil {
			return seen, fmt.Errorf("waiting for %q after %q: %w", text, p.out[max(0, len(p.out)-400):], err)
		}
	}
}

// quiet reads until nothing was written for a while.
func (p *person) quiet(while time.Duration) error {
	for {
		err := p.read(time.Now().Add(while))
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("after %q: %w", p.out[max(0, len(p.out)-400):], err)
		}
	}
}

func (p *person) read(deadline time.Time) error {
	if err := p.tty.SetReadDeadline(deadline); err != nil {
		return err
	}
	n, err := p.tty.Read(p.piece)
	p.out = append(p.out, p.piece[:n]...)
	return err
}

// leave ends the program from an empty line, or by force if it does not go.
func (p *person) leave() error {
	defer p.tty.Close()
	p.tty.WriteString(ctrlD)
	force := time.AfterFunc(patience, func() { p.process.Process.Kill() })
	defer force.Stop()
	for p.read(time.Time{}) == nil {
	}
	return p.process.Wait()
}

// typed is what was written without the escape sequences, and without what is faint: that is hints and
// suggestions, which may well hold the next character to be typed.
func typed(out []byte) string {
	var b strings.Builder
	for faint := false; len(out) > 0; {
		text, sequence, more := bytes.Cut(out, []byte("\x1b["))
		if !faint {
			b.Write(text)
		}
		if !more {
			break
		}
		end := bytes.IndexFunc(sequence, func(r rune) bool { return r >= '@' && r <= '~' })
		if end < 0 {
			break
		}
		if sequence[end] == 'm' {
			parameters := ";" + string(sequence[:end]) + ";"
			faint = parameters == ";2;" || strings.Contains(parameters, ";90;")
		}
		out = sequence[end+1:]
	}
	return b.String()
}

// newHome makes a home whose histories, ours and redis-cli's, have so many entries.
func (l *lab) newHome(entries int) (string, error) {
	home, err := os.MkdirTemp(l.dir, "home-")
	if err != nil || entries == 0 {
		return home, err
	}
	var history bytes.Buffer
	for i := range entries {
		fmt.Fprintf(&history, "HSET user:%d name \"person %d\" visits %d\n", i, i, i%17)
	}
	for _, path := range []string{".local/state/easycli/history", ".rediscli_history"} {
		path = filepath.Join(home, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return "", err
		}
		if err := os.WriteFile(path, history.Bytes(), 0o600); err != nil {
			return "", err
		}
	}
	return home, nil
}

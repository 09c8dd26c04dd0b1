package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// afterCommand is how long the output of a password command is read when it has ended: what it left
// running may hold it open.
const afterCommand = time.Second

// runCommand runs the command that prints the password. It may ask at the terminal, but does not get a
// stdin that holds the run's own input, nor the passwords of our environment. Its output is shown to
// nobody.
func (p password) runCommand(ctx context.Context, c *console) (string, error) {
	cmd := exec.CommandContext(ctx, p.Command[0], p.Command[1:]...)
	cmd.WaitDelay = afterCommand
	cmd.Env = withoutPasswords(os.Environ())
	var out limited
	cmd.Stdout, cmd.Stderr = &out, c.Err
	if c.Env.inTerminal {
		cmd.Stdin = c.In
	}
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err != nil && ctx.Err() != nil:
		return "", context.Cause(ctx)
	case errors.As(err, &exit):
		return "", passwordError{p.place() + " failed: " + exit.Error()}
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return "", passwordError{p.place() + " cannot be run: " + reason(err)}
	}
	line, err := firstLine(&out, p.place())
	if err != nil {
		return "", passwordError{err.Error()}
	}
	return line, nil
}

// limited keeps as much as a password can be long, and one byte more to tell.
type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	l.Buffer.Write(p[:min(len(p), maxPassword+1-l.Len())])
	return len(p), nil
}

// withoutPasswords is an environment for a child, which needs none of our passwords.
func withoutPasswords(env []string) []string {
	return slices.DeleteFunc(env, func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains(passwordVariables[:], name)
	})
}

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// systemShell is what runs a command line.
func systemShell(commandLine string) *exec.Cmd {
	if runtime.GOOS == "windows" {
		return exec.Command("cmd", "/C", commandLine)
	}
	return exec.Command("/bin/sh", "-c", commandLine)
}

// program is a command line with the console's streams, and without our passwords in its environment.
func (c *console) program(commandLine string) *exec.Cmd {
	cmd := systemShell(commandLine)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.In, c.Out, c.Err
	cmd.Env = withoutPasswords(os.Environ())
	if c.Env.get("LESS") == "" { // as git does it: stay only for what does not fit, show colours
		cmd.Env = append(cmd.Env, "LESS=FRX")
	}
	return cmd
}

// start starts a command line that reads what is written to stdin.
func (c *console) start(commandLine string) (stdin io.Writer, wait func() error, err error) {
	cmd := c.program(commandLine)
	cmd.Stdin = nil
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("starting %s: %w", commandLine, err)
	}
	return pipe, func() error {
		pipe.Close()
		var ended *exec.ExitError
		if err := cmd.Wait(); errors.As(err, &ended) {
			if code := ended.ExitCode(); code == 127 { // the shell has said which was not found
				return nil
			}
			return fmt.Errorf("(%s)", ended)
		} else if err != nil {
			return err
		}
		return nil
	}, nil
}

// pager is the command line that shows what is taller than the screen.
func (env environment) pager() string {
	for _, name := range []string{"EASYCLI_PAGER", "PAGER"} {
		if pager, set := env.lookup(name); set {
			return pager // an empty one is how people say that they want none
		}
	}
	if _, err := exec.LookPath("less"); err == nil {
		return "less"
	}
	if _, err := exec.LookPath("more"); err == nil {
		return "more"
	}
	return ""
}

// edit lets the person edit a text in their editor. The file is theirs alone, and gone afterwards. Its last
// line has an end, as editors want it; so has what is returned.
func (c *console) edit(text string) (string, error) {
	editor := c.Env.get("VISUAL")
	if editor == "" {
		editor = c.Env.get("EDITOR")
	}
	if editor == "" {
		editor = "vi"
	}
	dir, err := os.MkdirTemp("", "easycli")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "line.redis")
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		return "", err
	}
	if err := c.program(editor + " " + shellQuoted(path)).Run(); err != nil {
		return "", fmt.Errorf("%s: %w", editor, err)
	}
	edited, err := os.ReadFile(path)
	return string(edited), err
}

// shellQuoted is a path as one word of a command line: people choose where temporary files are.
func shellQuoted(path string) string {
	if runtime.GOOS == "windows" {
		return `"` + path + `"`
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

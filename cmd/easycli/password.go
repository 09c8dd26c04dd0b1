package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
)

// maxPassword bounds what is read for a password.
const maxPassword = 64 << 10

// read fetches the password from where it is. Its errors name the place and never the content.
func (p password) read(ctx context.Context, c *console) (text string, err error) {
	switch p.From {
	case givenPassword:
		return string(p.Text), nil
	case askedPassword:
		return c.askPassword(ctx)
	case passwordFile:
		return readPasswordFile(p.Path, p.place())
	case passwordDescriptor:
		return c.readDescriptor(p.FD)
	case passwordCommand:
		return p.runCommand(ctx, c)
	}
	return "", nil
}

// askPassword asks on a terminal and shows nothing of the answer; redis-cli shows stars, which
// tell the length. Without a terminal the password is the first line of stdin; what follows it is
// left for the run.
func (c *console) askPassword(ctx context.Context) (string, error) {
	if !c.Env.inTerminal {
		line, err := readLine(c.In)
		if err != nil {
			return "", inputError{fmt.Errorf("reading the password from stdin: %w", err)}
		}
		return line, nil
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	fmt.Fprint(c.Err, "Please input password: ")
	type answer struct {
		line []byte
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		line, err := c.ReadPassword()
		answered <- answer{line, err}
	}()
	select {
	case a := <-answered:
		fmt.Fprintln(c.Err)
		if a.err != nil {
			return "", inputError{fmt.Errorf("reading the password: %w", a.err)}
		}
		return string(a.line), nil
	case <-ctx.Done(): // the reader stays behind; the process is about to end
		c.RestoreTerminal()
		fmt.Fprintln(c.Err)
		return "", context.Cause(ctx)
	}
}

// readLine reads up to a line's end and not one byte further.
func readLine(in io.Reader) (string, error) {
	var line []byte
	one := make([]byte, 1)
	for len(line) <= maxPassword {
		n, err := in.Read(one)
		if n == 1 && one[0] == '\n' || err == io.EOF && len(line) > 0 {
			return string(bytes.TrimSuffix(line, []byte("\r"))), nil
		}
		if n == 1 {
			line = append(line, one[0])
		} else if err == io.EOF {
			return "", errors.New("there is none")
		} else if err != nil {
			return "", err
		}
	}
	return "", errors.New("the line is too long")
}

// place is where the password is said to be in a file or a command's output.
func (p password) place() string {
	switch {
	case p.Profile == "":
		return "--pass-file"
	case p.From == passwordFile:
		return "password_file of profile " + p.Profile
	}
	return "password_command of profile " + p.Profile
}

// readPasswordFile refuses a file that other users can read: the password is no secret then.
func readPasswordFile(path, place string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", usagef("%s: %s", place, reason(err))
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", usagef("%s: %s", place, reason(err))
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return "", usagef("%s: other users may read or change the file; chmod 600 makes it private", place)
	}
	return firstLine(file, place)
}

func (c *console) readDescriptor(fd int) (string, error) {
	file := c.Descriptor(fd)
	if file == nil {
		return "", usagef("--pass-fd: not an open file descriptor")
	}
	defer file.Close()
	return firstLine(file, "--pass-fd")
}

// firstLine is the password in a file: its first line, without the line's end.
func firstLine(in io.Reader, option string) (string, error) {
	text, err := io.ReadAll(io.LimitReader(in, maxPassword+1))
	switch {
	case err != nil:
		return "", usagef("%s: %s", option, reason(err))
	case len(text) > maxPassword:
		return "", usagef("%s: this is no password, it is too long", option)
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	if len(line) == 0 {
		return "", usagef("%s: the first line is empty", option)
	}
	return string(line), nil
}

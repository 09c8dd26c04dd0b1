package main

import (
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"

	"easycli/internal/progress"
)

// console is the process as a run sees it: its streams and what is known about them. Tests make
// their own.
type console struct {
	// Args is the command line, without the name of the program.
	Args     []string
	In       io.Reader
	Out, Err io.Writer
	// ErrTerminal says that stderr is a terminal.
	ErrTerminal bool
	Env         environment
	// ReadPassword reads a line from the terminal without showing it.
	ReadPassword func() ([]byte, error)
	// RestoreTerminal undoes what an interrupted ReadPassword did to the terminal.
	RestoreTerminal func()
	// Width is the terminal's, in columns, 0 if it does not say; ErrWidth is that of stderr's.
	Width, ErrWidth func() int
	// Descriptor opens a file descriptor that the process was given.
	Descriptor func(fd int) io.ReadCloser
}

// processConsole is the console of the process itself.
//
// From here on a write to a closed pipe is an error like any other: the runtime would kill the
// process for it.
func processConsole() *console {
	signal.Ignore(syscall.SIGPIPE)
	in := int(os.Stdin.Fd())
	inTerminal := term.IsTerminal(in)
	c := &console{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		ErrTerminal:     term.IsTerminal(int(os.Stderr.Fd())),
		ReadPassword:    func() ([]byte, error) { return term.ReadPassword(in) },
		RestoreTerminal: func() {},
		Width:           func() int { return widthOf(os.Stdout) },
		ErrWidth:        func() int { return widthOf(os.Stderr) },
		Descriptor:      func(fd int) io.ReadCloser { return os.NewFile(uintptr(fd), "password") },
		Env: environment{
			lookup:      os.LookupEnv,
			inTerminal:  inTerminal,
			outTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		},
	}
	if inTerminal {
		if state, err := term.GetState(in); err == nil {
			c.RestoreTerminal = func() { term.Restore(in, state) }
		}
	}
	return c
}

func widthOf(terminal *os.File) int {
	width, _, _ := term.GetSize(int(terminal.Fd()))
	return width
}

// lineUnless is progressLine for what may be told not to show one.
func (c *console) lineUnless(not bool) *progress.Line {
	if not {
		return nil
	}
	return c.progressLine()
}

// progressLine is the line on the terminal for work that takes long, nil where there is none to be
// shown. From here on everything must be written through it.
func (c *console) progressLine() *progress.Line {
	if !c.ErrTerminal || c.Env.get("TERM") == "dumb" {
		return nil
	}
	line := progress.New(c.Err, c.ErrWidth)
	c.Err = line
	if c.Env.outTerminal {
		c.Out = line.Beside(c.Out)
	}
	return line
}

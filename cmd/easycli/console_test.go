package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
)

// testConsole is a console without terminals: what stdin holds and which variables are set.
func testConsole(stdin string, variables ...string) (c *console, out, errs *bytes.Buffer) {
	out, errs = new(bytes.Buffer), new(bytes.Buffer)
	return &console{
		In: strings.NewReader(stdin), Out: out, Err: errs,
		Env:             nowhere(variables...),
		ReadPassword:    func() ([]byte, error) { return nil, errors.New("no terminal") },
		RestoreTerminal: func() {},
		Descriptor:      func(int) io.ReadCloser { return nil },
	}, out, errs
}

// result is what a run leaves behind.
type result struct {
	status   exitStatus
	out, err string
}

// easycli carries out a command line.
func easycli(stdin string, args ...string) result {
	c, out, errs := testConsole(stdin)
	status := execute(args, c)
	return result{status, out.String(), errs.String()}
}

// at is the options that lead to an address.
func at(t *testing.T, addr string) []string {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return []string{"-h", host, "-p", port}
}

// nobody is an address where nobody listens.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

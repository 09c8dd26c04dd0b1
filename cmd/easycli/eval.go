package main

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"easycli/internal/command"
)

// run sends the script with EVAL. What begins with #! is sent as it is: the server knows what to do
// with it. The file is read before connecting; redis-cli reads it after.
func (r eval) run(ctx context.Context, c *console) error {
	script, err := readScript(r.File)
	if err != nil {
		return scriptError(r.File, err)
	}
	conf, done, err := r.Conn.open(ctx, c)
	if err != nil {
		return err
	}
	defer done()
	ctx, stop := interruptible(ctx)
	defer stop()
	l := newLine(c, r.Out, r.ErrorsToStderr, &conf)
	l.cluster = r.Cluster
	if err := l.dial(ctx, r.Conn, conf); err != nil {
		return err
	}
	defer l.hangUp()
	argv := r.argv(script)
	return l.repeat(ctx, r.Repeat, argv, command.Of(argv))
}

func readScript(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readArgument(file, maxArgument)
}

// scriptError is redis-cli's sentence.
func scriptError(path string, err error) error {
	return inputError{fmt.Errorf("%s '%s': %s", "Can't open file", path, reason(err))}
}

func (r eval) argv(script []byte) [][]byte {
	name := "EVAL"
	if r.ReadOnly { // then the server sees to it
		name = "EVAL_RO"
	}
	argv := [][]byte{[]byte(name), script, []byte(strconv.Itoa(len(r.Keys)))}
	for _, word := range r.Keys {
		argv = append(argv, []byte(word))
	}
	for _, word := range r.Args {
		argv = append(argv, []byte(word))
	}
	return argv
}

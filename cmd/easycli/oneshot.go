package main

import (
	"context"
	"fmt"
	"io"

	"easycli/internal/command"
	"easycli/internal/lines"
	"easycli/internal/manual"
	"easycli/internal/pipeclient"
	"easycli/internal/session"
)

// run sends the command and prints what comes back. Stdin is read first, so that a slow producer
// holds no connection.
func (r oneshot) run(ctx context.Context, c *console) error {
	if len(r.Args) == 1 && lines.IsHelp([]byte(r.Args[0])) {
		return c.print(helpText())
	}
	if err := r.refuseWrite(r.words()); err != nil {
		return err
	}
	conf, done, err := r.Conn.open(ctx, c)
	if err != nil {
		return err
	}
	defer done()
	argv, err := r.argv(c.In)
	if err != nil {
		return err
	}
	if err := r.refuseWrite(argv); err != nil {
		return err
	}
	if lines.IsHelp(argv[0]) {
		return r.help(ctx, c, conf, argv[1:])
	}
	info := command.Of(argv)
	if err := refuse(info.Effect); err != nil {
		return err
	}
	if r.Out.Terminal {
		var stop func()
		ctx, stop = interruptible(ctx)
		defer stop()
	} // Elsewhere a signal ends us as it does redis-cli: nothing is left to tidy up.
	l := newLine(c, r.Out, r.ErrorsToStderr, &conf)
	l.cluster = r.Cluster
	if err := l.open(ctx, r.Conn, conf, argv, info); err != nil {
		return err
	}
	defer l.hangUp()
	if isStream(info.Effect) && r.Repeat.Times != 0 {
		return l.follow(ctx, argv, info)
	}
	return l.repeat(ctx, r.Repeat, argv, info)
}

// refuseWrite refuses what may change something, where nothing is to be changed: before anything is
// asked for, and again when stdin has been read, which may hold any of the words.
func (r oneshot) refuseWrite(argv [][]byte) error {
	if !r.ReadOnly || len(argv) == 0 || lines.IsHelp(argv[0]) {
		return nil
	}
	if err := session.RefuseWrite(command.Of(argv), argv); err != nil {
		return usageError{err.Error()}
	}
	return nil
}

// help prints what the server says of a command or a group, or our own table if it is out of reach. As
// in redis-cli it is no command. A person at a terminal gets a page, and any words to search for will do.
func (r oneshot) help(ctx context.Context, c *console, conf pipeclient.Config, about [][]byte) error {
	words := lines.Texts(about)
	dial := func(ctx context.Context, conf pipeclient.Config) (*pipeclient.Conn, error) {
		return r.Conn.dial(ctx, c, conf)
	}
	docs, err := lines.Docs(ctx, dial, conf, words)
	if err != nil { // it does not matter: our own table will do
		fmt.Fprint(c.Err, explainFailure(err, c.ErrTerminal))
	}
	if !r.Out.Terminal || r.Out.Plain {
		return c.print(manual.Answer(docs, words))
	}
	style := manual.Style{Color: r.Out.Color}
	if c.Width != nil {
		style.Columns = c.Width()
	}
	return c.print(manual.Told(docs).Page(words, style))
}

// argv is the command's words, with what stdin holds in its place. Nothing is cut off it, a final
// newline included.
func (r oneshot) argv(stdin io.Reader) ([][]byte, error) {
	argv := r.words()
	if r.Stdin {
		text, err := readArgument(stdin, maxArgument)
		if err != nil {
			return nil, inputError{fmt.Errorf("reading stdin: %w", err)}
		}
		argv[r.StdinAt] = text
	}
	return argv, nil
}

// words is the command as it stands on the command line.
func (r oneshot) words() [][]byte {
	argv := make([][]byte, len(r.Args))
	for i, arg := range r.Args {
		argv[i] = []byte(arg)
	}
	return argv
}

// maxArgument is the longest string a server takes unless it is told otherwise (proto-max-bulk-len).
const maxArgument = 512 << 20

// readArgument reads all of in, and refuses what is endless or of no use to a server: an argument is
// held in memory, since its length is sent before it.
func readArgument(in io.Reader, limit int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err == nil && int64(len(text)) > limit {
		return nil, fmt.Errorf("more than the %d bytes that a server takes as one argument (--pipe sends "+
			"longer ones, as RESP, to a server that is set to take them)", limit)
	}
	return text, err
}

// refuse names the commands that make no sense alone on a connection.
func refuse(effect command.Effect) error {
	switch effect {
	case command.ReplyOff, command.ReplySkip:
		return usagef("CLIENT REPLY: the server would answer nothing, and the connection ends with this command")
	case command.Sync:
		return usagef("the replication stream of a server cannot be shown by this version of easycli")
	}
	return nil
}

// isStream reports whether a command's replies never end.
func isStream(effect command.Effect) bool {
	switch effect {
	case command.Subscribe, command.PSubscribe, command.SSubscribe, command.Monitor:
		return true
	}
	return false
}

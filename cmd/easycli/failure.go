package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"easycli/internal/bulk"
	"easycli/internal/keyspace"
	"easycli/internal/pipeclient"
	"easycli/internal/quote"
	"easycli/internal/render"
	"easycli/internal/resp"
)

// explainFailure is what stderr says about a failure: redis-cli's sentence where it has one, then
// what to do about it where we know. It is empty for what needs no words. What a server said in it
// is made safe for a terminal.
func explainFailure(err error, terminal bool) string {
	text := describe(err)
	if text == "" {
		return ""
	}
	if terminal {
		t := quote.Terminal{Style: quote.Lines}
		text = string(t.Finish(t.Append(nil, []byte(text))))
	}
	return text + "\n"
}

func describe(err error) string {
	var (
		signalled interrupted
		told      toldError
		connect   *pipeclient.ConnectError
		lost      *pipeclient.LostError
		stream    streamError
		output    outputError
		replies   *render.WriteError
		report    *bulk.OutputError
		exported  *keyspace.OutputError
		input     inputError
		usage     usageError
		pass      passwordError
	)
	switch {
	case err == nil, errors.As(err, &signalled), errors.As(err, &told), errors.Is(err, errAnswer):
		return ""
	case errors.As(err, &output):
		return describeOutput(output.err)
	case errors.As(err, &replies):
		return describeOutput(replies.Err)
	case errors.As(err, &report):
		return describeOutput(report.Err)
	case errors.As(err, &exported):
		return describeOutput(exported.Err)
	case errors.As(err, &usage):
		return usage.Error()
	case errors.As(err, &pass):
		return pass.Error()
	case errors.As(err, &input):
		return input.Error()
	case errors.As(err, &connect):
		return describeConnect(connect) + whose(err, connect)
	case errors.As(err, &lost):
		return describeLost(lost)
	case errors.As(err, &stream):
		return "Error: " + reason(stream.err)
	}
	return "Error: " + reason(err)
}

// describeOutput is silent about a closed pipe: whoever read our output has had enough.
func describeOutput(err error) string {
	if errors.Is(err, syscall.EPIPE) {
		return ""
	}
	return "easycli: writing to stdout: " + reason(err)
}

// whose names the node of a cluster, where that is said around the error and not in its own text.
func whose(err error, connect *pipeclient.ConnectError) string {
	node, found := strings.CutPrefix(strings.TrimSuffix(err.Error(), ": "+connect.Error()), "node ")
	if !found || connect.Step == "connect" || connect.Step == "TLS" {
		return ""
	}
	return " (node " + node + ")"
}

func describeConnect(e *pipeclient.ConnectError) string {
	if e.Step != "connect" && e.Step != "TLS" {
		if e.Refused != "" {
			return e.Step + " failed: " + e.Refused
		}
		return e.Step + " failed: " + reason(e.Err)
	}
	what := e.Refused
	if e.Err != nil {
		what = reason(e.Err)
	}
	text := fmt.Sprintf("Could not connect to Redis at %s: %s", e.Addr, what)
	if hint := connectHint(e); hint != "" {
		text += "\n" + hint
	}
	return text
}

// connectHint says what may help.
func connectHint(e *pipeclient.ConnectError) string {
	if errors.Is(e.Err, syscall.ECONNREFUSED) && e.Addr == pipeclient.DefaultAddr {
		return "No server yet? This one needs no installation: easycli --sandbox"
	}
	return ""
}

func describeLost(e *pipeclient.LostError) string {
	text := "Error: " + reason(e.Cause)
	if errors.Is(e, pipeclient.ErrInDoubt) {
		return text + "\nThe command was sent and no reply came back: the server may have carried it out."
	}
	return text + "\nThe command was not sent."
}

// reason is an error in the words that redis-cli has for it, where it has any, without the paths
// and operations that Go puts in front.
func reason(err error) string {
	var (
		number   syscall.Errno
		protocol *resp.ProtocolError
	)
	switch {
	case errors.Is(err, pipeclient.ErrServerClosed), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "Server closed the connection"
	case errors.As(err, &protocol):
		return protocol.Error()
	case errors.As(err, &number):
		return capital(number.Error())
	}
	return capital(strings.TrimPrefix(err.Error(), "tls: "))
}

func capital(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

package bulk

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"testing"

	"easycli/internal/pipeclient"
	"easycli/internal/quote"
	"easycli/internal/resp"
)

// FuzzInput holds the law of the parser: whatever the input and however it is cut into reads, the
// server gets exactly the commands that a simple reading of the whole finds, and a refusal is at
// the place where that stops.
func FuzzInput(f *testing.F) {
	for _, seed := range []string{
		"SET a 1\nGET a\n", "*1\r\n$4\r\nPING\r\n", "PING\r\n# x\r\n\r\nGET \"a b\"\n*1\r\n$4\r\nPING\r\n", "\xef\xbb\xbfPING",
		"*2\r\n$4\r\nECHO\r\n$3\r\na\r\n\r\n", "*0\r\n*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPI", "SET 'a\n", "*1\n$4\nPING\n", "{\"a\":1}\n",
		"#TS:1\r\n*1\r\n$4\r\nPING\r\n#TS:2\r\n*1\r\n$4\r\nPING\r\n#TS",
	} {
		f.Add([]byte(seed), uint64(1))
	}
	f.Fuzz(func(t *testing.T, in []byte, seed uint64) {
		if len(in) > 4<<10 {
			t.Skip("byte by byte, a long input takes long and shows nothing new")
		}
		want, at := simpleReading(in)
		got, end := loadFake(bytes.Clone(in), seed)
		if !slices.Equal(got, want) {
			t.Fatalf("%q: server got %q, want %q", in, got, want)
		}
		var e *InputError
		if refused := errors.As(end, &e); refused != (at >= 0) || refused && e.Offset != int64(at) {
			t.Fatalf("%q: ended with %v, want a refusal at %d", in, end, at)
		}
	})
}

// simpleReading is the commands of the input up to the first thing that is none, and its offset or
// -1.
func simpleReading(in []byte) (commands []string, at int) {
	at = len(in) - len(bytes.TrimPrefix(in, bom))
	if kind, _ := Foreign(in[at:]); kind != "" {
		return nil, at
	}
	for isRESP := false; at < len(in); {
		rest := in[at:]
		isRESP = isRESP || rest[0] == '*' && (at == 0 || at == 3 || len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9')
		var words [][]byte
		size := bytes.IndexByte(rest, '\n') + 1
		if isRESP && rest[0] == '#' {
			if size == 0 && len(rest) < longestAnnotation {
				size = len(rest)
			} else if size == 0 || size > longestAnnotation {
				return commands, at
			}
		} else if isRESP {
			if words, size = simpleRESP(rest); size == 0 {
				return commands, at
			}
		} else {
			if size == 0 {
				size = len(rest)
			}
			line := rest[:size]
			if trimmed := bytes.TrimLeft(line, " \t\n\v\f\r"); len(trimmed) > 0 && trimmed[0] != '#' {
				var err error
				if words, err = quote.Split(line, nil); err != nil || len(words) > 0 && (notInName(words[0]) >= 0 || len(commands) == 0 && isSQL(line)) {
					return commands, at
				}
			}
		}
		if len(words) > 0 {
			commands = append(commands, string(bytes.Join(words, []byte{0})))
		}
		at += size
	}
	return commands, -1
}

// simpleRESP reads one command with the reader of replies, and checks that it was written the one
// way in which RESP writes it.
func simpleRESP(in []byte) ([][]byte, int) {
	v, err := resp.NewReader(bytes.NewReader(in)).ReadValue()
	if err != nil || v.Kind == resp.Null && v.Wire == '*' || len(v.Elems) == 0 {
		for _, empty := range []string{"*-1\r\n", "*0\r\n"} {
			if bytes.HasPrefix(in, []byte(empty)) {
				return nil, len(empty)
			}
		}
		return nil, 0
	}
	var words [][]byte
	for _, e := range v.Elems {
		words = append(words, []byte(e.Text))
	}
	wire := resp.AppendCommand(nil, words...)
	if !bytes.HasPrefix(in, wire) {
		return nil, 0
	}
	return words, len(wire)
}

// loadFake loads the input, in pieces, into a server that answers OK to everything, and returns the
// commands it got.
func loadFake(in []byte, seed uint64) ([]string, error) {
	client, server := net.Pipe()
	var got []string
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer server.Close()
		for r := resp.NewReader(server); ; {
			v, err := r.ReadValue()
			if err != nil {
				return
			}
			words := make([]string, len(v.Elems))
			for i, e := range v.Elems {
				words[i] = e.Text
			}
			got = append(got, strings.Join(words, "\x00"))
			if _, err := io.WriteString(server, "+OK\r\n"); err != nil {
				return
			}
		}
	}()
	_, err := Run(context.Background(), Config{
		Client: pipeclient.Config{Dial: func(context.Context) (net.Conn, error) { return client, nil }},
		Inputs: reading(&pieces{string(in), rand.New(rand.NewPCG(seed, 0)), 1 + int(seed%20)}),
		Out:    io.Discard, Err: io.Discard, AllowState: true, AllowBlocking: true,
	})
	<-done
	return got, err
}

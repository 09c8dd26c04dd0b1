package sandbox

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"

	"easycli/internal/quote"
)

// The limits of a real server.
const (
	maxArgs   = 1 << 20
	maxBulk   = 512 << 20
	maxInline = 64 << 10
)

// protocolError is what the server says before it hangs up on a request it cannot read.
type protocolError string

func (e protocolError) Error() string { return "ERR Protocol error: " + string(e) }

// readRequest reads one request, as RESP or as a line of text. An empty one has no words. miniredis
// has a reader of its own, which takes no text, and lets an empty request or a length without
// measure end the whole process.
func readRequest(in *bufio.Reader) ([]string, error) {
	first, err := in.ReadByte()
	if err != nil {
		return nil, err
	}
	if first != '*' {
		in.UnreadByte()
		return readInline(in)
	}
	n, err := readNumber(in, "multibulk", maxArgs)
	if err != nil || n <= 0 {
		return nil, err
	}
	args := make([]string, 0, min(n, 64))
	for range n {
		arg, err := readArgument(in)
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
	}
	return args, nil
}

func readArgument(in *bufio.Reader) (string, error) {
	first, err := in.ReadByte()
	if err != nil {
		return "", err
	}
	if first != '$' {
		return "", protocolError(fmt.Sprintf("expected '$', got '%c'", first))
	}
	n, err := readNumber(in, "bulk", maxBulk)
	if err != nil {
		return "", err
	}
	if n < 0 {
		return "", protocolError("invalid bulk length")
	}
	text, err := readBytes(in, n)
	if err != nil {
		return "", err
	}
	_, err = in.Discard(2)
	return text, err
}

// readBytes reads n bytes; what it holds follows what has come, not what was announced.
func readBytes(in *bufio.Reader, n int) (string, error) {
	if n <= in.Buffered() {
		text, _ := in.Peek(n)
		s := string(text)
		in.Discard(n)
		return s, nil
	}
	const step = 1 << 20
	buf := make([]byte, 0, min(n, step))
	for len(buf) < n {
		at := len(buf)
		buf = append(buf, make([]byte, min(step, n-at))...)
		if _, err := io.ReadFull(in, buf[at:]); err != nil {
			return "", err
		}
	}
	return string(buf), nil
}

// readNumber reads the rest of a header line; what names it in the error.
func readNumber(in *bufio.Reader, what string, limit int) (int, error) {
	line, err := readLine(in)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(string(line))
	if err != nil || n > limit {
		return 0, protocolError("invalid " + what + " length")
	}
	return n, nil
}

// readInline reads a request that is a line of text, with the quotes of redis-cli.
func readInline(in *bufio.Reader) ([]string, error) {
	line, err := readLine(in)
	if err != nil {
		return nil, err
	}
	words, err := quote.Split(line, nil)
	if err != nil {
		return nil, protocolError("unbalanced quotes in request")
	}
	args := make([]string, len(words))
	for i, word := range words {
		args[i] = string(word)
	}
	return args, nil
}

// readLine reads up to a line end, which is left out. It is valid until the next read.
func readLine(in *bufio.Reader) ([]byte, error) {
	line, err := in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return nil, protocolError("too big inline request")
	}
	if err != nil {
		return nil, err
	}
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, nil
}

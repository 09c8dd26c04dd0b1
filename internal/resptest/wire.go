package resptest

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxBulk bounds what a peer or a check is willing to hold: tests stay small.
const maxBulk = 1 << 30

// Command is the wire form of one request.
func Command(args ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, arg := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(arg), arg)
	}
	return b.String()
}

// Bulk is the wire form of one bulk string.
func Bulk(s string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(s), s) }

// readRequest reads one request in either form; an empty line is an empty request.
func readRequest(r *bufio.Reader) ([]string, error) {
	line, err := readLine(r)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(line, "*") {
		return strings.Fields(line), nil
	}
	n, err := strconv.Atoi(line[1:])
	if err != nil || n < 0 {
		return nil, fmt.Errorf("request header %q", line)
	}
	var args []string
	for range n {
		arg, err := readBulk(r)
		if err != nil {
			return args, fmt.Errorf("request %q: %w", args, noEOF(err))
		}
		args = append(args, arg)
	}
	return args, nil
}

func readBulk(r *bufio.Reader) (string, error) {
	line, err := readLine(r)
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(line, "$") {
		return "", fmt.Errorf("got %q in place of a bulk string", line)
	}
	return readText(r, line[1:])
}

// readText reads a text of the declared length and its line end.
func readText(r *bufio.Reader, length string) (string, error) {
	n, err := strconv.Atoi(length)
	if err != nil || n < 0 || n > maxBulk {
		return "", fmt.Errorf("length %q", length)
	}
	buf := make([]byte, n+2)
	if _, err := io.ReadFull(r, buf); err != nil {
		return "", noEOF(err)
	}
	if string(buf[n:]) != "\r\n" {
		return "", fmt.Errorf("text of %d bytes ends with %q", n, buf[n:])
	}
	return string(buf[:n]), nil
}

// readReply reads one reply and flattens it: an aggregate is the list of its leaves. Errors are
// "(error) …" and nulls are "(nil)".
func readReply(r *bufio.Reader) ([]string, error) {
	var leaves []string
	for open := 1; open > 0; open-- {
		line, err := readLine(r)
		if err != nil {
			return nil, err
		}
		if line == "" {
			return nil, fmt.Errorf("empty reply line")
		}
		kind, rest := line[0], line[1:]
		switch kind {
		case '+', ':', ',', '(', '#':
			leaves = append(leaves, rest)
		case '-':
			leaves = append(leaves, "(error) "+rest)
		case '_':
			leaves = append(leaves, "(nil)")
		case '$', '=', '!':
			if rest == "-1" {
				leaves = append(leaves, "(nil)")
				continue
			}
			text, err := readText(r, rest)
			if err != nil {
				return nil, err
			}
			leaves = append(leaves, text)
		case '*', '~', '>', '%':
			n, err := strconv.Atoi(rest)
			if err != nil {
				return nil, fmt.Errorf("reply header %q", line)
			}
			if n < 0 {
				leaves = append(leaves, "(nil)")
				continue
			}
			if kind == '%' {
				n *= 2
			}
			open += n
		default:
			return nil, fmt.Errorf("reply line %q", line)
		}
	}
	return leaves, nil
}

func readLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		if line != "" {
			err = noEOF(err)
		}
		return "", err
	}
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), nil
}

// noEOF says that a stream ended inside something.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

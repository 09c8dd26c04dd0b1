package repl

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// readAll is the lines of src.
func readAll(t *testing.T, src io.Reader) []string {
	t.Helper()
	stop := make(chan struct{})
	defer close(stop)
	in := newInput(src, stop)
	var lines []string
	for {
		line, ok := in.next()
		switch {
		case ok:
			lines = append(lines, string(line))
			if in.number != len(lines) {
				t.Fatalf("line %d has the number %d", len(lines), in.number)
			}
		case in.err != nil:
			if in.err != io.EOF {
				t.Fatal(in.err)
			}
			return lines
		default:
			in.take(<-in.blocks)
		}
	}
}

func TestInputLines(t *testing.T) {
	long := strings.Repeat("x", 3*blockSize+7)
	for _, text := range []string{
		"", "\n", "a", "a\n", "a\n\nb", "\n\n", "a\x00b\nc\r\n", long, long + "\n", "a\n" + long + "\nb\n" + long,
		strings.Repeat(strings.Repeat("y", 99)+"\n", 3000), strings.Repeat("z", blockSize-1) + "\nlast",
		strings.Repeat("z", blockSize) + "\n\nlast",
	} {
		want := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if text == "" {
			want = nil
		}
		for name, src := range map[string]io.Reader{
			"whole": strings.NewReader(text), "halves": iotest.HalfReader(strings.NewReader(text)),
			"with its end": iotest.DataErrReader(strings.NewReader(text)),
		} {
			if got := readAll(t, src); !slices.Equal(got, want) {
				t.Errorf("%s, %.40q: got %d lines %.80q, want %d", name, text, len(got), fmt.Sprint(got), len(want))
			}
		}
	}
	text := "one\r\n\ntwo"
	if got := readAll(t, iotest.OneByteReader(strings.NewReader(text))); !slices.Equal(got, []string{"one\r", "", "two"}) {
		t.Errorf("byte by byte: got %q", got)
	}
}

func TestInputError(t *testing.T) {
	stop := make(chan struct{})
	defer close(stop)
	in := newInput(io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(io.ErrClosedPipe)), stop)
	var lines []string
	for in.err == nil {
		in.take(<-in.blocks)
		for {
			line, ok := in.next()
			if !ok {
				break
			}
			lines = append(lines, string(line))
		}
	}
	if in.err != io.ErrClosedPipe || !slices.Equal(lines, []string{"a"}) {
		t.Errorf("got %q, %v", lines, in.err)
	}
}

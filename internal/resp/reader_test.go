package resp

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestReadValueKeepsTheNextReplyAligned(t *testing.T) {
	for _, in := range []string{
		"+OK\r\n", "-ERR x\r\n", ":42\r\n", "$5\r\nhello\r\n", "$-1\r\n", "*-1\r\n", "_\r\n", "#t\r\n", ",3.14\r\n",
		"(123\r\n", "=15\r\ntxt:Some string\r\n", "*2\r\n:1\r\n%1\r\n+a\r\n~0\r\n", ">1\r\n:1\r\n",
		"|1\r\n|1\r\n+a\r\n:1\r\n+k\r\n:2\r\n+OK\r\n", "$?\r\n;4\r\nHell\r\n;5\r\no wor\r\n;0\r\n",
		"*?\r\n:1\r\n:2\r\n.\r\n", "%?\r\n+a\r\n:1\r\n.\r\n", "!3\r\nE x\r\n",
	} {
		r := NewReader(strings.NewReader(in + "+SENTINEL\r\n"))
		v, err := r.ReadValue()
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		next, err := r.ReadValue()
		if err != nil || next.Text != "SENTINEL" {
			t.Errorf("%q read as %v, then %v, %v", in, v, next, err)
		}
		if _, err := r.ReadValue(); err != io.EOF {
			t.Errorf("%q: at the end %v", in, err)
		}
		s := NewReader(strings.NewReader(in + "+SENTINEL\r\n"))
		if kind, err := s.Skip(func(int, []byte) {}); err != nil || kind != v.Kind {
			t.Errorf("%q skipped as %v, %v", in, kind, err)
		}
		if next, err := s.ReadValue(); err != nil || next.Text != "SENTINEL" {
			t.Errorf("%q skipped, then %v, %v", in, next, err)
		}
	}
}

func TestAPushInsideAnArrayIsNoElement(t *testing.T) {
	in := "*3\r\n+PONG\r\n>3\r\n$7\r\nmessage\r\n$3\r\nfoo\r\n$3\r\nbar\r\n:1\r\n+PONG\r\n+NEXT\r\n"
	var pushes []Value
	r := NewReader(strings.NewReader(in))
	r.OnPush = func(v Value) { pushes = append(pushes, v) }
	v, err := r.ReadValue()
	if err != nil || len(v.Elems) != 3 || len(pushes) != 1 || pushes[0].Elems[0].Text != "message" {
		t.Fatal(v, err, pushes)
	}
	if next, err := r.ReadValue(); err != nil || next.Text != "NEXT" {
		t.Fatal(next, err)
	}
}

func TestProtocolErrorsAreFinal(t *testing.T) {
	r := NewReader(strings.NewReader("HTTP/1.1 400\r\n+OK\r\n"))
	for range 2 {
		_, err := r.ReadValue()
		var p *ProtocolError
		if !errors.As(err, &p) || p.Hint == "" || fmt.Sprint(p.Msg) != `Protocol error, got "H" as reply type byte` {
			t.Fatal(err)
		}
	}
}

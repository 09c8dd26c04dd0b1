package render

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"easycli/internal/resp"
)

// print prints one reply that comes from the wire.
func print(t *testing.T, o Options, how How, wire string) string {
	t.Helper()
	return printWire(t, way{opts: o, how: how}, wire, len(wire), 0)
}

func TestOutcome(t *testing.T) {
	long := strings.Repeat("x", 3*outcomeText)
	for _, c := range []struct {
		wire string
		kind resp.Kind
		text string
		errs int
	}{
		{"+QUEUED\r\n", resp.Status, "QUEUED", 0},
		{"-ERR x\r\n", resp.Error, "ERR x", 0},
		{"!5\r\nERR y\r\n", resp.Error, "ERR y", 0},
		{"-" + long + "\r\n", resp.Error, long[:outcomeText], 0},
		{":1\r\n", resp.Integer, "", 0},
		{"*-1\r\n", resp.Null, "", 0},
		{"*0\r\n", resp.Array, "", 0},
		{"|1\r\n+a\r\n-ERR z\r\n%1\r\n+k\r\n*3\r\n-a\r\n+b\r\n-c\r\n", resp.Map, "", 2},
	} {
		for _, piece := range []int{0, 7, 1000} {
			for _, discard := range []bool{false, true} {
				var out bytes.Buffer
				p := New(&out, Options{})
				src := &pieces{src: resp.NewReader(strings.NewReader(c.wire)), n: piece}
				o, err := p.Print(src, AsReply)
				if discard {
					p = New(&out, Options{})
					src = &pieces{src: resp.NewReader(strings.NewReader(c.wire)), n: piece}
					if o, err = p.Discard(src); p.Buffered() > 0 {
						t.Errorf("%.40q: Discard printed", c.wire)
					}
				}
				if err != nil || o.Kind != c.kind || string(o.Text) != c.text || o.Errors != c.errs ||
					o.IsError() != (c.kind == resp.Error) {
					t.Errorf("%.40q: %v, text of %d bytes, %d errors; %v", c.wire, o.Kind, len(o.Text), o.Errors, err)
				}
			}
		}
	}
}

func TestErrorsElsewhere(t *testing.T) {
	for _, format := range []Format{Human, Raw, CSV, JSON, QuotedJSON} {
		for _, terminal := range []bool{false, true} {
			var out, errs bytes.Buffer
			p := New(&out, Options{Format: format, Errors: &errs, ErrorsTerminal: terminal})
			src := resp.NewReader(strings.NewReader("-ERR \x1b\"x\r\n*1\r\n-ERR inside\r\n"))
			if o, err := p.Print(src, Verbatim); err != nil || !o.IsError() {
				t.Fatalf("%+v, %v", o, err)
			}
			want := "ERR \x1b\"x\n"
			if terminal {
				want = "ERR \\x1b\"x\n"
			}
			if p.Flush(); errs.String() != want || out.Len() > 0 {
				t.Errorf("format %d: errors %q, output %q", format, &errs, &out)
			}
			if o, err := p.Print(src, AsReply); err != nil || o.IsError() || o.Errors != 1 {
				t.Errorf("%+v, %v", o, err)
			}
			if p.Flush(); errs.String() != want || !strings.Contains(out.String(), "ERR inside") {
				t.Errorf("format %d: errors %q, output %q", format, &errs, &out)
			}
		}
	}
}

// A writer that fails after some bytes.
type brokenWriter struct{ left int }

var errBroken = errors.New("broken pipe")

func (w *brokenWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

func TestWriteAndReadErrorsAreTold(t *testing.T) {
	var broken *WriteError
	p := New(&brokenWriter{left: 100}, Options{Format: Raw})
	_, err := p.Print(resp.NewReader(strings.NewReader(many('*', 100000))), AsReply)
	if !errors.As(err, &broken) || !errors.Is(err, errBroken) || err.Error() != "writing output: broken pipe" {
		t.Errorf("printing into a broken pipe: %v", err)
	}
	if err := p.Flush(); !errors.As(err, &broken) {
		t.Errorf("flushing into a broken pipe: %v", err)
	}
	p = New(&brokenWriter{}, Options{})
	p.WriteString("x")
	if err := p.Flush(); !errors.As(err, &broken) {
		t.Errorf("flushing into a broken pipe: %v", err)
	}
	p = New(io.Discard, Options{Errors: &brokenWriter{}})
	if _, err := p.Print(resp.NewReader(strings.NewReader("-ERR\r\n")), AsReply); !errors.As(err, &broken) {
		t.Errorf("printing an error into a broken pipe: %v", err)
	}
	for _, wire := range []string{"", "*2\r\n:1\r\n", "$10\r\nabc", "%1\r\n+k\r\n*1\r\n*1\r\n", "*1\r\n|1\r\n", "~0"} {
		p = New(io.Discard, Options{})
		_, err := p.Print(resp.NewReader(strings.NewReader(wire)), AsReply)
		if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &broken) {
			t.Errorf("%q: %v", wire, err)
		}
	}
	p = New(io.Discard, Options{})
	var protocol *resp.ProtocolError
	if _, err := p.Print(resp.NewReader(strings.NewReader("*1\r\nH")), AsReply); !errors.As(err, &protocol) {
		t.Errorf("garbage: %v", err)
	}
}

// TestPrinterGoesOn prints replies and lines of the program's own one after the other, also behind a
// reply that broke off.
func TestPrinterGoesOn(t *testing.T) {
	var out bytes.Buffer
	p := New(&out, Options{})
	for _, broken := range []string{"*2\r\n%1\r\n+k\r\n*1\r\n", "*2\r\n:1\r\n", "$?\r\n;1\r\nx\r\n"} {
		if _, err := p.Print(resp.NewReader(strings.NewReader(broken)), AsReply); err == nil {
			t.Error("a broken reply is no error")
		}
	}
	p.Flush()
	if want := "1) 1# k\n1) (integer) 1\n\"x"; out.String() != want {
		t.Errorf("of the broken replies %q, want %q", &out, want)
	}
	out.Reset()
	src := resp.NewReader(strings.NewReader("+one\r\n%1\r\n+k\r\n*2\r\n:1\r\n:2\r\n:2\r\n"))
	for range 3 {
		if _, err := p.Print(src, AsReply); err != nil {
			t.Fatal(err)
		}
		p.WriteString("Invalid argument(s)\n")
	}
	p.Flush()
	const line = "Invalid argument(s)\n"
	if want := "one\n" + line + "1# k => \n   1) (integer) 1\n   2) (integer) 2\n" + line + "(integer) 2\n" + line; out.String() != want {
		t.Errorf("got %q, want %q", &out, want)
	}
}

func TestPushInTheMiddle(t *testing.T) {
	wire := "*2\r\n:1\r\n>2\r\n" + bulk("invalidate") + "*1\r\n" + bulk("k") + ":2\r\n"
	if got, want := print(t, Options{}, AsReply, wire), "1) (integer) 1\n2) (integer) 2\n-> invalidate: 'k'\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	var out bytes.Buffer
	p := New(&out, Options{Format: Raw})
	if err := p.PrintPush(resp.Value{Kind: resp.Push, Elems: []resp.Value{{Kind: resp.BulkString, Text: "a"}}}); err != nil {
		t.Fatal(err)
	}
	if p.Flush(); out.String() != "a\n" {
		t.Errorf("between replies: %q", &out)
	}
}

func TestEndlessPushesAreBounded(t *testing.T) {
	p := New(io.Discard, Options{})
	text := strings.Repeat("x", 1000)
	p.busy = true
	for range 5000 {
		p.PrintPush(resp.Value{Kind: resp.Push, Elems: []resp.Value{{Kind: resp.BulkString, Text: text}}})
	}
	if len(p.late) > maxLate || len(p.late) < maxLate/2 {
		t.Errorf("%d bytes are kept", len(p.late))
	}
}

func TestColor(t *testing.T) {
	wire := "*3\r\n:1\r\n-ERR\r\n" + bulk("s")
	colored := print(t, Options{Color: true, Terminal: true}, AsReply, wire)
	plain := print(t, Options{}, AsReply, wire)
	if !strings.Contains(colored, "\x1b[36m(integer) 1\x1b[0m") || !strings.Contains(colored, "\x1b[31m(error) ERR\x1b[0m") {
		t.Errorf("got %q", colored)
	}
	var bare strings.Builder
	for i, part := range strings.Split(colored, "\x1b[") {
		if i > 0 {
			_, part, _ = strings.Cut(part, "m")
		}
		bare.WriteString(part)
	}
	if bare.String() != plain {
		t.Errorf("without its colours %q, want %q", &bare, plain)
	}
	if got := print(t, Options{Format: JSON, Color: true}, AsReply, ":1\r\n"); got != "1\n" {
		t.Errorf("JSON in colour: %q", got)
	}
}

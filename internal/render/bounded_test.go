package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"easycli/internal/resp"
)

// repeated is a stream of head, n times body, and tail, made as it is read.
type repeated struct {
	head, body, tail string
	n                int
	left, block      string
}

func (r *repeated) Read(p []byte) (int, error) {
	for r.left == "" {
		switch {
		case r.head != "":
			r.left, r.head = r.head, ""
		case r.n > 0:
			const block = 32 << 10
			if r.block == "" {
				r.block = strings.Repeat(r.body, 1+block/len(r.body))
			}
			n := min(r.n, len(r.block)/len(r.body))
			r.left = r.block[:n*len(r.body)]
			r.n -= n
		case r.tail != "":
			r.left, r.tail = r.tail, ""
		default:
			return 0, io.EOF
		}
	}
	n := copy(p, r.left)
	r.left = r.left[n:]
	return n, nil
}

// heapWatch is a writer that looks at the heap now and then, and counts.
type heapWatch struct {
	written, calls int64
	peak           uint64
}

func (w *heapWatch) Write(p []byte) (int, error) {
	if w.calls%256 == 0 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		w.peak = max(w.peak, m.HeapAlloc)
	}
	w.calls++
	w.written += int64(len(p))
	return len(p), nil
}

var everyFormat = []Format{Human, Raw, CSV, JSON, QuotedJSON}

// TestMemoryIsBounded prints replies that would not fit into what it allows.
func TestMemoryIsBounded(t *testing.T) {
	if slow {
		t.Skip("too long under the race detector, which has nothing to find here")
	}
	const limit = 8 << 20
	const huge = 16 << 20
	chunk := "0123456789abcde\n"
	for _, c := range []struct {
		name string
		src  repeated
		how  How
	}{
		{"string", repeated{head: fmt.Sprintf("$%d\r\n", huge), body: chunk, n: huge / len(chunk), tail: "\r\n"}, AsReply},
		{"report", repeated{head: fmt.Sprintf("$%d\r\n", huge), body: chunk, n: huge / len(chunk), tail: "\r\n"}, InfoText},
		{"report of one line", repeated{head: fmt.Sprintf("$%d\r\n", huge), body: "a=bc", n: huge / 4, tail: "\r\n"}, ClientLines},
		{"error", repeated{head: "-", body: "0123456789abcdef", n: huge / 16, tail: "\r\n"}, AsReply},
		{"array", repeated{head: "*600000\r\n", body: "$1\r\nx\r\n", n: 600000}, AsReply},
		{"key behind =>", repeated{head: fmt.Sprintf("%%1\r\n+a\r\n%%1\r\n$%d\r\n", huge), body: chunk, n: huge / len(chunk),
			tail: "\r\n:1\r\n"}, AsReply},
		{"aggregate key behind =>", repeated{head: "%1\r\n+a\r\n%1\r\n*600000\r\n", body: ":1\r\n", n: 600000, tail: ":1\r\n"}, AsReply},
	} {
		for _, format := range everyFormat {
			runtime.GC()
			var w heapWatch
			p := New(&w, Options{Format: format})
			src := c.src
			if _, err := p.Print(resp.NewReader(&src), c.how); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			p.Flush()
			if w.peak > limit || w.written < 600000 {
				t.Errorf("%s in format %d: %d bytes printed, heap of %d", c.name, format, w.written, w.peak)
			}
			if cap(p.out.buf) > 256<<10 {
				t.Errorf("%s in format %d: buffer of %d", c.name, format, cap(p.out.buf))
			}
		}
	}
}

// TestDepth prints replies of the greatest depth a reader takes, of shapes that invite to look
// ahead again and again.
func TestDepth(t *testing.T) {
	depth := resp.DefaultMaxDepth
	if slow {
		depth /= 10
	}
	for name, c := range map[string]struct{ body, tail string }{
		"arrays":        {"*1\r\n", ":1\r\n"},
		"maps":          {"%1\r\n+k\r\n", ":1\r\n"},
		"maps as keys":  {"%1\r\n", ":1\r\n" + strings.Repeat(":2\r\n", depth)},
		"sets in maps":  {"%1\r\n+k\r\n~1\r\n", ":1\r\n"},
		"streamed":      {"*?\r\n", ":1\r\n" + strings.Repeat(".\r\n", depth)},
		"keys of chain": {"%1\r\n+k\r\n%1\r\n", ":1\r\n" + strings.Repeat(":2\r\n", depth/2)},
	} {
		n := depth
		if name == "sets in maps" || name == "keys of chain" {
			n /= 2
		}
		for _, format := range everyFormat {
			var w heapWatch
			p := New(&w, Options{Format: format})
			src := repeated{body: c.body, n: n, tail: c.tail}
			if _, err := p.Print(resp.NewReader(&src), AsReply); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			p.Flush()
			if w.peak > 64<<20 || w.written > 1<<20 {
				t.Errorf("%s in format %d: %d bytes printed, heap of %d", name, format, w.written, w.peak)
			}
		}
	}
}

// TestDepthWithNeighbours has two lines on each level, so the indents alone are quadratic; they must
// not be so in memory.
func TestDepthWithNeighbours(t *testing.T) {
	const depth = 3000
	var w heapWatch
	p := New(&w, Options{})
	src := repeated{body: "*2\r\n:0\r\n", n: depth, tail: ":1\r\n"}
	if _, err := p.Print(resp.NewReader(&src), AsReply); err != nil {
		t.Fatal(err)
	}
	p.Flush()
	if w.peak > 16<<20 || w.written < depth*depth {
		t.Errorf("%d bytes printed, heap of %d", w.written, w.peak)
	}
}

// replay yields the same tokens over and over.
type replay struct {
	tokens []resp.Token
	at     int
}

func (r *replay) Next() (resp.Token, error) {
	t := r.tokens[r.at%len(r.tokens)]
	r.at++
	return t, nil
}

func tokens(t testing.TB, wire string) *replay {
	in, r := resp.NewReader(strings.NewReader(wire)), &replay{}
	for {
		tok, err := in.Next()
		if err == io.EOF {
			return r
		}
		if err != nil {
			t.Fatal(err)
		}
		tok.Text = bytes.Clone(tok.Text)
		r.tokens = append(r.tokens, tok)
	}
}

func TestPrintAllocatesNothing(t *testing.T) {
	for _, wire := range []string{
		"+OK\r\n", "-ERR x\r\n", ":42\r\n", bulk("hello \x00\u00e9"), "$-1\r\n", "#t\r\n", ",1.5\r\n", "(12\r\n", "*0\r\n", many('*', 100),
		many('%', 20), many('~', 5), aggregate('%', bulk("k"), aggregate('*', aggregate('*', ":1\r\n"))),
	} {
		for _, format := range everyFormat {
			for _, terminal := range []bool{false, true} {
				p := New(io.Discard, Options{Format: format, Terminal: terminal})
				src := tokens(t, wire)
				printOne := func() {
					if _, err := p.Print(src, AsReply); err != nil {
						t.Fatal(err)
					}
				}
				for range 2000 {
					printOne()
				}
				if n := testing.AllocsPerRun(100, printOne); n != 0 {
					t.Errorf("%.20q in format %d: %v allocations", wire, format, n)
				}
			}
		}
	}
}

// FuzzPrint holds for any bytes: nothing panics, the size of the pieces does not matter, JSON is
// valid, a terminal is safe.
func FuzzPrint(f *testing.F) {
	for _, r := range replies() {
		f.Add([]byte(r.wire), byte(0), 3)
	}
	f.Fuzz(func(t *testing.T, wire []byte, how byte, piece int) {
		for _, format := range everyFormat {
			for _, terminal := range []bool{false, true} {
				o := Options{Format: format, Terminal: terminal}
				whole, wholeErr := fuzzPrint(wire, o, How(how%6), 0)
				cut, cutErr := fuzzPrint(wire, o, How(how%6), max(piece, 1))
				if (wholeErr == nil) != (cutErr == nil) || wholeErr == nil && whole != cut {
					t.Fatalf("whole %q, %v\n cut %q, %v", whole, wholeErr, cut, cutErr)
				}
				if terminal {
					checkSafe(t, whole)
				}
				if wholeErr == nil && format >= JSON && !json.Valid([]byte(whole)) {
					t.Fatalf("%q is no JSON", whole)
				}
			}
		}
	})
}

func fuzzPrint(wire []byte, o Options, how How, piece int) (string, error) {
	var out bytes.Buffer
	p := New(&out, o)
	in := resp.NewReader(bytes.NewReader(wire))
	_, err := p.Print(&pieces{src: in, n: piece}, how)
	p.Flush()
	return out.String(), err
}

func benchmarkPrint(b *testing.B, format Format, wire string) {
	p := New(io.Discard, Options{Format: format})
	src := tokens(b, wire)
	b.SetBytes(int64(len(wire)))
	for b.Loop() {
		if _, err := p.Print(src, AsReply); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStatusRaw(b *testing.B)   { benchmarkPrint(b, Raw, "+OK\r\n") }
func BenchmarkStatusHuman(b *testing.B) { benchmarkPrint(b, Human, "+OK\r\n") }
func BenchmarkArrayHuman(b *testing.B)  { benchmarkPrint(b, Human, many('*', 1000)) }
func BenchmarkArrayJSON(b *testing.B)   { benchmarkPrint(b, JSON, many('*', 1000)) }
func BenchmarkStringHuman(b *testing.B) {
	benchmarkPrint(b, Human, bulk(strings.Repeat("hello world ", 5000)))
}

// TestColumnsAreBounded has every client come with fields of its own: a name is looked for among all columns.
func TestColumnsAreBounded(t *testing.T) {
	var out bytes.Buffer
	p := New(&out, personAt(80, DecodeNothing))
	r := &p.report
	r.begin(ClientLines)
	most := 0
	for i := range 100 {
		for j := range 100 {
			r.part(fmt.Appendf(nil, "c%d=%d ", 100*i+j, j))
		}
		r.lineEnd()
		most = max(most, len(r.rows.heads))
	}
	if most > 2*maxReportWords {
		t.Errorf("%d columns", most)
	}
}

// TestZeroWidthCell has a cell that takes no room, and is printed nevertheless.
func TestZeroWidthCell(t *testing.T) {
	line := "id=1 name=\u0301 x=1\nid=2 name=b x=2\n"
	if got := print(t, personAt(80, DecodeNothing), ClientLines, bulk(line)); !strings.Contains(got, "\u0301") {
		t.Errorf("got %q", got)
	}
}

package render

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"easycli/internal/quote"
	"easycli/internal/resp"
)

// FuzzPerson holds for any bytes: nothing panics, a terminal is safe, the size of the pieces does not
// matter, colours change nothing else, and nothing that was said is left out.
func FuzzPerson(f *testing.F) {
	for i, c := range personCases() {
		f.Add([]byte(c.wire), byte(c.how), byte(20*i), i%5, false)
	}
	for _, r := range replies() {
		f.Add([]byte(r.wire), byte(Pairs), byte(80), 3, true)
	}
	f.Fuzz(func(t *testing.T, wire []byte, how byte, width byte, piece int, decode bool) {
		o := personAt(int(width), DecodeNothing)
		if decode {
			o.Person.Decode = DecodeAuto
		}
		h := How(how) % (lastHow + 1)
		whole, err := fuzzPrint(wire, o, h, 0)
		cut, cutErr := fuzzPrint(wire, o, h, max(piece, 1))
		if (err == nil) != (cutErr == nil) || err == nil && whole != cut {
			t.Fatalf("whole %q, %v\n cut %q, %v", whole, err, cut, cutErr)
		}
		checkSafe(t, whole)
		if err != nil {
			return
		}
		o.Color = true
		if colored, _ := fuzzPrint(wire, o, h, 0); colors.ReplaceAllString(colored, "") != whole {
			t.Fatalf("coloured %q, plain %q", colored, whole)
		}
		v, err := resp.NewReader(bytes.NewReader(wire)).ReadValue()
		if err != nil {
			t.Fatal(err)
		}
		if !decode {
			checkComplete(t, v, h, whole)
		}
	})
}

var colors = regexp.MustCompile(`\x1b\[\d+(;\d+)*m`)

// checkComplete holds that every string of a reply has been printed, escaped for the terminal.
func checkComplete(t *testing.T, v resp.Value, how How, printed string) {
	t.Helper()
	if how.isReport() {
		if v.Kind == resp.BulkString && how != Verbatim {
			checkReport(t, v.Text, how, printed)
		}
		return
	}
	if v.Kind == resp.BulkString {
		line := quote.Terminal{Style: quote.Quoted}
		if want := string(line.Finish(line.Append(nil, []byte(v.Text)))); !strings.Contains(printed, want) {
			t.Fatalf("%q is not in %q", want, printed)
		}
	}
	for _, elem := range v.Elems {
		checkComplete(t, elem, how, printed)
	}
}

// checkReport holds that all words of a report have been printed, but for the times in tables, which
// are dates.
func checkReport(t *testing.T, text string, how How, printed string) {
	t.Helper()
	separators := map[How]string{InfoText: ":", ClientLines: " =", ClientLine: " =", ClusterNodes: " \t\v\f\r\u0085\u00a0"}[how]
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		words := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(separators, r) })
		for i, word := range words {
			if how == ClusterNodes && (i == 4 || i == 5) {
				continue
			}
			if want := safe([]byte(word)); !strings.Contains(printed, want) {
				t.Fatalf("%q is not in %q", want, printed)
			}
		}
	}
}

// TestPersonIsSafe gives hostile bytes in every place of every form.
func TestPersonIsSafe(t *testing.T) {
	evil := everyByte() + "\x1b]0;title\a\u009b31m\u0085\u202eabc\u2066\u200b\ufeff"
	b := bulk(evil)
	line := strings.NewReplacer("\n", "", "\r", "").Replace(evil)
	wires := []string{
		b, "+" + line + "\r\n", "-" + line + "\r\n", verbatim("txt", evil), array(b, b), array(b, b, b), aggregate('%', b, b, "+"+line+"\r\n", b),
		array(array(b, array(b, b)), array(b, array(b, b, b)), b), array(array(integer(1), integer(2), integer(3), array(b, b), b, b)),
		bulk("# " + evil + "\r\n" + evil + ":" + evil + "\r\n"), bulk("id=1 " + evil + "=" + evil + "\nid=2 x=" + evil + "\n"),
		bulk(strings.Repeat(line+" ", 9) + "\n" + evil), array(b, double("1"+line)), array(array(b, double("\x1b")), array(b, double("2"))),
		bulk(`{"` + strings.ReplaceAll(strings.Map(printable, evil), `"`, "") + `":1}`), bulk(gzipped(evil)), bulk(gzipped("[1]" + evil[:1])),
		bulk("a:" + strings.Repeat(line, 3*maxReportLine/len(line)) + "\nb:1\n"), bulk("a=" + strings.Repeat("\x1b ", maxReportWords+1)),
	}
	widths := []int{40, 1, 200}
	if slow {
		widths = widths[:1]
	}
	for _, wire := range wires {
		for how := AsReply; how <= lastHow; how++ {
			for d := DecodeNothing; d <= DecodeMessagePack; d++ {
				if d != DecodeNothing && how != AsReply && how != Pairs {
					continue
				}
				for _, width := range widths {
					printed := printWire(t, way{opts: personAt(width, d), how: how}, wire, len(wire), 7)
					checkSafe(t, printed)
					if !strings.HasSuffix(printed, "\n") {
						t.Errorf("%.40q as %d does not end its line: %q", wire, how, printed)
					}
				}
			}
		}
	}
}

// printable leaves of JSON's strings what they may hold.
func printable(r rune) rune {
	if r < ' ' || r == '\\' {
		return -1
	}
	return r
}

// TestPersonIsOnlyForTerminals prints everything where a person's options mean nothing.
func TestPersonIsOnlyForTerminals(t *testing.T) {
	for _, c := range personCases() {
		for _, w := range ways {
			how := c.how
			if !how.isReport() {
				how = AsReply
			}
			w.how = how
			want := printWire(t, w, c.wire, len(c.wire), 0)
			w.how, w.opts.Person = c.how, &Person{Decode: DecodeAuto}
			if got := printWire(t, w, c.wire, len(c.wire), 0); got != want {
				t.Errorf("%s, %s: got %q, want %q", c.name, w.name, got, want)
			}
			if w.opts.Terminal, w.opts.Person = true, nil; w.opts.Format == Human {
				w.how = how
				want = printWire(t, w, c.wire, len(c.wire), 0)
				if w.how = c.how; printWire(t, w, c.wire, len(c.wire), 0) != want {
					t.Errorf("%s on a terminal without a person: got something else than %q", c.name, want)
				}
			}
		}
	}
}

// readWatch counts what has been read when something is written for the first time.
type readWatch struct {
	io.Reader
	heapWatch
	read, first int64
}

func (w *readWatch) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	w.read += int64(n)
	return n, err
}

func (w *readWatch) Write(p []byte) (int, error) {
	if w.first == 0 {
		w.first = w.read
	}
	return w.heapWatch.Write(p)
}

// TestPersonMemoryIsBounded prints replies that would not fit into what it allows, and begins to print
// before they have come.
func TestPersonMemoryIsBounded(t *testing.T) {
	if slow {
		t.Skip("too long under the race detector, which has nothing to find here")
	}
	const n, limit = 100_000, 10 << 20
	pair := bulk("field") + bulk(strings.Repeat("value ", 20))
	twos := "*2\r\n" + bulk("member") + double("1234.5")
	entry := "*2\r\n" + bulk("1699999990317-0") + "*4\r\n" + pair + pair
	slow := "*6\r\n:1\r\n:2\r\n:3\r\n*2\r\n" + pair + bulk("c") + bulk("n")
	text := func(line string) (string, string) { return fmt.Sprintf("$%d\r\n", n*len(line)), line }
	infoHead, info := text("used_memory:12345\r\n" + strings.Repeat("x", 100) + ":1\r\n")
	clientHead, client := text("id=1 addr=1 name=" + strings.Repeat("x", 100) + " age=100\n")
	nodeHead, node := text("id 127.0.0.1:1@1 master - 0 1 2 connected " + strings.Repeat("1-2 ", 30) + "\n")
	for _, c := range []struct {
		name string
		how  How
		src  repeated
	}{
		{"pairs", Pairs, repeated{head: fmt.Sprintf("*%d\r\n", 2*n), body: pair, n: n}},
		{"pairs-3", Pairs, repeated{head: fmt.Sprintf("%%%d\r\n", n), body: pair, n: n}},
		{"pairs-streamed", AsReply, repeated{head: "%?\r\n", body: pair, n: n, tail: ".\r\n"}},
		{"long value", Pairs, repeated{head: "*2\r\n" + bulk("k") + fmt.Sprintf("$%d\r\n", 20*n), body: strings.Repeat("v", 20), n: n, tail: "\r\n"}},
		{"long key", Pairs, repeated{head: fmt.Sprintf("*2\r\n$%d\r\n", 100*n), body: strings.Repeat("k", 100), n: n, tail: "\r\n:1\r\n"}},
		{"scores", Scored, repeated{head: fmt.Sprintf("*%d\r\n", n), body: twos, n: n}},
		{"entries", Entries, repeated{head: fmt.Sprintf("*%d\r\n", n), body: entry, n: n}},
		{"slow", SlowCommands, repeated{head: fmt.Sprintf("*%d\r\n", n), body: slow, n: n}},
		{"info", InfoText, repeated{head: infoHead, body: info, n: n, tail: "\r\n"}},
		{"clients", ClientLines, repeated{head: clientHead, body: client, n: n, tail: "\r\n"}},
		{"nodes", ClusterNodes, repeated{head: nodeHead, body: node, n: n, tail: "\r\n"}},
		{"many short clients", ClientLines, repeated{head: fmt.Sprintf("$%d\r\n", 20*n), body: "a\n", n: 10 * n, tail: "\r\n"}},
		{"many short facts", InfoText, repeated{head: fmt.Sprintf("$%d\r\n", 30*n), body: "a:\n", n: 10 * n, tail: "\r\n"}},
		{"line", ClientLines, repeated{head: fmt.Sprintf("$%d\r\n", 100*n), body: strings.Repeat("a=1 ", 25), n: n, tail: "\r\n"}},
		{"decoded", AsReply, repeated{head: fmt.Sprintf("*%d\r\n", n), body: bulk(`{"a":[` + strings.Repeat("1,", 50) + `1]}`), n: n}},
	} {
		runtime.GC()
		src, w := c.src, &readWatch{}
		w.Reader = &src
		p := New(w, personAt(100, DecodeAuto))
		if _, err := p.Print(resp.NewReader(w), c.how); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		p.Flush()
		if w.peak > limit || w.written < n {
			t.Errorf("%s: %d bytes printed, heap of %d", c.name, w.written, w.peak)
		}
		if w.first > 600<<10 && c.how != ClientLines { // all clients are the same, which is soon told
			t.Errorf("%s: nothing was printed before %d bytes had come", c.name, w.first)
		}
	}
}

// TestClientsOfManyFields gives each client fields that no other has, which a table has no room for.
func TestClientsOfManyFields(t *testing.T) {
	var text strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&text, "f%d=%d", i, i)
		text.WriteByte(" \n"[max(0, i%200-198)])
	}
	var w heapWatch
	p := New(&w, personAt(100, DecodeNothing))
	if _, err := p.Print(resp.NewReader(strings.NewReader(bulk(text.String()))), ClientLines); err != nil {
		t.Fatal(err)
	}
	if p.Flush(); w.peak > 64<<20 || w.written < int64(text.Len()) {
		t.Errorf("%d bytes printed, heap of %d", w.written, w.peak)
	}
}

// TestPersonAtAnyDepth prints what nests as deep as a reader takes.
func TestPersonAtAnyDepth(t *testing.T) {
	depth := 3000
	if slow {
		depth /= 5
	}
	for name, body := range map[string]string{
		"arrays": "*1\r\n", "twos": "*2\r\n:1\r\n", "maps": "%1\r\n+k\r\n", "maps as keys": "%1\r\n", "streamed": "*?\r\n",
	} {
		tail := ":1\r\n"
		switch name {
		case "maps as keys":
			tail += strings.Repeat(":2\r\n", depth)
		case "streamed":
			tail += strings.Repeat(".\r\n", depth)
		}
		for how := AsReply; how <= lastHow; how++ {
			var w heapWatch
			p := New(&w, personAt(100, DecodeNothing))
			src := repeated{body: body, n: depth, tail: tail}
			if _, err := p.Print(resp.NewReader(&src), how); err != nil {
				t.Fatalf("%s as %d: %v", name, how, err)
			}
			if p.Flush(); w.peak > 64<<20 {
				t.Errorf("%s as %d: heap of %d", name, how, w.peak)
			}
		}
	}
}

// TestPersonAfterABrokenReply goes on as if nothing had been.
func TestPersonAfterABrokenReply(t *testing.T) {
	for _, broken := range []struct {
		wire string
		how  How
	}{
		{"*4\r\n" + bulk("a"), Pairs}, {"*2\r\n*2\r\n" + bulk("a"), Entries}, {"$100\r\nid=1 a=b\nid=", ClientLines},
		{"$100\r\n# Server\r\na:b\r\nc", InfoText}, {"*1\r\n*2\r\n:1\r\n", SlowCommands}, {"$100\r\n{", AsReply},
	} {
		var out bytes.Buffer
		p := New(&out, personAt(100, DecodeAuto))
		if _, err := p.Print(resp.NewReader(strings.NewReader(broken.wire)), broken.how); err == nil {
			t.Errorf("%q is no error", broken.wire)
		}
		p.Flush()
		out.Reset()
		for _, c := range personCases() {
			if _, err := p.Print(resp.NewReader(strings.NewReader(c.wire)), c.how); err != nil {
				t.Fatal(err)
			}
			p.Flush()
			if want := print(t, personAt(100, DecodeAuto), c.how, c.wire); out.String() != want {
				t.Errorf("%s behind %q: got %q, want %q", c.name, broken.wire, &out, want)
			}
			out.Reset()
		}
	}
}

func TestLengthsAndSizes(t *testing.T) {
	for _, c := range []struct {
		m    measure
		n    int64
		want string
	}{
		{lengthSeconds, 59, ""}, {lengthSeconds, 3600, "1h"}, {lengthSeconds, 3601, "1h 1s"}, {lengthSeconds, 86399, "23h 59m 59s"},
		{lengthSeconds, 1 << 62, "146235604338y 280d 7h"}, {lengthMilliseconds, 999, ""}, {lengthMilliseconds, 1000, "1s"},
		{lengthMilliseconds, 59999, "59.9s"}, {lengthMilliseconds, 60000, "1m"}, {lengthMicroseconds, 1500, "1.5ms"},
		{lengthMicroseconds, 90e6, "1m 30s"}, {sizeBytes, 1023, ""}, {sizeBytes, 1024, "1.0 KiB"}, {sizeBytes, 1048575, "1.0 MiB"},
		{sizeBytes, 1 << 62, "4.0 EiB"}, {timeSeconds, 0, ""}, {timeSeconds, 1700000000, "2023-11-14 22:13:20 UTC (now)"},
	} {
		if got := string(c.m.appendReading(nil, c.n, time.Unix(1700000000, 0))); got != c.want {
			t.Errorf("%d of %d: got %q, want %q", c.n, c.m, got, c.want)
		}
	}
}

package render

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"easycli/internal/resp"
)

const goldenDir = "../../testdata/render"

var record = flag.Bool("record", false, "ask the installed redis-cli and write the goldens anew")

// way is one way of printing: redis-cli's arguments for it, and ours.
type way struct {
	name string
	args []string
	tty  bool
	opts Options
	how  How
}

func ptr(s string) *string { return &s }

var ways = []way{
	{name: "human", tty: true},
	{name: "raw", args: []string{"--raw"}, opts: Options{Format: Raw}},
	{name: "delim", args: []string{"--raw", "-d", "|", "-D", ";\n"}, opts: Options{Format: Raw, Delim: ptr("|"), Terminator: ptr(";\n")}},
	{name: "joined", args: []string{"--raw", "-d", "", "-D", ""}, opts: Options{Format: Raw, Delim: ptr(""), Terminator: ptr("")}},
	{name: "csv", args: []string{"--csv"}, opts: Options{Format: CSV}},
	{name: "json", args: []string{"--json"}, opts: Options{Format: JSON}},
	{name: "quoted-json", args: []string{"--quoted-json"}, opts: Options{Format: QuotedJSON}},
	{name: "always-raw", tty: true, how: Verbatim},
}

// command is what redis-cli is told to send: one that it prints raw in every format, or any other.
func (w *way) command() string {
	if w.how == Verbatim {
		return "INFO"
	}
	return "X"
}

const died = "died"

// golden is a file of testdata: what stood on the wire, and what was printed for it.
type golden struct {
	wire    string
	printed map[string]string // by the name of the way; died if redis-cli ended with an error
}

// A golden's file has a field a line, its text quoted as in Go; a line that begins with a blank
// continues the field before.
func (g *golden) format(version string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n", version)
	field := func(name, text string) {
		if text == died {
			fmt.Fprintf(&b, "%-12s%s\n", name, died)
			return
		}
		for i, line := range strings.SplitAfter(text, "\n") {
			if i == 0 {
				fmt.Fprintf(&b, "%-12s%s\n", name, strconv.QuoteToASCII(line))
			} else if line != "" {
				fmt.Fprintf(&b, "%-12s%s\n", "", strconv.QuoteToASCII(line))
			}
		}
	}
	field("wire", g.wire)
	for _, w := range ways {
		field(w.name, g.printed[w.name])
	}
	return b.Bytes()
}

// parseFields reads such fields.
func parseFields(t *testing.T, text string) map[string]string {
	t.Helper()
	fields, name := map[string]string{}, ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		rest := line
		if line[0] != ' ' {
			name, rest, _ = strings.Cut(line, " ")
		}
		rest = strings.TrimSpace(rest)
		if rest == died {
			fields[name] = died
			continue
		}
		part, err := strconv.Unquote(rest)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		fields[name] += part
	}
	return fields
}

func loadGoldens(t *testing.T) map[string]golden {
	files, err := filepath.Glob(filepath.Join(goldenDir, "*.reply"))
	if err != nil || len(files) < 60 {
		t.Fatalf("%d goldens: %v", len(files), err)
	}
	all := map[string]golden{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fields := parseFields(t, string(text))
		all[strings.TrimSuffix(filepath.Base(file), ".reply")] = golden{wire: fields["wire"], printed: fields}
	}
	return all
}

// loadExceptions reads where we print something else than redis-cli. The file has a paragraph for
// each: the reply's name, comments with the reason, and the fields that differ.
func loadExceptions(t *testing.T) map[string]map[string]string {
	text, err := os.ReadFile(filepath.Join(goldenDir, "exceptions"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]string{}
	for paragraph := range strings.SplitSeq(string(text), "\n\n") {
		paragraph = strings.Trim(paragraph, "\n")
		first, rest, _ := strings.Cut(paragraph, "\n")
		name, ok := strings.CutPrefix(first, "reply ")
		if !ok {
			continue
		}
		if !strings.Contains(rest, "#") {
			t.Errorf("exception %s has no reason", name)
		}
		if all[name] != nil {
			t.Errorf("exception %s stands there twice", name)
		}
		all[name] = parseFields(t, rest)
	}
	return all
}

func TestGolden(t *testing.T) {
	if *record {
		recordGoldens(t)
	}
	goldens, exceptions := loadGoldens(t), loadExceptions(t)
	for _, r := range replies() {
		if goldens[r.name].wire != r.wire {
			t.Errorf("%s: not recorded, or another reply of that name", r.name)
		}
	}
	if len(goldens) != len(replies()) {
		t.Errorf("%d goldens of %d replies", len(goldens), len(replies()))
	}
	for name, g := range goldens {
		t.Run(name, func(t *testing.T) {
			for _, w := range ways {
				want := g.printed[w.name]
				if own, ok := exceptions[name][w.name]; ok {
					if own == want {
						t.Errorf("%s is no exception: redis-cli prints the same", w.name)
					}
					want = own
				}
				checkEveryPath(t, w, g.wire, want)
			}
		})
	}
	for name := range exceptions {
		if _, ok := goldens[name]; !ok {
			t.Errorf("exception %s is about no reply", name)
		}
	}
}

// checkEveryPath prints a reply as it comes from the wire in pieces, as tokens in pieces, and from a
// tree.
func checkEveryPath(t *testing.T, w way, wire, want string) {
	t.Helper()
	for _, chunk := range []int{1, 7, len(wire)} {
		if got := printWire(t, w, wire, chunk, 0); got != want {
			t.Errorf("%s in chunks of %d:\n got %q\nwant %q", w.name, chunk, got, want)
			return
		}
	}
	for _, piece := range []int{1, 2, 5} {
		if got := printWire(t, w, wire, len(wire), piece); got != want {
			t.Errorf("%s in tokens of %d bytes:\n got %q\nwant %q", w.name, piece, got, want)
			return
		}
	}
	if got := printTree(t, w, wire); got != want {
		t.Errorf("%s from a tree:\n got %q\nwant %q", w.name, got, want)
	}
}

// chunked hands out at most n bytes at a time.
type chunked struct {
	src io.Reader
	n   int
}

func (c *chunked) Read(p []byte) (int, error) { return c.src.Read(p[:min(len(p), max(c.n, 1))]) }

// pieces cuts the texts of tokens into pieces, as a reader does with long ones.
type pieces struct {
	src  resp.Source
	n    int
	tok  resp.Token
	left []byte
	more bool
}

func (s *pieces) Next() (resp.Token, error) {
	if s.n == 0 {
		return s.src.Next()
	}
	if len(s.left) == 0 {
		tok, err := s.src.Next()
		// A number of a few bytes comes whole from any reader.
		if err != nil || len(tok.Text) <= s.n || tok.Kind == resp.Double || tok.Kind == resp.BigNumber {
			return tok, err
		}
		s.tok, s.left, s.more = tok, tok.Text, tok.More
	}
	tok := s.tok
	n := min(s.n, len(s.left))
	// A copy of its own, as good as a buffer that is overwritten by the next call.
	tok.Text = append([]byte(nil), s.left[:n]...)
	s.left = s.left[n:]
	tok.More = s.more || len(s.left) > 0
	return tok, nil
}

func printWire(t *testing.T, w way, wire string, chunk, piece int) string {
	t.Helper()
	var out bytes.Buffer
	p := New(&out, w.opts)
	in := resp.NewReader(&chunked{src: strings.NewReader(wire), n: chunk})
	in.OnPush = func(v resp.Value) {
		if err := p.PrintPush(v); err != nil {
			t.Error(err)
		}
	}
	if _, err := p.Print(&pieces{src: in, n: piece}, w.how); err != nil {
		t.Fatal(err)
	}
	if in.Depth() != 0 {
		t.Errorf("left inside the reply: %d", in.Depth())
	}
	if _, err := in.Next(); err != io.EOF {
		t.Errorf("behind the reply: %v", err)
	}
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func printTree(t *testing.T, w way, wire string) string {
	t.Helper()
	var out bytes.Buffer
	p := New(&out, w.opts)
	in := resp.NewReader(strings.NewReader(wire))
	in.OnPush = func(v resp.Value) { p.PrintPush(v) }
	v, err := in.ReadValue()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Print(v.Tokens(), w.how); err != nil {
		t.Fatal(err)
	}
	p.Flush()
	return out.String()
}

package quote

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// What the real redis-cli made of lines and arguments, recorded by `go test -run Golden -record`.
//
// The file has one case a line, fields apart by tabs, bytes as Go writes them: where the text
// stood ("line" of a piped script, or "arg" under --quoted-input), the text, "ok" or "refused",
// what redis-cli shows in double quotes for the last word, and all words as the server got them.
const corpus = "../../testdata/quote/redis-cli.tsv"

var record = flag.Bool("record", false, "ask the installed redis-cli and write the corpus anew")

func TestGoldenRedisCLI(t *testing.T) {
	if *record {
		recordCorpus(t)
	}
	file, err := os.Open(corpus)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	cases, lines := 0, bufio.NewScanner(file)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		if strings.HasPrefix(fields[0], "#") {
			continue
		}
		cases++
		checkCase(t, fields)
	}
	if err := lines.Err(); err != nil || cases < 1000 {
		t.Errorf("%d cases read: %v", cases, err)
	}
}

func checkCase(t *testing.T, fields []string) {
	text := unquoteField(t, fields[1])
	var got []string
	var ok bool
	if fields[0] == "arg" {
		var word []byte
		word, ok = Unquote([]byte(text))
		got = []string{string(word)}
	} else {
		words, err := Split([]byte(text), nil)
		got, ok = texts(words), err == nil
	}
	if ok != (fields[2] == "ok") {
		t.Errorf("%s %q: accepted is %v, redis-cli says %s", fields[0], text, ok, fields[2])
	}
	if !ok {
		return
	}
	var want []string
	for _, f := range fields[4:] {
		want = append(want, unquoteField(t, f))
	}
	if !equal(got, want) {
		t.Errorf("%s %q: words %q, redis-cli sends %q", fields[0], text, got, want)
	}
	if shown := unquoteField(t, fields[3]); len(got) > 0 && string(Append(nil, got[len(got)-1])) != shown {
		t.Errorf("%q is shown as %s, redis-cli shows %s", got[len(got)-1], Append(nil, got[len(got)-1]), shown)
	}
}

func unquoteField(t *testing.T, field string) string {
	t.Helper()
	text, err := strconv.Unquote(field)
	if err != nil {
		t.Fatalf("field %s: %v", field, err)
	}
	return text
}

// scriptLines are the lines put to redis-cli. They hold no newline and no NUL, which end a line or
// a C string there.
func scriptLines() []string {
	lines := []string{
		``, ` `, `a`, ` a  b `, `"a b" 'c d'`, `""`, `''`, `x""`, `x''`, `""x`, `"a"b`, `'a'b`, `"a"'b'`,
		`abc"def"`, `abc"def"ghi`, `abc'd e'`, `"`, `'`, `a"`, `a'`, `"\"`, `'\'`, `"\`, `'\`, `\`, `a\ b`,
		`\x41`, `"\x41\x4a\x4A\xff\x00"`, `"\x4"`, `"\xg1"`, `"\x1g"`, `"\X41"`, `"\n\r\t\b\a\v\f\0\e\1"`,
		`'\n\\\''`, `'it\'s'`, `"it's"`, `'say "hi"'`, `"say \"hi\""`, `"a\\b"`, `# comment`, `a;b|c $d`,
		"a\vb\fc", "\v\fa", "a \v b", "\"a\"\v\"b\"\f'c'", "\"a\"\rb", "a\rb\r", "a\tb", "caf\xc3\xa9 \"\xff\xfe\" '\xc3'",
		"\"\x01\x1b\x7f\x80\" \x01\x1b\x7f", `"\u00e9"`, `"multi"  "words" here`, `{"json":"x"}`, `'{"json":"x"}'`,
	}
	var all []byte
	for c := 1; c < 256; c++ {
		if c != '\n' {
			all = append(all, byte(c))
		}
	}
	for _, c := range all {
		lines = append(lines, `"`+fmt.Sprintf(`\x%02x`, c)+`"`)
		lines = append(lines, `"\`+string([]byte{c})+`"`, `a`+string([]byte{c})+`b`, `"z"`+string([]byte{c})+`y`)
	}
	r := rand.New(rand.NewPCG(7, 8))
	const alphabet = "\"\"''\\\\  \t\v\f\rnxXrtba041fF\xc3z"
	for range 1200 {
		line := make([]byte, 1+r.IntN(14))
		for i := range line {
			line[i] = alphabet[r.IntN(len(alphabet))]
		}
		lines = append(lines, string(line))
	}
	return lines
}

func recordCorpus(t *testing.T) {
	peer := listen(t)
	lines := scriptLines()
	var out bytes.Buffer
	version, err := exec.Command("redis-cli", "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&out, "# recorded from %s", version)

	// A first word keeps redis-cli from taking the line for one of its own commands.
	script := "X " + strings.Join(lines, "\nX ") + "\n"
	shown := strings.Split(strings.TrimSuffix(runCLI(t, peer, script), "\n"), "\n")
	if len(shown) != len(lines) {
		t.Fatalf("%d answers to %d lines", len(shown), len(lines))
	}
	for i, line := range lines {
		if shown[i] == "Invalid argument(s)" {
			writeCase(&out, "line", line, "refused", "", nil)
			continue
		}
		writeCase(&out, "line", line, "ok", shown[i], (<-peer.requests)[1:])
	}
	for i, arg := range append(lines[:120:120], "a\nb", "\"a\nb\"", "'a\nb'", "a\n") {
		if i > 60 && i < 120 && i%3 != 0 {
			continue
		}
		said := strings.TrimSuffix(runCLI(t, peer, "", "--quoted-input", "X", arg), "\n")
		if said == "Invalid quoted string" {
			writeCase(&out, "arg", arg, "refused", "", nil)
			continue
		}
		writeCase(&out, "arg", arg, "ok", said, (<-peer.requests)[1:])
	}
	if err := os.WriteFile(corpus, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func writeCase(out *bytes.Buffer, where, text, verdict, shown string, words []string) {
	fmt.Fprintf(out, "%s\t%s\t%s\t%s", where, strconv.QuoteToASCII(text), verdict, strconv.QuoteToASCII(shown))
	for _, w := range words {
		fmt.Fprintf(out, "\t%s", strconv.QuoteToASCII(w))
	}
	out.WriteByte('\n')
}

func runCLI(t *testing.T, p *peer, stdin string, args ...string) string {
	t.Helper()
	_, port, _ := net.SplitHostPort(p.listener.Addr().String())
	cmd := exec.Command("redis-cli", append([]string{"-p", port}, args...)...)
	cmd.Env = append(os.Environ(), "FAKETTY=1")
	cmd.Stdin = strings.NewReader(stdin)
	said, err := cmd.Output()
	if err != nil && len(said) == 0 {
		t.Fatalf("redis-cli %q: %v", args, err)
	}
	return string(said)
}

// peer takes requests and answers each with its last word, so that redis-cli shows how it quotes it.
type peer struct {
	listener net.Listener
	requests chan []string
}

func listen(t *testing.T) *peer {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	p := &peer{listener: l, requests: make(chan []string, 10000)}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(conn)
		}
	}()
	return p
}

// serve ends when the client hangs up.
func (p *peer) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		argv, err := readRequest(in)
		if err != nil {
			return
		}
		if argv[0] != "X" { // redis-cli's own request for COMMAND DOCS
			io.WriteString(conn, "-ERR none\r\n")
			continue
		}
		last := argv[len(argv)-1]
		p.requests <- argv
		fmt.Fprintf(conn, "$%d\r\n%s\r\n", len(last), last)
	}
}

func readRequest(in *bufio.Reader) ([]string, error) {
	var n int
	if _, err := fmt.Fscanf(in, "*%d\r\n", &n); err != nil {
		return nil, err
	}
	argv := make([]string, n)
	for i := range argv {
		var size int
		if _, err := fmt.Fscanf(in, "$%d\r\n", &size); err != nil {
			return nil, err
		}
		word := make([]byte, size+2)
		if _, err := io.ReadFull(in, word); err != nil {
			return nil, err
		}
		argv[i] = string(word[:size])
	}
	return argv, nil
}

package render

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"easycli/internal/resp"
	"easycli/internal/resptest"
)

// TestDifferential prints random replies and holds them against what the installed redis-cli prints.
func TestDifferential(t *testing.T) {
	redisCLI := resptest.RedisCLI(t)
	const replies = 400
	for i, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			r := &randomReply{Rand: rand.New(rand.NewPCG(uint64(i), 17)), format: w.opts.Format}
			wires := make([]string, replies)
			for i := range wires {
				wires[i] = r.value(4)
			}
			want := askAll(t, redisCLI, wires, w)
			var got bytes.Buffer
			p := New(&got, w.opts)
			in := resp.NewReader(strings.NewReader(strings.Join(wires, "")))
			for i := range wires {
				start := got.Len()
				if _, err := p.Print(in, w.how); err != nil {
					t.Fatal(err)
				}
				p.Flush()
				part := got.Bytes()[start:]
				if !bytes.HasPrefix(want, part) {
					t.Fatalf("reply %d, %q:\n got %q\nwant %q", i, wires[i], part, want[:min(len(want), len(part)+40)])
				}
				want = want[len(part):]
			}
			if len(want) > 0 {
				t.Errorf("redis-cli prints more: %q", want)
			}
		})
	}
}

// randomReply makes replies of all that redis-cli can read, and prints as it should in that format.
type randomReply struct {
	*rand.Rand
	format Format
}

func (r *randomReply) value(depth int) string {
	if depth > 0 && r.IntN(3) > 0 {
		n := r.IntN(4)
		if r.IntN(8) == 0 {
			n = 8 + r.IntN(4)
		}
		wire := "**~%%"[r.IntN(5)]
		var b strings.Builder
		fmt.Fprintf(&b, "%c%d\r\n", wire, n)
		for range n {
			if wire == '%' {
				b.WriteString(r.key(depth - 1))
			}
			b.WriteString(r.value(depth - 1))
		}
		return b.String()
	}
	return r.scalar()
}

// key is a value that redis-cli's JSON can have for a key.
func (r *randomReply) key(depth int) string {
	if r.format == JSON || r.format == QuotedJSON {
		return r.scalar()
	}
	return r.value(depth / 2)
}

func (r *randomReply) scalar() string {
	switch r.IntN(9) {
	case 0:
		return "+" + strings.NewReplacer("\n", "", "\r", "", "\x00", "").Replace(r.text()) + "\r\n"
	case 1:
		if r.format != JSON && r.format != QuotedJSON {
			return "-ERR " + strings.NewReplacer("\n", "", "\r", "", "\x00", "").Replace(r.text()) + "\r\n"
		}
		return "_\r\n"
	case 2:
		return fmt.Sprintf(":%d\r\n", int64(r.Uint64())>>r.IntN(64))
	case 3:
		return "$-1\r\n"
	case 4:
		return fmt.Sprintf(",%g\r\n", r.NormFloat64()*1e3)
	case 5:
		return "#" + []string{"t", "f"}[r.IntN(2)] + "\r\n"
	case 6:
		return verbatim("txt", r.text())
	}
	return bulk(r.text())
}

func (r *randomReply) text() string {
	alphabet := []string{"a", "b", " ", "'", "\\", "\n", "\r", "\t", "\a", "\x00", "\x1b", "\x7f", "/", "\u00e9", "\U0001f600"}
	switch r.format {
	case JSON:
		alphabet = append(alphabet, `"`)
	case Human, Raw, CSV:
		alphabet = append(alphabet, `"`, "\xff", "\xc3")
	}
	var b strings.Builder
	for range r.IntN(6) {
		b.WriteString(alphabet[r.IntN(len(alphabet))])
	}
	return b.String()
}

// askAll has redis-cli send a command for each reply, and returns all that it prints.
func askAll(t *testing.T, redisCLI string, wires []string, w way) []byte {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		answer(conn, func(first string) string {
			if first != w.command() { // its own request for COMMAND DOCS
				return "-ERR none\r\n"
			}
			wire := wires[0]
			wires = wires[1:]
			return wire
		})
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	cmd := exec.CommandContext(t.Context(), redisCLI, append([]string{"-p", port}, w.args...)...)
	cmd.Stdin = strings.NewReader(strings.Repeat(w.command()+"\n", len(wires)))
	cmd.Env = os.Environ()
	if w.tty {
		cmd.Env = append(cmd.Env, "FAKETTY=1")
	}
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil || errs.Len() > 0 {
		t.Fatalf("redis-cli: %v, %s", err, errs.String())
	}
	return out
}

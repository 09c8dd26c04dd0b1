//go:build linux

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"easycli/internal/resptest"
)

// soak reports whether the tests may take minutes and gigabytes (make soak).
func soak() bool { return os.Getenv("EASYCLI_SOAK") == "1" }

// scale is a number for the normal run, or the one for make soak.
func scale(normal, soaking int) int {
	if soak() {
		return soaking
	}
	return normal
}

// maxResident is what easycli may need, whatever it is given.
const maxResident = 64 << 20

// weigh runs the program, and fails if it needs more memory than it may or does not end well.
func weigh(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	start := time.Now()
	var errs bytes.Buffer
	cmd.Stderr = &errs
	r := resptest.Run(t, cmd)
	t.Logf("%.2f s, %d MiB", time.Since(start).Seconds(), r.MaxRSS>>20)
	if r.Exit != 0 || errs.Len() > 0 {
		t.Fatalf("exit status %d: %s", r.Exit, errs.String())
	}
	if r.MaxRSS > max(maxResident, r.RSSFloor) {
		t.Errorf("%d MiB of memory, %d are allowed", r.MaxRSS>>20, maxResident>>20)
	}
}

// counter counts what is written to it, and lines.
type counter struct{ bytes, lines int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.bytes += int64(len(p))
	c.lines += int64(bytes.Count(p, []byte("\n")))
	return len(p), nil
}

// T150, T151: a value of any size is printed in a bounded memory, in every format.
func TestALargeValueNeedsNoMemory(t *testing.T) {
	server, binary := resptest.Server(t), resptest.Build(t)
	size := scale(96<<20, 512<<20)
	server.Do("SETRANGE", "k", fmt.Sprint(size-1), "x")
	for format, want := range map[string]int64{
		"--raw": int64(size) + 1, "--no-raw": int64(size-1)*4 + 1 + 3, "--csv": int64(size-1)*4 + 1 + 3,
		"--json": int64(size-1)*6 + 1 + 3,
	} {
		t.Run(format, func(t *testing.T) {
			cmd := exec.Command(binary, append(at(t, server.Addr), format, "GET", "k")...)
			out, err := os.Create(filepath.Join(t.TempDir(), "out"))
			if err != nil {
				t.Fatal(err)
			}
			defer out.Close()
			cmd.Stdout = out
			weigh(t, cmd)
			if info, _ := out.Stat(); info.Size() != want {
				t.Errorf("%d bytes, want %d", info.Size(), want)
			}
		})
	}
}

// T152: so is an aggregate of any length.
func TestALongListNeedsNoMemory(t *testing.T) {
	server, binary := resptest.Server(t), resptest.Build(t)
	n := scale(500_000, 10_000_000)
	server.Do("EVAL", "for i=1,ARGV[1]/100 do redis.call('RPUSH','l',"+strings.Repeat("'element',", 99)+"'element') end", "0", fmt.Sprint(n))
	for _, format := range []string{"--raw", "--no-raw", "--csv", "--json"} {
		t.Run(format, func(t *testing.T) {
			cmd := exec.Command(binary, append(at(t, server.Addr), format, "LRANGE", "l", "0", "-1")...)
			var out counter
			cmd.Stdout = &out
			weigh(t, cmd)
			if lines := int64(n); format == "--raw" || format == "--no-raw" {
				if out.lines != lines {
					t.Errorf("%d lines, want %d", out.lines, lines)
				}
			} else if out.lines != 1 || out.bytes < lines*9 {
				t.Errorf("%+v", out)
			}
		})
	}
}

// repeated is a text many times over.
type repeated struct {
	text string
	left int
	rest string
}

func (r *repeated) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if r.rest == "" {
			if r.left == 0 {
				break
			}
			r.rest, r.left = r.text, r.left-1
		}
		k := copy(p[n:], r.rest)
		r.rest, n = r.rest[k:], n+k
	}
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// load runs --pipe with something on stdin, and wants it to end well with this last line.
func load(t *testing.T, server *resptest.Redis, in io.Reader, lastLine string) {
	t.Helper()
	cmd := exec.Command(resptest.Build(t), append(at(t, server.Addr), "--pipe")...)
	var out bytes.Buffer
	cmd.Stdin, cmd.Stdout = in, &out
	weigh(t, cmd)
	if !strings.HasSuffix(out.String(), "\n"+lastLine+"\n") {
		t.Errorf("stdout %q, want %q at its end", out.String(), lastLine)
	}
}

// T120: any number of commands.
func TestALongLoadNeedsNoMemory(t *testing.T) {
	server := resptest.Server(t)
	n := scale(500_000, 10_000_000)
	for _, command := range []string{"INCR n\r\n", resptest.Command("INCR", "n")} {
		server.Do("FLUSHALL")
		load(t, server, &repeated{text: command, left: n}, fmt.Sprintf("errors: 0, replies: %d", n))
		if got := server.Do("GET", "n"); got != fmt.Sprint(n) {
			t.Errorf("%s commands were carried out, want %d", got, n)
		}
	}
}

// T121: a command of any size, up to what a server takes.
func TestALargeCommandNeedsNoMemory(t *testing.T) {
	server := resptest.Server(t)
	size := scale(96<<20, 512<<20)
	head := fmt.Sprintf("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$%d\r\n", size)
	in := io.MultiReader(strings.NewReader(head), &repeated{text: strings.Repeat("x", 1<<20), left: size >> 20},
		strings.NewReader("\r\n"+resptest.Command("STRLEN", "k")))
	load(t, server, in, "errors: 0, replies: 2")
	if got := server.Do("STRLEN", "k"); got != fmt.Sprint(size) {
		t.Errorf("the value has %s bytes, want %d", got, size)
	}
}

// T121: one byte more than a server takes is refused with its place, before anything of it is sent.
func TestACommandThatIsTooLargeIsRefused(t *testing.T) {
	server, binary := resptest.Server(t), resptest.Build(t)
	in := resptest.Command("SET", "a", "1") + "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870913\r\nxxxx"
	r := resptest.Exec(t, binary, append(at(t, server.Addr), "--pipe"), in)
	if r.Exit != int(exitInput) || !strings.Contains(r.Stderr, "command 2, byte 27") {
		t.Errorf("%+v", r)
	}
	if got := server.Do("DBSIZE"); got != "1" {
		t.Errorf("%s keys, want 1", got)
	}
}

// T140: replies that nobody wants are skipped without being held.
func TestLargeRepliesOfALoadNeedNoMemory(t *testing.T) {
	server := resptest.Server(t)
	server.Do("SET", "k", strings.Repeat("v", 1<<20))
	n := scale(300, 20_000)
	load(t, server, &repeated{text: "GET k\r\n", left: n}, fmt.Sprintf("errors: 0, replies: %d", n))
}

// A script of any length, with one more reply that is large.
func TestALongScriptNeedsNoMemory(t *testing.T) {
	server, binary := resptest.Server(t), resptest.Build(t)
	n := scale(300_000, 5_000_000)
	cmd := exec.Command(binary, at(t, server.Addr)...)
	var out counter
	cmd.Stdin, cmd.Stdout = &repeated{text: "INCR n\n", left: n}, &out
	weigh(t, cmd)
	if out.lines != int64(n) {
		t.Errorf("%d lines, want %d", out.lines, n)
	}
}

//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"easycli/internal/resptest"
)

// soaking says that the tests which take minutes are wanted.
var soaking = os.Getenv("EASYCLI_SOAK") == "1"

// loader is a load that runs as a process of its own.
type loader struct {
	t        *testing.T
	cmd      *exec.Cmd
	in       io.WriteCloser
	out, err bytes.Buffer
}

// startLoad starts easycli --pipe with a pipe as its stdin.
func startLoad(t *testing.T, addr string, args ...string) *loader {
	t.Helper()
	l := &loader{t: t, cmd: exec.Command(resptest.Build(t), append(at(t, addr), append(args, "--pipe")...)...)}
	l.cmd.Stdout, l.cmd.Stderr = &l.out, &l.err
	var err error
	if l.in, err = l.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := l.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return l
}

// feed writes that text again and again until the load reads no more.
func (l *loader) feed(text string) {
	piece := []byte(strings.Repeat(text, 1+32<<10/len(text)))
	go func() {
		for {
			if _, err := l.in.Write(piece); err != nil {
				return
			}
		}
	}()
}

// end waits for the end of the load: its status, and the replies that its last line counts.
func (l *loader) end() (status, replies int) {
	l.t.Helper()
	status = exitOf(l.t, l.cmd)
	l.in.Close()
	last := regexp.MustCompile(`errors: \d+, replies: (\d+)\n$`).FindStringSubmatch(l.out.String())
	if last == nil {
		l.t.Fatalf("status %d, no last line in %q\n%s", status, &l.out, &l.err)
	}
	replies, _ = strconv.Atoi(last[1])
	return status, replies
}

// atLeast waits until a counter on the server has come so far.
func atLeast(t *testing.T, s *resptest.Redis, key string, n int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); countOf(s, key) < n; {
		if time.Now().After(deadline) {
			t.Fatalf("%s does not reach %d", key, n)
		}
		time.Sleep(time.Millisecond)
	}
}

func countOf(s *resptest.Redis, key string) int {
	n, _ := strconv.Atoi(s.Do("GET", key))
	return n
}

func TestALoadThatIsInterruptedCountsExactly(t *testing.T) { // T133
	s := resptest.Shared(t)
	signals := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}
	moments := 6
	if soaking {
		moments = 50
	}
	for i := range moments {
		key, sig := fmt.Sprint("signalled:", i), signals[i%len(signals)]
		l := startLoad(t, s.Addr)
		l.feed("INCR " + key + "\n")
		atLeast(t, s, key, 1+rand.IntN(100_000))
		l.cmd.Process.Signal(sig)
		status, replies := l.end()
		if status != 128+int(sig) || replies != countOf(s, key) {
			t.Errorf("%v: status %d, %d replies, counter %d\n%s", sig, status, replies, countOf(s, key), &l.err)
		}
		if want := fmt.Sprintf("sent %d, acknowledged %d (0 errors), not sent from %d ", replies, replies, replies+1); !strings.Contains(l.err.String(), want) {
			t.Errorf("no %q in %s", want, &l.err)
		}
	}
}

func TestTheSecondSignalEndsALoadAtOnce(t *testing.T) { // T133
	reached := make(chan bool)
	silent := resptest.Peer(t, func(c *resptest.PeerConn) {
		c.Next()
		close(reached)
		c.Swallow()
	})
	l := startLoad(t, silent.Addr)
	l.feed("INCR n\n")
	<-reached
	begun := time.Now()
	l.cmd.Process.Signal(syscall.SIGINT)
	time.Sleep(20 * time.Millisecond) // signals of one moment have no order
	l.cmd.Process.Signal(syscall.SIGTERM)
	status, replies := l.end()
	waited := time.Since(begun)
	if status != 130 || waited > 4*time.Second || !strings.Contains(l.err.String(), fmt.Sprintf("in doubt %d-", replies+1)) {
		t.Errorf("status %d after %v\n%s", status, waited, &l.err)
	}
}

func TestALoadIntoAServerThatGoesAway(t *testing.T) { // T132
	for name, c := range map[string]struct {
		end  func(*resptest.Redis)
		want string
	}{
		"killed":  {func(s *resptest.Redis) { s.Stop(syscall.SIGKILL) }, "connection lost"},
		"ended":   {func(s *resptest.Redis) { s.Stop(syscall.SIGTERM) }, "connection lost"},
		"stopped": {func(s *resptest.Redis) { s.Signal(syscall.SIGSTOP) }, "no replies for 500ms"},
	} {
		s := resptest.Server(t)
		l := startLoad(t, s.Addr, "--pipe-timeout", "0.5")
		l.feed("INCR n\n")
		atLeast(t, s, "n", 1000)
		c.end(s)
		status, replies := l.end()
		if status != int(exitLost) || replies < 1 || !strings.Contains(l.err.String(), c.want) ||
			!strings.Contains(l.err.String(), "not sent from ") {
			t.Errorf("%s: status %d, %d replies\n%s", name, status, replies, &l.err)
		}
		if name == "stopped" {
			s.Signal(syscall.SIGCONT)
		}
	}
}

func TestALoadWhoseReportNobodyTakes(t *testing.T) { // T134
	s, binary := resptest.Shared(t), resptest.Build(t)
	load := "exec " + binary + " " + strings.Join(at(t, s.Addr), " ") + " --pipe"
	for i, c := range []struct {
		shell, in string
		want      int
	}{
		{load + " > /dev/full", "", 6},
		{load + " >&-", "", 0}, // the runtime puts /dev/null there
		{load + " 2>/dev/full", "NOSUCH\n", 6},
		{load + " 2>&-", "NOSUCH\n", 1},
	} {
		if _, err := os.Stat("/dev/full"); err != nil && strings.Contains(c.shell, "full") {
			continue
		}
		key := fmt.Sprint("nobody:", i)
		got := resptest.Exec(t, "/bin/sh", []string{"-c", c.shell}, strings.Repeat("INCR "+key+"\n", 1000)+c.in)
		if got.Exit != c.want || countOf(s, key) != 1000 {
			t.Errorf("%s: %+v, counter %d", c.shell, got, countOf(s, key))
		}
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	defer w.Close()
	cmd := exec.Command(binary, append(at(t, s.Addr), "--pipe")...)
	cmd.Stdin, cmd.Stdout = strings.NewReader(strings.Repeat("INCR nobody:head\n", 1000)), w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if status := exitOf(t, cmd); status != int(exitOutput) || countOf(s, "nobody:head") != 1000 {
		t.Errorf("a closed pipe: status %d, counter %d", status, countOf(s, "nobody:head"))
	}
}

// The clock runs while a reply is due, not while the input is slow.
func TestSlowInputIsNoTimeout(t *testing.T) { // T136
	s := resptest.Shared(t)
	l := startLoad(t, s.Addr, "--pipe-timeout", "0.2")
	for i := range 3 {
		io.WriteString(l.in, "INCR slowly\nINCR slo")
		atLeast(t, s, "slowly", 2*i+1)
		time.Sleep(300 * time.Millisecond)
		io.WriteString(l.in, "wly\n")
		atLeast(t, s, "slowly", 2*i+2)
	}
	l.in.Close()
	if status, replies := l.end(); status != 0 || replies != 6 {
		t.Errorf("status %d, %d replies\n%s", status, replies, &l.err)
	}
}

func TestInputThatIsNone(t *testing.T) { // T122, T136
	s, binary := resptest.Shared(t), resptest.Build(t)
	load := "exec " + binary + " " + strings.Join(at(t, s.Addr), " ") + " --pipe"
	for shell, want := range map[string]string{
		load + " < /": "reading the input: stdin: is a directory",
		`printf '*2\r\n$4\r\nINCR\r\n$4\r\nnone\r\n*2\r\n$4\r\nINCR\r\n$4\r\nno' | (` + load + `)`: "command 2, byte 24: the input ends inside this command",
		"head -c 4000 " + binary + " | (" + load + ")":                                             "this is a program, not commands",
	} {
		if got := resptest.Exec(t, "/bin/sh", []string{"-c", shell}, ""); got.Exit != int(exitInput) || !strings.Contains(got.Stderr, want) {
			t.Errorf("%s: %+v", shell, got)
		}
	}
	if countOf(s, "none") != 1 {
		t.Errorf("counter %d", countOf(s, "none"))
	}
}

func TestAServerThatTakesNobody(t *testing.T) {
	s := resptest.Server(t, "--maxclients", "1")
	defer occupy(t, s.Addr).Close()
	got := resptest.Exec(t, resptest.Build(t), append(at(t, s.Addr), "--pipe"), strings.Repeat("INCR full\n", 1000))
	if got.Exit != int(exitConnect) || strings.Contains(got.Stdout, "replies") || strings.Count(got.Stderr, "max number of clients reached") != 1 {
		t.Errorf("%+v", got)
	}
}

// load runs easycli --pipe on what the generator writes, and returns what came of it.
func loadGenerated(t *testing.T, addr string, generate func(w io.Writer)) (resptest.Result, *exec.Cmd, time.Duration) {
	t.Helper()
	return runLoad(t, exec.Command(resptest.Build(t), append(at(t, addr), "--pipe")...), generated(t, generate))
}

// generated is a file with what the generator writes.
func generated(t *testing.T, generate func(w io.Writer)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "input")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	generate(file)
	return path
}

func runLoad(t *testing.T, cmd *exec.Cmd, path string) (resptest.Result, *exec.Cmd, time.Duration) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = file, &out, &errs
	begun := time.Now()
	result := resptest.Run(t, cmd)
	result.Stdout, result.Stderr = out.String(), errs.String()
	return result, cmd, time.Since(begun)
}

func sets(n int) func(w io.Writer) {
	return func(w io.Writer) {
		var buf []byte
		for i := range n {
			buf = fmt.Appendf(buf, "SET key:%09d value:%012d\n", i, i)
			if len(buf) > 1<<20 || i == n-1 {
				w.Write(buf)
				buf = buf[:0]
			}
		}
	}
}

// slack is what this process may grow by between two looks at it.
const slack = 16 << 20

// within fails the test if a program has used more memory than that, and something in this process
// has not used as much before it.
func within(t *testing.T, r resptest.Result, mib int64) {
	t.Helper()
	if runtime.GOOS == "linux" && r.MaxRSS > max(mib<<20, r.RSSFloor+slack) {
		t.Errorf("%d MiB of memory, more than %d", r.MaxRSS>>20, mib)
	}
}

func TestLargeLoads(t *testing.T) { // T120, T140
	s := resptest.Server(t)
	n := 200_000
	if soaking {
		n = 10_000_000
	}
	path := generated(t, sets(n))
	got, cmd, took := runLoad(t, exec.Command(resptest.Build(t), append(at(t, s.Addr), "--pipe")...), path)
	if got.Exit != 0 || !strings.HasSuffix(got.Stdout, fmt.Sprintf("errors: 0, replies: %d\n", n)) || s.Do("DBSIZE") != strconv.Itoa(n) {
		t.Fatalf("%+v, %s keys", got, s.Do("DBSIZE"))
	}
	within(t, got, 64)
	t.Logf("easycli: %d SET: %v wall, %v CPU, %d MiB", n, took, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime(), got.MaxRSS>>20)
	if soaking {
		s.Do("FLUSHALL")
		peer, cmd, took := runLoad(t, exec.Command(resptest.RedisCLI(t), append(at(t, s.Addr), "--pipe")...), path)
		t.Logf("redis-cli: %v wall, %v CPU, %d MiB", took, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime(), peer.MaxRSS>>20)
	}
	s.Do("FLUSHALL")
	s.Do("SET", "mega", strings.Repeat("m", 1<<20))
	gets := 300
	if soaking {
		gets = 20_000
	}
	got, _, took = loadGenerated(t, s.Addr, func(w io.Writer) { io.WriteString(w, strings.Repeat("GET mega\n", gets)) })
	if got.Exit != 0 || !strings.HasSuffix(got.Stdout, fmt.Sprintf("replies: %d\n", gets)) {
		t.Errorf("%+v", got)
	}
	within(t, got, 64)
	t.Logf("%d replies of 1 MiB: %v, %d MiB", gets, took, got.MaxRSS>>20)
}

func TestALoadOfTheLargestValue(t *testing.T) { // T121
	size := 24 << 20
	if soaking {
		size = 512 << 20
	}
	s := resptest.Server(t)
	value := func(size, given int) func(w io.Writer) {
		return func(w io.Writer) {
			fmt.Fprintf(w, "*3\r\n$3\r\nSET\r\n$5\r\nlarge\r\n$%d\r\n", size)
			for piece := make([]byte, 1<<20); given > 0; given -= len(piece) {
				piece = piece[:min(given, len(piece))]
				w.Write(piece)
			}
			io.WriteString(w, "\r\n")
		}
	}
	got, _, took := loadGenerated(t, s.Addr, value(size, size))
	if got.Exit != 0 || s.Do("STRLEN", "large") != strconv.Itoa(size) {
		t.Fatalf("%+v", got)
	}
	within(t, got, 64)
	t.Logf("a value of %d MiB: %v, %d MiB", size>>20, took, got.MaxRSS>>20)
	s.Do("DEL", "large")
	got, _, _ = loadGenerated(t, s.Addr, value(512<<20+1, 2<<20))
	if got.Exit != int(exitInput) || !strings.Contains(got.Stderr, "command 1, byte 0: ") || s.Do("EXISTS", "large") != "0" {
		t.Errorf("%+v", got)
	}
}

func TestWhatALoadLetsPass(t *testing.T) { // T138, T139
	s := resptest.Shared(t)
	for args, in := range map[string]string{
		"--pipe --allow-state":    "HELLO 3\nRESET\n",
		"--pipe --allow-blocking": "RPUSH passes x\nBLPOP passes 0\n",
	} {
		if got := easycli(in, append(at(t, s.Addr), strings.Fields(args)...)...); got.status != 0 || got.err != "" {
			t.Errorf("%s: %+v", args, got)
		}
		if got := easycli(in, append(at(t, s.Addr), "--pipe")...); got.status != exitInput || !strings.Contains(got.err, strings.Fields(args)[1]) {
			t.Errorf("without %s: %+v", args, got)
		}
	}
}

func TestWhoTypesIntoALoadIsTold(t *testing.T) { // T136
	s := resptest.Shared(t)
	c, out, errs := testConsole("PING\n")
	c.Env.inTerminal = true
	status := execute(append(at(t, s.Addr), "--pipe"), c)
	if status != 0 || !strings.HasSuffix(out.String(), "replies: 1\n") || strings.Count(errs.String(), "\n") != 1 ||
		!strings.Contains(errs.String(), "Ctrl-D") {
		t.Errorf("status %d, %q, %q", status, out, errs)
	}
}

package resp

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// childCase is the environment variable that makes this test binary read one case of the corpus
// and tell how it ended and how much memory that took.
const childCase = "RESP_TEST_CHILD_CASE"

func TestMain(m *testing.M) {
	if id := os.Getenv(childCase); id != "" {
		readOneCase(id)
		return
	}
	os.Exit(m.Run())
}

func readOneCase(id string) {
	for _, c := range corpusLines() {
		if c.id == id {
			r := NewReader(strings.NewReader(corpusBytes(c.wire)))
			v, err := r.ReadValue()
			if err == nil {
				_, err = r.ReadValue()
			}
			fmt.Println(ending(err), peakMemory())
			runtime.KeepAlive(v)
		}
	}
}

// peakMemory is the most memory that this process had at a time, in KiB.
func peakMemory() (peak int) {
	status, _ := os.ReadFile("/proc/self/status")
	if _, after, found := strings.Cut(string(status), "VmHWM:"); found {
		fmt.Sscanf(after, "%d kB", &peak)
	}
	return peak
}

// TestHostileCountsTakeNoMemory runs in processes of their own, where nothing else uses memory but
// the bytes of the case, 12 MB at most.
func TestHostileCountsTakeNoMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the peak is read from /proc")
	}
	if raceEnabled {
		t.Skip("the race detector multiplies memory")
	}
	for _, id := range []string{"B20", "B25", "A05", "A06", "A14", "A15", "A19", "A20", "A24", "R05"} {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), childCase+"="+id, "GOMEMLIMIT=128MiB")
		out, err := child.Output()
		if err != nil {
			t.Errorf("%s: %v %s", id, err, out)
			continue
		}
		var end string
		var peak, limit = 0, 64 << 10
		if id == "A19" {
			limit = 256 << 10 // a million values
		}
		fmt.Sscan(string(out), &end, &peak)
		t.Logf("%s ended with %s at a peak of %d KiB", id, end, peak)
		if peak == 0 || peak > limit {
			t.Errorf("%s took %d KiB", id, peak)
		}
		c := byID(id)
		if _, ends := c.outcome(); !strings.Contains(strings.Join(ends, " "), end) {
			t.Errorf("%s ended with %q, not %q", id, end, ends)
		}
	}
}

// metered is a source that compares, whenever it is asked for more, what has been allocated since
// it was made with what it has handed out.
type metered struct {
	wire   []byte
	piece  int
	factor uint64
	before uint64
	given  uint64
	worst  uint64 // the largest allocation beyond factor × given
}

func meter(wire []byte, piece int, factor uint64) *metered {
	m := &metered{wire: wire, piece: piece, factor: factor}
	m.before = allocated()
	return m
}

func allocated() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}

func (m *metered) check() {
	if used := allocated() - m.before; used > m.factor*m.given {
		m.worst = max(m.worst, used-m.factor*m.given)
	}
}

func (m *metered) Read(p []byte) (int, error) {
	m.check()
	if len(m.wire) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), m.piece)], m.wire)
	m.wire = m.wire[n:]
	m.given += uint64(n)
	return n, nil
}

// The memory laws: at every moment, what a Reader has allocated since it was made, garbage included,
// is below a multiple of the bytes received and a constant. Tokens and skipping only need the
// buffer and the stack. A tree is heavier than its bytes: an element of three bytes is a Value of
// 64, which waits on a stack that grows by a quarter, and is copied once.
const (
	tokenFactor  = 8
	treeFactor   = 160
	memoryExtras = 1 << 20
)

func checkMemory(t *testing.T, name string, wire []byte) {
	t.Helper()
	piece := max(1, len(wire)/8)
	for _, path := range []struct {
		name   string
		factor uint64
		next   func(*Reader) error
	}{
		{"tokens", tokenFactor, func(r *Reader) error { _, err := r.Next(); return err }},
		{"skipping", tokenFactor, func(r *Reader) error { _, err := r.Skip(nil); return err }},
		{"trees", treeFactor, func(r *Reader) error { _, err := r.ReadValue(); return err }},
	} {
		m := meter(wire, piece, path.factor)
		r := NewReader(m)
		var err error
		for err == nil {
			err = path.next(r)
		}
		m.check()
		if m.worst > memoryExtras {
			t.Errorf("%s: %s allocated %d bytes more than %d × the bytes received", name, path.name, m.worst, path.factor)
		}
	}
}

func TestMemoryFollowsTheBytesReceived(t *testing.T) {
	for name, wire := range map[string]string{
		"tiny elements":            "*200000\r\n" + strings.Repeat("_\r\n", 200000),
		"empty arrays":             "*200000\r\n" + strings.Repeat("*0\r\n", 200000),
		"many small replies":       strings.Repeat("*2\r\n_\r\n_\r\n", 50000),
		"promises at every level":  strings.Repeat("*1024\r\n", 10000),
		"huge promises":            strings.Repeat("*2147483647\r\n", 10000),
		"depth":                    strings.Repeat("*1\r\n", 10000) + "_\r\n",
		"deep and closed, again":   strings.Repeat(strings.Repeat("*1\r\n", 500)+"_\r\n", 100),
		"promised text":            "$1073741824\r\nabc",
		"promised chunk":           "$?\r\n;1073741824\r\nabc",
		"a long text":              "$8388608\r\n" + strings.Repeat("x", 8<<20) + "\r\n",
		"a long line":              "+" + strings.Repeat("x", 8<<20) + "\r\n",
		"tiny chunks":              "$?\r\n" + strings.Repeat(";1\r\nx\r\n", 200000) + ";0\r\n",
		"attributes in a row":      strings.Repeat("|1\r\n_\r\n_\r\n", 1024) + "_\r\n",
		"empty attributes in rows": "*100\r\n" + strings.Repeat(strings.Repeat("|0\r\n", 1024)+"_\r\n", 100),
		"pushes":                   strings.Repeat(">1\r\n+x\r\n", 50000),
		"dropped pushes":           "*1\r\n" + strings.Repeat(">1\r\n+message\r\n", 50000),
		"errors":                   "*100000\r\n" + strings.Repeat("-E\r\n", 100000),
	} {
		checkMemory(t, name, []byte(wire))
	}
}

func TestTextsAreReplayedWithoutRoomForEach(t *testing.T) {
	v := Value{Kind: Array}
	for range 1000 {
		v.Elems = append(v.Elems, Value{Kind: BulkString, Wire: '$', Text: strings.Repeat("x", 100)})
	}
	allocs := testing.AllocsPerRun(5, func() {
		for tokens := v.Tokens(); ; {
			if _, err := tokens.Next(); err != nil {
				return
			}
		}
	})
	if allocs > 10 {
		t.Errorf("%v allocations to replay 1000 texts", allocs)
	}
}

func TestTokensAndSkippingAllocateNothing(t *testing.T) {
	wire := bytes.Repeat([]byte("+OK\r\n:1\r\n$3\r\nabc\r\n*2\r\n%1\r\n+k\r\n_\r\n,1.5\r\n|1\r\n+a\r\n+b\r\n#t\r\n"), 2000)
	for _, next := range []func(*Reader) error{
		func(r *Reader) error { _, err := r.Next(); return err },
		func(r *Reader) error { _, err := r.Skip(nil); return err },
	} {
		src := bytes.NewReader(wire)
		r := NewReader(src)
		allocs := testing.AllocsPerRun(5, func() {
			src.Reset(wire)
			r.err = nil
			for {
				if err := next(r); err != nil {
					return
				}
			}
		})
		if allocs > 0 {
			t.Errorf("%v allocations", allocs)
		}
	}
}

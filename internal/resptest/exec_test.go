package resptest

import (
	"runtime"
	"strings"
	"testing"
)

func TestExecTellsEverything(t *testing.T) {
	sh := findTool(t, "sh")
	got := Exec(t, sh, []string{"-c", `cat; echo "$WORD" >&2; exit 3`}, "in\n", "WORD=err")
	if got.Stdout != "in\n" || got.Stderr != "err\n" || got.Exit != 3 {
		t.Errorf("got %+v", got)
	}
	if got := Exec(t, sh, []string{"-c", `kill -9 $$`}, ""); got.Exit != -1 || !strings.Contains(got.State, "killed") {
		t.Errorf("killed: got %+v", got)
	}
	if got := Exec(t, sh, []string{"-c", `exit 0`}, strings.Repeat("unread", 1<<20)); got.Exit != 0 {
		t.Errorf("with unread input: got %+v", got)
	}
}

// TestExecMeasuresMemory wants the peak of the program and not the one of this process before it.
func TestExecMeasuresMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("memory is measured on Linux only")
	}
	dd := findTool(t, "dd")
	hog(48 << 20)
	idle := Exec(t, findTool(t, "true"), nil, "")
	if idle.MaxRSS == 0 || idle.MaxRSS > idle.RSSFloor+16<<20 {
		t.Errorf("an idle program: %d MiB, floor %d MiB", idle.MaxRSS>>20, idle.RSSFloor>>20)
	}
	busy := Exec(t, dd, []string{"if=/dev/zero", "of=/dev/null", "bs=300M", "count=1"}, "")
	if busy.MaxRSS < 300<<20 || busy.MaxRSS > 320<<20 {
		t.Errorf("a program with 300 MiB: %d MiB, floor %d MiB", busy.MaxRSS>>20, busy.RSSFloor>>20)
	}
}

//go:noinline
func hog(size int) {
	buf := make([]byte, size)
	for i := 0; i < len(buf); i += 4096 {
		buf[i] = 1
	}
	runtime.KeepAlive(buf)
}

func TestRedisCLI(t *testing.T) {
	cli := RedisCLI(t)
	r := Server(t)
	if got := Exec(t, cli, []string{"-s", r.Socket, "ECHO", "a b"}, ""); got.Stdout != "a b\n" || got.Exit != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestBuildIsDoneOnce(t *testing.T) {
	first, second := Build(t), Build(t)
	if first != second {
		t.Errorf("built %s and %s", first, second)
	}
	if got := Exec(t, first, []string{"--version"}, ""); got.Exit != 0 || !strings.HasPrefix(got.Stdout, "easycli") {
		t.Errorf("--version: got %+v", got)
	}
}

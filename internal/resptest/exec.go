package resptest

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// Result is what came of a program.
type Result struct {
	Stdout, Stderr string
	// Exit is the exit status, or -1 when a signal ended the program; State tells which.
	Exit  int
	State string
	// MaxRSS is the peak of its resident memory in bytes, 0 where the system does not tell. On
	// Linux a child begins with its parent's memory, so it is never below RSSFloor: a peak equal
	// to RSSFloor means "at most this". (The race detector never gives memory back, so a test that
	// has used much under -race has a high floor.)
	MaxRSS, RSSFloor int64
}

// execPatience ends a program that hangs.
const execPatience = 5 * time.Minute

// Exec runs a program to its end. Its exit status is the caller's to judge; only a program that
// could not be started, or had to be killed after minutes, fails the test. The environment is this
// process's; env holds additions of the form NAME=value.
func Exec(t testing.TB, bin string, args []string, stdin string, env ...string) Result {
	t.Helper()
	cmd := exec.Command(bin, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	result := Run(t, cmd)
	result.Stdout, result.Stderr = stdout.String(), stderr.String()
	return result
}

// Run is [Exec] for a command that the caller has made, with streams of its own.
func Run(t testing.TB, cmd *exec.Cmd) Result {
	t.Helper()
	floor := lowerFloor()
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting %s: %v", cmd.Path, err)
	}
	timer := time.AfterFunc(execPatience, func() { cmd.Process.Kill() })
	err := cmd.Wait()
	if !timer.Stop() {
		t.Fatalf("%s %q did not end in %v", cmd.Path, cmd.Args[1:], execPatience)
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("running %s: %v", cmd.Path, err)
	}
	state := cmd.ProcessState
	return Result{Exit: state.ExitCode(), State: state.String(), MaxRSS: maxRSS(state),
		RSSFloor: floor}
}

// build is the program of [Build], made once in a test process.
var build struct {
	once sync.Once
	path string
	err  error
}

// Build compiles easycli as it is released and returns the path of the binary. It is done once for
// the test process; the binary is removed by a later run, when it is an hour old.
func Build(t testing.TB) string {
	t.Helper()
	build.once.Do(func() { build.path, build.err = compile() })
	if build.err != nil {
		t.Fatal(build.err)
	}
	return build.path
}

const buildPrefix = "easycli-build-"

func compile() (string, error) {
	removeOld(buildPrefix)
	dir, err := os.MkdirTemp("", buildPrefix)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "easycli")
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", path,
		"easycli/cmd/easycli")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", errors.New("building easycli: " + err.Error() + "\n" + string(out))
	}
	return path, nil
}

// removeOld removes what test processes have left behind, by its prefix, and keeps the temporary
// directory from filling up: nothing runs at the end of a test process.
func removeOld(prefix string) {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*"))
	for _, dir := range dirs {
		if info, err := os.Stat(dir); err == nil && time.Since(info.ModTime()) > time.Hour {
			os.RemoveAll(dir)
		}
	}
}

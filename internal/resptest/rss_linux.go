package resptest

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
)

// roomyFloor is the floor under which it is not worth a garbage collection to lower it.
const roomyFloor = 48 << 20

// maxRSS is the peak of a process that has ended.
func maxRSS(state *os.ProcessState) int64 {
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		return usage.Maxrss << 10
	}
	return 0
}

// lowerFloor brings this process's own peak down to what it uses now, and returns that: a child
// shares its parent's memory until it executes its program, and is charged with the peak.
func lowerFloor() int64 {
	resetPeak()
	floor := peak()
	if floor > roomyFloor {
		debug.FreeOSMemory()
		resetPeak()
		floor = peak()
	}
	return floor
}

func resetPeak() { os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// peak is VmHWM.
func peak() int64 {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kib << 10
		}
	}
	return 0
}

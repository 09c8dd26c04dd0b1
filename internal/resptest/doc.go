// Package resptest holds what the other packages' tests stand on: a real server, a scripted peer,
// a faulty network and a way to run whole programs. It is imported by tests only.
//
//   - [Server], [TLSServer] and [Shared] start a real redis-server (or valkey-server) as a child.
//   - [Cluster], [TLSCluster] and [SharedCluster] make a cluster of several.
//   - [Sentinel] starts a sentinel that watches one of them.
//   - [Peer] and [PipePeer] are servers that say exactly what a script tells them to.
//   - [Proxy] stands between a client and a server and cuts, stalls, splits and edits the stream at
//     exact bytes.
//   - [Build] and [Exec] build and run the program and tell what came of it.
//
// Everything it starts ends with the test that asked for it: processes by their pid, goroutines by
// closed sockets, files by the removal of their directory. It refuses to know the client under
// test: it has its own few lines of RESP, so that a mistake there cannot hide itself here, and so
// that package resp can use it too.
package resptest

import (
	"os"
	"os/exec"
	"testing"
)

// requireVar makes a missing server a failure instead of a reason to skip.
const requireVar = "EASYCLI_REQUIRE_REDIS"

// findTool returns the path of the first of names that is installed, or skips the test.
func findTool(t testing.TB, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv(requireVar) == "1" {
		t.Fatalf("none of %v is on PATH, and %s=1 asks for it", names, requireVar)
	}
	t.Skipf("none of %v is on PATH (Debian: apt-get install redis-server redis-tools)", names)
	return ""
}

// RedisCLI returns the path of the real redis-cli, and skips the test where there is none.
func RedisCLI(t testing.TB) string {
	t.Helper()
	return findTool(t, "redis-cli", "valkey-cli")
}

package resptest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Sentinel starts a sentinel that watches master under a name and decides alone (quorum 1), and
// waits until it answers. It takes a master that is silent for a second for dead. config is added to
// its file, which it writes to itself. It is killed when the test ends.
func Sentinel(t testing.TB, name string, master *Redis, config ...string) *Redis {
	t.Helper()
	return launchSentinel(t, &Redis{t: t, binary: findServer(t)}, name, port(master.Addr), config)
}

// TLSSentinel is [Sentinel] that is reached with TLS (TLSAddr), and reaches a [TLSServer] so.
func TLSSentinel(t testing.TB, name string, master *Redis) *Redis {
	t.Helper()
	r := &Redis{t: t, binary: findServer(t), CA: master.CA, TLSAddr: freeAddr(t)}
	config := []string{"tls-port " + port(r.TLSAddr), "tls-replication yes"}
	args := master.CA.serverArgs(nil)
	for i := 0; i < len(args); i += 2 {
		config = append(config, strings.TrimPrefix(args[i], "--")+" "+args[i+1])
	}
	return launchSentinel(t, r, name, port(master.TLSAddr), config)
}

func launchSentinel(t testing.TB, r *Redis, name, masterPort string, config []string) *Redis {
	t.Helper()
	dir := tempDir(t)
	var err error
	for range 5 {
		r.Addr = freeAddr(t)
		lines := append([]string{
			"port " + port(r.Addr), "bind 127.0.0.1", "dir " + dir, "daemonize no",
			fmt.Sprintf("sentinel monitor %s 127.0.0.1 %s 1", name, masterPort),
			fmt.Sprintf("sentinel down-after-milliseconds %s 1000", name),
			fmt.Sprintf("sentinel failover-timeout %s 5000", name),
		}, config...)
		file := filepath.Join(dir, "sentinel-"+port(r.Addr)+".conf")
		if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		r.args = []string{file, "--sentinel"}
		if err = r.start(); err == nil {
			t.Cleanup(r.kill)
			return r
		}
	}
	t.Fatalf("starting a sentinel: %v", err)
	return nil
}

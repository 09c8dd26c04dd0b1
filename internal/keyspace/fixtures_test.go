package keyspace

import (
	"context"
	"runtime"
	"strconv"
	"testing"
	"time"

	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

// at is the server at an address.
func at(addr string) Server { return with(pipeclient.Config{Addr: addr}) }

// with is the server that a configuration leads to.
func with(cfg pipeclient.Config) Server {
	return Server{Addr: cfg.Addr, Dial: func(ctx context.Context, adapt func(*pipeclient.Config)) (*pipeclient.Conn, error) {
		cfg := cfg
		if adapt != nil {
			adapt(&cfg)
		}
		return pipeclient.Dial(ctx, cfg)
	}}
}

// noLeaks fails a test after which there are more goroutines than before.
func noLeaks(t testing.TB) {
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		for start := time.Now(); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
			if time.Since(start) > 5*time.Second {
				buf := make([]byte, 1<<20)
				t.Errorf("%d goroutines, before %d:\n%s", runtime.NumGoroutine(), before,
					buf[:runtime.Stack(buf, true)])
				return
			}
		}
	})
}

// populate makes n keys of that prefix.
func populate(s *resptest.Redis, prefix string, n int) {
	s.Do("DEBUG", "POPULATE", strconv.Itoa(n), prefix, "10")
}

func dbsize(t testing.TB, s *resptest.Redis) int64 {
	t.Helper()
	n, err := strconv.ParseInt(s.Do("DBSIZE"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

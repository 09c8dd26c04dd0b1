package main

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// server is the redis-server of this run.
type server struct {
	host, port, addr string
	version          string
	process          *exec.Cmd
	admin            *redis.Client
}

// startServer starts redis-server on a free port of loopback, with no persistence and no
// configuration file, and waits until it answers. stop ends it.
func startServer(ctx context.Context, dir string, more ...string) (*server, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, fmt.Errorf("the table needs a server: %w", err)
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &server{host: "127.0.0.1", port: port, addr: net.JoinHostPort("127.0.0.1", port)}
	s.process = exec.Command(path, append([]string{"--port", port, "--bind", s.host, "--dir", dir,
		"--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "warning"}, more...)...)
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	s.admin = redis.NewClient(&redis.Options{Addr: s.addr, Protocol: 2, PoolSize: 1,
		DisableIdentity: true, ReadTimeout: time.Minute})
	if err := s.waitReady(ctx); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, err
}

func (s *server) waitReady(ctx context.Context) error {
	deadline := time.Now().Add(10 * time.Second)
	for {
		info, err := s.admin.Info(ctx, "server").Result()
		if err == nil {
			_, rest, _ := strings.Cut(info, "redis_version:")
			version, _, _ := strings.Cut(rest, "\r\n")
			s.version = "redis-server " + version
			return nil
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return fmt.Errorf("redis-server does not answer: %w", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (s *server) stop() {
	if s.admin != nil {
		s.admin.Close()
	}
	s.process.Process.Kill()
	s.process.Wait()
}

// empty leaves the server without data, and with the memory of the last row given back.
func (s *server) empty(ctx context.Context) func() error {
	return func() error { return s.admin.FlushAll(ctx).Err() }
}

// expectKeys fails unless the server holds so many keys.
func (s *server) expectKeys(ctx context.Context, want int) error {
	got, err := s.admin.DBSize(ctx).Result()
	if err == nil && got != int64(want) {
		err = fmt.Errorf("the server holds %d keys, want %d", got, want)
	}
	return err
}

// at is the command line of a program against this server.
func (s *server) at(args ...string) []string {
	return append([]string{"-h", s.host, "-p", s.port}, args...)
}

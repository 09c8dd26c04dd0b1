//go:build unix

package main

import (
	"os/exec"
	"path/filepath"
	"testing"

	"easycli/internal/resptest"
	"easycli/internal/ttytest"
)

// The session scripts of testdata/tour, in the emulator and in a real tmux.
func TestTour(t *testing.T) {
	paths, err := filepath.Glob("../../testdata/tour/*.tour")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no tours: %v", err)
	}
	for _, path := range paths {
		tour := ttytest.ReadTour(t, path)
		t.Run(tour.Name+"/emulator", func(t *testing.T) {
			tour.Play(t, scene(t, tour), func(cols, rows int, command []string) ttytest.Stage {
				return ttytest.Start(t, cols, rows, exec.Command(command[0], command[1:]...))
			})
		})
		t.Run(tour.Name+"/tmux", func(t *testing.T) {
			tour.Play(t, scene(t, tour), func(cols, rows int, command []string) ttytest.Stage {
				return ttytest.StartTmux(t, cols, rows, command)
			})
		})
	}
}

// scene starts the server that a tour asks for.
func scene(t *testing.T, tour *ttytest.Tour) ttytest.Scene {
	t.Helper()
	scene := ttytest.Scene{Binary: resptest.Build(t)}
	switch kind := tour.Server[0]; kind {
	case "redis":
		server := resptest.Server(t, tour.Server[1:]...)
		scene.Addrs, scene.Do = []string{server.Addr}, server.Do
	case "cluster":
		cluster := resptest.SharedCluster(t)
		for _, node := range cluster.Nodes {
			scene.Addrs = append(scene.Addrs, node.Addr)
		}
		scene.Do = cluster.Do
	case "sandbox":
	default:
		t.Fatalf("%s: no server is called %q", tour.Name, kind)
	}
	return scene
}

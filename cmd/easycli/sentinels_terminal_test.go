//go:build unix

package main

import (
	"os"
	"os/exec"
	"testing"

	"easycli/internal/resptest"
	"easycli/internal/ttytest"
)

// The prompt follows a failover, and says where it is.
func TestThePromptFollowsTheMaster(t *testing.T) {
	f := newFailover(t)
	term := ttytest.Start(t, 100, 24, exec.Command(resptest.Build(t), f.uri...))
	defer func() {
		if t.Failed() {
			t.Log(term.Transcript())
		}
	}()
	term.Await(f.master.Addr + ">")
	term.Line("set k v")
	await(t, "the replica has it", func() bool { return f.replica.Do("GET", "k") == "v" })
	f.master.Stop(os.Kill)
	f.promoted(t)
	term.Line("get k")
	term.Await(`"v"`)
	term.Await(f.replica.Addr + ">")
	term.Type("<C-d>")
	if status := term.Exit(); status != 0 {
		t.Errorf("status %d", status)
	}
}

// A conversation that changes to a profile of sentinels, and from there to an address, as it is said.
func TestThePromptChangesToSentinelsAndAway(t *testing.T) {
	f, other := newFailover(t), resptest.Server(t)
	file := configured(t, "[profiles.prod]\nurl = \""+f.uri[1]+"\"\n")
	term := ttytest.Start(t, 100, 24, exec.Command(resptest.Build(t), at(t, other.Addr)...), file)
	term.AwaitPrompt()
	term.Line(":use prod")
	term.Line("set where sentinel")
	host, port := "127.0.0.1", portOf(other.Addr)
	term.Line("connect " + host + " " + port)
	term.Line("set where other")
	if got := f.master.Do("GET", "where") + " " + other.Do("GET", "where"); got != "sentinel other" {
		t.Errorf("got %q\n%s", got, term.Text())
	}
}

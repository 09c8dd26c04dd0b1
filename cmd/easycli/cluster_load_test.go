package main

import (
	"fmt"
	"strings"
	"testing"

	"easycli/internal/resptest"
)

func TestOptionsOfALoadThatContradictEachOther(t *testing.T) {
	for line, want := range map[string]string{
		"--pipe --on-disconnect resume":                              "--assume-idempotent says that this does no harm",
		"--pipe --on-disconnect retry":                               "--on-disconnect wants stop or resume",
		"--pipe --on-disconnect resume --assume-idempotent --verify": "goes neither with --verify nor with --checkpoint",
		"--on-disconnect stop PING":                                  "--on-disconnect is for --pipe",
	} {
		if got := easycli("", strings.Fields(line)...); got.status != exitUsage || !strings.Contains(got.err, want) {
			t.Errorf("%s: %d %s", line, got.status, got.err)
		}
	}
}

func TestAClusterIsLoadedByPipe(t *testing.T) {
	c := resptest.SharedCluster(t)
	var lines strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&lines, "SET load:%d %d\n", i, i)
	}
	for _, node := range c.Nodes { // any of them will do
		got := easycli(lines.String(), append(at(t, node.Addr), "-c", "--pipe")...)
		if got.status != exitOK || !strings.HasSuffix(got.out, "errors: 0, replies: 1000\n") || got.err != "" {
			t.Fatalf("%+v", got)
		}
	}
	if got := easycli("", append(at(t, c.Addr()), "-c", "DBSIZE")...); got.out != "1000\n" && got.out != "(integer) 1000\n" {
		t.Errorf("%+v", got)
	}
	if got := easycli("MULTI\nSET a 1\nSET b 1\nEXEC\n", append(at(t, c.Addr()), "-c", "--pipe")...); got.status != exitInput ||
		!strings.Contains(got.err, `"a" (slot 15495) and "b" (slot 3300) are in different slots`) {
		t.Errorf("%+v", got)
	}
	single := resptest.Shared(t)
	if got := easycli("SET nocluster 1\n", append(at(t, single.Addr), "-c", "--pipe")...); got.status != exitOK || single.Do("GET", "nocluster") != "1" {
		t.Errorf("one server: %+v", got)
	}
}

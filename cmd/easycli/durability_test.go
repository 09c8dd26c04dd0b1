package main

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"easycli/internal/bulk"
	"easycli/internal/resptest"
)

func TestWhatALoadWaitsFor(t *testing.T) {
	replicas := bulk.Confirmation{Replicas: 2, Within: 1500 * time.Millisecond}
	disk := bulk.Confirmation{Disk: true, Local: 1, Replicas: 0, Within: 0}
	for line, want := range map[string][]bulk.Confirmation{
		"--pipe":                                {},
		"--pipe --wait 2,1500":                  {replicas},
		"--pipe --wait-aof 1,0,0":               {disk},
		"--pipe --wait-aof 1,0,0 --wait 2,1500": {replicas, disk},
	} {
		got, err := parse(strings.Fields(line), nowhere())
		if load, ok := got.(pipe); !ok || len(want) != len(load.confirm()) || len(want) > 0 && !reflect.DeepEqual(load.confirm(), want) {
			t.Errorf("%s: %+v, %v", line, got, err)
		}
	}
	for _, line := range []string{
		"--wait=", "--wait 1", "--wait 0,5", "--wait 1,5,5", "--wait -1,5", "--wait 1,-5", "--wait 1,5s", "--wait 1,,5", "--wait 99999999999,1",
		"--wait-aof=", "--wait-aof 1,0", "--wait-aof 2,0,5", "--wait-aof 0,0,5", "--wait-aof 1,0,5,5", "--wait-aof 1,x,5",
	} {
		_, err := parse(append(strings.Fields(line), "--pipe"), nowhere())
		option := line[:strings.IndexAny(line, "= ")]
		if usage := (usageError{}); !errors.As(err, &usage) || !strings.HasPrefix(err.Error(), option+" wants ") {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestALoadThatIsNotConfirmedHasAStatusOfItsOwn(t *testing.T) { // T144
	server, binary := resptest.Server(t), resptest.Build(t)
	r := resptest.Exec(t, binary, append(at(t, server.Addr), "--pipe", "--wait", "1,10"), "SET a 1\n")
	if r.Exit != int(exitNotConfirmed) || !strings.Contains(r.Stderr, "not confirmed within 10 ms: 0 of 1 replicas have it\n") || server.Do("GET", "a") != "1" {
		t.Errorf("%+v", r)
	}
	r = resptest.Exec(t, binary, append(at(t, server.Addr), "--pipe", "--wait-aof", "1,0,10"), "SET a 2\n")
	if r.Exit != int(exitNotConfirmed) || strings.Contains(r.Stdout, "transferred") {
		t.Errorf("%+v", r)
	}
}

func TestWhatACheckpointDoesNotGoWith(t *testing.T) {
	for _, option := range []string{"--replies f"} {
		_, err := parse(strings.Fields("--pipe --checkpoint k "+option), nowhere())
		name, _, _ := strings.Cut(option, " ")
		if usage := (usageError{}); !errors.As(err, &usage) || !strings.Contains(err.Error(), "--checkpoint and "+name+" do not go together") {
			t.Errorf("%s: %v", option, err)
		}
	}
}

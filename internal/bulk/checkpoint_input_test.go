package bulk

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"easycli/internal/resptest"
)

// What wrote into a pipe may have died: its end is no end, and the whole of it is no other input.
func TestACompleteCheckpointKnowsItsWholeInput(t *testing.T) {
	s := resptest.Shared(t)
	whole := strings.Repeat("INCR exact\n", 100)
	for _, cut := range []int{0, 1, 60} {
		s.Do("FLUSHALL")
		if o := loadText(t, s, whole[:11*cut], withCheckpoint("ck", 10)); o.end != nil || !o.Checkpoint.Complete {
			t.Fatalf("%d commands: %+v", cut, o)
		}
		o := loadText(t, s, whole, withCheckpoint("ck", 10))
		var own *CheckpointError
		if !errors.As(o.end, &own) || !own.OtherInput ||
			!strings.Contains(o.err, fmt.Sprintf("which ended at byte %d: this one goes on there", 11*cut)) {
			t.Fatalf("%d commands, then all: %+v", cut, o)
		}
		// The advice does what it says.
		s.Do("HDEL", "ck", "size", "tail")
		s.Do("HSET", "ck", "state", "loading")
		if o := loadText(t, s, whole, withCheckpoint("ck", 10)); o.end != nil || s.Do("GET", "exact") != "100" {
			t.Fatalf("%d commands, then the rest: counter %s, %+v", cut, s.Do("GET", "exact"), o)
		}
		if o := loadText(t, s, whole+"# not a command\n", withCheckpoint("ck", 10)); !errors.As(o.end, &own) {
			t.Fatalf("a longer one: %+v", o)
		}
	}
}

// A file whose bad line is mended has another length: how it goes on is said, and is true.
func TestAMendedInputGoesOn(t *testing.T) {
	s := resptest.Shared(t)
	sized := func(size int) func(*Config) { return func(c *Config) { c.Inputs[0].Size = int64(size) } }
	good := strings.Repeat("INCR exact\n", 50)
	bad := good + "MULTI\n" + good
	o := loadText(t, s, bad, withCheckpoint("ck", 20), sized(len(bad)))
	const advice = `HDEL "ck" size tail, and the same command line goes on`
	if o.input(t); !strings.Contains(o.err, "once the input is mended, "+advice) {
		t.Fatalf("%+v", o)
	}
	mended := good + good
	if o = loadText(t, s, mended, withCheckpoint("ck", 20), sized(len(mended))); !strings.Contains(o.err, advice) || o.end == nil {
		t.Fatalf("%+v", o)
	}
	s.Do("HDEL", "ck", "size", "tail")
	o = loadText(t, s, mended, withCheckpoint("ck", 20), sized(len(mended)))
	if o.end != nil || s.Do("GET", "exact") != "100" {
		t.Fatalf("counter %s, %+v", s.Do("GET", "exact"), o)
	}
	s.Do("FLUSHALL")
	loadText(t, s, "MULTI\n", withCheckpoint("ck", 20), sized(6))
	if o = loadText(t, s, good, withCheckpoint("ck", 20), sized(len(good))); o.end != nil || s.Do("GET", "exact") != "50" {
		t.Fatalf("nothing had been loaded of the other: %+v", o)
	}
}

// Behind what is compared of an input's beginning, the place that was reached has to be the same.
func TestACheckpointNoticesOtherCommandsInFrontOfItsPlace(t *testing.T) {
	s := resptest.Shared(t)
	one := strings.Repeat("INCR exact\n", headBytes/11+1)
	two, three, bad := strings.Repeat("INCR a\n\n", 50), strings.Repeat("INCR other\n# note\n", 60), "MULTI\n"
	inputs := func(texts ...string) func(*Config) {
		return func(c *Config) {
			c.Inputs = nil
			for i, text := range texts {
				c.Inputs = append(c.Inputs, reading(strings.NewReader(text))...)
				c.Inputs[i].Name = fmt.Sprint("in", i)
			}
		}
	}
	for _, batch := range []int{7, 2000} {
		s.Do("FLUSHALL")
		o := loadText(t, s, "", withCheckpoint("ck", batch), inputs(one, two, three, bad))
		o.input(t)
		o = loadText(t, s, "", withCheckpoint("ck", batch), inputs(one, three, two, bad))
		if o.input(t); !strings.Contains(o.err, "going on with the next") {
			t.Fatalf("batches of %d, all in front of the place, in another order: %+v", batch, o)
		}
		s.Do("FLUSHALL")
		o = loadText(t, s, "", withCheckpoint("ck", batch), inputs(one, two, bad+three))
		o.input(t)
		o = loadText(t, s, "", withCheckpoint("ck", batch), inputs(one, three, two))
		var own *CheckpointError
		if !errors.As(o.end, &own) || !own.OtherInput {
			t.Fatalf("batches of %d: %+v", batch, o)
		}
		if o = loadText(t, s, "", withCheckpoint("ck", batch), inputs(one, two, three)); o.end != nil || s.Do("GET", "other") != "60" {
			t.Fatalf("batches of %d, the same inputs: %+v", batch, o)
		}
	}
}

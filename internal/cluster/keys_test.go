package cluster

import (
	"errors"
	"strings"
	"testing"

	"easycli/internal/command"
)

// The slots of these keys: {a} 15495, {b} 3300.
func TestSlotOfKnownCommands(t *testing.T) {
	c := &Cluster{} // it asks nobody
	tests := []struct {
		line string
		want int
	}{
		{"GET a", 15495},
		{"SET b 1 EX 10", 3300},
		{"MSET a 1 {a}b 2", 15495},
		{"EVAL x 2 a {a}1 b", 15495},
		{"EVAL x 0 a", NoSlot},
		{"PING", NoSlot},
		{"XREAD STREAMS b 0", 3300},
		{"SSUBSCRIBE b", 3300},
		{"GET", NoSlot},
	}
	for _, test := range tests {
		argv := words(test.line)
		if got, err := c.Slot(t.Context(), command.Of(argv), argv); got != test.want || err != nil {
			t.Errorf("%s: %d, %v, want %d", test.line, got, err, test.want)
		}
	}
}

func TestCrossSlot(t *testing.T) {
	c := &Cluster{}
	argv := [][]byte{[]byte("DEL"), []byte("a"), []byte("{a}\x1b[2J"), []byte("b\n" + strings.Repeat("x", 1000))}
	_, err := c.Slot(t.Context(), command.Of(argv), argv)
	var cross *CrossSlotError
	if !errors.As(err, &cross) || cross.Slots[0] != 15495 || cross.Keys[1] != string(argv[3]) {
		t.Fatalf("%#v", err)
	}
	want := `the keys "a" (slot 15495) and "b\n` + strings.Repeat("x", 62) + `"... (slot `
	if !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%s, want %s", err, want)
	}
}

func TestSlotDoesNotAllocate(t *testing.T) {
	c := &Cluster{}
	ctx := t.Context()
	for _, text := range []string{"SET key:{1234}:x value", "MSET {a}1 1 {a}2 2 {a}3 3", "PING"} {
		argv := words(text)
		info := command.Of(argv)
		if n := testing.AllocsPerRun(100, func() { c.Slot(ctx, info, argv) }); n != 0 {
			t.Errorf("%s: %v allocations", text, n)
		}
	}
	text := []byte("WRONGTYPE Operation against a key")
	if n := testing.AllocsPerRun(100, func() { Classify(text) }); n != 0 {
		t.Errorf("Classify: %v allocations", n)
	}
}

func TestClassify(t *testing.T) {
	for text, want := range map[string]Kind{
		"MOVED 1 h:1": Moved, "ASK 1 h:1": Ask, "TRYAGAIN Multiple keys": TryAgain,
		"CLUSTERDOWN The cluster is down": Down, "LOADING Redis is loading": Loading,
		"MASTERDOWN Link with MASTER is down": MasterDown, "BUSY Redis is busy": Busy,
		"BUSYKEY Target key name already exists.": Other, "BUSYGROUP Consumer Group": Other,
		"ERR MOVED 1": Other, "": Other, "MOVED": Other, "ASKING 1": Other, "moved 1 h:1": Other,
	} {
		if got := Classify([]byte(text)); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

// BenchmarkSlot is what routing costs a bulk load for each command.
func BenchmarkSlot(b *testing.B) {
	c := &Cluster{}
	n := newNode(c, "127.0.0.1:1")
	for slot := range c.owners {
		c.owners[slot].Store(n)
	}
	argv := words("SET key:000000012345 value")
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		slot, err := c.Slot(ctx, command.Of(argv), argv)
		if err != nil || c.Owner(slot) != n {
			b.Fatal(slot, err)
		}
	}
}

func BenchmarkSlotOf(b *testing.B) {
	key := []byte("key:000000012345")
	for b.Loop() {
		SlotOf(key)
	}
}

package cluster

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"easycli/internal/command"
)

func words(line string) [][]byte {
	var argv [][]byte
	for _, word := range strings.Fields(line) {
		argv = append(argv, []byte(word))
	}
	return argv
}

// shown is a plan as one line: the parts' words and key numbers.
func shown(parts []Part) string {
	var all []string
	for _, p := range parts {
		line := make([]string, len(p.Argv))
		for i, word := range p.Argv {
			line[i] = string(word)
		}
		all = append(all, strings.Join(line, " ")+" "+fmt.Sprint(p.Keys))
	}
	return strings.Join(all, "; ")
}

// The slots of these keys: {a} 15495, {b} 3300, {c} 7365.
func TestSplit(t *testing.T) {
	tests := []struct{ line, want string }{
		{"MGET a b c", "MGET a [0]; MGET b [1]; MGET c [2]"},
		{"MGET a b {a}2 b", "MGET a {a}2 [0 2]; MGET b b [1 3]"},
		{"mset a 1 b 2 {a}x 3", "mset a 1 {a}x 3 [0 2]; mset b 2 [1]"},
		{"DEL a", "DEL a [0]"},
		{"JSON.MGET a b $.x", "JSON.MGET a $.x [0]; JSON.MGET b $.x [1]"},
		{"TS.MADD a 1 2 b 3 4 a 5 6", "TS.MADD a 1 2 a 5 6 [0 2]; TS.MADD b 3 4 [1]"},
		{"MSET a 1 b", ""},
		{"MSETNX a 1 b 2", ""},
		{"RENAME a b", ""},
		{"MGET", ""},
		{"GET a", ""},
	}
	for _, test := range tests {
		argv := words(test.line)
		if got := shown(Split(command.Of(argv), argv)); got != test.want {
			t.Errorf("%s: %q, want %q", test.line, got, test.want)
		}
	}
	argv := words("DEL a b")
	parts := Split(command.Of(argv), argv)
	if parts[0].Slot != 15495 || parts[1].Slot != 3300 {
		t.Errorf("slots %d and %d", parts[0].Slot, parts[1].Slot)
	}
	if got, want := SplitNote(command.Of(argv), len(parts)),
		"DEL was split over 2 slots of the cluster and is not atomic"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestNothingIsLostInASplit: whatever the keys, the parts hold each word once, in its order.
func TestNothingIsLostInASplit(t *testing.T) {
	argv := [][]byte{[]byte("MSET")}
	for i := range 500 {
		argv = append(argv, fmt.Appendf(nil, "k%d", i%300), fmt.Appendf(nil, "v%d", i))
	}
	seen := map[int]bool{}
	slots := map[int]bool{}
	for _, part := range Split(command.Of(argv), argv) {
		if slots[part.Slot] {
			t.Fatalf("two parts for slot %d", part.Slot)
		}
		slots[part.Slot] = true
		if len(part.Argv) != 1+2*len(part.Keys) {
			t.Fatalf("%d words for %d keys", len(part.Argv), len(part.Keys))
		}
		last := -1
		for i, n := range part.Keys {
			key, value := part.Argv[1+2*i], part.Argv[2+2*i]
			if string(key) != fmt.Sprintf("k%d", n%300) || string(value) != fmt.Sprintf("v%d", n) {
				t.Fatalf("key %d is %s with %s", n, key, value)
			}
			if SlotOf(key) != part.Slot || n <= last || seen[n] {
				t.Fatalf("key %d is in the wrong place", n)
			}
			last, seen[n] = n, true
		}
	}
	if len(seen) != 500 {
		t.Errorf("%d keys of 500", len(seen))
	}
}

func TestKnownSlot(t *testing.T) {
	tests := []struct {
		line string
		slot int
		ok   bool
	}{
		{"GET a", 15495, true},
		{"MGET a {a}b {a}", 15495, true},
		{"RENAME a b", NoSlot, false},
		{"PING", NoSlot, true},
		{"EVAL s 2 b {b}2 a", 3300, true},
	}
	for _, test := range tests {
		argv := words(test.line)
		if slot, err := KnownSlot(command.Of(argv), argv); slot != test.slot || (err == nil) != test.ok {
			t.Errorf("%s: %d, %v", test.line, slot, err)
		}
	}
}

func TestSlotOf(t *testing.T) {
	for key, want := range map[string]int{
		"": 0, "123456789": 12739, "foo": 12182, "{foo}bar": 12182, "x{foo}{bar}": 12182,
		"{}foo": SlotOf([]byte("{}foo")), "a": 15495, "{a": SlotOf([]byte("{a")),
	} {
		if got := SlotOf([]byte(key)); got != want {
			t.Errorf("%q: %d, want %d", key, got, want)
		}
	}
	if SlotOf([]byte("{}foo")) == SlotOf([]byte("foo")) {
		t.Error("an empty tag counts")
	}
}

func TestCursor(t *testing.T) {
	for _, c := range []Cursor{{}, {0, 17}, {5461, 0}, {16383, 1<<48 - 1}} {
		word := c.String()
		back, ok := ParseCursor([]byte(word))
		if !ok || back != c || !c.Fits() {
			t.Errorf("%v is %s is %v, %t", c, word, back, ok)
		}
	}
	if got := (Cursor{0, 17}).String(); got != "17" {
		t.Errorf("a cursor of the first master is %s", got)
	}
	for _, word := range []string{"", "x", "-1", "18446744073709551615", "99999999999999999999"} {
		if _, ok := ParseCursor([]byte(word)); ok {
			t.Errorf("%q is a cursor", word)
		}
	}
	if (Cursor{0, 1 << 48}).Fits() {
		t.Error("a cursor of 49 bits fits")
	}
}

func TestSlotOfKeysOfAnyLength(t *testing.T) {
	for n := range 64 {
		key := bytes.Repeat([]byte{'k', 0xff, byte(n), 0}, 16)[:n]
		var crc uint16 // bit by bit, as the polynomial says
		for _, c := range key {
			crc ^= uint16(c) << 8
			for range 8 {
				carry := crc&0x8000 != 0
				if crc <<= 1; carry {
					crc ^= 0x1021
				}
			}
		}
		if got := SlotOf(key); got != int(crc%Slots) {
			t.Errorf("%d bytes: slot %d, want %d", n, got, crc%Slots)
		}
	}
}

package command

import "testing"

func TestEveryNameIsKnown(t *testing.T) {
	n := 0
	for name := range Names() {
		if n++; name != table[n-1].name {
			t.Errorf("row %d: got %s, want %s", n, name, table[n-1].name)
		}
	}
	if n != len(table) {
		t.Errorf("%d names, %d rows", n, len(table))
	}
	for range Names() {
		break // and it can be left
	}
}

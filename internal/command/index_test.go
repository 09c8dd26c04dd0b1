package command

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write index.go from the table")

const indexSize = 2048

// TestIndexIsFresh holds index.go to the table; with -update it writes it.
func TestIndexIsFresh(t *testing.T) {
	var slots [indexSize]int
	for n := range table {
		name, sub, _ := strings.Cut(table[n].name, " ")
		h := hash(offsetBasis, []byte(name))
		if sub != "" {
			h = hash(h*prime, []byte(sub))
		}
		slot := h % indexSize
		for slots[slot] != 0 {
			slot = (slot + 1) % indexSize
		}
		slots[slot] = n + 1
	}
	var b bytes.Buffer
	fmt.Fprint(&b, "// Code generated from table.go by go generate. DO NOT EDIT.\n\npackage command\n\n"+
		"// index is a hash table over the names: a row's number counted from 1, or 0.\n")
	fmt.Fprintf(&b, "var index = [%d]uint16{", indexSize)
	for slot, n := range slots {
		if slot%16 == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%d, ", n)
	}
	b.WriteString("\n}\n")
	want, err := format.Source(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("index.go", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile("index.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("index.go does not fit the table any more; run go generate ./internal/command")
	}
}

func TestTheTableIsInOrder(t *testing.T) {
	if !slices.IsSortedFunc(table[:], func(a, b row) int { return strings.Compare(a.name, b.name) }) {
		t.Error("the rows are not in the order of their names")
	}
	for i := range table {
		r := &table[i]
		if i > 0 && r.name == table[i-1].name {
			t.Errorf("%s has two rows", r.name)
		}
		if r.name != strings.ToUpper(r.name) {
			t.Errorf("%s is not in capitals", r.name)
		}
		if len(r.name) > maxName {
			t.Errorf("%s is longer than what is looked up", r.name)
		}
		if r.flags&read != 0 && r.flags&write != 0 {
			t.Errorf("%s reads only and writes", r.name)
		}
	}
}

func TestContainersAreMarked(t *testing.T) {
	has := map[string]bool{}
	for _, r := range table {
		if name, _, ok := strings.Cut(r.name, " "); ok {
			has[name] = true
		}
	}
	for _, r := range table {
		if strings.Contains(r.name, " ") {
			continue
		}
		if got := r.flags&container != 0; got != has[r.name] {
			t.Errorf("%s: marked as container is %t, has subcommands is %t", r.name, got, has[r.name])
		}
		delete(has, r.name)
	}
	for name := range has {
		t.Errorf("%s has subcommands but no row of its own", name)
	}
}

func TestEveryRowIsFoundInEitherCase(t *testing.T) {
	for i := range table {
		want := table[i].name
		for _, spelled := range []string{want, strings.ToLower(want)} {
			name, sub, _ := strings.Cut(spelled, " ")
			if got := OfName([]byte(name), []byte(sub)).Name; got != want {
				t.Errorf("OfName(%q, %q) is %q, want %q", name, sub, got, want)
			}
		}
	}
}

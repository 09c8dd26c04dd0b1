package cluster

import (
	"strings"
	"testing"

	"easycli/internal/command"
	"easycli/internal/resp"
)

// values reads replies off their wire form.
func values(t *testing.T, wire string) []resp.Value {
	t.Helper()
	in := resp.NewReader(strings.NewReader(wire))
	var all []resp.Value
	for {
		v, err := in.ReadValue()
		if err != nil {
			return all
		}
		all = append(all, v)
	}
}

func TestMerge(t *testing.T) {
	two := []Part{{Keys: []int{0, 2}}, {Keys: []int{1}}}
	tests := []struct {
		name     string
		how      command.Merge
		parts    []Part
		in, want string
	}{
		{"sum", command.Sum, nil, ":2\r\n:3\r\n:0\r\n", ":5\r\n"},
		{"sum of a status", command.Sum, nil, ":2\r\n+OK\r\n",
			"-ERR the nodes' replies do not fit together: one is a status\r\n"},
		{"sum of statuses", command.Sum, nil, "+OK\r\n+OK\r\n",
			"-ERR the nodes' replies do not fit together: one is a status\r\n"},
		{"least", command.Least, nil, ":2\r\n:1\r\n:4\r\n", ":1\r\n"},
		{"least, place by place", command.Least, nil, "*2\r\n:1\r\n:1\r\n*2\r\n:0\r\n:1\r\n", "*2\r\n:0\r\n:1\r\n"},
		{"least of unequal arrays", command.Least, nil, "*1\r\n:1\r\n*2\r\n:0\r\n:1\r\n",
			"-ERR the nodes' replies do not fit together: one is an array\r\n"},
		{"joined", command.Joined, nil, "*1\r\n$1\r\na\r\n*0\r\n*1\r\n$1\r\nb\r\n", "*2\r\n$1\r\na\r\n$1\r\nb\r\n"},
		{"agree", command.Agree, nil, "+OK\r\n+OK\r\n", "+OK\r\n"},
		{"agree but one", command.Agree, nil, "+OK\r\n-MISCONF disk\r\n+OK\r\n",
			"-MISCONF disk (2 of 3 nodes carried it out)\r\n"},
		{"nobody did", command.Agree, nil, "-ERR syntax error\r\n-ERR syntax error\r\n", "-ERR syntax error\r\n"},
		{"the only part", command.Agree, two[:1], "-OOM full\r\n", "-OOM full\r\n"},
		{"a part fails", command.Sum, two, ":2\r\n-OOM full\r\n", "-OOM full (1 of 2 parts were carried out)\r\n"},
		{"in place", command.InPlace, two, "*2\r\n$1\r\na\r\n$1\r\nc\r\n*1\r\n$-1\r\n", "*3\r\n$1\r\na\r\n$-1\r\n$1\r\nc\r\n"},
		{"in place, one missing", command.InPlace, two, "*1\r\n$1\r\na\r\n*1\r\n$-1\r\n",
			"-ERR the nodes' replies do not fit together: one is an array\r\n"},
		{"one success", command.AnySuccess, nil, "-NOTBUSY a\r\n+OK\r\n-NOTBUSY c\r\n", "+OK\r\n"},
		{"no success", command.AnySuccess, nil, "-NOTBUSY a\r\n-NOTBUSY b\r\n", "-NOTBUSY a\r\n"},
		{"any value", command.AnyValue, nil, "$-1\r\n$1\r\nk\r\n$-1\r\n", "$1\r\nk\r\n"},
		{"no value", command.AnyValue, nil, "$-1\r\n$-1\r\n", "$-1\r\n"},
		{"nobody", command.Sum, nil, "", "-ERR no node of the cluster has slots\r\n"},
	}
	for _, test := range tests {
		v := Merge(test.how, test.parts, values(t, test.in))
		if got := string(v.Append(nil)); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestMergeLeavesItsInputAlone(t *testing.T) {
	in := values(t, "*1\r\n:1\r\n*1\r\n:0\r\n")
	Merge(command.Least, nil, in)
	if in[0].Elems[0].Int != 1 {
		t.Error("the first reply has changed")
	}
}

func TestAnyValueIsFair(t *testing.T) {
	in := values(t, "$1\r\na\r\n$-1\r\n$1\r\nb\r\n")
	seen := map[string]int{}
	for range 400 {
		seen[Merge(command.AnyValue, nil, in).Text]++
	}
	if seen["a"] < 100 || seen["b"] < 100 {
		t.Errorf("%v", seen)
	}
}

package bulk

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"easycli/internal/cluster"
	"easycli/internal/pipeclient"
	"easycli/internal/progress"
	"easycli/internal/resptest"
)

// screen keeps what a terminal is sent.
type screen struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

// All that watches a load, on several nodes at once, while a slot moves.
func TestALoadIntoAClusterIsWatched(t *testing.T) {
	c := resptest.SharedCluster(t)
	slot := cluster.SlotOf([]byte("k1"))
	from := c.Owner(slot)
	to := c.Masters()[0]
	if to == from {
		to = c.Masters()[1]
	}
	nodes, err := cluster.Open(context.Background(), cluster.Config{Client: pipeclient.Config{Addr: c.Addr()}})
	if err != nil {
		t.Fatal(err)
	}
	defer nodes.Close()
	c.MoveSlot(slot, from, to) // which the map does not know yet
	var lines strings.Builder
	const commands = 30_000
	for i := range commands {
		fmt.Fprintf(&lines, "SET k%d %d\n", i%100, i)
	}
	lines.WriteString("MSET k0 0 k3 3\nDBSIZE\n")
	var path string
	s := &screen{}
	line := progress.New(s, func() int { return 300 })
	o := loadInto("", strings.NewReader(lines.String()), verified, repliesTo(t, &path), func(cfg *Config) {
		cfg.Cluster, cfg.Progress, cfg.Err = nodes, line, line
		cfg.Rate = Rate{PerSecond: 25_000}
		cfg.Confirm = []Confirmation{{Replicas: 1, Within: 1}}
	})
	if o.Replies != commands+2 || o.Errors != 0 || len(o.InDoubt) > 0 {
		t.Fatalf("%v %+v", o.end, o.Report)
	}
	seen := map[int64]int{}
	for _, line := range linesOf(t, path) {
		want := `"OK"`
		if line.N == commands+2 {
			want = "100"
		}
		if seen[line.N]++; string(line.Reply) != want || line.Part != (line.N == commands+1) {
			t.Fatalf("%+v", line)
		}
	}
	if seen[commands+1] != 2 || seen[commands+2] != 1 {
		t.Errorf("%d parts of MSET, %d replies to DBSIZE", seen[commands+1], seen[commands+2])
	}
	for n := range int64(commands) {
		if seen[n+1] != 1 {
			t.Fatalf("command %d has %d replies", n+1, seen[n+1])
		}
	}
	for _, node := range c.Masters() {
		if !strings.Contains(s.text.String(), "  "+node.Addr+" ") {
			t.Errorf("no %s in %q", node.Addr, s.text.String())
		}
	}
	if want := "not confirmed by "; !strings.Contains(s.text.String(), want) {
		t.Errorf("no %q", want)
	}
	for i := 4; i < 100; i++ {
		if got := c.Do("GET", fmt.Sprintf("k%d", i)); got != fmt.Sprint(commands-100+i) {
			t.Fatalf("k%d is %s", i, got)
		}
	}
}

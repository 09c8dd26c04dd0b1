package bulk

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"easycli/internal/cluster"
	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

// into is a load into a cluster.
func into(t *testing.T, c *resptest.RedisCluster) func(*Config) {
	t.Helper()
	client := pipeclient.Config{Addr: c.Addr(), Name: "loader"}
	nodes, err := cluster.Open(t.Context(), cluster.Config{Client: client})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nodes.Close() })
	return func(cfg *Config) { cfg.Client, cfg.Cluster = client, nodes }
}

// With several nodes, what was acknowledged has gaps when one of them is lost: a load that continues
// repeats some, and says how many.
func TestALoadThatLosesANodeSaysWhatIsRepeated(t *testing.T) {
	c := resptest.SharedCluster(t)
	const n, keys = 60_000, 30
	var in strings.Builder
	for i := range n {
		fmt.Fprintf(&in, "INCR lost:%d\n", i%keys)
	}
	total := func() (sum int64) {
		for i := range keys {
			count, _ := strconv.ParseInt(c.Do("GET", fmt.Sprintf("lost:%d", i)), 10, 64)
			sum += count
		}
		return sum
	}
	path := filepath.Join(t.TempDir(), "journal")
	victim, gate := c.Masters()[1], newGated(in.String())
	ended := make(chan outcome, 1)
	go func() { ended <- loadInto("", gate, into(t, c), func(cfg *Config) { cfg.Journal = path }) }()
	gate.open(in.Len() / 2)
	await(t, func() bool { return total() > n/4 })
	gate.open(in.Len() * 3 / 4)
	for line := range strings.Lines(victim.Do("CLIENT", "LIST")) {
		if strings.Contains(line, "name=loader ") {
			id, _, _ := strings.Cut(strings.TrimPrefix(line, "id="), " ")
			victim.Do("CLIENT", "KILL", "ID", id)
		}
	}
	gate.open(in.Len())
	o := <-ended
	applied := total()
	if outcomeOf(o.end) != outcomeLost || applied < o.Replies || applied > o.Sent {
		t.Fatalf("%d were carried out: %v %+v", applied, o.end, o.Report)
	}
	beyond := applied - (o.Resume - 1)
	if beyond < o.Repeats || beyond > o.Repeats+o.InDoubt.Len() || len(o.Nodes) != 3 {
		t.Errorf("%d were carried out from there on: %+v", beyond, o.Report)
	}
	sent, acknowledged := int64(0), int64(0)
	for _, node := range o.Nodes {
		sent, acknowledged = sent+node.Sent, acknowledged+node.Replies
	}
	if sent != o.Sent || acknowledged != o.Replies || recordOf(t, path).Acknowledged != o.Resume-1 {
		t.Errorf("%+v, the journal says %d", o.Report, recordOf(t, path).Acknowledged)
	}
	last := loadInto("", strings.NewReader(in.String()), into(t, c), func(cfg *Config) { cfg.Journal = path })
	if last.end != nil || last.Skipped != o.Resume-1 || total() != n+beyond {
		t.Errorf("%d: %v %+v", total(), last.end, last.Report)
	}
}

// Several nodes may be lost with an EXEC in doubt. What continues begins with the first MULTI of all.
func TestTheFirstOfSeveralTransactionsInDoubt(t *testing.T) {
	one := func(number int64) Ranges { return Ranges{{Place{Number: number}, number}} }
	lost := func(multi, end int64) *lane {
		return &lane{ledger: ledger{Report: Report{InDoubt: one(end)}, multi: multi, queued: 2, ending: exec}}
	}
	l := &load{next: Place{Number: 30}, lanes: []*lane{lost(20, 23), lost(10, 13), lost(15, 18)}}
	if r := l.sum(); r.Undecided != 10 || r.Resume != 10 || r.InDoubt.Len() != 3 {
		t.Errorf("%+v", r)
	}
}

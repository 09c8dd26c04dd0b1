package bulk

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

func reconnect(c *Config) { c.Reconnect = true }

// inRuns fails the test unless a list holds 0 to n-1 in order, but for going back a little now and
// then: never forward over one that has not been there.
func inRuns(t *testing.T, name string, list []string, n int) (repeated int) {
	t.Helper()
	next := 0
	for i, element := range list {
		got, _ := strconv.Atoi(element)
		if got > next {
			t.Fatalf("%s: element %d is %d, and %d has not been there", name, i, got, next)
		}
		next = got + 1
	}
	if next != n {
		t.Fatalf("%s ends with %d of %d", name, next, n)
	}
	return len(list) - n
}

func TestALostConnectionIsReplacedWhereCommandsMayBeRepeated(t *testing.T) {
	s := resptest.Shared(t)
	s.Do("FLUSHALL")
	const n = 60_000
	proxy := resptest.Proxy(t, s.Addr, func(conn int) resptest.Plan {
		if conn >= 6 {
			return resptest.Plan{}
		}
		return resptest.Plan{Down: resptest.Lane{Then: resptest.RST, At: int64(1 + conn*9973)}}
	})
	var lines strings.Builder
	lines.WriteString("SELECT 3\n")
	for i := range n {
		if i%1000 == 17 {
			fmt.Fprintf(&lines, "MULTI\nRPUSH seq %d\nINCR trans\nEXEC\n", i)
			continue
		}
		fmt.Fprintf(&lines, "RPUSH seq %d\n", i)
	}
	o := loadInto(proxy.Addr, strings.NewReader(lines.String()), reconnect)
	if o.end != nil || o.Errors != 0 || o.Replies != n+1+3*n/1000 || len(o.InDoubt)+len(o.NotSent) > 0 || o.Resent == 0 {
		t.Fatalf("%v %+v\n%s", o.end, o.Report, o.err)
	}
	repeated := inRuns(t, "seq", s.DoList("EVAL", "redis.call('SELECT', 3) return redis.call('LRANGE', 'seq', 0, -1)", "0"), n)
	if !strings.Contains(o.err, "connecting again, for 20s at most, to send again what was not answered") ||
		!strings.Contains(o.err, fmt.Sprintf("perhaps carried out twice: %d commands\n", o.Resent)) || int64(repeated) > o.Resent {
		t.Errorf("%d were repeated\n%s", repeated, o.err)
	}
}

// A server that does not come back ends the load, and the accounts are what they are.
func TestAServerThatDoesNotComeBackEndsTheLoad(t *testing.T) {
	s := resptest.Server(t)
	var killed atomic.Bool
	lines := newShared(0, 1)
	go func() {
		await(t, func() bool { n, _ := strconv.Atoi(s.Do("LLEN", "seq:0")); return n > 100 })
		killed.Store(true)
		s.Stop(syscall.SIGKILL)
	}()
	o := loadInto(s.Addr, nil, reconnect, func(c *Config) {
		c.Inputs = []Input{lines.while(func() bool { return true })}
		c.Client.Timeout = 300 * time.Millisecond
	})
	if !errors.Is(o.end, pipeclient.ErrInDoubt) || !strings.Contains(o.err, "and no connection for ") {
		t.Fatalf("%v %+v\n%s", o.end, o.Report, o.err)
	}
	if o.Replies+o.InDoubt.Len()+o.NotSent.Len() != o.Next.Number-1 || o.InDoubt.Len() > 0 && o.InDoubt.First() != o.Replies+1 {
		t.Errorf("%+v", o.Report)
	}
}

func TestAPromotedReplicaIsLoadedWhereCommandsMayBeRepeated(t *testing.T) {
	c := resptest.Cluster(t, 3, 1)
	s := newShared(0, 100)
	victim := c.Masters()[1]
	replica := c.Replicas(victim)[0]
	var promoted atomic.Bool
	go func() {
		await(t, func() bool { n, _ := strconv.Atoi(victim.Do("DBSIZE")); return n > 10 })
		victim.Stop(syscall.SIGKILL)
		c.Promote(replica)
		promoted.Store(true)
	}()
	o := loadCluster(t, c.Addr(), s.while(func() bool { return !promoted.Load() || s.count < 20_000 }), reconnect)
	if o.end != nil || o.Errors != 0 || o.Replies != s.count || len(o.InDoubt)+len(o.NotSent) > 0 {
		t.Fatalf("%v %+v\n%s", o.end, o.Report, o.err)
	}
	for key, n := range s.want {
		if got := c.Do("LINDEX", key, "-1"); got != strconv.Itoa(n-1) {
			t.Errorf("%s ends with %s, not %d", key, got, n-1)
		}
	}
}

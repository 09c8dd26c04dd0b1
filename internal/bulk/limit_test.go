package bulk

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

// stopped is the load's StopError.
func (o outcome) stopped(t *testing.T) *StopError {
	t.Helper()
	var e *StopError
	if !errors.As(o.end, &e) || !errors.Is(o.end, ErrCommands) {
		t.Fatalf("ended with %v, want a StopError\n%s", o.end, o.err)
	}
	return e
}

// A window of commands is all that may be sent when the first answer says that it is of no use.
const window = windowCommands + blockOfMany

func TestAServerInTroubleStopsTheLoad(t *testing.T) { // T131
	s := resptest.Server(t, "--maxmemory-policy", "noeviction")
	in := "GET none\nGET none\n" + strings.Repeat("SET k v\n", 3*window)
	for _, c := range []struct {
		class      string
		begin, end [][]string
	}{
		{"OOM", [][]string{{"CONFIG", "SET", "maxmemory", "1"}}, [][]string{{"CONFIG", "SET", "maxmemory", "0"}}},
		{"READONLY", [][]string{{"REPLICAOF", "127.0.0.1", "1"}}, [][]string{{"REPLICAOF", "NO", "ONE"}}},
		{"NOREPLICAS", [][]string{{"CONFIG", "SET", "min-replicas-to-write", "1"}},
			[][]string{{"CONFIG", "SET", "min-replicas-to-write", "0"}}},
		{"NOPERM", [][]string{{"ACL", "SETUSER", "default", "-set"}}, [][]string{{"ACL", "SETUSER", "default", "+@all"}}},
		{"MASTERDOWN", [][]string{{"REPLICAOF", "127.0.0.1", "1"}, {"CONFIG", "SET", "replica-serve-stale-data", "no"}},
			[][]string{{"CONFIG", "SET", "replica-serve-stale-data", "yes"}, {"REPLICAOF", "NO", "ONE"}}},
	} {
		for _, words := range c.begin {
			s.Do(words...)
		}
		o := loadText(t, s, in)
		for _, words := range c.end {
			s.Do(words...)
		}
		e := o.stopped(t)
		want := int64(3) // the first two are answered even so
		if c.class == "MASTERDOWN" {
			want = 1
		}
		if e.Class != c.class || e.Place.Number != want || o.Resume != want || o.Replies > window || o.Sent != o.Replies {
			t.Errorf("%s: %+v, %+v", c.class, e, o.Report)
		}
		if !strings.Contains(o.err, "the server answers "+c.class+", first to line "+fmt.Sprint(want)) ||
			!strings.Contains(o.err, adviceFor(c.class)) || strings.Count(o.err, "\n") > 5 {
			t.Errorf("%s: %s", c.class, o.err)
		}
	}
	if o := loadText(t, s, in); o.end != nil {
		t.Errorf("the server is well again: %v", o.end)
	}
}

// What a test cannot bring about on one server is told by a peer.
func TestTheOtherTroublesThatStopALoad(t *testing.T) { // T131
	for _, text := range []string{
		"NOAUTH Authentication required.",
		"MISCONF Redis is configured to save RDB snapshots",
		"CLUSTERDOWN The cluster is down",
		"EXECABORT Transaction discarded because of: OOM command not allowed",
	} {
		peer := resptest.Peer(t, func(c *resptest.PeerConn) {
			for i := 0; ; i++ {
				if c.Next() == nil {
					return
				}
				if i == 5 {
					c.Reply("-" + text + "\r\n")
				} else {
					c.Reply("+OK\r\n")
				}
			}
		})
		o := loadInto(peer.Addr, strings.NewReader(strings.Repeat("INCR x\n", 2*window)))
		if e := o.stopped(t); e.Place.Number != 6 || o.Resume != 6 || o.Repeats != o.Replies-6 || o.Errors != 1 {
			t.Errorf("%s: %+v %+v", text, e, o.Report)
		}
	}
}

func TestACommandThatIsNotPermittedMayBePassed(t *testing.T) {
	s := resptest.Server(t)
	s.Do("ACL", "SETUSER", "default", "-set")
	o := loadText(t, s, "SET a 1\nINCR b\n", func(c *Config) { c.PassNoPerm = true })
	if o.end != ErrCommands || o.Errors != 1 || o.Replies != 2 || o.Resume != 3 || s.Do("GET", "b") != "1" {
		t.Fatalf("%+v", o)
	}
}

// A transaction in which the trouble shows is to be sent again as a whole.
func TestTroubleInsideATransaction(t *testing.T) {
	s := resptest.Server(t, "--maxmemory-policy", "noeviction")
	s.Do("CONFIG", "SET", "maxmemory", "1")
	o := loadText(t, s, "GET a\nMULTI\nGET b\nSET a 1\nEXEC\nGET c\n")
	if e := o.stopped(t); e.Place.Number != 3 || o.Resume != 2 || o.Repeats != 1 {
		t.Fatalf("%+v %+v", e, o.Report)
	}
}

func TestTooManyFailedCommandsStopTheLoad(t *testing.T) { // T131
	s := resptest.Shared(t)
	s.Do("SET", "str", "x")
	many := strings.Repeat("SET a 1\nLPUSH str x\n", 2*window)
	for _, limit := range []int64{1, 11} {
		o := loadText(t, s, many, func(c *Config) { c.StopAfter = limit })
		if e := o.stopped(t); e.Class != "" || e.Failed != limit || e.Place.Number != 2*limit || o.Errors < limit ||
			o.Replies > window || o.Resume != o.Replies+1 {
			t.Errorf("%d: %+v %+v", limit, e, o.Report)
		}
		// those that had been sent by then are answered, passed over by the line that continues, and so named
		if n := strings.Count(o.err, "WRONGTYPE"); int64(n) != o.Errors || n <= int(limit) || !strings.Contains(o.err, fmt.Sprintf("stopped by failed commands: %d,", limit)) {
			t.Errorf("%d: %d lines\n%s", limit, n, o.err)
		}
	}
	o := loadText(t, s, "LPUSH str x\nLPUSH str x\nSET a 1\n", func(c *Config) { c.StopAfter = 3 })
	if o.end != ErrCommands || o.Errors != 2 || o.Replies != 3 {
		t.Errorf("two are allowed: %+v", o)
	}
}

// A load whose last commands fail has nothing to stop.
func TestTheLastFailureOfAllStopsNothing(t *testing.T) {
	s := resptest.Shared(t)
	in := iotest.DataErrReader(strings.NewReader("SET str 1\nLPUSH str x\n")) // the end is known when it is sent
	o := loadInto(s.Addr, in, func(c *Config) { c.StopAfter = 1 })
	if o.end != ErrCommands || strings.Contains(o.err, "stopped") || !strings.Contains(o.out, "Last reply received") {
		t.Fatalf("%+v", o)
	}
}

func TestSecretsAreNotInWhatIsSaid(t *testing.T) {
	s := resptest.Shared(t)
	o := loadText(t, s, "AUHT bob hunter2\nAUTH bob hunter2\nMIGRATE h p k 0 hunter2 AUTH hunter2\nHELLO 3 AUTH a hunter2\n",
		func(c *Config) { c.AllowState = true; c.Client = pipeclient.Config{Addr: s.Addr} })
	if o.Errors != 4 || strings.Contains(o.err, "hunter2") {
		t.Fatalf("%+v", o)
	}
}

// A server that has stopped reading says why, and what it did not carry out is sent again: whether the
// answer or the end of the connection is seen first makes no difference.
func TestAServerThatStopsReading(t *testing.T) { // T131
	for _, reads := range []int{2, 3} {
		peer := resptest.Peer(t, func(c *resptest.PeerConn) {
			for range 3 {
				c.Next()
			}
			c.Reply("+OK\r\n-ERR Protocol error: unauthenticated bulk length\r\n" + strings.Repeat("-ERR x\r\n", reads-2))
		})
		o := loadInto(peer.Addr, strings.NewReader("SET a 1\nSET b 1\nSET c 1\n"))
		if reads == 3 {
			o.stopped(t)
		} else if outcomeOf(o.end) != outcomeLost {
			t.Errorf("%v", o.end)
		}
		if o.Resume != 2 || !strings.Contains(o.err, "stopped: the server answers ERR Protocol error, first to line 2, ") ||
			!strings.Contains(o.err, "EASYCLI_AUTH") {
			t.Errorf("%d: %+v", reads, o)
		}
	}
}

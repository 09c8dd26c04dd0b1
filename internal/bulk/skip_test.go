package bulk

import (
	"fmt"
	"strings"
	"testing"

	"easycli/internal/resptest"
)

func skipping(n int64) func(*Config) { return func(c *Config) { c.Skip = n } }

// recorder is a server that says OK to everything and keeps what it was told.
func recorder(t *testing.T) (addr string, told func() string) {
	commands := make(chan string, 1<<16)
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		for {
			words := c.Next()
			if words == nil {
				return
			}
			commands <- strings.Join(words, " ")
			c.Reply("+OK\r\n")
		}
	})
	return peer.Addr, func() string {
		var all []string
		for len(commands) > 0 {
			all = append(all, <-commands)
		}
		return strings.Join(all, ",")
	}
}

func TestTheFirstCommandsAreLeftOut(t *testing.T) {
	addr, told := recorder(t)
	text := "# x\nSET a 1\n\nGET a\nMULTI\nSET b 1\nEXEC\nSET c 1\n"
	wire := resptest.Command("SET", "a", "1") + resptest.Command("GET", "a") + resptest.Command("MULTI") +
		resptest.Command("SET", "b", "1") + resptest.Command("EXEC") + resptest.Command("SET", "c", "1")
	for _, in := range []string{text, wire} {
		all := []string{"SET a 1", "GET a", "MULTI", "SET b 1", "EXEC", "SET c 1"}
		for _, n := range []int64{0, 1, 2, 5, 6} {
			o := loadInto(addr, strings.NewReader(in), skipping(n))
			if got, want := told(), strings.Join(all[n:], ","); got != want || o.end != nil || o.Replies != 6-n || o.Skipped != n || o.Resume != 7 {
				t.Errorf("--skip %d: %q, want %q, %+v", n, got, want, o)
			}
		}
	}
	o := loadInto(addr, strings.NewReader(text), skipping(4))
	if e := o.input(t); e.Number != 3 || told() != "" || !strings.Contains(e.Advice, "--skip 2") || o.Resume != 5 {
		t.Errorf("inside a transaction: %+v", o)
	}
	o = loadInto(addr, strings.NewReader(text), skipping(7))
	if e := o.input(t); e.Number != 7 || told() != "" || !strings.Contains(e.Msg, "not as many as 7") {
		t.Errorf("beyond the end: %+v", o)
	}
	o = loadInto(addr, strings.NewReader("MULTI\nSET a 1\n"), skipping(2))
	if e := o.input(t); e.Number != 1 || told() != "" {
		t.Errorf("a transaction that is not closed: %+v", o)
	}
}

// What is left out is checked all the same: it may be another input.
func TestWhatIsLeftOutIsChecked(t *testing.T) {
	addr, told := recorder(t)
	for in, want := range map[string]int64{
		"SET a 1\nSET b \"\nSET c 1\n":                         2,
		"SET a 1\nMONITOR\nSET c 1\n":                          2,
		resptest.Command("SET", "a", "1") + "*1\r\n$3\r\nPING": 2,
	} {
		if e := loadInto(addr, strings.NewReader(in), skipping(2)).input(t); e.Number != want || told() != "" {
			t.Errorf("%q: %+v", in, e)
		}
	}
}

func TestWhatTheOthersRelyOnIsRepeated(t *testing.T) {
	addr, told := recorder(t)
	allow := func(c *Config) { c.AllowState = true }
	for in, want := range map[string]string{
		"SELECT 1\nSET a 1\nSELECT 2\nSET b 1\nSET c 1\n":              "SELECT 2,SET c 1",
		"AUTH bob pw\nSELECT 1\nAUTH pw2\nCLIENT SETNAME x\nSET c 1\n": "SELECT 1,AUTH pw2,CLIENT SETNAME x,SET c 1",
		"SELECT 1\nMULTI\nSELECT 2\nDISCARD\nSET c 1\n":                "SELECT 1,SET c 1",
		"SELECT 1\nMULTI\nSELECT 2\nEXEC\nSET c 1\n":                   "SELECT 2,SET c 1",
		"SELECT 1\nHELLO 3\nRESET\nSELECT 3\nSET c 1\n":                "RESET,SELECT 3,SET c 1",
		"HELLO 3\nSELECT 1\nHELLO 2\nSET a 1\nSET c 1\n":               "SELECT 1,HELLO 2,SET c 1",
	} {
		o := loadInto(addr, strings.NewReader(in), skipping(4), allow)
		if got := told(); got != want || o.Replies != 1 {
			t.Errorf("%q: %q, want %q, %+v", in, got, want, o)
		}
	}
	s := resptest.Shared(t)
	s.Do("DEL", "after")
	o := loadText(t, s, "SELECT 99\nSET after 1\n", skipping(1))
	if o.end == nil || s.Do("EXISTS", "after") != "0" || !strings.Contains(o.err, "line 1, byte 0: SELECT, which") || o.Resume != 2 {
		t.Errorf("a database that there is not: %+v", o)
	}
}

// Several inputs are counted through, and what one selects does not reach the next.
func TestInputsAreLeftOutTogether(t *testing.T) {
	addr, told := recorder(t)
	inputs := func(c *Config) {
		c.Inputs = append(reading(strings.NewReader("SELECT 1\nSET a 1\n")), reading(strings.NewReader("SET b 1\nSET c 1\n"))...)
		c.Inputs[0].Name, c.Inputs[1].Name = "one", "two"
	}
	for n, want := range []string{"SELECT 1,SET a 1,SELECT 0,SET b 1,SET c 1", "SELECT 1,SET a 1,SELECT 0,SET b 1,SET c 1",
		"SELECT 0,SET b 1,SET c 1", "SELECT 0,SET c 1"} {
		if o := loadInto(addr, nil, inputs, skipping(int64(n))); o.end != nil || o.Replies != 4-int64(n) {
			t.Errorf("--skip %d: %+v", n, o)
		}
		if got := told(); got != want {
			t.Errorf("--skip %d: %q, want %q", n, got, want)
		}
	}
}

func TestLargeCommandsAreLeftOut(t *testing.T) {
	s := resptest.Shared(t)
	s.Do("DEL", "large")
	piece := func(c string) string { return resptest.Command("APPEND", "large", strings.Repeat(c, 3<<20)) }
	in := resptest.Command("APPEND", "large", "a") + piece("b") + piece("c") + resptest.Command("APPEND", "large", "d")
	o := loadText(t, s, in, skipping(2))
	if o.end != nil || o.Replies != 2 || s.Do("STRLEN", "large") != fmt.Sprint(3<<20+1) || s.Do("GETRANGE", "large", "0", "0") != "c" {
		t.Fatalf("%+v", o)
	}
	s.Do("DEL", "large")
	o = loadText(t, s, in, skipping(3))
	if o.end != nil || o.Replies != 1 || s.Do("GET", "large") != "d" {
		t.Fatalf("%+v", o)
	}
	cut := in[:len(in)-3<<20]
	o = loadText(t, s, cut, skipping(3))
	if e := o.input(t); e.Number != 3 || o.Sent != 0 || s.Do("GET", "large") != "d" {
		t.Fatalf("%+v", o)
	}
}

// The places of what is sent do not depend on what was left out.
func TestPlacesBehindWhatIsLeftOut(t *testing.T) {
	s := resptest.Shared(t)
	in := strings.Repeat("SET key:0000000001 some_value\n", 100_000) + "NOSUCH\n"
	o := loadText(t, s, in, skipping(99_000))
	if o.Errors != 1 || o.Replies != 1001 || !strings.Contains(o.err, fmt.Sprintf("line 100001, byte %d: NOSUCH", len(in)-7)) {
		t.Fatalf("%+v", o)
	}
}

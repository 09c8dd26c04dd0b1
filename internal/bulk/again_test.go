package bulk

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"easycli/internal/resptest"
)

// record is what a peer has carried out, in its order.
type record struct {
	mu   sync.Mutex
	done []string
}

func (r *record) add(words []string) {
	r.mu.Lock()
	r.done = append(r.done, strings.Join(words, " "))
	r.mu.Unlock()
}

func (r *record) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.done)
}

// refusing is a peer that refuses the commands whose turn, counted from 0, refuses says, with that
// error, and records the others.
func refusing(t *testing.T, refuses func(turn int, words []string) string) (*resptest.PeerServer, *record) {
	r := &record{}
	return resptest.Peer(t, func(c *resptest.PeerConn) {
		for turn := 0; ; turn++ {
			words := c.Next()
			if text := refuses(turn, words); text != "" {
				c.Reply("-" + text + "\r\n")
				continue
			}
			r.add(words)
			c.Reply("+OK\r\n")
		}
	}), r
}

func numbered(n int) (lines string, commands []string) {
	for i := range n {
		commands = append(commands, fmt.Sprintf("RPUSH k %d", i))
	}
	return strings.Join(commands, "\n") + "\n", commands
}

func TestWhatALoadingServerRefusesIsSentAgainInItsOrder(t *testing.T) { // T131
	for _, text := range []string{"LOADING data", "BUSY with a script", "TRYAGAIN later"} {
		peer, r := refusing(t, func(turn int, _ []string) string {
			if turn < 3000+3 { // all of it once, and the first command three times more
				return text
			}
			return ""
		})
		lines, want := numbered(3000)
		o := loadInto(peer.Addr, strings.NewReader(lines))
		if o.end != nil || o.Replies != 3000 || o.Errors != 0 || len(o.InDoubt) > 0 || len(o.NotSent) > 0 {
			t.Fatalf("%s: %v %+v\n%s", text, o.end, o.Report, o.err)
		}
		if got := r.all(); !slices.Equal(got, want) {
			t.Fatalf("%s: carried out %d, not in the order of the input", text, len(got))
		}
		if strings.Count(o.err, "waiting, 20s at most: the server answers "+text) != 1 {
			t.Errorf("said %q", o.err)
		}
	}
}

// What is refused for too long was not sent, as far as the accounts go, and the load ends.
func TestARefusalThatDoesNotEndIsGivenUp(t *testing.T) { // T131
	peer, r := refusing(t, func(turn int, _ []string) string {
		if turn >= 10 {
			return "LOADING for ever"
		}
		return ""
	})
	lines, want := numbered(100)
	o := loadInto(peer.Addr, strings.NewReader(lines), func(c *Config) { c.Client.Timeout = 300 * time.Millisecond })
	var refused *RefusedError
	if !errors.As(o.end, &refused) || refused.Overtaken || refused.Place.Number != 11 || !errors.Is(o.end, ErrCommands) {
		t.Fatalf("%v", o.end)
	}
	if o.Replies != 10 || o.Errors != 0 || o.NotSent.First() != 11 || o.NotSent.Len() != 90 || !slices.Equal(r.all(), want[:10]) {
		t.Fatalf("%+v", o.Report)
	}
	for _, part := range []string{"line 11, byte 100: RPUSH is refused for ", "(--pipe-timeout): LOADING for ever",
		"sent 10, acknowledged 10 (0 errors), not sent from 11 (byte 100)"} {
		if !strings.Contains(o.err, part) {
			t.Errorf("no %q in %s", part, o.err)
		}
	}
}

// A refused command that others have overtaken cannot be sent again: that would change their order.
func TestWhatWasOvertakenIsAnError(t *testing.T) {
	peer, r := refusing(t, func(turn int, _ []string) string {
		if turn >= 10 && turn < 13 {
			return "BUSY with a script"
		}
		return ""
	})
	lines, want := numbered(100)
	o := loadInto(peer.Addr, strings.NewReader(lines))
	var refused *RefusedError
	if !errors.As(o.end, &refused) || !refused.Overtaken {
		t.Fatalf("%v", o.end)
	}
	if o.Replies != 100 || o.Errors != 3 || !slices.Equal(r.all(), slices.Delete(slices.Clone(want), 10, 13)) {
		t.Fatalf("%+v", o.Report)
	}
	if !strings.Contains(o.err, "line 12, byte 111: RPUSH: BUSY with a script") {
		t.Errorf("%s", o.err)
	}
}

// A transaction is refused as a whole, and sent again as a whole.
func TestATransactionThatIsRefusedIsSentAgainAsAWhole(t *testing.T) {
	const commands = "PING 1|MULTI|SET a 1|INCR a|EXEC|PING 2"
	for _, c := range []struct{ refused, reply string }{
		{"SET", "-EXECABORT Transaction discarded because of previous errors.\r\n"},
		{"EXEC", "-LOADING data\r\n"},
	} {
		loading := true
		var got []string
		peer := resptest.Peer(t, func(conn *resptest.PeerConn) {
			for {
				words := conn.Next()
				name := words[0]
				got = append(got, strings.Join(words, " "))
				loading = loading && len(got) <= 6+4 // until the transaction has been refused twice
				switch {
				case name == "EXEC" && loading:
					conn.Reply(c.reply)
				case name == "EXEC":
					conn.Reply("*2\r\n+OK\r\n-ERR one\r\n")
				case loading && (name == c.refused || words[len(words)-1] == "2"):
					conn.Reply("-LOADING data\r\n")
				default:
					conn.Reply("+OK\r\n")
				}
			}
		})
		o := loadInto(peer.Addr, strings.NewReader(strings.ReplaceAll(commands, "|", "\n")+"\n"))
		if o.Replies != 6 || o.Errors != 1 || o.Discarded != 0 || !strings.Contains(o.err, "command 4: executed by command 5: ERR one") {
			t.Errorf("%+v: %v %+v\n%s", c, o.end, o.Report, o.err)
		}
		want := commands + "|MULTI|SET a 1|INCR a|EXEC|MULTI|SET a 1|INCR a|EXEC|PING 2"
		if got := strings.Join(got, "|"); got != want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}

// A script that does not end is waited out, and so are the data that a server reads when it starts.
func TestABusyServerIsWaitedFor(t *testing.T) { // T131
	s := resptest.Server(t)
	s.Do("CONFIG", "SET", "busy-reply-threshold", "1")
	go s.Do("EVAL", "while true do end", "0")
	await(t, func() bool { return strings.HasPrefix(s.Do("GET", "k"), "(error) BUSY") })
	in, lines := io.Pipe()
	said := make(chan bool)
	done := make(chan outcome)
	go func() {
		done <- loadInto(s.Addr, in, func(c *Config) {
			c.Err = writerFunc(func(p []byte) (int, error) {
				if strings.Contains(string(p), "answers BUSY") {
					close(said)
				}
				return len(p), nil
			})
		})
	}()
	text, want := numbered(30_000)
	io.WriteString(lines, text[:len(text)/2])
	<-said
	s.Do("SCRIPT", "KILL")
	io.WriteString(lines, text[len(text)/2:])
	lines.Close()
	if o := <-done; o.end != nil || o.Replies != 30_000 || o.Errors != 0 {
		t.Fatalf("%v %+v", o.end, o.Report)
	}
	var got []string
	for _, n := range strings.Fields(s.Do("LRANGE", "k", "0", "-1")) {
		got = append(got, "RPUSH k "+n)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%d elements, not in the order of the input", len(got))
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

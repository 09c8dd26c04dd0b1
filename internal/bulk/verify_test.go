package bulk

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"easycli/internal/pipeclient"
	"easycli/internal/resptest"
)

func verified(c *Config) { c.Verify = true }

// tampering is a server that answers every command with OK and every marker with itself, but for
// what a test makes of it: change gets the number of the reply, from 0, the request and the reply,
// and returns what is sent.
func tampering(t *testing.T, change func(n int, request []string, reply string) string) *resptest.PeerServer {
	return resptest.Peer(t, func(c *resptest.PeerConn) {
		for n := 0; ; n++ {
			request := c.Next()
			reply := "+OK\r\n"
			if name := request[0]; name == "ECHO" || name == "PING" {
				reply = resptest.Bulk(request[1])
			}
			if _, err := io.WriteString(c.Conn, change(n, request, reply)); err != nil {
				return
			}
		}
	})
}

func sets(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "SET k %d\n", i+1)
	}
	return b.String()
}

func TestAVerifiedLoadSendsMarkersBetweenItsCommands(t *testing.T) {
	s := resptest.Server(t)
	o := loadText(t, s, sets(35_000), verified)
	if o.end != nil || o.Replies != 35_000 || o.Sent != 35_000 || o.err != "" || s.Do("GET", "k") != "35000" {
		t.Fatalf("%+v", o)
	}
	var calls int
	stats := s.Do("INFO", "commandstats")
	fmt.Sscanf(stats[strings.Index(stats, "cmdstat_echo:calls="):], "cmdstat_echo:calls=%d", &calls)
	if calls < 5 || calls > 8 { // at least one every 10 000, and two at the end
		t.Errorf("%d markers", calls)
	}
}

// A transaction that is longer than the distance of two markers has none in it, and errors in it are
// counted as ever.
func TestMarkersStayOutOfTransactions(t *testing.T) {
	s := resptest.Shared(t)
	in := "SET a 1\nMULTI\n" + strings.Repeat("INCR n\n", 30_000) + "LPUSH a x\nEXEC\n" + sets(9_000)
	o := loadText(t, s, in, verified)
	if !errors.Is(o.end, ErrCommands) || o.Errors != 1 || o.Replies != 39_004 || s.Do("GET", "n") != "30000" {
		t.Fatalf("%+v", o)
	}
	// Left open: it is dropped, and all the same everything is verified.
	o = loadText(t, s, "MULTI\nINCR n\n", verified)
	if o.input(t); o.Discarded != 1 || o.Replies != 2 || len(o.InDoubt) != 0 || s.Do("GET", "n") != "30000" {
		t.Fatalf("%+v", o)
	}
}

func TestNoMarkerStandsBetweenAPrefixAndItsCommand(t *testing.T) {
	var markers, before atomic.Value // the number of markers, the request in front of the last one
	markers.Store(0)
	peer := tampering(t, func(_ int, request []string, reply string) string {
		if request[0] != "ECHO" {
			before.Store(request[0])
			return reply
		}
		markers.Store(markers.Load().(int) + 1)
		if before.Load() == "ASKING" {
			return "-WRONGTYPE a marker behind ASKING\r\n"
		}
		return reply
	})
	o := loadInto(peer.Addr, strings.NewReader(strings.Repeat("GET a\nASKING\n", 1000)+"GET a\n"), verified)
	if o.end != nil || markers.Load() != 2 {
		t.Fatalf("%v, %d markers", o.end, markers.Load())
	}
	o = loadInto(peer.Addr, strings.NewReader(strings.Repeat("GET a\nGET b\nASKING\n", 20_000)+"GET a\n"), verified)
	if o.end != nil || markers.Load().(int) < 6 {
		t.Fatalf("%v, %d markers", o.end, markers.Load())
	}
}

func TestAReplyThatIsMissingOrOneTooManyIsFoundAtTheNextMarker(t *testing.T) { // T11, T141
	const commands = 25_000
	held := ""
	for name, change := range map[string]func(n int, request []string, reply string) string{
		"missing": func(n int, _ []string, reply string) string {
			if n == 12_345 {
				return ""
			}
			return reply
		},
		"doubled": func(n int, _ []string, reply string) string {
			if n == 12_345 {
				return reply + reply
			}
			return reply
		},
		"missing, the last": func(_ int, request []string, reply string) string {
			if slices.Equal(request, []string{"SET", "k", "25000"}) {
				return ""
			}
			return reply
		},
		"doubled, the last": func(_ int, request []string, reply string) string {
			if slices.Equal(request, []string{"SET", "k", "25000"}) {
				return reply + reply
			}
			return reply
		},
		"swapped with a marker": func(n int, request []string, reply string) string {
			if request[0] == "ECHO" && n > 12_345 && held == "" {
				held = reply
				return ""
			}
			if held != "" && held != "done" {
				reply, held = reply+held, "done"
			}
			return reply
		},
		"another's marker": func(n int, request []string, reply string) string {
			if request[0] == "ECHO" && n > 12_345 {
				return resptest.Bulk("0123456789abcdef:1")
			}
			return reply
		},
		"an error in its place": func(n int, request []string, reply string) string {
			if request[0] == "ECHO" && n > 12_345 {
				return "-WRONGTYPE no\r\n"
			}
			return reply
		},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Value // the last marker that came to the server before it went wrong
			held = ""
			peer := tampering(t, func(n int, request []string, reply string) string {
				if request[0] == "ECHO" && n < 12_345 {
					asked.Store(request[1])
				}
				return change(n, request, reply)
			})
			o := loadInto(peer.Addr, strings.NewReader(sets(commands)), verified)
			var e *MismatchError
			if !errors.As(o.end, &e) || !errors.As(o.end, new(*pipeclient.LostError)) {
				t.Fatalf("ended with %v\n%s", o.end, o.err)
			}
			marker, good := asked.Load().(string), int64(0)
			fmt.Sscanf(marker[strings.LastIndex(marker, ":"):], ":%d", &good)
			if strings.Contains(name, "last") {
				if e.From < 12_345 || e.To != commands {
					t.Errorf("%v", e)
				}
			} else if e.From != good+1 || e.To < 12_345 || e.To > 12_345+markEvery {
				t.Errorf("%v, the last good marker was behind %d", e, good)
			}
			if o.Replies != e.From-1 || o.InDoubt.First() != e.From || o.Sent != o.InDoubt.Last() {
				t.Errorf("%v, %+v", e, o.Report)
			}
			want := fmt.Sprintf("easycli: replies do not match requests near command %d (between %d and %d)\n", e.To, e.From, e.To)
			if !strings.Contains(o.err, want) {
				t.Errorf("no %q in\n%s", want, o.err)
			}
		})
	}
}

// A value that happens to be a marker is no marker: what counts is the place.
func TestAReplyThatLooksLikeAMarkerIsNone(t *testing.T) { // T142
	seen := "" // the last marker is the reply to all commands behind it
	peer := tampering(t, func(_ int, request []string, reply string) string {
		if request[0] == "ECHO" {
			seen = reply
		}
		return cmp.Or(seen, reply)
	})
	if o := loadInto(peer.Addr, strings.NewReader(sets(15_000)), verified); o.end != nil || o.Replies != 15_000 {
		t.Fatalf("%+v", o)
	}
	peer = resptest.Peer(t, func(c *resptest.PeerConn) {
		for range 100 {
			c.Next()
		}
		text := resptest.Bulk(c.Next()[1]) // and to those in front of it
		c.Reply(strings.Repeat(text, 101) + resptest.Bulk(c.Next()[1])).Swallow()
	})
	if o := loadInto(peer.Addr, strings.NewReader(sets(100)), verified); o.end != nil || o.Replies != 100 {
		t.Fatalf("%+v", o)
	}
}

func TestWhatNoMarkerConfirmedIsInDoubtWhenTheConnectionIsLost(t *testing.T) {
	good := []string{"0"} // numbers of the commands in front of markers
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		for range 20_000 {
			request, reply := c.Next(), "+OK\r\n"
			if request[0] == "ECHO" {
				good = append(good, request[1][strings.LastIndex(request[1], ":")+1:])
				reply = resptest.Bulk(request[1])
			}
			c.Reply(reply)
		}
	})
	o := loadInto(peer.Addr, strings.NewReader(sets(100_000)), verified)
	if !errors.Is(o.end, pipeclient.ErrInDoubt) || !slices.Contains(good, fmt.Sprint(o.Replies)) || o.InDoubt.First() != o.Replies+1 {
		t.Fatalf("markers behind %q: %+v", good, o.Report)
	}
}

func TestAServerThatAnswersNoMarkers(t *testing.T) { // T143
	s := resptest.Server(t)
	for name, c := range map[string]struct {
		rules []string
		told  string
	}{
		"no ECHO":          {[]string{"-echo"}, ""},
		"no ECHO, no PING": {[]string{"-echo", "-ping"}, "easycli: --verify: replies are only counted, since the server refuses ECHO and PING: NOPERM "},
	} {
		s.Do(append([]string{"ACL", "SETUSER", "loader", "reset", "on", ">pw", "~*", "+@all"}, c.rules...)...)
		for _, commands := range []int{10, 30_000} {
			o := loadText(t, s, sets(commands), verified, func(c *Config) {
				c.Client.User, c.Client.Pass, c.Client.HasPass = "loader", "pw", true
			})
			if o.end != nil || o.Replies != int64(commands) || o.Errors != 0 || len(o.InDoubt) != 0 {
				t.Errorf("%s: %+v", name, o)
			}
			if strings.Count(o.err, "\n") != min(len(c.told), 1) || !strings.HasPrefix(o.err, c.told) {
				t.Errorf("%s: %q", name, o.err)
			}
		}
	}
}

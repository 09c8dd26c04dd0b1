package resp

import (
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"easycli/internal/resptest"
)

// talk sends requests to a real server and returns what it reads, up to the answer of the ECHO that
// it sends after them.
func talk(t *testing.T, address string, requests ...string) []string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	var wire []byte
	for _, request := range append(requests, "ECHO that-was-all") {
		wire = AppendCommand(wire, strings.Fields(request)...)
	}
	if _, err := conn.Write(wire); err != nil {
		t.Fatal(err)
	}
	var events []string
	r := NewReader(conn)
	r.OnPush = func(v Value) { events = append(events, "push "+string(notation(nil, v))) }
	for {
		v, err := r.ReadValue()
		if err != nil {
			t.Fatalf("%v, after %q", err, events)
		}
		if v.Text == "that-was-all" {
			return events
		}
		if v.Kind != Map || len(events) > 0 { // the greeting of HELLO differs from server to server
			events = append(events, string(notation(nil, v)))
		}
	}
}

// TestARealServerIsUnderstood has a server show all types that it knows, and the trick of Redis up
// to 7.0: a message to oneself in the middle of EXEC.
func TestARealServerIsUnderstood(t *testing.T) {
	address := resptest.Shared(t).Addr
	var requests []string
	for _, kind := range strings.Fields("string integer double null array set map attrib bignum true false verbatim push") {
		requests = append(requests, "DEBUG PROTOCOL "+kind)
	}
	resp2 := []string{
		`$"Hello World"`, `:12345`, `$"3.141"`, `$nil`, `*[:0 :1 :2]`, `*[:0 :1 :2]`,
		`*[:0 :0 :1 :1 :2 :0]`, `$"Some real reply following the attribute"`,
		`$"1234567999999999999999999999999999999"`, `:1`, `:0`, `$"This is a verbatim\nstring"`,
		`-"ERR RESP2 is not supported by this command"`,
	}
	if got := talk(t, address, requests...); !slices.Equal(got, resp2) {
		t.Errorf("RESP2:\ngot  %q\nwant %q", got, resp2)
	}
	resp3 := []string{
		`$"Hello World"`, `:12345`, `,"3.141"`, `_nil`, `*[:0 :1 :2]`, `~[:0 :1 :2]`,
		`%[:0 #f :1 #t :2 #f]`,
		`|[$"key-popularity" *[$"key:123" :90]]$"Some real reply following the attribute"`,
		`("1234567999999999999999999999999999999"`, `#t`, `#f`, `=txt"This is a verbatim\nstring"`,
		`push >[$"server-cpu-usage" :42]`, `$"Some real reply following the push reply"`,
	}
	if got := talk(t, address, append([]string{"HELLO 3"}, requests...)...); !slices.Equal(got, resp3) {
		t.Errorf("RESP3:\ngot  %q\nwant %q", got, resp3)
	}
	events := talk(t, address, "HELLO 3", "SUBSCRIBE resp-test", "MULTI", "PING", "PUBLISH resp-test bar", "PING", "EXEC")
	if want := `*[+"PONG" :1 +"PONG"]`; !slices.Contains(events, want) {
		t.Errorf("EXEC: got %q, want %s", events, want)
	}
	if want := `push >[$"message" $"resp-test" $"bar"]`; !slices.Contains(events, want) {
		t.Errorf("EXEC: got %q, want %s", events, want)
	}
}

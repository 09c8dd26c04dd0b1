package session

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"easycli/internal/command"
	"easycli/internal/resp"
)

// words splits a line at its blanks.
func words(line string) [][]byte {
	var argv [][]byte
	for _, word := range strings.Fields(line) {
		argv = append(argv, []byte(word))
	}
	return argv
}

// play runs a script. Each line is a command and what came of it: "SELECT 3 > OK". The outcomes are
// OK, QUEUED, ERR, nil, map, array and none; "array 0 2" is one whose elements 0 and 2 are errors.
func play(t *testing.T, s State, script ...string) State {
	t.Helper()
	for _, line := range script {
		typed, came, ok := strings.Cut(line, " > ")
		if !ok {
			t.Fatalf("%q does not say what came of it", line)
		}
		argv := words(typed)
		s = s.After(command.Of(argv), argv, outcome(t, came))
	}
	return s
}

func outcome(t *testing.T, came string) Outcome {
	t.Helper()
	fields := strings.Fields(came)
	switch fields[0] {
	case "OK", "RESET":
		return OutcomeOf(resp.Value{Kind: resp.Status, Text: fields[0]})
	case "QUEUED":
		return OutcomeOf(resp.Value{Kind: resp.Status, Text: "QUEUED"})
	case "ERR":
		return OutcomeOf(resp.Value{Kind: resp.Error, Text: "ERR no"})
	case "nil":
		return OutcomeOf(resp.Value{Kind: resp.Null})
	case "map":
		return OutcomeOf(resp.Value{Kind: resp.Map})
	case "push":
		return OutcomeOf(resp.Value{Kind: resp.Push})
	case "none":
		return Outcome{}
	case "array":
		v := resp.Value{Kind: resp.Array, Elems: make([]resp.Value, 10)}
		for _, at := range fields[1:] {
			n, err := strconv.Atoi(at)
			if err != nil {
				t.Fatal(err)
			}
			v.Elems[n].Kind = resp.Error
		}
		return OutcomeOf(v)
	}
	t.Fatalf("no outcome %q", came)
	return Outcome{}
}

func TestPromptAfter(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script []string
		want   string
	}{
		{"nothing", nil, "h:1> "},
		{"a database that was selected", []string{"SELECT 3 > OK"}, "h:1[3]> "},
		{"database 0 again", []string{"select 3 > OK", "SELECT 0 > OK"}, "h:1> "},
		{"a database that does not exist", []string{"SELECT 99 > ERR"}, "h:1> "},
		{"a SELECT with too many words", []string{"SELECT 3 4 > ERR"}, "h:1> "},
		{"a transaction", []string{"MULTI > OK"}, "h:1(TX)> "},
		{"a transaction in a database", []string{"SELECT 3 > OK", "MULTI > OK"}, "h:1[3](TX)> "},
		{"a refused MULTI", []string{"MULTI > ERR"}, "h:1> "},
		{"a SELECT in a transaction, at once",
			[]string{"MULTI > OK", "SELECT 5 > QUEUED"}, "h:1[5](TX)> "},
		{"a SELECT in a transaction, executed",
			[]string{"MULTI > OK", "SELECT 5 > QUEUED", "EXEC > array"}, "h:1[5]> "},
		{"a SELECT in a transaction that was aborted",
			[]string{"SELECT 1 > OK", "MULTI > OK", "SELECT 5 > QUEUED", "EXEC > ERR"}, "h:1[1]> "},
		{"a SELECT in a transaction whose watched key was touched",
			[]string{"WATCH k > OK", "MULTI > OK", "SELECT 5 > QUEUED", "EXEC > nil"}, "h:1> "},
		{"a SELECT in a transaction that was discarded",
			[]string{"MULTI > OK", "SELECT 5 > QUEUED", "DISCARD > OK"}, "h:1> "},
		{"a SELECT that failed inside EXEC",
			[]string{"MULTI > OK", "GET k > QUEUED", "SELECT 99 > QUEUED", "EXEC > array 1"}, "h:1> "},
		{"the last SELECT inside EXEC that did not fail",
			[]string{"MULTI > OK", "SELECT 4 > QUEUED", "SELECT 99 > QUEUED", "EXEC > array 1"},
			"h:1[4]> "},
		{"a refused SELECT in a transaction",
			[]string{"MULTI > OK", "SELECT > ERR"}, "h:1(TX)> "},
		{"a refused DISCARD", []string{"MULTI > OK", "DISCARD > ERR"}, "h:1(TX)> "},
		{"EXEC without MULTI", []string{"SELECT 2 > OK", "EXEC > ERR"}, "h:1[2]> "},
		{"MULTI inside MULTI", []string{"MULTI > OK", "MULTI > ERR", "EXEC > array"}, "h:1> "},
		{"RESET", []string{"SELECT 3 > OK", "MULTI > OK", "RESET > RESET"}, "h:1> "},
		{"a subscription", []string{"SUBSCRIBE a b > array"}, "h:1(subscribed mode)> "},
		{"a subscription in RESP3", []string{"SUBSCRIBE a > push"}, "h:1(subscribed mode)> "},
		{"a refused subscription", []string{"SUBSCRIBE a > ERR"}, "h:1> "},
		{"half of the subscriptions ended",
			[]string{"SUBSCRIBE a b > array", "UNSUBSCRIBE a > array"}, "h:1(subscribed mode)> "},
		{"all subscriptions ended",
			[]string{"SUBSCRIBE a b > array", "UNSUBSCRIBE > array"}, "h:1> "},
		{"the wrong kind of subscription ended",
			[]string{"SUBSCRIBE a > array", "PUNSUBSCRIBE > array"}, "h:1(subscribed mode)> "},
		{"a subscription ended in RESET", []string{"PSUBSCRIBE a* > array", "RESET > RESET"}, "h:1> "},
		{"replies off", []string{"CLIENT REPLY OFF > none"}, "h:1(replies off)> "},
		{"replies on again", []string{"CLIENT REPLY OFF > none", "CLIENT REPLY ON > OK"}, "h:1> "},
		{"one reply skipped", []string{"CLIENT REPLY SKIP > none"}, "h:1> "},
		{"a SELECT without a reply",
			[]string{"CLIENT REPLY OFF > none", "SELECT 2 > none"}, "h:1[2](replies off)> "},
		{"a transaction without replies",
			[]string{"CLIENT REPLY OFF > none", "MULTI > none", "SELECT 2 > none", "EXEC > none",
				"CLIENT REPLY ON > OK"}, "h:1[2]> "},
	} {
		if got := play(t, State{}, tt.script...).Prompt("h:1"); got != tt.want {
			t.Errorf("after %s the prompt is %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestProtocol(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script []string
		want   int
	}{
		{"HELLO 3", []string{"HELLO 3 > map"}, 3},
		{"HELLO 2 after it", []string{"HELLO 3 > map", "HELLO 2 > array"}, 2},
		{"a refused HELLO", []string{"HELLO 3 > ERR"}, 0},
		{"a bare HELLO in RESP3", []string{"HELLO 3 > map", "HELLO > map"}, 3},
		{"a proxy that answers HELLO 3 with an array", []string{"HELLO 3 > array"}, 2},
		{"a queued HELLO", []string{"MULTI > OK", "HELLO 3 > QUEUED"}, 0},
		{"a HELLO inside EXEC", []string{"MULTI > OK", "HELLO 3 > QUEUED", "EXEC > array"}, 3},
		{"a HELLO that failed inside EXEC",
			[]string{"MULTI > OK", "HELLO 3 > QUEUED", "EXEC > array 0"}, 0},
		{"RESET", []string{"HELLO 3 > map", "RESET > RESET"}, 0},
	} {
		if got := play(t, State{}, tt.script...).Proto; got != tt.want {
			t.Errorf("%s: protocol %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestWhoWeAre(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script []string
		user   string
		client string
	}{
		{"AUTH with a user", []string{"AUTH bob pw > OK"}, "bob", ""},
		{"AUTH without one", []string{"AUTH bob pw > OK", "AUTH pw > OK"}, "default", ""},
		{"a refused AUTH", []string{"AUTH bob pw > OK", "AUTH eve pw > ERR"}, "bob", ""},
		{"HELLO with AUTH and SETNAME", []string{"HELLO 3 AUTH bob pw SETNAME me > map"}, "bob", "me"},
		{"CLIENT SETNAME", []string{"CLIENT SETNAME me > OK"}, "", "me"},
		{"CLIENT SETNAME inside EXEC",
			[]string{"MULTI > OK", "CLIENT SETNAME me > QUEUED", "EXEC > array"}, "", "me"},
		{"RESET", []string{"AUTH bob pw > OK", "CLIENT SETNAME me > OK", "RESET > RESET"}, "", ""},
	} {
		s := play(t, State{}, tt.script...)
		if s.User != tt.user || s.Name != tt.client {
			t.Errorf("%s: user %q named %q, want %q, %q", tt.name, s.User, s.Name, tt.user, tt.client)
		}
	}
}

func TestRepliesExpected(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script []string
		next   string
		want   int
	}{
		{"an ordinary command", nil, "GET k", 1},
		{"a subscription to three channels", nil, "SUBSCRIBE a b c", 3},
		{"a subscription to nothing is an error", nil, "SUBSCRIBE", 1},
		{"UNSUBSCRIBE from nothing", nil, "UNSUBSCRIBE", 1},
		{"UNSUBSCRIBE from what there is", []string{"SUBSCRIBE a b a > array"}, "UNSUBSCRIBE", 2},
		{"UNSUBSCRIBE from what is left",
			[]string{"SUBSCRIBE a b c > array", "UNSUBSCRIBE b > array"}, "UNSUBSCRIBE", 2},
		{"UNSUBSCRIBE by name", nil, "UNSUBSCRIBE x y", 2},
		{"PUNSUBSCRIBE counts patterns only",
			[]string{"SUBSCRIBE a b > array", "PSUBSCRIBE x* > array"}, "PUNSUBSCRIBE", 1},
		{"SUNSUBSCRIBE counts shard channels only",
			[]string{"SUBSCRIBE a > array", "SSUBSCRIBE x y > array"}, "SUNSUBSCRIBE", 2},
		{"CLIENT REPLY OFF", nil, "CLIENT REPLY OFF", 0},
		{"CLIENT REPLY SKIP", nil, "CLIENT REPLY SKIP", 0},
		{"CLIENT REPLY with a mistake", nil, "CLIENT REPLY AUS", 1},
		{"a command while replies are off", []string{"CLIENT REPLY OFF > none"}, "GET k", 0},
		{"CLIENT REPLY ON while they are off",
			[]string{"CLIENT REPLY OFF > none"}, "CLIENT REPLY ON", 1},
		{"RESET while they are off", []string{"CLIENT REPLY OFF > none"}, "RESET", 1},
		{"RESET after SKIP", []string{"CLIENT REPLY SKIP > none"}, "RESET", 0},
		{"CLIENT REPLY ON after SKIP", []string{"CLIENT REPLY SKIP > none"}, "CLIENT REPLY ON", 1},
		{"a command while they are on again",
			[]string{"CLIENT REPLY OFF > none", "CLIENT REPLY ON > OK"}, "GET k", 1},
		{"the command after SKIP", []string{"CLIENT REPLY SKIP > none"}, "GET k", 0},
		{"the second command after SKIP",
			[]string{"CLIENT REPLY SKIP > none", "GET k > none"}, "GET k", 1},
		{"the command after two SKIPs",
			[]string{"CLIENT REPLY SKIP > none", "CLIENT REPLY SKIP > none"}, "GET k", 0},
		{"SKIP while replies are off changes nothing",
			[]string{"CLIENT REPLY OFF > none", "CLIENT REPLY SKIP > none", "CLIENT REPLY ON > OK"},
			"GET k", 1},
		{"a command in a transaction", []string{"MULTI > OK"}, "GET k", 1},
		{"CLIENT REPLY ON in a transaction", []string{"MULTI > OK"}, "CLIENT REPLY ON", 1},
		{"EXEC", []string{"MULTI > OK"}, "EXEC", 1},
		{"a command in a transaction without replies",
			[]string{"CLIENT REPLY OFF > none", "MULTI > none"}, "GET k", 0},
		{"CLIENT REPLY OFF while subscribed in RESP2 is refused",
			[]string{"SUBSCRIBE a > array"}, "CLIENT REPLY OFF", 1},
		{"CLIENT REPLY OFF while subscribed in RESP3",
			[]string{"HELLO 3 > map", "SUBSCRIBE a > push"}, "CLIENT REPLY OFF", 0},
		{"CLIENT REPLY ON is refused in silence",
			[]string{"HELLO 3 > map", "SUBSCRIBE a > push", "CLIENT REPLY OFF > none", "HELLO 2 > none"},
			"CLIENT REPLY ON", 0},
		{"after QUIT", []string{"QUIT > OK"}, "GET k", 0},
		{"after SHUTDOWN", []string{"SHUTDOWN > none"}, "GET k", 0},
		{"after a refused SHUTDOWN", []string{"SHUTDOWN > ERR"}, "GET k", 1},
		{"after SHUTDOWN ABORT", []string{"SHUTDOWN ABORT > OK"}, "GET k", 1},
	} {
		argv := words(tt.next)
		if got := play(t, State{}, tt.script...).Expect(command.Of(argv), argv); got != tt.want {
			t.Errorf("%s: %d replies, want %d", tt.name, got, tt.want)
		}
	}
}

func TestRefuseWrite(t *testing.T) {
	for line, want := range map[string]string{
		"GET k":          "",
		"CONFIG GET x":   "",
		"SET k v":        "SET not sent: this is read-only, and it may change something",
		"config set a b": "CONFIG SET not sent: this is read-only, and it may change something",
		"eval s 0":       "EVAL not sent: this is read-only, and it may change something; EVAL_RO is the one that only reads",
		"FOO.BAR secret": "not sent: this is read-only, and nobody can say what the command does",
	} {
		argv := words(line)
		got := ""
		if err := RefuseWrite(command.Of(argv), argv); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script []string
		next   string
		reason string // part of it; "" if the command may be sent
	}{
		{"SUBSCRIBE", nil, "SUBSCRIBE a", ""},
		{"SUBSCRIBE in a transaction", []string{"MULTI > OK"}, "subscribe a", "MULTI"},
		{"UNSUBSCRIBE in a transaction", []string{"MULTI > OK"}, "UNSUBSCRIBE", "MULTI"},
		{"SUBSCRIBE after the transaction", []string{"MULTI > OK", "EXEC > array"}, "SUBSCRIBE a", ""},
		{"CLIENT REPLY OFF", nil, "CLIENT REPLY OFF", ""},
		{"CLIENT REPLY OFF in a transaction", []string{"MULTI > OK"}, "client reply off", "MULTI"},
		{"CLIENT REPLY SKIP in a transaction", []string{"MULTI > OK"}, "CLIENT REPLY SKIP", "MULTI"},
		{"CLIENT REPLY ON in a transaction", []string{"MULTI > OK"}, "CLIENT REPLY ON", ""},
		{"CLIENT REPLY ON in a transaction without replies",
			[]string{"CLIENT REPLY OFF > none", "MULTI > none"}, "CLIENT REPLY ON", "MULTI"},
		{"SUBSCRIBE while replies are off",
			[]string{"CLIENT REPLY OFF > none"}, "SUBSCRIBE a", "REPLY ON"},
		{"SUBSCRIBE after SKIP", []string{"CLIENT REPLY SKIP > none"}, "SUBSCRIBE a", "REPLY ON"},
		{"SYNC", nil, "SYNC", "replication"},
		{"PSYNC", nil, "PSYNC ? -1", "replication"},
		{"GET while monitoring", []string{"MONITOR > OK"}, "GET k", "monitor"},
		{"RESET while monitoring", []string{"MONITOR > OK"}, "RESET", ""},
		{"GET after a refused MONITOR", []string{"MONITOR > ERR"}, "GET k", ""},
		{"GET after QUIT", []string{"QUIT > OK"}, "GET k", "closing"},
		{"an unknown command", []string{"MULTI > OK"}, "FOO", ""},
	} {
		err := play(t, State{}, tt.script...).Refuse(command.Of(words(tt.next)))
		switch refusal := (*Refusal)(nil); {
		case tt.reason == "" && err != nil:
			t.Errorf("%s is refused: %v", tt.name, err)
		case tt.reason != "" && !errors.As(err, &refusal):
			t.Errorf("%s is not refused", tt.name)
		case tt.reason != "" && !strings.Contains(err.Error(), tt.reason):
			t.Errorf("%s is refused with %q, want %q in it", tt.name, err, tt.reason)
		}
	}
}

func TestMessagesLookLikeArraysInRESP2Only(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script []string
		want   bool
	}{
		{"without subscriptions", nil, false},
		{"subscribed", []string{"SUBSCRIBE a > array"}, true},
		{"subscribed in RESP3", []string{"HELLO 3 > map", "SUBSCRIBE a > push"}, false},
		{"subscribed, then RESP3", []string{"SUBSCRIBE a > array", "HELLO 3 > map"}, false},
		{"not any more", []string{"SSUBSCRIBE a > array", "SUNSUBSCRIBE > array"}, false},
	} {
		if got := play(t, State{}, tt.script...).RESP2Subscribed(); got != tt.want {
			t.Errorf("%s: %t, want %t", tt.name, got, tt.want)
		}
	}
}

func TestTheServerEndsAShardSubscription(t *testing.T) {
	s := play(t, State{}, "HELLO 3 > map", "SSUBSCRIBE a b > push")
	s = s.AfterPush(resp.Value{Kind: resp.Push, Elems: []resp.Value{
		{Kind: resp.BulkString, Text: "sunsubscribe"},
		{Kind: resp.BulkString, Text: "a"}, {Kind: resp.Integer}}})
	if got := strings.Join(s.Shards, " "); got != "b" {
		t.Errorf("left is %q, want b", got)
	}
	s = s.AfterPush(resp.Value{Kind: resp.Push, Elems: []resp.Value{
		{Kind: resp.BulkString, Text: "smessage"}, {Kind: resp.BulkString, Text: "b"}, {}}})
	if len(s.Shards) != 1 {
		t.Error("a message ends no subscription")
	}
}

func TestStatesDoNotShareWhatChanges(t *testing.T) {
	before := play(t, State{}, "SUBSCRIBE b > array", "MULTI > OK", "SELECT 1 > QUEUED")
	one := play(t, before, "SELECT 2 > QUEUED", "EXEC > array")
	two := play(t, before, "SELECT 3 > QUEUED", "EXEC > array")
	old := play(t, before, "EXEC > array")
	if one.DB != 2 || two.DB != 3 || old.DB != 1 {
		t.Errorf("databases %d, %d and %d, want 2, 3 and 1", one.DB, two.DB, old.DB)
	}
	play(t, old, "SUBSCRIBE a > array", "UNSUBSCRIBE b > array")
	if got := strings.Join(old.Channels, " "); got != "b" {
		t.Errorf("a later SUBSCRIBE changed an earlier state to %q", got)
	}
}

func TestTheStateKeepsNoWordsOfTheCaller(t *testing.T) {
	argv := words("SELECT 7")
	s := play(t, State{}, "MULTI > OK").After(command.Of(argv), argv, outcome(t, "QUEUED"))
	copy(argv[1], "8")
	if s = play(t, s, "EXEC > array"); s.DB != 7 {
		t.Errorf("database %d, want 7", s.DB)
	}
}

func TestSettings(t *testing.T) {
	s := play(t, State{}, "READONLY > OK", "CLIENT NO-EVICT on > OK", "CLIENT NO-TOUCH ON > OK",
		"CLIENT TRACKING ON > OK", "SCRIPT DEBUG YES > OK", "WATCH k > OK")
	if !s.ReadOnly || !s.NoEvict || !s.NoTouch || !s.Tracking || !s.ScriptDebug || !s.Watching {
		t.Errorf("after switching all on: %+v", s)
	}
	s = play(t, s, "READWRITE > OK", "CLIENT NO-EVICT OFF > OK", "CLIENT NO-TOUCH off > OK",
		"CLIENT TRACKING OFF > OK", "SCRIPT DEBUG NO > OK", "UNWATCH > OK")
	if s.ReadOnly || s.NoEvict || s.NoTouch || s.Tracking || s.ScriptDebug || s.Watching {
		t.Errorf("after switching all off: %+v", s)
	}
}

func TestOrdinaryCommandsCostNothing(t *testing.T) {
	argv := words("SET k v")
	s := play(t, State{}, "SELECT 1 > OK", "MULTI > OK")
	if n := testing.AllocsPerRun(100, func() {
		info := command.Of(argv)
		if s.Refuse(info) == nil && s.Expect(info, argv) == 1 {
			s = s.After(info, argv, Outcome{Kind: resp.Status, Queued: true})
		}
	}); n != 0 {
		t.Errorf("a command allocates %v times", n)
	}
}

func BenchmarkCommand(b *testing.B) {
	argv := words("SET k v")
	var s State
	b.ReportAllocs()
	for b.Loop() {
		info := command.Of(argv)
		if s.Refuse(info) == nil && s.Expect(info, argv) == 1 {
			s = s.After(info, argv, Outcome{Kind: resp.Status})
		}
	}
}

func TestNothingWaitsInsideATransaction(t *testing.T) {
	blpop := command.Of(words("BLPOP k 0"))
	if !(State{}).Blocks(blpop) {
		t.Error("BLPOP waits")
	}
	if play(t, State{}, "MULTI > OK").Blocks(blpop) {
		t.Error("BLPOP does not wait inside MULTI")
	}
	if (State{}).Blocks(command.Of(words("LPOP k"))) {
		t.Error("LPOP does not wait")
	}
}

func TestAfterWhatTheStreamMayBeAnother(t *testing.T) {
	for line, want := range map[string]bool{
		"GET k": false, "EXEC": false, "SUBSCRIBE a": false, "RESET": false,
		"QUIT": true, "SHUTDOWN": true, "MONITOR": true, "PSYNC ? -1": true,
	} {
		if got := MayEndStream(command.Of(words(line)).Effect); got != want {
			t.Errorf("%s may end the stream: %t, want %t", line, got, want)
		}
	}
}

func TestWhatHasToWaitForEarlierReplies(t *testing.T) {
	for line, want := range map[string]bool{
		"GET k": false, "MULTI": false, "EXEC": false, "SELECT 1": false, "HELLO 3": false,
		"SUBSCRIBE a": true, "PUNSUBSCRIBE": true, "CLIENT REPLY OFF": true, "CLIENT REPLY x": true,
		"MONITOR": true, "SYNC": true,
	} {
		if got := NeedsSettled(command.Of(words(line)).Effect); got != want {
			t.Errorf("%s needs its past settled: %t, want %t", line, got, want)
		}
	}
}

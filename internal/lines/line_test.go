package lines

import (
	"fmt"
	"testing"
)

func show(l Line) string {
	switch l.Verb {
	case Run:
		return fmt.Sprintf("run %d %q", l.Times, l.Words)
	case Refuse:
		return "refuse " + l.Text
	case Help, Connect, Preference:
		return fmt.Sprintf("%s %q", map[Verb]string{Help: "help", Connect: "connect", Preference: "set"}[l.Verb], l.Words)
	}
	return map[Verb]string{Blank: "blank", Leave: "leave", Clear: "clear"}[l.Verb]
}

func TestIsBuiltin(t *testing.T) {
	for word, want := range map[string]bool{
		"quit": true, "EXIT": true, "help": true, "?": true, "Clear": true, "connect": true, "restart": true,
		"": false, "3": false, "get": false, "quitx": false, ":set": false,
	} {
		if got := IsBuiltin([]byte(word)); got != want {
			t.Errorf("%q: got %v, want %v", word, got, want)
		}
	}
}

// What redis-cli does with these lines is held by TestLikeRedisCLI; here it is said.
func TestParse(t *testing.T) {
	var p Parser
	for text, want := range map[string]string{
		"": "blank", " \t\r": "blank", "get k": `run 1 ["get" "k"]`, "get k\r": `run 1 ["get" "k"]`,
		"a\x00b 'c\x00'": `run 1 ["a\x00b" "c\x00"]`, `""`: `run 1 [""]`, "# x": `run 1 ["#" "x"]`,

		"3 ping": `run 3 ["ping"]`, "+2 ping": `run 2 ["ping"]`, "02 ping": `run 2 ["ping"]`,
		`" 2" ping`: `run 2 ["ping"]`, `'2' ping`: `run 2 ["ping"]`, "\"\\t2\" ping": `run 2 ["ping"]`,
		"9223372036854775807 a": `run 9223372036854775807 ["a"]`,
		"3":                     `run 1 ["3"]`, "-1": `run 1 ["-1"]`, "2x ping": `run 1 ["2x" "ping"]`,
		"0x2 ping": `run 1 ["0x2" "ping"]`, `"2 " ping`: `run 1 ["2 " "ping"]`, "- ping": `run 1 ["-" "ping"]`,
		`" " ping`: `run 1 [" " "ping"]`, "2.5 ping": `run 1 ["2.5" "ping"]`, "3 4 ping": `run 3 ["4" "ping"]`,
		"0 ping": "refuse " + BadRepeat, "-1 ping": "refuse " + BadRepeat, `"" ping`: "refuse " + BadRepeat,
		"9223372036854775808 a":        "refuse " + BadRepeat,
		"-9223372036854775809 a":       "refuse " + BadRepeat,
		"99999999999999999999999999 a": "refuse " + BadRepeat,

		`"a`: "refuse " + BadQuoting, `"a"b`: "refuse " + BadQuoting, `quit "`: "refuse " + BadQuoting,

		"quit": "leave", "EXIT now": "leave", `"quit"`: "leave", "quitx": `run 1 ["quitx"]`,
		"3 quit": `run 3 ["quit"]`, "3 clear": `run 3 ["clear"]`, "3 :set": `run 3 [":set"]`,
		"3 help set": `help ["set"]`, "help": `help []`, "?": `help []`, "HELP @list": `help ["@list"]`,
		"clear": "clear", "CLEAR": "clear", "clear x": `run 1 ["clear" "x"]`,
		"connect h 1": `connect ["h" "1"]`, "CONNECT h 1": `connect ["h" "1"]`,
		"connect": `run 1 ["connect"]`, "connect h": `run 1 ["connect" "h"]`,
		"connect h 1 2": `run 1 ["connect" "h" "1" "2"]`,
		"restart":       "refuse " + noDebugger, "RESTART x": "refuse " + noDebugger,
		":set hints": `set ["hints"]`, ":SET NOHINTS x": `set ["NOHINTS" "x"]`,
		":set":     "refuse unknown redis-cli internal command ':set'",
		":":        "refuse unknown redis-cli internal command ':'",
		":foo bar": "refuse unknown redis-cli internal command ':foo'",
		":set foo": "refuse unknown redis-cli preference 'foo'",
	} {
		if got := show(p.Parse([]byte(text))); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestParseAllocatesNothing(t *testing.T) {
	var p Parser
	for _, text := range []string{"SET key:1 \"a value\"", "3 ping", "hget k f", "exists a b c"} {
		line := []byte(text)
		if n := testing.AllocsPerRun(100, func() { p.Parse(line) }); n != 0 {
			t.Errorf("%q: %v allocations", text, n)
		}
	}
}

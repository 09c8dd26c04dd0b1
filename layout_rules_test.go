package easycli_test

import (
	"strings"
	"testing"
)

// Each rule is shown a file that breaks it and the nearest file that does not.
func TestEachRuleIsEnforced(t *testing.T) {
	tests := []struct {
		rule, file, body string
		want             string // part of the only finding; "" for none
	}{
		{"a room imports lower floors", "internal/bulk/a.go",
			`import _ "easycli/internal/cluster"`, ""},
		{"a room imports no higher floor", "internal/resp/a.go",
			`import _ "easycli/internal/pipeclient"`, "imports point down"},
		{"a mode imports no mode", "internal/bulk/a.go",
			`import _ "easycli/internal/repl"`, "imports point down"},
		{"nobody imports the program", "internal/repl/a.go",
			`import _ "easycli/cmd/easycli"`, "imports point down"},
		{"a test may look upwards", "internal/resp/a_test.go",
			`import _ "easycli/internal/pipeclient"`, ""},
		{"resptest is for tests", "internal/pipeclient/a.go",
			`import _ "easycli/internal/resptest"`, "for _test files alone"},
		{"resptest is for tests", "internal/pipeclient/a_test.go",
			`import _ "easycli/internal/resptest"`, ""},
		{"a new package needs a row", "internal/misc/a.go", ``,
			"internal/misc has no row in the table: add one"},
		{"a new package needs a row", "internal/repl/a.go",
			`import _ "easycli/internal/misc"`, "has no row in the table"},
		{"the root holds no code", "a.go", ``, "package . has no row"},

		{"cobra is the program's", "cmd/easycli/a.go", `import _ "github.com/spf13/cobra"`, ""},
		{"cobra is the program's", "internal/repl/a.go",
			`import _ "github.com/spf13/cobra"`, "cobra belongs to cmd/easycli alone"},
		{"readline is the prompt's", "internal/lineeditor/a.go",
			`import _ "github.com/chzyer/readline"`, ""},
		{"readline is the prompt's", "cmd/easycli/a.go",
			`import _ "github.com/chzyer/readline"`, "readline belongs to"},
		{"miniredis is the sandbox's", "internal/sandbox/a.go",
			`import _ "github.com/alicebob/miniredis/v2"`, ""},
		{"miniredis is the sandbox's, in tests too", "internal/pipeclient/a_test.go",
			`import _ "github.com/alicebob/miniredis/v2"`, "miniredis belongs to internal/sandbox"},
		{"a library is a decision", "internal/render/a.go",
			`import _ "github.com/redis/go-redis/v9"`, "library without a row"},

		{"only the program exits", "internal/bulk/a.go",
			`import "os"; func f() { os.Exit(1) }`, "os.Exit belongs to cmd/easycli"},
		{"only the program exits", "cmd/easycli/a.go", `import "os"; func f() { os.Exit(1) }`, ""},
		{"a test may exit", "internal/bulk/a_test.go", `import "os"; func f() { os.Exit(1) }`, ""},
		{"only the program exits, by any name", "internal/bulk/a.go",
			`import sys "os"; func f() { sys.Exit(1) }`, "os.Exit"},
		{"the rules cannot be dotted away", "internal/bulk/a.go",
			`import . "os"; func f() { Exit(1) }`, "not with a dot"},
		{"log exits too", "internal/bulk/a.go",
			`import "log"; func f() { log.Fatal() }`, "log.Fatal"},
		{"streams are handed in", "internal/bulk/a.go",
			`import "os"; var w = os.Stdout`, "os.Stdout"},
		{"streams are handed in", "internal/bulk/a.go",
			`import "fmt"; func f() { fmt.Println() }`, "fmt.Println"},
		{"the environment is handed in", "internal/bulk/a.go",
			`import "os"; var v, ok = os.LookupEnv("HOME")`, "os.LookupEnv"},
		{"a variable may be called os", "internal/bulk/a.go",
			`func f(os struct{ Stdout int }) int { return os.Stdout }`, ""},
		{"the file system is open to all", "internal/bulk/a.go",
			`import "os"; var f, err = os.Open("x")`, ""},

		{"names are compared by the table", "internal/command/a.go",
			`func f(s string) bool { return s == "GET" }`, ""},
		{"by nobody else: ==", "internal/session/a.go",
			`func f(s string) bool { return s == "MULTI" }`, "command name MULTI"},
		{"by nobody else: !=", "internal/session/a.go",
			`func f(s string) bool { return "MULTI" != s }`, "command name MULTI"},
		{"by nobody else: switch", "internal/session/a.go",
			`func f(s string) { switch s { case "x", "CLIENT REPLY": } }`, "command name CLIENT REPLY"},
		{"by nobody else: EqualFold", "internal/session/a.go",
			`import "strings"; func f(s string) bool { return strings.EqualFold(s, "exec") }`, "name EXEC"},
		{"by nobody else: bytes", "internal/session/a.go",
			`import "bytes"; func f(b []byte) bool { return bytes.EqualFold(b, []byte("AUTH")) }`,
			"name AUTH"},
		{"by nobody else: ToLower", "internal/session/a.go",
			`import "strings"; func f(s string) bool { return strings.ToLower(s) == "exec" }`, "name EXEC"},
		{"the handshake sends them and may look", "internal/pipeclient/handshake.go",
			`func f(s string) bool { return s == "AUTH" }`, ""},
		{"quit is a word of the line language", "internal/lines/a.go",
			`import "strings"; func f(s string) bool { return strings.EqualFold(s, "quit") }`, ""},
		{"kinds of messages are no commands", "internal/session/a.go",
			`func f(s string) bool { return s == "subscribe" }`, ""},
		{"error codes are no commands", "internal/bulk/a.go",
			`func f(s string) bool { return s == "READONLY" || s == "NOAUTH" || s == "OK" }`, ""},
		{"names may be sent", "internal/session/a.go", `var asking = []string{"ASKING"}`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.rule+" "+tt.file, func(t *testing.T) {
			got := findings([]*source{parse(t, tt.file, []byte("package p; "+tt.body))})
			switch {
			case tt.want == "" && len(got) > 0:
				t.Errorf("got %q, want no finding", got)
			case tt.want != "" && (len(got) != 1 || !strings.Contains(got[0], tt.want)):
				t.Errorf("got %q, want one finding with %q", got, tt.want)
			}
		})
	}
}

func TestLibrariesStayInOneRoom(t *testing.T) {
	for _, tt := range []struct{ library, room, other, want string }{
		{"github.com/chzyer/readline", "internal/lineeditor", "internal/repl", "belongs to internal/lineeditor"},
		{"github.com/fatih/color", "internal/render", program, "already in internal/render"},
	} {
		file := func(name string) *source {
			return parse(t, name, []byte(`package p; import _ "`+tt.library+`"`))
		}
		one := []*source{file(tt.room + "/a.go"), file(tt.room + "/b.go")}
		if got := findings(one); len(got) != 0 {
			t.Errorf("%s, two files of one room: got %q, want no finding", tt.library, got)
		}
		two := []*source{file(tt.room + "/a.go"), file(tt.other + "/b.go")}
		got := findings(two)
		if len(got) != 1 || !strings.Contains(got[0], tt.want) {
			t.Errorf("%s, two rooms: got %q, want one finding with %q", tt.library, got, tt.want)
		}
	}
}

//go:build unix

package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"easycli/internal/resptest"
	"easycli/internal/ttytest"
)

// atPrompt starts the program at a terminal.
func atPrompt(t *testing.T, addr string, args ...string) *ttytest.Term {
	t.Helper()
	return ttytest.Start(t, 80, 24, exec.Command(resptest.Build(t), append(at(t, addr), args...)...), "PAGER=")
}

// weapons are what a server would send to take over a terminal, each by a part that the editor itself never
// sends.
var weapons = []string{"\x1b]", "\x1bP", "\x1b[6n", "\x1b[5n", "\x1b[c", "\a", "\x9b", "\u009b", "\u0085", "\u202e", "\u2066", "\u200b", "\x1b[31;7m", "\x00"}

const armed = "x\x1b]0;owned\a\x1b]52;c;aGk=\a\x1b[6n\x1bP$q\x1b\\\x9b5n\u009b31m\u0085\u202eabc\u2066\u200b\x1b[31;7mz"

// unharmed fails the test if a weapon has reached the terminal.
func unharmed(t *testing.T, term *ttytest.Term) {
	t.Helper()
	for _, weapon := range weapons {
		if i := strings.Index(term.Bytes(), weapon); i >= 0 {
			t.Errorf("%q has reached the terminal: %q", weapon, term.Bytes()[max(0, i-60):min(len(term.Bytes()), i+30)])
		}
	}
	if title := term.State().Title; title != "" {
		t.Errorf("the title is %q", title)
	}
}

// T80, T83: replies of all kinds at the prompt, names of keys and fields as candidates, messages, MONITOR, peek.
func TestNothingFromTheServerReachesThePromptUnescaped(t *testing.T) {
	server := resptest.Server(t)
	server.Do("SET", "k"+armed, armed)
	server.Do("HSET", "hash", "f"+armed, armed)
	server.Do("RPUSH", "list", armed)
	server.Do("XADD", "stream", "*", armed, armed)
	server.Do("XGROUP", "CREATE", "stream", "g"+armed, "0")
	server.Do("CONFIG", "SET", "slowlog-log-slower-than", "0")
	term := atPrompt(t, server.Addr, "-3")
	for _, line := range []string{"keys *", "hgetall hash", "lrange list 0 -1", "xrange stream - +", "slowlog get", ":peek hash stream list",
		"eval \"return redis.status_reply(ARGV[1])\" 0 \"\\x1b]0;owned\\a\"", "nosuch \"\\x1b]0;owned\\a\"", ":format raw", "hgetall hash",
		":format json", "hgetall hash", ":set format human", ":set decode auto", "lrange list 0 -1", "client list", "info server"} {
		term.Line(line)
	}
	term.Type("get <Tab>")
	term.Await("get \"kx")
	term.Type("<C-u>hget hash <Tab>")
	term.Await("hash \"fx")
	term.Type("<C-u>xreadgroup group <C-u>")
	term.Line("subscribe c")
	server.Do("PUBLISH", "c", armed)
	term.Await("abc")
	term.Line("monitor")
	server.Do("ECHO", "seen"+armed)
	term.Await("seenx")
	unharmed(t, term)
}

// T84, T85: a server that describes its commands so, calls itself so, and refuses so.
func TestAHostileServerAtThePrompt(t *testing.T) {
	bulk := resptest.Bulk
	peer := resptest.Peer(t, func(c *resptest.PeerConn) {
		for {
			words := c.Next()
			if words == nil {
				return
			}
			switch strings.ToUpper(strings.Join(words[:min(2, len(words))], " ")) {
			case "INFO SERVER":
				c.Reply(bulk("# Server\r\nredis_version:9." + armed + "\r\nrun_id:" + armed + "\r\n"))
			case "INFO REPLICATION":
				c.Reply(bulk("role:" + armed + "\r\n"))
			case "COMMAND DOCS":
				c.Reply("*4\r\n" + bulk("get") + "*6\r\n" + bulk("summary") + bulk(armed) + bulk("group") + bulk(armed) + bulk("arguments") +
					"*1\r\n*6\r\n" + bulk("name") + bulk("key"+armed) + bulk("type") + bulk("string") + bulk("token") + bulk("TOK"+armed) +
					bulk("get"+armed) + "*2\r\n" + bulk("summary") + bulk(armed))
			case "MODULE LIST":
				c.Reply("*0\r\n")
			default:
				c.Reply("-ERR " + strings.NewReplacer("\r", "", "\n", "").Replace(armed) + "\r\n")
			}
		}
	})
	term := atPrompt(t, peer.Addr)
	term.Line("ping")
	term.Await("(error)")
	term.Type("get ")
	term.Await("TOKx") // the hint, as soon as it is known
	term.Type("<C-u>")
	term.Type("get <Tab>")
	term.Await("tokx") // the token, as a candidate
	term.Type("<C-u>")
	term.Line("help get")
	term.Await("TOKx")
	unharmed(t, term)
}

// T83: what the person typed as an address is in the prompt.
func TestTheAddressInThePrompt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "d\x1b]0;owned\a")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			if _, err := listener.Accept(); err != nil {
				return
			}
		}
	}()
	term := ttytest.Start(t, 200, 24, exec.Command(resptest.Build(t), "-s", path))
	term.Await("owned")
	unharmed(t, term)
}

// T89: however the program ends, the terminal is as it was.
func TestTheTerminalIsLeftAsItWas(t *testing.T) {
	server := resptest.Server(t)
	leave := map[string]struct {
		do     func(*ttytest.Term)
		status int
	}{
		"Ctrl-D":                {func(m *ttytest.Term) { m.Type("<C-d>") }, 0},
		"quit":                  {func(m *ttytest.Term) { m.Type("quit<Enter>") }, 0},
		"SIGTERM":               {func(m *ttytest.Term) { m.Type("half a line"); m.Await("half a line"); m.Signal(syscall.SIGTERM) }, 143},
		"SIGHUP":                {func(m *ttytest.Term) { m.Signal(syscall.SIGHUP) }, 129},
		"SIGTERM in a command":  {func(m *ttytest.Term) { m.Type("blpop nothing 0<Enter>"); blocked(server); m.Signal(syscall.SIGTERM) }, 143},
		"SIGTERM at a question": {func(m *ttytest.Term) { m.Type("flushall<Enter>"); m.Await("[y/N]"); m.Signal(syscall.SIGTERM) }, 143},
		"Ctrl-D in a question": {func(m *ttytest.Term) {
			m.Type("flushall<Enter>")
			m.Await("[y/N]")
			m.Type("<C-d>")
			m.Await("not sent")
			m.AwaitPrompt()
			m.Type("<C-d>")
		}, 0},
		"SIGTERM with the menu": {func(m *ttytest.Term) { m.Type("g<Tab><Tab>"); m.Await("geoadd"); m.Signal(syscall.SIGTERM) }, 143},
		"SIGTERM in a search":   {func(m *ttytest.Term) { m.Type("<C-r>"); m.Await("(reverse-i-search)"); m.Signal(syscall.SIGTERM) }, 143},
		"Ctrl-D in an open MULTI": {func(m *ttytest.Term) {
			m.Line("multi")
			m.Type("<C-d>")
			m.Await("a transaction is open and will be dropped; leave? [y/N]")
			m.Type("y<Enter>")
		}, 0},
	}
	untouched := ttytest.Start(t, 80, 24, exec.Command("true"))
	untouched.Exit()
	before := untouched.Stty()
	for name, way := range leave {
		t.Run(name, func(t *testing.T) {
			term := ttytest.Start(t, 80, 24, exec.Command(resptest.Build(t), at(t, server.Addr)...))
			term.AwaitPrompt()
			way.do(term)
			if status := term.Exit(); status != way.status {
				t.Errorf("status %d, want %d", status, way.status)
			}
			if term.Stty() != before {
				t.Error("the terminal's modes are others than before")
			}
			if s := term.State(); s.CursorHidden || s.Paste || s.Pen != "" || s.Alternate {
				t.Errorf("left %+v", s)
			}
		})
	}
}

// blocked waits until a client blocks.
func blocked(server *resptest.Redis) {
	for server.Info("clients")["blocked_clients"] == "0" {
	}
}

// Ctrl-C gives up what runs or is typed, and never the program (T22, T60).
func TestCtrlCNeverLeaves(t *testing.T) {
	server := resptest.Server(t)
	term := atPrompt(t, server.Addr)
	term.AwaitPrompt()
	term.Type("half a line<C-c>")
	term.AwaitPrompt()
	term.Type("<C-c><C-c>")
	term.Type("blpop nothing 0<Enter>")
	blocked(server)
	term.Type("<C-c>")
	term.Await("(interrupted) the connection is closed; the server may still carry the command\nout")
	term.AwaitPrompt()
	term.Line("echo back")
	term.Await(`"back"`)
	term.Line("subscribe c")
	term.Type("<C-c>")
	term.Await("unsubscribed from 1 channel")
	term.AwaitPrompt()
	term.Line("echo again")
	term.Await(`"again"`)
	term.Type("<C-d>")
	if status := term.Exit(); status != 0 {
		t.Errorf("status %d", status)
	}
}

// T47: what is asked for hints and candidates goes over another connection, whatever the one for commands is
// in.
func TestQuestionsGoOverAnotherConnection(t *testing.T) {
	server := resptest.Server(t)
	server.Do("MSET", "user:1", "a", "user:2", "b")
	term := atPrompt(t, server.Addr)
	term.AwaitPrompt()
	own := ""
	term.AwaitThat("the scout is there", func() bool {
		var ids []string
		for line := range strings.Lines(server.Do("CLIENT", "LIST")) {
			if !strings.Contains(line, "cmd=client|list") {
				ids = append(ids, line[:strings.Index(line, " ")])
			}
		}
		if len(ids) == 2 {
			slices.SortFunc(ids, func(a, b string) int {
				n, _ := strconv.Atoi(a[3:])
				m, _ := strconv.Atoi(b[3:])
				return n - m
			})
			own = ids[0]
		}
		return own != ""
	})
	lastCommand := func() string {
		for line := range strings.Lines(server.Do("CLIENT", "LIST")) {
			if strings.HasPrefix(line, own+" ") {
				_, cmd, _ := strings.Cut(line, " cmd=")
				cmd, _, _ = strings.Cut(cmd, " ")
				return cmd
			}
		}
		return "gone"
	}
	for _, step := range []struct{ line, cmd string }{
		{"echo 1", "echo"}, {"subscribe c", "subscribe"}, {"unsubscribe c", "unsubscribe"}, {"client reply off", "client|reply"}, {"client reply on", "client|reply"},
	} {
		term.Line(step.line)
		term.Type("get us<Tab>")
		term.Await("get user:")
		term.Type("<C-u>")
		if cmd := lastCommand(); cmd != step.cmd {
			t.Errorf("after %s the connection's last command is %s", step.line, cmd)
		}
	}
	term.Line("multi")
	term.Type("get us<Tab>")
	term.Await("get us")
	term.Type("<C-u>")
	term.Line("exec")
	term.Await("(empty array)")
}

// A secret is not to be read over a shoulder, neither while it is typed nor afterwards.
func TestASecretThatIsTyped(t *testing.T) {
	server := resptest.Server(t)
	term := atPrompt(t, server.Addr)
	term.Line("auth hunter2")
	term.Await("> auth *******\n")
	term.Line(`config set requirepass "hunter3 日本"`)
	term.Await("> config set requirepass ************\n")
	term.Type("auth<Enter>")
	term.Await("password: ")
	term.Type("hunter3 日本<Enter>")
	term.Await("password: **********")
	term.Line("echo seen")
	term.Await(`"seen"`)
	if strings.Contains(term.Bytes(), "hunter") {
		t.Errorf("the screen had a secret: %q", term.Bytes())
	}
}

// History is the person's own: mode, place, no secrets (T101, T103).
func TestTheHistoryOfAPrompt(t *testing.T) {
	server := resptest.Server(t)
	term := atPrompt(t, server.Addr)
	for _, line := range []string{"echo kept", "auth hunter2", " echo blank", `auth "hunter3`, "hello 3 auth u hunter4", "config set requirepass \"\""} {
		if strings.Contains(line, `"hunter3`) {
			term.AwaitPrompt()
			term.Type(line + "<C-c>")
			continue
		}
		term.Line(line)
	}
	term.Type("<Up>")
	term.Await("> echo kept")
	term.Type("<C-r>hunter")
	term.Await("(reverse-i-search): hunter")
	if strings.Contains(term.Text(), "hunter2\n") && strings.Count(term.Bytes(), "hunter2") > 1 {
		t.Error("a secret is recalled")
	}
	term.Type("<C-c><C-u><C-d>")
	term.Exit()
	file := term.Home(".local", "state", "easycli", "history")
	text, err := os.ReadFile(file)
	if err != nil || string(text) != "echo kept\n" {
		t.Errorf("%q, %v", text, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

// An editor's text stands in the line, and is run when Enter says so.
func TestEditingElsewhere(t *testing.T) {
	server := resptest.Server(t)
	binary := resptest.Build(t)
	term := ttytest.Start(t, 80, 24, exec.Command(binary, at(t, server.Addr)...), "EDITOR=sed -i s/one/two/")
	term.AwaitPrompt()
	term.Type("echo one<C-x><C-e>")
	term.Await("> echo two")
	term.Type("<Enter>")
	term.Await("\n\"two\"")
	term.Type(":edit echo 'one more'<Enter>")
	term.Await("> echo 'two more'")
	term.Type("<Enter>")
	term.Await("\n\"two more\"")
}

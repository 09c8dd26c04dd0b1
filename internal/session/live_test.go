package session

import (
	"fmt"
	"math/rand/v2"
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"easycli/internal/command"
	"easycli/internal/resp"
	"easycli/internal/resptest"
)

// patience bounds the waits for a server that answers in microseconds.
const patience = 5 * time.Second

// conversation is a connection to a real server and the state it is believed to be in.
type conversation struct {
	t     *testing.T
	conn  net.Conn
	in    *resp.Reader
	state State
	id    string
	log   []string
}

func converse(t *testing.T, redis *resptest.Redis) *conversation {
	t.Helper()
	conn, err := net.Dial("tcp", redis.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	c := &conversation{t: t, conn: conn, in: resp.NewReader(conn)}
	c.in.OnPush = func(v resp.Value) { c.state = c.state.AfterPush(v) }
	c.id = strconv.FormatInt(c.say("CLIENT ID").Int, 10)
	return c
}

// say sends a command, reads exactly the replies that the state expects, and returns the first.
func (c *conversation) say(line string) resp.Value {
	c.t.Helper()
	argv := words(line)
	info := command.Of(argv)
	expected := c.state.Expect(info, argv)
	c.log = append(c.log, fmt.Sprintf("%s (%d)", line, expected))
	c.conn.SetDeadline(time.Now().Add(patience))
	if _, err := c.conn.Write(resp.AppendCommand(nil, argv...)); err != nil {
		c.fail("%v", err)
	}
	c.in.Confirmations, c.in.Subscribed = c.state.Confirms(info.Effect), c.state.RESP2Subscribed()
	var first resp.Value
	for n := range expected {
		v, err := c.in.ReadValue()
		if err != nil {
			c.fail("reply %d of %d: %v", n+1, expected, err)
		}
		if n == 0 {
			first = v
		}
		if v.IsError() {
			break
		}
	}
	if c.in.Buffered() > 0 {
		c.fail("more than %d replies came", expected)
	}
	c.state = c.state.After(info, argv, OutcomeOf(first))
	return first
}

func (c *conversation) fail(format string, args ...any) {
	c.t.Helper()
	c.t.Fatalf("%s\nafter\n\t%s", fmt.Sprintf(format, args...), strings.Join(c.log, "\n\t"))
}

// believed is the state in the words of CLIENT LIST.
func (c *conversation) believed() string {
	s := c.state
	multi, proto, user := -1, 2, "default"
	if s.InMulti {
		multi = s.Queued
	}
	if s.RESP3() {
		proto = 3
	}
	if s.User != "" {
		user = s.User
	}
	said := fmt.Sprintf("name=%s sub=%d psub=%d ssub=%d multi=%d user=%s resp=%d", s.Name,
		len(s.Channels), len(s.Patterns), len(s.Shards), multi, user, proto)
	if s.InMulti && s.Watching {
		return anyQueued.ReplaceAllString(said, "multi=n")
	}
	return said
}

// anyQueued is how many commands a transaction holds: not for a client to know once a watched key
// was touched, when the server goes on saying QUEUED and forgets the commands.
var anyQueued = regexp.MustCompile(`multi=\d+`)

// known is what the server says of the connection, in the same words, and its database.
func (c *conversation) known(redis *resptest.Redis) (said, db string) {
	var fields []string
	for _, field := range strings.Fields(redis.Do("CLIENT", "LIST", "ID", c.id)) {
		switch name, value, _ := strings.Cut(field, "="); name {
		case "db":
			db = value
		case "name", "sub", "psub", "ssub", "multi", "user", "resp":
			fields = append(fields, field)
		}
	}
	said = strings.Join(fields, " ")
	if c.state.InMulti && c.state.Watching {
		said = anyQueued.ReplaceAllString(said, "multi=n")
	}
	return said, db
}

// check compares the state with the server's. A command without a reply may not have been carried
// out yet, so it asks until the two agree.
func (c *conversation) check(redis *resptest.Redis) {
	c.t.Helper()
	want := c.believed()
	for end := time.Now().Add(patience); ; {
		said, db := c.known(redis)
		// Inside a transaction the server's database is still the old one.
		if said == want && (c.state.InMulti || db == strconv.Itoa(c.state.DB)) {
			return
		}
		if time.Now().After(end) {
			c.fail("the state is %s db=%d\nthe server says %s db=%s", want, c.state.DB, said, db)
		}
	}
}

// TestTheServerAgrees plays random scripts to a real server. After each command the server's
// view of the connection must be the state, and not one reply may be missing or left over.
func TestTheServerAgrees(t *testing.T) {
	redis := resptest.Server(t, "--databases", "6")
	redis.Do("ACL", "SETUSER", "bob", "on", ">pw", "+@all", "~*", "&*")
	redis.Do("ACL", "SETUSER", "eve", "on", ">pw", "+@all", "~*", "resetchannels", "&a")
	lines := strings.Split("SELECT 1|SELECT 5|SELECT 6|SELECT|SELECT x|MULTI|MULTI|MULTI|EXEC|EXEC|"+
		"EXEC now|DISCARD|DISCARD now|WATCH k|UNWATCH|INCR k|GET k|GET|NOSUCH|LPUSH k v|"+
		"HELLO 2|HELLO 3|HELLO|HELLO 4|HELLO 3 AUTH bob pw SETNAME n1|HELLO 2 AUTH bob no|"+
		"AUTH bob pw|AUTH eve pw|AUTH bob no|AUTH default x|CLIENT SETNAME n2|CLIENT SETNAME|RESET|"+
		"SUBSCRIBE a b|SUBSCRIBE a a c|SUBSCRIBE a|SUBSCRIBE|PSUBSCRIBE a* b*|SSUBSCRIBE s t|"+
		"UNSUBSCRIBE|UNSUBSCRIBE a|UNSUBSCRIBE a a x|PUNSUBSCRIBE|SUNSUBSCRIBE|SUNSUBSCRIBE s|PING|"+
		"CLIENT REPLY OFF|CLIENT REPLY SKIP|CLIENT REPLY ON|CLIENT REPLY ON|CLIENT REPLY NO|ECHO hi|"+
		"BLPOP nokey 0.001|PUBLISH a hello|FLUSHALL|SHUTDOWN ABORT", "|")
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 1))
		c := converse(t, redis)
		for range 80 {
			line := lines[random.IntN(len(lines))]
			argv := words(line)
			info := command.Of(argv)
			if c.state.Refuse(info) != nil {
				continue
			}
			if c.state.RepliesOff && info.Effect == command.Exec {
				continue // whether a silent transaction failed, nobody can know
			}
			if c.state.Silent() && !silentlyCertain(line) {
				continue
			}
			c.say(line)
			c.check(redis)
		}
		c.conn.Close()
	}
}

// silentlyCertain reports whether the outcome of a line is certain without a reply.
func silentlyCertain(line string) bool {
	switch line {
	case "SELECT 1", "SELECT 5", "INCR k", "GET k", "HELLO 2", "HELLO 3", "AUTH bob pw", "ECHO hi",
		"CLIENT SETNAME n2", "RESET", "CLIENT REPLY ON", "CLIENT REPLY OFF", "CLIENT REPLY SKIP",
		"DISCARD", "PING":
		return true
	}
	return false
}

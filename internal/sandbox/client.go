package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alicebob/miniredis/v2/server"
)

func validDB(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= 0 && n < databases
}

// selectDB knows how many databases there are; miniredis has any number.
func (c *conn) selectDB(argv []string) {
	n, err := strconv.Atoi(argv[1])
	switch {
	case err != nil:
		c.peer.WriteError("ERR value is not an integer or out of range")
	case !validDB(argv[1]):
		c.peer.WriteError("ERR DB index is out of range")
	default:
		c.s.srv.Dispatch(c.peer, argv)
		c.setShown(func(f *facts) { f.db = n })
	}
}

// onlyUser is the user everybody is: it has no password, and is let in with any.
const onlyUser = "default"

const wrongPass = "WRONGPASS invalid username-password pair or user is disabled."

// auth answers as a server with no password does.
func (c *conn) auth(argv []string) {
	switch {
	case len(argv) == 2:
		c.peer.WriteError("ERR AUTH <password> called without any password configured for the " +
			"default user. Are you sure your configuration is correct?")
	case argv[1] != onlyUser:
		c.peer.WriteError(wrongPass)
	default:
		c.peer.WriteOK()
	}
}

// hello is ours because miniredis's names a server, a number and a module that are not there.
func (c *conn) hello(argv []string) {
	resp3, name := c.peer.Resp3, ""
	rest := argv[1:]
	if len(rest) > 0 {
		if rest[0] != "2" && rest[0] != "3" {
			c.peer.WriteError(refusedProtocol(rest[0]))
			return
		}
		resp3, rest = rest[0] == "3", rest[1:]
	}
	named := false
	for len(rest) > 0 {
		option := strings.ToUpper(rest[0])
		switch {
		case option == "AUTH" && len(rest) >= 3:
			if rest[1] != onlyUser {
				c.peer.WriteError(wrongPass)
				return
			}
			rest = rest[3:]
		case option == "SETNAME" && len(rest) >= 2:
			if !validName(rest[1]) {
				c.peer.WriteError(badName)
				return
			}
			named, name, rest = true, rest[1], rest[2:]
		default:
			c.peer.WriteError("ERR Syntax error in HELLO option '" + rest[0] + "'")
			return
		}
	}
	c.peer.Resp3 = resp3
	c.setShown(func(f *facts) {
		f.resp3 = resp3
		if named {
			f.name = name
		}
	})
	c.welcome()
}

func refusedProtocol(text string) string {
	if _, err := strconv.Atoi(text); err != nil {
		return "ERR Protocol version is not an integer or out of range"
	}
	return "NOPROTO unsupported protocol version"
}

// welcome is the reply of HELLO.
func (c *conn) welcome() {
	proto := 2
	if c.peer.Resp3 {
		proto = 3
	}
	c.peer.Block(func(w *server.Writer) {
		w.WriteMapLen(7)
		for _, field := range [][2]string{{"server", "easycli-sandbox"}, {"version", Version}} {
			w.WriteBulk(field[0])
			w.WriteBulk(field[1])
		}
		w.WriteBulk("proto")
		w.WriteInt(proto)
		w.WriteBulk("id")
		w.WriteInt(int(c.id))
		for _, field := range [][2]string{{"mode", "standalone"}, {"role", "master"}} {
			w.WriteBulk(field[0])
			w.WriteBulk(field[1])
		}
		w.WriteBulk("modules")
		w.WriteLen(0)
	})
}

// reset makes the connection as good as new.
func (c *conn) reset([]string) {
	c.unsubscribe()
	if c.multi {
		c.aside("DISCARD")
	}
	c.peer.Ctx, c.peer.Resp3 = nil, false
	c.multi, c.nextDB = false, -1
	c.setShown(func(f *facts) { *f = facts{command: f.command} })
	c.peer.WriteInline("RESET")
}

func (c *conn) quit([]string) {
	c.peer.WriteOK()
	c.peer.Close()
}

const badName = "ERR Client names cannot contain spaces, newlines or special characters."

func validName(name string) bool {
	for i := range len(name) {
		if name[i] < '!' || name[i] > '~' {
			return false
		}
	}
	return true
}

func (c *conn) clientSetName(argv []string) {
	if !validName(argv[2]) {
		c.peer.WriteError(badName)
		return
	}
	c.setShown(func(f *facts) { f.name = argv[2] })
	c.peer.WriteOK()
}

func (c *conn) clientGetName([]string) {
	if c.shown.name == "" { // only this goroutine writes it
		c.peer.WriteNull()
		return
	}
	c.peer.WriteBulk(c.shown.name)
}

func (c *conn) clientID([]string) { c.peer.WriteInt(int(c.id)) }

// clientReply mutes the connection. Unlike a real server's, its silence covers pushes too.
func (c *conn) clientReply(argv []string) {
	c.peer.Flush()
	switch strings.ToUpper(argv[2]) {
	case "ON":
		c.muted.Store(false)
		c.peer.WriteOK()
	case "OFF":
		c.muted.Store(true)
	case "SKIP":
		c.skip = !c.muted.Load()
	default:
		c.peer.WriteError("ERR syntax error")
	}
}

func (c *conn) clientInfo([]string) { c.writeText(c.describe()) }

// clientList takes the filters that name connections by number or by type.
func (c *conn) clientList(argv []string) {
	wanted := func(*conn) bool { return true }
	if len(argv) > 2 {
		ids, ok := clientIDs(argv[3:])
		switch {
		case strings.EqualFold(argv[2], "ID") && ok:
			wanted = func(o *conn) bool { return slices.Contains(ids, o.id) }
		case strings.EqualFold(argv[2], "TYPE") && len(argv) == 4:
			normal := strings.EqualFold(argv[3], "normal")
			wanted = func(o *conn) bool { return normal }
		default:
			c.peer.WriteError("ERR syntax error")
			return
		}
	}
	all := c.s.snapshot()
	slices.SortFunc(all, func(a, b *conn) int { return cmp.Compare(a.id, b.id) })
	var text strings.Builder
	for _, other := range all {
		if wanted(other) {
			text.WriteString(other.describe())
		}
	}
	c.writeText(text.String())
}

func clientIDs(words []string) ([]int64, bool) {
	ids := make([]int64, len(words))
	for i, word := range words {
		n, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return nil, false
		}
		ids[i] = n
	}
	return ids, len(ids) > 0
}

// clientKill knows connections by their number alone: they have no address of their own.
func (c *conn) clientKill(argv []string) {
	ids, ok := clientIDs(argv[3:])
	if !strings.EqualFold(argv[2], "ID") || !ok || len(ids) != 1 {
		c.peer.WriteError(notHere("CLIENT KILL other than by ID"))
		return
	}
	killed := 0
	for _, other := range c.s.snapshot() {
		if other.id != ids[0] {
			continue
		}
		killed++
		if other == c { // after its reply
			c.peer.WriteInt(killed)
			c.peer.Close()
			return
		}
		other.end()
		c.s.wake()
	}
	c.peer.WriteInt(killed)
}

// describe is one line of CLIENT LIST, with the fields that mean something here.
func (c *conn) describe() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	multi, resp := -1, 2
	if c.shown.multi {
		multi = 0
	}
	if c.shown.resp3 {
		resp = 3
	}
	now := time.Now()
	return fmt.Sprintf("id=%d addr=sandbox laddr=sandbox name=%s age=%d idle=%d flags=N db=%d "+
		"multi=%d cmd=%s user=default resp=%d\n", c.id, c.shown.name,
		int(now.Sub(c.begun).Seconds()), int(now.Sub(c.lastAt).Seconds()), c.shown.db, multi,
		strings.ToLower(strings.ReplaceAll(c.shown.command, " ", "|")), resp)
}

// writeText writes what is made to be read by people: verbatim under RESP3.
func (c *conn) writeText(text string) {
	if c.peer.Resp3 {
		c.peer.WriteRaw(fmt.Sprintf("=%d\r\ntxt:%s\r\n", len(text)+4, text))
		return
	}
	c.peer.WriteBulk(text)
}

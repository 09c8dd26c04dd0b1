package sandbox

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/alicebob/miniredis/v2/server"
)

// own is a command of this package: argv has from least to most words.
type own struct {
	run         func(c *conn, argv []string)
	least, most int
	// queues says that miniredis's own is good enough for a transaction.
	queues bool
}

func (o own) fits(words int) bool { return words >= o.least && words <= o.most }

const anyNumber = math.MaxInt

// ownCommand looks a command up by the name that package command gives it. It is a switch and not a
// map because a map is built when the program starts, used or not.
func ownCommand(name string) (own, bool) {
	switch name {
	case "AUTH":
		return own{run: (*conn).auth, least: 2, most: 3}, true
	case "CLIENT GETNAME":
		return own{run: (*conn).clientGetName, least: 2, most: 2}, true
	case "CLIENT ID":
		return own{run: (*conn).clientID, least: 2, most: 2}, true
	case "CLIENT INFO":
		return own{run: (*conn).clientInfo, least: 2, most: 2}, true
	case "CLIENT KILL":
		return own{run: (*conn).clientKill, least: 3, most: anyNumber}, true
	case "CLIENT LIST":
		return own{run: (*conn).clientList, least: 2, most: anyNumber}, true
	case "CLIENT NO-EVICT": // nothing is ever evicted
		return own{run: (*conn).onOrOff, least: 3, most: 3}, true
	case "CLIENT REPLY":
		return own{run: (*conn).clientReply, least: 3, most: 3}, true
	case "CLIENT SETINFO": // which library this is; CLIENT LIST of 7.0 does not tell
		return own{run: (*conn).ok, least: 4, most: 4}, true
	case "CLIENT SETNAME":
		return own{run: (*conn).clientSetName, least: 3, most: 3}, true
	case "HELLO":
		return own{run: (*conn).hello, least: 1, most: anyNumber}, true
	case "QUIT":
		return own{run: (*conn).quit, least: 1, most: anyNumber}, true
	case "RESET":
		return own{run: (*conn).reset, least: 1, most: 1}, true
	case "SDIFFSTORE", "SINTERSTORE", "SUNIONSTORE":
		return own{run: (*conn).storeSet, least: 3, most: anyNumber}, true
	case "SELECT":
		return own{run: (*conn).selectDB, least: 2, most: 2}, true
	case "TYPE":
		return own{run: (*conn).typeOf, least: 2, most: 2, queues: true}, true
	case "XLEN":
		return own{run: (*conn).xlen, least: 2, most: 2}, true
	}
	return serverCommand(name)
}

// serverCommand are those of ours that are about the server.
func serverCommand(name string) (own, bool) {
	switch name {
	case "ACL WHOAMI":
		return own{run: func(c *conn, _ []string) { c.peer.WriteBulk("default") }, least: 2, most: 2}, true
	case "BGREWRITEAOF", "BGSAVE", "SAVE":
		return own{run: (*conn).save, least: 1, most: 2}, true
	case "COMMAND GETKEYS":
		return own{run: (*conn).commandGetKeys, least: 3, most: anyNumber}, true
	case "CONFIG GET":
		return own{run: (*conn).configGet, least: 3, most: anyNumber}, true
	case "CONFIG RESETSTAT":
		return own{run: (*conn).configResetStat, least: 2, most: 2}, true
	case "CONFIG REWRITE":
		return own{run: (*conn).configRewrite, least: 2, most: 2}, true
	case "CONFIG SET":
		return own{run: (*conn).configSet, least: 4, most: anyNumber}, true
	case "DEBUG SLEEP":
		return own{run: (*conn).debugSleep, least: 3, most: 3}, true
	case "INFO":
		return own{run: (*conn).info, least: 1, most: anyNumber}, true
	case "LASTSAVE": // as on a server that has not saved since it was started
		return own{run: func(c *conn, _ []string) { c.peer.WriteInt(int(c.s.start.Unix())) }, least: 1, most: 1}, true
	case "LATENCY HISTORY": // nothing is watched: latency-monitor-threshold is 0
		return own{run: (*conn).emptyList, least: 3, most: 3}, true
	case "LATENCY LATEST":
		return own{run: (*conn).emptyList, least: 2, most: 2}, true
	case "LATENCY RESET":
		return own{run: (*conn).zero, least: 2, most: anyNumber}, true
	case "LOLWUT":
		return own{run: (*conn).lolwut, least: 1, most: anyNumber}, true
	case "OBJECT ENCODING":
		return own{run: (*conn).objectEncoding, least: 3, most: 3}, true
	case "ROLE":
		return own{run: (*conn).role, least: 1, most: 1}, true
	case "SHUTDOWN":
		return own{run: (*conn).shutdown, least: 1, most: anyNumber}, true
	case "SLOWLOG GET": // nothing is logged: slowlog-log-slower-than is -1
		return own{run: (*conn).emptyList, least: 2, most: 3}, true
	case "SLOWLOG LEN":
		return own{run: (*conn).zero, least: 2, most: 2}, true
	case "SLOWLOG RESET":
		return own{run: (*conn).ok, least: 2, most: 2}, true
	}
	return own{}, false
}

func (c *conn) ok([]string)        { c.peer.WriteOK() }
func (c *conn) zero([]string)      { c.peer.WriteInt(0) }
func (c *conn) emptyList([]string) { c.peer.WriteLen(0) }

func (c *conn) onOrOff(argv []string) {
	switch strings.ToUpper(argv[2]) {
	case "ON", "OFF":
		c.peer.WriteOK()
	default:
		c.peer.WriteError("ERR syntax error")
	}
}

func (c *conn) save(argv []string) {
	c.peer.WriteError("ERR the sandbox keeps nothing: '" + strings.ToUpper(argv[0]) +
		"' needs a real server")
}

func (c *conn) role([]string) {
	c.peer.Block(func(w *server.Writer) {
		w.WriteLen(3)
		w.WriteBulk("master")
		w.WriteInt(0)
		w.WriteLen(0)
	})
}

// debugSleep stops the whole server, as it does elsewhere.
func (c *conn) debugSleep(argv []string) {
	seconds, err := strconv.ParseFloat(argv[2], 64)
	if err != nil || math.IsNaN(seconds) {
		c.peer.WriteError("ERR value is not a valid float")
		return
	}
	limit := min(max(seconds, 0), (24 * time.Hour).Seconds())
	timer := time.NewTimer(time.Duration(limit * float64(time.Second)))
	defer timer.Stop()
	c.s.mini.Lock()
	select {
	case <-timer.C:
	case <-c.s.closed:
	}
	c.s.mini.Unlock()
	c.peer.WriteOK()
}

// shutdown ends the server without a reply, as it does elsewhere.
func (c *conn) shutdown(argv []string) {
	for _, arg := range argv[1:] {
		switch strings.ToUpper(arg) {
		case "NOSAVE", "NOW", "FORCE":
		case "ABORT":
			c.peer.WriteError("ERR No shutdown in progress.")
			return
		case "SAVE":
			c.save([]string{"SHUTDOWN SAVE"})
			return
		default:
			c.peer.WriteError("ERR syntax error")
			return
		}
	}
	c.peer.Flush()
	c.s.shutdown()
}

func (c *conn) lolwut([]string) {
	const box = "" +
		"   _______________\r\n" +
		"  /______________/|\r\n" +
		" |  .  : . .   :  ||\r\n" +
		" | :  .  easycli .||\r\n" +
		" |________________|/\r\n"
	c.writeText(strings.ReplaceAll(box, "\r", "") + "\nSandbox, speaks Redis ver. " + Version + "\n")
}

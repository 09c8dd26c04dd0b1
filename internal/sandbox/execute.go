package sandbox

import (
	"slices"
	"strconv"
	"strings"

	"easycli/internal/command"
)

// execute runs a command outside of a transaction: one of ours, one of miniredis's, or an error
// that says which kind of missing it is.
func (c *conn) execute(argv []string, info command.Info) {
	if own, ok := ownCommand(info.Name); ok {
		switch {
		case !own.fits(len(argv)):
			c.peer.WriteError(wrongNumber(info.Name))
		case c.refusedForSubscription(argv):
		default:
			own.run(c, argv)
		}
		return
	}
	if text := c.missing(argv, info); text != "" {
		c.peer.WriteError(text)
		return
	}
	argv = adapt(argv, info)
	switch info.Effect {
	case command.Multi:
		reply := c.aside(argv...)
		c.multi = reply == "+OK\r\n"
		c.peer.WriteRaw(reply)
	case command.Subscribe, command.PSubscribe, command.Unsubscribe, command.PUnsubscribe:
		c.subscribe(func() { c.s.srv.Dispatch(c.peer, argv) })
	default:
		if c.apart && !info.Blocking {
			c.peer.WriteRaw(c.aside(argv...)) // in one piece, so that no push comes between
			return
		}
		c.s.srv.Dispatch(c.peer, argv)
	}
}

// queue hands a command to the transaction that is being collected. The queue is miniredis's and
// takes its own commands only.
func (c *conn) queue(argv []string, info command.Info) {
	own, isOwn := ownCommand(info.Name)
	text := c.missing(argv, info)
	switch {
	case info.Effect == command.Exec || info.Effect == command.Discard:
		c.endTransaction(argv, info)
		return
	case info.Effect == command.Select && len(argv) == 2 && validDB(argv[1]):
		c.nextDB, _ = strconv.Atoi(argv[1])
		c.s.srv.Dispatch(c.peer, argv)
		return
	case info.Effect == command.Quit || info.Effect == command.Reset:
		c.execute(argv, info)
		return
	case isOwn && !own.queues || info.Effect == command.Subscribe || info.Effect == command.PSubscribe:
		text = "ERR '" + info.Name + "' within MULTI is not in the sandbox; it needs a real server"
	}
	if text != "" {
		c.aside("GET") // an error while it queues, so that EXEC is refused
		c.peer.WriteError(text)
		return
	}
	c.s.srv.Dispatch(c.peer, adapt(argv, info))
}

// endTransaction runs EXEC or DISCARD.
func (c *conn) endTransaction(argv []string, info command.Info) {
	reply := c.aside(argv...)
	if len(argv) == 1 {
		c.multi = false
		executed := info.Effect == command.Exec && reply[0] == '*' && reply[1] != '-'
		if executed && c.nextDB >= 0 {
			c.setShown(func(f *facts) { f.db = c.nextDB })
		}
		c.nextDB = -1
	}
	c.peer.WriteRaw(reply)
}

// subscribe runs something about subscriptions. miniredis lets a connection that has some do nothing
// else. That is so under RESP2; under RESP3 they are kept in a state apart from the connection's own,
// which then does not know of them.
func (c *conn) subscribe(f func()) {
	c.apart = c.apart || c.peer.Resp3 && !c.subscribed
	c.subscribed = true
	if c.apart {
		c.peer.Ctx, c.pubsub = c.pubsub, c.peer.Ctx
		defer func() { c.peer.Ctx, c.pubsub = c.pubsub, c.peer.Ctx }()
	}
	f()
}

// unsubscribe ends the subscriptions without a word; nothing else would take them off the server's
// list.
func (c *conn) unsubscribe() {
	if !c.subscribed {
		return
	}
	c.subscribe(func() {
		c.aside("UNSUBSCRIBE")
		c.aside("PUNSUBSCRIBE")
	})
	c.subscribed, c.apart, c.pubsub = false, false, nil
}

// refusedForSubscription answers one of our own commands as miniredis answers its own while there
// are subscriptions.
func (c *conn) refusedForSubscription(argv []string) bool {
	if !c.subscribed || c.apart {
		return false
	}
	reply := c.aside("ECHO", "")
	if reply[0] != '-' {
		c.subscribed = false // they have ended
		return false
	}
	c.peer.WriteRaw(strings.Replace(reply, "'echo'", "'"+strings.ToLower(argv[0])+"'", 1))
	return true
}

// adapt leaves out the arguments that miniredis does not understand and that change nothing here.
func adapt(argv []string, info command.Info) []string {
	switch info.Name {
	case "FLUSHALL", "FLUSHDB":
		if len(argv) == 2 && strings.EqualFold(argv[1], "SYNC") {
			return argv[:1]
		}
	case "MEMORY USAGE":
		if len(argv) == 5 && strings.EqualFold(argv[3], "SAMPLES") {
			return argv[:3]
		}
	}
	return argv
}

// subcommands are the ones of its containers that miniredis has.
const subcommands = "|MEMORY USAGE|OBJECT IDLETIME|PUBSUB CHANNELS|PUBSUB NUMPAT|PUBSUB NUMSUB|" +
	"SCRIPT EXISTS|SCRIPT FLUSH|SCRIPT LOAD|XGROUP CREATE|XGROUP CREATECONSUMER|" +
	"XGROUP DELCONSUMER|XGROUP DESTROY|XINFO CONSUMERS|XINFO GROUPS|XINFO STREAM|"

// pretended are commands that miniredis has in a form that is not what it seems: its DUMP is no
// dump that a server could restore, and its COMMAND lists those of Redis 5.
const pretended = "|COMMAND|DUMP|RESTORE|RESTORE-ASKING|"

// missing is the error of a command that neither we nor miniredis have, "" for others.
func (c *conn) missing(argv []string, info command.Info) string {
	name := strings.ToUpper(argv[0])
	container, _, isSub := strings.Cut(info.Name, " ")
	switch {
	case !info.Known && !c.s.srv.IsRegisteredCommand(name):
		return unknownCommand(argv)
	case container == "CLUSTER":
		return "ERR This instance has cluster support disabled"
	case isSub && !strings.Contains(subcommands, "|"+info.Name+"|"):
		return notHere(info.Name)
	case !isSub && strings.Contains(pretended, "|"+name+"|"):
		return notHere(name)
	case !isSub && slices.Contains(containers, name):
		switch {
		case len(argv) == 1:
			return wrongNumber(name)
		case name == "DEBUG": // whose subcommands the table leaves out
			return notHere(name + " " + strings.ToUpper(clip(argv[1])))
		}
		return "ERR unknown subcommand '" + clip(argv[1]) + "'. Try " + name + " HELP."
	case !c.s.srv.IsRegisteredCommand(name):
		return notHere(name)
	}
	return ""
}

// containers are the commands that are nothing without a subcommand, and partly ours.
var containers = []string{"ACL", "CLIENT", "CONFIG", "DEBUG", "LATENCY", "MEMORY", "OBJECT", "SLOWLOG"}

// notHere is the answer to what a real server has and the sandbox has not.
func notHere(name string) string {
	return "ERR '" + name + "' is not in the sandbox; it needs a real server"
}

// unknownCommand is a real server's answer to what nobody knows.
func unknownCommand(argv []string) string {
	var args strings.Builder
	for _, arg := range argv[1:] {
		if args.Len() >= 128 {
			break
		}
		args.WriteString("'" + arg[:min(len(arg), 128-args.Len())] + "' ")
	}
	return "ERR unknown command '" + clip(argv[0]) + "', with args beginning with: " + args.String()
}

// wrongNumber is a real server's answer to too many arguments or too few.
func wrongNumber(name string) string {
	return "ERR wrong number of arguments for '" +
		strings.ToLower(strings.ReplaceAll(name, " ", "|")) + "' command"
}

func clip(s string) string { return s[:min(len(s), 128)] }

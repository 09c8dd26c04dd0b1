package sandbox

import "strings"

// Commands that miniredis has, with a fault that a client cannot live with.

// wrongType is a real server's answer to a command for another type.
const wrongType = "WRONGTYPE Operation against a key holding the wrong kind of value"

// typeOf: miniredis has a type of its own for a HyperLogLog, which is a string elsewhere.
func (c *conn) typeOf(argv []string) {
	c.peer.WriteRaw(strings.Replace(c.aside(argv...), "+hll", "+string", 1))
}

// xlen: miniredis answers twice when the key is no stream.
func (c *conn) xlen(argv []string) {
	switch kind := c.aside("TYPE", argv[1]); kind {
	case "+stream\r\n", "+none\r\n":
		c.s.srv.Dispatch(c.peer, argv)
	default:
		c.peer.WriteError(wrongType)
	}
}

// storeSet is SDIFFSTORE, SINTERSTORE or SUNIONSTORE: miniredis keeps an empty result as a set, and
// panics at the next SADD to it.
func (c *conn) storeSet(argv []string) {
	reply := c.aside(argv...)
	if strings.HasPrefix(reply, ":0") {
		c.aside("DEL", argv[1])
	}
	c.peer.WriteRaw(reply)
}

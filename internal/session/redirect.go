package session

import (
	"net"
	"strconv"
	"strings"
)

// Redirect is how a node of a cluster answers a command that is another node's.
type Redirect struct {
	// Ask says that only this command goes there, behind an ASKING, because the slot is on its way;
	// otherwise the slot has moved for good.
	Ask  bool
	Slot int
	// Host is empty if it is the host of the node that answered.
	Host string
	Port string
}

// RedirectOf reads a redirection off the text of an error reply. An error that is none, or a
// malformed one, is the caller's to show.
func RedirectOf(text string) (Redirect, bool) {
	var r Redirect
	code, rest, _ := strings.Cut(text, " ")
	switch code {
	case "ASK":
		r.Ask = true
	case "MOVED":
	default:
		return Redirect{}, false
	}
	slot, addr, found := strings.Cut(rest, " ")
	number, err := strconv.Atoi(slot)
	colon := strings.LastIndexByte(addr, ':') // an IPv6 address has colons of its own
	if !found || err != nil || number < 0 || number > 16383 || colon < 0 {
		return Redirect{}, false
	}
	r.Slot, r.Host, r.Port = number, strings.Trim(addr[:colon], "[]"), addr[colon+1:]
	if port, err := strconv.Atoi(r.Port); err != nil || port < 1 || port > 65535 {
		return Redirect{}, false
	}
	if strings.ContainsFunc(r.Host, notOfHosts) {
		return Redirect{}, false
	}
	if r.Host == "?" { // the node does not know the name under which it is reached
		r.Host = ""
	}
	return r, true
}

// notOfHosts reports whether a character is none of names and addresses: it is not to be dialled, nor
// to be shown.
func notOfHosts(c rune) bool { return c <= ' ' || c > '~' || c == '/' }

// Addr is where the redirection leads, for a node that was reached at from.
func (r Redirect) Addr(from string) string {
	host := r.Host
	if host == "" {
		host, _, _ = net.SplitHostPort(from)
	}
	return net.JoinHostPort(host, r.Port)
}

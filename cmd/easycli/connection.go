package main

import (
	"net"
	"strings"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/tlsconfig"
)

// connection is where to go and what must hold there, as the command line says it.
type connection struct {
	// Sandbox is the in-process server; the address means nothing then.
	Sandbox bool
	Host    string
	Port    int
	// Socket, if set, is used instead of Host and Port.
	Socket string
	// Sentinel, if set, knows the address of the server; Host and Port mean nothing then.
	Sentinel *sentinels
	// Family is 4 or 6 to resolve Host to addresses of that kind only.
	Family int

	User     string
	Password password
	DB       int
	// Proto is 2 or 3 if it was asked for. ProtoOptional goes on with RESP2 where a server refuses
	// RESP3: it was the output format that wanted it.
	Proto         int
	ProtoOptional bool
	Name          string

	// TLS is nil for none. RequireTLS refuses to take the password to another machine without it;
	// [parse] has seen to that for Host, but a cluster may name others.
	TLS        *tlsconfig.Options
	RequireTLS bool

	// Nodes is where the servers are reached that a cluster or a sentinel names, and ReadFrom which of
	// a cluster may answer what only reads.
	Nodes    addressMap
	ReadFrom cluster.ReadFrom

	ConnectTimeout, Timeout time.Duration
	// Warnings are shown before connecting.
	Warnings []string
}

// password says where the password comes from.
type password struct {
	From passwordSource
	// Text is the password itself, Path its file, FD its descriptor, Command what prints it: whichever
	// From says.
	Text    secret
	Path    string
	FD      int
	Command []string
	// Profile is the one that says so, "" if it was the command line.
	Profile string
}

// The address when nothing names one.
const (
	defaultHost = "127.0.0.1"
	defaultPort = 6379
)

// isLoopback reports whether a host is this machine, without asking the network.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// exposes reports whether the password would cross a network in the open on its way to host.
func (n connection) exposes(host string) bool {
	secrets := n.Password.From != noPassword || n.Sentinel != nil && n.Sentinel.Password.From != noPassword
	return secrets && !n.Sandbox && n.TLS == nil && n.Socket == "" && !isLoopback(host)
}

type passwordSource byte

const (
	noPassword passwordSource = iota
	givenPassword
	askedPassword
	passwordFile
	passwordDescriptor
	passwordCommand
)

// secret is text that no message shows, whatever it is formatted with.
type secret string

func (secret) String() string   { return "****" }
func (secret) GoString() string { return "****" }

package main

import (
	"net"
	"strings"
	"time"

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

	// TLS is nil for none.
	TLS *tlsconfig.Options

	ConnectTimeout, Timeout time.Duration
	// Warnings are shown before connecting.
	Warnings []string
}

// password says where the password comes from.
type password struct {
	From passwordSource
	// Text is the password itself, Path its file, FD its descriptor: whichever From says.
	Text secret
	Path string
	FD   int
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

type passwordSource byte

const (
	noPassword passwordSource = iota
	givenPassword
	askedPassword
	passwordFile
	passwordDescriptor
)

// secret is text that no message shows, whatever it is formatted with.
type secret string

func (secret) String() string   { return "****" }
func (secret) GoString() string { return "****" }

package main

import (
	"cmp"
	"context"
	"fmt"
	"net"

	"easycli/internal/pipeclient"
	"easycli/internal/redisurl"
	"easycli/internal/sentinel"
)

// sentinels are who knows where the server is.
type sentinels struct {
	Addrs  []string
	Master string
	// User and Password are for the sentinels themselves.
	User     string
	Password password
}

// sentinelDraft is what the options say of the sentinels; it goes before what the URI says.
type sentinelDraft struct {
	user     string
	passFile string
}

func (d *draft) setSentinel(u *redisurl.Sentinel) {
	d.conn.Sentinel = &sentinels{Addrs: u.Addrs, Master: u.Master, User: u.User}
	if u.HasAuth {
		d.conn.Sentinel.Password = password{From: givenPassword, Text: secret(u.Pass)}
		d.onView = d.onView || u.Pass != ""
	}
}

func (d *draft) setSentinelPassFile(v string) error {
	if v == "" {
		return wants("a file")
	}
	d.sentinel.passFile = v
	return nil
}

// settleSentinel refuses what does not go together, and lets the options have the last word.
func (d *draft) settleSentinel() error {
	s := d.conn.Sentinel
	switch {
	case s == nil && d.sentinel != (sentinelDraft{}):
		return usagef("--sentinel-user and --sentinel-pass-file go with -u redis+sentinel://host:26379/master")
	case s == nil:
		return nil
	case d.direct != "":
		return usagef("%s names a server, and the URI asks sentinels for one", d.direct)
	case d.cluster:
		return usagef("-c goes with no sentinels: the nodes of a cluster know their masters themselves")
	}
	s.User = cmp.Or(d.sentinel.user, s.User)
	if d.sentinel.passFile != "" {
		s.Password = password{From: passwordFile, Path: d.sentinel.passFile}
	} else if s.User != "" && s.Password.From == noPassword {
		s.Password = password{From: givenPassword}
	}
	return nil
}

// hosts are where the connection begins.
func (n connection) hosts() []string {
	if n.Sentinel == nil {
		return []string{n.Host}
	}
	var hosts []string
	for _, addr := range n.Sentinel.Addrs {
		host, _, _ := net.SplitHostPort(addr)
		hosts = append(hosts, host)
	}
	return hosts
}

// askSentinels makes the connection go to the master, wherever that is each time it is made. One that
// cannot be found now is not an error yet: it is that of the first connection.
func (n connection) askSentinels(ctx context.Context, c *console, conf *pipeclient.Config) error {
	pass, err := n.Sentinel.Password.read(ctx, c)
	if err != nil {
		return err
	}
	master := sentinel.New(sentinel.Config{
		Master: n.Sentinel.Master, Sentinels: n.Sentinel.Addrs,
		User: n.Sentinel.User, Pass: pass, HasPass: n.Sentinel.Password.From != noPassword,
		Server: *conf, Map: n.Nodes.addr, Allow: n.allowMaster,
	})
	conf.Addr = "master " + n.Sentinel.Master
	if addr, err := master.Find(ctx); err == nil {
		conf.Addr = addr
	}
	conf.Dial, conf.Reached = master.Dial, master.Addr
	return nil
}

// allowMaster holds what must hold for an address on the command line against one that a sentinel
// names.
func (n connection) allowMaster(addr string) error {
	if host, _, err := net.SplitHostPort(addr); err == nil && n.RequireTLS && n.exposes(host) {
		return fmt.Errorf("--require-tls: the sentinels would have the password sent to another machine without --tls")
	}
	return nil
}

package shell

import (
	"context"
	"strings"
	"time"

	"easycli/internal/quote"
	"easycli/internal/session"
)

// identity is what a server says of itself.
type identity struct {
	RunID, Role, Version string
	// Flavor is redis or valkey.
	Flavor string
}

// known reports whether it was asked.
func (i identity) known() bool { return i.RunID != "" }

// identityOf reads the sections server and replication of INFO.
func identityOf(info string) identity {
	i := identity{Flavor: "redis"}
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), ":")
		switch name {
		case "run_id":
			i.RunID = value
		case "role":
			i.Role = value
		case "redis_version":
			if i.Flavor == "redis" {
				i.Version = value
			}
		case "valkey_version":
			i.Flavor, i.Version = "valkey", value
		}
	}
	return i
}

// identify takes over what the scout has found out.
func (d *dialogue) identify() {
	if d.Scout == nil {
		return
	}
	if who := d.Scout.identity(d.Server.Addr); who.known() {
		d.who = who
	}
}

// compare asks a server that was connected to anew who it is, and says so if it is another.
func (d *dialogue) compare(ctx context.Context) {
	if !d.who.known() {
		return
	}
	var text strings.Builder
	for _, section := range []string{"server", "replication"} {
		v, err := d.conn.Do(ctx, "INFO", section)
		if err != nil || v.IsError() {
			return
		}
		text.WriteString(v.Text)
	}
	before, now := d.who, identityOf(text.String())
	switch {
	case !now.known():
		return
	case now.Role != before.Role:
		d.tellf("this server is a %s now, and was a %s", roleName(now.Role), roleName(before.Role))
	case now.RunID != before.RunID:
		d.tell("the server has been restarted, or is another one, since the last connection")
	}
	d.who = now
}

// roleName is a role in INFO's words as people say it, and nothing else.
func roleName(role string) string {
	if role == "slave" {
		return "replica"
	}
	return string(quote.AppendTerminal(nil, role))
}

// wait waits, unless ctx ends.
func wait(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// place is the address as the prompt shows it, "" where there is no connection that is as it should be.
func (d *dialogue) place() string {
	if !d.connected() || d.bare != nil {
		return ""
	}
	return string(quote.AppendTerminal(nil, session.Place(d.Server.Network, d.Server.Addr)))
}

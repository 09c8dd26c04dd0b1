package main

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"

	"easycli/internal/config"
	"easycli/internal/pipeclient"
)

// profile is what the prompt has to know of the profile it uses.
type profile struct {
	// Name is empty if there is none. Label stands for it in the prompt, in that color.
	Name, Label, Color string
	// ReadOnly sends nothing that may change something, whatever the command line says.
	ReadOnly bool
	// Confirm is which commands are asked about, where HasConfirm says so.
	Confirm    config.Confirm
	HasConfirm bool
}

// configFile is where the configuration is, "" for nowhere, and whether somebody said so.
func (env environment) configFile() (path string, named bool) {
	if path, said := env.fileOf("EASYCLI_CONFIG"); said {
		return path, path != ""
	}
	base := env.get("XDG_CONFIG_HOME")
	if !filepath.IsAbs(base) && runtime.GOOS == "windows" {
		base = env.get("APPDATA")
	}
	if !filepath.IsAbs(base) {
		home := env.home()
		if home == "" {
			return "", false
		}
		base = filepath.Join(home, ".config")
	}
	return filepath.Join(base, "easycli", "config.toml"), false
}

// config reads the configuration. One that is not there, and that nobody named, says nothing.
func (env environment) config() (*config.Config, error) {
	path, named := env.configFile()
	if path == "" {
		return &config.Config{}, nil
	}
	c, err := config.Load(path)
	switch {
	case err != nil && !named && errors.Is(err, fs.ErrNotExist):
		return &config.Config{}, nil
	case err != nil:
		return nil, usagef("config: %v", err)
	}
	return c, nil
}

// findProfile is the profile of that name. The error lists those there are; what was typed may be a
// password, and is not repeated.
func (env environment) findProfile(name string) (config.Profile, error) {
	c, err := env.config()
	if err != nil {
		return config.Profile{}, err
	}
	if p, ok := c.Profile(name); ok {
		return p, nil
	}
	path, _ := env.configFile()
	if names := c.Names(); len(names) > 0 {
		return config.Profile{}, usagef("there is no such profile; there are @%s (in %q)", strings.Join(names, ", @"), path)
	}
	return config.Profile{}, usagef("there is no such profile: there are none (in %q)", path)
}

// namesProfile reports whether the words of a command line begin with a profile.
func namesProfile(words []string) bool { return len(words) > 0 && strings.HasPrefix(words[0], "@") }

func (d *draft) setProfile(name string) error {
	if d.profileName != nil && *d.profileName != name {
		return usagef("two profiles are named, and one is used")
	}
	d.profileName = &name
	return nil
}

// ofProfile is a draft with what a profile says, over the environment.
func (d *draft) ofProfile(name string) (*draft, error) {
	p, err := d.env.findProfile(name)
	if err != nil {
		return nil, err
	}
	fresh := newDraft(d.env)
	if err := d.env.address(fresh); err != nil {
		return nil, err
	}
	if err := fresh.apply(p); err != nil {
		return nil, usagef("profile %s: %v", name, err)
	}
	return fresh, nil
}

// apply takes over what a profile says. Its address is a whole one: nothing of the environment's is
// mixed into it.
func (d *draft) apply(p config.Profile) error {
	if err := d.applyAddress(p); err != nil {
		return err
	}
	if p.DB != 0 {
		d.conn.DB = p.DB
	}
	if p.User != "" {
		d.conn.User = p.User
	}
	d.applyPassword(p)
	d.useTLS = d.useTLS || p.TLS
	d.tls.CACert, d.tls.CACertDir = d.env.expand(p.CACert), d.env.expand(p.CACertDir)
	d.tls.Cert, d.tls.Key = d.env.expand(p.Cert), d.env.expand(p.Key)
	d.tls.ServerName, d.tls.Insecure = p.SNI, p.Insecure
	d.conn.ConnectTimeout, d.conn.Timeout = p.ConnectTimeout, p.Timeout
	d.cluster = p.Cluster
	if p.ReadFrom != "" {
		if err := d.setReadFrom(p.ReadFrom); err != nil {
			return err
		}
		d.forCluster = "read_from"
	}
	d.profile = profile{Name: p.Name, Label: p.Label, Color: p.Color, ReadOnly: p.ReadOnly,
		Confirm: p.Confirm, HasConfirm: p.HasConfirm}
	return nil
}

func (d *draft) applyAddress(p config.Profile) error {
	if p.URL == "" && p.Host == "" && p.Port == 0 && p.Socket == "" {
		return nil
	}
	d.conn.Host, d.conn.Port = defaultHost, defaultPort
	if p.URL != "" {
		if err := d.setURI(p.URL); err != nil {
			return err
		}
		d.onView = false // nobody sees it in a file
	}
	if p.Host != "" {
		if err := d.setHost(p.Host); err != nil {
			return usagef("host wants %v", err)
		}
	}
	if p.Port != 0 {
		d.conn.Port = p.Port
	}
	if p.Socket != "" {
		d.conn.Socket = d.env.expand(p.Socket)
	}
	d.socketOfProfile, d.sentinelOfProfile = d.conn.Socket, d.conn.Sentinel
	d.address, d.direct = "@"+p.Name, ""
	return nil
}

func (d *draft) applyPassword(p config.Profile) {
	switch {
	case p.Password != "":
		d.conn.Password = password{From: givenPassword, Text: secret(p.Password)}
	case p.File != "":
		d.conn.Password = password{From: passwordFile, Path: d.env.expand(p.File), Profile: p.Name}
	case p.Command != nil:
		d.conn.Password = password{From: passwordCommand, Command: p.Command, Profile: p.Name}
	}
}

// expand is a path of the configuration: one that begins with ~/ is the user's own, and one that is
// not absolute is beside the file that names it.
func (env environment) expand(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok && env.home() != "" {
		return filepath.Join(env.home(), rest)
	}
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	file, _ := env.configFile()
	return filepath.Join(filepath.Dir(file), path)
}

// leaveSocketOfProfile: a host or port of the command line is meant instead of the profile's socket.
func (d *draft) leaveSocketOfProfile() {
	if d.socketOfProfile != "" && d.conn.Socket == d.socketOfProfile {
		d.conn.Socket = ""
	}
}

// leaveSentinelOfProfile: an address of the command line is meant instead.
func (d *draft) leaveSentinelOfProfile() {
	if d.sentinelOfProfile != nil && d.conn.Sentinel == d.sentinelOfProfile {
		d.conn.Sentinel = nil
	}
}

// isReadOnly reports whether nothing is to be changed, and who says so.
func (d *draft) isReadOnly() (who string, so bool) {
	switch {
	case d.readOnly:
		return "--read-only", true
	case d.profile.ReadOnly:
		return "profile " + d.profile.Name, true
	}
	return "", false
}

// used is what a profile makes of a conversation that goes on with it.
type used struct {
	Profile profile
	Conn    connection
	// Cluster is what it is in [prompt], ReadOnly says that the profile or the command line wants it so.
	Cluster, ReadOnly bool
}

// use is the connection to the server of a profile, for a conversation that changes to it. The
// configuration is read anew. Of the command line what was said about safety stays: --read-only,
// --require-tls, --no-confirm; the rest was about another server.
func (r prompt) use(ctx context.Context, c *console, name string) (pipeclient.Config, used, error) {
	d := newDraft(c.Env)
	d, err := d.ofProfile(strings.TrimPrefix(name, "@"))
	if err != nil {
		return pipeclient.Config{}, used{}, err
	}
	d.requireTLS = r.Conn.RequireTLS
	if err := d.settle(); err != nil {
		return pipeclient.Config{}, used{}, err
	}
	conf, err := d.conn.config(ctx, c)
	return conf, used{d.profile, d.conn, d.cluster, d.profile.ReadOnly || r.ReadOnly}, err
}

// profileCandidates are the profiles whose names begin like a word, for completion. Whatever is wrong
// with the configuration is for another time.
func (env environment) profileCandidates(start, before string) []string {
	c, err := env.config()
	if err != nil {
		return nil
	}
	var all []string
	for _, name := range c.Names() {
		if strings.HasPrefix(name, start) {
			all = append(all, before+name)
		}
	}
	return all
}

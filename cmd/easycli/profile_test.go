package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/config"
	"easycli/internal/tlsconfig"
)

// configured writes a configuration, and is the environment variable that names it.
func configured(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return "EASYCLI_CONFIG=" + path
}

const profiles = `
[profiles.prod]
host = "db.example.com"
port = 6390
db = 3
user = "ops"
password = "hunter2"
tls = true
cacert = "/ca.pem"
timeout = 2
read_only = true
confirm = "always"
color = "red"
label = "PROD"

[profiles.dev]
url = "redis://localhost:6380/2"
confirm = "never"

[profiles.local]
socket = "/run/redis.sock"

[profiles.ring]
host = "ring"
cluster = true
read_from = "any"

[profiles.pass]
password_command = ["pass", "show", "x"]

[profiles.file]
password_file = "~/secret"
cert = "cert.pem"
tls = true
insecure = true

[profiles.bad]
url = "http://u:hunter2@h"
`

// prod is the connection of that profile, with changes.
func prod(changes ...func(*connection)) connection {
	c := local(host("db.example.com"), port(6390), db(3), given("ops", "hunter2"), withTLS(tlsconfig.Options{CACert: "/ca.pem"}),
		func(c *connection) { c.Timeout = 2 * time.Second })
	for _, change := range changes {
		change(&c)
	}
	return c
}

func from(p password) func(*connection) { return func(c *connection) { c.Password = p } }

func TestProfiles(t *testing.T) {
	file := configured(t, profiles)
	dir := filepath.Dir(strings.TrimPrefix(file, "EASYCLI_CONFIG="))
	for line, want := range map[string]connection{
		"@prod GET k":                 prod(),
		"--profile prod GET k":        prod(),
		"--profile=prod @prod GET k":  prod(),
		"-h h @prod GET k":            prod(host("h")),
		"@prod -h h GET k":            prod(host("h")),
		"@prod -n 5 -p 1 GET k":       prod(port(1), db(5)),
		"@prod -u redis://g/1 GET k":  prod(host("g"), db(1)),
		"@prod --user u -a x GET k":   prod(seen("u", "x")),
		"@prod --cacert /other GET k": prod(withTLS(tlsconfig.Options{CACert: "/other"})),
		"@dev GET k":                  local(host("localhost"), port(6380), db(2), given("", "env")),
		"@dev -n 0 GET k":             local(host("localhost"), port(6380), given("", "env")),
		"@local GET k":                local(socket("/run/redis.sock"), given("", "env")),
		"@local -h 127.0.0.1 GET k":   local(given("", "env")),
		"@local -p 1 GET k":           local(port(1), given("", "env")),
		"@local -s /other GET k":      local(socket("/other"), given("", "env")),
		"@pass GET k":                 local(port(7), from(password{From: passwordCommand, Command: []string{"pass", "show", "x"}, Profile: "pass"})),
		"@pass --askpass GET k":       local(port(7), from(password{From: askedPassword})),
		"@file GET k": local(port(7), withTLS(tlsconfig.Options{Cert: filepath.Join(dir, "cert.pem"), Insecure: true}),
			from(password{From: passwordFile, Path: "/home/u/secret", Profile: "file"})),
	} {
		env := nowhere(file, "EASYCLI_AUTH=env", "VALKEYCLI_PORT=7", "HOME=/home/u")
		r, err := parse(strings.Fields(line), env)
		one, ok := r.(oneshot)
		if err != nil || !ok || !slices.Equal(one.Args, []string{"GET", "k"}) {
			t.Errorf("%s: %+v, %v", line, r, err)
			continue
		}
		if !reflect.DeepEqual(one.Conn, want) {
			t.Errorf("%s\ngot  %+v\nwant %+v", line, one.Conn, want)
		}
		if one.ReadOnly != strings.Contains(line, "prod") {
			t.Errorf("%s: read-only is %t", line, one.ReadOnly)
		}
	}
}

func TestProfilesOfOtherRuns(t *testing.T) {
	file := configured(t, profiles)
	ring := local(host("ring"), func(c *connection) { c.ReadFrom = cluster.Any })
	always := profile{Name: "prod", Label: "PROD", Color: "red", ReadOnly: true, Confirm: config.ConfirmAlways, HasConfirm: true}
	dev := profile{Name: "dev", Confirm: config.ConfirmNever, HasConfirm: true}
	shown := piped(func(o *output) { o.Format, o.Pushes, o.Terminal = 0, true, true })
	for line, want := range map[string]run{
		"@ring":                            script{Conn: ring, Out: piped(), Cluster: true},
		"@ring --json PING":                nil,
		"@dev --eval f k":                  eval{Conn: local(host("localhost"), port(6380), db(2)), Out: piped(), File: "f", Keys: []string{"k"}, Repeat: repeat{Times: 1}},
		"tty @prod":                        prompt{Conn: prod(), Out: shown, Profile: always},
		"tty @dev --read-only":             prompt{Conn: local(host("localhost"), port(6380), db(2)), Out: shown, Profile: dev, ReadOnly: true},
		"tty --no-confirm @dev":            prompt{Conn: local(host("localhost"), port(6380), db(2)), Out: shown, Profile: dev, NoConfirm: true},
		"-- @prod":                         once(local(), "@prod"),
		"GET @prod":                        once(local(), "GET", "@prod"),
		"@dev -- @prod":                    once(local(host("localhost"), port(6380), db(2)), "@prod"),
		"@dev completion bash":             once(local(host("localhost"), port(6380), db(2)), "completion", "bash"),
		"@dev --pipe a @b":                 nil,
		"--read-only --unlink a --dry-run": nil,
	} {
		env := nowhere(file)
		line, tty := strings.CutPrefix(line, "tty ")
		if tty {
			env = atTerminal(file, "NO_COLOR=1")
		}
		got, err := parse(strings.Fields(line), env)
		if err != nil || want != nil && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\ngot  %+v\nwant %+v", line, err, got, want)
		}
	}
}

func TestNoSuchProfile(t *testing.T) {
	file := configured(t, profiles)
	for line, want := range map[string]string{
		"@":                      "there is no such profile; there are @bad, @dev, @file, @local, @pass, @prod, @ring (in ",
		"@hunter2 GET k":         "there is no such profile; there are @bad",
		"--profile hunter2":      "there is no such profile; there are @bad",
		"--profile":              "--profile needs a value",
		"@prod @dev":             "two profiles are named",
		"@prod --profile dev":    "two profiles are named",
		"@bad":                   "profile bad: Invalid URI scheme",
		"@prod --pipe":           "--pipe loads, and this is read-only (profile prod)",
		"--read-only --pipe":     "--pipe loads, and this is read-only (--read-only)",
		"@prod --unlink a --yes": "--unlink deletes, and this is read-only (profile prod)",
		"@prod --sandbox PING":   "--sandbox is a server of its own: it goes with no address (@prod)",
		"@local -c PING":         "Options -c and -s are mutually exclusive.",
	} {
		_, err := parse(strings.Fields(line), nowhere(file))
		if err == nil || statusOf(err) != exitUsage || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v, want %s", line, err, want)
		}
	}
	_, err := parse([]string{"@prod"}, nowhere("HOME=/nowhere"))
	if got := fmt.Sprint(err); got != `there is no such profile: there are none (in "/nowhere/.config/easycli/config.toml")` && runtime.GOOS != "windows" {
		t.Error(got)
	}
	if _, err := parse([]string{"@prod"}, nowhere("EASYCLI_CONFIG=/nowhere/x")); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Error(err)
	}
	if _, err := parse([]string{"PING"}, nowhere("EASYCLI_CONFIG=/nowhere/x")); err != nil {
		t.Errorf("the configuration was read for nothing: %v", err)
	}
}

func TestWhereThingsAre(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("elsewhere")
	}
	for _, tt := range []struct {
		variables           string
		config, history, rc string
	}{
		{"", "", "", ""},
		{"HOME=/h", "/h/.config/easycli/config.toml", "/h/.local/state/easycli/history", "/h/.redisclirc"},
		{"HOME=/h XDG_CONFIG_HOME=/c XDG_STATE_HOME=/s", "/c/easycli/config.toml", "/s/easycli/history", "/h/.redisclirc"},
		{"HOME=/h XDG_CONFIG_HOME=c XDG_STATE_HOME=s", "/h/.config/easycli/config.toml", "/h/.local/state/easycli/history", "/h/.redisclirc"},
		{"HOME=/h EASYCLI_CONFIG=c REDISCLI_HISTFILE=x REDISCLI_RCFILE=r", "c", "x", "r"},
		{"HOME=/h EASYCLI_HISTFILE=e VALKEYCLI_HISTFILE=v REDISCLI_HISTFILE=x", "/h/.config/easycli/config.toml", "e", "/h/.redisclirc"},
		{"HOME=/h EASYCLI_CONFIG=/dev/null REDISCLI_HISTFILE=/dev/null REDISCLI_RCFILE=/dev/null", "", "", ""},
	} {
		env := nowhere(strings.Fields(tt.variables)...)
		config, _ := env.configFile()
		if got := [...]string{config, env.historyFile(), env.rcFile()}; got != [...]string{tt.config, tt.history, tt.rc} {
			t.Errorf("%s: %q", tt.variables, got)
		}
	}
}

func TestPreferences(t *testing.T) {
	rc := filepath.Join(t.TempDir(), "rc")
	text := ":set nohints\n\n:set bar\nfoo bar\n:set \"open\n:set keys off\n:set history 7\n" + strings.Repeat("x", 1024) + "\n:set pager less\n"
	if err := os.WriteFile(rc, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _, _ := testConsole("")
	c.Env = nowhere(configured(t, "[shell]\nhistory = 500\ntiming = true\n"), "REDISCLI_RCFILE="+rc)
	p, problems, err := c.preferences()
	want := config.Defaults()
	want.Hints, want.Keys, want.History, want.Timing, want.Pager = false, false, 500, 0, "less"
	if err != nil || p != want {
		t.Errorf("got %+v, %v\nwant %+v", p, err, want)
	}
	if got, want := strings.Join(problems, "\n"), ".redisclirc: unknown redis-cli preference 'bar'\n"+
		".redisclirc: unknown redis-cli internal command 'foo'\n"+
		".redisclirc: line 5: unbalanced quote at byte 6\n"+
		".redisclirc: line 8 has more than 1023 bytes"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// TestPreferencesOfOthers has a .redisclirc that others may change: its pager would be their program.
func TestPreferencesOfOthers(t *testing.T) {
	rc := filepath.Join(t.TempDir(), "rc")
	if err := os.WriteFile(rc, []byte(":set pager evil\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(rc, 0o666); err != nil {
		t.Fatal(err)
	}
	c, _, _ := testConsole("")
	c.Env = nowhere("REDISCLI_RCFILE=" + rc)
	p, problems, err := c.preferences()
	if runtime.GOOS != "windows" && (err != nil || p != config.Defaults() || len(problems) != 1 ||
		problems[0] != ".redisclirc: other users may change it; chmod go-w makes that impossible") {
		t.Errorf("got %+v, %q, %v", p, problems, err)
	}
	c.Env = nowhere("REDISCLI_RCFILE=" + rc + ".none")
	if _, problems, err := c.preferences(); err != nil || len(problems) > 0 {
		t.Errorf("got %q, %v", problems, err)
	}
}

// TestUse changes from one profile to another: nothing of the first stays but what is about safety.
func TestUse(t *testing.T) {
	c, _, _ := testConsole("")
	c.Env = atTerminal(configured(t, profiles))
	for _, from := range []prompt{
		{Conn: prod(), Profile: profile{Name: "prod", ReadOnly: true}},
		{Conn: prod(requireTLS), ReadOnly: true},
	} {
		conf, used, err := from.use(context.Background(), c, "dev")
		if err != nil || conf.Addr != "localhost:6380" || conf.DB != 2 || conf.HasPass || conf.TLS != nil {
			t.Errorf("got %+v, %v", conf, err)
		}
		if used.Profile.Name != "dev" || used.ReadOnly != from.ReadOnly || used.Conn.RequireTLS != from.Conn.RequireTLS {
			t.Errorf("got %+v", used)
		}
	}
	conf, used, err := prompt{}.use(context.Background(), c, "@ring")
	if err != nil || conf.Addr != "ring:6379" || !used.Cluster || used.Conn.ReadFrom != cluster.Any {
		t.Errorf("got %+v, %+v, %v", conf, used, err)
	}
	for _, name := range []string{"", "none", "bad"} {
		if _, _, err := (prompt{}).use(context.Background(), c, name); statusOf(err) != exitUsage {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatIsAskedAbout(t *testing.T) {
	always := profile{Confirm: config.ConfirmAlways, HasConfirm: true}
	for _, tt := range []struct {
		p    prompt
		want config.Confirm
	}{
		{prompt{}, config.ConfirmDestructive}, {prompt{Profile: always}, config.ConfirmAlways},
		{prompt{Profile: always, NoConfirm: true}, config.ConfirmNever},
	} {
		if got := tt.p.shellProfile(tt.p.Profile, false, config.Preferences{}).Confirm; got != tt.want {
			t.Errorf("%+v: %v", tt.p, got)
		}
	}
}

package config

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

const example = `
# what a person might write
[shell]
history = 500
hints = false
color = "never"
timing = "10ms"
pager = "less -R"

[profiles.dev]
url = "redis://localhost:6380/2"
confirm = "never"

[profiles.prod]
host = "db.example.com"
port = 6390
db = 1
user = "ops"
password_command = "pass show redis/prod"
tls = true
cacert = "~/ca.pem"
read_only = true
confirm = "always"
color = "bright-red"
label = "PRODUCTION"
timeout = 2.5
connect_timeout = "500ms"
cluster = true
read_from = "replica"

[profiles]
vault = { socket = "/run/redis.sock", password_command = ["vault", "read", "it"] }
"a.b-c_1" = { host = "h", password_file = "secret" }
`

func load(t *testing.T, text string, mode os.FileMode) (*Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return Load(path)
}

func TestLoad(t *testing.T) {
	c, err := load(t, example, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Names(), []string{"a.b-c_1", "dev", "prod", "vault"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, want := range []Profile{
		{Name: "dev", URL: "redis://localhost:6380/2", Confirm: ConfirmNever, HasConfirm: true},
		{Name: "prod", Host: "db.example.com", Port: 6390, DB: 1, User: "ops", TLS: true, CACert: "~/ca.pem",
			Command: []string{"sh", "-c", "pass show redis/prod"}, ReadOnly: true, Confirm: ConfirmAlways,
			HasConfirm: true, Color: "bright-red", Label: "PRODUCTION", Timeout: 2500 * time.Millisecond,
			ConnectTimeout: 500 * time.Millisecond, Cluster: true, ReadFrom: "replica"},
		{Name: "vault", Socket: "/run/redis.sock", Command: []string{"vault", "read", "it"}},
		{Name: "a.b-c_1", Host: "h", File: "secret"},
	} {
		if got, ok := c.Profile(want.Name); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
	}
	if _, ok := c.Profile("prodd"); ok {
		t.Error("there is a profile that there is not")
	}
	p := Defaults()
	c.Apply(&p)
	want := Defaults()
	want.History, want.Hints, want.Colour, want.Timing, want.Pager = 500, false, "never", 10*time.Millisecond, "less -R"
	if p != want {
		t.Errorf("got %+v\nwant %+v", p, want)
	}
}

func TestLoadNothing(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "[shell]\n[profiles]\n"} {
		if c, err := load(t, text, 0o600); err != nil || len(c.Names()) > 0 {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none")); !strings.HasSuffix(fmt.Sprint(err), "no such file or directory") {
		t.Errorf("got %v", err)
	}
}

// TestWrong has hunter2 in every place where a message must not repeat it.
func TestWrong(t *testing.T) {
	for text, want := range map[string]string{
		"\n[shel]\n":                                                    "line 2: unknown key \"shel\" (did you mean shell?)",
		"[shell]\nhistroy = 5\n":                                        "line 2: unknown key \"histroy\" (did you mean history?)",
		"[shell]\nfoo = 5\n":                                            "line 2: unknown key \"foo\" (there are history, hints,",
		"[shell]\nhints = 5\n":                                          "line 2: hints wants on or off",
		"[shell]\nhints = []\n":                                         "line 2: hints is one value",
		"[shell]\nhistory = -1\n":                                       "line 2: history wants a number from 1 to 1000000",
		"[shell]\ndecode = \"hunter2\"\n":                               "line 2: decode wants off, auto, json, hex, gzip, zlib, base64 or msgpack",
		"shell.timing = \"hunter2\"\n":                                  "line 1: timing wants on, off, or a time such as 10ms",
		"shell = 3\n":                                                   "line 1: shell is a table: [shell]",
		"[[profiles]]\n":                                                "line 1: profiles is a table: [profiles]",
		"[profiles]\nprod = 3\n":                                        "line 2: a profile is a table: [profiles.NAME]",
		"[profiles.\"pr od\"]\n":                                        "line 1: a profile's name is made of letters, digits,",
		"[profiles.a]\nhost = \"a\"\nhots = \"b\"\n":                    "line 3: unknown key \"hots\" (did you mean host?)",
		"[profiles.a]\n\n[profiles.b]\npasword = \"hunter2\"\n":         "line 4: unknown key \"pasword\" (did you mean password?)",
		"[profiles]\na = { hots = \"hunter2\" }\n":                      "line 2: unknown key \"hots\" (did you mean host?)",
		"profiles.a.host.x = 1\n":                                       "line 1: host wants a text",
		"profiles.a.hots = 1\n":                                         "line 1: unknown key \"hots\" (did you mean host?)",
		"profiles.\"-a\".host = \"h\"\n":                                "line 1: a profile's name is made",
		"shell.hints.x = 1\n":                                           "line 1: hints is one value",
		"[[profiles.a]]\nhost = \"h\"\n":                                "line 1: a profile is a table",
		"[profiles.a.b]\nc = 1\n":                                       "line 1: unknown key \"b\"",
		"[profiles.a]\nhost = [\"hunter2\"]\n":                          "line 2: host wants a text",
		"[profiles.a]\nport = \"hunter2\"\n":                            "line 2: port wants a number from 1 to 65535",
		"[profiles.a]\nport = 70000\n":                                  "line 2: port wants a number from 1 to 65535",
		"[profiles.a]\ntls = \"hunter2\"\n":                             "line 2: tls wants on or off",
		"[profiles.a]\ncolor = \"mauve\"\n":                             "line 2: color wants black, red,",
		"[profiles.a]\nconfirm = \"hunter2\"\n":                         "line 2: confirm wants destructive, always or never",
		"[profiles.a]\ntimeout = -1\n":                                  "line 2: timeout wants seconds,",
		"[profiles.a]\npassword_command = [1]\n":                        "line 2: password_command wants a command line, or a list",
		"[profiles.a]\npassword_command = []\n":                         "line 2: password_command wants",
		"[profiles.a]\npassword_command = \" \"\n":                      "line 2: password_command wants",
		"[profiles.a]\nurl = \"redis://:hunter2@h\"\nhost = \"h\"\n":    "line 1: profile \"a\": url goes with no host",
		"[profiles.a]\nsocket = \"/s\"\nport = 1\n":                     "line 1: profile \"a\": socket goes with no host",
		"[profiles.a]\npassword = \"hunter2\"\npassword_file = \"f\"\n": "line 1: profile \"a\": password, password_file and",
		"[profiles.a]\nhost = \"h\"\npassword = hunter2\n":              "line 3: this is no TOML: expected value but found … instead",
		"[profiles.a]\npassword = \"hunter2\n":                          "line 2: this is no TOML: strings cannot contain newlines",
		"[profiles.a]\npassword = 99hunter2\n":                          "line 2: this is no TOML: ",
		"[profiles.a]\npassword = 'hunter2'hunter2\n":                   "line 2: this is no TOML: ",
		"[profiles.a]\npassword = 12345678901234567890123\n":            "line 2: this is no TOML: a number is out of range",
		"[profiles.a]\nhost = \"h\"\nhost = \"h\"\n":                    "line 3: this is no TOML: Key 'profiles.a.host' has already been defined.",
		"[profiles.a\n":                                                 "this is no TOML: expected '.' or ']' to end table name, but got",
		"\x00":                                                          "line 1: this is no TOML: ",
	} {
		_, err := load(t, text, 0o600)
		if got := fmt.Sprint(err); !strings.Contains(got, want) || strings.Contains(got, "hunter2") || strings.Contains(got, "123") {
			t.Errorf("%q\ngot  %s\nwant %s", text, got, want)
		}
	}
}

func TestOthersMayNotChangeIt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes say nothing there")
	}
	withPassword := "[profiles.a]\npassword = \"hunter2\"\n"
	withURL := "[profiles.a]\nurl = \"redis://hunter2@h\"\n"
	tests := []struct {
		text string
		mode os.FileMode
		want string
	}{
		{"", 0o644, ""},
		{"", 0o664, "other users may change it; chmod go-w"},
		{"", 0o602, "other users may change it; chmod go-w"},
		{withPassword, 0o600, ""},
		{withPassword, 0o640, "other users may read the passwords in it; chmod 600"},
		{withURL, 0o604, "other users may read the passwords in it; chmod 600"},
		{"[profiles.a]\nurl = \"unix:///a@b\"\n", 0o644, ""},
		{"[profiles.a]\nurl = \"redis+sentinel://h/m?sentinel_password=hunter2\"\n", 0o640, "other users may read the passwords in it; chmod 600"},
		{"[profiles.a]\nurl = \"redis://h\"\npassword_command = \"x\"\n", 0o644, ""},
	}
	for _, tt := range tests {
		_, err := load(t, tt.text, tt.mode)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q with %o: %v, want %q", tt.text, tt.mode, err, tt.want)
		}
	}
}

func TestOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	dir := t.TempDir()
	path, link := filepath.Join(dir, "config.toml"), filepath.Join(dir, "link")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(link); err != nil {
		t.Error(err)
	}
	for _, name := range []string{link, path} {
		if err := os.Lchown(name, 4242, 4242); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(name); err == nil || !strings.Contains(err.Error(), "belongs to another user") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	p := Profile{Password: "hunter2"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if text := fmt.Sprintf(verb, p); strings.Contains(text, "hunter2") {
			t.Error(text)
		}
	}
}

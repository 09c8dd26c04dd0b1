package main

import (
	"crypto/tls"
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/render"
	"easycli/internal/tlsconfig"
)

// nowhere is an environment without terminals and with these variables.
func nowhere(variables ...string) environment {
	return environment{lookup: func(name string) (string, bool) {
		for _, v := range variables {
			if key, value, _ := strings.Cut(v, "="); key == name {
				return value, true
			}
		}
		return "", false
	}}
}

func atTerminal(variables ...string) environment {
	env := nowhere(variables...)
	env.inTerminal, env.outTerminal = true, true
	return env
}

// local is the connection that nothing was said about, with changes.
func local(changes ...func(*connection)) connection {
	c := connection{Host: "127.0.0.1", Port: 6379}
	for _, change := range changes {
		change(&c)
	}
	return c
}

// loads is a load of inputs with the default options.
func loads(in inputs) pipe {
	return pipe{Conn: local(), inputs: in, loading: loading{Timeout: defaultPipeTimeout}}
}

// piped is the output when stdout is no terminal, with changes.
func piped(changes ...func(*output)) output {
	o := output{Format: render.Raw, ElementEnd: "\n", ReplyEnd: "\n"}
	for _, change := range changes {
		change(&o)
	}
	return o
}

// once is a command that runs once, over a connection.
func once(c connection, args ...string) oneshot {
	return oneshot{Conn: c, Out: piped(), Args: args, Repeat: repeat{Times: 1}}
}

const viewWarning = "Using a password with '-a' or '-u' option on the command line interface may not be safe."

func given(user, pass string) func(*connection) {
	return func(c *connection) {
		c.User, c.Password = user, password{From: givenPassword, Text: secret(pass)}
	}
}

func seen(user, pass string) func(*connection) {
	return func(c *connection) {
		given(user, pass)(c)
		c.Warnings = append(c.Warnings, viewWarning)
	}
}

func requireTLS(c *connection) { c.RequireTLS = true }

func withTLS(o tlsconfig.Options) func(*connection) { return func(c *connection) { c.TLS = &o } }

func host(h string) func(*connection)     { return func(c *connection) { c.Host = h } }
func port(p int) func(*connection)        { return func(c *connection) { c.Port = p } }
func db(n int) func(*connection)          { return func(c *connection) { c.DB = n } }
func socket(s string) func(*connection)   { return func(c *connection) { c.Socket = s } }
func shape(f render.Format) func(*output) { return func(o *output) { o.Format = f } }

func TestTheCommandBeginsAtTheFirstWordWithoutADash(t *testing.T) {
	for line, want := range map[string][]string{
		"get k":                {"get", "k"},
		"get -1":               {"get", "-1"},
		"lrange l 0 -1":        {"lrange", "l", "0", "-1"},
		"set a --help":         {"set", "a", "--help"},
		"get -a x":             {"get", "-a", "x"},
		"config get x":         {"config", "get", "x"},
		"CONFIG GET x":         {"CONFIG", "GET", "x"},
		"help set":             {"help", "set"},
		"completion":           {"completion"},
		"completion tcsh":      {"completion", "tcsh"},
		"completion bash x":    {"completion", "bash", "x"},
		"get -- k":             {"get", "--", "k"},
		"-- get k":             {"get", "k"},
		"-- --version":         {"--version"},
		"--raw -- -1":          {"-1"},
		"-- -":                 {"-"},
		"echo  completion zsh": {"echo", "", "completion", "zsh"},
	} {
		got, err := parse(strings.Split(line, " "), nowhere())
		if err != nil || !reflect.DeepEqual(got, run(once(local(), want...))) {
			t.Errorf("%s: got %+v, %v", line, got, err)
		}
	}
}

func TestWhereToConnect(t *testing.T) {
	for line, want := range map[string]connection{
		"-h h":                       local(host("h")),
		"--host=h":                   local(host("h")),
		"-p 6380":                    local(port(6380)),
		"-p6380":                     local(port(6380)),
		"-p=6380":                    local(port(6380)),
		"--port 6380":                local(port(6380)),
		"-p 1 -p 2":                  local(port(2)),
		"-s /a":                      local(socket("/a")),
		"-s /a -h h":                 local(socket("/a"), host("h")),
		"-n 5":                       local(db(5)),
		"-t 1.5 --timeout 2":         local(func(c *connection) { c.ConnectTimeout, c.Timeout = 1500*time.Millisecond, 2*time.Second }),
		"-2":                         local(func(c *connection) { c.Proto = 2 }),
		"-3":                         local(func(c *connection) { c.Proto = 3 }),
		"-4":                         local(func(c *connection) { c.Family = 4 }),
		"-6":                         local(func(c *connection) { c.Family = 6 }),
		"-34":                        local(func(c *connection) { c.Proto, c.Family = 3, 4 }),
		"--name worker-1":            local(func(c *connection) { c.Name = "worker-1" }),
		"--sandbox":                  local(func(c *connection) { c.Sandbox = true }),
		"-u redis://h:1/2":           local(host("h"), port(1), db(2)),
		"-u redis://h:1/1 -n 5":      local(host("h"), port(1), db(5)),
		"-n 5 -u redis://h:1/1":      local(host("h"), port(1), db(1)),
		"-n 5 -u redis://h":          local(host("h"), db(5)),
		"-p 7 -u redis://h -h g":     local(host("g"), port(7)),
		"-u unix:///a?db=3":          local(socket("/a"), db(3)),
		"-u redis+unix:///a?db=1":    local(socket("/a"), db(1)),
		"-u unix:///a -u redis://h":  local(host("h")),
		"-a pw":                      local(seen("", "pw")),
		"--pass=pw":                  local(seen("", "pw")),
		"-apw":                       local(seen("", "pw")),
		"--user u -a pw":             local(seen("u", "pw")),
		"--user u":                   local(given("u", "")),
		"-a pw --no-auth-warning":    local(given("", "pw")),
		"-u redis://:pw@127.0.0.1":   local(seen("", "pw")),
		"-u redis://u:p@w@localhost": local(host("localhost"), seen("u", "p@w")),
		"-u redis://u:a@[::1] -a b":  local(host("::1"), seen("u", "b")),
		"-a b -u redis://u:a@[::1]":  local(host("::1"), seen("u", "a")),
		"-a b --pass-file /f": local(func(c *connection) {
			c.Password = password{From: passwordFile, Path: "/f"}
			c.Warnings = []string{viewWarning}
		}),
		"--pass-fd 3":                    local(func(c *connection) { c.Password = password{From: passwordDescriptor, FD: 3} }),
		"--askpass --pass-fd 3":          local(func(c *connection) { c.Password = password{From: askedPassword} }),
		"--tls":                          local(withTLS(tlsconfig.Options{})),
		"-u rediss://h":                  local(host("h"), withTLS(tlsconfig.Options{})),
		"-u valkeys://h --sni n":         local(host("h"), withTLS(tlsconfig.Options{ServerName: "n"})),
		"--tls -u redis://h":             local(host("h"), withTLS(tlsconfig.Options{})),
		"--tls --insecure --tls-min 1.3": local(withTLS(tlsconfig.Options{Insecure: true, MinVersion: tls.VersionTLS13})),
		"--cert c --key k --cacert a --cacertdir d --tls --tls-ciphers x --tls-ciphersuites y": local(withTLS(
			tlsconfig.Options{Cert: "c", Key: "k", CACert: "a", CACertDir: "d", Ciphers: "x", Suites: "y"})),
		"--cacert a": local(func(c *connection) { c.Warnings = []string{"the TLS options do nothing without --tls."} }),
		"-h h -a pw": local(host("h"), seen("", "pw"), func(c *connection) {
			c.Warnings = append(c.Warnings, "the password is sent to another machine without TLS.")
		}),
		"-h h -a pw --tls --require-tls":   local(host("h"), seen("", "pw"), withTLS(tlsconfig.Options{}), requireTLS),
		"-h h --require-tls":               local(host("h"), requireTLS),
		"-h h -a pw --no-auth-warning":     local(host("h"), given("", "pw")),
		"-s /a --tls --sni n":              local(socket("/a"), withTLS(tlsconfig.Options{ServerName: "n"})),
		"-h 127.9.9.9 -a pw --require-tls": local(host("127.9.9.9"), seen("", "pw"), requireTLS),
	} {
		got, err := parse(strings.Fields(line+" PING"), nowhere())
		if err != nil || !reflect.DeepEqual(got, run(once(want, "PING"))) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", line, got, err, want)
		}
	}
}

func TestHowToRun(t *testing.T) {
	ping := func(changes ...func(*oneshot)) oneshot {
		o := once(local(), "PING")
		for _, change := range changes {
			change(&o)
		}
		return o
	}
	resp3 := func(c *connection) { c.Proto, c.ProtoOptional = 3, true }
	for line, want := range map[string]run{
		"-r 3 -i 0.5 PING": ping(func(o *oneshot) { o.Repeat = repeat{Times: 3, Interval: time.Second / 2} }),
		"-r -1 PING":       ping(func(o *oneshot) { o.Repeat.Times = -1 }),
		"-r 0 PING":        ping(func(o *oneshot) { o.Repeat.Times = 0 }),
		"-e PING":          ping(func(o *oneshot) { o.ErrorsToStderr = true }),
		"-c PING":          ping(func(o *oneshot) { o.Cluster = true }),
		"-c --cluster-map a:1=b:2 --cluster-map [::1]=h --read-from any PING": oneshot{
			Conn: local(func(c *connection) {
				c.Nodes, c.ReadFrom = addressMap{{"a:1", "b:2"}, {"::1", "h"}}, cluster.Any
			}), Out: piped(), Args: []string{"PING"}, Repeat: repeat{Times: 1}, Cluster: true},
		"-ce PING":                              ping(func(o *oneshot) { o.Cluster, o.ErrorsToStderr = true, true }),
		"--verbose PING":                        ping(),
		"--raw PING":                            ping(),
		"--no-raw PING":                         ping(func(o *oneshot) { o.Out.Format = render.Human }),
		"--csv PING":                            ping(func(o *oneshot) { o.Out.Format = render.CSV }),
		"--csv --raw PING":                      ping(),
		"--json PING":                           ping(func(o *oneshot) { o.Out.Format = render.JSON; resp3(&o.Conn) }),
		"--quoted-json PING":                    ping(func(o *oneshot) { o.Out.Format = render.QuotedJSON; resp3(&o.Conn) }),
		"--json --raw PING":                     ping(func(o *oneshot) { resp3(&o.Conn) }),
		"--json -2 PING":                        ping(func(o *oneshot) { o.Out.Format = render.JSON; o.Conn.Proto = 2 }),
		"-3 --json PING":                        ping(func(o *oneshot) { o.Out.Format = render.JSON; o.Conn.Proto = 3 }),
		"-d , -D ; PING":                        ping(func(o *oneshot) { o.Out.ElementEnd, o.Out.ReplyEnd = ",", ";" }),
		"-d= -D== PING":                         ping(func(o *oneshot) { o.Out.ElementEnd, o.Out.ReplyEnd = "=", "=" }),
		"--show-pushes yes PING":                ping(func(o *oneshot) { o.Out.Pushes = true }),
		"--show-pushes Nope PING":               ping(),
		"--color always PING":                   ping(func(o *oneshot) { o.Out.Color, o.Out.ColorSaid = true, true }),
		"--force-tty-raw PING":                  ping(),
		"-x set k":                              oneshot{Conn: local(), Out: piped(), Args: []string{"set", "k", ""}, Stdin: true, StdinAt: 2, Repeat: repeat{Times: 1}},
		"-X v set k v v":                        oneshot{Conn: local(), Out: piped(), Args: []string{"set", "k", "v", "v"}, Stdin: true, StdinAt: 2, Repeat: repeat{Times: 1}},
		`--quoted-input set "a\x00b" c`:         once(local(), "set", "a\x00b", "c"),
		`--quoted-input -X a get "\x61"`:        oneshot{Conn: local(), Out: piped(), Args: []string{"get", "a"}, Stdin: true, StdinAt: 1, Repeat: repeat{Times: 1}},
		"":                                      script{Conn: local(), Out: piped()},
		"-c":                                    script{Conn: local(), Out: piped(), Cluster: true},
		"-e -i 1":                               script{Conn: local(), Out: piped(), StopAtError: true, Interval: time.Second},
		"--pipe":                                pipe{Conn: local(), loading: loading{Timeout: 30 * time.Second}},
		"--pipe --pipe-timeout 0":               pipe{Conn: local()},
		"--pipe --allow-state --allow-blocking": pipe{Conn: local(), loading: loading{Timeout: 30 * time.Second, AllowState: true, AllowBlocking: true}},
		"--pipe --max-errors 0 --reject f":      pipe{Conn: local(), loading: loading{Timeout: 30 * time.Second, StopAfter: 1, Reject: "f"}},
		"--pipe --skip 12 --report f":           pipe{Conn: local(), loading: loading{Timeout: 30 * time.Second, Skip: 12, Report: "f"}},
		"--pipe --on-error stop":                pipe{Conn: local(), loading: loading{Timeout: 30 * time.Second, StopAtError: true}},
		"--pipe --on-error stop --on-error continue": pipe{Conn: local(), loading: loading{Timeout: 30 * time.Second, PassNoPerm: true}},
		"--pipe a - b":              loads(inputs{Files: []string{"a", "-", "b"}}),
		"--pipe -":                  loads(inputs{Files: []string{"-"}}),
		"--pipe a -p 6379 b -- --c": loads(inputs{Files: []string{"a", "b", "--c"}}),
		"--pipe -- -a":              loads(inputs{Files: []string{"-a"}}),
		"--eval f":                  eval{Conn: local(), Out: piped(), File: "f", Keys: []string{}, Repeat: repeat{Times: 1}},
		"--eval f -r 2 -e k1 k2, , a , b": eval{Conn: local(), Out: piped(), File: "f", Keys: []string{"k1", "k2,"},
			Args: []string{"a", ",", "b"}, Repeat: repeat{Times: 2}, ErrorsToStderr: true},
		"completion zsh":    completion{Shell: "zsh"},
		"__complete --ta":   complete{Words: []string{"__complete", "--ta"}},
		"--help --nonsense": show{Text: helpText()},
		"-h":                show{Text: helpText()},
		"-p 1 -h":           show{Text: helpText()},
		"-v -p nonsense":    show{Text: versionText()},
		"--version":         show{Text: versionText()},
	} {
		got, err := parse(strings.Fields(line), nowhere())
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", line, got, err, want)
		}
	}
}

func TestTheEnvironmentStandsBelowTheOptions(t *testing.T) {
	for _, c := range []struct {
		line string
		env  environment
		want run
	}{
		{"PING", nowhere("REDISCLI_AUTH=r"), once(local(given("", "r")), "PING")},
		{"PING", nowhere("REDISCLI_AUTH=r", "VALKEYCLI_AUTH=v"), once(local(given("", "v")), "PING")},
		{"PING", nowhere("REDISCLI_AUTH=r", "VALKEYCLI_AUTH=v", "EASYCLI_AUTH=e"), once(local(given("", "e")), "PING")},
		{"PING", nowhere("REDISCLI_AUTH="), once(local(), "PING")},
		{"--user u PING", nowhere("REDISCLI_AUTH=r"), once(local(given("u", "r")), "PING")},
		{"-a o PING", nowhere("EASYCLI_AUTH=e"), once(local(seen("", "o")), "PING")},
		{"--sandbox PING", nowhere("REDISCLI_AUTH=r"), once(local(func(c *connection) { c.Sandbox = true }), "PING")},
		{"PING", nowhere("VALKEYCLI_HOST=h", "VALKEYCLI_PORT=7"), once(local(host("h"), port(7)), "PING")},
		{"-h o -p 8 PING", nowhere("VALKEYCLI_HOST=h", "VALKEYCLI_PORT=7"), once(local(host("o"), port(8)), "PING")},
		{"", atTerminal(), prompt{Conn: local(), Out: output{ElementEnd: "\n", ReplyEnd: "\n", Terminal: true, Color: true, Pushes: true}}},
		{"-i 1 --no-raw", atTerminal("NO_COLOR=1"), prompt{Conn: local(), Interval: time.Second,
			Out: output{ElementEnd: "\n", ReplyEnd: "\n", Terminal: true, Pushes: true}}},
		{"--force-tty-raw", atTerminal("TERM=dumb"), prompt{Conn: local(),
			Out: output{ElementEnd: "\n", ReplyEnd: "\n", Pushes: true}}},
		{"--plain", atTerminal("NO_COLOR=1"), prompt{Conn: local(),
			Out: output{ElementEnd: "\n", ReplyEnd: "\n", Terminal: true, Plain: true, Pushes: true}}},
		{"", atTerminal("NO_COLOR=1", "FAKETTY=1"), prompt{Conn: local(),
			Out: output{ElementEnd: "\n", ReplyEnd: "\n", Terminal: true, Plain: true, Pushes: true}}},
		{"", nowhere("FAKETTY="), script{Conn: local(), Out: piped(shape(render.Human), func(o *output) { o.Pushes = true })}},
		{"--raw", nowhere("FAKETTY=1"), script{Conn: local(), Out: piped(func(o *output) { o.Pushes = true })}},
	} {
		got, err := parse(strings.Fields(c.line), c.env)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", c.line, got, err, c.want)
		}
	}
}

func TestColor(t *testing.T) {
	for _, c := range []struct {
		variables string
		choice    colorChoice
		terminal  bool
		want      bool
	}{
		{"", colorAuto, true, true},
		{"", colorAuto, false, false},
		{"", colorNever, true, false},
		{"NO_COLOR=1", colorAlways, false, true},
		{"NO_COLOR=1 CLICOLOR_FORCE=1", colorAuto, true, false},
		{"NO_COLOR=", colorAuto, true, true},
		{"CLICOLOR_FORCE=1", colorAuto, false, true},
		{"CLICOLOR_FORCE=0", colorAuto, false, false},
		{"FORCE_COLOR=1 TERM=dumb", colorAuto, false, true},
		{"CLICOLOR=0", colorAuto, true, false},
		{"TERM=dumb", colorAuto, true, false},
	} {
		if got := nowhere(strings.Fields(c.variables)...).color(c.choice, c.terminal); got != c.want {
			t.Errorf("%+v: got %v", c, got)
		}
	}
}

func TestUsageErrors(t *testing.T) {
	for line, want := range map[string]string{
		"-2 -3 PING":                         "Options -2 and -3 are mutually exclusive.",
		"-4 -6 PING":                         "Options -4 and -6 are mutually exclusive.",
		"-c -s /a PING":                      "Options -c and -s are mutually exclusive.",
		"-x -X t set t":                      "Options -x and -X are mutually exclusive.",
		"-X t set k":                         "Using -X option but stdin tag not match.",
		"--quoted-input get \"a":             "Invalid quoted string",
		"-p":                                 "-p needs a value",
		"--pass":                             "-a needs a value",
		"-p abc PING":                        "Invalid server port.",
		"-p 65536 PING":                      "Invalid server port.",
		"-p -1 PING":                         "Invalid server port.",
		"-u http://h PING":                   "Invalid URI scheme",
		"-u redis://h:x PING":                "Invalid server port.",
		"-n 3x PING":                         "-n wants a database number",
		"-n -1 PING":                         "-n wants a database number",
		"-r abc PING":                        "-r wants a whole number",
		"-i -1 PING":                         "-i wants seconds",
		"-i 1e3 PING":                        "-i wants seconds",
		"-i inf PING":                        "-i wants seconds",
		"-t -1 PING":                         "Invalid connection timeout for -t.",
		"-t nan PING":                        "Invalid connection timeout for -t.",
		"-t 99999999999999 PING":             "Invalid connection timeout for -t.",
		"--tls-min 1.1 PING":                 "--tls-min wants 1.2 or 1.3",
		"--on-error maybe --pipe":            "--on-error wants continue or stop",
		"--max-errors -1 --pipe":             "--max-errors wants a whole number",
		"--reject - --pipe":                  "--reject wants the name of a file",
		"--skip -1 --pipe":                   "--skip wants a whole number",
		"--pipe --journal j --skip 1":        "--journal knows how much to leave out",
		"--pipe --report f --reject f":       "--journal, --report, --reject and --replies need a file each",
		"--pipe --report ./f.log --reject f": "--journal, --report, --reject and --replies need a file each",
		"--color maybe PING":                 "--color wants auto, always or never",
		"--show-pushes x PING":               "Unknown --show-pushes value (valid: '[y]es', '[n]o')",
		"--pass-fd 1 PING":                   "--pass-fd wants",
		"--name a\x1b PING":                  "--name wants",
		"--tls=false PING":                   "--tls takes no value",
		"--raw=1 PING":                       "--raw takes no value",
		"--passs x PING":                     "Unrecognized option: '--passs' (did you mean --pass?)",
		"--no-auth-warnings x":               "(did you mean --no-auth-warning?)",
		"--quite-other x":                    "Unrecognized option: '--quite-other' (easycli --help",
		"-Z":                                 "Unrecognized option: '-Z'",
		"---":                                "Unrecognized option",
		"-raw PING":                          "Unrecognized option: '-raw' (did you mean --raw?)",
		"-askpass PING":                      "(did you mean --askpass?)",
		"--csv -json PING":                   "(did you mean --json?)",
		"--scan":                             "--scan is not in this version of easycli",
		"--cluster info h:1":                 "--cluster is not in this version of easycli",
		"--cluster-yes":                      "--cluster-yes is not in this version of easycli",
		"--eval f --ldb":                     "--ldb is not in this version of easycli",
		"--pipe --format csv":                "--format and --no-header say how rows are written",
		"--pipe a --no-header":               "--format and --no-header say how rows are written",
		"--template x":                       "--template is for --pipe",
		"--pipe --template {x":               "--template: a { without its }",
		"--pipe --template=":                 "--template: it is empty",
		"--pipe --format xls":                "--format wants csv, tsv or jsonl",
		"--pipe a --nosuch":                  "Unrecognized option",
		"--pipe a -raw":                      "Unrecognized option",
		"--allow-state GET a":                "--allow-state is for --pipe",
		"--allow-blocking":                   "--allow-blocking is for --pipe",
		"--pipe --eval f":                    "--pipe takes its commands from files and stdin",
		"-x":                                 "-x and -X need a command",
		"--cluster-map a=b PING":             "--cluster-map goes with -c",
		"--read-from any PING":               "--read-from goes with -c",
		"-c --read-from x PING":              "--read-from wants master, replica or any",
		"-c --cluster-map a PING":            "--cluster-map wants what nodes announce",
		"-c --cluster-map =b PING":           "--cluster-map wants what nodes announce",
		"-c --cluster-map a:1= PING":         "--cluster-map wants what nodes announce",
		"--sandbox -h h":                     "goes with no address (-h)",
		"--sandbox --tls":                    "--sandbox",
		"--tls -s /a":                        "needs --sni",
		"--require-tls -h h -a p PING":       "--require-tls",
		"--host= PING":                       "-h wants a host",
		"-h redis://:pw@h PING":              "-h wants a host name or address; a URI goes with -u",
	} {
		got, err := parse(strings.Fields(line), nowhere())
		var usage usageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), want) || got != nil {
			t.Errorf("%s: got %+v, %v", line, got, err)
		}
		if statusOf(err) != exitUsage {
			t.Errorf("%s: status %d", line, statusOf(err))
		}
	}
	if _, err := parse([]string{"PING"}, nowhere("VALKEYCLI_PORT=x")); err == nil || !strings.Contains(err.Error(), "VALKEYCLI_PORT") {
		t.Errorf("VALKEYCLI_PORT=x: got %v", err)
	}
}

// A value in the wrong place may be a password, so no error repeats one.
func TestUsageErrorsKeepSecrets(t *testing.T) {
	const value = "hunter2"
	for _, g := range groups() {
		for _, o := range g.options {
			if o.value == "" {
				continue
			}
			for _, args := range [][]string{
				{"--" + o.long, value, "-2", "-3", "PING"},
				{"--" + o.long + "=" + value, "--nonsense"},
				{"--" + o.long, "redis://u:" + value + "@h:port", "-Z"},
				{"-a", value, "--" + o.long, value, "-x", "-X", "t", "PING"},
			} {
				if _, err := parse(args, nowhere("EASYCLI_AUTH="+value)); err == nil || strings.Contains(err.Error(), value) {
					t.Errorf("%q: got %v", args, err)
				}
			}
		}
	}
	for _, args := range [][]string{{"--passs=" + value}, {"-Z" + value}, {"-p" + value}, {"--tls=" + value}} {
		if _, err := parse(args, nowhere()); err == nil || strings.Contains(err.Error(), value) {
			t.Errorf("%q: got %v", args, err)
		}
	}
}

func TestHelp(t *testing.T) {
	text := helpText()
	for _, line := range strings.Split(text, "\n") {
		if len(line) > helpWidth || strings.TrimRight(line, " ") != line {
			t.Errorf("bad line %q", line)
		}
	}
	for _, o := range []string{"-h", "-p", "-t", "-s", "-a", "--pass", "--user", "--askpass", "--no-auth-warning",
		"-u", "-n", "-2", "-3", "-4", "-6", "--name", "--tls", "--sni", "--cacert", "--cacertdir", "--insecure",
		"--cert", "--key", "--tls-ciphers", "--tls-ciphersuites", "-r", "-i", "-x", "-X", "-c", "-e", "--raw",
		"--no-raw", "--csv", "--json", "--quoted-json", "-d", "-D", "--quoted-input", "--show-pushes", "--eval",
		"--verbose", "--help", "-v", "--version", "--pipe", "--pipe-timeout", "--sandbox", "--timeout",
		"--pass-file", "--pass-fd", "--tls-min", "--color", "--force-tty-raw"} {
		if !regexp.MustCompile(`(?m)^  (-., |    )?` + o + `[ ,]`).MatchString(text) {
			t.Errorf("--help does not mention %s", o)
		}
	}
	if strings.Contains(text, "\x1b") {
		t.Error("escapes in --help")
	}
}

package main

import "easycli/internal/render"

// option is one row of the command line: what --help says about it and what it does to a draft.
// The long name is there for every option, also where redis-cli has only the letter.
type option struct {
	long, short string
	// value names what the option needs; an option without is a switch.
	value string
	help  string
	set   func(d *draft, value string) error
}

// group is a part of --help.
type group struct {
	title   string
	options []option
}

// groups is every option there is.
func groups() []group {
	return []group{
		{"Connection", connectionOptions()},
		{"Password", passwordOptions()},
		{"TLS", tlsOptions()},
		{"Execution", executionOptions()},
		{"Output", outputOptions()},
		{"Loading", append(loadingOptions(), inputOptions()...)},
		{"Many keys at once", keysOptions()},
		{"Other ways to run", modeOptions()},
	}
}

func connectionOptions() []option {
	return []option{
		{"host", "h", "HOST", "server name or address (default 127.0.0.1)", (*draft).setHost},
		{"port", "p", "PORT", "server port (default 6379)", (*draft).setPort},
		{"socket", "s", "PATH", "unix socket, instead of host and port", (*draft).setSocket},
		{"uri", "u", "URI", "redis://user:password@host:port/db; also rediss, valkey, valkeys, " +
			"unix and redis+unix (unix:///path?db=1); redis+sentinel://host:26379,host2:26379/master/db asks " +
			"sentinels where the master is", (*draft).setURI},
		{"db", "n", "DB", "database number", (*draft).setDB},
		{"resp2", "2", "", "use RESP2", turnOn(func(d *draft) *bool { return &d.resp2 })},
		{"resp3", "3", "", "use RESP3", turnOn(func(d *draft) *bool { return &d.resp3 })},
		{"ipv4", "4", "", "use IPv4 only", turnOn(func(d *draft) *bool { return &d.ipv4 })},
		{"ipv6", "6", "", "use IPv6 only", turnOn(func(d *draft) *bool { return &d.ipv6 })},
		{"name", "", "NAME", "name of this connection, as CLIENT LIST shows it", (*draft).setName},
		{"connect-timeout", "t", "SECONDS", "give up connecting after this time", (*draft).setConnectTimeout},
		{"timeout", "", "SECONDS", "give up when the server is silent for this long while a reply " +
			"is due (default: wait for ever)", (*draft).setTimeout},
		{"cluster-mode", "c", "", "cluster: every node is the database", turnOn(func(d *draft) *bool { return &d.cluster })},
		{"cluster-map", "", "FROM=TO", "with -c or sentinels: reach the servers that announce host:port or host FROM at TO; " +
			"may be given several times", (*draft).setClusterMap},
		{"read-from", "", "WHO", "with -c: who answers what only reads: master (default), replica or any",
			(*draft).setReadFrom},
		{"profile", "", "NAME", "use a profile of the configuration; @NAME before the command is the same",
			(*draft).setProfile},
		{"sandbox", "", "", "use a server inside this process, for trying things out; nothing is kept",
			turnOn(func(d *draft) *bool { return &d.conn.Sandbox })},
	}
}

func passwordOptions() []option {
	return []option{
		{"user", "", "NAME", "ACL user", store(func(d *draft) *string { return &d.conn.User })},
		{"pass", "a", "PASSWORD", "password; other users of this machine can see it", (*draft).setPass},
		{"askpass", "", "", "ask for the password; without a terminal it is the first line of stdin",
			turnOn(func(d *draft) *bool { return &d.askPass })},
		{"pass-file", "", "FILE", "read the password from a file that only its owner can read",
			(*draft).setPassFile},
		{"pass-fd", "", "N", "read the password from file descriptor N", (*draft).setPassFD},
		{"sentinel-user", "", "NAME", "ACL user at the sentinels", store(func(d *draft) *string { return &d.sentinel.user })},
		{"sentinel-pass-file", "", "FILE", "the same as --pass-file, for the sentinels", (*draft).setSentinelPassFile},
		{"no-auth-warning", "", "", "no warnings about passwords", turnOn(func(d *draft) *bool { return &d.quietAuth })},
	}
}

func tlsOptions() []option {
	return []option{
		{"tls", "", "", "use TLS", turnOn(func(d *draft) *bool { return &d.useTLS })},
		{"sni", "", "NAME", "name to ask for, which the certificate must carry (default: the host)",
			store(func(d *draft) *string { return &d.tls.ServerName })},
		{"cacert", "", "FILE", "trusted certificates, instead of the system's", store(func(d *draft) *string { return &d.tls.CACert })},
		{"cacertdir", "", "DIR", "directory of trusted certificates", store(func(d *draft) *string { return &d.tls.CACertDir })},
		{"cert", "", "FILE", "client certificate", store(func(d *draft) *string { return &d.tls.Cert })},
		{"key", "", "FILE", "key of the client certificate", store(func(d *draft) *string { return &d.tls.Key })},
		{"insecure", "", "", "do not verify the server's certificate", turnOn(func(d *draft) *bool { return &d.tls.Insecure })},
		{"tls-ciphers", "", "LIST", "ciphers allowed with TLS 1.2, colon-separated", store(func(d *draft) *string { return &d.tls.Ciphers })},
		{"tls-ciphersuites", "", "LIST", "suites allowed with TLS 1.3, colon-separated", store(func(d *draft) *string { return &d.tls.Suites })},
		{"tls-min", "", "VERSION", "oldest TLS version allowed: 1.2 (default) or 1.3", (*draft).setTLSMin},
		{"require-tls", "", "", "refuse to send a password over an open connection to another machine",
			turnOn(func(d *draft) *bool { return &d.requireTLS })},
	}
}

func executionOptions() []option {
	return []option{
		{"repeat", "r", "N", "run the command N times; -1 is for ever", (*draft).setRepeat},
		{"interval", "i", "SECONDS", "wait after each command; fractions are fine", (*draft).setInterval},
		{"stdin", "x", "", "append what stdin holds as the last argument", turnOn(func(d *draft) *bool { return &d.stdin })},
		{"stdin-tag", "X", "TAG", "replace the argument TAG by what stdin holds", func(d *draft, v string) error { d.stdinTag = &v; return nil }},
		{"quoted-input", "", "", `arguments are quoted as at the prompt: '"a\x00b"'`, turnOn(func(d *draft) *bool { return &d.quotedInput })},
		{"errors-to-stderr", "e", "", "print error replies to stderr; commands from stdin go one by one " +
			"and stop at the first error", turnOn(func(d *draft) *bool { return &d.toStderr })},
		{"read-only", "", "", "send nothing that may change something",
			turnOn(func(d *draft) *bool { return &d.readOnly })},
		{"no-confirm", "", "", "at the prompt, do not ask before commands that destroy data",
			turnOn(func(d *draft) *bool { return &d.noConfirm })},
		{"verbose", "", "", "accepted for redis-cli's sake", func(*draft, string) error { return nil }},
	}
}

func outputOptions() []option {
	return []option{
		{"raw", "", "", "bare values (default when stdout is no terminal)", formatSetter(render.Raw)},
		{"no-raw", "", "", "values with their types (default on a terminal)", formatSetter(render.Human)},
		{"csv", "", "", "CSV", formatSetter(render.CSV)},
		{"json", "", "", "JSON, with RESP3 unless -2 is given", formatSetter(render.JSON)},
		{"quoted-json", "", "", "JSON in ASCII, with bytes as \\x escapes", formatSetter(render.QuotedJSON)},
		{"delimiter", "d", "TEXT", "between the elements of a raw reply (default: newline)",
			store(func(d *draft) *string { return &d.out.ElementEnd })},
		{"reply-delimiter", "D", "TEXT", "after each raw reply (default: newline)", store(func(d *draft) *string { return &d.out.ReplyEnd })},
		{"show-pushes", "", "yes|no", "print what the server sends unasked (default: on a terminal)",
			(*draft).setPushes},
		{"plain", "", "", "on a terminal, show replies as redis-cli does: no tables, no readings beside times and sizes",
			turnOn(func(d *draft) *bool { return &d.out.Plain })},
		{"color", "", "WHEN", "colours: auto, always or never", (*draft).setColor},
		{"force-tty-raw", "", "", "let the server's bytes reach the terminal as they are",
			turnOn(func(d *draft) *bool { return &d.rawTerminal })},
	}
}

func modeOptions() []option {
	return []option{
		{"eval", "", "FILE", "run the Lua script in FILE; the words after it are keys, then a " +
			"comma, then arguments: k1 k2 , a1", func(d *draft, v string) error { d.evalFile = &v; return nil }},
		{"test_hint", "", "TEXT", "print the hint that the prompt would show behind TEXT",
			func(d *draft, v string) error { d.hintOf = &v; return nil }},
		{"test_hint_file", "", "FILE", "compare hints with FILE, whose lines are a text and its hint, both in quotes; " +
			"the exit status is how many differ, at most 125",
			func(d *draft, v string) error { d.hintFile = &v; return nil }},
		{"help", "", "", "print this help", func(*draft, string) error { return errHelp }},
		{"version", "v", "", "print the version", func(*draft, string) error { return errVersion }},
	}
}

// missing are the options of redis-cli and valkey-cli that easycli does not have yet.
var missing = [...]string{
	"bigkeys", "cluster", "cursor", "functions-rdb", "hotkeys", "hotkeys-count",
	"intrinsic-latency", "keystats", "keystats-samples", "latency", "latency-dist", "latency-history",
	"latency-percentiles", "ldb", "ldb-sync-mode", "lru-test", "memkeys", "memkeys-samples", "mono",
	"mptcp", "rdb", "rdma", "replica", "scan", "slave", "stat",
	"top", "vset-recall",
}

package main

import (
	"slices"

	"easycli/internal/bulk"
	"easycli/internal/quote"
	"easycli/internal/render"
	"easycli/internal/tlsconfig"
)

// draft collects options in the order of the command line: as in redis-cli the last one wins, also
// between -u and the single options. It lives within [parse]; what leaves it is a run value with
// the options that mean something to that run.
type draft struct {
	env  environment
	conn connection
	out  output

	resp2, resp3, jsonWanted bool
	ipv4, ipv6               bool
	formatSet, pushesSet     bool
	rawTerminal              bool
	color                    colorChoice

	useTLS, requireTLS bool
	tls                tlsconfig.Options
	// askPass beats every other password; onView says that one stood on the command line.
	askPass, onView, quietAuth bool

	repeat      repeat
	stdin       bool
	stdinTag    *string
	quotedInput bool
	toStderr    bool
	cluster     bool
	// forCluster is the first option that means nothing without -c.
	forCluster string

	evalFile *string
	// hintOf is a text to show the hint for, and hintFile has several with their hints.
	hintOf, hintFile *string
	pipe             bool
	load             loading
	inputs           inputs
	// needsPipe is the first option that is for --pipe alone.
	needsPipe string
	keys      keysDraft
	// format is how the rows of --template are written, and what --export writes.
	format *string
	// rate is how fast a load may go, or the deleting of keys.
	rate bulk.Rate
	// address is the first option that names a server, and direct the first that names it without
	// sentinels.
	address, direct string
	sentinel        sentinelDraft

	// profileName is the profile that the command line names, if it does; profile is what that says
	// to the prompt.
	profileName         *string
	profile             profile
	readOnly, noConfirm bool
	// socketOfProfile is the socket that the profile names, sentinelOfProfile are its sentinels.
	socketOfProfile   string
	sentinelOfProfile *sentinels
}

func newDraft(env environment) *draft {
	return &draft{
		env:    env,
		conn:   connection{Host: defaultHost, Port: defaultPort},
		out:    output{ElementEnd: "\n", ReplyEnd: "\n"},
		repeat: repeat{Times: 1},
		load:   loading{Timeout: defaultPipeTimeout},
	}
}

// run settles what the options left open and picks the one thing to do.
func (d *draft) run(words []string) (run, error) {
	if err := d.settle(); err != nil {
		return nil, err
	}
	if err := d.settleRate(); err != nil {
		return nil, err
	}
	if r, err := d.runKeys(words); r != nil || err != nil {
		return r, err
	}
	who, readOnly := d.isReadOnly()
	interactive := d.env.inTerminal && d.env.outTerminal || d.env.fakePrompt()
	switch {
	case d.hintOf != nil:
		return hint{Conn: d.conn, Text: *d.hintOf}, nil
	case d.hintFile != nil:
		return hintFile{Conn: d.conn, Path: *d.hintFile}, nil
	case d.pipe && d.evalFile != nil:
		return nil, usagef("--pipe takes its commands from files and stdin, not from --eval")
	case d.pipe && readOnly:
		return nil, usagef("--pipe loads, and this is read-only (%s)", who)
	case d.pipe:
		return d.loadOf(words)
	case d.needsPipe != "":
		return nil, usagef("%s is for --pipe", d.needsPipe)
	case d.load.NoProgress:
		return nil, usagef("--no-progress is for --pipe, --export and --unlink")
	case d.evalFile != nil:
		keys, args := splitAtComma(words)
		return eval{Conn: d.conn, Out: d.out, File: *d.evalFile, Keys: keys, Args: args,
			Repeat: d.repeat, ErrorsToStderr: d.toStderr, Cluster: d.cluster, ReadOnly: readOnly}, nil
	case len(words) > 0:
		return d.oneshot(words)
	case d.stdin || d.stdinTag != nil:
		return nil, usagef("-x and -X need a command on the command line")
	case interactive:
		return prompt{Conn: d.conn, Out: d.out, Interval: d.repeat.Interval, Cluster: d.cluster,
			Profile: d.profile, ReadOnly: d.readOnly, NoConfirm: d.noConfirm}, nil
	}
	return script{Conn: d.conn, Out: d.out, Interval: d.repeat.Interval, StopAtError: d.toStderr,
		Cluster: d.cluster, ReadOnly: readOnly}, nil
}

// settle applies the defaults that depend on several options, and refuses contradictions. The
// sentences about two options are redis-cli's: scripts know them.
func (d *draft) settle() error {
	switch {
	case d.resp2 && d.resp3:
		return usagef("Options -2 and -3 are mutually exclusive.")
	case d.ipv4 && d.ipv6:
		return usagef("Options -4 and -6 are mutually exclusive.")
	case d.cluster && d.conn.Socket != "":
		return usagef("Options -c and -s are mutually exclusive.")
	case !d.cluster && d.conn.Nodes != nil && d.conn.Sentinel == nil:
		return usagef("--cluster-map goes with -c, or with sentinels")
	case !d.cluster && d.forCluster != "":
		return usagef("%s goes with -c", d.forCluster)
	case d.stdin && d.stdinTag != nil:
		return usagef("Options -x and -X are mutually exclusive.")
	case d.conn.Sandbox && d.address != "":
		return usagef("--sandbox is a server of its own: it goes with no address (%s)", d.address)
	case d.conn.Sandbox && d.useTLS:
		return usagef("--sandbox is inside this process: there is nothing for --tls to protect")
	}
	if err := d.settleSentinel(); err != nil {
		return err
	}
	d.settleProtocol()
	d.settlePassword()
	d.settleOutput()
	if err := d.settleTLS(); err != nil {
		return err
	}
	return d.guardPassword()
}

func (d *draft) settleProtocol() {
	switch {
	case d.resp2:
		d.conn.Proto = 2
	case d.resp3:
		d.conn.Proto = 3
	case d.jsonWanted:
		d.conn.Proto, d.conn.ProtoOptional = 3, true
	}
	if d.ipv4 {
		d.conn.Family = 4
	} else if d.ipv6 {
		d.conn.Family = 6
	}
}

// settlePassword: --askpass, then the command line, then the environment. A user without any
// password authenticates with an empty one, which the server judges; redis-cli ignores the user
// and goes on as another.
func (d *draft) settlePassword() {
	if d.onView && !d.quietAuth {
		d.conn.Warnings = append(d.conn.Warnings, "Using a password with '-a' or '-u' option on the "+
			"command line interface may not be safe.")
	}
	if d.askPass {
		d.conn.Password = password{From: askedPassword}
	}
	if d.conn.Password.From != noPassword || d.conn.Sandbox {
		return
	}
	if text, ok := d.env.password(); ok {
		d.conn.Password = password{From: givenPassword, Text: secret(text)}
	} else if d.conn.User != "" {
		d.conn.Password = password{From: givenPassword}
	}
}

// settleTLS attaches the TLS options. As in redis-cli they do nothing without --tls or a scheme
// that means it; that is worth a warning, since it looks like a protected connection.
func (d *draft) settleTLS() error {
	if !d.useTLS {
		if d.tls != (tlsconfig.Options{}) {
			d.conn.Warnings = append(d.conn.Warnings, "the TLS options do nothing without --tls.")
		}
		return nil
	}
	if d.conn.Socket != "" && d.tls.ServerName == "" && !d.tls.Insecure {
		return usagef("--tls over a unix socket needs --sni: there is no host name to verify")
	}
	options := d.tls
	d.conn.TLS = &options
	return nil
}

// guardPassword looks at a password that would cross a network in the open.
func (d *draft) guardPassword() error {
	c := &d.conn
	c.RequireTLS = d.requireTLS
	if !slices.ContainsFunc(c.hosts(), c.exposes) {
		return nil
	}
	if d.requireTLS {
		return usagef("--require-tls: the password would be sent to another machine without --tls")
	}
	if !d.quietAuth {
		c.Warnings = append(c.Warnings, "the password is sent to another machine without TLS.")
	}
	return nil
}

func (d *draft) settleOutput() {
	looksLikeTerminal := d.env.outTerminal || d.env.fakeTerminal()
	if !d.formatSet && !looksLikeTerminal {
		d.out.Format = render.Raw
	}
	if !d.pushesSet {
		d.out.Pushes = looksLikeTerminal
	}
	d.out.Terminal = d.env.outTerminal && !d.rawTerminal
	d.out.Plain = d.out.Plain || d.out.Terminal && d.env.fakeTerminal()
	d.out.Color = d.env.color(d.color, d.env.outTerminal)
	d.out.ColorSaid = d.color != colorAuto
}

func (d *draft) oneshot(words []string) (run, error) {
	_, readOnly := d.isReadOnly()
	one := oneshot{Conn: d.conn, Out: d.out, Args: words, Repeat: d.repeat,
		ErrorsToStderr: d.toStderr, Cluster: d.cluster, ReadOnly: readOnly}
	if d.quotedInput {
		one.Args = make([]string, len(words))
		for i, word := range words {
			plain, ok := quote.Unquote([]byte(word))
			if !ok {
				return nil, usagef("Invalid quoted string")
			}
			one.Args[i] = string(plain)
		}
	}
	switch {
	case d.stdin:
		one.Stdin, one.StdinAt = true, len(words)
		one.Args = append(one.Args[:len(words):len(words)], "")
	case d.stdinTag != nil:
		at := slices.Index(one.Args, *d.stdinTag)
		if at < 0 {
			return nil, usagef("Using -X option but stdin tag not match.")
		}
		one.Stdin, one.StdinAt = true, at
	}
	return one, nil
}

// splitAtComma separates the keys of a script from its arguments: at the first word that is a
// comma and nothing else.
func splitAtComma(words []string) (keys, args []string) {
	if at := slices.Index(words, ","); at >= 0 {
		return words[:at], words[at+1:]
	}
	return words, nil
}

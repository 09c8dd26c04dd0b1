package main

import (
	"strconv"

	"easycli/internal/cluster"
	"easycli/internal/keyspace"
	"easycli/internal/quote"
)

// keysDraft is what the options about many keys at once have said so far.
type keysDraft struct {
	// unlink is the pattern of --unlink, nil without it; export is --export.
	unlink *string
	export bool
	filter keyspace.Filter
	// dump is --as restore.
	dump        bool
	dryRun, yes bool
	// first is the first option that means nothing without one of these two; forUnlink and forExport
	// are the first that mean something to one of them only.
	first, forUnlink, forExport string
}

// keysOptions are the options that work on all keys which match a pattern.
func keysOptions() []option {
	return []option{
		{"export", "", "", "write all keys as the commands that make them, for --pipe to load",
			turnOn(func(d *draft) *bool { return &d.keys.export })},
		forExport(option{"pattern", "", "GLOB", "with --export: only keys that match", (*draft).setPattern}),
		forExport(option{"quoted-pattern", "", "GLOB", `the same, quoted as at the prompt: '"a\x00*"'`, (*draft).setQuotedPattern}),
		forExport(option{"as", "", "FORM", "with --export: commands (default) or restore, which carries every type " +
			"as the server keeps it, for a server that is no older", (*draft).setForm}),
		{"unlink", "", "PATTERN", "delete the keys that match: counts them and asks first",
			func(d *draft, v string) error { d.keys.unlink = &v; return nil }},
		forUnlink(option{"dry-run", "", "", "with --unlink: count, delete nothing",
			turnOn(func(d *draft) *bool { return &d.keys.dryRun })}),
		forUnlink(option{"yes", "", "", "with --unlink: do not ask",
			turnOn(func(d *draft) *bool { return &d.keys.yes })}),
		forKeys(option{"type", "", "TYPE", "only keys of this type: string, list, set, zset, hash, stream, ...",
			(*draft).setType}),
		forKeys(option{"count", "", "N", "keys that the server looks at in one step (default 1000)", (*draft).setCount}),
	}
}

// forKeys, forExport and forUnlink are options that mean nothing without those modes, or one of them.
func forKeys(o option) option { return needing(o, func(d *draft) *string { return &d.keys.first }) }

func forExport(o option) option {
	return needing(o, func(d *draft) *string { return &d.keys.forExport })
}

func forUnlink(o option) option {
	return needing(o, func(d *draft) *string { return &d.keys.forUnlink })
}

// needing notes the first option of a kind.
func needing(o option, first func(*draft) *string) option {
	set := o.set
	o.set = func(d *draft, value string) error {
		if f := first(d); *f == "" {
			*f = "--" + o.long
		}
		return set(d, value)
	}
	return o
}

func (d *draft) setCount(v string) error { return setPositive(&d.keys.filter.Count, v) }

func (d *draft) setType(v string) error {
	if v == "" {
		return wants("the name of a type, such as hash")
	}
	d.keys.filter.Type = v
	return nil
}

func setPositive(dst *int, v string) error {
	n, err := strconv.ParseUint(v, 10, 31)
	if err != nil || n == 0 {
		return wants("a whole number above 0")
	}
	*dst = int(n)
	return nil
}

func (d *draft) setPattern(v string) error {
	d.keys.filter.Pattern = []byte(v)
	return nil
}

func (d *draft) setQuotedPattern(v string) error {
	plain, ok := quote.Unquote([]byte(v))
	if !ok {
		return usagef("Invalid quoted string")
	}
	d.keys.filter.Pattern = plain
	return nil
}

func (d *draft) setForm(v string) error {
	switch v {
	case "commands":
		d.keys.dump = false
	case "restore":
		d.keys.dump = true
	default:
		return wants("commands or restore")
	}
	return nil
}

// exportFormat is what --format means to --export.
func exportFormat(name string) (keyspace.Format, error) {
	for f, known := range [...]string{keyspace.RESP: "resp", keyspace.Text: "text", keyspace.JSONL: "jsonl"} {
		if name == known {
			return keyspace.Format(f), nil
		}
	}
	return 0, usagef("--format wants resp, text or jsonl")
}

// runKeys is the run of a mode that works on keys, nil if none was asked for.
func (d *draft) runKeys(words []string) (run, error) {
	k := &d.keys
	mode := "--unlink"
	switch {
	case k.export:
		mode = "--export"
	case k.unlink != nil:
	case k.first != "":
		return nil, usagef("%s is for --export and --unlink", k.first)
	}
	switch {
	case k.forUnlink != "" && k.unlink == nil:
		return nil, usagef("%s is for --unlink", k.forUnlink)
	case k.forExport != "" && !k.export:
		return nil, usagef("%s is for --export", k.forExport)
	case d.format != nil && !k.export && !d.pipe:
		return nil, usagef("--format is for --export, and for --pipe with --template")
	case k.unlink == nil && !k.export:
		return nil, nil
	case k.unlink != nil && k.export:
		return nil, usagef("--export and --unlink are two runs")
	case len(words) > 0 && k.export:
		return nil, usagef("--export takes no command; which keys is for --pattern to say")
	case len(words) > 0:
		return nil, usagef("--unlink takes one pattern and no command; quote it, or the shell puts file names in its place")
	case d.needsPipe != "" && !d.pipe:
		return nil, usagef("%s is for --pipe", d.needsPipe)
	case d.pipe, d.evalFile != nil, d.stdin, d.stdinTag != nil:
		return nil, usagef("%s goes with no other way to run", mode)
	case k.export:
		return d.runExport()
	}
	if who, readOnly := d.isReadOnly(); readOnly && !k.dryRun {
		return nil, usagef("--unlink deletes, and this is read-only (%s)", who)
	}
	return d.runUnlink()
}

// runExport settles the format. RESP is bytes, which are not for a terminal.
func (d *draft) runExport() (run, error) {
	k := &d.keys
	format := keyspace.RESP
	if d.out.Terminal {
		format = keyspace.Text
	}
	if d.format != nil {
		var err error
		if format, err = exportFormat(*d.format); err != nil {
			return nil, err
		}
	}
	switch {
	case format == keyspace.JSONL && k.dump:
		return nil, usagef("--as restore is for commands, and --format jsonl has none")
	case format == keyspace.RESP && d.out.Terminal:
		return nil, usagef("--format resp is for a file or a pipe, not for a terminal: --format text can be read")
	}
	return export{Conn: d.conn, Filter: k.filter, Format: format, Dump: k.dump, Terminal: d.out.Terminal,
		Cluster: d.cluster, NoProgress: d.load.NoProgress}, nil
}

func (d *draft) runUnlink() (run, error) {
	k := &d.keys
	if d.conn.ReadFrom != cluster.Masters {
		return nil, usagef("--read-from is for what only reads, and --unlink deletes")
	}
	pattern := []byte(*k.unlink)
	if d.quotedInput {
		plain, ok := quote.Unquote(pattern)
		if !ok {
			return nil, usagef("Invalid quoted string")
		}
		pattern = plain
	}
	if len(pattern) == 0 {
		return nil, usagef("--unlink wants a pattern, such as 'session:*'; an empty one would match nothing or everything")
	}
	k.filter.Pattern = pattern
	return unlink{Conn: d.conn, Filter: k.filter, Rate: int(d.rate.PerSecond), DryRun: k.dryRun, Yes: k.yes,
		Cluster: d.cluster, NoProgress: d.load.NoProgress}, nil
}

package main

import (
	"strconv"

	"easycli/internal/keyspace"
	"easycli/internal/quote"
)

// keysDraft is what the options about many keys at once have said so far.
type keysDraft struct {
	// unlink is the pattern of --unlink, nil without it.
	unlink      *string
	filter      keyspace.Filter
	rate        int
	dryRun, yes bool
	// first is the first option that means nothing without one of the modes.
	first string
}

// keysOptions are the options that work on all keys which match a pattern.
func keysOptions() []option {
	return []option{
		{"unlink", "", "PATTERN", "delete the keys that match: counts them and asks first",
			func(d *draft, v string) error { d.keys.unlink = &v; return nil }},
		forKeys(option{"dry-run", "", "", "with --unlink: count, delete nothing",
			turnOn(func(d *draft) *bool { return &d.keys.dryRun })}),
		forKeys(option{"yes", "", "", "with --unlink: do not ask",
			turnOn(func(d *draft) *bool { return &d.keys.yes })}),
		forKeys(option{"rate", "", "N", "with --unlink: delete N keys a second at most", (*draft).setRate}),
		forKeys(option{"type", "", "TYPE", "only keys of this type: string, list, set, zset, hash, stream, ...",
			(*draft).setType}),
		forKeys(option{"count", "", "N", "keys that the server looks at in one step (default 1000)", (*draft).setCount}),
	}
}

// forKeys is an option that means nothing without a mode that works on keys.
func forKeys(o option) option {
	set := o.set
	o.set = func(d *draft, value string) error {
		if d.keys.first == "" {
			d.keys.first = "--" + o.long
		}
		return set(d, value)
	}
	return o
}

func (d *draft) setRate(v string) error { return setPositive(&d.keys.rate, v) }

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

// runKeys is the run of a mode that works on keys, nil if none was asked for.
func (d *draft) runKeys(words []string) (run, error) {
	k := &d.keys
	switch {
	case k.unlink == nil && k.first != "":
		return nil, usagef("%s is for --unlink", k.first)
	case k.unlink == nil:
		return nil, nil
	case len(words) > 0:
		return nil, usagef("--unlink takes one pattern and no command; quote it, or the shell puts file names in its place")
	case d.pipe, d.evalFile != nil, d.stdin, d.stdinTag != nil:
		return nil, usagef("--unlink goes with no other way to run")
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
	return unlink{Conn: d.conn, Filter: k.filter, Rate: k.rate, DryRun: k.dryRun, Yes: k.yes}, nil
}

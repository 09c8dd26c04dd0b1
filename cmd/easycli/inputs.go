package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"easycli/internal/bulk"
	"easycli/internal/rows"
	"easycli/internal/source"
)

// inputs is what --pipe loads, as its options and words say.
type inputs struct {
	// Files are paths, with - for stdin, which none at all means as well.
	Files []string
	// Template makes commands of rows in Format, which Unknown leaves to each file; nil is for files of
	// commands. NoHeader says that the first line has no names.
	Template *rows.Template
	Format   rows.Format
	NoHeader bool
}

func inputOptions() []option {
	return []option{
		forPipe(option{"template", "", "COMMAND", "the input is rows of CSV, TSV or JSONL, each of which becomes this " +
			"command: 'HSET user:{id} name {name} mail {mail?none}'; {*} is every other column and its value, {{ a brace",
			(*draft).setTemplate}),
		{"format", "", "FORMAT", "with --template: csv, tsv or jsonl (default: the file's extension, or else its first " +
			"line); with --export: resp (default), text (default on a terminal) or jsonl, a line of JSON for each key",
			func(d *draft, v string) error { d.format = &v; return nil }},
		forPipe(option{"no-header", "", "", "with --template: the first row has no names, and the columns are {1}, {2} ...",
			turnOn(func(d *draft) *bool { return &d.inputs.NoHeader })}),
	}
}

func (d *draft) setTemplate(v string) (err error) {
	if d.inputs.Template, err = rows.Parse(v); err != nil {
		return usagef("--template: %v", err)
	}
	return nil
}

// loadOf is the load that the options and the words ask for.
func (d *draft) loadOf(words []string) (run, error) {
	if d.format != nil {
		var ok bool
		if d.inputs.Format, ok = rows.ParseFormat(*d.format); !ok {
			return nil, usagef("--format wants %s", rows.FormatNames)
		}
	}
	if d.inputs.Template == nil && (d.inputs.Format != rows.Unknown || d.inputs.NoHeader) {
		return nil, usagef("--format and --no-header say how rows are written: they go with --template")
	}
	if len(words) > 0 {
		d.inputs.Files = words
	}
	if option := d.load.notExact(); d.load.Checkpoint != "" && option != "" {
		return nil, usagef("--checkpoint and %s do not go together in this version of easycli", option)
	}
	switch {
	case d.load.Checkpoint == "" && d.load.Batch > 0:
		return nil, usagef("--batch is for --checkpoint")
	case d.load.Checkpoint != "" && d.load.Skip > 0:
		return nil, usagef("--checkpoint knows what to skip: --skip does not go with it")
	}
	if err := d.load.contradiction(); err != nil {
		return nil, err
	}
	d.load.Rate = d.rate
	return pipe{Conn: d.conn, Cluster: d.cluster, loading: d.load, inputs: d.inputs}, nil
}

// fromStdin reports whether stdin is among what is loaded.
func (in inputs) fromStdin() bool {
	return len(in.Files) == 0 || slices.Contains(in.Files, source.Stdin)
}

// open finds what there is to load. What is wrong with a file is known here, as far as its beginning
// shows it.
func (in inputs) open(stdin io.Reader) ([]bulk.Input, error) {
	files, err := source.Expand(in.Files, stdin)
	if err != nil {
		return nil, sourceError(err)
	}
	var list []bulk.Input
	for _, f := range files {
		if kind, advice := bulk.Foreign(f.Head); kind != "" {
			return nil, sourceError(&source.Error{Name: f.Name, Msg: "this is " + kind + ", not commands", Advice: advice})
		}
		input := bulk.Input{Name: f.Name, Size: f.Length, Packed: f.Size, Format: in.Format,
			Tail: f.Tail, Open: func() (io.ReadCloser, error) { return f.Reader(), nil }}
		if len(in.Files) == 0 {
			input.Name = ""
		}
		if input.Format == rows.Unknown {
			input.Format = rows.FormatOf(f.Name)
		}
		list = append(list, input)
	}
	return list, nil
}

// sourceError is a file that cannot be loaded, with what to do about it.
func sourceError(err error) error {
	text := "easycli: " + err.Error()
	if e := (*source.Error)(nil); errors.As(err, &e) && e.Advice != "" {
		text += "\neasycli: " + e.Advice
	}
	return inputError{fmt.Errorf("%s", text)}
}

package main

import (
	"io"
	"os"

	"easycli/internal/source"
)

// spares refuses a load that would write to what it reads: a report would take its place, and what is
// appended to it would be loaded again, without end.
func (r pipe) spares(stdin io.Reader) error {
	var read []os.FileInfo
	for _, path := range r.inputs.Files {
		if path == source.Stdin {
			continue
		}
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			read = append(read, info)
		}
	}
	if file, ok := stdin.(*os.File); ok && r.fromStdin() {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			read = append(read, info)
		}
	}
	for _, out := range r.outputs() {
		info, err := os.Stat(out.path)
		if err != nil {
			continue // it will be made
		}
		for _, in := range read {
			if os.SameFile(info, in) {
				return usagef("%s names a file that is loaded: name another one", out.option)
			}
		}
	}
	return nil
}

// written is a file that a load writes, and the option that asks for it.
type written struct{ option, path string }

// outputs are the files that the load writes.
func (l loading) outputs() []written {
	var list []written
	for _, one := range []written{{"--journal", l.Journal}, {"--report", l.Report}, {"--reject", l.Reject}, {"--replies", l.Replies}} {
		if one.path != "" {
			list = append(list, one)
		}
	}
	if l.Reject != "" {
		list = append(list, written{"--reject", l.Reject + ".log"})
	}
	return list
}

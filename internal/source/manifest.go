package source

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"easycli/internal/quote"
)

// manifestSuffix ends the name of the file that says which files are an append-only file, since
// Redis 7.
const manifestSuffix = ".manifest"

// folder lists the files of the append-only file that a folder holds.
func folder(path string) ([]File, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, failed(path, err)
	}
	var manifests []string
	advice := "name the files in it: easycli --pipe " + filepath.Join(path, "*")
	for _, entry := range entries {
		name := entry.Name()
		switch {
		case strings.HasSuffix(name, manifestSuffix) && !strings.HasPrefix(name, "temp-"):
			manifests = append(manifests, name)
		case entry.IsDir() && holdsManifest(filepath.Join(path, name)),
			strings.HasSuffix(name, ".aof"):
			advice = "try: easycli --pipe " + filepath.Join(path, name)
		}
	}
	switch len(manifests) {
	case 0:
		return nil, &Error{Name: path, Msg: "this folder is no append-only file: it has no manifest", Advice: advice}
	case 1:
		return manifest(filepath.Join(path, manifests[0]))
	}
	return nil, &Error{Name: path, Msg: "this folder has several manifests: " + strings.Join(manifests, ", "),
		Advice: "name one of them: easycli --pipe " + filepath.Join(path, manifests[0])}
}

func holdsManifest(path string) bool {
	found, _ := filepath.Glob(filepath.Join(path, "*"+manifestSuffix))
	return len(found) > 0
}

// manifest lists the files that a manifest names: the base, and the increments in their order. What
// it calls history has been rewritten into them.
func manifest(path string) ([]File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, failed(path, err)
	}
	var files []File
	number := 0
	for line := range bytes.Lines(text) {
		number++
		part, err := parsePart(line)
		if err != nil {
			return nil, &Error{Name: path, Msg: fmt.Sprintf("line %d: %v", number, err)}
		}
		if part.name == "" || part.kind == 'h' {
			continue
		}
		file, err := part.file(filepath.Dir(path))
		if err != nil {
			return nil, err
		}
		if file != nil {
			files = append(files, *file)
		}
	}
	if number == 0 {
		return nil, &Error{Name: path, Msg: "this manifest is empty"}
	}
	return files, nil
}

// part is one line of a manifest.
type part struct {
	name string
	kind byte // b base, i increment, h history
}

// parsePart reads a line of pairs: file NAME seq N type T. Others that a server may add are passed
// over; a comment is a part without a name.
func parsePart(line []byte) (part, error) {
	words, err := quote.Split(line, nil)
	if err != nil {
		return part{}, err
	}
	if len(words) == 0 || words[0][0] == '#' {
		return part{}, nil
	}
	var p part
	for i := 0; i+1 < len(words); i += 2 {
		value := string(words[i+1])
		switch string(words[i]) {
		case "file":
			p.name = value
		case "type":
			if len(value) == 1 && strings.Contains("bih", value) {
				p.kind = value[0]
			}
		}
	}
	if p.name == "" || p.kind == 0 || len(words)%2 != 0 || filepath.Base(p.name) != p.name {
		return part{}, fmt.Errorf("this is no line of a manifest, such as: file NAME seq 1 type i")
	}
	return p, nil
}

// file is the file of a part that is to be read, nil if there is nothing in it.
func (p part) file(dir string) (*File, error) {
	path := filepath.Join(dir, p.name)
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, failed(path, err)
	case info.IsDir():
		return nil, &Error{Name: path, Msg: "this is a folder"}
	case p.kind == 'b' && emptyRDB(path):
		return nil, nil
	}
	file := File{Name: path, path: path, Size: info.Size()}
	err = file.check()
	if isRDB(file.Head) {
		err = &Error{Name: path, Msg: "this base of an AOF is an RDB file", Advice: rewriteAdvice}
	}
	return &file, err
}

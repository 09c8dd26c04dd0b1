// Package source finds what a load reads: files, stdin and the folders of append-only files, in the
// order they are to be read, and reads them, decompressing what is compressed.
//
// It guarantees that everything that can be known without reading a file to its end is known before
// the first is loaded: what is missing, unreadable, a folder or an RDB file is refused up front, with
// what to do about it. A file is opened when it is first read, so a pipe may be named as well, and
// compression is told by the first bytes, never by a name. It refuses to know what the bytes mean.
//
//   - [Expand] turns the words of a command line into files.
//   - [Reader] reads one; it counts the bytes as they lie there, for progress.
package source

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
)

// File is one thing to read.
type File struct {
	// Name is for messages: the path as it was given, or within the folder that was given, or stdin.
	Name string
	// Size is the bytes that lie there, compressed or not, and 0 where that is unknown, as of a pipe.
	Size int64
	// Length is the bytes that will be read, and 0 where that is unknown, as of what is compressed.
	Length int64
	// Head is how it begins, decompressed, as far as that tells what it is; nil for what is no regular
	// file.
	Head []byte

	path  string
	stdin io.Reader
}

// Error is a file that cannot be read, or not as what it is.
type Error struct {
	Name string
	// Msg says what is wrong, and Advice what to do about it, where that is known.
	Msg, Advice string
}

func (e *Error) Error() string { return e.Name + ": " + e.Msg }

// Stdin is the word that stands for stdin among files.
const Stdin = "-"

const stdinName = "stdin"

// Expand lists what to read: a file for each path, stdin for "-" (and for no paths at all), and for
// the folder of an append-only file, or for its manifest, the files that belong to it. Nothing stays
// open, and a pipe is not touched. The error is an [*Error].
func Expand(paths []string, stdin io.Reader) ([]File, error) {
	if len(paths) == 0 {
		paths = []string{Stdin}
	}
	var files []File
	seenStdin := false
	for _, path := range paths {
		if path == Stdin {
			if seenStdin {
				return nil, &Error{Name: stdinName, Msg: "it is named twice and can be read only once"}
			}
			seenStdin = true
			files = append(files, standardInput(stdin))
			continue
		}
		more, err := expand(path)
		if err != nil {
			return nil, err
		}
		files = append(files, more...)
	}
	return files, nil
}

func expand(path string) ([]File, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &Error{Name: path, Msg: "there is no such file",
			Advice: "what follows --pipe are files of commands, and - for stdin"}
	case err != nil:
		return nil, failed(path, err)
	case info.IsDir():
		return folder(path)
	case strings.HasSuffix(path, manifestSuffix) && info.Mode().IsRegular():
		return manifest(path)
	}
	file := File{Name: path, path: path}
	if info.Mode().IsRegular() {
		file.Size = info.Size()
		if err := file.check(); err != nil {
			return nil, err
		}
	}
	return []File{file}, nil
}

// headBytes is how much of a file is enough to tell its kind.
const headBytes = 16

// check looks at the beginning of a regular file: whether it can be read, how it is compressed, and
// that it is no RDB file.
func (f *File) check() error {
	r := f.Reader()
	defer r.Close()
	f.Head = make([]byte, headBytes)
	n, err := io.ReadFull(r, f.Head)
	f.Head = f.Head[:n]
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	if isRDB(f.Head) {
		return &Error{Name: f.Name, Msg: "this is an RDB file, or an AOF that begins with one", Advice: loadAdvice + rewriteAdvice}
	}
	if r.kind == plain {
		f.Length = f.Size
	}
	return nil
}

// failed is an error of the system about a file. Its own text would repeat the path.
func failed(name string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return &Error{Name: name, Msg: err.Error()}
}

// standardInput is stdin as a file. Where it is a regular one, as behind <, its lengths are known.
func standardInput(in io.Reader) File {
	f := File{Name: stdinName, stdin: in}
	file, ok := in.(*os.File)
	if !ok {
		return f
	}
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return f
	}
	at, err := file.Seek(0, io.SeekCurrent)
	if err != nil {
		return f
	}
	f.Size = info.Size() - at
	head := make([]byte, magicBytes)
	n, _ := file.ReadAt(head, at)
	if kind, _ := compressionOf(head[:n]); kind == plain {
		f.Length = f.Size
	}
	return f
}

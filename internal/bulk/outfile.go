package bulk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// errOld: the file has something in it that must not be lost, nor be mixed with what comes.
var errOld = errors.New("there is something in it already: name another file, or remove this one first")

// errLink: the file is a symbolic link that somebody else has put there.
var errLink = errors.New("a symbolic link that belongs to another user is not followed")

// openAppend opens a file that only its owner can read, to write at its end. It must be empty unless
// continues is set.
func openAppend(path string, continues bool) (*os.File, error) {
	if foreignLink(path) {
		return nil, &OutputError{path, errLink}
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, &OutputError{path, pathless(err)}
	}
	info, err := file.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
	case info.Size() > 0 && !continues:
		err = errOld
	case info.Mode().Perm()&0o077 != 0:
		err = file.Chmod(0o600)
	}
	if err != nil {
		file.Close()
		return nil, &OutputError{path, pathless(err)}
	}
	return file, nil
}

// foreignLink reports whether a path is a symbolic link of another user.
func foreignLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0 && !ownedByUs(info)
}

// replacement writes a file as a whole or not at all: what it holds is the old text or the new, never
// a part. A device or a pipe, which nothing can take the place of, is written to directly.
type replacement struct {
	name   string // as the user gave it
	path   string // what name stands for
	direct bool
	temp   *os.File
}

// newReplacement begins to replace a file, so that what would keep that from ending well shows now.
// Only its owner will be able to read it.
func newReplacement(name string) (*replacement, error) {
	r := &replacement{name: name, path: name}
	err := r.open()
	if err != nil {
		return nil, &OutputError{name, pathless(err)}
	}
	return r, nil
}

func (r *replacement) open() (err error) {
	if foreignLink(r.name) {
		return errLink
	}
	info, err := os.Stat(r.name)
	switch {
	case errors.Is(err, fs.ErrNotExist): // a link that leads nowhere is replaced itself
	case err != nil:
		return err
	case info.IsDir():
		return errFolder
	case !info.Mode().IsRegular():
		r.direct = true
		r.temp, err = os.OpenFile(r.name, os.O_WRONLY, 0)
		return err
	default:
		if r.path, err = filepath.EvalSymlinks(r.name); err != nil {
			return err
		}
	}
	r.temp, err = os.CreateTemp(filepath.Dir(r.path), "."+filepath.Base(r.path)+".*.tmp")
	return err
}

// errFolder: there is no file to write.
var errFolder = errors.New("this is a folder")

// commit writes the text and puts it in the place of the file, safe from a crash of the machine.
func (r *replacement) commit(text []byte) error {
	_, err := r.temp.Write(text)
	if err == nil && !r.direct {
		err = r.temp.Sync()
	}
	if closeErr := r.temp.Close(); err == nil {
		err = closeErr
	}
	if err == nil && !r.direct {
		err = os.Rename(r.temp.Name(), r.path)
	}
	if err != nil {
		r.discard()
		return &OutputError{r.name, pathless(err)}
	}
	return nil
}

// discard leaves the file as it was.
func (r *replacement) discard() {
	r.temp.Close()
	if !r.direct {
		os.Remove(r.temp.Name())
	}
}

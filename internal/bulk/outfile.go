package bulk

import (
	"errors"
	"io/fs"
	"os"
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

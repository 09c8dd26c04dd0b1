package lineeditor

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// maxLinks bounds a chain of symbolic links.
const maxLinks = 16

// The reasons why a file is not touched.
var (
	errStrange = errors.New("it is no regular file")
	errForeign = errors.New("it, or a link to it, belongs to another user")
	errBusy    = errors.New("another program does not let go of it")
	errLinks   = errors.New("too many symbolic links")
)

// openHistory opens a file of ours, by way of links of ours, and makes it ours alone.
func openHistory(path string, how int) (*os.File, error) {
	path, err := followLinks(path)
	if err != nil {
		return nil, bare(err)
	}
	file, err := os.OpenFile(path, how|openFlags, 0o600)
	if err != nil {
		return nil, bare(err)
	}
	info, err := file.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = errStrange
	case !isOurs(info):
		err = errForeign
	case info.Mode().Perm()&0o077 != 0 && how&os.O_RDWR != 0:
		err = closeToOthers(file)
	}
	if err != nil {
		file.Close()
		return nil, bare(err)
	}
	return file, nil
}

// followLinks is where a path leads: to a file of the user's, or where one can be made. Only links
// that the user made are followed: others could lead anywhere.
func followLinks(path string) (string, error) {
	for range maxLinks {
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return path, nil
		}
		if err != nil {
			return "", err
		}
		switch {
		case !isOurs(info):
			return "", errForeign
		case info.Mode().IsRegular():
			return path, nil
		case info.Mode().Type() != fs.ModeSymlink:
			return "", errStrange // opening a device may do something already
		}
		target, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	return "", errLinks
}

// bare is an error without the path in it, which stands before it.
func bare(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

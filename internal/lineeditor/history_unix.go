//go:build unix

package lineeditor

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// openFlags keep a FIFO from making us wait, a terminal from becoming ours, and a link that appears
// at the last moment from being followed.
const openFlags = unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_NOFOLLOW

// isOurs reports whether a file belongs to the user.
func isOurs(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// closeToOthers takes the rights of everybody else away.
func closeToOthers(file *os.File) error { return file.Chmod(0o600) }

// tryLock takes a lock if it is free.
func tryLock(file *os.File, exclusive bool) (bool, error) {
	how := unix.LOCK_SH
	if exclusive {
		how = unix.LOCK_EX
	}
	err := unix.Flock(int(file.Fd()), how|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) || errors.Is(err, unix.EINTR) {
		return false, nil
	}
	return err == nil, err
}

// unlock lets go of the lock; closing the file would as well.
func unlock(file *os.File) { unix.Flock(int(file.Fd()), unix.LOCK_UN) }

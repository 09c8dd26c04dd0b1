package lineeditor

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

const openFlags = 0

// isOurs and closeToOthers leave it to the system: what a user's own folders hold is the user's alone,
// and making a link needs rights of its own.
func isOurs(fs.FileInfo) bool { return true }

func closeToOthers(*os.File) error { return nil }

// The lock is on one byte that no file reaches, for on Windows what is locked cannot be written.
const lockedAt = 0x7fff_ffff

// tryLock takes a lock if it is free.
func tryLock(file *os.File, exclusive bool) (bool, error) {
	how := uint32(windows.LOCKFILE_FAIL_IMMEDIATELY)
	if exclusive {
		how |= windows.LOCKFILE_EXCLUSIVE_LOCK
	}
	err := windows.LockFileEx(windows.Handle(file.Fd()), how, 0, 1, 0, &windows.Overlapped{OffsetHigh: lockedAt})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return false, nil
	}
	return err == nil, err
}

// unlock lets go of the lock; closing the file would as well.
func unlock(file *os.File) {
	windows.UnlockFileEx(windows.Handle(file.Fd()), 0, 1, 0, &windows.Overlapped{OffsetHigh: lockedAt})
}

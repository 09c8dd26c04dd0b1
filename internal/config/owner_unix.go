//go:build unix

package config

import (
	"io/fs"
	"os"
	"syscall"
)

// isTrusted reports whether a file is ours, or the system's: it can name programs to run.
func isTrusted(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && (stat.Uid == 0 || int(stat.Uid) == os.Geteuid())
}

// isWritable reports whether others may change a file.
func isWritable(info fs.FileInfo) bool { return info.Mode().Perm()&0o022 != 0 }

// isReadable reports whether others may read a file.
func isReadable(info fs.FileInfo) bool { return info.Mode().Perm()&0o044 != 0 }

//go:build unix

package bulk

import (
	"io/fs"
	"os"
	"syscall"
)

// ownedByUs reports whether a file is ours, or the system's.
func ownedByUs(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return !ok || stat.Uid == 0 || int(stat.Uid) == os.Geteuid()
}

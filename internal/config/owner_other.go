//go:build !unix

package config

import "io/fs"

// Elsewhere the mode says nothing about other users: it is the folder that is closed to them.

func isTrusted(fs.FileInfo) bool  { return true }
func isWritable(fs.FileInfo) bool { return false }
func isReadable(fs.FileInfo) bool { return false }

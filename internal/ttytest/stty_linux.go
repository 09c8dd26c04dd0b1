package ttytest

import "golang.org/x/sys/unix"

const askTermios = unix.TCGETS

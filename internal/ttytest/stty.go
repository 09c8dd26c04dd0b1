//go:build unix

package ttytest

import (
	"errors"

	"golang.org/x/sys/unix"
)

// Stty is how the terminal treats what is typed and printed. Two that are equal are the same to
// stty -a.
type Stty struct{ termios unix.Termios }

// Stty asks the terminal for its modes.
func (m *Term) Stty() Stty {
	m.t.Helper()
	var termios *unix.Termios
	raw, err := m.master.SyscallConn() // Fd would make the file a blocking one
	if err == nil {
		outer := raw.Control(func(fd uintptr) { termios, err = unix.IoctlGetTermios(int(fd), askTermios) })
		err = errors.Join(outer, err)
	}
	if err != nil {
		m.t.Fatal(err)
	}
	return Stty{*termios}
}

// Cooked reports whether lines are edited, echoed and interrupted by the terminal itself, as a shell
// wants it.
func (s Stty) Cooked() bool {
	const local = unix.ICANON | unix.ECHO | unix.ISIG
	return s.termios.Lflag&local == local && s.termios.Oflag&unix.OPOST != 0 && s.termios.Iflag&unix.ICRNL != 0
}

// Echo reports whether the terminal shows what is typed.
func (s Stty) Echo() bool { return s.termios.Lflag&unix.ECHO != 0 }

// Signals reports whether Ctrl-C sends SIGINT.
func (s Stty) Signals() bool { return s.termios.Lflag&unix.ISIG != 0 }

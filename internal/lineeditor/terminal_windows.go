package lineeditor

import (
	"context"
	"io"

	"github.com/chzyer/readline"
	"golang.org/x/sys/windows"
)

// Keys is where the keys of the terminal at stdin come from: the library makes bytes of the
// console's events.
func Keys(io.Reader) io.Reader { return readline.Stdin }

// Suspend does nothing: programs are not stopped here.
func Suspend() {}

// Resizes is [Config.Resized]: nobody tells. The size is asked for with every key.
func Resizes(context.Context) <-chan struct{} { return nil }

// enableEscapes makes the console understand escape sequences.
func enableEscapes() {
	var mode uint32
	if out, err := windows.GetStdHandle(windows.STD_OUTPUT_HANDLE); err != nil {
		return
	} else if windows.GetConsoleMode(out, &mode) == nil {
		windows.SetConsoleMode(out, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING)
	}
}

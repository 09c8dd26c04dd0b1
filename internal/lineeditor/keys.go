package lineeditor

import (
	"bytes"
	"io"

	"github.com/chzyer/readline"
)

// keyDelete stands for the Delete key: the library takes it for Ctrl-D, which ends the input on an
// empty line. It is a character that nobody types, and as long as the sequence it replaces.
const keyDelete = '\U0010ff00'

// sequences are what some terminals send for keys, and what the library understands.
var sequences = []struct{ from, to []byte }{
	{[]byte("\x1b[3~"), []byte(string(keyDelete))},
	{[]byte("\x1b[1~"), []byte{readline.CharLineStart}}, // Home
	{[]byte("\x1b[7~"), []byte{readline.CharLineStart}},
	{[]byte("\x1b[4~"), []byte{readline.CharLineEnd}}, // End
	{[]byte("\x1b[8~"), []byte{readline.CharLineEnd}},
	{[]byte{0}, nil}, // Ctrl-Space, which the library takes for Enter
}

// keys is what was typed, in the library's terms.
type keys struct{ io.Reader }

// Read reads what was typed. A key's sequence comes in one piece from a terminal.
func (k keys) Read(p []byte) (int, error) {
	for {
		n, err := k.Reader.Read(p)
		typed := p[:n]
		for _, s := range sequences {
			if bytes.Contains(typed, s.from) {
				typed = bytes.ReplaceAll(typed, s.from, s.to)
			}
		}
		if len(typed) > 0 || err != nil || n == 0 {
			return copy(p, typed), err
		}
	}
}

// filter sees every key before the library does. What the library would insert unseen, and what
// would stop the program's parent as well (Ctrl-Z), does nothing.
func (e *Editor) filter(key rune) (rune, bool) {
	switch {
	case key == keyDelete && e.length.Load() == 0:
		return readline.CharBell, true
	case key == keyDelete:
		return readline.CharDelete, true
	case key < ' ' && !bytes.ContainsRune(understood, key):
		return readline.CharBell, true
	}
	return key, true
}

// understood are the control keys that the library has a meaning for.
var understood = []byte{
	readline.CharLineStart, readline.CharBackward, readline.CharInterrupt, readline.CharDelete,
	readline.CharLineEnd, readline.CharForward, readline.CharBell, readline.CharCtrlH,
	readline.CharCtrlJ, readline.CharKill, readline.CharCtrlL, readline.CharEnter, readline.CharNext,
	readline.CharPrev, readline.CharBckSearch, readline.CharFwdSearch, readline.CharTranspose,
	readline.CharCtrlU, readline.CharCtrlW, readline.CharCtrlY, readline.CharEsc,
}

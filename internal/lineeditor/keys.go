package lineeditor

import (
	"bytes"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/chzyer/readline"
)

// key is something that was typed: a key with a name, such as "Ctrl-A" or "Alt-Left", or a text.
type key struct {
	name string // "" for a text
	text string // of a text or a paste
	raw  string // the bytes it came as, for a key that is to be taken literally
}

// namePaste is the name of a text that the terminal marked as pasted.
const namePaste = "Paste"

// How long the rest of something is waited for. A person does not type a letter so soon after Esc;
// what begins like a key's sequence is hardly ever typed; a paste whose end is lost must not hold
// the keyboard for ever.
const (
	escPatience      = 30 * time.Millisecond
	sequencePatience = 500 * time.Millisecond
	pastePatience    = 2 * time.Second
)

const (
	pasteBegin = "\x1b[200~"
	pasteEnd   = "\x1b[201~"
)

// decoder makes keys of the bytes that a terminal sends, in pieces that may be cut anywhere. NUL
// (Ctrl-Space) is nothing. Bytes that are no UTF-8 are text all the same.
type decoder struct {
	held    []byte
	pasting bool
	scanned int // of a paste, where its end is not
}

// feed takes the next piece.
func (d *decoder) feed(piece []byte) { d.held = append(d.held, piece...) }

// next is the next key; ok is false until more has been read.
func (d *decoder) next() (k key, ok bool) {
	for len(d.held) > 0 {
		if d.pasting {
			return d.paste()
		}
		k, n := decode(d.held)
		if n == 0 {
			return key{}, false
		}
		k.raw = string(d.held[:n])
		d.take(n)
		if k.raw == pasteBegin {
			d.pasting = true
			continue
		}
		if k.name != "" || k.text != "" {
			return k, true
		}
	}
	return key{}, false
}

// take lets go of the bytes that became a key.
func (d *decoder) take(n int) {
	if d.held, d.scanned = d.held[n:], 0; len(d.held) == 0 {
		d.held = nil
	}
}

// paste is what has been pasted, once its end is there.
func (d *decoder) paste() (key, bool) {
	end := bytes.Index(d.held[d.scanned:], []byte(pasteEnd))
	if end < 0 {
		d.scanned = max(0, len(d.held)-len(pasteEnd)+1)
		return key{}, false
	}
	return d.pasted(d.scanned+end, len(pasteEnd)), true
}

func (d *decoder) pasted(size, mark int) key {
	text := strings.ReplaceAll(string(d.held[:size]), "\x00", "")
	d.pasting = false
	d.take(size + mark)
	return key{name: namePaste, text: text, raw: text}
}

// patience is how long to wait for the rest of what is held, 0 if nothing is.
func (d *decoder) patience() time.Duration {
	switch {
	case d.pasting:
		return pastePatience
	case len(d.held) == 0:
		return 0
	case len(d.held) == 1 && d.held[0] == readline.CharEsc:
		return escPatience
	}
	return sequencePatience
}

// giveUp makes a key of what is held: its rest is not coming.
func (d *decoder) giveUp() (k key, ok bool) {
	if d.pasting {
		return d.pasted(len(d.held), 0), true
	}
	held := string(d.held)
	d.held = nil
	switch {
	case held == "":
		return key{}, false
	case strings.Trim(held, "\x1b") == "":
		return key{name: "Esc", raw: held}, true
	case held[0] == readline.CharEsc:
		return key{}, false
	}
	return key{text: held, raw: held}, true
}

// decode makes a key of the first bytes, and says how many; 0 if they may be the beginning of more.
// A run of text is one.
func decode(in []byte) (key, int) {
	if n := textLength(in); n > 0 {
		return key{text: string(in[:n])}, n
	}
	switch c := in[0]; {
	case c >= utf8.RuneSelf: // a character that is not complete
		return key{}, 0
	case c == readline.CharEsc:
		return decodeEsc(in)
	default:
		return key{name: controlName(c)}, 1
	}
}

// textLength is how many bytes of text there are, without a character at the end that is not
// complete.
func textLength(in []byte) int {
	n := 0
	for n < len(in) && in[n] >= ' ' && in[n] != readline.CharBackspace {
		if in[n] < utf8.RuneSelf {
			n++
			continue
		}
		if !utf8.FullRune(in[n:]) {
			break
		}
		_, size := utf8.DecodeRune(in[n:])
		n += size
	}
	return n
}

// controlName is the name of a control byte; NUL has none.
func controlName(c byte) string {
	switch c {
	case 0:
		return ""
	case readline.CharTab:
		return "Tab"
	case readline.CharEnter, readline.CharCtrlJ: // Ctrl-J is what Enter was while the terminal was not raw
		return "Enter"
	case readline.CharBackspace, readline.CharCtrlH:
		return "Backspace"
	case readline.CharEsc:
		return "Esc"
	}
	return "Ctrl-" + string(rune('@'+c))
}

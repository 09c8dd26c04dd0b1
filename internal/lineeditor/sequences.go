package lineeditor

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chzyer/readline"
)

// decodeEsc decodes what begins with ESC: a sequence for a key, or a key typed with Alt.
func decodeEsc(in []byte) (key, int) {
	if len(in) == 1 {
		return key{}, 0
	}
	switch c := in[1]; c {
	case readline.CharEscapeEx:
		return decodeCSI(in)
	case readline.CharO:
		return decodeSS3(in)
	case ']', 'P', '_', '^':
		return decodeString(in)
	case readline.CharEsc: // Alt and a key that has a sequence, or Esc twice
		k, n := decodeEsc(in[1:])
		switch {
		case n == 0:
			return key{}, 0
		case len(in) > 2 && (in[2] == '[' || in[2] == 'O'):
			return key{name: withAlt(k.name)}, n + 1
		}
		return key{name: "Esc"}, 1
	default:
		return decodeAlt(in)
	}
}

// decodeAlt decodes a character typed with Alt.
func decodeAlt(in []byte) (key, int) {
	switch c := in[1]; {
	case c < ' ' || c == readline.CharBackspace:
		return key{name: withAlt(controlName(c))}, 2
	case c < utf8.RuneSelf:
		return key{name: "Alt-" + strings.ToUpper(string(rune(c)))}, 2
	case !utf8.FullRune(in[1:]):
		return key{}, 0
	}
	r, size := utf8.DecodeRune(in[1:])
	return key{name: "Alt-" + string(unicode.ToUpper(r))}, 1 + size
}

func withAlt(name string) string {
	if name == "" || strings.HasPrefix(name, "Alt-") || strings.HasPrefix(name, "Ctrl-") && len(name) > len("Ctrl-A") {
		return name
	}
	return "Alt-" + name
}

// decodeString passes over an answer of the terminal (OSC, DCS), which nobody asked for; typed with
// Alt these are keys of their own.
func decodeString(in []byte) (key, int) {
	if len(in) == 2 {
		return key{}, 0
	}
	if in[1] == ']' && (in[2] < '0' || in[2] > '9') || in[1] != ']' && in[2] < ' ' {
		return decodeAlt(in)
	}
	bel, st := bytes.IndexByte(in, '\a'), bytes.Index(in, []byte("\x1b\\"))
	switch {
	case bel >= 0 && (st < 0 || bel < st):
		return key{}, bel + 1
	case st >= 0:
		return key{}, st + 2
	}
	return key{}, 0
}

// decodeCSI decodes ESC [ numbers letter.
func decodeCSI(in []byte) (key, int) {
	if len(in) > 2 && in[2] == '[' { // a function key of the Linux console
		if len(in) == 3 {
			return key{}, 0
		}
		return key{}, 4
	}
	n := 2
	for n < len(in) && ('0' <= in[n] && in[n] <= '?' || ' ' <= in[n] && in[n] <= '/' && in[n] != '$') {
		n++
	}
	switch {
	case n == len(in):
		return key{}, 0
	case in[n] < ' ' || in[n] >= readline.CharBackspace: // no sequence: what follows is typed anew
		return key{}, n
	}
	return key{name: nameCSI(string(in[2:n]), in[n])}, n + 1
}

// nameCSI is the name of a key by the numbers and the letter that terminals send for it.
func nameCSI(numbers string, letter byte) string {
	if numbers != "" && numbers[0] > ';' { // an answer of the terminal
		return ""
	}
	first, second, _ := strings.Cut(numbers, ";")
	modifiers := second
	if second == "" && letter != '~' && letter != 'u' { // ESC [ 5 C
		modifiers = first
	}
	switch letter {
	case 'a', 'b', 'c', 'd': // rxvt, with Shift
		return arrows[letter-'a']
	case '^', '@': // rxvt, with Ctrl
		return modified(numbered(first), "5")
	case '$': // rxvt, with Shift
		return numbered(first)
	case 'Z':
		return "Shift-Tab"
	case 'u':
		return nameCharacter(first, second)
	case '~':
		if code, ok := strings.CutPrefix(numbers, "27;"); ok {
			mod, code, _ := strings.Cut(code, ";")
			return nameCharacter(code, mod)
		}
		return modified(numbered(first), modifiers)
	}
	return modified(lettered(letter), modifiers)
}

var arrows = [...]string{"Up", "Down", "Right", "Left"}

// lettered is the key that has a letter; function keys mean nothing here.
func lettered(letter byte) string {
	switch letter {
	case 'A', 'B', 'C', 'D':
		return arrows[letter-'A']
	case 'H':
		return "Home"
	case 'F':
		return "End"
	}
	return ""
}

// numbered is the key that has a number.
func numbered(number string) string {
	switch number {
	case "1", "7":
		return "Home"
	case "4", "8":
		return "End"
	case "3":
		return "Delete"
	case "5":
		return "PageUp"
	case "6":
		return "PageDown"
	}
	return ""
}

// modified is a key with what is held down with it: a bit each for Shift, Alt, Ctrl and Meta, plus 1.
func modified(name, modifiers string) string {
	modifiers, _, _ = strings.Cut(modifiers, ":")
	bits, err := strconv.Atoi(modifiers)
	if bits--; name == "" || err != nil || bits < 0 {
		return name
	}
	switch {
	case bits&4 != 0:
		return "Ctrl-" + name
	case bits&(2|8) != 0:
		return "Alt-" + name
	}
	return name
}

// nameCharacter is a key that has a character, where a terminal sends its number.
func nameCharacter(code, modifiers string) string {
	code, _, _ = strings.Cut(code, ":")
	modifiers, _, _ = strings.Cut(modifiers, ":")
	c, err := strconv.Atoi(code)
	if err != nil || c <= 0 || c > unicode.MaxRune {
		return ""
	}
	bits, _ := strconv.Atoi(modifiers)
	bits = max(bits-1, 0)
	r := unicode.ToUpper(rune(c))
	switch {
	case c == readline.CharTab && bits&1 != 0:
		return "Shift-Tab"
	case c < ' ' || c == readline.CharBackspace:
		return modified(controlName(byte(c)), modifiers)
	}
	return modified(string(r), modifiers)
}

// decodeSS3 decodes ESC O letter: arrows and the numeric keypad in a mode of their own.
func decodeSS3(in []byte) (key, int) {
	n := 2
	for n < len(in) && '0' <= in[n] && in[n] <= '9' {
		n++
	}
	if n == len(in) {
		return key{}, 0
	}
	const keypad = "*+,-./0123456789"
	switch letter := in[n]; {
	case 'a' <= letter && letter <= 'd': // rxvt, with Ctrl
		return key{name: "Ctrl-" + arrows[letter-'a']}, n + 1
	case 'j' <= letter && letter <= 'y':
		return key{text: keypad[letter-'j' : letter-'j'+1]}, n + 1
	case letter == 'M':
		return key{name: "Enter"}, n + 1
	case letter < 'A' || letter > 'Z':
		return key{name: "Alt-O"}, 2
	default:
		return key{name: modified(lettered(letter), string(in[2:n]))}, n + 1
	}
}

package ttytest

import (
	"fmt"
	"strings"
)

// keyNames are the keys that have names, and what an xterm sends for them.
var keyNames = map[string]string{
	"Enter": "\r", "Tab": "\t", "Esc": "\x1b", "BS": "\x7f", "Space": " ", "lt": "<", "S-Tab": "\x1b[Z",
	"C-Space": "\x00", "C-BS": "\x08", "M-BS": "\x1b\x7f", "M-Enter": "\x1b\r",
	"Ins": "\x1b[2~", "Del": "\x1b[3~", "PgUp": "\x1b[5~", "PgDn": "\x1b[6~",
}

// arrows are the keys that carry modifiers in the middle of their sequence.
var arrows = map[string]byte{"Up": 'A', "Down": 'B', "Right": 'C', "Left": 'D', "Home": 'H', "End": 'F'}

var modifiers = map[string]int{"S-": 2, "M-": 3, "C-": 5}

// Keys is text with the names of keys replaced by what a terminal sends for them: <Enter> <Tab>
// <S-Tab> <Esc> <BS> <Del> <Space> <Up> <Home> <PgUp> …, <C-a> and <M-b> with any letter, <C-Left>
// <M-Right> <S-Up>, and <lt> for the character itself. An unknown name panics.
func Keys(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "<")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, ">")
		sent := key(name)
		if !closed || sent == "" {
			panic(fmt.Sprintf("ttytest: no key is called <%s> (<lt> is the character)", name))
		}
		b.WriteString(sent)
		text = after
	}
}

func key(name string) string {
	if sent, known := keyNames[name]; known {
		return sent
	}
	if final, known := arrows[name]; known {
		return "\x1b[" + string(final)
	}
	if len(name) < 3 {
		return ""
	}
	modifier, rest := name[:2], name[2:]
	switch final, arrow := arrows[rest]; {
	case arrow && modifiers[modifier] != 0:
		return fmt.Sprintf("\x1b[1;%d%c", modifiers[modifier], final)
	case modifier == "C-" && len(rest) == 1 && rest[0] >= '@':
		return string(rune(rest[0] & 0x1f))
	case modifier == "M-" && len([]rune(rest)) == 1:
		return "\x1b" + rest
	}
	return ""
}

// Pasted is text as a terminal sends it when it is pasted and the program has asked for brackets.
func Pasted(text string) string {
	return "\x1b[200~" + strings.ReplaceAll(text, "\n", "\r") + "\x1b[201~"
}

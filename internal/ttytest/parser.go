package ttytest

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// parser is what has arrived of a sequence or of a character.
type parser struct {
	state parsing
	held  []byte
}

type parsing byte

const (
	ground    parsing = iota
	character         // in the middle of UTF-8
	escape            // behind ESC
	charset           // behind ESC and a byte that takes one more
	control           // behind CSI
	command           // behind OSC, DCS, APC, PM or SOS: text up to BEL or ST
	commandST         // behind ESC in it
)

const (
	bel = 0x07
	esc = 0x1b
)

func (s *Screen) feed(c byte) {
	p := &s.parser
	switch p.state {
	case ground:
		s.begin(c)
	case character:
		s.continued(c)
	case escape:
		s.escaped(c)
	case charset:
		p.state = ground
	case control:
		if c == esc {
			p.state = escape
			return
		}
		if c < ' ' { // it acts in the middle of a sequence
			s.control(c)
			return
		}
		p.held = append(p.held, c)
		if c >= '@' && c <= '~' {
			p.state = ground
			s.csi(string(p.held))
		}
	case command:
		switch c {
		case bel:
			s.finish()
		case esc:
			p.state = commandST
		default:
			p.held = append(p.held, c)
		}
	case commandST:
		s.finish()
		if c != '\\' {
			s.escaped(c)
		}
	}
}

func (s *Screen) begin(c byte) {
	switch {
	case c == esc:
		s.parser.state = escape
	case c < ' ':
		s.control(c)
	case c == 0x7f:
		s.complain(strconv.Quote(string(rune(c))))
	case c < utf8.RuneSelf:
		s.print(rune(c))
	default:
		s.parser.held = append(s.parser.held[:0], c)
		s.parser.state = character
		s.completed()
	}
}

func (s *Screen) continued(c byte) {
	if utf8.RuneStart(c) {
		s.broken()
		s.begin(c)
		return
	}
	s.parser.held = append(s.parser.held, c)
	s.completed()
}

// completed shows the character that is held, if it is whole.
func (s *Screen) completed() {
	held := s.parser.held
	if !utf8.FullRune(held) {
		return
	}
	r, _ := utf8.DecodeRune(held)
	switch {
	case r == utf8.RuneError && len(held) != 3:
		s.broken()
	case r < 0xa0:
		s.complain(strconv.QuoteToASCII(string(r)))
	default:
		s.print(r)
	}
	s.parser.state = ground
}

// broken is what a terminal shows for bytes that are no UTF-8.
func (s *Screen) broken() {
	s.complain("no UTF-8: " + strconv.QuoteToASCII(string(s.parser.held)))
	s.print(utf8.RuneError)
	s.parser.state = ground
}

func (s *Screen) control(c byte) {
	s.last = nil
	switch c {
	case '\r':
		s.col, s.pending = 0, false
	case '\n', '\v', '\f':
		s.index()
		s.pending = false
	case '\b':
		s.moveTo(s.row, s.col-1)
	case '\t':
		s.moveTo(s.row, (s.col/8+1)*8)
	case 0, bel:
	default:
		s.complain(strconv.Quote(string(rune(c))))
	}
}

// escaped is what follows ESC.
func (s *Screen) escaped(c byte) {
	s.last = nil
	p := &s.parser
	p.state, p.held = ground, p.held[:0]
	switch c {
	case '[':
		p.state = control
	case ']', 'P', '_', '^', 'X':
		p.state, p.held = command, append(p.held, c)
	case '(', ')', '#', '%':
		p.state = charset
	case '7':
		s.saved = cursor{s.row, s.col, s.pen}
	case '8':
		s.moveTo(s.saved.row, s.saved.col)
		s.pen = s.saved.pen
	case 'D':
		s.index()
	case 'E':
		s.index()
		s.moveTo(s.row, 0)
	case 'M':
		s.reverseIndex()
	case '=', '>', '\\':
	default:
		s.complain("ESC " + strconv.Quote(string(rune(c))))
	}
}

// finish is the end of a sequence that carries text. A title is shown; nothing else is wanted.
func (s *Screen) finish() {
	held := string(s.parser.held)
	s.parser.state = ground
	code, text, _ := strings.Cut(held, ";")
	switch {
	case text == "?" || strings.HasPrefix(held, "P"):
		s.complain("a question: " + strconv.Quote(held))
	case code == "]0" || code == "]1" || code == "]2":
		s.title = text
	case code == "]133" || code == "]7": // marks of a prompt, the working directory: nothing to see
	default:
		s.complain("ESC " + strconv.Quote(held))
	}
}

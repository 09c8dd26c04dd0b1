package manual

import "easycli/internal/quote"

// maxHint bounds what a server can make of a few nested arguments, each of which may come again: a
// syntax is cut off behind so many bytes.
const maxHint = 16 << 10

// Hint is the syntax that is still missing behind the words of a command, and empty if there is
// nothing to say: no such command, nothing missing, or a word in a place where it cannot be. ended
// says that a blank follows the last word; without, that word may not be finished and is not looked
// at.
func (b *Book) Hint(words []string, ended bool) string {
	if !ended && len(words) > 0 {
		words = words[:len(words)-1]
	}
	e, n := b.Find(words)
	if e == nil || len(e.Arguments) == 0 {
		return ""
	}
	m := matcher{words: words[n:]}
	if !m.match(e.Arguments) {
		return ""
	}
	var buf [512]byte
	return string(appendPieces(buf[:0], m.pieces))
}

// HintOf is [Book.Hint] for a line as it is typed. There is none where a quote is open.
func (b *Book) HintOf(line string) string {
	split, err := quote.Split([]byte(line), nil)
	if err != nil || len(split) == 0 {
		return ""
	}
	words := make([]string, len(split))
	for i, word := range split {
		words[i] = string(word)
	}
	return b.Hint(words, isBlank(line[len(line)-1]))
}

func isBlank(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// appendPieces appends what is to come, with blanks in between.
func appendPieces(dst []byte, pieces []piece) []byte {
	for i, p := range pieces {
		if i > 0 {
			dst = append(dst, ' ')
		}
		switch p.form {
		case whole:
			dst = appendWritten(dst, p.arg)
		case value:
			dst = appendBody(dst, p.arg)
		case again:
			dst = appendAgain(dst, p.arg)
		}
	}
	return dst
}

// Syntax is how the arguments are written, in redis-cli's form: TOKEN name, [optional],
// one|of|several, and with [name ...] behind it what may come again.
func (e *Entry) Syntax() string {
	return string(appendList(nil, e.Arguments, ' '))
}

func appendList(dst []byte, args []Argument, between byte) []byte {
	for i := range args {
		if i > 0 {
			dst = append(dst, between)
		}
		dst = appendWritten(dst, &args[i])
	}
	return dst
}

// appendWritten appends how an argument is written.
func appendWritten(dst []byte, a *Argument) []byte {
	if len(dst) > maxHint {
		return dst
	}
	if a.Optional {
		dst = append(dst, '[')
	}
	dst = appendOnce(dst, a)
	if a.Multiple {
		dst = appendAgain(append(dst, ' '), a)
	}
	if a.Optional {
		dst = append(dst, ']')
	}
	return dst
}

// appendOnce appends the argument without its brackets and without its coming again.
func appendOnce(dst []byte, a *Argument) []byte {
	if a.HasToken {
		dst = appendShown(dst, a.Token)
		if a.Kind != PureToken {
			dst = append(dst, ' ')
		}
	}
	return appendBody(dst, a)
}

// appendBody appends what is behind the token.
func appendBody(dst []byte, a *Argument) []byte {
	switch a.Kind {
	case PureToken:
		return dst
	case OneOf:
		return appendList(dst, a.Arguments, '|')
	case Block:
		return appendList(dst, a.Arguments, ' ')
	}
	return appendShown(dst, a.Name)
}

func appendAgain(dst []byte, a *Argument) []byte {
	if len(dst) > maxHint {
		return dst
	}
	dst = append(dst, '[')
	if a.MultipleToken {
		dst = appendOnce(dst, a)
	} else {
		dst = appendBody(dst, a)
	}
	return append(dst, " ...]"...)
}

// appendShown shows what is empty as a pair of quotes.
func appendShown(dst []byte, text string) []byte {
	if text == "" {
		return append(dst, `""`...)
	}
	return append(dst, text...)
}

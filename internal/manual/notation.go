package manual

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// The notation of arguments is described at the top of commands.txt.

// maxDepth is how deep arguments within arguments may be; Redis has four levels.
const maxDepth = 8

// typeNames are what follows the colon behind a name.
var typeNames = [...]string{
	Integer: "int", Double: "double", Key: "key", Pattern: "pattern", UnixTime: "time", String: "string",
}

// parseSyntax reads the notation of a command's arguments.
func parseSyntax(text string) ([]Argument, error) {
	n := notation{text: text}
	args, err := n.sequence()
	if err == nil && n.at < len(text) {
		err = fmt.Errorf("%q closes nothing", text[n.at:n.at+1])
	}
	if err != nil {
		return nil, fmt.Errorf("at %q: %w", text[n.at:min(len(text), n.at+20)], err)
	}
	return args, nil
}

// notation is a syntax being read.
type notation struct {
	text  string
	at    int
	depth int
}

func (n *notation) skip() {
	for n.at < len(n.text) && n.text[n.at] == ' ' {
		n.at++
	}
}

// peek is the next character that is no blank, 0 at the end.
func (n *notation) peek() byte {
	n.skip()
	if n.at == len(n.text) {
		return 0
	}
	return n.text[n.at]
}

// take goes over a character if it comes next.
func (n *notation) take(c byte) bool {
	if n.peek() != c {
		return false
	}
	n.at++
	return true
}

// sequence reads items up to the end or to a bracket that closes.
func (n *notation) sequence() ([]Argument, error) {
	var args []Argument
	for {
		switch n.peek() {
		case 0, ']', '}', ')', '|':
			return args, nil
		}
		a, err := n.item()
		if err != nil {
			return nil, err
		}
		args = append(args, a)
	}
}

// alternatives reads what is between bars, or a sequence where there are none.
func (n *notation) alternatives() (args []Argument, oneOf bool, err error) {
	for {
		next, err := n.sequence()
		switch {
		case err != nil:
			return nil, false, err
		case !oneOf && n.peek() != '|':
			return next, false, nil
		case len(next) != 1:
			return nil, false, errors.New("an alternative is one item: put braces around several")
		}
		args, oneOf = append(args, next[0]), true
		if !n.take('|') {
			return args, true, nil
		}
	}
}

// item reads one argument.
func (n *notation) item() (Argument, error) {
	if n.depth++; n.depth > maxDepth {
		return Argument{}, fmt.Errorf("more than %d levels", maxDepth)
	}
	defer func() { n.depth-- }()
	if n.take('[') {
		return n.optional()
	}
	a := Argument{Kind: PureToken}
	var err error
	if n.atToken() {
		if a.Token, err = n.token(); err != nil {
			return a, err
		}
		a.HasToken = true
		if !n.take(',') && n.atOperand() {
			err = n.operand(&a)
		}
	} else {
		err = n.operand(&a)
	}
	if err != nil {
		return a, err
	}
	return a, n.dots(&a)
}

// optional reads the rest of what a bracket opened.
func (n *notation) optional() (Argument, error) {
	args, oneOf, err := n.alternatives()
	switch {
	case err != nil:
		return Argument{}, err
	case len(args) == 0:
		return Argument{}, errors.New("nothing between brackets")
	case !n.take(']'):
		return Argument{}, errors.New("] is missing")
	case oneOf:
		return Argument{Kind: OneOf, Optional: true, Arguments: args}, nil
	case len(args) > 1:
		return Argument{Kind: Block, Optional: true, Arguments: args}, nil
	case args[0].Optional:
		return Argument{}, errors.New("brackets within brackets: write [{[x]}]")
	}
	args[0].Optional = true
	return args[0], nil
}

// operand reads a value or a group.
func (n *notation) operand(a *Argument) (err error) {
	switch {
	case n.take('{'):
		a.Kind = Block
		if a.Arguments, err = n.sequence(); err == nil && !n.take('}') {
			err = errors.New("} is missing")
		}
	case n.take('('):
		a.Kind = OneOf
		var oneOf bool
		a.Arguments, oneOf, err = n.alternatives()
		if err == nil && !oneOf && len(a.Arguments) > 1 {
			err = errors.New("parentheses hold alternatives: a|b")
		}
		if err == nil && !n.take(')') {
			err = errors.New(") is missing")
		}
	default:
		return n.value(a)
	}
	if err == nil && len(a.Arguments) == 0 {
		err = errors.New("nothing in a group")
	}
	return err
}

// value reads a name and its type.
func (n *notation) value(a *Argument) (err error) {
	n.skip()
	if !strings.HasPrefix(n.text[n.at:], `="`) {
		word, err := n.word()
		a.Name, a.Kind = cutType(word)
		return err
	}
	n.at++
	if a.Name, err = n.quoted(); err != nil || !strings.HasPrefix(n.text[n.at:], ":") {
		a.Kind = String
		return err
	}
	suffix, err := n.word()
	rest, kind := cutType(suffix)
	if err == nil && rest != "" {
		err = fmt.Errorf("there is no type %q", suffix)
	}
	a.Kind = kind
	return err
}

// cutType cuts the type off a word. What follows a colon and is none is of the name: ip:port.
func cutType(word string) (name string, k Kind) {
	if at := strings.LastIndexByte(word, ':'); at >= 0 {
		for k, known := range typeNames {
			if known == word[at+1:] {
				return word[:at], Kind(k)
			}
		}
	}
	return word, String
}

// dots reads the sign that something may come again.
func (n *notation) dots(a *Argument) error {
	if n.skip(); !strings.HasPrefix(n.text[n.at:], "...") {
		return nil
	}
	n.at += len("...")
	a.Multiple = true
	if n.at == len(n.text) || strings.IndexByte(" ]})|", n.text[n.at]) >= 0 {
		return nil
	}
	token, err := n.token()
	if err == nil && (!a.HasToken || token != a.Token) {
		err = errors.New("what follows the dots is not the token in front")
	}
	a.MultipleToken = true
	return err
}

// wordEnd is where a word that begins at from ends.
func wordEnd(text string, from int) int {
	for i := from; i < len(text); i++ {
		switch c := text[i]; c {
		case ' ', '[', ']', '{', '}', '(', ')', '|', ',', '"':
			return i
		case '.':
			if strings.HasPrefix(text[i:], "...") {
				return i
			}
		case '=':
			if strings.HasPrefix(text[i:], `="`) {
				return i
			}
		default:
			if c < ' ' {
				return i
			}
		}
	}
	return len(text)
}

// word reads a run of ordinary characters.
func (n *notation) word() (string, error) {
	n.skip()
	from := n.at
	if n.at = wordEnd(n.text, from); n.at == from {
		return "", errors.New("a name is missing")
	}
	return n.text[from:n.at], nil
}

// quoted reads a string in quotes.
func (n *notation) quoted() (string, error) {
	text, err := strconv.QuotedPrefix(n.text[n.at:])
	if err != nil {
		return "", errors.New("a quote is not closed")
	}
	n.at += len(text)
	return strconv.Unquote(text)
}

// token reads a token.
func (n *notation) token() (string, error) {
	if n.peek() == '"' {
		return n.quoted()
	}
	return n.word()
}

// atToken reports whether a token comes next: something in quotes, or a word without small letters.
func (n *notation) atToken() bool {
	return n.peek() == '"' || isCapital(n.text[n.at:wordEnd(n.text, n.at)])
}

// isToken reports whether a word is a token without quotes around it.
func isToken(word string) bool { return isCapital(word) && wordEnd(word, 0) == len(word) }

func isCapital(word string) bool {
	for i := range len(word) {
		if c := word[i]; c <= ' ' || c >= 0x7f || 'a' <= c && c <= 'z' {
			return false
		}
	}
	return word != ""
}

// atOperand reports whether what comes next can be the value of a token before it.
func (n *notation) atOperand() bool {
	switch n.peek() {
	case 0, '[', ']', '}', ')', '|', '"', ',':
		return false
	case '{', '(':
		return true
	}
	return !strings.HasPrefix(n.text[n.at:], "...") && !n.atToken()
}

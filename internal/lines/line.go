package lines

import (
	"math"
	"time"

	"easycli/internal/quote"
)

// Verb is what a line asks for.
type Verb byte

// The verbs. The zero Verb is a line with nothing in it.
const (
	Blank      Verb = iota
	Run             // send Words, Times times
	Leave           // quit, exit
	Help            // about Words
	Clear           // the screen
	Connect         // to the host and the port that Words are
	Preference      // Words were taken in; there is nothing to show
	Refuse          // Text says why the line means nothing
)

// The texts of redis-cli about lines that mean nothing.
const (
	BadQuoting = "Invalid argument(s)"
	BadRepeat  = "Invalid redis-cli repeat command option value."
	noDebugger = "Use 'restart' only in Lua debugging mode."
)

// ClearScreen is what redis-cli writes to clear a terminal, and into a pipe as well.
const ClearScreen = "\x1b[H\x1b[2J"

// Slow is how long a command must have taken for redis-cli to say how long.
const Slow = 500 * time.Millisecond

// Line is a line that has been read. Its words lie in the text of the line or in the parser.
type Line struct {
	Verb  Verb
	Words [][]byte
	Times int64
	Text  string
	// Err says where the quoting is wrong.
	Err error
}

// Parser reads lines of the line language: redis-cli's repl function, on what quote makes of a line.
type Parser struct {
	words quote.Splitter
}

// Parse reads a line, which has no line end any more. What it returns is valid until the next call.
func (p *Parser) Parse(text []byte) Line {
	words, err := p.words.Split(text)
	switch {
	case err != nil:
		return Line{Verb: Refuse, Text: BadQuoting, Err: err}
	case len(words) == 0:
		return Line{}
	}
	first := words[0]
	if len(first) == 0 || class[first[0]] == plain {
		if len(first) > 0 || len(words) == 1 {
			return Line{Verb: Run, Words: words, Times: 1}
		}
		return Line{Verb: Refuse, Text: BadRepeat} // strtol takes no digits for a zero
	}
	if class[first[0]] == number && len(words) > 1 {
		if n, whole := count(first); whole && n > 0 {
			return repeated(words[1:], n)
		} else if whole {
			return Line{Verb: Refuse, Text: BadRepeat}
		}
	}
	return builtin(words)
}

// repeated is a line with a count in front. Of the built-in words only help is looked for behind
// one, and it does not repeat.
func repeated(words [][]byte, times int64) Line {
	if IsHelp(words[0]) {
		return Line{Verb: Help, Words: words[1:]}
	}
	return Line{Verb: Run, Words: words, Times: times}
}

// builtin tells the words that are easycli's own from those of the server.
func builtin(words [][]byte) Line {
	first, rest := words[0], words[1:]
	switch {
	case is(first, "quit"), is(first, "exit"):
		return Line{Verb: Leave}
	case first[0] == ':':
		return preference(words)
	case is(first, "restart"):
		return Line{Verb: Refuse, Text: noDebugger}
	case len(words) == 3 && is(first, "connect"):
		return Line{Verb: Connect, Words: rest}
	case len(words) == 1 && is(first, "clear"):
		return Line{Verb: Clear}
	case IsHelp(first):
		return Line{Verb: Help, Words: rest}
	}
	return Line{Verb: Run, Words: words, Times: 1}
}

// preference reads a line that begins with a colon.
func preference(words [][]byte) Line {
	if !is(words[0], ":set") || len(words) < 2 {
		return Line{Verb: Refuse, Text: "unknown redis-cli internal command '" + string(words[0]) + "'"}
	}
	if is(words[1], "hints") || is(words[1], "nohints") {
		return Line{Verb: Preference, Words: words[1:]}
	}
	return Line{Verb: Refuse, Text: "unknown redis-cli preference '" + string(words[1]) + "'"}
}

// Texts is words as strings.
func Texts(words [][]byte) []string {
	all := make([]string, len(words))
	for i, word := range words {
		all[i] = string(word)
	}
	return all
}

// IsHelp reports whether a line or a command that begins with word asks for help.
func IsHelp(word []byte) bool { return is(word, "help") || is(word, "?") }

// IsBuiltin reports whether word may begin a line that is none for the server, but for those with a colon.
func IsBuiltin(word []byte) bool {
	for _, name := range [...]string{"quit", "exit", "restart", "connect", "clear"} {
		if is(word, name) {
			return true
		}
	}
	return IsHelp(word)
}

// is reports whether word is name, which is in lower case, in whatever case.
func is(word []byte, name string) bool {
	if len(word) != len(name) {
		return false
	}
	for i, c := range word {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != name[i] {
			return false
		}
	}
	return true
}

// count reads a repeat count the way C's strtol does: blanks, a sign, digits. Whole says that it is
// a number and nothing else; one that 64 bits cannot hold is 0, for it is refused as well.
func count(word []byte) (n int64, whole bool) {
	i := 0
	for i < len(word) && class[word[i]] == number && (word[i] == ' ' || word[i] < ' ') {
		i++
	}
	negative := false
	if i < len(word) && (word[i] == '-' || word[i] == '+') {
		negative = word[i] == '-'
		i++
	}
	if i == len(word) {
		return 0, false
	}
	overflow := false
	for ; i < len(word); i++ {
		digit := int64(word[i]) - '0'
		if digit < 0 || digit > 9 {
			return 0, false
		}
		if n > (math.MaxInt64-digit)/10 {
			overflow = true
			continue
		}
		n = n*10 + digit
	}
	if negative || overflow {
		return 0, true
	}
	return n, true
}

// The classes of a line's first byte: most lines are told from the built-in ones by it.
const (
	plain   = iota
	number  // may begin a count
	special // may begin a built-in word
)

var class = [256]uint8{
	' ': number, '\t': number, '\n': number, '\v': number, '\f': number, '\r': number,
	'+': number, '-': number, '0': number, '1': number, '2': number, '3': number, '4': number,
	'5': number, '6': number, '7': number, '8': number, '9': number,
	':': special, '?': special, 'q': special, 'Q': special, 'e': special, 'E': special,
	'r': special, 'R': special, 'c': special, 'C': special, 'h': special, 'H': special,
}

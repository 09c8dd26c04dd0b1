package quote

// The classes of bytes. redis-cli skips all of C's blanks between words and accepts any after a
// closing quote, but lets only four of them end a bare word: \v and \f go on in it.
const (
	isSpace  = 1 << iota // separates words
	endsBare             // ends a word outside quotes
	isQuote              // opens a quoted part
	isHex                // digit of \xHH
	isPlain              // shown as itself within double quotes
)

// class is filled as data, not at start-up: nothing runs before main for it.
var class = [256]uint8{
	' ': isSpace | endsBare | isPlain, '\t': isSpace | endsBare, '\n': isSpace | endsBare,
	'\r': isSpace | endsBare, '\v': isSpace, '\f': isSpace,
	'"': isQuote, '\'': isQuote | isPlain,
	'!': isPlain, '#': isPlain, '$': isPlain, '%': isPlain, '&': isPlain, '(': isPlain, ')': isPlain,
	'*': isPlain, '+': isPlain, ',': isPlain, '-': isPlain, '.': isPlain, '/': isPlain, ':': isPlain,
	';': isPlain, '<': isPlain, '=': isPlain, '>': isPlain, '?': isPlain, '@': isPlain, '[': isPlain,
	']': isPlain, '^': isPlain, '_': isPlain, '`': isPlain, '{': isPlain, '|': isPlain, '}': isPlain,
	'~': isPlain,
	'0': isPlain | isHex, '1': isPlain | isHex, '2': isPlain | isHex, '3': isPlain | isHex,
	'4': isPlain | isHex, '5': isPlain | isHex, '6': isPlain | isHex, '7': isPlain | isHex,
	'8': isPlain | isHex, '9': isPlain | isHex,
	'A': isPlain | isHex, 'B': isPlain | isHex, 'C': isPlain | isHex, 'D': isPlain | isHex,
	'E': isPlain | isHex, 'F': isPlain | isHex, 'G': isPlain, 'H': isPlain, 'I': isPlain, 'J': isPlain,
	'K': isPlain, 'L': isPlain, 'M': isPlain, 'N': isPlain, 'O': isPlain, 'P': isPlain, 'Q': isPlain,
	'R': isPlain, 'S': isPlain, 'T': isPlain, 'U': isPlain, 'V': isPlain, 'W': isPlain, 'X': isPlain,
	'Y': isPlain, 'Z': isPlain,
	'a': isPlain | isHex, 'b': isPlain | isHex, 'c': isPlain | isHex, 'd': isPlain | isHex,
	'e': isPlain | isHex, 'f': isPlain | isHex, 'g': isPlain, 'h': isPlain, 'i': isPlain, 'j': isPlain,
	'k': isPlain, 'l': isPlain, 'm': isPlain, 'n': isPlain, 'o': isPlain, 'p': isPlain, 'q': isPlain,
	'r': isPlain, 's': isPlain, 't': isPlain, 'u': isPlain, 'v': isPlain, 'w': isPlain, 'x': isPlain,
	'y': isPlain, 'z': isPlain,
}

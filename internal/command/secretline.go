package command

import (
	"bytes"
	"strings"

	"easycli/internal/quote"
)

// HoldsSecret reports whether an entry of a prompt has something in it that nobody should keep. It
// looks at what was typed and not at what would be sent: at each line of it, at each side of a pipe,
// behind a count or a pasted prompt, and at the words even where the quoting is wrong. A secret with
// a quote forgotten is one still.
func HoldsSecret(entry []byte) bool {
	lines := bytes.FieldsFunc(entry, func(r rune) bool { return r == '\n' || r == '\r' })
	for _, line := range lines {
		if lineHoldsSecret(line) {
			return true
		}
	}
	return len(lines) > 1 && lineHoldsSecret(entry)
}

// withoutQuotes takes the quotes for nothing, and for blanks. Both are built when they are first used, and
// once: a long history is looked through when a prompt begins.
var withoutQuotes = [...]*strings.Replacer{
	strings.NewReplacer(`"`, "", "'", ""),
	strings.NewReplacer(`"`, " ", "'", " "),
}

func lineHoldsSecret(line []byte) bool {
	if words, err := quote.Split(line, nil); err == nil && wordsHoldSecret(words) {
		return true
	}
	if !bytes.ContainsAny(line, `"'`) {
		return false
	}
	for _, without := range withoutQuotes {
		if wordsHoldSecret(bytes.Fields([]byte(without.Replace(string(line))))) {
			return true
		}
	}
	return false
}

// wordsHoldSecret looks at the commands between the pipes one by one.
func wordsHoldSecret(words [][]byte) bool {
	from := 0
	for at := 0; at <= len(words); at++ {
		if at < len(words) && string(words[at]) != "|" {
			continue
		}
		if argv := bareCommand(words[from:at]); len(argv) > 0 && Of(argv).Sensitive(argv) {
			return true
		}
		from = at + 1
	}
	return false
}

// bareCommand drops what may stand before a command: a prompt that was pasted with it, a count.
func bareCommand(words [][]byte) [][]byte {
	for len(words) > 1 && (isPrompt(words[0]) || isNumber(words[0])) {
		words = words[1:]
	}
	return words
}

func isPrompt(word []byte) bool { return len(word) > 1 && word[len(word)-1] == '>' }

func isNumber(word []byte) bool {
	digits := bytes.TrimLeft(word, "+-")
	return len(digits) > 0 && len(bytes.Trim(digits, "0123456789")) == 0
}

// isClient reports whether a word is how a client is called: what follows are its options.
func isClient(word []byte) bool {
	name := word[bytes.LastIndexByte(word, '/')+1:]
	return fold(name, "EASYCLI") || fold(name, "REDIS-CLI") || fold(name, "VALKEY-CLI")
}

// appendOptions appends the passwords among a client's options: -a secret, -asecret, --pass=secret.
func appendOptions(dst []int, argv [][]byte) []int {
	for at := 1; at < len(argv); at++ {
		switch word := string(argv[at]); {
		case word == "-a" || word == "--pass":
			if at++; at < len(argv) {
				dst = append(dst, at)
			}
		case strings.HasPrefix(word, "-a") || strings.HasPrefix(word, "--pass="):
			dst = append(dst, at)
		}
	}
	return dst
}

package manual

import (
	"strconv"
	"strings"
)

// appendSyntax appends arguments in the notation of commands.txt.
func appendSyntax(dst []byte, args []Argument) []byte {
	for i := range args {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = appendItem(dst, &args[i])
		if a := &args[i]; a.Kind == PureToken && !a.Optional && !a.Multiple && i+1 < len(args) && !args[i+1].Optional {
			dst = append(dst, ',') // or the next one would be taken for its value
		}
	}
	return dst
}

func appendItem(dst []byte, a *Argument) []byte {
	if !a.Optional {
		return appendBare(dst, a)
	}
	dst = append(dst, '[')
	if (a.Kind == OneOf || a.Kind == Block) && !a.HasToken && !a.Multiple && len(a.Arguments) > 1 {
		return append(appendGroup(dst, a), ']')
	}
	return append(appendBare(dst, a), ']')
}

// appendBare appends an item without the brackets of an optional one.
func appendBare(dst []byte, a *Argument) []byte {
	if a.HasToken {
		dst = appendToken(dst, a.Token)
		if a.Kind != PureToken {
			dst = append(dst, ' ')
		}
	}
	switch a.Kind {
	case PureToken:
	case Block:
		dst = append(appendGroup(append(dst, '{'), a), '}')
	case OneOf:
		dst = append(appendGroup(append(dst, '('), a), ')')
	default:
		dst = appendValue(dst, a)
	}
	if a.Multiple {
		dst = append(dst, " ..."...)
		if a.MultipleToken {
			dst = appendToken(dst, a.Token)
		}
	}
	return dst
}

// appendGroup appends what is in a group, without what is around it.
func appendGroup(dst []byte, a *Argument) []byte {
	if a.Kind == Block {
		return appendSyntax(dst, a.Arguments)
	}
	for i := range a.Arguments {
		if i > 0 {
			dst = append(dst, '|')
		}
		dst = appendItem(dst, &a.Arguments[i])
	}
	return dst
}

func appendToken(dst []byte, token string) []byte {
	if isToken(token) {
		return append(dst, token...)
	}
	return appendQuoted(dst, token)
}

func appendValue(dst []byte, a *Argument) []byte {
	name, kind := cutType(a.Name)
	odd := a.Name == "" || wordEnd(a.Name, 0) < len(a.Name)
	switch {
	case odd:
		dst = appendQuoted(append(dst, '='), a.Name)
	default:
		dst = append(dst, a.Name...)
	}
	if a.Kind != String || !odd && (isToken(a.Name) || name != a.Name || kind != String) {
		dst = append(dst, ':')
		dst = append(dst, typeNames[a.Kind]...)
	}
	return dst
}

// appendQuoted appends a string in quotes, without the bar that separates the fields of a line.
func appendQuoted(dst []byte, text string) []byte {
	return append(dst, strings.ReplaceAll(strconv.Quote(text), "|", `\x7c`)...)
}

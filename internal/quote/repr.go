package quote

const hexDigits = "0123456789abcdef"

// Append appends word as a string in double quotes, the way redis-cli shows one. [Split] reads it
// back as one word.
func Append[T string | []byte](dst []byte, word T) []byte {
	dst = append(dst, '"')
	dst = AppendEscaped(dst, word)
	return append(dst, '"')
}

// AppendEscaped appends text as it stands between the quotes: sdscatrepr's five letters, a
// backslash before the quote and the backslash, and \xhh for all that is not printable ASCII. Each
// byte is written for itself, so the pieces of a long text can be written one after the other.
func AppendEscaped[T string | []byte](dst []byte, text T) []byte {
	from := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if class[c]&isPlain != 0 {
			continue
		}
		dst = append(dst, text[from:i]...)
		dst = appendEscape(dst, c)
		from = i + 1
	}
	return append(dst, text[from:]...)
}

// appendEscape appends one byte that cannot stand for itself.
func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	case '\a':
		return append(dst, '\\', 'a')
	case '\b':
		return append(dst, '\\', 'b')
	}
	return append(dst, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
}

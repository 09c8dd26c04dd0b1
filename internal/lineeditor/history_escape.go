package lineeditor

import "strings"

// A history's file has one entry a line. An entry stands there as it is, so that files which know of
// no escapes, redis-cli's own among them, keep their meaning: the \n in SET k "a\nb" is two
// characters. An entry that cannot stand as it is (it has line breaks, or begins with a backslash) is
// escaped: its line begins with a backslash, and in the rest \n, \r and \\ are a line feed, a
// carriage return and a backslash.
var (
	escaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`)
	opener  = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\r`, "\r")
)

// escape is an entry as one line. For every entry, unescape(escape(entry)) is the entry.
func escape(entry string) string {
	if strings.ContainsAny(entry, "\r\n") || strings.HasPrefix(entry, `\`) {
		return `\` + escaper.Replace(entry)
	}
	return entry
}

// unescape is the entry in a line. What escape would not have written is taken as it stands.
func unescape(line string) string {
	if rest, escaped := strings.CutPrefix(line, `\`); escaped {
		if entry := opener.Replace(rest); escape(entry) == line {
			return entry
		}
	}
	return line
}

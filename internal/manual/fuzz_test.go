package manual

import (
	"strings"
	"testing"
)

// FuzzWords: whatever is typed, what is said of it makes sense.
func FuzzWords(f *testing.F) {
	for _, line := range []string{"set k v ex 5 ", "xadd s maxlen ~ 10 * f v", "zunion 2 a b weights 1", "help @s", "acl setuser u +@s",
		"ft.search i q sortby a limit 0 1 params 2 a b ", "bitfield k overflow wrap set u8 #0 1 get", "client kill id 5 type"} {
		f.Add(line)
	}
	book := Embedded()
	f.Fuzz(func(t *testing.T, line string) {
		words := strings.Fields(line)
		for i := range words {
			n := book.Next(words[:i], words[i])
			for _, c := range n.Candidates {
				if !hasPrefixFold(c.Text, words[i]) {
					t.Errorf("%q: %q does not begin with %q", line, c.Text, words[i])
				}
			}
			if ofKey := n.Wants.What == Field || n.Wants.What == Member || n.Wants.What == Group; n.Wants.Key != "" && !ofKey {
				t.Errorf("%q: %+v", line, n.Wants)
			}
			argv := asBytes(words[:i+1], 0)
			v := book.Judge(argv)
			if v.Wrong > i || v.Wrong > 0 && v.Wrong < v.Words || v.Known && v.Words > i+1 {
				t.Errorf("%q: %+v", line, v)
			}
			hint := book.Hint(words[:i+1], true)
			if hint != "" && v.Known && v.Count == TooMany {
				t.Errorf("%q has too many words, and the hint %q", line, hint)
			}
			if hint != safe(hint) {
				t.Errorf("%q: hint %q", line, hint)
			}
		}
	})
}

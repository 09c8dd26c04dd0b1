package manual

import (
	"strings"

	"easycli/internal/spelling"
)

// suggest looks for the name that is nearest to a word.
func (v *Verdict) suggest(prefix, word string, entries []Entry) {
	best := spelling.Limit
	word = strings.ToUpper(word)
	for i := range entries {
		name := entries[i].Name[len(prefix):]
		if strings.IndexByte(name, ' ') >= 0 {
			continue
		}
		v.Beginning = v.Beginning || strings.HasPrefix(name, word)
		if d := spelling.Slips(word, name, best); d < best && d < len(name) && d < len(word) {
			best, v.Near = d, prefix+name
		}
	}
}

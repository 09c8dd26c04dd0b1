package manual

import "strings"

// suggest looks for the name that is nearest to a word.
func (v *Verdict) suggest(prefix, word string, entries []Entry) {
	best := 3 // more slips than two are another word
	word = strings.ToUpper(word)
	for i := range entries {
		name := entries[i].Name[len(prefix):]
		if strings.IndexByte(name, ' ') >= 0 {
			continue
		}
		v.Beginning = v.Beginning || strings.HasPrefix(name, word)
		if d := slips(word, name, best); d < best && d < len(name) && d < len(word) {
			best, v.Near = d, prefix+name
		}
	}
}

// slips counts the letters to add, drop, change or swap with the next that lead from a to b, as long
// as it is less than a limit.
func slips(a, b string, limit int) int {
	const longest = 40
	if len(a) > longest || len(b) > longest || len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	var rows [3][longest + 1]int
	before, above, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(above[j-1]+change, above[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least >= limit {
			return limit
		}
		before, above, row = above, row, before
	}
	return above[len(b)]
}

// Package spelling finds what was probably meant by a word that nobody knows.
//
// It guarantees that a word with [Limit] slips is another word, and that of names equally near the first
// is the nearest. It refuses to know what the names are of, and in which case they are written.
package spelling

import "iter"

// Limit is how many slips make another word.
const Limit = 3

// Nearest is the name that is nearest to word, "" if none comes near.
func Nearest(word string, names iter.Seq[string]) string {
	near, best := "", Limit
	for name := range names {
		if n := Slips(word, name, best); n < best && n < len(name) {
			near, best = name, n
		}
	}
	return near
}

// Slips counts the letters to add, drop, change or swap with the next that lead from a to b, as long
// as it is less than a limit.
func Slips(a, b string, limit int) int {
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

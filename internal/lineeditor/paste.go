package lineeditor

import "strings"

// burst is from how many bytes on a text that came in one piece was hardly typed: it is one step to
// go back, as a paste is.
const burst = 8

var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// paste inserts a text as one edit. Its newlines begin rows, and nothing is run until Enter.
func (r *reading) paste(text string) {
	r.insert(strings.TrimSuffix(newlines.Replace(text), "\n"))
}

package manual

// HasToken reports whether a word is a token of one of the command's arguments, in whatever case.
func (e *Entry) HasToken(word string) bool { return hasToken(e.Arguments, word) }

func hasToken(args []Argument, word string) bool {
	for i := range args {
		a := &args[i]
		if a.HasToken && a.Token != "" && fold(word, a.Token) || hasToken(a.Arguments, word) {
			return true
		}
	}
	return false
}

package lines

import "easycli/internal/quote"

// Word is a word of a line that is being written, with its place in the line.
type Word struct {
	// From and To are the bytes of the line that it takes, quotes included.
	From, To int
	// Value is the word as it would be sent.
	Value []byte
	// Quote is the sign that a quoted part of it begins with, 0 if it has none; Open says that the part
	// has no end yet. Broken says that text stands right behind the end.
	Quote        byte
	Open, Broken bool
}

// Words are the words of a line, also of one that is not finished or that makes no sense: each goes to
// the next blank outside of quotes.
func Words(line string) []Word {
	var all []Word
	for i := 0; i < len(line); {
		if isBlank(line[i]) {
			i++
			continue
		}
		w := wordAt(line, i)
		all = append(all, w)
		i = w.To
	}
	return all
}

// wordAt is the word that begins at from.
func wordAt(line string, from int) Word {
	w := Word{From: from}
	i := from
	for ; i < len(line) && (w.Open || !isBlank(line[i])); i++ {
		switch c := line[i]; {
		case w.Open && c == '\\' && i+1 < len(line) && (w.Quote == '"' || line[i+1] == '\''):
			i++
		case w.Open && c == w.Quote:
			w.Open = false
			w.Broken = i+1 < len(line) && !isBlank(line[i+1])
		case !w.Open && (c == '"' || c == '\'') && !w.Broken:
			w.Open, w.Quote = true, c
		}
	}
	w.To = min(i, len(line))
	raw := []byte(line[from:w.To])
	if w.Open {
		raw = append(raw, w.Quote)
	}
	value, ok := quote.Unquote(raw)
	if !ok { // broken, or a backslash has taken the quote that was added
		value = []byte(line[from:w.To])
	}
	w.Value = value
	return w
}

// Values are the words as they would be sent.
func Values(words []Word) [][]byte {
	all := make([][]byte, len(words))
	for i, w := range words {
		all[i] = w.Value
	}
	return all
}

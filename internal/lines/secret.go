package lines

import (
	"easycli/internal/command"
	"easycli/internal/quote"
	"strings"
)

// HasSecret reports whether a line holds something nobody should keep. It looks at the words even
// where the quoting is wrong: a secret with a quote forgotten is one still.
func HasSecret(text []byte) bool {
	words, err := quote.Split(text, nil)
	if err != nil {
		bare := strings.NewReplacer(`"`, "", "'", "").Replace(string(text))
		words = nil
		for _, word := range strings.Fields(bare) {
			words = append(words, []byte(word))
		}
	}
	if len(words) > 1 && len(words[0]) > 0 {
		if _, whole := count(words[0]); whole {
			words = words[1:]
		}
	}
	return len(words) > 0 && command.Of(words).Sensitive(words)
}

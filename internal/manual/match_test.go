package manual

import (
	"fmt"
	"strings"
	"testing"
)

// hostileArguments are arguments that may come again within others that may, as no server has them that means well.
func hostileArguments(depth int) []Argument {
	if depth == 0 {
		return []Argument{{Kind: Integer, Name: "n", Multiple: true}, {Kind: Integer, Name: "n", Multiple: true, Optional: true}}
	}
	inner := hostileArguments(depth - 1)
	return []Argument{
		{Kind: OneOf, Multiple: true, Arguments: inner}, {Kind: Block, Multiple: true, Optional: true, Arguments: inner},
		{Kind: Block, Multiple: true, Optional: true, Arguments: inner}, {Kind: OneOf, Multiple: true, Arguments: inner},
	}
}

// TestMatchingIsBounded has the steps counted: without a bound the first of these takes longer than anybody waits.
func TestMatchingIsBounded(t *testing.T) {
	words := strings.Fields(strings.Repeat("1 ", 2000))
	hostile := matcher{words: words}
	if hostile.match(hostileArguments(maxDepth-1)) || !hostile.lost() {
		t.Errorf("%d steps", hostile.steps)
	}
	for _, name := range []string{"ZADD", "SET", "BITFIELD", "XREAD", "ZUNIONSTORE", "GEORADIUS", "SORT"} {
		m := matcher{words: words}
		if m.match(Embedded().entry(name).Arguments); m.steps > maxSteps/50 {
			t.Errorf("%s takes %d steps", name, m.steps)
		}
	}
}

func TestCandidatesAreBounded(t *testing.T) {
	var tokens []Argument
	for i := range 2 * maxCandidates {
		tokens = append(tokens, Argument{Kind: PureToken, Token: fmt.Sprint("T", i), HasToken: true})
	}
	b := newBook([]Entry{{Name: "A", Arguments: []Argument{{Kind: OneOf, Arguments: tokens}}}})
	if got := len(b.Next([]string{"A"}, "").Candidates); got != maxCandidates {
		t.Errorf("%d candidates", got)
	}
}

package repl

import (
	"testing"

	"easycli/internal/cluster"
	"easycli/internal/lines"
)

// A command that was sent to where its slot is going may not follow a later one on its key, which was
// carried out where it was: somebody has taken the migration back. A later one on another key of the
// slot is none of its business, for some keys are still there.
func TestWhatAskedIsOvertakenByItsKeyAlone(t *testing.T) {
	for later, want := range map[string]bool{
		"RPUSH {t}1 2": true, "RPUSH {t}2 2": false, "MSET {t}3 x {t}1 y": true, "PING": false,
	} {
		var parser lines.Parser
		n := &lane{}
		command := func(text string, refusal *rejection, held []byte) slot {
			words := parser.Parse([]byte(text)).Words
			s := slot{routed: &routed{key: 1, lane: n, refusal: refusal, held: held}}
			for _, word := range words {
				s.words = append(s.words, append([]byte(nil), word...))
			}
			return s
		}
		r := &replies{slots: []slot{
			command("RPUSH {t}1 1", &rejection{kind: cluster.Ask}, nil),
			command("RPUSH {t}1 9", &rejection{kind: cluster.Ask}, nil),
			command(later, nil, []byte("held")),
		}}
		if got := (&mender{out: r}).overtaken(&r.slots[0]); got != want {
			t.Errorf("%s: overtaken is %v", later, got)
		}
	}
}

package lineeditor

import (
	"context"
	"strings"
	"time"
)

// Completion is what could stand in the place of the bytes From to To of a line.
type Completion struct {
	From, To   int
	Candidates []Candidate
}

// Candidate is one of them. Text is inserted as it is, and a blank behind it unless there is More to
// come in the same word.
type Candidate struct {
	Text, Description string
	More              bool
}

const (
	// completionTime is how long candidates are waited for.
	completionTime = 250 * time.Millisecond
	// completionGrace is how much longer, for what ends with its context; and how long keys that were
	// typed already, behind Tab, wait for them.
	completionGrace = 30 * time.Millisecond
)

// asked is a completion that is waited for.
type asked struct {
	cancel context.CancelFunc
	answer chan answered
	until  time.Time
}

type answered struct {
	Completion
	panic any
}

func (a *asked) done() <-chan answered {
	if a == nil {
		return nil
	}
	return a.answer
}

// complete asks for candidates. The goroutine ends with the answer, whether or not anybody wants it.
func (r *reading) complete() {
	assistant := r.e.cfg.Assistant
	if r.kind != line || assistant == nil {
		return
	}
	ctx, cancel := context.WithTimeout(r.ctx, completionTime)
	a := &asked{cancel: cancel, answer: make(chan answered, 1), until: time.Now().Add(completionTime + completionGrace)}
	r.asked = a
	text, at := r.text, r.at
	go func() {
		var got answered
		defer func() {
			got.panic = recover()
			a.answer <- got
		}()
		got.Completion = assistant.Complete(ctx, text, at)
	}()
}

// dropCompletion gives up waiting: a key came first.
func (r *reading) dropCompletion() {
	if r.asked != nil {
		r.asked.cancel()
		r.asked = nil
	}
}

// settleCompletion gives candidates a moment before keys that were typed ahead are taken.
func (r *reading) settleCompletion() {
	if r.asked == nil {
		return
	}
	timer := time.NewTimer(completionGrace)
	defer timer.Stop()
	select {
	case a := <-r.asked.answer:
		r.completed(a)
	case <-timer.C:
		r.dropCompletion()
	}
}

// completed inserts the only candidate, or what all have in common, or else offers them.
func (r *reading) completed(a answered) {
	late := time.Now().After(r.asked.until)
	r.dropCompletion()
	if a.panic != nil {
		panic(a.panic)
	}
	c := a.Completion
	if late || len(c.Candidates) == 0 || c.From < 0 || c.From > c.To || c.To > len(r.text) {
		return
	}
	was := r.buffer
	word := r.text[c.From:c.To]
	switch common := commonPrefix(c.Candidates); {
	case len(c.Candidates) == 1:
		r.choose(c.Candidates[0], c.From, c.To)
	case common != word && hasPrefixFold(common, word):
		r.replace(c.From, c.To, common)
	default:
		r.openMenu(c)
	}
	r.changed(was, key{name: "Tab"})
}

// choose inserts a candidate, and the blank behind it.
func (r *reading) choose(c Candidate, from, to int) {
	r.replace(from, to, c.Text)
	switch {
	case c.More:
	case !r.atEnd() && isBlank(r.text[r.at]):
		r.at++
	default:
		r.insert(" ")
	}
}

// commonPrefix is what all candidates begin with.
func commonPrefix(all []Candidate) string {
	prefix := all[0].Text
	for _, c := range all[1:] {
		n := 0
		for n < len(prefix) && n < len(c.Text) && prefix[n] == c.Text[n] {
			n++
		}
		prefix = prefix[:n]
	}
	if n := len(prefix); n > 0 && n < len(all[0].Text) { // not half a character
		if from := before(all[0].Text, n); from+glyphAt(all[0].Text, from).size > n {
			return prefix[:from]
		}
	}
	return prefix
}

func hasPrefixFold(text, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}

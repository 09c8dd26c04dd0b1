package render

import (
	"errors"

	"easycli/internal/resp"
)

// The limits of looking ahead, enough for any reply of the greatest depth made of short keys.
const (
	aheadTokens = 3 * resp.DefaultMaxDepth
	aheadText   = 64 << 10
)

// errTooFar says that the answer lies beyond the limits.
var errTooFar = errors.New("too far ahead")

// ahead holds the tokens that were read before it was their turn.
type ahead struct {
	tokens []aheadToken
	at     int    // tokens[:at] have been handed out
	text   []byte // the texts of all of them
	// lines is what is known about the token handed out last.
	lines lines
}

type aheadToken struct {
	resp.Token
	from, to int // its Text is text[from:to]
	lines    lines
}

// lines says whether a value spans several lines.
type lines byte

const (
	unknown lines = iota
	asked         // by the look ahead under way
	one
	several
)

func (a *ahead) reset() {
	a.tokens, a.text, a.at, a.lines = a.tokens[:0], a.text[:0], 0, unknown
}

// unread takes back the token that was read last.
func (a *ahead) unread(t resp.Token) {
	if a.at > 0 {
		a.at--
		return
	}
	a.push(t)
}

func (a *ahead) push(t resp.Token) {
	from := len(a.text)
	a.text = append(a.text, t.Text...)
	t.Text = nil
	a.tokens = append(a.tokens, aheadToken{Token: t, from: from, to: len(a.text)})
}

// next yields the reply's next token; attributes are passed over.
func (p *Printer) next() (resp.Token, error) {
	a := &p.ahead
	if a.at < len(a.tokens) {
		t := &a.tokens[a.at]
		a.at++
		a.lines = t.lines
		t.Text = a.text[t.from:t.to]
		return t.Token, nil
	}
	if len(a.tokens) > 0 {
		a.reset()
	}
	return p.pull()
}

// pull takes a token from the source.
func (p *Printer) pull() (resp.Token, error) {
	t, err := p.src.Next()
	if err != nil || t.Kind != resp.Attribute {
		return t, err
	}
	for depth := 1; ; {
		t, err = p.src.Next()
		switch {
		case err != nil:
			return t, err
		case t.Kind == resp.Attribute || depth > 0 && t.Kind.IsAggregate():
			depth++
		case depth == 0:
			return t, nil
		case t.Kind == resp.End:
			depth--
		}
	}
}

// peek is the token at a place among those read ahead, or right behind them.
func (p *Printer) peek(i int) (resp.Token, error) {
	a := &p.ahead
	if i < len(a.tokens) {
		return a.tokens[i].Token, nil
	}
	if len(a.tokens)-a.at >= aheadTokens || len(a.text) >= aheadText {
		return resp.Token{}, errTooFar
	}
	t, err := p.pull()
	if err != nil {
		return t, err
	}
	a.push(t)
	t.Text = nil
	return t, nil
}

// spansLines reports whether the value that begins with t, the token handed out last, is printed on
// several lines by the human format. It is if it has several elements, or one that is. redis-cli
// looks at the value only in a map of one pair (cliIsMultilineValueTTY), so this does too.
//
// The answer is the same for every value that was looked through to find it, so it is noted there:
// a chain of a thousand values is looked through once. Beyond the limits the answer is yes.
func (p *Printer) spansLines(t resp.Token) (bool, error) {
	a := &p.ahead
	if a.lines == one || a.lines == several {
		return a.lines == several, nil
	}
	if a.at == len(a.tokens) {
		a.reset()
	}
	start := a.at
	answer, err := p.lookThrough(t, start)
	if err == errTooFar {
		answer, err = several, nil
	}
	if err != nil {
		return false, err
	}
	for i := start; i < len(a.tokens); i++ {
		if a.tokens[i].lines == asked {
			a.tokens[i].lines = answer
		}
	}
	return answer == several, nil
}

// lookThrough follows the only element of the only element, from the value that begins with t and
// goes on at the place i.
func (p *Printer) lookThrough(t resp.Token, i int) (lines, error) {
	for {
		if !t.Kind.IsAggregate() || t.Int == 0 {
			return one, nil
		}
		if t.Int > 1 {
			return several, nil
		}
		if t.Int < 0 {
			if answer, err := p.countStreamed(t.Kind, i); answer != unknown || err != nil {
				return answer, err
			}
		}
		var err error
		if t.Kind == resp.Map {
			if i, err = p.behind(i); err != nil {
				return unknown, err
			}
		}
		next, err := p.peek(i)
		if err != nil {
			return unknown, err
		}
		p.ahead.tokens[i].lines = asked
		t = next
		i++
	}
}

// countStreamed answers for a streamed aggregate whose elements begin at the place i, unless it has
// only one.
func (p *Printer) countStreamed(kind resp.Kind, i int) (lines, error) {
	t, err := p.peek(i)
	if err != nil || t.Kind == resp.End {
		return one, err
	}
	for range 2 {
		if i, err = p.behind(i); err != nil {
			return unknown, err
		}
		if kind != resp.Map {
			break
		}
	}
	if t, err = p.peek(i); err == nil && t.Kind != resp.End {
		return several, nil
	}
	return unknown, err
}

// behind is the place behind the value at the place i.
func (p *Printer) behind(i int) (int, error) {
	for depth := 0; ; {
		t, err := p.peek(i)
		if err != nil {
			return i, err
		}
		i++
		switch {
		case t.Kind == resp.End:
			depth--
		case t.Kind.IsAggregate():
			depth++
		}
		if depth == 0 && !t.More {
			return i, nil
		}
	}
}

package bulk

import "easycli/internal/resp"

// tokens reads the tokens of one reply and shows each to who keeps the accounts, with its depth: 0
// for the reply itself, and never those of attributes.
type tokens struct {
	src   *resp.Reader
	see   observer
	depth int
	attr  int  // depth of the attribute at hand, from 1; 0 for none
	more  bool // the next token goes on with the text of the last
}

// observer is shown the tokens of a reply: the first of each value, and of what is no value none.
type observer interface {
	seeToken(tok resp.Token, depth int)
}

// Next is the next token of the reply.
func (t *tokens) Next() (resp.Token, error) {
	tok, err := t.src.Next()
	if err != nil {
		return tok, err
	}
	begins := !t.more
	t.more = tok.More
	switch {
	case tok.Kind == resp.End:
		if t.depth == t.attr {
			t.attr = 0
		}
		t.depth--
		return tok, nil
	case begins && t.attr == 0 && tok.Kind != resp.Attribute:
		t.see.seeToken(tok, t.depth)
	}
	if tok.Kind.IsAggregate() {
		t.depth++
		if tok.Kind == resp.Attribute && t.attr == 0 {
			t.attr = t.depth
		}
	}
	return tok, nil
}

// pass reads on to the end of the reply.
func (t *tokens) pass() error {
	for {
		if _, err := t.Next(); err != nil {
			return err
		}
		if t.src.Depth() == 0 {
			return nil
		}
	}
}

// execution is the reply of a transaction: an error in it is that of one of its commands.
type execution struct {
	block *block
	kind  resp.Kind
	index int64
	redo  bool // the transaction is to be sent again
}

func (x *execution) seeToken(tok resp.Token, depth int) {
	b := x.block
	switch {
	case depth == 0 && tok.Kind == resp.Error:
		x.kind = tok.Kind
		if x.redo = !tok.More && b.refusesTransaction(tok.Text); !x.redo {
			b.trans.end(b)
			b.failed(b.next, tok.Text)
		}
	case depth == 0:
		x.kind = tok.Kind
	case depth == 1:
		if x.index++; tok.Kind == resp.Error {
			b.queuedFailed(x.index, tok.Text)
		}
	}
}

// consumeExec counts the reply of a transaction.
func (b *block) consumeExec(src *resp.Reader) error {
	x := &b.exec
	*x = execution{block: b}
	var err error
	if b.lane.scribe != nil {
		_, err = b.lane.scribe.take(b, src, x)
	} else {
		err = (&tokens{src: src, see: x}).pass()
	}
	switch {
	case err != nil:
		return err
	case x.redo:
		b.trans.redo(b)
		return nil
	case x.kind == resp.Null:
		b.failed(b.next, abortedText)
	}
	if b.lane.suspected.Load() > 0 && b.trans.begin > 0 {
		b.lane.overtake(b, b.trans.begin-1, b.next+1)
	}
	b.trans.end(b)
	b.lane.ledger.exec(x.kind)
	return nil
}

// seeToken takes note of the error that a command is answered with.
func (b *block) seeToken(tok resp.Token, depth int) {
	if tok.Kind == resp.Error {
		b.fails(depth, tok.Text)
	}
}

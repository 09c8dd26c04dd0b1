package keyspace

import (
	"errors"

	"easycli/internal/resp"
)

// How much goes into one command: so many words, or so many bytes, behind the key. A server works
// through that in no time, and whoever reads the commands needs no memory for them.
const (
	commandWords = 128
	commandBytes = 64 << 10
)

// holdMember is the longest member of a sorted set that is held back until its score is known.
const holdMember = 1 << 20

// errHugeMember is a sorted set that cannot be written as commands in a bounded memory, because
// the score of a member stands behind it in a reply, and before it in a command.
var errHugeMember = errors.New("a member is too long")

// commands writes keys as the commands that make them. Each key begins with a DEL, so that one that
// SCAN names twice, or that is loaded over another, is the same in the end; SET needs none.
type commands struct {
	lane *lane
	encoder
	dumps bool // every key is a RESTORE, which replaces what is there
	key   item

	body   []byte // words of the command at hand, behind the key
	n      int    // how many
	mark   int    // where the pair that is not complete begins in body
	half   bool   // there is one
	direct bool   // its first word was too large to be held, and the command has been begun
	member []byte // of a sorted set, waiting for its score
}

// begin is called when the key is known to exist.
func (w *commands) begin(k item) {
	w.key, w.body, w.n, w.mark, w.half, w.direct = k, w.body[:0], 0, 0, false, false
	w.lane.name = k.name
	if !w.dumps && k.kind != kindString && k.kind != kindOther {
		w.command("DEL")
	}
}

// command appends a whole command on the key at hand.
func (w *commands) command(verb string, words ...string) {
	dst := w.open(w.lane.buf, 2+len(words), verb)
	dst = w.appendWord(dst, w.key.name)
	for _, word := range words {
		dst = w.appendString(dst, word)
	}
	w.lane.buf = w.close(dst)
}

// word takes the next word of the value: the whole of a string, an element, a field or its value, a
// member or its score.
func (w *commands) word(src *resp.Reader, t resp.Token) error {
	switch {
	case w.key.kind == kindString:
		return w.text(src, t)
	case w.key.kind == kindZSet:
		return w.scored(src, t)
	case w.direct || t.More || len(t.Text) >= commandBytes:
		return w.large(src, t)
	}
	w.body = w.appendWord(w.body, t.Text)
	w.n++
	return w.complete()
}

// complete notes the end of a word, and sends the command if it is large enough.
func (w *commands) complete() error {
	if w.key.kind == kindHash {
		w.half = !w.half
	}
	if w.half {
		return nil
	}
	if w.n >= commandWords || len(w.body) >= commandBytes {
		w.flush(w.n, len(w.body))
	}
	w.mark = len(w.body)
	return w.lane.room()
}

// flush writes a command with that many of the words at hand.
func (w *commands) flush(words, size int) {
	if words > 0 {
		dst := w.open(w.lane.buf, 2+words, verbs[w.key.kind])
		dst = w.appendWord(dst, w.key.name)
		dst = append(dst, w.body[:size]...)
		w.lane.buf = w.close(dst)
	}
	w.body = append(w.body[:0], w.body[size:]...)
	w.n -= words
	w.mark = 0
}

// large writes a word that is too large to be held: in a command of its own, with the other half of
// its pair.
func (w *commands) large(src *resp.Reader, t resp.Token) error {
	if !w.direct {
		if w.half {
			w.flush(w.n-1, w.mark)
		} else {
			w.flush(w.n, len(w.body))
		}
		words := 3
		if w.key.kind == kindHash {
			words = 4
		}
		dst := w.open(w.lane.buf, words, verbs[w.key.kind])
		dst = w.appendWord(dst, w.key.name)
		w.lane.buf = append(dst, w.body...) // the first half
		w.body, w.n = w.body[:0], 0
	}
	if err := w.pass(src, t); err != nil {
		return err
	}
	if w.key.kind == kindHash {
		w.half = !w.half
	}
	if w.direct = w.half; !w.direct {
		w.lane.buf = w.close(w.lane.buf)
	}
	return w.lane.room()
}

// pass writes a word as it comes.
func (w *commands) pass(src *resp.Reader, t resp.Token) error {
	if !t.More {
		w.lane.buf = w.appendWord(w.lane.buf, t.Text)
		return w.lane.room()
	}
	w.lane.buf = w.encoder.begin(w.lane.buf, t.Int)
	for {
		w.lane.buf = w.part(w.lane.buf, t.Text)
		if err := w.lane.room(); err != nil {
			return err
		}
		if !t.More {
			w.lane.buf = w.encoder.end(w.lane.buf)
			return nil
		}
		var err error
		if t, err = src.Next(); err != nil {
			return err
		}
	}
}

// text writes a string. A long one is several lines of text, because lines are read as a whole.
func (w *commands) text(src *resp.Reader, t resp.Token) error {
	if !w.encoder.text || !t.More {
		dst := w.open(w.lane.buf, 3, "SET")
		w.lane.buf = w.appendWord(dst, w.key.name)
		if err := w.pass(src, t); err != nil {
			return err
		}
		w.lane.buf = w.close(w.lane.buf)
		return w.lane.room()
	}
	for verb := "SET"; ; verb = "APPEND" {
		dst := w.open(w.lane.buf, 3, verb)
		dst = w.appendWord(dst, w.key.name)
		dst = w.appendWord(dst, t.Text)
		w.lane.buf = w.close(dst)
		if err := w.lane.room(); err != nil || !t.More {
			return err
		}
		var err error
		if t, err = src.Next(); err != nil {
			return err
		}
	}
}

// scored takes a member, and then its score, which goes first in a command.
func (w *commands) scored(src *resp.Reader, t resp.Token) (err error) {
	if w.half = !w.half; w.half {
		if t.Int > holdMember {
			return errHugeMember
		}
		w.member, err = appendText(w.member[:0], src, t)
		return err
	}
	w.body = w.appendWord(w.body, t.Text)
	w.body = w.appendWord(w.body, w.member)
	w.n += 2
	return w.complete()
}

// dump writes a key as the server keeps it, for a type that no command makes, and for --as restore.
func (w *commands) dump(src *resp.Reader, t resp.Token) error {
	w.body, w.n = w.body[:0], 0 // it replaces what there is of a huge sorted set
	words := 5
	if w.key.expires > 0 {
		words = 6
	}
	dst := w.open(w.lane.buf, words, "RESTORE")
	dst = w.appendWord(dst, w.key.name)
	w.lane.buf = w.appendInt(dst, w.key.expires)
	if err := w.pass(src, t); err != nil {
		return err
	}
	dst = w.appendString(w.lane.buf, "REPLACE")
	if w.key.expires > 0 {
		dst = w.appendString(dst, "ABSTTL")
	}
	w.lane.buf = w.close(dst)
	w.key.expires = 0 // is said
	return nil
}

// finish ends the key.
func (w *commands) finish() error {
	w.flush(w.n, len(w.body))
	if w.key.expires > 0 {
		dst := w.open(w.lane.buf, 3, "PEXPIREAT")
		dst = w.appendWord(dst, w.key.name)
		w.lane.buf = w.close(w.appendInt(dst, w.key.expires))
	}
	return w.lane.endKey()
}

// vanished ends a key that is gone. If its beginning is out, it is deleted again.
func (w *commands) vanished() error {
	w.body, w.n = w.body[:0], 0
	if w.lane.drop() {
		return nil
	}
	w.command("DEL")
	return w.lane.endKey()
}

package keyspace

import (
	"bytes"
	"strconv"

	"easycli/internal/resp"
)

// outcome is what came of reading a key.
type outcome byte

const (
	whole   outcome = iota // it has been written
	large                  // it is more than one reply should hold, or needs several questions
	gone                   // there is no such key any more
	changed                // it is of another type than it was
	refused                // the server answered with an error
)

// What is read of a key in one reply, before it counts as large.
const (
	smallText  = 16 << 10
	smallCount = 128
)

// appendRead appends the request for a key of that kind that hands out a small one as a whole.
func appendRead(dst, key []byte, k kind) []byte {
	const count = "128"
	switch k {
	case kindString:
		return resp.AppendCommand(dst, []byte("GETRANGE"), key, []byte("0"), strconv.AppendInt(nil, smallText, 10))
	case kindList:
		return resp.AppendCommand(dst, []byte("LRANGE"), key, []byte("0"), []byte(count))
	case kindSet:
		return resp.AppendCommand(dst, []byte("SSCAN"), key, []byte("0"), []byte("COUNT"), []byte(count))
	case kindHash:
		return resp.AppendCommand(dst, []byte("HSCAN"), key, []byte("0"), []byte("COUNT"), []byte(count))
	case kindZSet:
		return resp.AppendCommand(dst, []byte("ZSCAN"), key, []byte("0"), []byte("COUNT"), []byte(count))
	}
	return resp.AppendCommand(dst, []byte("DUMP"), key)
}

// small takes the reply to such a request. Nothing is written but for a whole key.
func small(src *resp.Reader, w notation, k item) (outcome, []byte, error) {
	t, err := src.Next()
	if err != nil {
		return refused, nil, err
	}
	if t.Kind == resp.Error {
		return answered(src, t)
	}
	switch k.kind {
	case kindString:
		if t.Kind != resp.BulkString {
			return refused, nil, errShape
		}
		if t.Int == 0 || t.Int > smallText { // an empty one may be no string at all
			return large, nil, skipRest(src, t)
		}
		w.begin(k)
		if err := w.word(src, t); err != nil {
			return refused, nil, err
		}
		return whole, nil, w.finish()
	case kindOther:
		if t.Kind == resp.Null {
			return gone, nil, nil
		}
		w.begin(k)
		if err := w.dump(src, t); err != nil {
			return refused, nil, err
		}
		return whole, nil, w.finish()
	}
	return smallMany(src, w, k, t)
}

// smallMany does it for what has elements; t is the first token.
func smallMany(src *resp.Reader, w notation, k item, t resp.Token) (outcome, []byte, error) {
	if k.kind != kindList {
		cursor, elements, err := scanCursor(src, t)
		if err != nil {
			return refused, nil, err
		}
		if cursor != "0" {
			return large, nil, skipRest(src, elements)
		}
		t = elements
	}
	switch {
	case t.Kind != resp.Array:
		return refused, nil, errShape
	case t.Int == 0:
		return gone, nil, skipRest(src, t)
	case k.kind == kindList && t.Int > smallCount:
		return large, nil, skipRest(src, t)
	}
	w.begin(k)
	if _, err := words(src, w); err != nil {
		return refused, nil, err
	}
	if err := skipRest(src, t); err != nil {
		return refused, nil, err
	}
	return whole, nil, w.finish()
}

// scanCursor reads the beginning of a reply to HSCAN and its like: the next cursor, and the first
// token of the elements.
func scanCursor(src *resp.Reader, t resp.Token) (cursor string, elements resp.Token, err error) {
	if t.Kind != resp.Array || t.Int != 2 {
		return "", t, errShape
	}
	if t, err = src.Next(); err != nil {
		return "", t, err
	}
	cursor = string(t.Text)
	if elements, err = src.Next(); err == nil && elements.Kind != resp.Array {
		err = errShape
	}
	return cursor, elements, err
}

// words writes the elements of an aggregate, whose first token has been read, to its end.
func words(src *resp.Reader, w notation) (n int64, err error) {
	for {
		t, err := src.Next()
		if err != nil {
			return n, err
		}
		switch {
		case t.Kind == resp.End:
			return n, nil
		case t.Kind.IsAggregate():
			return n, errShape
		}
		if err := w.word(src, t); err != nil {
			return n, err
		}
		n++
	}
}

// skipRest passes over what is left of the reply that t belongs to.
func skipRest(src *resp.Reader, t resp.Token) error {
	for t.More || src.Depth() > 0 {
		var err error
		if t, err = src.Next(); err != nil {
			return err
		}
	}
	return nil
}

// answered reads an error reply, and says what it means to a key.
func answered(src *resp.Reader, t resp.Token) (outcome, []byte, error) {
	text, err := appendText(nil, src, t)
	return meaning(text), text, err
}

// meaning tells the errors of a key that is not what it was from others.
func meaning(reply []byte) outcome {
	for _, prefix := range []string{"WRONGTYPE ", "NOGROUP ", "ERR no such key"} {
		if bytes.HasPrefix(reply, []byte(prefix)) {
			return changed
		}
	}
	return refused
}

// ending is when a key ends, as PEXPIRETIME or PTTL tells.
type ending struct {
	at      int64 // in milliseconds since 1970; 0 is never
	gone    bool  // there is no such key
	refused []byte
}

// endingOf takes that reply. now is what PTTL counts from, 0 for PEXPIRETIME.
func endingOf(src *resp.Reader, now int64) (e ending, err error) {
	t, err := src.Next()
	if err != nil {
		return e, err
	}
	switch {
	case t.Kind == resp.Error:
		e.refused, err = appendText(nil, src, t)
		return e, err
	case t.Kind != resp.Integer:
		return e, errShape
	case t.Int == -2:
		e.gone = true
	case t.Int >= 0:
		e.at = max(1, now+t.Int)
	}
	return e, nil
}

// clock takes the reply to TIME: milliseconds since 1970.
func clock(src *resp.Reader) (int64, error) {
	v, err := src.ReadValue()
	if err != nil {
		return 0, err
	}
	if len(v.Elems) != 2 {
		return 0, errShape
	}
	seconds, _ := strconv.ParseInt(v.Elems[0].Text, 10, 64)
	micros, _ := strconv.ParseInt(v.Elems[1].Text, 10, 64)
	return seconds*1000 + micros/1000, nil
}

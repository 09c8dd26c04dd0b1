package keyspace

import (
	"encoding/base64"
	"strconv"
	"time"

	"easycli/internal/quote"
	"easycli/internal/resp"
)

// documents writes each key as a line of JSON, for people and for programs that want to look into
// them: {"key":…,"type":…,"expires":…,"value":…}. A value is a string, an array of elements, an
// object of fields, an array of {"member","score"}, or for a stream an object with its entries and
// groups. Bytes that are no UTF-8 are written as the characters of their numbers.
type documents struct {
	lane  *lane
	text  quote.Terminal
	key   item
	n     int // words so far
	begun bool
	// endings are the brackets that are open, innermost last.
	endings []byte
	members int
}

func (w *documents) begin(k item) {
	w.key, w.n, w.endings = k, 0, w.endings[:0]
	w.lane.name = k.name
	w.raw(`{"key":`)
	w.string(k.name)
	w.raw(`,"type":`)
	w.string([]byte(k.typeName()))
	w.raw(`,"expires":`)
	if k.expires > 0 {
		w.raw(`"` + time.UnixMilli(k.expires).UTC().Format("2006-01-02T15:04:05.000Z") + `"`)
	} else {
		w.raw("null")
	}
	w.endings = append(w.endings, '}')
	switch k.kind {
	case kindString:
		w.raw(`,"value":`)
	case kindHash:
		w.raw(`,"value":`)
		w.openBracket('{')
	case kindList, kindSet, kindZSet:
		w.raw(`,"value":`)
		w.openBracket('[')
	case kindStream:
		w.raw(`,"value":`)
		w.openBracket('{')
		w.raw(`"entries":`)
		w.openBracket('[')
	}
}

func (w *documents) raw(text string) { w.lane.buf = append(w.lane.buf, text...) }

func (w *documents) openBracket(bracket byte) {
	w.lane.buf = append(w.lane.buf, bracket)
	w.endings = append(w.endings, bracket+2) // in ASCII, ] and } stand two behind their other halves
}

func (w *documents) closeBracket() {
	last := len(w.endings) - 1
	w.lane.buf = append(w.lane.buf, w.endings[last])
	w.endings = w.endings[:last]
}

func (w *documents) string(text []byte) {
	buf := append(w.lane.buf, '"')
	buf = w.text.Append(buf, text)
	w.lane.buf = append(w.text.Finish(buf), '"')
}

// pass writes a string as it comes.
func (w *documents) pass(src *resp.Reader, t resp.Token) error {
	w.raw(`"`)
	for {
		w.lane.buf = w.text.Append(w.lane.buf, t.Text)
		if err := w.lane.room(); err != nil {
			return err
		}
		if !t.More {
			break
		}
		var err error
		if t, err = src.Next(); err != nil {
			return err
		}
	}
	w.lane.buf = append(w.text.Finish(w.lane.buf), '"')
	return nil
}

func (w *documents) word(src *resp.Reader, t resp.Token) error {
	second := w.n%2 == 1
	switch w.key.kind {
	case kindHash:
		switch {
		case second:
			w.raw(":")
		case w.n > 0:
			w.raw(",")
		}
	case kindZSet:
		if second {
			w.raw(`,"score":`)
			w.number(t.Text)
			w.raw("}")
			w.n++
			return w.lane.room()
		}
		if w.n > 0 {
			w.raw(",")
		}
		w.raw(`{"member":`)
	default:
		if w.n > 0 {
			w.raw(",")
		}
	}
	w.n++
	if err := w.pass(src, t); err != nil {
		return err
	}
	return w.lane.room()
}

// number writes a score; JSON has no number for the infinite ones.
func (w *documents) number(text []byte) {
	if len(text) > 0 && (text[len(text)-1] < '0' || text[len(text)-1] > '9') {
		w.string(text)
		return
	}
	w.lane.buf = append(w.lane.buf, text...)
}

// dump writes the server's own form, which is bytes, in base 64.
func (w *documents) dump(src *resp.Reader, t resp.Token) error {
	w.raw(`,"dump":"`)
	encoder := base64.NewEncoder(base64.StdEncoding, w)
	for {
		encoder.Write(t.Text) // to ourselves
		if err := w.lane.room(); err != nil {
			return err
		}
		if !t.More {
			break
		}
		var err error
		if t, err = src.Next(); err != nil {
			return err
		}
	}
	encoder.Close()
	w.raw(`"`)
	return nil
}

// Write takes base 64.
func (w *documents) Write(p []byte) (int, error) {
	w.lane.buf = append(w.lane.buf, p...)
	return len(p), nil
}

// When single fields end is for the commands.
func (w *documents) fieldExpires([]byte, int64) {}
func (w *documents) fieldVanished([]byte)       {}

func (w *documents) entry(id []byte, words int) {
	if w.n > 0 {
		w.raw(",")
	}
	w.n++
	w.raw(`{"id":`)
	w.string(id)
	w.raw(`,"fields":[`)
	w.members = 0
}

func (w *documents) field(src *resp.Reader, t resp.Token) error {
	if w.members > 0 {
		w.raw(",")
	}
	w.members++
	return w.pass(src, t)
}

func (w *documents) endEntry() error {
	w.raw("]}")
	return w.lane.room()
}

func (w *documents) settle(s streamState) {
	w.closeBracket()
	w.raw(`,"last_id":`)
	w.string([]byte(s.lastID))
	if s.entriesAdded >= 0 {
		w.raw(`,"entries_added":` + strconv.FormatInt(s.entriesAdded, 10) + `,"max_deleted_id":`)
		w.string([]byte(s.maxDeletedID))
	}
	w.raw(`,"groups":`)
	w.openBracket('[')
	w.n = 0
}

func (w *documents) group(g groupState) {
	if w.n > 0 {
		w.raw(",")
	}
	w.n++
	w.raw(`{"name":`)
	w.string(g.name)
	w.raw(`,"last_delivered_id":`)
	w.string([]byte(g.lastDelivered))
	if g.entriesRead >= 0 {
		w.raw(`,"entries_read":` + strconv.FormatInt(g.entriesRead, 10))
	}
	w.endings = append(w.endings, '}')
	w.raw(`,"idle_consumers":`)
	w.openBracket('[')
	w.members, w.begun = 0, false
}

func (w *documents) consumer(name []byte) {
	if w.members > 0 {
		w.raw(",")
	}
	w.members++
	w.string(name)
}

func (w *documents) pending(p pendingEntry) error {
	w.beginPending()
	if w.members > 0 {
		w.raw(",")
	}
	w.members++
	w.raw(`{"id":`)
	w.string(p.id)
	w.raw(`,"consumer":`)
	w.string(p.consumer)
	w.raw(`,"delivered":"` + time.UnixMilli(p.delivered).UTC().Format("2006-01-02T15:04:05.000Z") +
		`","deliveries":` + strconv.FormatInt(p.deliveries, 10) + "}")
	return w.lane.room()
}

// beginPending turns from the consumers of a group to what is pending.
func (w *documents) beginPending() {
	if w.begun {
		return
	}
	w.closeBracket()
	w.raw(`,"pending":`)
	w.openBracket('[')
	w.members, w.begun = 0, true
}

func (w *documents) endGroup() {
	w.beginPending()
	w.closeBracket()
	w.closeBracket()
}

func (w *documents) finish() error {
	for len(w.endings) > 0 {
		w.closeBracket()
	}
	w.raw("\n")
	return w.lane.endKey()
}

// vanished ends a key that is gone. A line whose beginning is out says so at its end.
func (w *documents) vanished() error {
	if w.lane.drop() {
		return nil
	}
	for len(w.endings) > 1 {
		w.closeBracket()
	}
	w.raw(`,"vanished":true`)
	return w.finish()
}

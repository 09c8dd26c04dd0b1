package keyspace

import (
	"strconv"

	"easycli/internal/resp"
)

// noID is the ID of no entry.
const noID = "0-0"

func (w *commands) entry(id []byte, words int) {
	dst := w.open(w.lane.buf, 3+words, "XADD")
	dst = w.appendWord(dst, w.key.name)
	w.lane.buf = w.appendWord(dst, id)
}

func (w *commands) field(src *resp.Reader, t resp.Token) error {
	if t.More {
		return w.pass(src, t)
	}
	w.lane.buf = w.appendWord(w.lane.buf, t.Text)
	return nil
}

func (w *commands) endEntry() error {
	w.lane.buf = w.close(w.lane.buf)
	return w.lane.room()
}

// settle sets what XADD alone would not have led to. What it did lead to is not said again, so that
// servers which know fewer words read the usual stream.
func (w *commands) settle(s streamState) {
	added := s.entries
	if s.entries == 0 {
		// The one way to an empty stream: an entry that is trimmed at once.
		w.command("XADD", "MAXLEN", "0", "0-1", "x", "y")
		added = 1
	}
	words := []string{s.lastID}
	if s.entriesAdded >= 0 && (s.entriesAdded != added || s.maxDeletedID != noID) {
		words = append(words, "ENTRIESADDED", strconv.FormatInt(s.entriesAdded, 10), "MAXDELETEDID", s.maxDeletedID)
	}
	if len(words) > 1 || s.lastID != s.lastEntry {
		w.command("XSETID", words...)
	}
}

func (w *commands) group(g groupState) {
	words := 5
	if g.entriesRead >= 0 {
		words = 7
	}
	dst := w.open(w.lane.buf, words, "XGROUP")
	dst = w.appendString(dst, "CREATE")
	dst = w.appendWord(dst, w.key.name)
	dst = w.appendWord(dst, g.name)
	dst = w.appendString(dst, g.lastDelivered)
	if g.entriesRead >= 0 {
		dst = w.appendString(dst, "ENTRIESREAD")
		dst = w.appendInt(dst, g.entriesRead)
	}
	w.lane.buf = w.close(dst)
	w.body = append(w.body[:0], g.name...)
}

func (w *commands) consumer(name []byte) {
	dst := w.open(w.lane.buf, 5, "XGROUP")
	dst = w.appendString(dst, "CREATECONSUMER")
	dst = w.appendWord(dst, w.key.name)
	dst = w.appendWord(dst, w.body)
	w.lane.buf = w.close(w.appendWord(dst, name))
}

// pending gives an entry to its consumer, as the server's own log does.
func (w *commands) pending(p pendingEntry) error {
	dst := w.open(w.lane.buf, 12, "XCLAIM")
	dst = w.appendWord(dst, w.key.name)
	dst = w.appendWord(dst, w.body)
	dst = w.appendWord(dst, p.consumer)
	dst = w.appendString(dst, "0")
	dst = w.appendWord(dst, p.id)
	dst = w.appendString(dst, "TIME")
	dst = w.appendInt(dst, p.delivered)
	dst = w.appendString(dst, "RETRYCOUNT")
	dst = w.appendInt(dst, p.deliveries)
	dst = w.appendString(dst, "JUSTID")
	w.lane.buf = w.close(w.appendString(dst, "FORCE"))
	return w.lane.room()
}

func (w *commands) endGroup() { w.body = w.body[:0] }

// fieldExpires and fieldVanished come when the fields themselves have been written.
func (w *commands) fieldExpires(field []byte, at int64) {
	w.flush(w.n, len(w.body))
	dst := w.open(w.lane.buf, 6, "HPEXPIREAT")
	dst = w.appendWord(dst, w.key.name)
	dst = w.appendInt(dst, at)
	dst = w.appendString(dst, "FIELDS")
	dst = w.appendString(dst, "1")
	w.lane.buf = w.close(w.appendWord(dst, field))
}

func (w *commands) fieldVanished(field []byte) {
	w.flush(w.n, len(w.body))
	dst := w.open(w.lane.buf, 3, "HDEL")
	dst = w.appendWord(dst, w.key.name)
	w.lane.buf = w.close(w.appendWord(dst, field))
}

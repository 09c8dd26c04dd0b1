package keyspace

import (
	"bytes"
	"context"
	"strconv"
	"strings"

	"easycli/internal/resp"
)

// stream reads a stream: its entries up to the one that was the last when the first piece was read,
// then its groups with what is pending in them. For most, all but the groups is one question.
func (d *digger) stream(ctx context.Context) error {
	r := streamReading{state: streamState{lastID: noID, entriesAdded: -1, maxDeletedID: noID}}
	d.askEntries(&r, "-", "+")
	d.ask(func(src *resp.Reader) error { return d.streamInfo(src, &r.state) }, "XINFO", []byte("STREAM"), d.key.name)
	var groups resp.Value
	d.askTable(&groups, "XINFO", []byte("GROUPS"), d.key.name)
	if err := d.send(ctx); err != nil || d.result != whole {
		return err
	}
	d.begin()
	for !r.over {
		d.askEntries(&r, string(nextID(r.last)), r.state.lastID)
		if err := d.send(ctx); err != nil || d.result != whole {
			return err
		}
	}
	r.state.lastEntry = string(r.last)
	d.w.settle(r.state)
	for _, g := range groups.Elems {
		if err := d.group(ctx, g, &r); err != nil || d.result != whole {
			return err
		}
	}
	return nil
}

// streamReading is how far a stream has been read.
type streamReading struct {
	state streamState
	first string // ID of the first entry
	last  []byte // and of the last that was read
	over  bool
}

// askEntries adds the question for a piece of a stream.
func (d *digger) askEntries(r *streamReading, from, to string) {
	asked := d.count
	d.ask(func(src *resp.Reader) error {
		t, ok, err := d.head(src)
		if !ok || err != nil {
			return err
		}
		if t.Kind != resp.Array {
			return errShape
		}
		d.begin()
		r.over = t.Int < int64(asked)
		begun := src.Offset()
		for range t.Int {
			if r.last, err = d.entry(src, r.last[:0]); err != nil {
				return err
			}
			if r.state.entries++; r.first == "" {
				r.first = string(r.last)
			}
		}
		d.adapt(src.Offset() - begun)
		return skipRest(src, t)
	}, "XRANGE", d.key.name, []byte(from), []byte(to), []byte("COUNT"), number(int64(asked)))
}

// streamInfo takes the reply to XINFO STREAM. It passes over the first and the last entry in it,
// which may be of any size.
func (d *digger) streamInfo(src *resp.Reader, s *streamState) error {
	_, ok, err := d.head(src)
	for ok && err == nil {
		var t resp.Token
		if t, err = src.Next(); err != nil || t.Kind == resp.End {
			return err
		}
		depth := src.Depth()
		name := string(t.Text)
		if t, err = src.Next(); err != nil {
			return err
		}
		switch name {
		case "last-generated-id":
			s.lastID = string(t.Text)
		case "max-deleted-entry-id":
			s.maxDeletedID = string(t.Text)
		case "entries-added":
			s.entriesAdded = t.Int
		}
		for err == nil && (t.More || src.Depth() > depth) {
			t, err = src.Next()
		}
	}
	return err
}

// entry writes one entry, and appends its ID to id.
func (d *digger) entry(src *resp.Reader, id []byte) ([]byte, error) {
	t, err := src.Next() // of the pair
	if err == nil {
		t, err = src.Next()
	}
	if err == nil {
		id, err = appendText(id, src, t)
	}
	if err == nil {
		t, err = src.Next()
	}
	if err != nil {
		return id, err
	}
	d.w.entry(id, int(max(t.Int, 0)))
	for range t.Int {
		field, err := src.Next()
		if err == nil {
			err = d.w.field(src, field)
		}
		if err != nil {
			return id, err
		}
	}
	if _, err = src.Next(); err == nil { // the ends of the fields and of the pair
		_, err = src.Next()
	}
	if err != nil {
		return id, err
	}
	return id, d.w.endEntry()
}

// group writes a group of consumers.
func (d *digger) group(ctx context.Context, g resp.Value, r *streamReading) error {
	state := groupState{name: []byte(text(g, "name")), lastDelivered: text(g, "last-delivered-id"), entriesRead: -1}
	if read, ok := g.Lookup("entries-read"); ok && read.Kind == resp.Integer {
		state.entriesRead = read.Int
	}
	d.w.group(state)
	consumers, err := d.table(ctx, "XINFO", []byte("CONSUMERS"), d.key.name, state.name)
	if err != nil || d.result != whole {
		return err
	}
	for _, c := range consumers {
		if n, _ := c.Lookup("pending"); n.Int == 0 {
			d.w.consumer([]byte(text(c, "name"))) // the others come with what they have
		}
	}
	if n, _ := g.Lookup("pending"); n.Int > 0 {
		if err := d.pendingOf(ctx, state.name, r); err != nil {
			return err
		}
	}
	d.w.endGroup()
	return nil
}

// pendingAtOnce is how many pending entries are asked for in one piece.
const pendingAtOnce = 500

// pendingOf writes what is pending in a group.
func (d *digger) pendingOf(ctx context.Context, group []byte, r *streamReading) error {
	for from := []byte("-"); ; {
		var now int64
		d.ask(func(src *resp.Reader) (err error) { now, err = clock(src); return err }, "TIME")
		rows, err := d.table(ctx, "XPENDING", d.key.name, group, from, []byte("+"), number(pendingAtOnce))
		if err != nil || d.result != whole || len(rows) == 0 {
			return err
		}
		entries := make([]pendingEntry, 0, len(rows))
		for _, row := range rows {
			if len(row.Elems) != 4 {
				return errShape
			}
			entries = append(entries, pendingEntry{
				id: []byte(row.Elems[0].Text), consumer: []byte(row.Elems[1].Text),
				delivered: now - row.Elems[2].Int, deliveries: row.Elems[3].Int,
			})
		}
		from = nextID(entries[len(entries)-1].id)
		if entries, err = d.existing(ctx, entries, r); err != nil || d.result != whole {
			return err
		}
		for _, p := range entries {
			if err := d.w.pending(p); err != nil {
				return err
			}
		}
		if len(rows) < pendingAtOnce {
			return nil
		}
	}
}

// existing leaves the entries that are still there. No command makes one pending that is not, which
// is counted; JSON can say it.
func (d *digger) existing(ctx context.Context, entries []pendingEntry, r *streamReading) ([]pendingEntry, error) {
	if d.Format == JSONL {
		return entries, nil
	}
	there := make([]bool, len(entries))
	asked := false
	for i, p := range entries {
		switch {
		case r.first == "" || compareIDs(p.id, []byte(r.first)) < 0:
		case r.state.entriesAdded >= 0 && compareIDs(p.id, []byte(r.state.maxDeletedID)) > 0:
			there[i] = true
		default:
			asked = true
			d.ask(func(src *resp.Reader) error {
				t, err := src.Next()
				if err != nil {
					return err
				}
				there[i] = t.Kind == resp.Array && t.Int > 0
				return skipRest(src, t)
			}, "XRANGE", d.key.name, p.id, p.id)
		}
	}
	if asked {
		if err := d.send(ctx); err != nil {
			return nil, err
		}
	}
	left := entries[:0]
	for i, p := range entries {
		if there[i] {
			left = append(left, p)
		}
	}
	if n := len(entries) - len(left); n > 0 {
		d.note(func(r *Exported) { r.Unclaimed += int64(n) })
	}
	return left, nil
}

// table asks for a list of records.
func (d *digger) table(ctx context.Context, verb string, words ...[]byte) ([]resp.Value, error) {
	var v resp.Value
	d.askTable(&v, verb, words...)
	err := d.send(ctx)
	return v.Elems, err
}

func (d *digger) askTable(v *resp.Value, verb string, words ...[]byte) {
	d.ask(func(src *resp.Reader) (err error) {
		if *v, err = src.ReadValue(); err == nil && v.IsError() {
			d.fail(meaning([]byte(v.Text)), []byte(v.Text))
		}
		return err
	}, verb, words...)
}

func text(v resp.Value, field string) string {
	found, _ := v.Lookup(field)
	return found.Text
}

// nextID is the smallest ID that is larger.
func nextID(id []byte) []byte {
	ms, seq, _ := strings.Cut(string(id), "-")
	n, _ := strconv.ParseUint(seq, 10, 64)
	if n++; n == 0 {
		m, _ := strconv.ParseUint(ms, 10, 64)
		return append(strconv.AppendUint(nil, m+1, 10), "-0"...)
	}
	return append(append([]byte(ms), '-'), strconv.AppendUint(nil, n, 10)...)
}

// compareIDs compares by the numbers, which have no leading zeros.
func compareIDs(a, b []byte) int {
	aMS, aSeq, _ := bytes.Cut(a, []byte("-"))
	bMS, bSeq, _ := bytes.Cut(b, []byte("-"))
	if c := compareNumbers(aMS, bMS); c != 0 {
		return c
	}
	return compareNumbers(aSeq, bSeq)
}

func compareNumbers(a, b []byte) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return bytes.Compare(a, b)
}

package keyspace

import (
	"context"
	"errors"
	"strconv"

	"easycli/internal/resp"
)

// A piece of a key is as many elements as fill about so many bytes, and no more than so many.
const (
	pieceBytes = 512 << 10
	pieceCount = 1024
)

// adapt sizes the next piece by what the last one weighed.
func (d *digger) adapt(bytes int64) {
	switch {
	case bytes < pieceBytes/2:
		d.count = min(2*d.count, pieceCount)
	case bytes > 2*pieceBytes:
		d.count = max(d.count/int(bytes/pieceBytes), 1)
	}
}

// text reads a string, or a dump, which pass through as they come.
func (d *digger) text(ctx context.Context, verb string) error {
	d.ask(func(src *resp.Reader) error {
		t, ok, err := d.head(src)
		switch {
		case !ok || err != nil:
			return err
		case t.Kind == resp.Null:
			d.fail(gone, nil)
			return nil
		case t.Kind != resp.BulkString:
			return errShape
		}
		d.begin()
		if d.key.kind != kindString || d.Dump {
			return d.w.dump(src, t)
		}
		return d.w.word(src, t)
	}, verb, d.key.name)
	return d.send(ctx)
}

// list reads a list window by window. Its length tells, mostly, whether it moved meanwhile.
func (d *digger) list(ctx context.Context) error {
	length := int64(-1)
	shifted := false
	for from, over := int64(0), false; !over && d.result == whole; {
		to := from + int64(d.count) - 1
		d.ask(func(src *resp.Reader) error {
			t, ok, err := d.head(src)
			if !ok || err != nil {
				return err
			}
			if t.Kind == resp.Integer && length >= 0 && t.Int != length {
				shifted = true
			}
			length = t.Int
			return nil
		}, "LLEN", d.key.name)
		d.ask(func(src *resp.Reader) error {
			t, ok, err := d.head(src)
			if !ok || err != nil {
				return err
			}
			if t.Kind != resp.Array {
				return errShape
			}
			if over = t.Int < to-from+1; t.Int > 0 {
				d.begin()
			}
			begun := src.Offset()
			_, err = words(src, d.w)
			d.adapt(src.Offset() - begun)
			return err
		}, "LRANGE", d.key.name, number(from), number(to))
		if err := d.send(ctx); err != nil {
			return err
		}
		from = to + 1
	}
	if shifted && d.result == whole {
		d.note(func(r *Exported) { r.Shifted++ })
	}
	return nil
}

// scans are the commands that walk through what has no order, by kind.
var scans = [...]string{kindSet: "SSCAN", kindHash: "HSCAN", kindZSet: "ZSCAN"}

// elements reads a set, a hash or a sorted set, as SCAN reads keys: an element that comes twice is
// the same twice.
func (d *digger) elements(ctx context.Context) error {
	huge := false
	for cursor := "0"; ; {
		d.ask(func(src *resp.Reader) error {
			var t resp.Token
			begun := src.Offset()
			t, ok, err := d.head(src)
			if !ok || err != nil {
				return err
			}
			if cursor, t, err = scanCursor(src, t); err != nil {
				return err
			}
			if t.Int > 0 {
				d.begin()
			}
			if d.key.kind == kindHash && d.fields {
				err = d.namedWords(src)
			} else {
				_, err = words(src, d.w)
			}
			if huge = errors.Is(err, errHugeMember); huge {
				err = nil
			}
			if err == nil {
				err = skipRest(src, t)
			}
			d.adapt(src.Offset() - begun)
			return err
		}, scans[d.key.kind], d.key.name, []byte(cursor), []byte("COUNT"), number(int64(d.count)))
		if err := d.send(ctx); err != nil || d.result != whole {
			return err
		}
		if huge {
			return errHugeMember
		}
		if err := d.fieldEnds(ctx); err != nil || d.result != whole || cursor == "0" {
			return err
		}
	}
}

// namedWords is words for a hash, and keeps the names of the fields.
func (d *digger) namedWords(src *resp.Reader) error {
	d.names, d.ends = d.names[:0], d.ends[:0]
	for field := true; ; field = !field {
		t, err := src.Next()
		if err != nil || t.Kind == resp.End {
			return err
		}
		if field {
			from := len(d.names)
			if d.names, err = appendText(d.names, src, t); err != nil {
				return err
			}
			d.ends = append(d.ends, len(d.names))
			t.Text, t.More = d.names[from:], false
		}
		if err := d.w.word(src, t); err != nil {
			return err
		}
	}
}

// fieldEnds asks when the fields of the last piece end, where some do.
func (d *digger) fieldEnds(ctx context.Context) error {
	if d.key.kind != kindHash || !d.fields || len(d.ends) == 0 {
		return nil
	}
	request := [][]byte{d.key.name, []byte("FIELDS"), number(int64(len(d.ends)))}
	from := 0
	for _, end := range d.ends {
		request = append(request, d.names[from:end])
		from = end
	}
	fields := request[3:]
	d.ask(func(src *resp.Reader) error {
		v, err := src.ReadValue()
		if err != nil {
			return err
		}
		if v.IsError() {
			d.fail(meaning([]byte(v.Text)), []byte(v.Text))
			return nil
		}
		for i := 0; i < len(v.Elems) && i < len(fields); i++ {
			switch at := v.Elems[i].Int; {
			case at == -2:
				d.w.fieldVanished(fields[i])
			case at > 0:
				d.w.fieldExpires(fields[i], at)
			}
		}
		return nil
	}, "HPEXPIRETIME", request...)
	return d.send(ctx)
}

func number(n int64) []byte { return strconv.AppendInt(nil, n, 10) }

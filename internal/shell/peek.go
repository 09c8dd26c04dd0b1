package shell

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"easycli/internal/cluster"
	"easycli/internal/render"
	"easycli/internal/resp"
)

const (
	// peekElements is how many elements of a key are looked at, and peekBytes how much of a string.
	peekElements = 10
	peekBytes    = 1024
)

// asker asks one thing and gives the answer.
type asker func(words ...string) (resp.Value, error)

// asker is a way to ask about a key that disturbs nothing, wherever in a cluster it is.
func (d *dialogue) asker(ctx context.Context) (asker, error) {
	if d.Cluster != nil {
		if err := d.openNodes(ctx); err == nil {
			return func(words ...string) (resp.Value, error) {
				argv := make([][]byte, len(words))
				for i, word := range words {
					argv[i] = []byte(word)
				}
				return d.nodes.Do(ctx, argv...)
			}, nil
		} else if !errors.Is(err, cluster.ErrNoCluster) {
			return nil, err
		}
	}
	if d.idle() {
		return func(words ...string) (resp.Value, error) { return d.conn.Do(ctx, words...) }, nil
	}
	if d.Scout == nil {
		return nil, errNoScout
	}
	return func(words ...string) (resp.Value, error) { return d.Scout.Do(ctx, words...) }, nil
}

// peek says what keys are, and shows the beginning of what is in them.
func (d *dialogue) peek(ctx context.Context, keys []string) error {
	if !d.ready(ctx, 0) {
		return nil
	}
	asking, stop := d.interruptible(ctx)
	defer stop()
	ask, err := d.asker(asking)
	if err != nil {
		d.tell(d.Explain(err))
		return nil
	}
	for _, key := range keys {
		if err := d.peekAt(ask, key); err != nil {
			var unwritable *render.WriteError
			if errors.As(err, &unwritable) {
				return err
			}
			d.tell(d.Explain(err))
			return nil
		}
	}
	return nil
}

// kindOfKey is how keys of a type are looked into.
type kindOfKey struct {
	size, unit string                      // the command that says how large, and in what
	look       func(key string) []string   // the command that shows the beginning
	shape      func(resp.Value) resp.Value // and what of its reply that is
	how        render.How                  // how that looks
	groups     bool                        // it has consumer groups
}

func kindsOfKeys() map[string]kindOfKey {
	few := strconv.Itoa(peekElements)
	last := strconv.Itoa(peekElements - 1)
	scanned := func(kind resp.Kind, each int) func(resp.Value) resp.Value {
		return func(v resp.Value) resp.Value {
			if len(v.Elems) != 2 {
				return v
			}
			elems := v.Elems[1].Elems
			return resp.Value{Kind: kind, Elems: elems[:min(len(elems), each*peekElements)]}
		}
	}
	return map[string]kindOfKey{
		"string": {"STRLEN", "byte", func(k string) []string { return []string{"GETRANGE", k, "0", strconv.Itoa(peekBytes - 1)} }, nil, render.AsReply, false},
		"list":   {"LLEN", "element", func(k string) []string { return []string{"LRANGE", k, "0", last} }, nil, render.AsReply, false},
		"set":    {"SCARD", "member", func(k string) []string { return []string{"SSCAN", k, "0", "COUNT", few} }, scanned(resp.Set, 1), render.AsReply, false},
		"hash":   {"HLEN", "field", func(k string) []string { return []string{"HSCAN", k, "0", "COUNT", few} }, scanned(resp.Map, 2), render.Pairs, false},
		"zset":   {"ZCARD", "member", func(k string) []string { return []string{"ZRANGE", k, "0", last, "WITHSCORES"} }, scored, render.Scored, false},
		"stream": {"XLEN", "entry", func(k string) []string { return []string{"XREVRANGE", k, "+", "-", "COUNT", few} }, nil, render.Entries, true},
	}
}

// scored makes one array of members and scores, which RESP3 has in arrays of two.
func scored(v resp.Value) resp.Value {
	flat := resp.Value{Kind: resp.Array}
	for _, elem := range v.Elems {
		if elem.Kind.IsAggregate() {
			flat.Elems = append(flat.Elems, elem.Elems...)
		} else {
			flat.Elems = append(flat.Elems, elem)
		}
	}
	return flat
}

// peekAt shows one key.
func (d *dialogue) peekAt(ask asker, key string) error {
	v, err := ask("TYPE", key)
	if err != nil {
		return err
	}
	name := d.shown(strconv.Quote(key))
	switch {
	case v.IsError():
		d.tellf("%s: %s", name, d.shown(v.Text))
		return nil
	case v.Text == "none":
		d.tellf("%s does not exist", name)
		return nil
	}
	kind, known := kindsOfKeys()[v.Text]
	facts := []string{v.Text}
	total := int64(-1)
	for _, question := range []struct {
		words []string
		fact  func(resp.Value) string
	}{
		{[]string{"OBJECT", "ENCODING", key}, func(v resp.Value) string { return v.Text }},
		{[]string{kind.size, key}, func(v resp.Value) string { total = v.Int; return quantity(v.Int, kind.unit) }},
		{[]string{"MEMORY", "USAGE", key}, func(v resp.Value) string { return render.Size(v.Int) + " in memory" }},
		{[]string{"PTTL", key}, func(v resp.Value) string { return ttl(v.Int) }},
	} {
		if question.words[0] == "" { // a type of a module
			continue
		}
		answer, err := ask(question.words...)
		if err != nil {
			return err
		}
		if !answer.IsError() && !answer.IsNull() {
			facts = append(facts, question.fact(answer))
		}
	}
	if err := d.say(fmt.Sprintf("%s: %s\n", name, d.shown(strings.Join(facts, ", ")))); err != nil || !known {
		return err
	}
	return d.look(ask, key, kind, total)
}

// look shows the beginning of what is in a key.
func (d *dialogue) look(ask asker, key string, kind kindOfKey, total int64) error {
	v, err := ask(kind.look(key)...)
	if err != nil {
		return err
	}
	if kind.shape != nil && !v.IsError() {
		v = kind.shape(v)
	}
	d.mu.Lock()
	_, err = d.out.Print(v.Tokens(), kind.how)
	d.out.Flush()
	d.mu.Unlock()
	if err != nil || v.IsError() {
		return err
	}
	seen := int64(len(v.Elems))
	switch {
	case v.Kind == resp.Map, kind.how == render.Scored:
		seen /= 2
	case !v.Kind.IsAggregate():
		seen = int64(len(v.Text))
	}
	if total > seen {
		d.tellf("... and %s more", quantity(total-seen, kind.unit))
	}
	if kind.groups {
		return d.groups(ask, key)
	}
	return nil
}

// groups shows the consumer groups of a stream.
func (d *dialogue) groups(ask asker, key string) error {
	v, err := ask("XINFO", "GROUPS", key)
	if err != nil || v.IsError() {
		return err
	}
	for _, group := range v.Elems {
		name, _ := group.Lookup("name")
		consumers, _ := group.Lookup("consumers")
		pending, _ := group.Lookup("pending")
		last, _ := group.Lookup("last-delivered-id")
		d.tellf("group %s: %s, %d pending, last delivered %s", d.shown(strconv.Quote(name.Text)),
			quantity(consumers.Int, "consumer"), pending.Int, d.shown(last.Text))
	}
	return nil
}

// quantity is a number of things in words.
func quantity(n int64, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "y") && !strings.HasSuffix(what, "ey"):
		what = what[:len(what)-1] + "ie"
	}
	return strconv.FormatInt(n, 10) + " " + what + "s"
}

// ttl is what PTTL answers, in words.
func ttl(ms int64) string {
	if ms < 0 {
		return "no expiry"
	}
	return "expires in " + (time.Duration(ms) * time.Millisecond).Round(time.Second).String()
}

package cluster

import (
	"fmt"
	"math/rand/v2"

	"easycli/internal/command"
	"easycli/internal/resp"
)

// Merge makes one reply of those that the parts of a command, or the nodes it went to, have
// answered, in their order. parts is nil for nodes. An error among them is the whole's, with a word
// on how many were carried out all the same; replies that do not fit together are an error too.
func Merge(how command.Merge, parts []Part, replies []resp.Value) resp.Value {
	if len(replies) == 0 {
		return failure("ERR no node of the cluster has slots")
	}
	if how == command.AnySuccess {
		return anySuccess(replies)
	}
	if bad, failed := firstError(parts, replies); failed {
		return bad
	}
	switch how {
	case command.Sum:
		return fold(replies, func(a, b int64) int64 { return a + b })
	case command.Least:
		return fold(replies, func(a, b int64) int64 { return min(a, b) })
	case command.Joined:
		return joined(replies)
	case command.InPlace:
		return inPlace(parts, replies)
	case command.AnyValue:
		return anyValue(replies)
	}
	return replies[0]
}

func failure(text string) resp.Value { return resp.Value{Kind: resp.Error, Wire: '-', Text: text} }

func misfit(v resp.Value) resp.Value {
	return failure(fmt.Sprintf("ERR the nodes' replies do not fit together: one is %s %s", article(v.Kind), v.Kind))
}

func article(k resp.Kind) string {
	switch k {
	case resp.Error, resp.Integer, resp.Array, resp.Attribute:
		return "an"
	}
	return "a"
}

// firstError is the first error, and how far the rest came if it came anywhere.
func firstError(parts []Part, replies []resp.Value) (bad resp.Value, failed bool) {
	done := 0
	for _, v := range replies {
		switch {
		case !v.IsError():
			done++
		case !failed:
			bad, failed = v, true
		}
	}
	if failed && done > 0 {
		what := "nodes carried it out"
		if parts != nil {
			what = "parts were carried out"
		}
		bad.Text = fmt.Sprintf("%s (%d of %d %s)", bad.Text, done, len(replies), what)
	}
	return bad, failed
}

func anySuccess(replies []resp.Value) resp.Value {
	for _, v := range replies {
		if !v.IsError() {
			return v
		}
	}
	return replies[0]
}

// anyValue is one of those that are not null, each as likely.
func anyValue(replies []resp.Value) resp.Value {
	chosen, seen := replies[0], 0
	for _, v := range replies {
		if v.IsNull() {
			continue
		}
		if seen++; rand.IntN(seen) == 0 {
			chosen = v
		}
	}
	return chosen
}

// fold joins integers, or arrays of them place by place.
func fold(replies []resp.Value, join func(a, b int64) int64) resp.Value {
	whole := replies[0]
	whole.Attrs = nil
	if whole.Kind == resp.Array {
		whole.Elems = append([]resp.Value(nil), whole.Elems...)
	}
	for _, v := range replies[1:] {
		if v.Kind != whole.Kind || len(v.Elems) != len(whole.Elems) {
			return misfit(v)
		}
		whole.Int = join(whole.Int, v.Int)
		for i := range v.Elems {
			if v.Elems[i].Kind != resp.Integer {
				return misfit(v.Elems[i])
			}
			whole.Elems[i].Int = join(whole.Elems[i].Int, v.Elems[i].Int)
		}
	}
	if whole.Kind != resp.Integer && whole.Kind != resp.Array {
		return misfit(whole)
	}
	return whole
}

func joined(replies []resp.Value) resp.Value {
	n := 0
	for _, v := range replies {
		if !v.Kind.IsAggregate() {
			return misfit(v)
		}
		n += len(v.Elems)
	}
	whole := resp.Value{Kind: replies[0].Kind, Wire: replies[0].Wire, Elems: make([]resp.Value, 0, n)}
	for _, v := range replies {
		whole.Elems = append(whole.Elems, v.Elems...)
	}
	return whole
}

// inPlace puts the elements of the parts' arrays where their keys stood.
func inPlace(parts []Part, replies []resp.Value) resp.Value {
	n := 0
	for _, part := range parts {
		n += len(part.Keys)
	}
	whole := resp.Value{Kind: resp.Array, Wire: '*', Elems: make([]resp.Value, n)}
	for i, v := range replies {
		if v.Kind != resp.Array || len(v.Elems) != len(parts[i].Keys) {
			return misfit(v)
		}
		for j, key := range parts[i].Keys {
			whole.Elems[key] = v.Elems[j]
		}
	}
	return whole
}

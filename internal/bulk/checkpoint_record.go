package bulk

import (
	"cmp"
	"strconv"

	"easycli/internal/resp"
)

// The fields of the key, a hash. People may read them; nobody but us may write them.
const (
	fieldFormat   = "easycli" // what it is, and its version
	fieldState    = "state"   // loading or complete
	fieldLoad     = "load"    // token of the load that may write
	fieldOwner    = "owner"   // its connection: client ID and name
	fieldCommands = "commands"
	fieldInput    = "input" // where the next command stands
	fieldByte     = "byte"
	fieldErrors   = "errors" // commands that were answered with one, as far as is known
	fieldSize     = "size"   // of the input, where it is known
	fieldHead     = "head"   // length and hash of its beginning
	fieldTail     = "tail"   // and hash of its end
	fieldTotal    = "total"  // bytes of all inputs in front of the next command, where there are several
	fieldLength   = "length" // bytes of all inputs, when the load is complete
)

const (
	recordFormat  = "1"
	stateLoading  = "loading"
	stateComplete = "complete"
)

// bookmark is what the key says.
type bookmark struct {
	format, state, load, owner, input string
	commands, offset, errors          int64
	total, length                     int64 // 0 where they are not known
	size, head, tail                  string
}

// bookmarkOf reads the reply to HGETALL. An absent key is the zero bookmark.
func bookmarkOf(v resp.Value) bookmark {
	text := func(field string) string {
		f, _ := v.Lookup(field)
		return f.Text
	}
	number := func(field string) int64 {
		n, err := strconv.ParseInt(text(field), 10, 64)
		if err != nil {
			return -1
		}
		return n
	}
	r := bookmark{
		format: text(fieldFormat), state: text(fieldState), load: text(fieldLoad), owner: text(fieldOwner),
		input: text(fieldInput), size: text(fieldSize), head: text(fieldHead), tail: text(fieldTail),
	}
	r.total, r.length = max(0, number(fieldTotal)), max(0, number(fieldLength))
	if len(v.Elems) > 0 {
		r.commands, r.offset, r.errors = number(fieldCommands), number(fieldByte), number(fieldErrors)
		r.format = cmp.Or(r.format, "?")
	}
	return r
}

// valid reports whether the key is one of ours, or absent.
func (r bookmark) valid() bool {
	return r == bookmark{} || r.format == recordFormat && r.commands >= 0 && r.offset >= 0 && r.errors >= 0
}

func (r bookmark) absent() bool   { return r.format == "" }
func (r bookmark) complete() bool { return r.state == stateComplete }

// behind is how many bytes of all inputs are in front of the next command, 0 where that is not known.
func (r bookmark) behind() int64 {
	if r.total == 0 && r.input == "" {
		return r.offset
	}
	return r.total
}

// claims is the command that makes this load the one that may write.
func (x *exact) claims(r bookmark, owner string) []string {
	words := []string{"HSET", x.key, fieldLoad, x.token, fieldOwner, owner}
	if r.absent() {
		words = append(words, fieldFormat, recordFormat, fieldState, stateLoading,
			fieldCommands, "0", fieldByte, "0", fieldErrors, "0")
	}
	if r.commands == 0 {
		if size := x.intake.size(); size != "" {
			words = append(words, fieldSize, size, fieldTail, x.intake.tail())
		}
	}
	return words
}

// progress is the command that writes the position behind a batch.
func (x *exact) progress(b *batch) []string {
	words := []string{"HSET", x.key, fieldCommands, strconv.FormatInt(b.to.Number-1, 10),
		fieldByte, strconv.FormatInt(b.to.Offset, 10),
		fieldErrors, strconv.FormatInt(x.before+x.errors.Load(), 10)}
	if len(x.cfg.Inputs) > 1 {
		words = append(words, fieldInput, b.to.Input, fieldTotal, strconv.FormatInt(b.to.total, 10))
	}
	if head := x.intake.headAt(b.to.total); head != "" {
		words = append(words, fieldHead, head)
	}
	if b.last {
		words = append(words, fieldState, stateComplete, fieldOwner, "",
			fieldLength, strconv.FormatInt(x.intake.length(), 10))
	}
	return words
}

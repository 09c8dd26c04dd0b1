package bulk

import (
	"crypto/sha256"
	"encoding/hex"
)

// maxHead is how much of the beginning of an input tells it from others.
const maxHead = 1 << 20

// keptHeads is how many of the last inputs are looked at: those before are all acknowledged.
const keptHeads = 3

// heads are the beginnings of the inputs, as they are read. A nil heads takes no note of anything.
type heads struct{ all []head }

// head is the beginning of an input.
type head struct {
	input *Input
	text  []byte // up to maxHead, until it is dropped
	sum   string // of all of it, once that is known
	size  int64
}

// begin begins the next input.
func (h *heads) begin(in *Input) {
	if h == nil {
		return
	}
	for i := len(h.all) - 1; i >= max(0, len(h.all)-keptHeads); i-- {
		one := &h.all[i]
		if one.sum == "" {
			one.sum, one.size = headSum(one.text), int64(len(one.text))
		}
		if i == len(h.all)-keptHeads {
			one.text = nil
		}
	}
	h.all = append(h.all, head{input: in})
}

// read takes note of what was read of the input at hand.
func (h *heads) read(part []byte) {
	if h == nil {
		return
	}
	one := &h.all[len(h.all)-1]
	one.text = append(one.text, part[:min(len(part), maxHead-len(one.text))]...)
}

func headSum(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// upTo describes the inputs up to that place, as far as it reaches into the last of them.
func (h *heads) upTo(p Place) []journalInput {
	list := []journalInput{}
	if h == nil {
		return list
	}
	last := len(h.all) - 1
	for last > 0 && h.all[last].input.Name != p.Input {
		last--
	}
	for i := range h.all[:last+1] {
		one := &h.all[i]
		in := journalInput{Name: one.input.Name, Size: one.input.Size, Head: one.size, Hash: one.sum}
		if i == last && one.text != nil {
			in.Head = min(p.Offset, int64(len(one.text)))
			in.Hash = headSum(one.text[:in.Head])
		}
		if in.Head == 0 {
			in.Hash = ""
		}
		list = append(list, in)
	}
	return list
}

// differs compares an input that has been read with what a journal says of it.
func (h *heads) differs(i int, was journalInput) bool {
	one := &h.all[i]
	switch {
	case was.Head == 0:
		return false
	case one.text != nil:
		return int64(len(one.text)) < was.Head || headSum(one.text[:was.Head]) != was.Hash
	}
	return one.size == was.Head && one.sum != was.Hash || one.size < was.Head
}

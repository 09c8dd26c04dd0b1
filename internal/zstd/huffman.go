package zstd

import "math/bits"

// The longest code, and the highest accuracy of the table that its description is compressed with.
const (
	maxCode      = 11
	maxWeightLog = 6
)

// huffman decodes literals: the next bits of a code are an index.
type huffman struct {
	ready bool
	log   int
	codes [1 << maxCode]code
	fse   fseTable
}

type code struct{ symbol, bits uint8 }

// read reads a description of codes, and returns how many bytes it took.
func (h *huffman) read(data []byte) (int, error) {
	if len(data) == 0 {
		return 0, ErrCorrupt
	}
	var weights [256]uint8
	size, count := 1+int(data[0]), 0
	if data[0] >= 128 {
		count = int(data[0]) - 127
		size = 1 + (count+1)/2
	}
	if size > len(data) {
		return 0, ErrCorrupt
	}
	data = data[1:size]
	if count == 0 {
		var err error
		if count, err = h.readWeights(weights[:], data); err != nil {
			return 0, err
		}
	} else {
		for i := range count {
			weights[i] = data[i/2] >> (4 - i%2*4) & 15
		}
	}
	return size, h.build(weights[:], count)
}

// readWeights reads weights that two states decode in turn.
func (h *huffman) readWeights(weights []uint8, data []byte) (count int, err error) {
	n, err := h.fse.readFSE(data, maxWeightLog, 255)
	if err != nil {
		return 0, err
	}
	in, ok := newBackward(data[n:])
	if !ok {
		return 0, ErrCorrupt
	}
	states := [2]uint32{in.read(h.fse.log), in.read(h.fse.log)}
	if in.over {
		return 0, ErrCorrupt
	}
	for turn := 0; ; turn = 1 - turn {
		if count >= 254 {
			return 0, ErrCorrupt
		}
		s := h.fse.states[states[turn]]
		weights[count] = s.symbol
		count++
		states[turn] = uint32(s.base) + in.read(s.bits)
		if in.over {
			weights[count] = h.fse.states[states[1-turn]].symbol
			return count + 1, nil
		}
	}
}

// build makes the codes of weights, of which the last is not written but follows from the others.
func (h *huffman) build(weights []uint8, count int) error {
	h.ready = false
	sum := 0
	for _, w := range weights[:count] {
		if w > maxCode+1 {
			return ErrCorrupt
		}
		sum += 1 << w >> 1
	}
	log := bits.Len(uint(sum))
	rest := 1<<log - sum
	if sum == 0 || log > maxCode || rest&(rest-1) != 0 || count > 255 {
		return ErrCorrupt
	}
	weights[count] = uint8(bits.Len(uint(rest)))
	pos := 0
	for w := uint8(1); int(w) <= log; w++ {
		for symbol, weight := range weights[:count+1] {
			if weight != w {
				continue
			}
			for i := range 1 << (w - 1) {
				h.codes[pos+i] = code{uint8(symbol), uint8(log) + 1 - w}
			}
			pos += 1 << (w - 1)
		}
	}
	if pos != 1<<log {
		return ErrCorrupt
	}
	h.log, h.ready = log, true
	return nil
}

// decode fills out with symbols that are all of a stream.
func (h *huffman) decode(out, data []byte) error {
	in, ok := newBackward(data)
	if !ok {
		return ErrCorrupt
	}
	log := h.log
	mask := uint64(1)<<log - 1
	codes := &h.codes
	i := 0
	for i+3 <= len(out) {
		in.fill()
		if in.n < 3*maxCode {
			break
		}
		for range 3 {
			c := codes[in.acc>>((in.n-log)&63)&mask&(1<<maxCode-1)]
			out[i] = c.symbol
			in.n -= int(c.bits)
			i++
		}
	}
	for ; i < len(out); i++ {
		in.fill()
		index := in.acc << ((log - in.n) & 63)
		if in.n >= log {
			index = in.acc >> (in.n - log)
		}
		c := codes[index&mask]
		out[i] = c.symbol
		if in.n -= int(c.bits); in.n < 0 {
			return ErrCorrupt
		}
	}
	if !in.spent() {
		return ErrCorrupt
	}
	return nil
}

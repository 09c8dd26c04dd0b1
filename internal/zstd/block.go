package zstd

import "encoding/binary"

// blockDecoder decodes compressed blocks. Tables and repeated offsets outlast a block, up to the end
// of the frame.
type blockDecoder struct {
	huffman  huffman
	kinds    [3]kind // literal lengths, offsets, match lengths: in the order of the modes
	offsets  [3]uint32
	literals []byte // buffer
}

// kind is one of the three kinds of numbers that sequences are made of.
type kind struct {
	table fseTable
	ready bool
}

const (
	literalLength = iota
	offset
	matchLength
)

func (d *blockDecoder) reset() {
	d.huffman.ready = false
	for i := range d.kinds {
		d.kinds[i].ready = false
	}
	d.offsets = [3]uint32{1, 4, 8}
}

// decode appends the content of a block to the history, which it may refer to.
func (d *blockDecoder) decode(history, data []byte, blockMax int) ([]byte, error) {
	literals, data, err := d.readLiterals(data, blockMax)
	if err != nil {
		return history, err
	}
	count, data, err := sequenceCount(data)
	if err != nil {
		return history, err
	}
	if count == 0 {
		if len(data) > 0 {
			return history, ErrCorrupt
		}
		return append(history, literals...), nil
	}
	if data, err = d.readTables(data); err != nil {
		return history, err
	}
	return d.run(history, literals, data, count, blockMax)
}

// readLiterals reads the literals of a block. They are valid until the next one.
func (d *blockDecoder) readLiterals(data []byte, blockMax int) (literals, rest []byte, err error) {
	if len(data) == 0 {
		return nil, nil, ErrCorrupt
	}
	kind, format := data[0]&3, data[0]>>2&3
	if kind >= 2 {
		return d.readCodes(data, kind == 3, format, blockMax)
	}
	size, headBytes := int(data[0]>>3), 1
	if format&1 == 1 {
		headBytes = 2 + int(format>>1)
		if len(data) < headBytes {
			return nil, nil, ErrCorrupt
		}
		size = int(littleEndian(data[:headBytes]) >> 4)
	}
	data = data[headBytes:]
	switch {
	case size > blockMax:
	case kind == 0 && size <= len(data):
		return data[:size], data[size:], nil
	case kind == 1 && len(data) > 0:
		literals = d.room(size)
		for i := range literals {
			literals[i] = data[0]
		}
		return literals, data[1:], nil
	}
	return nil, nil, ErrCorrupt
}

func (d *blockDecoder) room(size int) []byte {
	if d.literals == nil {
		d.literals = make([]byte, maxBlock)
	}
	return d.literals[:size]
}

// readCodes reads literals in Huffman codes, of a tree in front of them or of the one before.
func (d *blockDecoder) readCodes(data []byte, sameTree bool, format uint8, blockMax int) (literals, rest []byte, err error) {
	headBytes, sizeBits := 3, 10
	if format >= 2 {
		headBytes, sizeBits = int(format)+2, int(format)*4+6
	}
	if len(data) < headBytes {
		return nil, nil, ErrCorrupt
	}
	head := littleEndian(data[:headBytes]) >> 4
	size, packed := int(head&(1<<sizeBits-1)), int(head>>sizeBits)
	data = data[headBytes:]
	if size > blockMax || packed > len(data) {
		return nil, nil, ErrCorrupt
	}
	data, rest = data[:packed], data[packed:]
	if !sameTree {
		n, err := d.huffman.read(data)
		if err != nil {
			return nil, nil, err
		}
		data = data[n:]
	}
	if !d.huffman.ready {
		return nil, nil, ErrCorrupt
	}
	literals = d.room(size)
	if format == 0 {
		return literals, rest, d.huffman.decode(literals, data)
	}
	return literals, rest, d.fourStreams(literals, data)
}

// fourStreams decodes literals that are cut into four, of which the first three have their sizes in
// front.
func (d *blockDecoder) fourStreams(literals, data []byte) error {
	if len(data) < 6 {
		return ErrCorrupt
	}
	sizes, streams := data[:6], data[6:]
	part := (len(literals) + 3) / 4
	if 3*part > len(literals) {
		return ErrCorrupt
	}
	for i := range 3 {
		n := int(binary.LittleEndian.Uint16(sizes[2*i:]))
		if n > len(streams) {
			return ErrCorrupt
		}
		if err := d.huffman.decode(literals[:part], streams[:n]); err != nil {
			return err
		}
		literals, streams = literals[part:], streams[n:]
	}
	return d.huffman.decode(literals, streams)
}

func sequenceCount(data []byte) (count int, rest []byte, err error) {
	switch {
	case len(data) >= 1 && data[0] < 128:
		return int(data[0]), data[1:], nil
	case len(data) >= 2 && data[0] < 255:
		return int(data[0]-128)<<8 + int(data[1]), data[2:], nil
	case len(data) >= 3 && data[0] == 255:
		return int(binary.LittleEndian.Uint16(data[1:])) + 0x7f00, data[3:], nil
	}
	return 0, nil, ErrCorrupt
}

// readTables reads the tables for the three kinds of numbers.
func (d *blockDecoder) readTables(data []byte) (rest []byte, err error) {
	if len(data) == 0 || data[0]&3 != 0 {
		return nil, ErrCorrupt
	}
	modes := data[0]
	data = data[1:]
	for i := range d.kinds {
		k, spec := &d.kinds[i], &specs[i]
		switch modes >> (6 - 2*i) & 3 {
		case 0:
			k.table.build(spec.usual, spec.usualLog)
		case 1:
			if len(data) == 0 || int(data[0]) > spec.maxSymbol {
				return nil, ErrCorrupt
			}
			k.table.only(data[0])
			data = data[1:]
		case 2:
			n, err := k.table.readFSE(data, spec.maxLog, spec.maxSymbol)
			if err != nil {
				return nil, err
			}
			data = data[n:]
		case 3:
			if !k.ready {
				return nil, ErrCorrupt
			}
		}
		k.ready = true
	}
	return data, nil
}

// run carries out the sequences: literals, and copies of what came before.
func (d *blockDecoder) run(history, literals, data []byte, count, blockMax int) ([]byte, error) {
	in, ok := newBackward(data)
	if !ok {
		return history, ErrCorrupt
	}
	ll, of, ml := &d.kinds[literalLength].table, &d.kinds[offset].table, &d.kinds[matchLength].table
	llState, ofState, mlState := in.read(ll.log), in.read(of.log), in.read(ml.log)
	end := len(history) + blockMax
	for i := range count {
		l, o, m := &ll.states[llState&511], &of.states[ofState&511], &ml.states[mlState&511]
		code := uint32(1)<<o.symbol + in.read(o.symbol)
		length := matchBase[m.symbol] + in.read(matchBits[m.symbol])
		run := literalBase[l.symbol] + in.read(literalBits[l.symbol])
		if i < count-1 {
			llState = uint32(l.base) + in.read(l.bits)
			mlState = uint32(m.base) + in.read(m.bits)
			ofState = uint32(o.base) + in.read(o.bits)
		}
		back := d.offset(code, run)
		if in.over || int(run) > len(literals) || len(history)+int(run)+int(length) > end {
			return history, ErrCorrupt
		}
		history = append(history, literals[:run]...)
		literals = literals[run:]
		if back == 0 || int(back) > len(history) {
			return history, ErrCorrupt
		}
		history = repeat(history, int(back), int(length))
	}
	if !in.spent() || len(history)+len(literals) > end {
		return history, ErrCorrupt
	}
	return append(history, literals...), nil
}

// offset is how far back a code says, which may be as far as one of the last three times.
func (d *blockDecoder) offset(code, run uint32) uint32 {
	r := &d.offsets
	if code > 3 {
		r[0], r[1], r[2] = code-3, r[0], r[1]
		return r[0]
	}
	if run == 0 {
		code++
	}
	switch code {
	case 1:
	case 2:
		r[0], r[1] = r[1], r[0]
	case 3:
		r[0], r[1], r[2] = r[2], r[0], r[1]
	default:
		r[0], r[1], r[2] = r[0]-1, r[0], r[1]
	}
	return r[0]
}

// repeat appends what stands so far back, and goes on with what it has appended.
func repeat(history []byte, back, length int) []byte {
	for length > back {
		history = append(history, history[len(history)-back:]...)
		length -= back
		back *= 2
	}
	at := len(history) - back
	return append(history, history[at:at+length]...)
}

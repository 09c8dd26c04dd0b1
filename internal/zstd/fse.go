package zstd

import "math/bits"

// fseTable decodes one kind of symbols: each state is a symbol, and leads with some bits to the next.
type fseTable struct {
	log    uint8
	states [512]fseState
}

type fseState struct {
	symbol uint8
	bits   uint8
	base   uint16 // of the next state
}

// readFSE reads a table from the beginning of data, whose accuracy and symbols are limited, and
// returns how many bytes it took.
func (t *fseTable) readFSE(data []byte, maxLog, maxSymbol int) (int, error) {
	in := forward{data: data}
	log := in.read(4) + 5
	if log > maxLog {
		return 0, ErrCorrupt
	}
	var counts [256]int16
	symbols := 0
	for remaining := 1 << log; remaining > 0; {
		if symbols > maxSymbol {
			return 0, ErrCorrupt
		}
		count := readCount(&in, remaining)
		remaining -= max(count, -count)
		counts[symbols] = int16(count)
		symbols++
		for repeat := 3; count == 0 && repeat == 3; {
			repeat = in.read(2)
			symbols += repeat
			if symbols > maxSymbol+1 {
				return 0, ErrCorrupt
			}
		}
	}
	size, ok := in.bytes()
	if !ok || !t.build(counts[:symbols], log) {
		return 0, ErrCorrupt
	}
	return size, nil
}

// readCount reads the share of one symbol, -1 for less than one, in as few bits as what remains to be
// shared out allows.
func readCount(in *forward, remaining int) int {
	size := bits.Len(uint(remaining + 1))
	value := in.read(size - 1)
	short := 1<<size - 1 - (remaining + 1)
	if value >= short {
		if value |= in.read(1) << (size - 1); value >= 1<<(size-1) {
			value -= short
		}
	}
	return value - 1
}

// build makes the table of symbols with those shares of 1<<log.
func (t *fseTable) build(counts []int16, log int) bool {
	size := 1 << log
	t.log = uint8(log)
	var next [256]uint16
	high := size
	for symbol, count := range counts {
		next[symbol] = uint16(count)
		if count == -1 {
			high--
			t.states[high].symbol = uint8(symbol)
			next[symbol] = 1
		}
	}
	step, mask, pos := size>>1+size>>3+3, size-1, 0
	for symbol, count := range counts {
		for range count {
			t.states[pos].symbol = uint8(symbol)
			pos = (pos + step) & mask
			for pos >= high {
				pos = (pos + step) & mask
			}
		}
	}
	if pos != 0 {
		return false
	}
	for i := range size {
		s := &t.states[i]
		n := next[s.symbol]
		next[s.symbol]++
		s.bits = uint8(log + 1 - bits.Len16(n))
		s.base = n<<s.bits - uint16(size)
	}
	return true
}

// only makes the table of one symbol, which takes no bits.
func (t *fseTable) only(symbol uint8) {
	t.log = 0
	t.states[0] = fseState{symbol: symbol}
}

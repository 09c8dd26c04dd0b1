package zstd

import (
	"encoding/binary"
	"math/bits"
)

// backward reads bits from the end of data, whose last byte has a 1 as a mark in front of them. Bits
// before the beginning are 0, and over then says so.
type backward struct {
	data []byte // still to be loaded, from its end
	acc  uint64 // what has been loaded, in its lowest n bits
	n    int
	over bool
}

func newBackward(data []byte) (b backward, ok bool) {
	if len(data) == 0 || data[len(data)-1] == 0 {
		return b, false
	}
	last := data[len(data)-1]
	b.n = bits.Len8(last) - 1
	b.acc = uint64(last)
	b.data = data[:len(data)-1]
	return b, true
}

// fill loads bits, until there are more than 32 or no more.
func (b *backward) fill() {
	if b.n > 32 {
		return
	}
	if at := len(b.data) - 4; at >= 0 {
		b.acc = b.acc<<32 | uint64(binary.LittleEndian.Uint32(b.data[at:]))
		b.data = b.data[:at]
		b.n += 32
		return
	}
	for ; len(b.data) > 0; b.data = b.data[:len(b.data)-1] {
		b.acc = b.acc<<8 | uint64(b.data[len(b.data)-1])
		b.n += 8
	}
}

// read reads up to 32 bits.
func (b *backward) read(count uint8) uint32 {
	k := int(count)
	if b.n < k {
		b.fill()
		if b.n < k {
			b.over = true
			v := b.acc << (k - b.n) & (1<<k - 1)
			b.n = 0
			b.acc = 0
			return uint32(v)
		}
	}
	b.n -= k
	return uint32(b.acc >> (b.n & 63) & (1<<k - 1))
}

// spent reports whether exactly all bits have been read.
func (b *backward) spent() bool { return !b.over && b.n == 0 && len(b.data) == 0 }

// forward reads bits from the beginning of data, the lowest of each byte first.
type forward struct {
	data []byte
	at   int // in bits
}

// read reads up to 16 bits; those behind the end are 0.
func (f *forward) read(count int) int {
	v := 0
	for i := range count {
		bit := f.at + i
		if bit>>3 < len(f.data) {
			v |= int(f.data[bit>>3]>>(bit&7)&1) << i
		}
	}
	f.at += count
	return v
}

// bytes is how many bytes have been begun, and whether they were there.
func (f *forward) bytes() (n int, ok bool) {
	n = (f.at + 7) / 8
	return n, n <= len(f.data)
}

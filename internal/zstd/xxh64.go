package zstd

import (
	"encoding/binary"
	"math/bits"
)

const (
	prime1 uint64 = 0x9e3779b185ebca87
	prime2 uint64 = 0xc2b2ae3d27d4eb4f
	prime3 uint64 = 0x165667b19e3779f9
	prime4 uint64 = 0x85ebca77c2b2ae63
	prime5 uint64 = 0x27d4eb2f165667c5
)

// xxh64 is the checksum of what is written to it.
type xxh64 struct {
	lanes [4]uint64
	part  [32]byte // of the last stripe
	n     int      // bytes in it
	total uint64
}

func (h *xxh64) reset() {
	first, second := prime1, prime2 // their sum and difference wrap around
	*h = xxh64{lanes: [4]uint64{first + second, second, 0, -first}}
}

func (h *xxh64) write(data []byte) {
	h.total += uint64(len(data))
	if h.n > 0 {
		n := copy(h.part[h.n:], data)
		h.n += n
		data = data[n:]
		if h.n < len(h.part) {
			return
		}
		h.stripe(h.part[:])
	}
	for len(data) >= 32 {
		h.stripe(data)
		data = data[32:]
	}
	h.n = copy(h.part[:], data)
}

func (h *xxh64) stripe(b []byte) {
	for i := range h.lanes {
		h.lanes[i] = round(h.lanes[i], binary.LittleEndian.Uint64(b[8*i:]))
	}
}

func round(lane, input uint64) uint64 {
	return bits.RotateLeft64(lane+input*prime2, 31) * prime1
}

func (h *xxh64) sum() uint64 {
	sum := prime5
	if h.total >= 32 {
		l := &h.lanes
		sum = bits.RotateLeft64(l[0], 1) + bits.RotateLeft64(l[1], 7) + bits.RotateLeft64(l[2], 12) + bits.RotateLeft64(l[3], 18)
		for _, lane := range l {
			sum = (sum^round(0, lane))*prime1 + prime4
		}
	}
	sum += h.total
	rest := h.part[:h.n]
	for ; len(rest) >= 8; rest = rest[8:] {
		sum = bits.RotateLeft64(sum^round(0, binary.LittleEndian.Uint64(rest)), 27)*prime1 + prime4
	}
	if len(rest) >= 4 {
		sum = bits.RotateLeft64(sum^uint64(binary.LittleEndian.Uint32(rest))*prime1, 23)*prime2 + prime3
		rest = rest[4:]
	}
	for _, b := range rest {
		sum = bits.RotateLeft64(sum^uint64(b)*prime5, 11) * prime1
	}
	sum = (sum ^ sum>>33) * prime2
	sum = (sum ^ sum>>29) * prime3
	return sum ^ sum>>32
}

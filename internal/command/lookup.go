package command

//go:generate go test -run TestIndexIsFresh -update

// maxName bounds the words worth looking up: what is longer is a value in the wrong place.
const maxName = 32

// lookup finds the row of a command. Where the first word has subcommands and the second is none of
// them, it is the row of the first. Names are compared as the server does it, without regard to
// the case of ASCII letters.
func lookup(name, sub []byte) *row {
	if len(name) > maxName {
		return nil
	}
	h := hash(offsetBasis, name)
	r := find(h, name, nil)
	if r == nil || r.flags&container == 0 || len(sub) == 0 || len(sub) > maxName {
		return r
	}
	if s := find(hash(h*prime, sub), name, sub); s != nil {
		return s
	}
	return r
}

// find looks for the row with that hash, stepping to the next slot where others share it.
func find(h uint32, name, sub []byte) *row {
	for slot := h % uint32(len(index)); ; slot = (slot + 1) % uint32(len(index)) {
		n := index[slot]
		if n == 0 {
			return nil
		}
		if r := &table[n-1]; r.is(name, sub) {
			return r
		}
	}
}

// is reports whether the row's name is those two words, or the first alone if sub is nil.
func (r *row) is(name, sub []byte) bool {
	if sub == nil {
		return fold(name, r.name)
	}
	n := len(name)
	return len(r.name) == n+1+len(sub) && r.name[n] == ' ' &&
		fold(name, r.name[:n]) && fold(sub, r.name[n+1:])
}

// fold reports whether word is name, which is in capitals, in whatever case.
func fold(word []byte, name string) bool {
	if len(word) != len(name) {
		return false
	}
	for i, c := range word {
		if upper(c) != name[i] {
			return false
		}
	}
	return true
}

// upper is the capital of an ASCII letter, and any other byte as it is.
func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		c -= 'a' - 'A'
	}
	return c
}

// The numbers of FNV-1a.
const (
	offsetBasis = 2166136261
	prime       = 16777619
)

// hash goes on from h over a word. It leaves the bit of the letters' case out, and so puts some
// other bytes together too; the comparison after it does not.
func hash(h uint32, word []byte) uint32 {
	for _, c := range word {
		h = (h ^ uint32(c&^0x20)) * prime
	}
	return h
}

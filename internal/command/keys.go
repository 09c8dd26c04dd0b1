package command

import "iter"

// keys says where in its arguments a command has keys.
type keys uint8

// The ways to say it, with the positions counted as in argv: the command's name is 0.
const (
	noKeys      keys = iota
	key1             // 1
	key2             // 2, after a subcommand
	keys12           // 1 and 2, a source and a destination
	keysAll          // 1 to the last
	keysFrom2        // 2 to the last
	keysButLast      // 1 to the last but one, which is a timeout or a path
	keysPairs        // 1, 3, 5 …: key value key value
	keysTriples      // 1, 4, 7 …
	movable          // the ones from here on depend on what the arguments say
	numkeys1         // as many as 1 says, from 2
	numkeys2         // as many as 2 says, from 3
	destNumkeys      // 1, and as many as 2 says, from 3
	msetex           // as many as 1 says, from 2, each followed by its value
	streams          // the first half of what follows STREAMS
	migrate          // 3, or if that is empty all that follow KEYS
	sortStore        // 1, and what follows STORE
	geoStore5        // 1, and from 5 on what follows STORE, and STOREDIST
	geoStore6        // the same from 6 on
)

// ranges holds first, last and step of the keys that stay where they are. A last below zero counts
// from the end.
var ranges = [movable]struct{ first, last, step int }{
	key1:        {1, 1, 1},
	key2:        {2, 2, 1},
	keys12:      {1, 2, 1},
	keysAll:     {1, -1, 1},
	keysFrom2:   {2, -1, 1},
	keysButLast: {1, -2, 1},
	keysPairs:   {1, -1, 2},
	keysTriples: {1, -1, 3},
}

// Keys yields the positions of the keys in argv, in the order of COMMAND GETKEYS. A command that
// the server would refuse for its shape (a number of keys that is no number, or that is more than
// there are) has none. As at the server, the patterns of SORT's BY and GET and the keys that a
// script makes up are not among them. The shard channels of SSUBSCRIBE and SPUBLISH are, because
// they belong to a slot as keys do.
func (i Info) Keys(argv [][]byte) iter.Seq[int] {
	return func(yield func(int) bool) { i.keys.each(argv, yield) }
}

// AppendKeys appends the positions of the keys in argv to dst.
func (i Info) AppendKeys(dst []int, argv [][]byte) []int {
	i.keys.each(argv, func(at int) bool {
		dst = append(dst, at)
		return true
	})
	return dst
}

// FirstKey is the position of the first key in argv, 0 without any.
func (i Info) FirstKey(argv [][]byte) int {
	first := 0
	i.keys.each(argv, func(at int) bool {
		first = at
		return false
	})
	return first
}

// OnlyKey is the position of the key of a command that always has exactly that one, whatever its
// arguments, and 0 for any other.
func (i Info) OnlyKey() int {
	switch i.keys {
	case key1:
		return 1
	case key2:
		return 2
	}
	return 0
}

// each calls yield with the position of one key after the other, until it has enough.
func (k keys) each(argv [][]byte, yield func(int) bool) {
	switch k {
	case noKeys, movable:
	case numkeys1:
		counted(argv, 1, 1, yield)
	case numkeys2:
		counted(argv, 2, 1, yield)
	case msetex:
		counted(argv, 1, 2, yield)
	case destNumkeys:
		if count(argv, 2, 1) > 0 && yield(1) {
			counted(argv, 2, 1, yield)
		}
	case streams:
		streamKeys(argv, yield)
	case migrate:
		migrateKeys(argv, yield)
	case sortStore:
		sortKeys(argv, yield)
	case geoStore5:
		geoKeys(argv, 5, yield)
	case geoStore6:
		geoKeys(argv, 6, yield)
	default:
		r := ranges[k]
		if r.last < 0 {
			r.last += len(argv)
		}
		span(r.first, min(r.last, len(argv)-1), r.step, yield)
	}
}

// span yields first to last, step by step.
func span(first, last, step int, yield func(int) bool) {
	for at := first; at <= last && yield(at); at += step {
	}
}

// counted yields the keys after the argument at, which says how many they are.
func counted(argv [][]byte, at, step int, yield func(int) bool) {
	if n := count(argv, at, step); n > 0 {
		span(at+1, at+n*step, step, yield)
	}
}

// count is the number that the argument at holds, 0 if it is none or if the keys it promises, step
// words each, are not all there.
func count(argv [][]byte, at, step int) int {
	if at >= len(argv) || len(argv[at]) > 9 {
		return 0
	}
	n := 0
	for _, c := range argv[at] {
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	if n > (len(argv)-1-at)/step {
		return 0
	}
	return n
}

// streamKeys yields the keys of XREAD and XREADGROUP: what follows STREAMS is as many keys as IDs.
func streamKeys(argv [][]byte, yield func(int) bool) {
	at, _ := streamOptions(argv)
	span(at+1, at+(len(argv)-1-at)/2, 1, yield)
}

// streamOptions walks over the options in front of STREAMS: where that word is, or the end, and
// whether BLOCK is among them.
func streamOptions(argv [][]byte) (at int, block bool) {
	for at = 1; at < len(argv); at++ {
		switch word := argv[at]; {
		case fold(word, "STREAMS"):
			return at, block
		case fold(word, "GROUP"):
			at += 2
		case fold(word, "NOACK"):
		default: // BLOCK, COUNT and the newer ones have one value each
			block = block || fold(word, "BLOCK")
			at++
		}
	}
	return len(argv), block
}

// migrateKeys yields the one key of MIGRATE, or where that is empty those after KEYS.
func migrateKeys(argv [][]byte, yield func(int) bool) {
	if len(argv) < 4 {
		return
	}
	if len(argv[3]) == 0 {
		for at := 6; at < len(argv); at++ {
			switch word := argv[at]; {
			case fold(word, "AUTH"):
				at++
			case fold(word, "AUTH2"):
				at += 2
			case fold(word, "KEYS"):
				span(at+1, len(argv)-1, 1, yield)
				return
			}
		}
	}
	yield(3)
}

// sortKeys yields the key that SORT sorts and the one it writes to, the last one named.
func sortKeys(argv [][]byte, yield func(int) bool) {
	if len(argv) < 2 || !yield(1) {
		return
	}
	store := 0
	for at := 2; at+1 < len(argv); at++ {
		switch word := argv[at]; {
		case fold(word, "STORE"):
			at++
			store = at
		case fold(word, "LIMIT"):
			at += 2
		case fold(word, "GET"), fold(word, "BY"):
			at++
		}
	}
	if store > 0 {
		yield(store)
	}
}

// geoKeys yields the key that GEORADIUS looks into and those it writes to. The server wants all of
// them in one slot, also where it then writes to the last one only.
func geoKeys(argv [][]byte, from int, yield func(int) bool) {
	if len(argv) < 2 || !yield(1) {
		return
	}
	for _, option := range [...]string{"STORE", "STOREDIST"} {
		for at := from; at+1 < len(argv); at++ {
			if fold(argv[at], option) {
				if !yield(at + 1) {
					return
				}
				break
			}
		}
	}
}

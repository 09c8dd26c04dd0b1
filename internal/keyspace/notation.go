package keyspace

import "easycli/internal/resp"

// notation writes keys down. It is handed a key (begin), its value as the server says it, and the
// end of it (finish, or vanished). What it has to say goes into its lane.
type notation interface {
	begin(k item)
	// word is the next word of a string, list, set, hash or sorted set; t is its first token.
	word(src *resp.Reader, t resp.Token) error
	// dump is the whole of any key in the server's own form.
	dump(src *resp.Reader, t resp.Token) error
	// fieldExpires says when a field of a hash ends, in milliseconds since 1970; it comes behind the
	// fields of a piece. fieldVanished says that one is gone since.
	fieldExpires(field []byte, at int64)
	fieldVanished(field []byte)

	// entry begins an entry of a stream with so many words to come, each by field.
	entry(id []byte, words int)
	field(src *resp.Reader, t resp.Token) error
	endEntry() error
	// settle comes behind the last entry.
	settle(s streamState)
	// group begins a group of consumers; each is named, and those that have been given entries
	// which they have not acknowledged come with these.
	group(g groupState)
	consumer(name []byte)
	pending(p pendingEntry) error
	endGroup()

	finish() error
	vanished() error
}

// streamState is what a stream is beside its entries.
type streamState struct {
	entries      int64  // that were written
	lastEntry    string // the ID of the last of them
	lastID       string // the last that was ever given
	entriesAdded int64  // ever, -1 where the server does not say
	maxDeletedID string
}

// groupState is a group of consumers.
type groupState struct {
	name          []byte
	lastDelivered string
	entriesRead   int64 // -1 where the server does not say
}

// pendingEntry is an entry that a consumer was given and has not acknowledged.
type pendingEntry struct {
	id, consumer []byte
	delivered    int64 // when, in milliseconds since 1970
	deliveries   int64
}

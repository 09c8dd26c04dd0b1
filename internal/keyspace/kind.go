package keyspace

// kind is what a key holds, as far as there are commands to write it down.
type kind byte

const (
	kindNone  kind = iota // there is no such key
	kindOther             // a type of a module, or one we do not know
	kindString
	kindList
	kindSet
	kindHash
	kindZSet
	kindStream
)

// kindNames are the types as TYPE names them.
var kindNames = [...]string{
	kindNone: "none", kindString: "string", kindList: "list", kindSet: "set", kindHash: "hash",
	kindZSet: "zset", kindStream: "stream",
}

func kindOf(name []byte) kind {
	for k, n := range kindNames {
		if kind(k) != kindOther && n == string(name) {
			return kind(k)
		}
	}
	return kindOther
}

// verbs are the commands that make a key, by its kind.
var verbs = [...]string{
	kindString: "SET", kindList: "RPUSH", kindSet: "SADD", kindHash: "HSET", kindZSet: "ZADD", kindStream: "XADD",
}

// item is a key that is being written down.
type item struct {
	name []byte
	kind kind
	// module is the server's name for the type, where the kind does not tell.
	module string
	// expires is when the key ends, in milliseconds since 1970; 0 is never.
	expires int64
}

// typeName is the server's name for the type.
func (i *item) typeName() string {
	if i.kind == kindOther {
		return i.module
	}
	return kindNames[i.kind]
}

package command

// Shape is what a reply that is no text is made of, for who wants to show it to a person. A server
// that answers something else than the shape says is right: it is what to look for, not a promise.
type Shape uint8

// The shapes. The zero Shape is that of a reply with nothing to say about it.
const (
	Shapeless        Shape = iota
	Pairs                  // fields and values in turn, a map in RESP3: HGETALL
	Facts                  // the same, and the fields are the server's own words: CONFIG GET
	NestedFacts            // the same, and the values may be so too: MEMORY STATS
	Scored                 // members and scores in turn, in RESP3 arrays of two: ZRANGE WITHSCORES
	Entries                // of a stream: an id with its fields and values each: XRANGE
	Streams                // the entries of several streams: XREAD
	Records                // an array some elements of which are Pairs: HSCAN
	FactRecords            // an array some elements of which are Facts: XINFO CONSUMERS
	ScoredRecords          // an array some elements of which are Scored: ZSCAN, ZMPOP
	EntryRecords           // an array some elements of which are Entries: XAUTOCLAIM
	Seconds                // a length of time; -1 is no end and -2 is nothing there: TTL
	Milliseconds           // the same, finer: PTTL
	UnixSeconds            // a time; -1 and -2 as above: EXPIRETIME
	UnixMilliseconds       // the same, finer: PEXPIRETIME
	Clock                  // an array, a time in seconds first: TIME
	Bytes                  // a size: MEMORY USAGE
	SlowCommands           // arrays of id, time, microseconds, words, client and its name: SLOWLOG GET
	LoggedCommands         // the same, with another amount than a time perhaps: COMMANDLOG GET
	LatencyEvents          // arrays of name, time, latest, greatest latency …: LATENCY LATEST
	LatencySamples         // arrays of time and latency: LATENCY HISTORY
)

// Shape is what the reply to the command is made of. Where the arguments decide, only [Of] knows.
func (i Info) Shape() Shape {
	if i.Document != Data {
		return Shapeless
	}
	switch i.Name {
	case "HGETALL", "PUBSUB NUMSUB", "PUBSUB SHARDNUMSUB":
		return Pairs
	case "ACL GETUSER", "CLIENT TRACKINGINFO", "CONFIG GET", "FUNCTION STATS", "HELLO", "SENTINEL MASTER",
		"XINFO STREAM":
		return Facts
	case "LATENCY HISTOGRAM", "MEMORY STATS":
		return NestedFacts
	case "ZPOPMAX", "ZPOPMIN":
		return Scored
	case "XCLAIM", "XRANGE", "XREVRANGE":
		return Entries
	case "XREAD", "XREADGROUP":
		return Streams
	case "ACL LOG", "CLUSTER LINKS", "FUNCTION LIST", "MODULE LIST", "SENTINEL MASTERS", "SENTINEL REPLICAS",
		"SENTINEL SENTINELS", "SENTINEL SLAVES", "XINFO CONSUMERS", "XINFO GROUPS":
		return FactRecords
	case "BZMPOP", "ZMPOP", "ZSCAN":
		return ScoredRecords
	case "XAUTOCLAIM":
		return EntryRecords
	case "HTTL", "OBJECT IDLETIME", "TTL":
		return Seconds
	case "HPTTL", "PTTL":
		return Milliseconds
	case "EXPIRETIME", "HEXPIRETIME", "LASTSAVE":
		return UnixSeconds
	case "HPEXPIRETIME", "PEXPIRETIME":
		return UnixMilliseconds
	case "TIME":
		return Clock
	case "JSON.DEBUG MEMORY", "MEMORY USAGE":
		return Bytes
	case "SLOWLOG GET":
		return SlowCommands
	case "COMMANDLOG GET":
		return LoggedCommands
	case "LATENCY LATEST":
		return LatencyEvents
	case "LATENCY HISTORY":
		return LatencySamples
	}
	return i.asked
}

// askedShape is the shape that a word among the arguments asks for, or takes back. The words that
// stand where keys and cursors do are not looked at.
func (i Info) askedShape(argv [][]byte) Shape {
	from := 3
	if i.keys == numkeys1 {
		from = 2 + count(argv, 1, 1)
	}
	if from > len(argv) {
		return Shapeless
	}
	values := i.Name == "HSCAN"
	for _, word := range argv[from:] {
		switch {
		case fold(word, "WITHSCORES"):
			return Scored
		case fold(word, "WITHVALUES"):
			return Pairs
		case fold(word, "NOVALUES"):
			values = false
		}
	}
	if values {
		return Records
	}
	return Shapeless
}

// Package command is the one table of what command names mean: where the keys are, how many
// replies come, what the command does to the connection, whether it reads, writes or blocks,
// which arguments are secrets, and what kind of text the reply is.
//
// Everybody else asks [Of] and switches on a closed set ([Effect], [Document], [Shape], [Spread]); no other
// package compares command names, and a new quirk is a new row in table.go. The table knows Redis
// from 7.0 to 8.10, Valkey to 9.1, Sentinel and the modules that come with Redis 8; what it does not
// know is answered as an unknown command, which neither reads nor has keys. It refuses to know about
// connections and replies: what a command did to a connection is the session's to say.
//
// Nothing is built at start-up: the rows and their index are constants of the program, and asking
// neither allocates nor takes a lock.
package command

// Info is what the table knows about one command. The zero Info is an unknown command.
type Info struct {
	// Name is the canonical name, "CONFIG SET" for a subcommand, and empty if not Known.
	Name string
	// Effect is what the command does to its connection when it succeeds.
	Effect Effect
	// Document is what kind of text the reply is, [Data] for the usual reply that is no text.
	Document Document
	// Known says that the table has a row for the command. A subcommand that it has not leaves
	// Known set and Name at the container ("CONFIG"): all that is known is what holds for each of
	// them.
	Known bool
	// ReadOnly, Write and Admin are the server's flags. A command that is neither ReadOnly nor
	// Write touches no keys of its own (PING), or nobody can say (EVAL).
	ReadOnly, Write, Admin bool
	// Blocking says that the reply may wait on purpose: BLPOP, XREAD with BLOCK, WAIT, DEBUG SLEEP.
	Blocking bool
	// Verbatim says that redis-cli prints the reply's text bare and adds no newline, whatever the
	// output format.
	Verbatim bool

	arity int8
	keys  keys
	flags flags
	asked Shape // by a word among the arguments
}

// Of is what is known about the command in argv.
func Of(argv [][]byte) Info {
	if len(argv) == 0 {
		return Info{}
	}
	var sub []byte
	if len(argv) > 1 {
		sub = argv[1]
	}
	info := OfName(argv[0], sub)
	if info.flags&refined != 0 {
		info.refine(argv)
	}
	return info
}

// OfName is what is known from the first two words alone, for callers that have not got the
// others; sub may be nil. Where more words decide, it is the careful answer: Blocking for XREAD,
// [ReplyMode] for CLIENT REPLY.
func OfName(name, sub []byte) Info {
	r := lookup(name, sub)
	if r == nil {
		return Info{}
	}
	return Info{
		Name:     r.name,
		Effect:   r.effect,
		Document: r.document,
		Known:    true,
		ReadOnly: r.flags&read != 0,
		Write:    r.flags&write != 0,
		Admin:    r.flags&admin != 0,
		Blocking: r.flags&(blocks|blocksIfAsked) != 0,
		Verbatim: r.document != Data,
		arity:    r.arity,
		keys:     r.keys,
		flags:    r.flags,
	}
}

// OfStrings is [Of] for words that are strings.
func OfStrings(argv []string) Info {
	words := make([][]byte, len(argv))
	for i, word := range argv {
		words[i] = []byte(word)
	}
	return Of(words)
}

// refine corrects what OfName had to leave open.
func (i *Info) refine(argv [][]byte) {
	if i.flags&blocksIfAsked != 0 {
		_, i.Blocking = streamOptions(argv)
	}
	if i.flags&exact != 0 && len(argv) != int(i.arity) {
		i.Verbatim, i.Document = false, Data
	}
	if i.flags&byWord != 0 && len(argv) == 3 {
		i.Effect = effectOfWord(i.Effect, argv[2])
	}
	if i.flags&shaped != 0 {
		i.asked = i.askedShape(argv)
	}
}

// effectOfWord is the effect that the third word chooses. A word that the server will refuse
// leaves the effect as it is; the refusal is what tells then.
func effectOfWord(e Effect, word []byte) Effect {
	switch {
	case e == ReplyMode && fold(word, "ON"):
		return ReplyOn
	case e == ReplyMode && fold(word, "OFF"):
		return ReplyOff
	case e == ReplyMode && fold(word, "SKIP"):
		return ReplySkip
	case e == ScriptDebug && fold(word, "NO"):
		return ScriptDebugOff
	}
	return e
}

// Replies is how many replies the command in argv brings on a connection in its plain state, when
// the server does not refuse it: one for each channel of a SUBSCRIBE, none for CLIENT REPLY OFF. An
// UNSUBSCRIBE without arguments answers for each subscription there is, and once if there is none:
// here it counts as one, and the session knows better.
func (i Info) Replies(argv [][]byte) int {
	switch i.Effect {
	case Subscribe, PSubscribe, SSubscribe, Unsubscribe, PUnsubscribe, SUnsubscribe:
		return max(1, len(argv)-1)
	case ReplyOff, ReplySkip:
		return 0
	}
	return 1
}

// Fits reports whether so many words, the name included, can be right: the server refuses a known
// command with too few or too many of them. Any number fits an unknown one.
func (i Info) Fits(words int) bool {
	switch {
	case !i.Known:
		return true
	case i.arity < 0:
		return words >= -int(i.arity)
	}
	return words == int(i.arity)
}

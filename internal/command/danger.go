package command

// Danger is why a person at a prompt had better be asked before a command is sent.
type Danger uint8

// The dangers. The zero Danger is none worth a question: what changes some keys is daily work.
const (
	Harmless Danger = iota
	Erases          // all keys of a database or more, or all functions or scripts
	Ends            // the server goes down
	Upsets          // what the server is, to whom it belongs, or who may use it
	Occupies        // the server answers nobody while it goes through all of its keys
)

// Danger is what the command in argv may do beyond the keys that it names. It is not the server's own
// category @dangerous, which has INFO and SORT in it.
func (i Info) Danger(argv [][]byte) Danger {
	switch i.Name {
	case "FLUSHALL", "FLUSHDB", "FUNCTION DELETE", "FUNCTION FLUSH", "SCRIPT FLUSH", "CLUSTER FLUSHSLOT":
		return Erases
	case "SHUTDOWN":
		if len(argv) > 1 && fold(argv[1], "ABORT") {
			return Harmless
		}
		return Ends
	case "DEBUG":
		return ofDebug(argv)
	case "REPLICAOF", "SLAVEOF", "FAILOVER", "CLUSTER FAILOVER", "CLUSTER RESET", "CLUSTER FORGET",
		"CLUSTER REPLICATE", "CLUSTER DELSLOTS", "CLUSTER DELSLOTSRANGE", "CLUSTER FLUSHSLOTS", "SWAPDB",
		"MODULE UNLOAD", "ACL DELUSER", "SENTINEL FAILOVER", "SENTINEL REMOVE", "SENTINEL RESET":
		return Upsets
	case "KEYS", "SAVE", "DEBUG SLEEP":
		return Occupies
	}
	return Harmless
}

// ofDebug is the danger of the subcommands of DEBUG that have no rows of their own.
func ofDebug(argv [][]byte) Danger {
	if len(argv) < 2 {
		return Harmless
	}
	for _, ends := range [...]string{"SEGFAULT", "PANIC", "ASSERT", "OOM", "RESTART", "CRASH-AND-RECOVER"} {
		if fold(argv[1], ends) {
			return Ends
		}
	}
	for _, erases := range [...]string{"RELOAD", "LOADAOF"} {
		if fold(argv[1], erases) {
			return Upsets
		}
	}
	return Harmless
}

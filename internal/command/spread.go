package command

// Spread is where a command goes in a cluster, whose nodes have a part of the keys each.
type Spread uint8

// The ways to go. The zero Spread is one node: that of the slot of the command's keys, and for a
// command without keys whichever.
const (
	OneNode    Spread = iota
	OwnNode           // one node as well; what it changes, every node has for itself: CONFIG SET
	AllMasters        // every master; Merge makes one reply of theirs
	AllNodes          // the same, and the replicas too if reads may go there: SCRIPT LOAD
	BySlot            // where the keys are in several slots, a part of the command for each of them
	MasterWise        // one master after the other, and the cursor says which: SCAN
)

// Merge is how the replies of several nodes become one.
type Merge uint8

// The ways to do it. The zero Merge is for a command with one reply. An error among the replies is
// the whole's, but for AnySuccess.
const (
	NoMerge    Merge = iota
	Agree            // all say the same
	AnySuccess       // one that is no error will do: SCRIPT KILL
	Sum              // of integers
	Least            // of integers, also place by place in arrays: WAIT, SCRIPT EXISTS
	Joined           // one array behind the other
	InPlace          // each element goes where its key stood: MGET
	AnyValue         // one that is not null: RANDOMKEY
)

// Spread is where the command goes in a cluster, and how the replies are merged if it goes to more
// than one node.
//
// It follows the servers' own command tips (request_policy, response_policy) where they keep what a
// person means. INFO, SLOWLOG and their like are one node's, as in redis-cli: a text of three nodes
// would be none's. So is what each node has for itself (CONFIG SET), for it is set node by node on
// purpose as often as not. MSETNX is not split, since to be all or nothing is what it is for.
func (i Info) Spread() (Spread, Merge) {
	switch i.Name {
	case "MGET", "JSON.MGET", "TS.MADD":
		return BySlot, InPlace
	case "MSET":
		return BySlot, Agree
	case "DEL", "EXISTS", "TOUCH", "UNLINK":
		return BySlot, Sum
	case "DBSIZE":
		return AllMasters, Sum
	case "KEYS":
		return AllMasters, Joined
	case "RANDOMKEY":
		return AllMasters, AnyValue
	case "SCAN":
		return MasterWise, NoMerge
	case "FLUSHALL", "FLUSHDB",
		"FUNCTION DELETE", "FUNCTION FLUSH", "FUNCTION LOAD", "FUNCTION RESTORE":
		return AllMasters, Agree
	case "SCRIPT FLUSH", "SCRIPT LOAD":
		return AllNodes, Agree
	case "FUNCTION KILL", "SCRIPT KILL":
		return AllMasters, AnySuccess
	case "SCRIPT EXISTS", "WAIT", "WAITAOF":
		return AllMasters, Least
	case "ACL DELUSER", "ACL LOAD", "ACL SAVE", "ACL SETUSER",
		"BACKUP ABORT", "BACKUP CLEANUP", "BACKUP SEAL", "BACKUP START",
		"BGREWRITEAOF", "BGSAVE", "CLIENT KILL", "CLIENT PAUSE", "CLIENT UNPAUSE", "COMMANDLOG RESET",
		"CONFIG RESETSTAT", "CONFIG REWRITE", "CONFIG SET",
		"HOTKEYS RESET", "HOTKEYS START", "HOTKEYS STOP", "LATENCY RESET", "MEMORY PURGE",
		"MODULE LOAD", "MODULE LOADEX", "MODULE UNLOAD", "SAVE", "SHUTDOWN", "SLOWLOG RESET":
		return OwnNode, NoMerge
	}
	return OneNode, NoMerge
}

// Layout is how the arguments of a BySlot command are cut: each key stands at the head of step
// words, the first of them at 1, and tail words follow the last. ok is false for any other command,
// and for one whose words do not come out even, which the server refuses.
func (i Info) Layout(words int) (step, tail int, ok bool) {
	spread, _ := i.Spread()
	if spread != BySlot || i.keys == noKeys || i.keys >= movable {
		return 0, 0, false
	}
	r := ranges[i.keys]
	step, tail = r.step, -1-r.last
	return step, tail, words > 1+tail && (words-1-tail)%step == 0
}

// Clears reports whether the command takes keys away that it does not name: all of a database, or
// two databases' at once.
func (i Info) Clears() bool {
	switch i.Name {
	case "FLUSHALL", "FLUSHDB", "SWAPDB":
		return true
	}
	return false
}

// MayTouchAny reports whether nobody can say from the arguments which keys the command touches, as of
// one that runs a script.
func (i Info) MayTouchAny() bool { return !i.Known || i.keys == numkeys2 && !i.Write }

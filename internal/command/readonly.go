package command

// OnlyReads reports whether a command leaves everything as it is that others could notice: the data, the
// settings and the state of the server, the connections of other clients. It is false where nobody can
// say: for a script, and for what the table does not know.
func (i Info) OnlyReads(argv [][]byte) bool {
	switch {
	case !i.Known, i.flags&container != 0:
		return false
	case i.Write:
		return i.storesIfAsked() && !asksToStore(argv)
	case i.Admin:
		return i.looksOnly(argv)
	}
	return i.ReadOnly || !i.disturbs()
}

// ReadTwin is the command that does the same and only reads, "" if there is none.
func (i Info) ReadTwin() string {
	if i.Name == "" || i.ReadOnly {
		return ""
	}
	if twin := i.Name + "_RO"; OfName([]byte(twin), nil).Known {
		return twin
	}
	return ""
}

// storesIfAsked reports whether a command writes only where an option says so.
func (i Info) storesIfAsked() bool {
	switch i.Name {
	case "SORT", "GEORADIUS", "GEORADIUSBYMEMBER":
		return true
	}
	return false
}

func asksToStore(argv [][]byte) bool {
	for _, word := range argv[min(2, len(argv)):] {
		if fold(word, "STORE") || fold(word, "STOREDIST") {
			return true
		}
	}
	return false
}

// looksOnly reports whether an admin command shows something and changes nothing.
func (i Info) looksOnly(argv [][]byte) bool {
	switch i.Name {
	case "ACL DRYRUN", "ACL GETUSER", "ACL LIST", "ACL USERS",
		"BACKUP LIST", "BACKUP STATUS",
		"CLIENT LIST", "CLIENT NO-EVICT",
		"CLUSTER COUNT-FAILURE-REPORTS", "CLUSTER REPLICAS", "CLUSTER SLAVES",
		"COMMANDLOG GET", "COMMANDLOG LEN", "CONFIG GET",
		"DEBUG DIGEST-VALUE", "DEBUG HTSTATS", "DEBUG HTSTATS-KEY", "DEBUG LISTPACK", "DEBUG OBJECT", "DEBUG SDSLEN",
		"HOTKEYS GET",
		"LATENCY DOCTOR", "LATENCY GRAPH", "LATENCY HISTOGRAM", "LATENCY HISTORY", "LATENCY LATEST",
		"MODULE LIST", "MONITOR",
		"SENTINEL CKQUORUM", "SENTINEL GET-MASTER-ADDR-BY-NAME", "SENTINEL HELP", "SENTINEL INFO-CACHE",
		"SENTINEL MASTER", "SENTINEL MASTERS", "SENTINEL MYID", "SENTINEL PENDING-SCRIPTS",
		"SENTINEL REPLICAS", "SENTINEL SENTINELS", "SENTINEL SLAVES",
		"SLOWLOG GET", "SLOWLOG LEN":
		return true
	case "ACL LOG":
		return len(argv) < 3 || !fold(argv[2], "RESET")
	case "FT.CONFIG", "SENTINEL CONFIG":
		at := 1
		if i.Name != "FT.CONFIG" {
			at = 2
		}
		return len(argv) > at && fold(argv[at], "GET")
	}
	return false
}

// disturbs reports whether a command that is neither read, write nor admin to the server does something
// to others: it runs code that may write, tells other clients something, or drops what they rely on.
func (i Info) disturbs() bool {
	switch i.Name {
	case "EVAL", "EVALSHA", "FCALL", "FUNCTION KILL", "MEMORY PURGE", "PUBLISH", "SPUBLISH",
		"SCRIPT DEBUG", "SCRIPT FLUSH", "SCRIPT KILL":
		return true
	}
	return false
}

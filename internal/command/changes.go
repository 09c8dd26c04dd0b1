package command

// Changes is why the command in argv may change data, the server, or what others see, in words that go
// on from "and"; "" if it only reads or concerns its own connection. A command that the table does not
// know is not judged: see [Info.Known].
func (i Info) Changes(argv [][]byte) string {
	switch i.Name {
	case "EVAL", "EVALSHA", "FCALL":
		return "a script may write; " + i.Name + "_RO cannot"
	case "SORT":
		for _, word := range argv {
			if fold(word, "STORE") {
				return "SORT with STORE writes"
			}
		}
		return ""
	case "PUBLISH", "SPUBLISH", "SCRIPT FLUSH", "SCRIPT KILL", "SCRIPT LOAD", "FUNCTION KILL", "SYNC", "PSYNC":
		return i.Name + " changes more than this session"
	}
	switch {
	case i.Write:
		return i.Name + " writes"
	case i.Admin && !onlyLooks(i.Name):
		return i.Name + " changes the server"
	}
	return ""
}

// onlyLooks reports whether a command that the server calls admin changes nothing.
func onlyLooks(name string) bool {
	switch name {
	case "ACL DRYRUN", "ACL GETUSER", "ACL LIST", "ACL LOG", "ACL USERS", "BACKUP LIST", "BACKUP STATUS",
		"CLIENT LIST", "CLIENT NO-EVICT", "CLUSTER COUNT-FAILURE-REPORTS", "CLUSTER REPLICAS", "CLUSTER SLAVES",
		"COMMANDLOG GET", "COMMANDLOG LEN", "CONFIG GET", "DEBUG DIGEST-VALUE", "DEBUG HTSTATS", "DEBUG HTSTATS-KEY",
		"DEBUG LISTPACK", "DEBUG OBJECT", "DEBUG SDSLEN", "HOTKEYS GET", "LATENCY DOCTOR", "LATENCY GRAPH",
		"LATENCY HISTOGRAM", "LATENCY HISTORY", "LATENCY LATEST", "MODULE LIST", "MONITOR", "ROLE", "SLOWLOG GET",
		"SLOWLOG LEN", "SENTINEL CKQUORUM", "SENTINEL CONFIG GET", "SENTINEL GET-MASTER-ADDR-BY-NAME",
		"SENTINEL INFO-CACHE", "SENTINEL MASTER", "SENTINEL MASTERS", "SENTINEL MYID", "SENTINEL PENDING-SCRIPTS",
		"SENTINEL REPLICAS", "SENTINEL SENTINELS", "SENTINEL SLAVES", "TS.QUERYINDEX":
		return true
	}
	return false
}
